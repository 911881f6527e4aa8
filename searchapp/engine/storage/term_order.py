"""The order of terms: by code points, which is also that of their bytes in UTF-8."""

from __future__ import annotations

import string
from collections.abc import Sequence
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from searchapp.analysis.code_page import code_points

_KEY_CHARACTERS: Final = 8
_KEY: Final = np.dtype(">u8")
_COMMON: Final = string.digits + string.ascii_lowercase + "".join(map(chr, range(0x621, 0x64B))) + "پچژڤگ"
"""What nearly all terms are written in. Fewer than 128, so that a byte tells each of them from what is between them."""
_HIGH_BYTES: Final = np.array([(1 << 64) - (1 << 64 - 8 * count) for count in range(_KEY_CHARACTERS + 1)], np.uint64)

_LOW_BITS: Final = np.uint64(0x0101010101010101)


def order_keys(terms: Sequence[str]) -> NDArray[np.uint64]:
    """A number for each term that rises with the terms: the ranks of its first eight characters, packed."""
    points = code_points("".join(terms))
    ranks = np.zeros(len(points) + _KEY_CHARACTERS, np.uint8)
    ranks[: len(points)] = _ranks().take(points, mode="clip")
    lengths = np.fromiter(map(len, terms), np.int64, len(terms))
    loads: NDArray[np.uint64] = np.ndarray(len(points) + 1, _KEY, ranks, strides=(1,))
    keys: NDArray[np.uint64] = loads[np.cumsum(lengths) - lengths].astype(np.uint64)
    keys &= _HIGH_BYTES.take(lengths, mode="clip")
    rare = np.flatnonzero(keys & _LOW_BITS)
    keys[rare] = _without_what_follows(keys[rare])
    return keys


def _without_what_follows(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Leave out what stands behind a rank that several characters share."""
    kept: NDArray[np.uint64] = np.full(len(keys), _HIGH_BYTES[-1])
    for count in range(_KEY_CHARACTERS, 0, -1):
        is_shared = keys >> np.uint64(64 - 8 * count) & np.uint64(1)
        kept[is_shared.astype(bool)] = _HIGH_BYTES[count]
    kept &= keys
    return kept


def sorted_order(terms: Sequence[str]) -> NDArray[np.int64]:
    """The order that sorts distinct terms; only those with equal keys are compared as strings."""
    keys = order_keys(terms)
    order = keys.argsort()
    keys = keys.take(order)
    equal = keys[1:] == keys[:-1]
    tied = np.zeros(len(order), bool)
    tied[1:] = equal
    tied[:-1] |= equal
    order[tied] = sorted(order[tied].tolist(), key=terms.__getitem__)
    return order


@cache
def _ranks() -> NDArray[np.uint8]:
    """Code point of the basic plane → its rank: it rises, is never 0, and even where it is a common character's own."""
    common = np.array(sorted(map(ord, _COMMON)))
    ranks = common.searchsorted(np.arange(0x10000)) * 2 + 1
    ranks[common] += 1
    return ranks.astype(np.uint8)
