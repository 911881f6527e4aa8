"""What it costs to take one letter for another: the slips of Arabic writers, and of fingers on a keyboard.

Letters are those of exact forms, in which أ إ آ ا, ى ي and ة ه are one letter each, so that these cost nothing.
"""

from __future__ import annotations

from functools import cache
from itertools import combinations, pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from searchapp.query.keyboard import ROWS

CONFUSED: Final = 0.4
"""Letters that sound alike, or that outlets use for the same foreign sound."""
NEIGHBOURS: Final = 0.75
"""Letters side by side on the keyboard."""
SWAPPED: Final = 0.7
"""Two letters in each other's place."""
DOUBLED: Final = 0.5
"""A letter once instead of twice, or twice instead of once."""
WEAK: Final = 0.6
"""A long vowel, hamza or final heh too many or too few."""
OTHER: Final = 1.0

WEAK_LETTERS: Final = "اويهءئؤ"
CONFUSED_LETTERS: Final = (
    "ضظ", "ضد", "ذزد", "ذظ", "زظ", "تط", "هت", "سصث", "ثت", "قكغ", "غج", "كج", "قج", "حه", "حخ", "ءئيا", "ؤوا", "بپ",
    "فڤ", "جچش", "كگغ",
)  # fmt: skip
"""Groups of letters of which any is written for any other."""


class SpellingCosts:
    """The costs as a table over letter codes; code 0 is every letter that no slip is known of."""

    def __init__(self, vowels: float = WEAK, doubled: float = DOUBLED, swapped: float = SWAPPED) -> None:
        """`vowels` is what a weak letter too many or too few costs, `doubled` one twice, `swapped` two that change."""
        self._vowels, self._doubled, self.swapped = vowels, min(doubled, vowels), swapped
        pairs = dict(self._pairs())
        letters = sorted({letter for pair in pairs for letter in pair})
        self._codes = {ord(letter): code for code, letter in enumerate(letters, start=1)}
        self._lookup = np.zeros(max(self._codes) + 2, np.uint8)
        self._lookup[list(self._codes)] = list(self._codes.values())
        self._table = np.full((len(letters) + 1, len(letters) + 1), OTHER, np.float32)
        for (left, right), cost in pairs.items():
            self._table[self._codes[ord(left)], self._codes[ord(right)]] = cost
        self._weak = np.array([ord(letter) for letter in WEAK_LETTERS], np.uint32)

    def instead(self, letter: int, letters: NDArray[np.uint32]) -> NDArray[np.float32]:
        """The cost of each of some letters in the place of one; all are code points."""
        row: NDArray[np.float32] = self._table[self._codes.get(letter, 0)]
        found = row.take(self._lookup.take(np.minimum(letters, len(self._lookup) - 1)))
        found[letters == letter] = 0
        return found

    def alone(self, letters: NDArray[np.uint32], before: NDArray[np.uint32]) -> NDArray[np.float32]:
        """The cost of each letter that is too many or too few behind another."""
        found = np.where(np.isin(letters, self._weak), np.float32(self._vowels), np.float32(OTHER))
        found[letters == before] = self._doubled
        return found

    def _pairs(self) -> list[tuple[tuple[str, str], float]]:
        """Costs of pairs of letters both ways round, the cheapest of a pair last."""
        keys = [(left, right) for row in ROWS[:3] for side in row for left, right in pairwise(side)]
        neighbours = [(pair, NEIGHBOURS) for pair in keys if "".join(pair).isalpha()]
        confused = [(pair, CONFUSED) for group in CONFUSED_LETTERS for pair in combinations(group, 2)]
        return [(way, cost) for pair, cost in neighbours + confused for way in (pair, pair[::-1])]


class SlipCounts(SpellingCosts):
    """Costs by which a distance is a number of slips: each costs one."""

    def __init__(self) -> None:
        super().__init__(OTHER, OTHER, OTHER)

    def _pairs(self) -> list[tuple[tuple[str, str], float]]:
        return [(pair, OTHER) for pair, _ in super()._pairs()]


@cache
def spelling_costs() -> SpellingCosts:
    """The costs of misspellings."""
    return SpellingCosts()


@cache
def slip_counts() -> SlipCounts:
    """The costs by which slips are counted."""
    return SlipCounts()
