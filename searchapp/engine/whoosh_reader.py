"""A snapshot of a Whoosh index that answers requests."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from whoosh.index import FileIndex

from searchapp.analysis.analyzer import ArabicAnalyzer
from searchapp.engine.columns import Columns, StoryRow
from searchapp.engine.hits import Shown
from searchapp.engine.search import Index, search
from searchapp.engine.whoosh_schema import COLUMNS, shown, unpack
from searchapp.engine.whoosh_terms import WhooshTerms, segments
from searchapp.errors import SearchAppError
from searchapp.model import SearchRequest, SearchResult

COMMITS_PER_REBUILD: Final = 1_000_000
"""An index's directory is named by the number of its rebuild, and counts its own commits from 0. A generation is
number × this + commits, so that it rises over both; no index sees a million commits between two rebuilds."""


class WhooshReader:
    """One commit of one index; an `engine.protocol.IndexReader`. It may be used from many threads."""

    def __init__(self, directory: Path, index: FileIndex, analyzer: ArabicAnalyzer) -> None:
        self._whoosh, self._analyzer = index, analyzer
        latest = index.latest_generation()  # asked first, so that it is never newer than what is read
        self._reader: Any = index.reader()
        self._commit: int = latest if self._reader.generation() is None else self._reader.generation()
        self._lock = threading.Lock()
        rebuild = int(directory.name) if directory.name.isdecimal() else 0
        columns = Columns.build(_rows(self._reader))
        terms = WhooshTerms(self._reader, self._lock)
        self._index = Index(terms, columns, self._stored, rebuild * COMMITS_PER_REBUILD + self._commit)
        self._closed = False

    @property
    def generation(self) -> int:
        """Rises with every commit and every rebuild of this data directory's index."""
        return self._index.generation

    def is_current(self) -> bool:
        """False when a newer commit can be opened."""
        return bool(self._whoosh.latest_generation() <= self._commit)

    def search(self, request: SearchRequest) -> SearchResult:
        """Answer a request.

        Raises:
            InvalidRequest: one of its values makes no sense.
            LimitExceeded: it passes one of `config.Limits`.
        """
        if self._closed:
            raise SearchAppError("this index reader was closed; open another one")
        return search(self._index, request, self._analyzer)

    def story_sequences(self) -> dict[int, int]:
        """Story number → archive sequence number that the index holds for it."""
        columns = self._index.columns
        stories, sequences = columns.stories[columns.live], columns.sequences[columns.live]
        return dict(zip(stories.tolist(), sequences.tolist(), strict=True))

    def close(self) -> None:
        """Let go of files; a search after this is an error."""
        with self._lock:
            self._closed = True
            self._reader.close()

    def _stored(self, document: int) -> Shown:
        with self._lock:
            return shown(self._reader.stored_fields(document))


def _rows(reader: Any) -> Iterator[StoryRow | None]:
    """The column value of every document in order, None for the deleted."""
    for segment, _ in segments(reader):
        values = segment.column_reader(COLUMNS, translate=False)
        for number in range(segment.doc_count_all()):
            yield None if segment.is_deleted(number) else unpack(bytes(values[number]))
