"""What goes between a writer and the processes that build for it: batches in shared memory, and whose turn each is.

All processes read the jobs from one pipe, so that a batch goes to whichever is free first, and the writer can take back
what nobody has begun. A batch itself lies in memory that both sides have open: to hand it over never waits.
"""

from __future__ import annotations

import os
import struct
import sys
import tempfile
from io import FileIO
from multiprocessing.connection import wait
from typing import Final, NamedTuple, Self

_KEPT_BYTES: Final = 1 << 24
"""A slot that held more gives its memory back."""
_FILES_A_SLOT: Final = 8
"""Of so many files that a process may have open, one is for a batch that waits."""
_JOB: Final = struct.Struct("<4q")


class Job(NamedTuple):
    """The batch with this number, in that slot in two pieces of so many bytes."""

    number: int
    slot: int
    first: int
    second: int

    @property
    def bytes(self) -> int:
        """Of both pieces."""
        return self.first + self.second


class Slot:
    """A piece of memory in which one batch waits. Both sides have it open; who takes the batch gives the room back."""

    def __init__(self, descriptor: int) -> None:
        """`descriptor` is that of an open file without a name."""
        self._file = FileIO(descriptor, "r+")

    @classmethod
    def make(cls) -> Self:
        """A new one; it lies in memory where the system has such files, else in the folder for temporary ones."""
        if hasattr(os, "memfd_create"):
            return cls(os.memfd_create("batch"))
        with tempfile.TemporaryFile() as file:
            return cls(os.dup(file.fileno()))

    def fileno(self) -> int:
        """Its descriptor."""
        return self._file.fileno()

    def put(self, *pieces: memoryview | bytes) -> None:
        """Fill it.

        Raises:
            OSError: there is no room.
        """
        at = 0
        for piece in pieces:
            left = memoryview(piece)
            while left:
                written = os.pwrite(self.fileno(), left, at)
                left, at = left[written:], at + written

    def take(self, room: memoryview) -> None:
        """Empty it of what was put in, of just the size of `room`, into that."""
        at = self._file.seek(0)
        while at < len(room):
            count = self._file.readinto(room[at:])
            if not count:
                raise EOFError("a batch is shorter than announced")
            at += count
        if at > _KEPT_BYTES:
            self.give_back()

    def give_back(self) -> None:
        """Let its memory go; it can be filled again."""
        os.ftruncate(self.fileno(), 0)

    def close(self) -> None:
        """Let go of it."""
        self._file.close()


def make_slots(least: int, most: int) -> list[Slot]:
    """As many as a process may well have: each is an open file, of which it may have a thousand, mostly, or a few."""
    return [Slot.make() for _ in range(max(least, min(most, _open_files() // _FILES_A_SLOT)))]


def _open_files() -> int:
    """How many files this process may have open."""
    try:
        import resource  # noqa: PLC0415
    except ImportError:  # a system without such limits
        return sys.maxsize
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return sys.maxsize if files == resource.RLIM_INFINITY else files


class JobQueue:
    """Jobs in order, each for whichever process takes it first; the writer has the end where they are put in."""

    def __init__(self, out: int, into: int | None = None) -> None:
        """The descriptors of a pipe's two ends, the one that is read not blocking."""
        self._out = FileIO(out, "r")
        self._into = None if into is None else FileIO(into, "w")

    @classmethod
    def make(cls) -> Self:
        """A new one, with both ends."""
        out, into = os.pipe()
        os.set_blocking(out, False)
        return cls(out, into)

    def fileno(self) -> int:
        """The descriptor of the end where jobs come out."""
        return self._out.fileno()

    def put(self, job: Job) -> None:
        """Add a job; there are far fewer than the pipe has room for."""
        if self._into is None:
            raise AssertionError
        self._into.write(_JOB.pack(*job))

    def take_now(self) -> Job | None:
        """The next job if there is one.

        Raises:
            EOFError: there will be none any more.
        """
        data = self._out.read(_JOB.size)  # a pipe gives small messages whole, each to one reader
        if data is None:
            return None
        if len(data) < _JOB.size:
            raise EOFError
        return Job(*_JOB.unpack(data))

    def take(self) -> Job | None:
        """The next job as soon as there is one; None when there will be none any more."""
        while True:
            wait([self._out.fileno()])
            try:
                if (job := self.take_now()) is not None:
                    return job
            except EOFError:
                return None

    def end(self) -> None:
        """No more jobs: those who wait for one are told when all are taken."""
        if self._into is not None:
            self._into.close()

    def close(self) -> None:
        """Let go of both ends."""
        self.end()
        self._out.close()
