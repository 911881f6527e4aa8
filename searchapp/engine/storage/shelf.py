"""Where arrays wait until a segment is written: in memory while they are few, then in a file beside the segments.

All are put there before the first is read, and each is read once, from its beginning to its end. What has been read of
the file is given back to the system meanwhile, so that the segment grows in memory and on the disk where the file was:
both take little more room than the larger of the two, and pages of memory that are at hand cost less than new ones.
"""

from __future__ import annotations

import mmap
import os
from contextlib import suppress
from io import FileIO
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.storage.grains import GRAIN, write_in_grains

HELD_BYTES: Final = 128 << 20
"""Bytes of arrays that wait in memory; what is more goes to the file."""
SUFFIX: Final = ".part"
"""Of the files; no commit names them, so that the next one removes what a dead writer left."""


class Kept(Protocol):
    """An array on a shelf."""

    def read(self, start: int, stop: int) -> NDArray[Any]:
        """The entries [start, stop). None before `stop` is read again."""

    def __len__(self) -> int: ...


class Held:
    """An array in memory."""

    def __init__(self, array: NDArray[Any]) -> None:
        self._array = array

    def __len__(self) -> int:
        return len(self._array)

    def read(self, start: int, stop: int) -> NDArray[Any]:
        """The entries [start, stop)."""
        return self._array[start:stop]


class _File:
    """Bytes written one after the other."""

    def __init__(self, path: Path) -> None:
        path.unlink(missing_ok=True)  # of a writer that died
        self._path, self._file = path, FileIO(path, "x+")
        self._map: mmap.mmap | None = None
        self.end = self._bytes = 0

    def write(self, data: memoryview) -> None:
        """Add the bytes of an array. It shares no grain with another, so that all of it can be given back."""
        write_in_grains(self._file, data, self.end)
        self._bytes = self.end + len(data)
        self.end = _whole_grains(self._bytes)

    def read(self, room: memoryview, at: int) -> None:
        """Fill `room` with the bytes from a place on.

        Raises:
            OSError: the file cannot be read, or has been cut short.
        """
        if os.fstat(self._file.fileno()).st_size < self._bytes:
            raise OSError(f"{self._path}: is shorter than what was written to it")
        mapped = self._mapped()
        if hasattr(mmap, "MADV_WILLNEED"):
            # What the cache had no room for comes from the disk in one go rather than page by page.
            first = at // mmap.PAGESIZE * mmap.PAGESIZE
            mapped.madvise(mmap.MADV_WILLNEED, first, at + len(room) - first)
        room[:] = memoryview(mapped)[at : at + len(room)]

    def _mapped(self) -> mmap.mmap:
        """All of the file: once something is read, nothing is written any more.

        What is read through a map is read without what follows it. By other calls the system reads ahead whatever it
        is told, and fills with zeros the places that were given back.
        """
        if self._map is None:
            self._map = mmap.mmap(self._file.fileno(), self._bytes, access=mmap.ACCESS_WRITE)
            if hasattr(mmap, "MADV_RANDOM"):
                self._map.madvise(mmap.MADV_RANDOM)
        return self._map

    def give_back(self, start: int, stop: int) -> None:
        """Let go of bytes that are read no more, from one multiple of `GRAIN` to another; all have been written."""
        if hasattr(mmap, "MADV_REMOVE"):
            # Some file systems cannot; then the room is given back with the file.
            with suppress(OSError):
                # It is how Python asks for a hole in a file.
                self._mapped().madvise(mmap.MADV_REMOVE, start, stop - start)

    def close(self) -> None:
        """Let go of the file, which stays where it is."""
        if self._map is not None:
            self._map.close()
        self._file.close()


class Filed:
    """An array in a file."""

    def __init__(self, file: _File, dtype: np.dtype[Any], count: int) -> None:
        """The array will be written to the file next."""
        self._file, self._offset, self._dtype, self._count = file, file.end, dtype, count
        self._left = file.end

    def __len__(self) -> int:
        return self._count

    def read(self, start: int, stop: int) -> NDArray[Any]:
        """The entries [start, stop).

        Raises:
            OSError: the file cannot be read, or has been cut short.
        """
        found = np.empty(max(min(stop, self._count) - start, 0), self._dtype)
        if len(found):
            at = self._offset + start * self._dtype.itemsize
            end = at + found.nbytes
            self._file.read(memoryview(found.data).cast("B"), at)
            done = _whole_grains(end) if stop >= self._count else end // GRAIN * GRAIN
            if done > self._left:
                self._file.give_back(self._left, done)
                self._left = done
        return found


class Shelf:
    """Takes arrays in; their order is the order of the file."""

    def __init__(self, path: Path, held_bytes: int | None = None) -> None:
        """`path` is made when memory does not suffice."""
        self._path = path
        self._room = HELD_BYTES if held_bytes is None else held_bytes
        self._file: _File | None = None

    def put(self, array: NDArray[Any]) -> Kept:
        """Keep what is in an array, which may be written to afterwards.

        Raises:
            OSError: the disk is full or cannot be written to.
        """
        if array.nbytes <= self._room:
            self._room -= array.nbytes
            return Held(array.copy())
        if self._file is None:
            self._file = _File(self._path)
        kept = Filed(self._file, array.dtype, len(array))
        self._file.write(memoryview(np.ascontiguousarray(array).data).cast("B"))
        return kept

    def close(self) -> None:
        """Nothing is put there or read any more."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _whole_grains(count: int) -> int:
    return -(-count // GRAIN) * GRAIN
