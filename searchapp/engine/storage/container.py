"""A segment file: named one-dimensional arrays in one memory-mapped file, every byte of it under a checksum.

Layout, all little-endian:

| part | content |
| --- | --- |
| head, 32 bytes | magic (8), header length (8), data offset (8), crc32 of the header (4), crc32 of these 28 bytes (4) |
| header | UTF-8 JSON: `meta`, `arrays` (name → dtype, count, offset from the data offset), `data_bytes`, `blocks_crc` |
| data | the arrays, each at a multiple of 64 bytes, gaps zero |
| block table | crc32 of each `BLOCK` bytes of data, its own crc32 in the header |

A block's checksum is checked at the block's first touch in a process, through a `Guard`; `verify` reads all.
Nothing here is ever unpickled: the header is JSON, and dtypes are taken from a fixed list.
"""

from __future__ import annotations

import json
import mmap
import os
import struct
import zlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from searchapp.errors import IndexBroken

MAGIC: Final = b"SAPPSEG1"
ALIGNMENT: Final = 64
BLOCK: Final = 1 << 16
HEAD: Final = struct.Struct("<8sQQI")
HEAD_CHECK: Final = struct.Struct("<I")
HEAD_BYTES: Final = HEAD.size + HEAD_CHECK.size
DTYPES: Final[Mapping[str, np.dtype[Any]]] = MappingProxyType(
    {name: np.dtype(name) for name in ("u1", "<u2", "<u4", "<u8", "<i4", "<i8", "<f4")}
)

Array = NDArray[Any]


class SegmentFile:
    """An open segment file. Arrays are views on the map: they hold no memory of their own and must not be written."""

    def __init__(self, path: Path) -> None:
        """Open and check the header.

        Raises:
            IndexBroken: the file is missing, cut short, or its header does not fit its checksum.
        """
        self.path = path
        try:
            with path.open("rb") as file:
                self._stamp = _stamp(os.fstat(file.fileno()))
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            raise IndexBroken(f"{path}: cannot be opened: {error}; run searchapp rebuild") from error
        try:
            self._read_contents()
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise self._broken(f"has a header that no writer of searchapp makes ({error})") from error

    def _read_contents(self) -> None:
        header, self._data = self._read_header()
        self.meta: Mapping[str, Any] = dict(header["meta"])
        self._directory: dict[str, list[Any]] = header["arrays"]
        blocks = -(-int(header["data_bytes"]) // BLOCK)
        self._data_bytes = int(header["data_bytes"])
        table_at = self._data + self._data_bytes
        if len(self._map) != table_at + 4 * blocks:
            raise self._broken("has the wrong length")
        if zlib.crc32(self._map[table_at:]) != header["blocks_crc"]:
            raise self._broken("the block table does not fit its checksum")
        self._check_directory()
        self._checks = np.frombuffer(self._map, "<u4", blocks, table_at)
        self.unseen = bytearray(b"\1") * blocks
        self.unseen_flags = np.frombuffer(self.unseen, bool)
        self.data = np.frombuffer(self._map, np.uint8, self._data_bytes, self._data)
        self._arrays: dict[str, Array] = {}
        self._whole: dict[str, Array] = {}

    def _broken(self, what: str) -> IndexBroken:
        return IndexBroken(f"{self.path}: {what}; run searchapp rebuild")

    def _read_header(self) -> tuple[dict[str, Any], int]:
        head = self._map[:HEAD_BYTES]
        if len(head) < HEAD_BYTES or not head.startswith(MAGIC):
            raise self._broken("is not a segment file of this version")
        if zlib.crc32(head[: HEAD.size]) != HEAD_CHECK.unpack_from(head, HEAD.size)[0]:
            raise self._broken("the head does not fit its checksum")
        _, length, data, check = HEAD.unpack_from(head)
        text = self._map[HEAD_BYTES : HEAD_BYTES + length]
        if zlib.crc32(text) != check or any(self._map[HEAD_BYTES + length : data]):
            raise self._broken("the header does not fit its checksum")
        return json.loads(text), data

    def _check_directory(self) -> None:
        """Refuse arrays that no writer of ours makes, whatever the checksums say."""
        for name, (dtype, count, offset) in self._directory.items():
            known = dtype in DTYPES and type(count) is type(offset) is int and min(count, offset) >= 0
            if not known or offset + count * DTYPES[dtype].itemsize > self._data_bytes:
                raise self._broken(f"array {name} is of an unknown type or lies beyond the data")

    def _entry(self, name: str) -> list[Any]:
        entry = self._directory.get(name)
        if entry is None:
            raise self._broken(f"lacks the array {name}, as a file of another version does")
        return entry

    def has(self, name: str) -> bool:
        """Whether there is such an array."""
        return name in self._directory

    def array(self, name: str) -> Array:
        """The whole array, unchecked: what is read from it must have been touched."""
        found = self._arrays.get(name)
        if found is None:
            dtype, count, offset = self._entry(name)
            found = self._arrays[name] = np.frombuffer(self._map, DTYPES[dtype], count, self._data + offset)
        return found

    def touched(self, name: str) -> Array:
        """The whole array, its blocks checked; for arrays that are read all over."""
        found = self._whole.get(name)
        if found is None:
            found = self.array(name)
            self.guard(name)(0, len(found))
            self._whole[name] = found  # only now: a second try after an error must not find it
        return found

    def read(self, name: str, start: int, stop: int) -> Array:
        """The entries [start, stop) of an array, their blocks checked."""
        self.guard(name)(start, stop)
        return self.array(name)[start:stop]

    def place(self, name: str) -> tuple[int, int]:
        """Where in `data` an array begins, and the bytes of each of its entries, for what reads bytes itself."""
        dtype, _, offset = self._entry(name)
        return offset, DTYPES[dtype].itemsize

    def is_in_place(self) -> bool:
        """Whether the file of this name is still the one that was opened, and unchanged."""
        try:
            return _stamp(self.path.stat()) == self._stamp
        except OSError:
            return False

    def forget(self) -> None:
        """Let go of the memory of what has been read; it stays in the system's cache as long as there is room."""
        if hasattr(mmap, "MADV_DONTNEED"):
            self._map.madvise(mmap.MADV_DONTNEED)

    def guard(self, name: str) -> Guard:
        """What checks the blocks of one array, for those that are read piece by piece and often."""
        dtype, count, offset = self._entry(name)
        return Guard(self, offset, DTYPES[dtype].itemsize, count)

    def touch_each(self, blocks: Iterable[int]) -> None:
        """Check some blocks. Raises as `touch`."""
        for block in blocks:
            self.touch(block, block + 1)

    def touch(self, first: int, last: int) -> None:
        """Check those of the blocks [first, last) that this process has not read before.

        Raises:
            IndexBroken: a block does not fit its checksum.
        """
        at = self.unseen.find(1, first, last)
        while at >= 0:
            self._check_block(at)
            self.unseen[at] = 0
            at = self.unseen.find(1, at + 1, last)

    def _check_block(self, block: int) -> None:
        start = self._data + block * BLOCK
        stop = min(start + BLOCK, self._data + self._data_bytes)
        if zlib.crc32(memoryview(self._map)[start:stop]) != int(self._checks[block]):
            raise self._broken(f"bytes {start:,} to {stop:,} do not fit their checksum")

    def verify(self) -> list[str]:
        """Read everything; returns what does not fit, one sentence each."""
        problems = []
        for block in range(len(self._checks)):
            try:
                self._check_block(block)
            except IndexBroken as error:
                problems.append(str(error))
        return problems


def _stamp(status: os.stat_result) -> tuple[int, ...]:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


class Guard:
    """Checks what is read of one array, the first time that it is read in this process."""

    __slots__ = ("_file", "_first", "_last", "_offset", "_unseen", "_width")

    def __init__(self, file: SegmentFile, offset: int, width: int, count: int) -> None:
        self._file, self._offset, self._width, self._unseen = file, offset, width, file.unseen
        self._first, self._last = offset // BLOCK, (offset + count * width + BLOCK - 1) // BLOCK

    def __call__(self, start: int, stop: int) -> None:
        """Check the blocks under entries [start, stop).

        Raises:
            IndexBroken: a block does not fit its checksum.
        """
        first = (self._offset + start * self._width) // BLOCK
        last = (self._offset + stop * self._width + BLOCK - 1) // BLOCK
        if self._unseen.find(1, first, last) >= 0:
            self._file.touch(first, last)

    def each(self, bounds: Sequence[tuple[int, int]]) -> None:
        """Check the blocks under each of some pieces [start, stop). Raises as for one."""
        if self.has_seen_all():
            return
        offset, width, unseen = self._offset, self._width, self._unseen
        for start, stop in bounds:
            if start < stop:
                first, last = (offset + start * width) // BLOCK, (offset + stop * width - 1) // BLOCK
                if unseen[first] or unseen[last] or last - first > 1:
                    self._file.touch(first, last + 1)

    def pieces(self, starts: NDArray[np.int64], stops: NDArray[np.int64]) -> None:
        """As `each`, for the pieces of two arrays, none of them empty: many at little more than the cost of one."""
        if self.has_seen_all() or not len(starts):
            return
        # What is read together mostly lies together, and has been read before.
        begin = (int(starts.min()) * self._width + self._offset) // BLOCK
        end = (int(stops.max()) * self._width + self._offset - 1) // BLOCK
        if self._unseen.find(1, begin, end + 1) < 0:
            return
        first = (starts * self._width + self._offset) // BLOCK
        last = (stops * self._width + (self._offset - 1)) // BLOCK
        # Nearly all pieces lie in one block that has been seen.
        others = self._file.unseen_flags.take(first)
        others |= first != last
        for at in others.nonzero()[0].tolist():
            self._file.touch(first.item(at), last.item(at) + 1)

    @property
    def begin(self) -> int:
        """Where in the bytes that blocks are counted from the array begins."""
        return self._offset

    def has_seen_all(self) -> bool:
        """Whether the whole array has been checked."""
        return self._unseen.find(1, self._first, self._last) < 0
