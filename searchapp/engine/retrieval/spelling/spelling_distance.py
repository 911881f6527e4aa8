"""The cost of making one word out of another by slips, for many words at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.retrieval.spelling.spelling_costs import SpellingCosts
from searchapp.engine.storage.text_store import code_points

Costs = NDArray[np.float32]


def distances(word: str, others: Sequence[str], costs: SpellingCosts) -> Costs:
    """The weighted edit distance between a word and each of some others.

    Optimal string alignment (Damerau-Levenshtein where no piece is edited twice), row by row over all words together.
    """
    if not others:
        return np.zeros(0, np.float32)
    width = max(map(len, others))
    letters = code_points([other.ljust(width, "\0") for other in others]).reshape(len(others), width).T.copy()
    before = np.concatenate([np.zeros((1, len(others)), np.uint32), letters[:-1]])
    added = np.stack([costs.alone(row, left) for row, left in zip(letters, before, strict=True)])
    points = code_points([word]).tolist()
    lost = costs.alone(np.array(points, np.uint32), np.array([0, *points[:-1]], np.uint32)).tolist()
    rows = _table(points, lost, letters, added, costs)
    lengths = np.fromiter(map(len, others), np.int64, len(others))
    found: Costs = np.stack(rows)[lengths, np.arange(len(others))]
    return found


def _table(
    points: list[int], lost: list[float], letters: NDArray[np.uint32], added: Costs, costs: SpellingCosts
) -> list[Costs]:
    """The last row of the table: the cost of making each beginning of the others out of the whole word.

    `points` are the word's code points, and `lost` what leaving each of them out costs; `letters` the others' code
    points, a row a place, and `added` what putting each of those in costs.
    """
    previous: list[Costs] = [np.zeros(letters.shape[1], np.float32), *np.cumsum(added, axis=0)]
    older: list[Costs] = []
    for at, point in enumerate(points):
        row = [previous[0] + np.float32(lost[at])]
        for place, others in enumerate(letters):
            best = np.minimum(previous[place + 1] + np.float32(lost[at]), row[place] + added[place])
            np.minimum(best, previous[place] + costs.instead(point, others), out=best)
            if at and place:
                swapped = (others == points[at - 1]) & (letters[place - 1] == point) & (point != points[at - 1])
                cheaper = older[place - 1] + np.float32(costs.swapped)
                np.copyto(best, cheaper, where=swapped & (cheaper < best))
            row.append(best)
        older, previous = previous, row
    return previous
