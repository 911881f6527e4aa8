"""Writing the archive: articles and their versions, the stories they fold into, and how far each source is read."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Literal

from searchapp.archive.reading import SOUND_ARTICLE, ArchiveReader, Reached, SourceIdentity
from searchapp.archive.records import compress, content_digest, encode_article
from searchapp.archive.schema import insert_statement, open_for_writing, update_statement
from searchapp.errors import ArticleNotFound
from searchapp.model import Article, ExtractedPage, RawPage, Reject

FoldKey = Callable[[Article], bytes | None]
"""What makes articles one story: those with the same key; an article without one is a story of its own."""

_INSERT: Final = {
    table: insert_statement(table) for table in ("sources", "pages", "stories", "articles", "versions", "rejects")
}
_UPDATE: Final = {table: update_statement(table) for table in ("sources", "stories", "articles")}
_LAST: Final = {table: f"SELECT coalesce(max(number), 0) FROM {table}" for table in _INSERT} | {  # noqa: S608
    "changes": "SELECT coalesce(max(sequence), 0) FROM stories"
}
"""The highest number in each table, and of the changes; the next ones are counted on from there."""
_ROWS: Final = f"SELECT a.*, {SOUND_ARTICLE} AS sound FROM articles a"  # noqa: S608 - names of the schema only


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of one article. `folded`: it joined a story that another article had begun.

    "unchanged" is also what a deleted article stays when its source is indexed again.
    """

    article: Article
    outcome: Literal["accepted", "updated", "unchanged"]
    folded: bool = False


@dataclass(frozen=True, slots=True)
class _Incoming:
    """An article on its way in, with the row that its id has already."""

    article: Article
    data: bytes
    content: bytes
    known: dict[str, Any] | None

    @property
    def changes(self) -> bool:
        known = self.known
        return (
            known is None
            or known["state"] == "dropped"
            or (known["state"] == "live" and known["content"] != self.content)
        )


class Archive(ArchiveReader):
    """The archive, open for writing by the one who holds the data directory's lock. Used from one thread.

    All changes are made inside `transaction`; when that ends without an error they are durable and count as
    acknowledged, else none of them happened.
    """

    def _open(self) -> sqlite3.Connection:
        self._last: dict[str, int] = {}
        return open_for_writing(self.path)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One transaction; errors of SQLite inside come out as the product's own."""
        with self._translated():
            self.begin()
            try:
                yield
                self.commit()
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def commit(self) -> None:
        """Make durable what was done so far; a long `transaction` goes on with `begin`."""
        self._connection.execute("COMMIT")

    def begin(self) -> None:
        """Go on after `commit`, inside the block of `transaction`."""
        self._connection.execute("BEGIN IMMEDIATE")
        self._last = {table: self._connection.execute(statement).fetchone()[0] for table, statement in _LAST.items()}

    def begin_source(self, source: SourceIdentity) -> tuple[int, Reached]:
        """Put the source on record and say what its number is and where to read on.

        A source whose file has changed begins anew. Rejects from where it is read on are forgotten: they will be met
        again.
        """
        reached = self.reached(source)
        number = self._number_of_source(source.path)
        row = self._source_row(number, source, reached)
        if number is None:
            number = self._put("sources", row)
        else:
            self._change("sources", row)
        self._run("DELETE FROM rejects WHERE source = ? AND offset >= ?", number, reached.offset)
        return number, reached

    def reach(self, number: int, source: SourceIdentity, reached: Reached) -> None:
        """Record how far the source with this number is read."""
        self._change("sources", self._source_row(number, source, reached))

    def add_page(self, source: int, page: RawPage, extracted: ExtractedPage, fold_key: FoldKey) -> tuple[Stored, ...]:
        """Take in the articles of a page, its own article first.

        The page itself is kept when any of its articles is new or changed. Articles that the page printed before and
        no longer prints leave their stories.
        """
        incoming = [self._incoming(article) for article in (extracted.article, *extracted.related)]
        if not any(one.changes for one in incoming):
            return tuple(Stored(one.article, "unchanged") for one in incoming)
        page_number = self._put_page(source, page)
        stored = tuple(self._put_article(one, page_number, fold_key(one.article)) for one in incoming)
        if stored[0].outcome == "updated":
            self._drop_related(extracted)
        return stored

    def add_reject(self, source: int, reject: Reject) -> None:
        """Put on record what was not taken."""
        self._put(
            "rejects",
            {"source": source, "line": reject.line, "offset": reject.offset, "reason": _storable(reject.reason)},
        )

    def delete(self, article_id: str) -> None:
        """Delete an article for good: its text, its versions, and its page unless another article came with it.

        Its id stays on record, so that indexing its source again does not bring it back.

        Raises:
            ArticleNotFound: there is none, or it is deleted already.
        """
        known = self._known(article_id)
        if known is None or known["state"] == "deleted":
            raise ArticleNotFound(f"no article has the id {article_id}; nothing was deleted")
        pages = self._select("SELECT page FROM versions WHERE article = ?", known["number"])
        self._run("DELETE FROM versions WHERE article = ?", known["number"])
        nothing = dict.fromkeys(("page", "story", "found_on", "outlet", "date", "content", "fold_key", "data"))
        self._change("articles", known | nothing | {"state": "deleted"})
        for page in {known["page"], *(row["page"] for row in pages)}:
            self._remove_page_without_articles(page)
        if known["story"] is not None:
            self._touch_story(known["story"])

    def _incoming(self, article: Article) -> _Incoming:
        data = encode_article(article)
        return _Incoming(article, data, content_digest(data), self._known(article.id))

    def _put_article(self, incoming: _Incoming, page: int, fold_key: bytes | None) -> Stored:
        article, known = incoming.article, incoming.known
        if not incoming.changes:
            return Stored(article, "unchanged")
        if known is not None:
            self._keep_version(known)
        left = known["story"] if known else None
        story, folded = self._choose_story(fold_key, known)
        is_new_story = story is None
        if story is None:
            story = self._put("stories", {"sequence": self._take("changes"), "alive": 1})
        row = self._article_row(incoming, page, story, fold_key)
        if known is None:
            self._put("articles", row)
        else:
            self._change("articles", row | {"number": known["number"]})
        if not is_new_story:
            self._touch_story(story)
        if left is not None and left != story:
            self._touch_story(left)
        return Stored(article, "updated" if known else "accepted", folded)

    def _choose_story(self, fold_key: bytes | None, known: dict[str, Any] | None) -> tuple[int | None, bool]:
        """The story for an article, None for a new one, and whether it joins other articles by that."""
        story = known["story"] if known else None
        if story is not None and known is not None and known["fold_key"] == fold_key:
            return story, False
        rows = self._select(
            "SELECT story FROM articles WHERE fold_key = ? AND story IS NOT NULL ORDER BY story LIMIT 1", fold_key
        )
        if rows:
            return rows[0]["story"], True
        if story is not None and self._is_alone(story):
            return story, False
        return None, False

    def _is_alone(self, story: int) -> bool:
        return len(self._select("SELECT number FROM articles WHERE story = ? LIMIT 2", story)) == 1

    def _touch_story(self, number: int) -> None:
        """Give the story the next sequence number, and see whether it still has an article."""
        alive = bool(self._select("SELECT number FROM articles WHERE story = ? LIMIT 1", number))
        self._change("stories", {"number": number, "sequence": self._take("changes"), "alive": int(alive)})

    def _take(self, counter: str) -> int:
        """The next number of a table or of the changes."""
        self._last[counter] += 1
        return self._last[counter]

    def _drop_related(self, extracted: ExtractedPage) -> None:
        printed = {article.id for article in extracted.related}
        for row in self._sound_articles("a.found_on = ? AND a.state = 'live'", extracted.article.id):
            if row["id"] not in printed:
                self._change("articles", row | {"state": "dropped", "story": None})
                self._touch_story(row["story"])

    def _keep_version(self, known: dict[str, Any]) -> None:
        self._put(
            "versions",
            {"article": known["number"], "page": known["page"], "content": known["content"], "data": known["data"]},
        )

    def _remove_page_without_articles(self, page: int) -> None:
        self._run(
            "DELETE FROM pages WHERE number = ?1 AND NOT EXISTS (SELECT 1 FROM articles WHERE page = ?1) "
            "AND NOT EXISTS (SELECT 1 FROM versions WHERE page = ?1)",
            page,
        )

    def _put_page(self, source: int, page: RawPage) -> int:
        row = {
            "source": source,
            "line": page.line,
            "offset": page.offset,
            "digest": hashlib.sha256(page.raw).digest(),
            "raw": compress(page.raw),
        }
        return self._put("pages", row)

    def _article_row(self, incoming: _Incoming, page: int, story: int, fold_key: bytes | None) -> dict[str, Any]:
        article = incoming.article
        return {
            "id": article.id,
            "state": "live",
            "page": page,
            "story": story,
            "found_on": article.found_on,
            "outlet": article.outlet,
            "date": article.date.isoformat() if article.date else None,
            "content": incoming.content,
            "fold_key": fold_key,
            "data": compress(incoming.data),
        }

    def _source_row(self, number: int | None, source: SourceIdentity, reached: Reached) -> dict[str, Any]:
        return {
            "number": number,
            "path": source.path,
            "named": _storable(source.named),
            "size": source.size,
            "modified_ns": source.modified_ns,
            "head": source.head,
            "mapping": source.mapping,
            "offset": reached.offset,
            "line": reached.line,
            "complete": int(reached.complete),
        }

    def _number_of_source(self, path: bytes) -> int | None:
        rows = self._select("SELECT number FROM sources WHERE path = ?", path)
        return rows[0]["number"] if rows else None

    def _known(self, article_id: str) -> dict[str, Any] | None:
        rows = self._sound_articles("a.id = ?", article_id)
        return rows[0] if rows else None

    def _sound_articles(self, condition: str, parameter: str) -> list[dict[str, Any]]:
        """Articles, held against their checksums: a damaged one must not be written back as if it were sound."""
        rows = self._select(f"{_ROWS} WHERE {condition} ORDER BY a.number", parameter)
        for row in rows:
            if not row.pop("sound"):
                raise self._damaged(f"article {row['id']}")
        return rows

    def _select(self, statement: str, *parameters: object) -> list[dict[str, Any]]:
        cursor = self._connection.execute(statement, parameters)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]

    def _put(self, table: str, row: dict[str, Any]) -> int:
        """Insert a row and return its number. The number is part of the checksum, so it is chosen here."""
        number = self._take(table)
        self._connection.execute(_INSERT[table], row | {"number": number})
        return number

    def _change(self, table: str, row: dict[str, Any]) -> None:
        self._connection.execute(_UPDATE[table], row)

    def _run(self, statement: str, *parameters: object) -> None:
        self._connection.execute(statement, parameters)


def _storable(text: str) -> str:
    """Text as SQLite takes it: bytes of a file name that are no text are written out."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
