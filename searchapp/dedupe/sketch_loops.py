"""Counting what sketches share, and choosing what they and the fingerprints are of, in compiled loops."""

from __future__ import annotations

from typing import Final

import numpy as np

from searchapp.compiled import Int64s, UInt64s, Varying, loop

SEEN_WORDS: Final = 1 << 10
"""64-bit words that say which hashes of 16 bits a sketch has."""
_BIT: Final = np.uint64(63)
_ONE: Final = np.uint64(1)


@loop(writes=("below",), usual=(("u2",),))
def count_below(hashes: Varying, starts: Int64s, counts: Int64s, which: Int64s, limits: Int64s, below: Int64s) -> int:
    """Write how many of the hashes of some sketches, which are in order, are below a limit each."""
    for each in range(len(which)):
        begin = starts[which[each]]
        low, high = 0, counts[which[each]]
        while low < high:
            middle = (low + high) >> 1
            if hashes[begin + middle] < limits[each]:
                low = middle + 1
            else:
                high = middle
        below[each] = low
    return len(which)


@loop(writes=("seen", "shared"), usual=(("u2",),))
def count_both(
    hashes: Varying,
    my_starts: Int64s,
    my_counts: Int64s,
    their_starts: Int64s,
    their_counts: Int64s,
    mine: Int64s,
    theirs: Int64s,
    limits: Int64s,
    seen: UInt64s,
    shared: Int64s,
) -> int:
    """Write how many hashes below a limit two sketches have both, of each pair: they are in order, each once.

    Fastest where pairs of one first sketch come together. `seen` must be `SEEN_WORDS` of 0, and is left so.
    """
    begin = end = np.int64(0)
    known = np.int64(-1)
    for pair in range(len(mine)):
        one, other, limit = mine[pair], theirs[pair], limits[pair]
        if one != known:
            for at in range(begin, end):
                seen[np.int64(hashes[at]) >> 6] = 0
            known, begin, end = one, my_starts[one], my_starts[one] + my_counts[one]
            for at in range(begin, end):
                seen[np.int64(hashes[at]) >> 6] |= _ONE << (np.uint64(hashes[at]) & _BIT)
        found = np.int64(0)
        for at in range(their_starts[other], their_starts[other] + their_counts[other]):
            theirs_at = np.int64(hashes[at])
            if theirs_at >= limit:
                break
            found += np.int64((seen[theirs_at >> 6] >> (np.uint64(theirs_at) & _BIT)) & _ONE)
        shared[pair] = found
    for at in range(begin, end):
        seen[np.int64(hashes[at]) >> 6] = 0
    return len(mine)
