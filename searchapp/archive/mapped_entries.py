"""Entries for which memory has no room, in a file without a name that is mapped into memory.

They are read as an array is. As much of them stays in memory as the system has room for; what it lets go of it reads
from the file again. The file is gone when nobody holds the array any more, or the process ends, however it ends.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryFile

import numpy as np
from numpy.typing import NDArray


def mapped(directory: Path, pieces: Iterable[NDArray[np.uint64]]) -> NDArray[np.uint64] | None:
    """The entries of these pieces, end to end and not to be written to; None where there is no room on disk.

    The file has all its room before it is mapped: to read what has no place on a full disk would end the process.
    """
    try:
        with TemporaryFile(dir=directory, buffering=0) as file:
            size = 0
            for piece in pieces:
                left = np.ascontiguousarray(piece).view(np.uint8).data
                size += len(left)
                while left:
                    left = left[file.write(left) :]
            if not size:
                return np.empty(0, np.uint64)
            return np.frombuffer(mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ), "<u8")
    except OSError:
        return None
