"""Reading the archive: articles, stories, pages and counts, each row held against its checksum."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from searchapp.archive.counts import count
from searchapp.archive.opening import needs_immutable, open_for_reading, storage_error
from searchapp.archive.recent import RecentArticles
from searchapp.archive.records import representative_first
from searchapp.archive.schema import COLUMNS, checksum_expression, checksum_of
from searchapp.archive.unpacking import StoredRows
from searchapp.errors import ArticleNotFound
from searchapp.frozen import dataclass
from searchapp.model import ArchiveDetails, Article, ArticleTimes, Story

if TYPE_CHECKING:
    from searchapp.archive.folds import Fold

SOUND_ARTICLE: Final = f"a.checksum IS {checksum_expression('articles', 'a.')}"
_ARTICLE: Final = f"SELECT a.id, a.data, {SOUND_ARTICLE} FROM articles a WHERE a.id = ? AND a.state = 'live'"  # noqa: S608
_COPIES: Final = f"""
SELECT a.id, a.data, {SOUND_ARTICLE} FROM articles a
WHERE a.story = (SELECT story FROM articles WHERE id = ?)
"""  # noqa: S608 - the checksum's columns are the schema's
_STORY_PLACES: Final = """
SELECT s.number, s.sequence, s.alive, s.checksum, a.number, a.content
FROM stories s LEFT JOIN articles a ON a.story = s.number
WHERE s.sequence > ? ORDER BY s.sequence, a.number
"""
WHOLE_ARTICLES: Final = f"SELECT {', '.join(COLUMNS['articles'])}, checksum FROM articles a"  # noqa: S608
"""Rows whose checksums are made anew here, which takes half the time that it takes inside SQLite."""
ARTICLES_AT_ONCE: Final = 500
STORIES_AT_ONCE: Final = 100
"""Whose copies one statement reads; a story may have hundreds."""
_ARTICLES: Final = f"SELECT a.id, a.data, {SOUND_ARTICLE} FROM articles a"  # noqa: S608
_FOLDS: Final = f"""
SELECT a.story, a.id, a.data, {SOUND_ARTICLE}, a.leads, a.fold_key, x.number
FROM articles a LEFT JOIN articles x ON x.fold_key = a.fold_key AND x.leads + x.compared > 0 AND x.compared
"""  # noqa: S608
_STORY_OF: Final = "SELECT story FROM articles WHERE id = :id"
_OF_SEVERAL: Final = "SELECT story FROM articles WHERE story IS NOT NULL GROUP BY story HAVING count(*) > 1"
_FOLDS_ORDER: Final = "GROUP BY a.number ORDER BY a.story, a.leads DESC, a.length DESC, coalesce(a.date, '9999'), a.id"
_PAGE: Final = f"""
SELECT p.raw, p.checksum IS {checksum_expression("pages", "p.")}, a.data, {SOUND_ARTICLE}
FROM pages p JOIN articles a ON a.page = p.number WHERE a.id = ? AND a.state = 'live'
"""  # noqa: S608
_TIMES: Final = "SELECT id, accepted, changed FROM articles WHERE state = 'live' AND id"

_Places = tuple[int, int, list[tuple[int, bytes]]]
"""Number and sequence number of a story, and number and content of each of its articles."""


@dataclass(frozen=True, slots=True)
class SourceIdentity:
    """What tells whether a source is the one that was read before.

    `path` is absolute, in the file system's bytes; `named` as the user named it (it may change); `head` a fingerprint
    of the first bytes; `mapping` the field names that it is read with, "" where there are none.
    """

    path: bytes
    named: str
    size: int
    modified_ns: int
    head: bytes
    mapping: str

    @property
    def content(self) -> tuple[int, int, bytes, str]:
        """What must be the same for the rest of the source to be read on, or for it to be skipped."""
        return self.size, self.modified_ns, self.head, self.mapping


@dataclass(frozen=True, slots=True)
class Reached:
    """How far a source is read: `offset` in uncompressed bytes, `line` the one that comes next (from 1)."""

    offset: int = 0
    line: int = 1
    complete: bool = False


@dataclass(frozen=True, slots=True)
class RecordedReject:
    """A reject on record. `file` is its source as the user last named it; positions as in `model.Reject`."""

    file: str
    line: int | None
    offset: int
    reason: str


class ArchiveReader(StoredRows):
    """Sees the last commit at each call. May be used from many threads, `stories` and `snapshot` from one at a time."""

    def __init__(self, path: Path) -> None:
        """Open the archive at this file.

        Raises:
            IndexMissing: there is no archive.
            IndexBroken: it cannot be read or is of another version.
        """
        self.path = path
        self._lock = threading.RLock()
        self._frozen_as: tuple[int, ...] | None = None
        self._recent = RecentArticles()
        self._connection = self._open()

    def _open(self) -> sqlite3.Connection:
        self._frozen_as = None
        with suppress(FileNotFoundError):  # which is told below
            self._frozen_as = self._stamp() if needs_immutable(self.path) else None
        return open_for_reading(self.path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._connection.close()

    @property
    def sequence(self) -> int:
        """The number of the last change; 0 for an empty archive."""
        value: int = self._rows("SELECT coalesce(max(sequence), 0) FROM stories")[0][0]
        return value

    def changes_after(self, sequence: int) -> int:
        """How many stories have changed since the change with this number."""
        value: int = self._rows("SELECT count(*) FROM stories WHERE sequence > ?", sequence)[0][0]
        return value

    def story_sequences(self, after: int, last: int) -> list[int]:
        """The sequence numbers of the stories that there are, those above `after` and up to `last`, in order."""
        rows = self._rows(
            "SELECT sequence FROM stories WHERE sequence > ? AND sequence <= ? AND alive ORDER BY sequence", after, last
        )
        return [sequence for (sequence,) in rows]

    def article(self, article_id: str) -> Article:
        """The article with this id, as it is now.

        Raises:
            ArticleNotFound: there is none, or it was deleted.
            IndexBroken: it does not fit its checksum.
        """
        rows = self._rows(_ARTICLE, article_id)
        if not rows:
            raise _not_found(article_id)
        return self.decoded(*rows[0])

    def copies(self, article_id: str) -> tuple[Article, ...]:
        """All articles of the story that this article belongs to, the representative first. Raises as `article`."""
        rows = self._rows(_COPIES, article_id)
        if not rows:
            raise _not_found(article_id)
        return representative_first([self.decoded(*row) for row in rows])

    def raw(self, article_id: str) -> bytes:
        """The page that this article was read from, byte for byte. Raises as `article`."""
        rows = self._rows(_PAGE, article_id)
        if not rows:
            raise _not_found(article_id)
        return self.page(rows[0][:2], rows[0][2:], article_id)

    def stories(self, after: int = 0) -> Iterator[Story]:
        """The stories that changed after this sequence number, in the order of change; those that ended too.

        They are streamed: memory is that of `ARTICLES_AT_ONCE`, or of one story.
        """
        with self._translated():
            rows = self._connection.execute(_STORY_PLACES, (after,))
            part, count = list[_Places](), 0
            for (*story, checksum), copies in groupby(rows, key=itemgetter(0, 1, 2, 3)):
                if checksum_of(story) != checksum:
                    raise self._damaged(f"story {story[0]}")
                places = [row[4:] for row in copies if row[4] is not None]
                part.append((story[0], story[1], places))
                count += len(places)
                if count >= ARTICLES_AT_ONCE:
                    yield from self._with_articles(part)
                    part, count = [], 0
            yield from self._with_articles(part)

    def _with_articles(self, part: Sequence[_Places]) -> Iterator[Story]:
        """Some stories with their articles: those that came lately are in memory, the others are read at once."""
        numbers = {number: content for _, _, places in part for number, content in places}
        recent = ((number, self._recent.take(number, content)) for number, content in numbers.items())
        articles = {number: article for number, article in recent if article is not None}
        missing = sorted(numbers.keys() - articles.keys())
        for start in range(0, len(missing), ARTICLES_AT_ONCE):
            listed = ", ".join(map(str, missing[start : start + ARTICLES_AT_ONCE]))
            for *values, checksum in self._connection.execute(f"{WHOLE_ARTICLES} WHERE a.number IN ({listed})"):
                row = dict(zip(COLUMNS["articles"], values, strict=True))
                articles[row["number"]] = self.decoded(row["id"], row["data"], checksum_of(values) == checksum)
        for number, sequence, places in part:
            yield Story(number, sequence, representative_first([articles[place[0]] for place in places]))

    def folds(self, article_id: str | None = None) -> Generator[tuple[int, tuple[Fold, ...]], None, None]:
        """Number and articles of every story that has several, the leading one first; or of one article's story.

        They are streamed, from one state of the archive, and closed before it where they are not read to their end. For
        the story of a single article, given by its id, that one comes alone.

        Raises:
            ArticleNotFound: the id is given and there is no such article.
        """
        from searchapp.archive.folds import folds_of  # noqa: PLC0415 (it brings de-duplication along)

        if article_id is not None and not self._rows(_ARTICLE, article_id):
            raise _not_found(article_id)
        with self.snapshot() as connection:
            wanted = connection.execute(_OF_SEVERAL if article_id is None else _STORY_OF, {"id": article_id})
            while part := wanted.fetchmany(STORIES_AT_ONCE):
                listed = ", ".join(str(story) for (story,) in part)
                rows = connection.execute(f"{_FOLDS} WHERE a.story IN ({listed}) {_FOLDS_ORDER}").fetchall()
                for number, copies in groupby(rows, key=itemgetter(0)):
                    articles, places = zip(*((self.decoded(*row[1:4]), row[4:]) for row in copies), strict=True)
                    yield number, tuple(folds_of(connection, articles, places))

    def bodies(self, ids: Sequence[str]) -> dict[str, Article]:
        """Those of these articles that there are, by id."""
        marks = ", ".join("?" * len(ids))
        rows = self._rows(f"{_ARTICLES} WHERE a.id IN ({marks}) AND a.state = 'live'", *ids)
        return {row[0]: self.decoded(*row) for row in rows}

    def times(self, ids: Sequence[str]) -> dict[str, ArticleTimes]:
        """When those of these articles that there are came and changed, by id."""
        marks = ", ".join("?" * len(ids))
        rows = self._rows(f"{_TIMES} IN ({marks})", *ids)
        return {name: ArticleTimes(_moment(accepted), _moment(changed)) for name, accepted, changed in rows}

    def story_states(self) -> Iterator[tuple[int, int, bool]]:
        """Number, sequence number of the last change, and whether it still exists, of every story."""
        with self._translated():
            for number, sequence, alive in self._connection.execute("SELECT number, sequence, alive FROM stories"):
                yield number, sequence, bool(alive)

    def details(self, index_bytes: int, generation: int) -> ArchiveDetails:
        """What the archive holds now; what is of its index is passed on. Reads all articles' rows."""
        with self.snapshot() as connection:
            counts = count(connection, generation)
        files = (self.path.with_name(self.path.name + ending) for ending in ("", "-wal"))
        size = sum(file.stat().st_size for file in files if file.exists())
        return ArchiveDetails(*counts, size, index_bytes)

    def is_known(self, article_id: str, content: bytes) -> bool | None:
        """None for an article that is new or was dropped; else whether its content is this one, or it was deleted."""
        rows = self._rows("SELECT state, content FROM articles WHERE id = ? AND state != 'dropped'", article_id)
        return (rows[0][0] == "deleted" or rows[0][1] == content) if rows else None

    def count_articles(self) -> int:
        """How many articles there are, which an index tells."""
        value: int = self._rows("SELECT count(*) FROM articles WHERE story IS NOT NULL")[0][0]
        return value

    def count_stories(self) -> int:
        """How many stories there are, likewise."""
        value: int = self._rows("SELECT count(*) FROM stories WHERE alive")[0][0]
        return value

    def is_empty(self) -> bool:
        """Whether it never held an article."""
        return not self._rows("SELECT 1 FROM articles LIMIT 1")

    def is_deleted(self, article_id: str) -> bool:
        """Whether an article with this id was deleted."""
        return bool(self._rows("SELECT 1 FROM articles WHERE id = ? AND state = 'deleted'", article_id))

    def has_fold_key(self, fold_key: bytes) -> bool:
        """Whether an article with this key is in a story."""
        return bool(self._rows("SELECT 1 FROM articles WHERE fold_key = ? AND story IS NOT NULL LIMIT 1", fold_key))

    def reached(self, source: SourceIdentity) -> Reached:
        """How far this source was read; from its start when it is new or its file has changed."""
        rows = self._rows(
            "SELECT size, modified_ns, head, mapping, offset, line, complete FROM sources WHERE path = ?", source.path
        )
        if not rows or tuple(rows[0][:4]) != source.content:
            return Reached()
        offset, line, complete = rows[0][4:]
        return Reached(offset, line, bool(complete))

    def source(self, number: int) -> SourceIdentity:
        """The source with this number, as it was when it was last read."""
        ((path, named, size, modified, head, mapping),) = self._rows(
            "SELECT path, named, size, modified_ns, head, mapping FROM sources WHERE number = ?", number
        )
        return SourceIdentity(path, named, size, modified, head, mapping)

    def count_rejects(self, path: bytes) -> int:
        """How many rejects are on record for the source with this path (as in `SourceIdentity`)."""
        value: int = self._rows(
            "SELECT count(*) FROM rejects WHERE source = (SELECT number FROM sources WHERE path = ?)", path
        )[0][0]
        return value

    def rejects_of(self, path: bytes, count: int) -> list[RecordedReject]:
        """The first rejects on record for the source with this path, so many of them."""
        rows = self._rows(
            "SELECT s.named, r.line, r.offset, r.reason FROM rejects r JOIN sources s ON s.number = r.source "
            "WHERE s.path = ? ORDER BY r.offset, r.number LIMIT ?",
            path,
            count,
        )
        return [RecordedReject(*row) for row in rows]

    def rejects(self) -> Iterator[RecordedReject]:
        """All rejects on record, by source and position."""
        with self._translated():
            yield from (
                RecordedReject(*row)
                for row in self._connection.execute(
                    "SELECT s.named, r.line, r.offset, r.reason FROM rejects r JOIN sources s ON s.number = r.source "
                    "ORDER BY s.named, r.source, r.offset, r.number"
                )
            )

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """All that is read inside belongs to one commit."""
        with self._lock, self._translated():
            self._refresh_frozen()
            self._connection.execute("BEGIN")
            try:
                yield self._connection
            finally:
                self._connection.execute("ROLLBACK")

    def _rows(self, statement: str, *parameters: object) -> Sequence[tuple[Any, ...]]:
        with self._lock, self._translated():
            if not self._connection.in_transaction:
                self._refresh_frozen()
            return self._connection.execute(statement, parameters).fetchall()

    def _refresh_frozen(self) -> None:
        """Open the file anew if someone who may write has changed it since it was opened as unchanging."""
        if self._frozen_as is not None and self._frozen_as != self._stamp():
            self._connection.close()
            self._connection = self._open()

    def _stamp(self) -> tuple[int, ...]:
        status = self.path.stat()
        log = self.path.with_name(self.path.name + "-wal")
        return status.st_ino, status.st_size, status.st_mtime_ns, log.stat().st_size if log.exists() else 0

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise storage_error(self.path, error) from error


def _not_found(article_id: str) -> ArticleNotFound:
    return ArticleNotFound(f"no article has the id {article_id}; ids are in the results of a search")


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
