"""What memory has no room for, in a file without a name: it is gone when the process ends, however it ends."""

from __future__ import annotations

import os
from array import array
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, Final

SCRATCH_BYTES: Final = 1 << 29
"""On disk at most: the texts of some 400,000 articles."""
_BLOCK_BITS: Final = 12
_BLOCK: Final = bytes(8 << _BLOCK_BITS)
_LENGTH_BITS: Final = 20
"""Of an entry's length; longer ones are not kept."""
_OFFSET_BITS: Final = 28
_LONGEST: Final = (1 << _LENGTH_BITS) - 1
_OFFSET: Final = (1 << _OFFSET_BITS) - 1
_FILE_SHIFT: Final = _LENGTH_BITS + _OFFSET_BITS
_IN_BLOCK: Final = (1 << _BLOCK_BITS) - 1


class Scratch:
    """Bytes by the numbers of articles, the latest `most` of them, read back one by one. Eight bytes each in memory.

    Two files take turns: when one is full, the other begins anew. Nothing depends on what is kept here, so where it
    cannot be written or read, it is not there.
    """

    def __init__(self, directory: Path, most: int = SCRATCH_BYTES) -> None:
        self._directory = directory
        self._most = min(most // 2, 1 << _OFFSET_BITS)
        self._files: dict[int, BinaryIO] = {}
        self._latest = self._end = 0
        self._places: dict[int, array[int]] = {}
        self._is_broken = False

    def __del__(self) -> None:
        """Give the room back."""
        self.clear()

    def put(self, entries: Mapping[int, bytes]) -> None:
        """Keep these, those that were put in lately as they are; all of them or none."""
        waiting, data = list[tuple[int, int]](), list[bytes]()
        for number, entry in entries.items():
            if 0 < len(entry) <= _LONGEST and not self._is_in_latest(number):
                waiting.append((number, len(entry)))
                data.append(entry)
        if not waiting or self._is_broken or sum(map(len, data)) > self._most:
            return
        try:
            start = self._write(b"".join(data))
        except OSError:  # no room: the archive needs what is left
            self.clear()
            self._is_broken = True
            return
        for number, length in waiting:
            block = self._places.setdefault(number >> _BLOCK_BITS, array("q"))
            if not block:
                block.frombytes(_BLOCK)
            place = (self._latest << _OFFSET_BITS | start) << _LENGTH_BITS | length
            block[number & _IN_BLOCK] = place
            start += length

    def of(self, numbers: Iterable[int]) -> dict[int, bytes]:
        """What is kept of these articles."""
        found = dict[int, bytes]()
        files = {which: file.fileno() for which, file in self._files.items()}
        blocks = self._places
        # Many are read at once, so all of it is written out here.
        for number in sorted(numbers) if files else ():
            block = blocks.get(number >> _BLOCK_BITS)
            place = 0 if block is None else block[number & _IN_BLOCK]
            file = files.get(place >> _FILE_SHIFT)
            if place and file is not None:
                length = place & _LONGEST
                try:
                    data = os.pread(file, length, (place >> _LENGTH_BITS) & _OFFSET)
                except OSError:
                    continue
                if len(data) == length:
                    found[number] = data
        return found

    def forget(self, number: int) -> None:
        """An article is gone or has another text."""
        if (block := self._places.get(number >> _BLOCK_BITS)) is not None:
            block[number & _IN_BLOCK] = 0

    def clear(self) -> None:
        """Forget all, and give the room back."""
        for file in self._files.values():
            file.close()
        self._files.clear()
        self._places.clear()

    def _is_in_latest(self, number: int) -> bool:
        """Whether an entry is in the file that is written to: the other one may be about to go."""
        block = self._places.get(number >> _BLOCK_BITS)
        place = 0 if block is None else block[number & _IN_BLOCK]
        return place > 0 and place >> _FILE_SHIFT == self._latest

    def _write(self, data: bytes) -> int:
        """Write at the end; returns where it begins."""
        if not self._files or (self._end and self._end + len(data) > self._most):
            self._latest += 1
            self._files[self._latest] = TemporaryFile(dir=self._directory, buffering=0)  # noqa: SIM115
            if (oldest := self._files.pop(self._latest - 2, None)) is not None:
                oldest.close()
            self._end = 0
        start, left = self._end, memoryview(data)
        while left:
            left = left[os.pwrite(self._files[self._latest].fileno(), left, start + len(data) - len(left)) :]
        self._end = start + len(data)
        return start
