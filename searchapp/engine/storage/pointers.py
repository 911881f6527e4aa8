"""Variable-length parts of flat arrays: counts, the pointers that bound them, and narrow storage for both."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


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
    numbers = np.repeat(starts - (np.cumsum(counts) - counts), counts)
    numbers += np.arange(len(numbers))
    return numbers


def run_starts(*keys: NDArray[Any]) -> NDArray[np.int64]:
    """Where a run of entries that are equal in all keys begins."""
    change = np.ones(len(keys[0]), bool)
    if len(change):
        np.not_equal(keys[0][1:], keys[0][:-1], out=change[1:])
        for key in keys[1:]:
            change[1:] |= key[1:] != key[:-1]
    return np.flatnonzero(change)


def narrow(numbers: NDArray[Any], up_to: int = 0) -> NDArray[Any]:
    """The same numbers (none negative) in the narrowest stored width: nothing is ever capped.

    `up_to` is a higher number that must fit too, where numbers of that size are looked for among these.
    """
    highest = max(int(numbers.max(initial=0)), up_to)
    width = np.uint16 if highest < 1 << 16 else np.uint32 if highest < 1 << 32 else np.uint64
    return numbers.astype(width)
