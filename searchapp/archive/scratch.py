"""What memory has no room for, in a file without a name: it is gone when the process ends, however it ends."""

from __future__ import annotations

import os
from itertools import compress, repeat
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.int64]

SCRATCH_BYTES: Final = 1 << 29
"""On disk at most: the texts of some 400,000 articles."""


class Scratch:
    """Bytes written one after the other, of which those from `begin` to `end` can be read: the latest `most` of them.

    Nothing depends on what is kept here, so where it cannot be written or read, it is not there.
    """

    def __init__(self, directory: Path, most: int = SCRATCH_BYTES) -> None:
        self._directory = directory
        self._most = most
        self._file: BinaryIO | None = None
        self._is_broken = False
        self.begin = self.end = 0

    def __del__(self) -> None:
        """Give the room back."""
        self.clear()

    def write(self, data: memoryview) -> None:
        """Add these after the last ones. No part may reach over a multiple of `most`."""
        if not self._is_broken and self._most:
            try:
                self._write(data)
            except OSError:  # no room: the archive needs what is left
                self.clear(self.end)
                self._is_broken = True
        self.end += len(data)
        self.begin = self.end if self._file is None else max(self.begin, self.end - self._most)

    def read(self, begins: Places, sizes: Places) -> tuple[NDArray[np.bool_], bytes]:
        """Which of the parts that begin at these places and have so many bytes are there, and those, end to end."""
        there = (begins >= self.begin) & (begins + sizes <= self.end)
        if self._file is None or not there.any():
            return np.zeros(len(begins), bool), b""
        begins, sizes = begins[there] % self._most, sizes[there]
        try:
            # So many are read that no Python runs for each of them.
            parts = list(map(os.pread, repeat(self._file.fileno()), sizes.tolist(), begins.tolist()))
        except OSError:
            parts = [b""] * len(begins)
        whole = np.fromiter(map(len, parts), np.int64, len(parts)) == sizes
        there[there] = whole
        return there, b"".join(parts if whole.all() else compress(parts, whole))

    def clear(self, end: int = 0) -> None:
        """Forget all, give the room back, and go on at a place."""
        if self._file is not None:
            self._file.close()
            self._file = None
        self.begin = self.end = end

    def _write(self, data: memoryview) -> None:
        if self._file is None:
            self._file = TemporaryFile(dir=self._directory, buffering=0)  # noqa: SIM115
        at, left = self.end % self._most, data
        while left:
            left = left[os.pwrite(self._file.fileno(), left, at + len(data) - len(left)) :]
