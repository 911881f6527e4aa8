"""Document lengths in one byte, as Lucene stores them (SmallFloat.intToByte4): exact up to 40 words, then within 1/8.

A length is coded downwards: the code of n stands for the largest codable number that is at most n. The fast path, the
Whoosh matchers and the tests all score with the decoded number, so they agree.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray


def _to_int4(number: int) -> int:
    """Lucene's SmallFloat.longToInt4: four significant bits, the rest an exponent."""
    bits = number.bit_length()
    if bits < 4:
        return number
    shift = bits - 4
    return ((number >> shift) & 7) | ((shift + 1) << 3)


def _from_int4(code: int) -> int:
    shift = (code >> 3) - 1
    return code & 7 if shift == -1 else ((code & 7) | 8) << shift


_FREE: Final = 255 - _to_int4(2**31 - 1)
"""How many small numbers have a code of their own."""

DECODED: Final[NDArray[np.int64]] = np.array(
    [code if code < _FREE else _FREE + _from_int4(code - _FREE) for code in range(256)], np.int64
)
"""Code (0–255) → the length that it stands for, in words."""


def encode_lengths(lengths: NDArray[Any]) -> NDArray[np.uint8]:
    """Lengths in words → codes, same shape."""
    return (np.searchsorted(DECODED, lengths, side="right") - 1).astype(np.uint8)


_TABLED: Final = 1 << 16


@cache
def _rounded_table() -> NDArray[np.int64]:
    return DECODED.take(encode_lengths(np.arange(_TABLED)))


def rounded(lengths: NDArray[Any]) -> NDArray[np.int64]:
    """Lengths in words → the lengths that their codes stand for."""
    if len(lengths) and int(lengths.max()) >= _TABLED:
        return DECODED.take(encode_lengths(lengths))
    return _rounded_table().take(lengths)
