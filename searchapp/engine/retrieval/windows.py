"""Which part of a text a snippet shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

SNIPPET_WORDS: Final = 32
"""Two to three lines in the column of results."""
LEAD_WORDS: Final = 8
"""A window that would start within so many words of the beginning starts at the beginning."""

Spans = tuple[tuple[int, int], ...]


def best_window(marked: Sequence[int], words: Sequence[int], worths: Sequence[int]) -> tuple[int, int]:
    """The first and last marked token of the best window; (0, 0) when nothing is marked.

    Best is: most of the rarest words, then most matches, then nearest the beginning. `marked` are tokens, rising,
    `words` which word of the query each of them is, `worths` how much showing such a word is worth.
    """
    if not marked:
        return 0, 0
    if marked[-1] - marked[0] < SNIPPET_WORDS:
        return marked[0], marked[-1]
    best, best_value = (0, 0), (-1, 0)
    inside = [0] * len(worths)
    worth = left = 0
    for right, (last, word) in enumerate(zip(marked, words, strict=True)):
        if not inside[word]:
            worth += worths[word]
        inside[word] += 1
        while last - marked[left] >= SNIPPET_WORDS:
            leaving = words[left]
            inside[leaving] -= 1
            if not inside[leaving]:
                worth -= worths[leaving]
            left += 1
        value = (worth, right - left)
        if value > best_value:
            best, best_value = (marked[left], last), value
    return best


def placed(first: int, last: int, words: int) -> tuple[int, int]:
    """The window, as (start, end) in tokens, that shows the marked tokens with a little of what goes before."""
    before = (SNIPPET_WORDS - (last - first + 1)) // 3
    start = max(0, first - before)
    if start <= LEAD_WORDS and last < SNIPPET_WORDS:
        start = 0
    end = min(words, start + SNIPPET_WORDS)
    return max(0, min(start, end - SNIPPET_WORDS)), end


def chains(steps: Sequence[Sequence[int]], slop: int) -> list[int]:
    """The tokens of every chain that takes one token of each step in order, at most `slop` others between two."""
    reached: dict[int, tuple[int, ...]] = {at: (at,) for at in steps[0]}
    for step in steps[1:]:
        longer: dict[int, tuple[int, ...]] = {}
        for at in step:
            before = next((other for other in range(at - 1, at - slop - 2, -1) if other in reached), None)
            if before is not None:
                longer[at] = (*reached[before], at)
        reached = longer
    return [at for chain in reached.values() for at in chain]
