"""A sorted term dictionary: the terms' bytes end to end, their offsets, and a hash table from a term to its number.

Terms are UTF-8 and sorted by their bytes, so that a prefix is a range. The table is open addressing over the crc32 of a
term: a slot holds a term's number plus one, 0 is empty, and the next slot is tried where another term is met. It has at
least twice as many home slots as terms, and what the last of them overflow into.
"""

from __future__ import annotations

import zlib
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.storage.container import SegmentFile
from searchapp.engine.storage.pointers import narrow, order_of, pointers

ARRAYS = ("bytes", "offsets", "slots")
"""The names of a dictionary's arrays, in the order of `TermDictionary`'s arguments."""


def encode_terms(terms: Sequence[bytes]) -> dict[str, NDArray[Any]]:
    """Sorted terms → the arrays named in `ARRAYS`."""
    lengths = np.fromiter(map(len, terms), np.int64, len(terms))
    hashes = np.fromiter(map(zlib.crc32, terms), np.uint32, len(terms))
    text = np.frombuffer(b"".join(terms), np.uint8)
    return {"bytes": text, "offsets": narrow(pointers(lengths)), "slots": hash_slots(hashes)}


def hash_slots(hashes: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """The hash table of terms with these checksums, in the order of their numbers.

    Filled in the order of their home slots, each term takes its home or the slot after the term before, whichever is
    later: one running maximum, however many words have been made to share a slot.
    """
    homes = hashes.astype(np.int64) & _mask(len(hashes))
    order = order_of(homes, np.zeros(len(homes), np.uint8))
    rank = np.arange(len(hashes))
    places = np.maximum.accumulate(homes.take(order) - rank) + rank
    # The last slot stays empty: it ends every search.
    slots = np.zeros(max(_mask(len(hashes)) + 1, int(places.max(initial=0)) + 2), np.uint32)
    slots[places] = order + 1
    return slots


def _mask(terms: int) -> int:
    """The highest home slot of so many terms: at least twice as many as they are, a power of two less one."""
    return (1 << max(terms * 2 - 1, 1).bit_length()) - 1


def _unchecked(start: int, stop: int) -> None:
    """Nothing to check."""


class _Check(NamedTuple):
    """What is called before entries [start, stop) of a dictionary's arrays are read."""

    text: Callable[[int, int], None]
    offsets: Callable[[int, int], None]
    slots: Callable[[int, int], None]


class TermDictionary:
    """Term ↔ number, numbers in the order of the terms' bytes."""

    def __init__(
        self, text: NDArray[np.uint8], offsets: NDArray[Any], slots: NDArray[np.uint32], check: _Check | None = None
    ) -> None:
        """`check` is called before bytes, offsets and slots are read."""
        self._bytes, self._offsets, self._slots = text.data, offsets, slots
        self._mask = _mask(len(offsets) - 1)
        self._check = check or _Check(_unchecked, _unchecked, _unchecked)

    @classmethod
    def in_file(cls, file: SegmentFile, prefix: str) -> Self:
        """A dictionary of a segment file, of which only what is read is checked."""
        guards = _Check(*(file.guard(f"{prefix}/{part}") for part in ARRAYS))
        text, offsets, slots = (file.array(f"{prefix}/{part}") for part in ARRAYS)
        return cls(text, offsets, slots, guards)

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def term(self, number: int) -> bytes:
        """The bytes of a term."""
        self._check.offsets(number, number + 2)
        start, stop = self._offsets[number : number + 2].tolist()
        self._check.text(start, stop)
        return bytes(self._bytes[start:stop])

    def terms(self, start: int, stop: int) -> Iterator[bytes]:
        """The terms of a range of numbers, in order."""
        self._check.offsets(start, stop + 1)
        offsets = self._offsets[start : stop + 1].tolist()
        self._check.text(offsets[0], offsets[-1])
        text = bytes(self._bytes[offsets[0] : offsets[-1]]) if start < stop else b""
        for left, right in pairwise(offsets):
            yield text[left - offsets[0] : right - offsets[0]]

    def find(self, term: bytes) -> int:
        """The number of a term, or -1."""
        at = zlib.crc32(term) & self._mask
        self._check.slots(at, at + 1)
        while number := self._slots.item(at):
            if self.term(number - 1) == term:
                return number - 1
            at += 1
            self._check.slots(at, at + 1)
        return -1

    def ceiling(self, term: bytes) -> int:
        """The number of the first term that is not before this one; `len` when there is none."""
        return bisect_left(range(len(self)), term, key=self.term)

    def prefix_range(self, prefix: bytes) -> tuple[int, int]:
        """The numbers [start, stop) of the terms that begin with this; bytes, so give whole characters."""
        start = self.ceiling(prefix)
        successor = prefix.rstrip(b"\xff")
        if not successor:
            return start, len(self)
        return start, self.ceiling(successor[:-1] + bytes([successor[-1] + 1]))
