"""Counting what sketches share, and choosing what they and the fingerprints are of, in compiled loops."""

from __future__ import annotations

from searchapp.compiled import Int64s, Varying, loop


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


@loop(writes=("shared",), usual=(("u2",),))
def count_both(
    hashes: Varying,
    my_starts: Int64s,
    my_counts: Int64s,
    their_starts: Int64s,
    their_counts: Int64s,
    mine: Int64s,
    theirs: Int64s,
    limits: Int64s,
    shared: Int64s,
) -> int:
    """Write how many hashes below a limit two sketches have both, of each pair: they are in order, each once."""
    for pair in range(len(mine)):
        one, other, limit = mine[pair], theirs[pair], limits[pair]
        mine_at, their_at = my_starts[one], their_starts[other]
        mine_end, their_end = mine_at + my_counts[one], their_at + their_counts[other]
        found = 0
        while mine_at < mine_end and their_at < their_end:
            first, second = hashes[mine_at], hashes[their_at]
            if first >= limit or second >= limit:
                break
            found += first == second
            mine_at += first <= second
            their_at += second <= first
        shared[pair] = found
    return len(mine)
