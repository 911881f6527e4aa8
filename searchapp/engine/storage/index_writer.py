"""The one writer of an index: stories in, segments, deletes and one commit out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from searchapp.analysis.indexed_words import IndexedWords
from searchapp.engine.storage.batches import Building, building
from searchapp.engine.storage.commits import (
    Commit,
    SegmentEntry,
    entry_after,
    latest_number,
    read_commit,
    read_deletes,
    remove_unnamed,
    sync_directory,
    write_commit,
)
from searchapp.engine.storage.merging import choose_merge, merge_segments
from searchapp.engine.storage.segment import SUFFIX, LiveSegment, Segment
from searchapp.memory import rarely_collected
from searchapp.model import Story

BATCH_STORIES: Final = 512


class SegmentedIndexWriter:
    """Implements `protocol.IndexWriter`. Files written before `commit` are named by no commit, so nobody reads them."""

    def __init__(
        self,
        directory: Path,
        publish: Callable[[Path, Commit], None],
        processes: int = 1,
        indexed: IndexedWords | None = None,
    ) -> None:
        """Open the latest commit for writing.

        Args:
            directory: of the index.
            publish: tells others of a new commit, before old files go.
            processes: in so many processes, this one among them, stories are analysed and inverted.
            indexed: is given the words of the stories that are analysed in this one.

        Raises:
            IndexBroken: it cannot be read.
        """
        self._directory, self._publish, self._processes, self._indexed = directory, publish, processes, indexed
        self._base = read_commit(directory, latest_number(directory))
        self._next_segment = self._base.next_segment
        self._entries = list(self._base.segments)
        self._segments = [Segment(directory / f"{entry.name}{SUFFIX}") for entry in self._entries]
        self._deleted = [read_deletes(directory, entry) for entry in self._entries]
        self._changed = [False] * len(self._entries)
        self._building: Building | None = None
        self._built: list[Building] = []
        self._pending: dict[int, Story] = {}

    def replace(self, story: Story) -> None:
        """Put in a story in place of what is there under its number; one without articles is taken out.

        Raises:
            SearchAppError: a process has died.
        """
        self._pending[story.number] = story
        if len(self._pending) >= BATCH_STORIES:
            self._flush()

    def is_free(self) -> bool:
        """Whether another process would take stories at once, so that this one need not build them.

        The first call has the processes started, before they are needed for a share of the work.

        Raises:
            SearchAppError: a process has died.
        """
        return self._processes > 1 and self._begun().is_free()

    def _begun(self) -> Building:
        if self._building is None:
            self._building = building(self._directory / f"{self._next_segment:08d}", self._processes, self._indexed)
        return self._building

    def _flush(self) -> None:
        """Delete what the waiting stories replace, and add those that have articles."""
        with rarely_collected():
            self._add_waiting()

    def _add_waiting(self) -> None:
        numbers = np.fromiter(self._pending, np.int64, len(self._pending))
        for at, segment in enumerate(self._segments):
            hit = np.isin(segment.column("story/numbers"), numbers)
            before = self._deleted[at]
            if before is not None:
                hit &= ~before
            if hit.any():
                self._deleted[at] = hit if before is None else before | hit
                self._changed[at] = True
        alive = [story for story in self._pending.values() if story.articles]
        if self._building is not None or alive:
            self._begun().add(numbers, alive)
        self._pending.clear()

    def _write_segments(self) -> None:
        """Write all that was built: one segment a process, since merging them at once would take as long again."""
        if self._building is None:
            return
        written = self._building.write(self._new_path)
        self._built.append(self._building)
        self._building = None
        for path, replaced in written:
            segment = Segment(path)
            deleted = np.zeros(segment.documents, bool)
            deleted[replaced] = True
            self._append(segment, deleted if len(replaced) else None)

    def _new_path(self) -> Path:
        name = f"{self._next_segment:08d}"
        self._next_segment += 1
        (self._directory / f"{name}{SUFFIX}").unlink(missing_ok=True)
        return self._directory / f"{name}{SUFFIX}"

    def _append(self, segment: Segment, deleted: NDArray[np.bool_] | None) -> None:
        self._entries.append(SegmentEntry(segment.name, segment.documents))
        self._segments.append(segment)
        self._deleted.append(deleted)
        self._changed.append(deleted is not None)

    def commit(self, archive_sequence: int) -> None:
        """Make all of it seen at once, durable, and complete up to this sequence number of the archive."""
        self._flush()
        with rarely_collected():
            self._write_segments()
        self._drop_empty()
        while places := choose_merge(
            [LiveSegment(*pair).live for pair in zip(self._segments, self._deleted, strict=True)]
        ):
            self._merge(places)
        number = self._base.number + 1
        entries = tuple(self._entry_after(at, number) for at in range(len(self._entries)))
        sync_directory(self._directory)
        commit = Commit(number, archive_sequence, self._next_segment, entries)
        write_commit(self._directory, commit)
        self._publish(self._directory, commit)
        remove_unnamed(self._directory, commit)
        self._close_built()

    def _close_built(self) -> None:
        while self._built:
            self._built.pop().close()

    def _entry_after(self, at: int, number: int) -> SegmentEntry:
        """A segment's entry in commit `number`; deletes that are new are written for it."""
        deleted = self._deleted[at]
        if deleted is None or not self._changed[at]:
            return self._entries[at]
        return entry_after(self._entries[at], self._directory, deleted, number)

    def optimize(self) -> None:
        """Merge all segments into one, without what was deleted."""
        self._flush()
        self._write_segments()
        if len(self._entries) > 1 or any(deleted is not None for deleted in self._deleted):
            self._merge(list(range(len(self._entries))))

    def _drop_empty(self) -> None:
        for at in reversed(range(len(self._entries))):
            deleted = self._deleted[at]
            if deleted is not None and deleted.all():
                self._forget(at)

    def _merge(self, places: list[int]) -> None:
        parts = [LiveSegment(self._segments[at], self._deleted[at]) for at in places]
        path = self._new_path()
        merge_segments(parts, path, self._processes)
        for at in reversed(places):
            self._forget(at)
        self._append(Segment(path), None)

    def _forget(self, at: int) -> None:
        for held in (self._entries, self._segments, self._deleted, self._changed):
            del held[at]

    def cancel(self) -> None:
        """Leave the index as it was and remove what this writer has put down.

        A commit that is in place stays, even if what comes after it failed: readers may have opened it.
        """
        self._pending.clear()
        if self._building is not None:
            self._building.cancel()
            self._building = None
        self._close_built()
        if latest_number(self._directory) == self._base.number:
            remove_unnamed(self._directory, self._base)
