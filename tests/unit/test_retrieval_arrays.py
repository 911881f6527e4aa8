"""The array routines of retrieval against their plain meaning: the best hits, intersections, phrases."""

from __future__ import annotations

from functools import reduce

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from searchapp.engine.retrieval.copies import UNDATED
from searchapp.engine.retrieval.intersection import intersect
from searchapp.engine.retrieval.matches import Matches
from searchapp.engine.retrieval.phrases import DOCUMENT_SHIFT, phrase_ends
from searchapp.engine.retrieval.ranking import best
from searchapp.model import Sort

MOST = 20_000
seeds = st.integers(0, 2**32 - 1)


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
    highest = Matches.added_up(sums).highest(count)
    best = documents[np.argsort(-sums[documents], kind="stable")[:count]]
    assert set(best.tolist()) <= set(highest.documents.tolist())
    assert highest.scores.tolist() == sums[highest.documents].tolist()
    assert (highest.scores > 0).all()
    matches = Matches.added_up(sums)
    assert (len(matches), matches.documents.tolist()) == (matching, documents.tolist())
    assert matches.scores.tolist() == sums[documents].tolist()


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
