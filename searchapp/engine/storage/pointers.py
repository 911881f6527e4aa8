"""Variable-length parts of flat arrays: counts, the pointers that bound them, and narrow storage for both."""

from __future__ import annotations

from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

Number = TypeVar("Number", bound=np.number[Any])

_PACKED_BITS: Final = 63


def pointers(counts: NDArray[Any]) -> NDArray[np.int64]:
    """Counts → where each part begins, and the end."""
    bounds = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=bounds[1:])
    return bounds


def sizes(bounds: NDArray[Any]) -> NDArray[np.int64]:
    """Pointers → how long each part is."""
    wide = bounds.astype(np.int64, copy=False)
    return wide[1:] - wide[:-1]


def ranges(starts: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """The numbers start, start + 1, … of several runs, one run after the other."""
    numbers: NDArray[np.int64] = (starts + counts - counts.cumsum()).repeat(counts)
    numbers += np.arange(len(numbers))
    return numbers


def distinct(values: NDArray[Number]) -> NDArray[Number]:
    """The different values, rising. `np.unique` would import numpy's masked arrays, 8 ms of a first answer."""
    ordered = np.sort(values)
    return ordered.take(run_starts(ordered))


def run_starts(*keys: NDArray[Any]) -> NDArray[np.int64]:
    """Where a run of entries that are equal in all keys begins."""
    change = np.ones(len(keys[0]), bool)
    if len(change):
        np.not_equal(keys[0][1:], keys[0][:-1], out=change[1:])
        for key in keys[1:]:
            change[1:] |= key[1:] != key[:-1]
    return np.flatnonzero(change)


def narrowest(highest: int) -> type[np.unsignedinteger[Any]]:
    """The narrowest stored width for numbers up to this one: nothing is ever capped."""
    return np.uint16 if highest < 1 << 16 else np.uint32 if highest < 1 << 32 else np.uint64


def narrow(numbers: NDArray[Any]) -> NDArray[Any]:
    """The same numbers, none negative, in the narrowest stored width."""
    return numbers.astype(narrowest(int(numbers.max(initial=0))))


def order_of(major: NDArray[np.int64], minor: NDArray[Any]) -> NDArray[np.int64]:
    """The order that sorts by two keys, none negative, and keeps equal entries as they stand.

    Both keys and the place are packed into one number where they fit: sorting numbers is several times as fast as
    finding the order that would sort them.
    """
    place_bits = max(len(major) - 1, 0).bit_length()
    minor_bits = int(minor.max(initial=0)).bit_length()
    if int(major.max(initial=0)).bit_length() + minor_bits + place_bits > _PACKED_BITS:
        return np.lexsort((minor, major))
    packed = major << minor_bits
    packed |= minor
    packed <<= place_bits
    packed |= np.arange(len(major))
    packed.sort()
    packed &= (1 << place_bits) - 1
    return packed
