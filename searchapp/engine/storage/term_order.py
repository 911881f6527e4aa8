"""The order of terms: by code points, which is also that of their bytes in UTF-8."""

from __future__ import annotations

import string
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from searchapp.analysis.spelled_terms import SpelledTerms

_KEY_CHARACTERS: Final = 8
_KEY: Final = np.dtype(">u8")
_COMMON: Final = string.digits + string.ascii_lowercase + "".join(map(chr, range(0x621, 0x64B))) + "پچژڤگ"
"""What nearly all terms are written in. Fewer than 128, so that a byte tells each of them from what is between them."""
_HIGH_BYTES: Final = np.array([(1 << 64) - (1 << 64 - 8 * count) for count in range(_KEY_CHARACTERS + 1)], np.uint64)

_LOW_BITS: Final = np.uint64(0x0101010101010101)


def order_keys(terms: SpelledTerms, first: int = 0) -> NDArray[np.uint64]:
    """A number for each term that rises with the terms: the ranks of its first eight characters, packed.

    Or of eight from its character `first` on: these rise with terms that are alike before, and whose earlier keys
    are without a rank that several characters share.
    """
    ranks = np.zeros(len(terms.points) + _KEY_CHARACTERS, np.uint8)
    _ranks().take(terms.points, out=ranks[: len(terms.points)], mode="clip")
    loads: NDArray[np.uint64] = np.ndarray(len(terms.points) + 1, _KEY, ranks, strides=(1,))
    begins, lengths = terms.begins(), terms.lengths
    if first:
        lengths = np.maximum(lengths - first, 0)
        begins = np.where(lengths > 0, begins + first, 0)
    keys: NDArray[np.uint64] = loads[begins].astype(np.uint64)
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


def sorted_order(terms: SpelledTerms, keys: NDArray[np.uint64] | None = None) -> NDArray[np.int64]:
    """The order that sorts distinct terms, of which the `order_keys` may be known.

    Those with equal keys are compared by their next characters, and those that are alike there, too, as strings.
    """
    keys = order_keys(terms) if keys is None else keys
    order = keys.argsort()
    keys = keys.take(order)
    tied = np.flatnonzero(_are_tied(keys))
    if not len(tied):
        return order
    among, keys = order.take(tied), keys.take(tied)
    further = order_keys(terms.take(among), _KEY_CHARACTERS)
    further[_has_shared(keys)] = 0
    again = np.lexsort((further, keys))
    among, keys, further = among.take(again), keys.take(again), further.take(again)
    alike = np.flatnonzero(_are_tied(keys, further))
    if len(alike):
        group = _runs(keys.take(alike), further.take(alike)).tolist()
        spelled = terms.take(among.take(alike)).strings()
        by_string = sorted(range(len(alike)), key=lambda at: (group[at], spelled[at]))
        among[alike] = among.take(alike.take(by_string))
    order[tied] = among
    return order


def _runs(*keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    """For each of some sorted entries, which of the runs of equal ones it is in."""
    changes = np.zeros(len(keys[0]), bool)
    for key in keys:
        changes[1:] |= key[1:] != key[:-1]
    return changes.cumsum()


def _are_tied(*keys: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Which of some sorted entries are equal to one beside them."""
    equal = np.diff(_runs(*keys)) == 0
    tied = np.zeros(len(keys[0]), bool)
    tied[1:] = equal
    tied[:-1] |= equal
    return tied


def _has_shared(keys: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Which keys end with a rank that several characters share."""
    return (keys & _LOW_BITS).astype(bool)


@cache
def _ranks() -> NDArray[np.uint8]:
    """Code point of the basic plane → its rank: it rises, is never 0, and even where it is a common character's own."""
    common = np.array(sorted(map(ord, _COMMON)))
    ranks = common.searchsorted(np.arange(0x10000)) * 2 + 1
    ranks[common] += 1
    return ranks.astype(np.uint8)
