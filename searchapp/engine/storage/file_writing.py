"""Writing a segment file piece by piece: every array has its place from the start, and all of them grow side by side.

The lengths and widths of the arrays are known before the first byte is written, so that no array has to wait for
another and nothing is copied together in the end. A block's checksum is taken as it is written; the few blocks that two
arrays share are read back for it. Until `finish` the file has no head, so that nobody takes it for a whole one.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any, Final, Self

import numpy as np
from numpy.typing import DTypeLike

from searchapp.engine.storage import container
from searchapp.engine.storage.container import ALIGNMENT, DTYPES, HEAD, HEAD_BYTES, HEAD_CHECK, MAGIC, Array
from searchapp.engine.storage.grains import write_in_grains

ArraySizes = Mapping[str, tuple[DTypeLike, int]]
"""Name → dtype and number of entries."""
_ANY_CHECKSUM: Final = 0xFFFFFFFF


def write_segment_file(path: Path, meta: Mapping[str, Any], arrays: Mapping[str, Array]) -> int:
    """Write and fsync a segment file of whole arrays; returns its size in bytes.

    Args:
        path: a file that does not exist yet.
        meta: JSON-able facts about the segment.
        arrays: one-dimensional arrays of the dtypes u1, u2, u4, u8, i4, i8, f4.
    """
    with SegmentFileWriter(path, meta, {name: _size(name, array) for name, array in arrays.items()}) as file:
        for name, array in arrays.items():
            file.append(name, array)
        return file.finish()


def _size(name: str, array: Array) -> tuple[DTypeLike, int]:
    if array.ndim != 1:
        raise TypeError(f"array {name}: {array.dtype} with {array.ndim} dimensions cannot be stored")
    return array.dtype, len(array)


class _Growing:
    """How far an array is written, and the checksum of its last, unfinished block."""

    def __init__(self, dtype: np.dtype[Any], start: int, stop: int) -> None:
        self.dtype, self.at, self.stop = dtype, start, stop
        self.checksum = 0
        self.from_block_start = start % container.BLOCK == 0


class SegmentFileWriter:
    """A segment file on its way. Leaving the `with` block closes the file, finished or not.

    Different arrays may grow in different threads.
    """

    def __init__(self, path: Path, meta: Mapping[str, Any], arrays: ArraySizes) -> None:
        """Lay the file out; raises TypeError for a dtype that has no stored form, before a file is made."""
        self._directory: dict[str, list[Any]] = {}
        self._growing: dict[str, _Growing] = {}
        offset = 0
        for name, (given, count) in arrays.items():
            dtype = np.dtype(given).newbyteorder("<")
            stored = dtype.str.lstrip("|")
            if stored not in DTYPES:
                raise TypeError(f"array {name}: {dtype} cannot be stored")
            offset = -(-offset // ALIGNMENT) * ALIGNMENT
            self._directory[name] = [stored, count, offset]
            self._growing[name] = _Growing(dtype, offset, offset + count * dtype.itemsize)
            offset += count * dtype.itemsize
        self._meta, self._data_bytes = dict(meta), offset
        self._checks: dict[int, int] = {}
        self._turn = Lock()
        self.written = 0
        """Bytes of arrays that were written so far."""
        self._header_bytes = len(self._header(_ANY_CHECKSUM))
        self._data = -(-(HEAD_BYTES + self._header_bytes) // ALIGNMENT) * ALIGNMENT
        self._file = path.open("x+b", buffering=0)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def _header(self, checksum: int) -> bytes:
        facts = {
            "meta": self._meta,
            "arrays": self._directory,
            "data_bytes": self._data_bytes,
            "blocks_crc": checksum,
        }
        return json.dumps(facts, ensure_ascii=False, sort_keys=True).encode()

    def dtype(self, name: str) -> np.dtype[Any]:
        """What an array is stored as."""
        return self._growing[name].dtype

    def append(self, name: str, array: Array) -> None:
        """Add entries to an array; their values must fit its dtype.

        Raises:
            ValueError: there are more than were announced.
        """
        growing = self._growing[name]
        data = _bytes_of(array.astype(growing.dtype, copy=False))
        if growing.at + len(data) > growing.stop:
            raise ValueError(f"array {name} is longer than announced")
        if not data:
            return
        with self._turn:
            write_in_grains(self._file, data, self._data + growing.at)
            self.written += len(data)
        self._check(growing, data)

    def _check(self, growing: _Growing, data: memoryview) -> None:
        """Take the checksums of the blocks that these bytes fill."""
        block_bytes, at, start = container.BLOCK, growing.at, 0
        while start < len(data):
            stop = min(len(data), start + block_bytes - at % block_bytes)
            growing.checksum = zlib.crc32(data[start:stop], growing.checksum)
            at += stop - start
            start = stop
            if at % block_bytes == 0:
                if growing.from_block_start:
                    self._checks[at // block_bytes - 1] = growing.checksum
                growing.checksum, growing.from_block_start = 0, True
        growing.at = at

    def sync(self) -> None:
        """Sync what is written so far to disk, while other threads go on: then less is left to wait for in the end.

        Raises:
            OSError: the disk is full or broken. It is told only once, so that the file must not be finished then.
        """
        os.fsync(self._file.fileno())

    def finish(self) -> int:
        """Write the checksums and the head, and sync all to disk; returns the size of the file in bytes.

        Raises:
            ValueError: an array is shorter than announced.
        """
        for name, growing in self._growing.items():
            if growing.at != growing.stop:
                raise ValueError(f"array {name} is shorter than announced")
        blocks = range(-(-self._data_bytes // container.BLOCK))
        self._checks.update({block: self._read_back(block) for block in blocks if block not in self._checks})
        table = np.fromiter(map(self._checks.__getitem__, blocks), "<u4", len(blocks)).tobytes()
        # A checksum has fewer digits than was reserved: JSON may end with spaces.
        header = self._header(zlib.crc32(table)).ljust(self._header_bytes)
        head = HEAD.pack(MAGIC, len(header), self._data, zlib.crc32(header))
        end = self._data + self._data_bytes
        head = (head + HEAD_CHECK.pack(zlib.crc32(head)) + header).ljust(self._data, b"\0")
        write_in_grains(self._file, memoryview(table), end)
        write_in_grains(self._file, memoryview(head), 0)
        os.fsync(self._file.fileno())
        return end + len(table)

    def _read_back(self, block: int) -> int:
        """The checksum of a block of which each array has written a part; what none has written is zero."""
        start = block * container.BLOCK
        wanted = min(container.BLOCK, self._data_bytes - start)
        self._file.seek(self._data + start)
        return zlib.crc32(self._file.read(wanted).ljust(wanted, b"\0"))


def _bytes_of(array: Array) -> memoryview:
    """An array's memory; one without entries cannot be cast."""
    return memoryview(np.ascontiguousarray(array).data).cast("B") if array.nbytes else memoryview(b"")
