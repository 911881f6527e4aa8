"""The best documents of many postings: those that have most when everything is added up."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchapp import compiled
from searchapp.engine.retrieval.boolean import best_loops, best_of_unions, intersection_loops
from searchapp.engine.retrieval.boolean.best_loops import best_of_words
from searchapp.engine.retrieval.boolean.intersection_loops import add_scores
from searchapp.model import RankedStory, SearchRequest
from tests.index_samples import BACKEND, commit, gone, make_story, new_index

pytest.importorskip("numba")

DOCUMENTS = 3 << best_loops.WINDOW_BITS
CODES, FORMS = 40, 5
BASE = 7
FLAT = ("u4", "u2", "u2", "u4", "u2", "u2")


@pytest.fixture(autouse=True)
def compiled_loops() -> Iterator[None]:
    if not compiled.prepare(at_once=True):
        pytest.skip("compiled loops are switched off")
    yield
    compiled.stop()


class Postings:
    """Words of so many postings, a third of them mixed; with few steps, many score the same.

    As in an index, several forms stand in a mixed posting, and none gives more by itself than all do together.
    """

    def __init__(self, chance: np.random.Generator, lengths: list[int], steps: int, light: float) -> None:
        self.table = np.sort(np.round(chance.random(CODES) * steps) / steps + 0.1).astype(np.float32)
        self.stops = np.cumsum([0, *lengths]).tolist()
        rising = [np.sort(chance.choice(DOCUMENTS, length, replace=False)) for length in lengths]
        forms = chance.integers(0, FORMS * 3 // 2, self.stops[-1]).clip(0, FORMS)
        places = np.flatnonzero(forms == FORMS).repeat(2)
        codes = chance.integers(0, CODES, self.stops[-1])
        of_pairs = np.tile([0, 2], len(places) // 2) + chance.integers(0, 2, len(places))
        rest = of_pairs, (codes[places] * chance.random(len(places))).astype(np.int64)
        every = np.concatenate(rising), codes, forms, places, *rest
        self.arrays: list[Any] = [one.astype(width) for one, width in zip(every, FLAT, strict=True)]
        self.words: list[np.ndarray] = []
        self.most: list[float] = []
        for first, last in zip(self.stops, self.stops[1:], strict=False):
            own, exact = chance.choice([1.0, 3.0, 9.0]), chance.choice([0.0, 0.5])
            factors = np.full(FORMS + 1, own)
            factors[:2] += light
            factors[0] += exact
            numbers = first, last, *places.searchsorted([first, last]), FORMS
            known = [*(half for number in numbers for half in (0, number)), *factors, light]
            self.words.append(np.array(known, np.float32))
            self.most.append(own + light + exact)

    def scores(self, word: int) -> np.ndarray:
        """What the postings of a word give."""
        places = np.arange(self.stops[word], self.stops[word + 1])
        scores = np.zeros(len(places), np.float32)
        made: Any = add_scores.ready(*self.arrays[1:])
        made(*self.arrays[1:], self.table, self.words[word], places, scores)
        return scores

    def added_up(self) -> np.ndarray:
        """The sums of all documents."""
        sums = np.zeros(DOCUMENTS, np.float32)
        for word in range(len(self.words)):
            documents = self.arrays[0][self.stops[word] : self.stops[word + 1]]
            np.add.at(sums, documents.astype(np.intp), self.scores(word))
        return sums


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.lists(st.sampled_from((1, 60, 900, 12_000)), min_size=1, max_size=4),
    st.sampled_from((1, 10, 50)),
    st.sampled_from((2, 1_000_000)),
    st.sampled_from((0.0, 0.25)),
    st.booleans(),
    st.booleans(),
)
def test_the_best_are_those_that_have_most(
    seed: int, lengths: list[int], count: int, steps: int, light: float, some_deleted: bool, known: bool
) -> None:
    chance = np.random.default_rng(seed)
    made_up = Postings(chance, lengths, steps, light)
    sums = made_up.added_up()
    live = chance.random(BASE + DOCUMENTS) > 0.1 if some_deleted else np.empty(0, bool)
    if some_deleted:
        sums *= live[BASE:]
    highest = np.sort(sums[sums > 0])[::-1][:count]
    lowest = np.array([highest[-1] / 2 if known and len(highest) == count else 0.0], np.float64)
    found, scores = np.empty(DOCUMENTS, np.int64), np.empty(DOCUMENTS, np.float32)
    made: Callable[..., int] | None = best_of_words.ready(*made_up.arrays)
    assert made is not None
    gives = np.array([made_up.scores(word).max() for word in range(len(lengths))], np.float64) * (1 + 1e-5)
    most = (np.array(made_up.most) * (1 + 1e-5)).astype(np.float32)
    rest = gives, most, BASE, live, count, 1 - 1e-5, lowest, found, scores
    kept = made(*made_up.arrays, made_up.table, np.concatenate(made_up.words), *rest)
    assert len(set(found[:kept].tolist())) == kept
    assert scores[:kept].tolist() == sums[found[:kept] - BASE].tolist()
    assert np.sort(scores[:kept])[::-1][:count].tolist() == highest.tolist()
    if len(highest) == count:
        assert set((np.flatnonzero(sums >= highest[-1]) + BASE).tolist()) <= set(found[:kept].tolist())


def test_what_is_known_of_a_word_is_told_as_other_loops_have_it() -> None:
    names = ("START", "STOP", "PAIR", "LAST_PAIR", "FORMS", "FACTORS", "LOWER_BITS")
    assert [getattr(best_loops, name) for name in names] == [getattr(intersection_loops, name) for name in names]


WORDS = ("كتاب", "الكتاب", "كتابه", "وكتاب", "وزير", "الوزير", "غزة", "نص")
QUERIES = ("كتاب OR وزير OR غزة", "الكتاب OR نص", "كتابه وزير غزة نص جبل", "غزة OR title:وزير", "=كتاب OR غزة")


@pytest.mark.parametrize("some_deleted", [False, True])
def test_many_postings_are_ranked_as_few_are(tmp_path: Path, some_deleted: bool) -> None:
    chance, directory = random.Random(3), new_index(tmp_path / "1")
    for first, last in ((1, 150), (150, 260)):
        bodies = {number: " ".join(chance.choices(WORDS, k=chance.randint(1, 40))) for number in range(first, last)}
        commit(directory, *(make_story(number, body) for number, body in bodies.items()))
    if some_deleted:
        commit(directory, *(gone(number) for number in range(1, 260, 7)))

    def answers() -> list[tuple[RankedStory, ...]]:
        reader = BACKEND.open_reader(directory)
        return [reader.ranking(SearchRequest(q=query, per_page=20)).hits for query in QUERIES]

    few = answers()
    with patch.object(best_of_unions, "SKIPPED_FROM", 0):
        many = answers()
    compiled.stop()
    assert few == many == answers()
