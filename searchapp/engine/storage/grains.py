"""Bytes written to a file in grains, which is what the system's cache holds them in.

Linux caches in one piece what is written at once, and looks for memory in one piece for it. Small pieces are found
where a file that is being read has just given its own back; for large ones it takes memory that was not in use, which
on a virtual machine costs several times the writing. And only a whole piece can be given back.
"""

from __future__ import annotations

from io import FileIO
from typing import Final

GRAIN: Final = 1 << 16
"""Bytes written at once, at multiples of as many."""


def write_in_grains(file: FileIO, data: memoryview, at: int) -> None:
    """Write bytes from a place on.

    Raises:
        OSError: the disk is full or cannot be written to.
    """
    file.seek(at)
    while data:
        written = file.write(data[: GRAIN - at % GRAIN]) or 0
        data, at = data[written:], at + written
