"""Compiled loops learn from texts what numpy's way learns."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchapp import compiled
from searchapp.variants.building import judge_texts
from searchapp.variants.candidates import Candidates, candidates
from searchapp.variants.evidence import OCCURRENCES, REACH, WIDE_FRAME, Stream, company, shared_frames
from searchapp.variants.shapes import shapes_of
from tests.variant_samples import reprints

pytest.importorskip("numba")

WORDS = st.lists(st.text("اويءئنهلسغجتط\ud800xé", max_size=12), max_size=8)
ALIKE = st.lists(st.text("اويغجسصنه", min_size=2, max_size=7), max_size=30, unique=True)


@pytest.fixture(autouse=True)
def switched_off_again(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv(compiled.SWITCH, raising=False)
    yield
    compiled.stop()


def both_ways(find: Callable[[], Any]) -> tuple[Any, Any]:
    """What is found by loops and by numpy's way, as lists of the fields' values."""
    found = []
    for prepare in (lambda: compiled.prepare(at_once=True), compiled.stop):
        prepare()
        value = find()
        found.append([np.asarray(getattr(value, field.name)).tolist() for field in fields(value)])
    return found[0], found[1]


@given(WORDS)
def test_words_are_taken_apart_alike(words: list[str]) -> None:
    by_loop, by_numpy = both_ways(lambda: shapes_of(words))
    assert by_loop == by_numpy


@given(ALIKE)
def test_the_same_pairs_are_candidates(words: list[str]) -> None:
    by_loop, by_numpy = both_ways(lambda: candidates(dict(enumerate(words))))
    assert by_loop == by_numpy


@settings(max_examples=50)
@given(st.lists(st.lists(st.integers(0, 6), max_size=30), max_size=8), st.booleans())
def test_the_same_evidence_is_seen(texts: list[list[int]], are_many: bool) -> None:
    outside = 7
    pad = [outside] * REACH
    words = [number for text in texts for number in (*pad, *text)] * (OCCURRENCES if are_many else 1) + pad
    stream = Stream(np.array(words, np.int32), np.bincount(words, minlength=outside + 1))
    pairs = Candidates(np.array([0, 3, 1]), np.array([1, 2, 5]), np.zeros((3, 7), np.uint8))
    by_loop, by_numpy = both_ways(lambda: company(stream, pairs))
    assert by_loop == by_numpy
    frames = []
    for prepare in (lambda: compiled.prepare(at_once=True), compiled.stop):
        prepare()
        frames.append(shared_frames(stream, pairs, WIDE_FRAME).tolist())
    assert frames[0] == frames[1]


def sample() -> list[str]:
    """Reprints of two spellings, and texts of words with affixes, in two forms, and of none."""
    chance = random.Random(1)
    forms = ["كتاب", "والكتاب", "بكتابه", "مدرسة", "مدرستهم", "المدارس", "فيرجسون", "شؤون", "شئون", "abc", "12"]
    return [*reprints("زرنتيمو", "زرنتايمو"), *(" ".join(chance.choices(forms, k=30)) for _ in range(20)), "", "..."]


@pytest.mark.parametrize("texts", [[], [""], sample()])
def test_the_same_is_learnt(texts: list[str]) -> None:
    judged = []
    for prepare in (lambda: compiled.prepare(at_once=True), compiled.stop):
        prepare()
        judged.append(judge_texts(texts, lambda terms: [len(term) < 5 for term in terms], is_name=lambda term: True))
    by_loop, by_numpy = judged
    for name in ("terms", "term_counts"):
        assert getattr(by_loop.words, name).tolist() == getattr(by_numpy.words, name).tolist()
    assert by_loop.words.stream.words.tolist() == by_numpy.words.stream.words.tolist()
    assert by_loop.words.stream.counts.tolist() == by_numpy.words.stream.counts.tolist()
    assert by_loop.evidence.pairs.first.tolist() == by_numpy.evidence.pairs.first.tolist()
    assert by_loop.similarity.tolist() == by_numpy.similarity.tolist()
