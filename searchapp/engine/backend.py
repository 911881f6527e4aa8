"""The engine behind the protocol: segments of numpy arrays in memory-mapped files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final
from weakref import WeakValueDictionary

from searchapp.analysis.analyzer import ArabicAnalyzer, default_analyzer
from searchapp.engine.protocol import Variants
from searchapp.engine.storage.commits import (
    EMPTY,
    Commit,
    latest_number,
    read_commit,
    remove_unnamed,
    unnamed,
    write_commit,
)
from searchapp.engine.storage.segment import Segment
from searchapp.errors import IndexBroken

if TYPE_CHECKING:
    from searchapp.analysis.indexed_words import IndexedWords
    from searchapp.engine.reader import SegmentReader
    from searchapp.engine.storage.index_writer import SegmentedIndexWriter

ATTEMPTS: Final = 5
"""A commit may be replaced, and its files removed, between finding it and opening it."""


class SegmentBackend:
    """Makes and opens segmented indexes; an `engine.protocol.EngineBackend`."""

    def __init__(self, analyzer: ArabicAnalyzer | None = None) -> None:
        self._analyzer = analyzer or default_analyzer()
        self._segments: WeakValueDictionary[Path, Segment] = WeakValueDictionary()

    def create(self, directory: Path) -> None:
        """Make an empty index. The directory exists and is empty."""
        write_commit(directory, EMPTY)
        _publish_to_whoosh(directory, EMPTY)

    def open_reader(self, directory: Path, variants: Variants | None = None) -> SegmentReader:
        """Open the last commit, to be searched with these spelling variants.

        Segments that a reader of an older commit has open serve this one, too, with all that is known of them.

        Raises:
            IndexBroken: it cannot be read or is of another version.
        """
        # Runs that only write need nothing that searches.
        from searchapp.engine.reader import SegmentReader  # noqa: PLC0415

        for attempt in range(ATTEMPTS):
            number = latest_number(directory)
            try:
                return SegmentReader(directory, read_commit(directory, number), self._segment, self._analyzer, variants)
            except IndexBroken:
                if attempt == ATTEMPTS - 1 or latest_number(directory) == number:
                    raise
        raise AssertionError

    def _segment(self, path: Path) -> Segment:
        known = self._segments.get(path)
        if known is None or not known.file.is_in_place():
            known = self._segments[path] = Segment(path)
        return known

    def open_writer(
        self, directory: Path, processes: int = 1, indexed: IndexedWords | None = None
    ) -> SegmentedIndexWriter:
        """Open for writing. The data directory's lock is the caller's business.

        Stories are analysed and inverted in so many `processes`, this one among them. `indexed` is given the words of
        those that are analysed here.

        Raises:
            IndexBroken: as for `open_reader`.
        """
        # Most processes only read, and should answer soon after they start.
        from searchapp.engine.storage.index_writer import SegmentedIndexWriter  # noqa: PLC0415

        return SegmentedIndexWriter(directory, _publish_to_whoosh, processes, indexed)

    def finish(self, directory: Path) -> None:
        """Do what is left undone of a commit that was cut off when it was in place; the lock is the caller's business.

        Raises:
            IndexBroken: as for `open_reader`.
        """
        commit = read_commit(directory, latest_number(directory))
        # A commit removes the one before as the last thing that it does.
        if unnamed(directory, commit):
            _publish_to_whoosh(directory, commit)
            remove_unnamed(directory, commit)

    def archive_sequence(self, directory: Path) -> int:
        """The archive sequence number up to which the last commit is complete; 0 for an empty index.

        Raises:
            IndexBroken: as for `open_reader`.
        """
        return read_commit(directory, latest_number(directory)).archive_sequence


def _publish_to_whoosh(directory: Path, commit: Commit) -> None:
    """Write the table of contents by which Whoosh opens the index."""
    # Whoosh takes longer to import than a search takes to answer, and only writing needs it.
    from searchapp.engine.whoosh_codec.table_of_contents import write_table_of_contents  # noqa: PLC0415

    write_table_of_contents(directory, commit)
