"""Taking in files as they come into folders, by looking at them again and again.

A file is taken when it has been the same at two looks, or, at the first look, when its last change is older than the
time between looks: what is still being written waits. The data directory is locked for one batch of files at a time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from searchapp.archive.directory import DataDirectory
from searchapp.archive.intake import identify
from searchapp.archive.reading import ArchiveReader
from searchapp.engine.protocol import EngineBackend
from searchapp.errors import IndexBusy, UsageError
from searchapp.indexing import IndexOptions, IndexSummary, index_sources
from searchapp.ingest.sources import SourceFile, find_sources

FILES_AT_ONCE: Final = 500
BYTES_AT_ONCE: Final = 1 << 26
"""How many files, and how many bytes of them as stored, are taken under one lock; but one file at least."""
REJECTS_TOLD: Final = 5
"""How many rejects of one file are told; all of them are in the file of rejects."""
LONGEST_PAUSE: Final = 1.0
"""Seconds between two batches, at most, in which another writer may have its turn."""
_STEP: Final = 0.1

Stamp = tuple[int, int]
"""Size in bytes and time of the last change in nanoseconds: what a file is known to be the same by."""


class Listener(Protocol):
    """Told what a watch does."""

    def took(self, summary: IndexSummary) -> None:
        """A batch of files is in the archive and the index."""

    def complain(self, message: str) -> None:
        """Something is wrong; it is told once, not at every look."""


class _Silent:
    """A progress that nobody sees."""

    def start(self, total_bytes: int) -> None:
        """Nothing is shown."""

    def advance(self, consumed_bytes: int, articles: int) -> None:
        """Nothing is shown."""

    def phase(self, name: str, done: int, total: int) -> None:
        """Nothing is shown."""


@dataclass(slots=True)
class Watch:
    """Takes in what comes into some folders. `interval` is the time between two looks in seconds.

    `stopped` is asked between batches and looks, and at every tenth of a second while waiting.
    """

    directory: Path
    folders: Sequence[Path]
    options: IndexOptions
    interval: float
    listener: Listener
    stopped: Callable[[], bool]
    backend: EngineBackend | None = None
    rejected: int = 0
    _done: dict[Path, Stamp] = field(default_factory=dict)
    _before: dict[Path, Stamp] | None = None
    _told: str = ""
    _archive: tuple[int, int] | None = None
    """The file of the archive, as the system knows it; None before there is one."""

    def run(self) -> None:
        """Look, take in and wait until it is stopped.

        Raises:
            UsageError: at the first look, a folder is not there; or the table of outlets cannot be read.
            IndexBroken: the archive or index cannot be read or is of another version.
        """
        while not self.stopped():
            self.look()
            self._wait(self.interval)

    def run_once(self) -> None:
        """Take in what is there and not being written to any more. Raises as `run`."""
        self.look()
        if self._before is None or self._before.items() - self._done.items():
            self._wait(self.interval)
            self.look()

    def look(self) -> None:
        """Look at the folders once, and take in what is ready."""
        if not self._has_archive():
            return
        try:
            sources = self._sources()
        except UsageError as error:
            if self._before is None:
                raise
            self._complain_once(str(error))
            return
        stamps = {source.path: (source.size, source.modified_ns) for source in sources}
        self._done = {path: stamp for path, stamp in self._done.items() if path in stamps}
        ready = [source for source in sources if self._is_ready(source, stamps[source.path])]
        self._before = stamps
        for batch in _batches(ready):
            if self.stopped() or not self._take(batch):
                return

    def _has_archive(self) -> bool:
        """Whether files can be taken: into the same archive as before, into a new one only at the start.

        One that was there and is not is a disk that is away, mostly. Another in its place, such as a backup, may lack
        what was taken into the one before, so that all files are looked into again.
        """
        found = self._identity()
        if found is None and self._archive is not None:
            archive = DataDirectory(self.directory).archive
            self._complain_once(f"{archive} is not there any more; files wait until it is back")
            return False
        if found != self._archive:
            self._archive = found
            self._done.clear()
        return True

    def _identity(self) -> tuple[int, int] | None:
        try:
            status = DataDirectory(self.directory).archive.stat()
        except OSError:
            return None
        return status.st_dev, status.st_ino

    def _sources(self) -> list[SourceFile]:
        """The files in the folders, but for those of the data directory itself."""
        own = self.directory.resolve()
        return [source for source in find_sources(self.folders) if own not in source.path.resolve().parents]

    def _is_ready(self, source: SourceFile, stamp: Stamp) -> bool:
        if self._done.get(source.path) == stamp:
            return False
        if self._before is None:
            return time.time() - source.modified_ns / 1e9 >= self.interval
        return self._before.get(source.path) == stamp

    def _take(self, batch: Sequence[SourceFile]) -> bool:
        """Take in some files; False when another process is writing, and they wait for the next look."""
        began = time.monotonic()
        try:
            summary = index_sources(self.directory, batch, self.options, _Silent(), backend=self.backend)
        except IndexBusy as error:
            self._complain_once(str(error))
            return False
        self._told = ""
        self._archive = self._identity()
        self._done.update({source.path: (source.size, source.modified_ns) for source in batch})
        if summary.files > summary.files_skipped:
            self.listener.took(summary)
        if summary.rejected:
            self.rejected += summary.rejected
            self._tell_rejects(batch)
        self._wait(min(time.monotonic() - began, LONGEST_PAUSE))
        return True

    def _tell_rejects(self, batch: Sequence[SourceFile]) -> None:
        """Tell what was not taken of these files. They come again only when they change, so it is told once."""
        if self.options.dry_run:
            return
        with ArchiveReader(DataDirectory(self.directory).archive) as archive:
            for source in batch:
                path = identify(source, self.options.mapping).path
                for reject in archive.rejects_of(path, REJECTS_TOLD):
                    place = reject.file if reject.line is None else f"{reject.file}:{reject.line}"
                    self.listener.complain(f"{place}: {reject.reason}")
                more = archive.count_rejects(path) - REJECTS_TOLD
                if more > 0:
                    rejects = DataDirectory(self.directory).rejects
                    self.listener.complain(f"{source.named}: {more:,} more were rejected; all of them are in {rejects}")

    def _complain_once(self, message: str) -> None:
        if message != self._told:
            self._told = message
            self.listener.complain(message)

    def _wait(self, seconds: float) -> None:
        """Wait in small steps: a signal does not end a sleep, but changes what `stopped` says."""
        until = time.monotonic() + seconds
        while not self.stopped() and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, _STEP))


def _batches(sources: Sequence[SourceFile]) -> Iterator[list[SourceFile]]:
    """The files in their order, so many at once."""
    batch: list[SourceFile] = []
    size = 0
    for source in sources:
        if batch and (len(batch) >= FILES_AT_ONCE or size + source.size > BYTES_AT_ONCE):
            yield batch
            batch, size = [], 0
        batch.append(source)
        size += source.size
    if batch:
        yield batch
