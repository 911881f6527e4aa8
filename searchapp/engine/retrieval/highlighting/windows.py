"""Which part of a text a snippet shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

SNIPPET_WORDS: Final = 32
"""Two to three lines in the column of results. Less than `FIELD_GAP`, so that no window reaches over two fields."""
LEAD_WORDS: Final = 8
"""A window that would start within so many words of the beginning starts at the beginning."""
PLACE_SHIFT: Final = 32
"""A word's place on a page of hits is hit << 32 | position: one sorted integer, as in phrases."""

Spans = tuple[tuple[int, int], ...]
Numbers = NDArray[np.int64]


class Windows:
    """All windows over some texts that end with a marked word and reach as far back as a snippet does.

    `positions` are those of the marked words, text by text, and rising within a text.
    """

    def __init__(self, places: Numbers, words: Numbers, worths: Sequence[int] | Numbers) -> None:
        """Value all windows.

        Args:
            places: the marked words of all texts as text << `PLACE_SHIFT` | position, rising, none twice.
            words: which word of the query each of them is.
            worths: how much showing a word is worth, for each word of the query.
        """
        left = places.searchsorted(places - (SNIPPET_WORDS - 1))
        right = np.arange(len(places))
        values = right - left
        if len(worths) > 1:
            values += _worth_within(left, right, words, worths) * (len(places) + 1)
        self.positions: list[int] = (places & ((1 << PLACE_SHIFT) - 1)).tolist()
        self._left: list[int] = left.tolist()
        self._values: list[int] = values.tolist()

    def best(self, start: int, stop: int) -> tuple[int, int]:
        """The first and last marked position of the best window, of those that end with the marks [start, stop).

        Best is: most of the rarest words, then most matches, then nearest the beginning.
        """
        values = self._values[start:stop]
        right = start + values.index(max(values))
        return self.positions[self._left[right]], self.positions[right]


def _worth_within(left: Numbers, right: Numbers, words: Numbers, worths: Sequence[int] | Numbers) -> Numbers:
    """The sum of the worths of the words that stand in each window, each word counted once."""
    last_seen = np.full((len(worths), len(words)), -1, np.int32)
    last_seen[words, right] = right
    np.maximum.accumulate(last_seen, axis=1, out=last_seen)
    within: Numbers = np.array(worths) @ (last_seen >= left.astype(np.int32))
    return within


def placed(first: int, last: int, words: int) -> tuple[int, int]:
    """The window, as (start, end) in tokens, that shows the marked tokens with a little of what goes before."""
    start = first - (SNIPPET_WORDS - 1 - (last - first)) // 3
    if start < 0 or (start <= LEAD_WORDS and last < SNIPPET_WORDS):
        start = 0
    end = start + SNIPPET_WORDS
    return (start, end) if end <= words else (max(0, words - SNIPPET_WORDS), words)


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
