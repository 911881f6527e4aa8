"""Where arrays wait until a segment is written: in memory while they are few, then in a file beside the segments."""

from __future__ import annotations

from io import RawIOBase
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

HELD_BYTES: Final = 128 << 20
"""Bytes of arrays that wait in memory; what is more goes to the file."""
SUFFIX: Final = ".part"
"""Of the files; no commit names them, so that the next one removes what a dead writer left."""


class Kept(Protocol):
    """An array on a shelf."""

    def read(self, start: int, stop: int) -> NDArray[Any]:
        """The entries [start, stop)."""

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


class Filed:
    """An array in a file."""

    def __init__(self, path: Path, offset: int, dtype: np.dtype[Any], count: int) -> None:
        self._path, self._offset, self._dtype, self._count = path, offset, dtype, count

    def __len__(self) -> int:
        return self._count

    def read(self, start: int, stop: int) -> NDArray[Any]:
        """The entries [start, stop).

        Raises:
            OSError: the file cannot be read, or has been cut short.
        """
        found = np.empty(max(min(stop, self._count) - start, 0), self._dtype)
        if not len(found):
            return found
        with self._path.open("rb", buffering=0) as file:
            file.seek(self._offset + start * self._dtype.itemsize)
            if file.readinto(memoryview(found.data).cast("B")) != found.nbytes:
                raise OSError(f"{self._path}: is shorter than what was written to it")
        return found


class Shelf:
    """Takes arrays in; their order is the order of the file."""

    def __init__(self, path: Path, held_bytes: int | None = None) -> None:
        """`path` is made when memory does not suffice."""
        self._path = path
        self._room = HELD_BYTES if held_bytes is None else held_bytes
        self._file: RawIOBase | None = None
        self._end = 0

    def put(self, array: NDArray[Any]) -> Kept:
        """Keep an array, which must not be changed any more."""
        if array.nbytes <= self._room:
            self._room -= array.nbytes
            return Held(array)
        if self._file is None:
            self._path.unlink(missing_ok=True)  # of a writer that died
            self._file = self._path.open("xb", buffering=0)
        data = memoryview(np.ascontiguousarray(array).data).cast("B")
        written = 0
        while written < len(data):
            written += self._file.write(data[written:]) or 0
        kept = Filed(self._path, self._end, array.dtype, len(array))
        self._end += len(data)
        return kept

    def close(self) -> None:
        """Nothing more is put there; what was can be read as long as the file is there."""
        if self._file is not None:
            self._file.close()
