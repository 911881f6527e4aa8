"""A sorted term dictionary over three arrays: the terms' bytes end to end, their offsets, and their first eight bytes.

Terms are UTF-8 and sorted by their bytes, so that a prefix is a range. A look-up is one `searchsorted` over the first
eight bytes as big-endian numbers, then a bisection among the few terms that share them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

_HEAD: Final = 8


def _head(term: bytes) -> np.uint64:
    return np.uint64(int.from_bytes(term[:_HEAD].ljust(_HEAD, b"\0"), "big"))


def encode_terms(terms: Sequence[bytes]) -> dict[str, NDArray[Any]]:
    """Sorted terms → the arrays `bytes` (u1), `offsets` (u8, one more than terms) and `heads` (u8)."""
    offsets = np.zeros(len(terms) + 1, np.uint64)
    np.cumsum(np.fromiter(map(len, terms), np.uint64, len(terms)), out=offsets[1:])
    heads = np.fromiter((_head(term) for term in terms), np.uint64, len(terms))
    return {"bytes": np.frombuffer(b"".join(terms), np.uint8), "offsets": offsets, "heads": heads}


class TermDictionary:
    """Term ↔ number, numbers in the order of the terms' bytes."""

    def __init__(self, text: NDArray[np.uint8], offsets: NDArray[np.uint64], heads: NDArray[np.uint64]) -> None:
        self._bytes, self._offsets, self._heads = text.data, offsets, heads

    def __len__(self) -> int:
        return len(self._heads)

    def term(self, number: int) -> bytes:
        """The bytes of a term."""
        start, stop = self._offsets[number : number + 2].tolist()
        return bytes(self._bytes[start:stop])

    def terms(self, start: int, stop: int) -> Iterator[bytes]:
        """The terms of a range of numbers, in order."""
        offsets = self._offsets[start : stop + 1].tolist()
        text = bytes(self._bytes[offsets[0] : offsets[-1]]) if start < stop else b""
        for left, right in pairwise(offsets):
            yield text[left - offsets[0] : right - offsets[0]]

    def ceiling(self, term: bytes) -> int:
        """The number of the first term that is not before this one; `len` when there is none."""
        head = _head(term)
        low, high = (int(self._heads.searchsorted(head, side)) for side in ("left", "right"))
        return bisect_left(range(len(self)), term, low, high, key=self.term) if low < high else low

    def find(self, term: bytes) -> int:
        """The number of a term, or -1."""
        number = self.ceiling(term)
        return number if number < len(self) and self.term(number) == term else -1

    def prefix_range(self, prefix: bytes) -> tuple[int, int]:
        """The numbers [start, stop) of the terms that begin with this; bytes, so give whole characters."""
        start = self.ceiling(prefix)
        successor = prefix.rstrip(b"\xff")
        if not successor:
            return start, len(self)
        return start, self.ceiling(successor[:-1] + bytes([successor[-1] + 1]))
