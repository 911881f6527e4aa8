"""The array routines of retrieval against their plain meaning: the best hits, intersections, phrases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial, reduce
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from searchapp import compiled
from searchapp.engine.retrieval.boolean import unions
from searchapp.engine.retrieval.boolean.intersection import intersect
from searchapp.engine.retrieval.core.matches import AddedUp, Matches, not_below
from searchapp.engine.retrieval.facets.copies import UNDATED
from searchapp.engine.retrieval.phrases.phrases import DOCUMENT_SHIFT, phrase_ends
from searchapp.engine.retrieval.ranking.ranking import best
from searchapp.engine.retrieval.terms.word_lists import HEAD, Head
from searchapp.model import Sort

MOST = 20_000
seeds = st.integers(0, 2**32 - 1)


@pytest.fixture(autouse=True, scope="module")
def numpys_way() -> Iterator[None]:
    """What is made up here has not all that loops read."""
    with compiled.for_a_while():
        compiled.stop()
        yield


@settings(max_examples=150)
@given(
    seeds,
    st.sampled_from((0, 1, 63, 64, 65, 129, 1_000, MOST)),
    st.sampled_from((1, 10, 100, 1_000)),
    st.sampled_from((1, 3, 1_000_000)),
    st.sampled_from(("relevance", "newest", "oldest")),
)
def test_the_best_are_the_first_of_all_sorted(seed: int, matching: int, count: int, distinct: int, sort: Sort) -> None:
    """With few distinct scores and days, most hits are equal in both and go by their story."""
    chance = np.random.default_rng(seed)
    documents = np.sort(chance.choice(MOST, matching, replace=False))
    scores = chance.integers(0, distinct, matching).astype(np.float32)
    days = chance.integers(UNDATED, min(distinct, 700_000) + 1, MOST).astype(np.int32)
    stories = chance.permutation(MOST)

    def key(at: int) -> tuple[float, ...]:
        score, day, story = float(scores[at]), int(days[documents[at]]), int(stories[documents[at]])
        if sort == "relevance":
            return -score, -day, story
        return day == UNDATED, day if sort == "oldest" else -day, -score, story

    found = best(Matches(documents, scores), days, stories, sort, count)
    expected = sorted(range(matching), key=key)[:count]
    assert found.documents.tolist() == documents[expected].tolist()
    assert found.scores.tolist() == scores[expected].tolist()


@settings(max_examples=100)
@given(seeds, st.sampled_from((0, 1, 64, 101, 900, MOST)), st.sampled_from((1, 10, 50)), st.booleans())
@example(0, 101, 50, True)
def test_what_is_added_up_matches_where_it_is_not_0(seed: int, matching: int, count: int, side_by_side: bool) -> None:
    chance = np.random.default_rng(seed)
    documents = np.arange(matching) if side_by_side else np.sort(chance.choice(MOST, matching, replace=False))
    sums = np.zeros(MOST, np.float32)
    sums[documents] = chance.integers(1, 1_000, matching)
    highest = AddedUp(sums).highest(count)
    best = documents[np.argsort(-sums[documents], kind="stable")[:count]]
    assert set(best.tolist()) <= set(highest.documents.tolist())
    assert highest.scores.tolist() == sums[highest.documents].tolist()
    assert (highest.scores > 0).all()
    matches = AddedUp(sums)
    assert (len(matches), matches.documents.tolist()) == (matching, documents.tolist())
    assert matches.scores.tolist() == sums[documents].tolist()


@dataclass(frozen=True, slots=True)
class MadeUpList:
    """The postings of a word, as `WordList` has them."""

    documents: NDArray[np.uint32]
    given: NDArray[np.float32]
    base: int
    whole: None = None

    def __len__(self) -> int:
        return len(self.documents)

    def scores(self) -> NDArray[np.float32]:
        return self.given

    def scores_at(self, rows: NDArray[np.intp]) -> NDArray[np.float32]:
        return self.given.take(rows)

    def head(self) -> Head:
        rows = not_below(self.given, HEAD)
        matches = Matches(self.documents.take(rows).astype(np.intp) + self.base, self.given.take(rows))
        return Head(matches, float(matches.scores.max()), float(matches.scores.min()))

    def bounds(self) -> tuple[float, float]:
        return self.head()[1:]

    def count(self, values: NDArray[np.int64], width: int) -> NDArray[np.int64]:
        return np.bincount(values[self.base :].take(self.documents), minlength=width)


@settings(max_examples=150)
@given(
    seeds,
    st.lists(st.tuples(st.sampled_from((1, 30, 400, 5_000)), st.sampled_from((1, 3, 9))), min_size=1, max_size=4),
    st.sampled_from((1, 10, 50, 200)),
    st.sampled_from((0, 100, 1 << 12)),
    st.integers(1, 2),
)
def test_a_union_has_the_best_of_all_that_any_word_has(
    seed: int, words: list[tuple[int, int]], count: int, most: int, segments: int
) -> None:
    """Words of which some can give much more than others, so that some need not be added up."""
    chance = np.random.default_rng(seed)
    size = MOST // segments
    lists = [
        MadeUpList(
            np.sort(chance.choice(size, length, replace=False)).astype(np.uint32),
            (worth + chance.random(length)).astype(np.float32),
            number * size,
        )
        for length, worth in words
        for number in range(segments)
    ]
    sums = np.zeros(MOST, np.float32)
    for one in lists:
        sums[one.documents.astype(np.intp) + one.base] += one.given
    snapshot = SimpleNamespace(documents=MOST, marks=partial(np.zeros, MOST, bool))
    with patch.multiple(unions, SKIPPED_FROM=0, MOST_CANDIDATES=most):
        union = unions.Union(cast(Any, lists), cast(Any, snapshot))
        highest = union.highest(count)
    standing = np.flatnonzero(sums)
    best = standing[np.argsort(-sums[standing], kind="stable")[:count]]
    lowest = sums[best].min()
    assert set(np.flatnonzero(sums > lowest).tolist()) <= set(highest.documents.tolist())
    assert np.count_nonzero(highest.scores >= lowest) >= len(best)
    assert highest.scores.tolist() == sums[highest.documents].tolist()
    values = chance.integers(0, 7, MOST)
    assert union.count(values, 7).tolist() == np.bincount(values[standing], minlength=7).tolist()
    assert (len(union), union.documents.tolist()) == (len(standing), standing.tolist())
    assert union.scores.tolist() == sums[standing].tolist()


@settings(max_examples=150)
@given(seeds, st.lists(st.sampled_from((0, 1, 5, 40, 47, 48, 49, 700, 5_000)), min_size=1, max_size=5))
def test_an_intersection_is_that_of_sets_with_each_entrys_place(seed: int, lengths: list[int]) -> None:
    """The lengths lie on both sides of where lists are searched and where they are read through."""
    chance = np.random.default_rng(seed)
    highest = int(chance.integers(max(*lengths, 50), MOST))
    lists = [np.sort(chance.choice(highest, length, replace=False)).astype(np.uint32) for length in lengths]
    marks = np.zeros(highest, bool)
    common, places = intersect(lists, marks)
    assert common.tolist() == reduce(np.intersect1d, lists).tolist()
    assert [each.take(place).tolist() for each, place in zip(lists, places, strict=True)] == [common.tolist()] * len(
        lists
    )
    assert not marks.any()


def test_the_intersection_of_one_list_with_itself_is_the_list() -> None:
    every = np.arange(0, 3_000, 3, dtype=np.uint32)
    common, places = intersect([every, every, every], np.zeros(3_000, bool))
    assert common.tolist() == every.tolist()
    assert [place.tolist() for place in places] == [list(range(1_000))] * 3


texts = st.lists(st.text("قشب", max_size=14), min_size=1, max_size=4)
phrases = st.text("قشب", min_size=1, max_size=4)


@settings(max_examples=300)
@given(texts, phrases, st.integers(0, 3))
@example(["ققق"], "قق", 0)
@example(["قشقشب", ""], "قشب", 2)
@example(["ق", "ش"], "قش", 3)
def test_a_phrase_ends_where_a_chain_of_its_words_does(documents: list[str], phrase: str, slop: int) -> None:
    """Each letter is a word; no phrase reaches from one document into the next."""
    places = [
        np.array(
            [
                at << DOCUMENT_SHIFT | spot
                for at, text in enumerate(documents)
                for spot, c in enumerate(text)
                if c == word
            ],
            np.int64,
        )
        for word in phrase
    ]
    found = [(int(end) >> DOCUMENT_SHIFT, int(end) % (1 << DOCUMENT_SHIFT)) for end in phrase_ends(places, slop)]
    expected = [
        (at, end) for at, text in enumerate(documents) for end in range(len(text)) if ends(text, phrase, end, slop)
    ]
    assert found == expected


def ends(text: str, phrase: str, end: int, slop: int) -> bool:
    """Whether the phrase's last word stands here, and all before it in their order within reach of each other."""
    if text[end] != phrase[-1]:
        return False
    if len(phrase) == 1:
        return True
    return any(ends(text, phrase[:-1], before, slop) for before in range(max(0, end - slop - 1), end))
