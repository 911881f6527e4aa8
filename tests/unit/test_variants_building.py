"""Which words the texts of an archive show to be one word in two spellings, and which they do not."""

from __future__ import annotations

import random
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchapp.variants.building import JudgedPairs, judge_texts
from searchapp.variants.candidates import Candidates
from searchapp.variants.evidence import REACH, WIDE_FRAME, Stream, company, shared_frames
from tests.variant_samples import reprints, sentence


def strangers(one: str, other: str, count: int = 12) -> list[str]:
    """Stories about two different words: none of them shares its sentences, nor its company."""
    theirs = {one: ["كرة", "ملعب", "هدف", "مدرب", "مباراة"], other: ["محكمة", "قاض", "حكم", "قانون", "دعوى"]}
    return [
        " ".join(
            [*random.Random(seed).choices(theirs[word], k=5), word, *random.Random(-seed).choices(theirs[word], k=5)]
        )
        for word in (one, other)
        for seed in range(count)
    ]


def linked(texts: list[str], *known: str) -> set[frozenset[str]]:
    return links_of(judge_texts(texts, lambda terms: [term in known for term in terms]))


def links_of(judged: JudgedPairs) -> set[frozenset[str]]:
    pairs = judged.evidence.pairs
    return {
        frozenset((judged.words.term(int(pairs.first[place])), judged.words.term(int(pairs.second[place]))))
        for place in np.flatnonzero(judged.accepted)
    }


def test_two_transcriptions_of_a_foreign_name_are_linked() -> None:
    assert linked(reprints("زرنتيمو", "زرنتايمو")) == {frozenset(("زرنتيمو", "زرنتايمو"))}


def test_known_words_are_linked_when_outlets_put_one_for_the_other() -> None:
    texts = reprints("غوميز", "جوميز")
    assert linked(texts, "غوميز", "جوميز") == {frozenset(("غوميز", "جوميز"))}


def test_a_long_foreign_name_is_linked_by_its_letters_where_no_dictionary_has_it() -> None:
    texts = strangers("زرنتمولي", "زرنتيمولي")
    assert linked(texts) == set()
    assert links_of(judge_texts(texts, lambda terms: [False] * len(terms), is_name=lambda _: True)) == {
        frozenset(("زرنتمولي", "زرنتيمولي"))
    }


def test_known_names_in_other_company_are_not_linked() -> None:
    assert linked(strangers("سلمان", "سليمان"), "سلمان", "سليمان") == set()


def test_unknown_words_in_other_company_are_not_linked() -> None:
    assert linked(strangers("بلغور", "بلجور")) == set()


def test_a_known_name_that_shares_one_sentence_of_many_is_not_linked() -> None:
    texts = [*strangers("سلمان", "سليمان", 60), *reprints("سلمان", "سليمان", 1)]
    assert linked(texts, "سلمان", "سليمان") == set()


def test_a_link_has_its_evidence_and_a_similarity() -> None:
    judged = judge_texts(reprints("زرنتيمو", "زرنتايمو"), lambda terms: [False] * len(terms))
    (place,) = np.flatnonzero(judged.accepted)
    assert judged.evidence.frames[place] >= 5
    assert judged.evidence.gain[place] > 0
    assert 0.5 <= judged.similarity[place] <= 1


@pytest.mark.parametrize("texts", [[], [""], ["hello world"], ["كلمة"], ["زرنتيمو زرنتايمو"]])
def test_archives_with_nothing_to_learn_from_give_no_links(texts: list[str]) -> None:
    assert linked(texts) == set()


def test_the_same_texts_give_the_same_links() -> None:
    texts = [*reprints("زرنتيمو", "زرنتايمو"), *reprints("غوغل", "جوجل")]
    first, second = (judge_texts(texts, lambda terms: [False] * len(terms)) for _ in range(2))
    assert links_of(first) == links_of(second)
    assert first.similarity.tolist() == second.similarity.tolist()


def test_texts_beyond_the_bound_are_not_read() -> None:
    read = 0

    def endless() -> Iterator[str]:
        nonlocal read
        while True:
            read += 1
            yield sentence("زرنتيمو", read)

    judge_texts(endless(), lambda terms: [False] * len(terms), most_words=10_000)
    assert read <= 10_000 / 10 + 256


@given(st.lists(st.lists(st.integers(0, 4), max_size=12), max_size=6))
def test_shared_frames_are_those_that_a_reader_counts(texts: list[list[int]]) -> None:
    outside = 5
    pad = [outside] * REACH
    words = [number for text in texts for number in (*pad, *text)] + pad
    stream = Stream(np.array(words, np.int32), np.bincount(words, minlength=outside + 1))
    pairs = Candidates(np.array([0, 3]), np.array([1, 2]), np.zeros((2, 7), np.uint8))
    frames: dict[int, set[tuple[int, ...]]] = {number: set() for number in range(outside)}
    for text in texts:
        for at in range(2, len(text) - 2):
            frames[text[at]].add(tuple(text[at + offset] for offset in WIDE_FRAME))
    expected = [len(frames[0] & frames[1]), len(frames[3] & frames[2])]
    assert shared_frames(stream, pairs, WIDE_FRAME).tolist() == expected


def test_the_same_company_has_cosine_one_and_a_gain() -> None:
    text = [2, 3, 0, 4, 5, 6, 7, 8, 9, 2, 3, 1, 4, 5, 6, 7, 8, 9]
    words = [10] * REACH + text[:9] + [10] * REACH + text[9:] + [10] * REACH
    stream = Stream(np.array(words, np.int32), np.bincount(words))
    measured = company(stream, Candidates(np.array([0, 0]), np.array([1, 9]), np.zeros((2, 7), np.uint8)))
    assert measured.cosine[0] == pytest.approx(1)
    assert measured.gain[0] > 0 > measured.gain[1]
