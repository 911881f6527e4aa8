"""Writes stories into a Whoosh index."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any, Final

from whoosh.index import FileIndex, LockError

from searchapp.analysis.analyzer import ArabicAnalyzer
from searchapp.engine.whoosh_schema import STORY, document
from searchapp.engine.whoosh_storage import State
from searchapp.engine.whoosh_terms import segments
from searchapp.errors import IndexBusy
from searchapp.model import Story

MEMORY_MEGABYTES: Final = 256
"""What Whoosh's pool of postings may take before it goes to a temporary file."""


class WhooshWriter:
    """The one writer of an index; an `engine.protocol.IndexWriter`.

    A commit has two steps: Whoosh's own, then the state file with the archive's sequence number. After a crash between
    them the index is ahead of its state. That is harmless: the same stories are put in again, which changes nothing.
    """

    def __init__(self, directory: Path, index: FileIndex, analyzer: ArabicAnalyzer, state: State) -> None:
        self._directory, self._analyzer, self._state = directory, analyzer, state
        try:
            self._writer: Any = index.writer(procs=1, limitmb=MEMORY_MEGABYTES)
        except LockError as error:
            raise IndexBusy(f"another process is writing to the index in {directory}; wait until it is done") from error
        self._committed: Any = self._writer.reader()
        self._added: dict[int, int] = {}  # story number → document number within the new segment
        self._closed = False

    def replace(self, story: Story) -> None:
        """Put in a story in place of what is there under its number; one without articles is taken out."""
        self._remove(story.number)
        if story.articles:
            self._added[story.number] = self._writer.docnum
            self._writer.add_document(**document(story, self._analyzer))

    def commit(self, archive_sequence: int) -> None:
        """Make all of it seen at once, durable, and complete up to this sequence number of the archive; closes."""
        self._writer.commit()
        State(self._state.format_version, self._state.analyzer_version, archive_sequence).write(self._directory)
        self._close()

    def cancel(self) -> None:
        """Leave the index as it was and close; also after a commit that failed half-way."""
        if self._closed:
            return
        try:
            if not self._writer.is_closed:
                self._writer.cancel()
        finally:
            self._close()

    def _remove(self, number: int) -> None:
        """Mark as deleted what this writer or an earlier one put in under a story number."""
        added = self._added.pop(number, None)
        if added is not None:
            self._writer.newsegment.delete_document(added)
            return
        term = str(number).encode()
        for segment, base in segments(self._committed):
            if (STORY, term) in segment:
                for document_number in segment.postings(STORY, term).all_ids():
                    self._writer.delete_document(base + document_number)

    def _close(self) -> None:
        self._closed = True
        self._committed.close()
        lock = self._writer.writelock
        if lock is not None and lock.fd is not None:  # Whoosh keeps it when its commit or its cancel fails
            with contextlib.suppress(OSError):
                self._writer.temp_storage().destroy()
            lock.release()
