"""Searching an archive: one object that many threads share and that keeps up with whoever writes."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

import searchapp.engine.reader  # noqa: F401 - what searches is loaded here, so that to open an index takes no time
from searchapp.analysis.analyzer import default_analyzer
from searchapp.archive.deferred import DeferredArchive
from searchapp.archive.directory import OUTLETS, DataDirectory
from searchapp.config import DEFAULT_DATA_DIRECTORY
from searchapp.engine.backend import SegmentBackend
from searchapp.engine.protocol import EngineBackend, IndexReader
from searchapp.engine.retrieval.highlighting.marking import mark
from searchapp.errors import IndexBroken, UsageError
from searchapp.model import (
    ArchiveDetails,
    Article,
    ArticleTimes,
    Hit,
    QueryNote,
    Ranking,
    SearchRequest,
    SearchResult,
    Snippet,
    Statistics,
    UnderstoodQuery,
)
from searchapp.query.outlet_names import with_outlet_names
from searchapp.variants.table import VariantTable

if TYPE_CHECKING:
    from searchapp.ingest.outlets import OutletTable

SECONDS_BETWEEN_CHECKS: Final = 0.2
"""How old the knowledge that nothing newer is there may be: under what a person notices, over what it costs to ask."""
OPENING_ATTEMPTS: Final = 3
"""An index may be replaced and removed while it is being opened; then the one that replaced it is opened."""


def open_reader(data: DataDirectory, backend: EngineBackend) -> IndexReader:
    """The newest commit of a data directory's index, to be searched with the spelling variants of its archive.

    Raises:
        IndexBroken: it cannot be read or is of another version. A damaged table of variants is only warned of.
    """
    _, path = data.current_index()
    try:
        variants = VariantTable.in_directory(data.path).variants
    except IndexBroken as error:
        _warn("searching without spelling variants: %s", error)
        return backend.open_reader(path)
    return backend.open_reader(path, variants)


class _Snapshot:
    """An open reader, which index it is of, how outlets were named when it was opened, and how many use it."""

    def __init__(self, reader: IndexReader, stamp: tuple[int, int], outlets: Callable[[], OutletTable]) -> None:
        self.reader = reader
        self._outlets = outlets
        self.stamp = stamp
        self.users = 0
        self.retired = False

    def outlet_name(self, name: str) -> str:
        """The name of the outlet that bears this name, code or domain; of one that is not known, the name itself."""
        return self._outlets().outlet_of(name, None) or name


class _Snapshots:
    """Hands out the newest reader, and closes an older one when its last user is done.

    Closing a reader that another thread still reads from is what counting users prevents.
    """

    def __init__(self, data: DataDirectory, backend: EngineBackend, on_replaced: Callable[[], None]) -> None:
        self._data = data
        self._backend = backend
        self._on_replaced = on_replaced
        self._lock = threading.Lock()
        self._left: deque[_Snapshot] = deque()
        self.uses = 0
        self._refreshing = threading.Lock()
        self._last_warning = ""
        self._current = self._open()
        self._check_after = time.monotonic() + SECONDS_BETWEEN_CHECKS

    @contextmanager
    def use(self) -> Iterator[_Snapshot]:
        """The newest reader and its table of outlets, open until the end of the block."""
        self._refresh_if_due()
        with self._lock:
            snapshot = self._current
            retired = snapshot.retired
            snapshot.users += not retired
            self.uses += 1
        self._count_those_who_left()
        if retired:
            raise UsageError("this index is closed; open it again with open_index")
        try:
            yield snapshot
        finally:
            self._left.append(snapshot)
            self._count_those_who_left()

    def rest(self) -> None:
        """Have the newest reader let go of what it can do without; `uses` does not count it."""
        with self._lock:
            snapshot = self._current
        snapshot.reader.rest()

    def close(self) -> None:
        """Close the reader, at once or when its last user is done."""
        with self._refreshing:
            with self._lock:
                self._retire(self._current)
            self._count_those_who_left()

    def _count_those_who_left(self, *, closed: bool = False) -> None:
        """Take those off the count who are done with a snapshot; where the lock is held, its holder does it afterwards.

        A block that was abandoned is ended by the garbage collector, in the midst of anything that a thread does: also
        while it holds the lock, for which it must not wait then. `closed` tells that an older reader is closed already.
        """
        while self._left and self._lock.acquire(blocking=False):
            try:
                while self._left:
                    snapshot = self._left.popleft()
                    snapshot.users -= 1
                    closed |= self._close_if_unused(snapshot)
            finally:
                self._lock.release()
        if closed:
            self._on_replaced()

    def _refresh_if_due(self) -> None:
        """Look for something newer, one thread at a time; the others go on with what there is."""
        if time.monotonic() < self._check_after or not self._refreshing.acquire(blocking=False):
            return
        try:
            if not self._current.retired and self._is_outdated(self._current):
                self._replace()
        finally:
            self._check_after = time.monotonic() + SECONDS_BETWEEN_CHECKS
            self._refreshing.release()

    def _is_outdated(self, snapshot: _Snapshot) -> bool:
        return self._data.stamp() != snapshot.stamp or not snapshot.reader.is_current()

    def _replace(self) -> None:
        try:
            newer = self._open()
        except (IndexBroken, OSError) as error:
            self._tell(error)
            return
        self._last_warning = ""
        with self._lock:
            older, self._current = self._current, newer
            closed = self._retire(older)
        self._count_those_who_left(closed=closed)

    def _tell(self, error: Exception) -> None:
        """Say it once, and not at each look, of which there are five a second for as long as nobody mends it."""
        if str(error) != self._last_warning:
            self._last_warning = str(error)
            _warn("a newer index cannot be opened, the last one goes on serving: %s", error)

    def _open(self) -> _Snapshot:
        for _ in range(OPENING_ATTEMPTS - 1):
            stamp = self._data.stamp()
            try:
                return self._open_current(stamp)
            except (IndexBroken, OSError):
                if stamp == self._data.stamp():
                    raise
        return self._open_current(self._data.stamp())

    def _open_current(self, stamp: tuple[int, int]) -> _Snapshot:
        return _Snapshot(open_reader(self._data, self._backend), stamp, _outlets(self._data.path))

    def _retire(self, snapshot: _Snapshot) -> bool:
        if snapshot.retired:
            return False
        snapshot.retired = True
        return self._close_if_unused(snapshot)

    def _close_if_unused(self, snapshot: _Snapshot) -> bool:
        if not snapshot.retired or snapshot.users:
            return False
        snapshot.reader.close()
        return True


class Index:
    """An archive and its index, open for searching. Threads may share it; it sees new commits and rebuilds by itself.

    A search sees one commit from beginning to end; the next one may see a newer one, never an older.
    """

    def __init__(
        self, path: str | Path, *, backend: EngineBackend | None = None, on_replaced: Callable[[], None] = lambda: None
    ) -> None:
        """Open a data directory; see `open_index`."""
        data = DataDirectory(path)
        data.require_archive()
        self.path = data.path
        self._archive = DeferredArchive(data.archive)
        try:
            self._snapshots = _Snapshots(data, backend or SegmentBackend(), on_replaced)
        except BaseException:
            self._archive.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @property
    def generation(self) -> int:
        """Rises whenever the content that is searched changes, and never falls."""
        with self._snapshots.use() as snapshot:
            return snapshot.reader.generation

    def canonical(self, request: SearchRequest) -> SearchRequest:
        """A request that calls every outlet by its name, whichever of its names, codes or domains was given.

        Raises:
            LimitExceeded: the query is longer than `config.Limits.query_characters`.
        """
        with self._snapshots.use() as snapshot:
            return with_outlet_names(request, snapshot.outlet_name)[0]

    def search(self, request: SearchRequest) -> SearchResult:
        """Answer a request; outlets may be given by any of their names.

        Raises:
            LimitExceeded: the request passes one of `config.Limits`.
            IndexBroken: the index is damaged where the search came.
        """
        with self._snapshots.use() as snapshot:
            named, notes = with_outlet_names(request, snapshot.outlet_name)
            result = snapshot.reader.search(named)
        return result if not notes else replace(result, query=_with_notes(result.query, notes))

    def ranking(self, request: SearchRequest) -> Ranking:
        """The hits that `search` answers a request with, without anything that is shown of them, several times faster.

        Raises as `search`.
        """
        with self._snapshots.use() as snapshot:
            return snapshot.reader.ranking(with_outlet_names(request, snapshot.outlet_name)[0])

    @contextmanager
    def stream(
        self, request: SearchRequest, *, by_arrival: bool = False, start: int = 0, count: int | None = None
    ) -> Iterator[tuple[SearchResult, Iterator[Hit]]]:
        """Answer a request with all its hits: a result without hits, and the hits one by one, all of one commit.

        The hits can be read until the end of the block. They are the ones that `total` counts, from number `start`
        (from 0) on, at most `count` of them, whatever `page` and `per_page` say. `by_arrival` puts what changed last
        in the archive first. Raises as `search`, and reading a hit too may find the index broken.
        """
        with self._snapshots.use() as snapshot:
            named, notes = with_outlet_names(request, snapshot.outlet_name)
            result, hits = snapshot.reader.stream(named, by_arrival=by_arrival, start=start, count=count)
            yield (result if not notes else replace(result, query=_with_notes(result.query, notes))), hits

    def completions(self, typed: str) -> tuple[str, ...]:
        """What a reader may be typing, the likeliest first, in words of the archive as its articles write them."""
        with self._snapshots.use() as snapshot:
            return snapshot.reader.completions(typed)

    def similar(self, article: Article, count: int) -> tuple[Hit, ...]:
        """At most `count` stories like an article, without its own and its copies, the likest first."""
        with self._snapshots.use() as snapshot:
            return snapshot.reader.similar(article, count)

    def article(self, article_id: str) -> Article:
        """The article with this id, from the archive.

        Raises:
            ArticleNotFound: there is none, or it was deleted.
            IndexBroken: it does not fit its checksum.
        """
        return self._archive.reader().article(article_id)

    def copies(self, article_id: str) -> tuple[Article, ...]:
        """All articles of this article's story, itself included, the representative first. Raises as `article`."""
        return self._archive.reader().copies(article_id)

    def raw(self, article_id: str) -> bytes:
        """The page or record that the article was read from, byte for byte. Raises as `article`."""
        return self._archive.reader().raw(article_id)

    def times(self, ids: Sequence[str]) -> dict[str, ArticleTimes]:
        """When each of these articles first came into the archive and last changed, by id; unknown ids are left out."""
        return self._archive.reader().times(ids)

    def mark(self, article: Article, request: SearchRequest) -> tuple[Snippet | None, Snippet]:
        """The article's whole title (None if it has none) and body, with the request's words as spans."""
        analyzer = default_analyzer()
        title = article.title
        marked = Snippet(title, mark(title, request, analyzer, title=True)) if title is not None else None
        return marked, Snippet(article.body, mark(article.body, request, analyzer))

    def statistics(self) -> Statistics:
        """What can be found now."""
        with self._snapshots.use() as snapshot:
            return snapshot.reader.statistics()

    def details(self) -> ArchiveDetails:
        """What the archive holds now. Reads all of its articles' rows: for a look, not for every page."""
        return self._archive.reader().details(DataDirectory(self.path).index_bytes(), self.generation)

    @property
    def uses(self) -> int:
        """How often the index was asked for something until now."""
        return self._snapshots.uses

    def rest(self) -> None:
        """Let go of what costs little to get again, as nobody asks for anything: pages of files, mostly.

        Else each process that searches comes to hold as much of the index as was ever asked for.
        """
        self._snapshots.rest()

    def close(self) -> None:
        """Let go of all files; searches that are under way are answered first."""
        self._snapshots.close()
        self._archive.close()


def _outlets(directory: Path) -> Callable[[], OutletTable]:
    """What gives the table of a data directory as it is now; ours alone is put together when it is first asked."""
    if not (directory / OUTLETS).is_file():
        return _own_outlets
    table = _extended_outlets(directory)
    return lambda: table


def _own_outlets() -> OutletTable:
    from searchapp.ingest.outlets import default_outlets  # noqa: PLC0415 (few searches name an outlet)

    return default_outlets()


def _extended_outlets(directory: Path) -> OutletTable:
    """Our table with a user's part; one that cannot be read must not end a search."""
    from searchapp.ingest.outlets import load_outlets  # noqa: PLC0415

    try:
        return load_outlets(directory)
    except UsageError as error:
        _warn("outlets are known by the names of this program alone: %s", error)
        return _own_outlets()


def _warn(message: str, error: Exception) -> None:
    import logging  # noqa: PLC0415 (most processes have nothing to log)

    logging.getLogger(__name__).warning(message, error)


def _with_notes(query: UnderstoodQuery, notes: tuple[QueryNote, ...]) -> UnderstoodQuery:
    return replace(query, notes=tuple(dict.fromkeys(notes + query.notes)))


def open_index(
    path: str | Path = DEFAULT_DATA_DIRECTORY,
    *,
    backend: EngineBackend | None = None,
    on_replaced: Callable[[], None] = lambda: None,
) -> Index:
    """Open a data directory for searching; it may be read-only, and a writer may be at work in it.

    `on_replaced` is called by the thread that closes an older commit, after what was kept of it has been let go.

    Raises:
        IndexMissing: there is no archive in it.
        IndexBroken: the archive or index cannot be read or is of another version.
        UsageError: the path is a file.
    """
    return Index(path, backend=backend, on_replaced=on_replaced)
