"""The cost of slips, for many words at once, against the plain definition."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchapp.engine.retrieval.spelling.spelling_costs import (
    CONFUSED,
    DOUBLED,
    NEIGHBOURS,
    OTHER,
    SWAPPED,
    WEAK,
    slip_counts,
    spelling_costs,
)
from searchapp.engine.retrieval.spelling.spelling_distance import distances

WORDS = st.text("اوبتضظقكغ", min_size=1, max_size=7)


def plain_distance(word: str, other: str) -> float:
    """Optimal string alignment, one cell after the other."""
    costs = spelling_costs()

    def alone(text: str, at: int) -> float:
        before = ord(text[at - 1]) if at else 0
        return float(costs.alone(np.array([ord(text[at])], np.uint32), np.array([before], np.uint32))[0])

    table = {(-1, -1): 0.0}
    for i in range(-1, len(word)):
        for j in range(-1, len(other)):
            ways = []
            if i >= 0:
                ways.append(table[i - 1, j] + alone(word, i))
            if j >= 0:
                ways.append(table[i, j - 1] + alone(other, j))
            if i >= 0 and j >= 0:
                letters = np.array([ord(other[j])], np.uint32)
                ways.append(table[i - 1, j - 1] + float(costs.instead(ord(word[i]), letters)[0]))
            swapped = i > 0 and j > 0 and word[i] == other[j - 1] and word[i - 1] == other[j] and word[i] != word[i - 1]
            if swapped:
                ways.append(table[i - 2, j - 2] + SWAPPED)
            if ways:
                table[i, j] = min(ways)
    return table[len(word) - 1, len(other) - 1]


@given(WORDS, st.lists(WORDS, max_size=6))
def test_all_words_at_once_cost_what_each_does(word: str, others: list[str]) -> None:
    expected = [plain_distance(word, other) for other in others]
    assert distances(word, others, spelling_costs()).tolist() == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(
    ("word", "other", "cost"),
    [
        ("ظابط", "ضابط", CONFUSED),
        ("رياط", "رياض", OTHER),
        ("مرسض", "مريض", NEIGHBOURS),
        ("نتنيهو", "نتنياهو", WEAK),
        ("محممد", "محمد", DOUBLED),
        ("الراحص", "الراحص", 0),
        ("الخراجيه", "الخارجيه", SWAPPED),
        ("قطر", "قطرس", OTHER),
    ],
)
def test_likely_slips_cost_less(word: str, other: str, cost: float) -> None:
    assert distances(word, [other], spelling_costs()).tolist() == pytest.approx([cost])


@pytest.mark.parametrize(
    ("typed", "meant", "slips"),
    [
        ("هوقتل", "هوقتل", 0),
        ("هوققتل", "هوقتل", 1),
        ("الرياظ", "الرياض", 1),
        ("الخراجيه", "الخارجيه", 1),
        ("بلينكين", "بلينكن", 1),
        ("هوققتل", "وقتل", 2),
        ("برظانيا", "بريطانيا", 2),
    ],
)
def test_every_slip_counts_one_however_common_it_is(typed: str, meant: str, slips: int) -> None:
    assert distances(typed, [meant], slip_counts()).tolist() == [slips]
