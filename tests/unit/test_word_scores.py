"""The scores of a word's postings, by whichever way they are found out, and the hits without what is shown of them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchapp.analysis.analyzer import default_analyzer
from searchapp.engine.backend import SegmentBackend
from searchapp.engine.reader import SegmentReader
from searchapp.engine.retrieval.boolean.intersection_loops import (
    FACTORS,
    FORMS,
    LAST_PAIR,
    PAIR,
    START,
    STOP,
    whole_number,
)
from searchapp.engine.retrieval.core.weights import TEXT_FIELDS, TextFieldName
from searchapp.engine.retrieval.terms import term_lists, word_lists
from searchapp.engine.retrieval.terms.flat_postings import FlatWord, known_of
from searchapp.engine.retrieval.terms.sought_terms import SoughtWord
from searchapp.engine.retrieval.terms.term_lists import TermLists
from searchapp.engine.retrieval.terms.word_lists import HEAD, WordList
from searchapp.model import SearchRequest
from tests.index_samples import commit, gone, make_story, new_index

WORDS = ("كتاب", "الكتاب", "كتابه", "وكتاب", "كتب", "وزير", "الوزير", "غزة", "نص", "طويل")
STORIES = 400


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three segments of stories in which the forms of a word stand side by side, some of them deleted."""
    chance, path = random.Random(5), new_index(tmp_path_factory.mktemp("words") / "i")
    for first in (0, STORIES // 2, STORIES - 40):
        last = STORIES // 2 if not first else STORIES
        stories = [
            make_story(number, " ".join(chance.choices(WORDS, k=30)), " ".join(chance.choices(WORDS, k=3)))
            for number in range(first + 1, last + 1)
        ]
        commit(path, *stories, *(gone(number) for number in range(first, first + 20, 7) if number))
    return path


@pytest.fixture
def reader(directory: Path) -> SegmentReader:
    return SegmentBackend().open_reader(directory)


def lists_of(reader: SegmentReader, text: str, fields: tuple[TextFieldName, ...]) -> Iterator[WordList]:
    forms = default_analyzer().forms(text)
    found, _ = TermLists(reader._snapshot).word(SoughtWord(forms.exact, forms.lemma, forms.light), fields)
    for one in found:
        assert isinstance(one, WordList)
        yield one


@pytest.mark.parametrize("fields", [TEXT_FIELDS, ("title",)])
@pytest.mark.parametrize("text", ["كتاب", "الوزير", "كتابه"])
def test_scores_of_some_postings_are_those_of_all(
    reader: SegmentReader, monkeypatch: pytest.MonkeyPatch, text: str, fields: tuple[TextFieldName, ...]
) -> None:
    monkeypatch.setattr(word_lists, "READ_THROUGH", 0)
    chance = np.random.default_rng(3)
    for number, one in enumerate(lists_of(reader, text, fields)):
        rows = np.sort(chance.choice(len(one), max(len(one) // 4 - 1, 0), replace=False))
        some = one.scores_at(rows)
        assert one.kept.scores.get(one._mark) is None
        assert some.tolist() == one.scores().take(rows).tolist()
        assert one.scores_at(rows[:0]).tolist() == []
        assert number < len(reader._snapshot.parts)


def test_where_positions_begin_is_the_same_whether_counted_through_or_from_the_nearest_skip(
    reader: SegmentReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    for one in lists_of(reader, "كتاب", TEXT_FIELDS):
        rows = np.arange(0, len(one), 3)
        through = [part.tolist() for part in one.source.position_bounds(rows)]
        with monkeypatch.context() as patch:
            patch.setattr(word_lists, "READ_THROUGH", 0)
            assert [part.tolist() for part in one.source.position_bounds(rows)] == through


def test_the_best_postings_of_a_word_are_kept_apart(reader: SegmentReader) -> None:
    for one in lists_of(reader, "كتاب", TEXT_FIELDS):
        by_score = np.sort(one.scores())[::-1]
        head = one.head()
        assert head is one.head()
        assert np.sort(head.matches.scores)[::-1].tolist() == by_score[: len(head.matches)].tolist()
        assert (head.highest, len(head.matches)) == (by_score[0], max(len(head.matches), min(len(one), HEAD)))


def test_what_is_kept_of_a_word_cannot_be_changed(reader: SegmentReader) -> None:
    [first, *_] = lists_of(reader, "كتاب", TEXT_FIELDS)
    with pytest.raises(ValueError, match="read-only"):
        first.scores()[0] = 1


@pytest.mark.parametrize(
    "query", ["كتاب", "كتاب وزير", "كتاب OR غزة", "كتاب AND الوزير AND غزة", '"نص طويل"', "كتا*", ""]
)
@pytest.mark.parametrize("page", [1, 3])
def test_a_ranking_is_the_hits_of_the_search(reader: SegmentReader, query: str, page: int) -> None:
    request = SearchRequest(q=query, page=page, per_page=7)
    result = reader.search(request)
    ranking = reader.ranking(replace(request, facets=False, snippets=False))
    assert ranking.hits == tuple((hit.rank, hit.id, hit.story, hit.score) for hit in result.hits)
    assert ranking.generation == result.generation


def test_words_are_found_again_as_they_were_found_first(reader: SegmentReader) -> None:
    requests = [SearchRequest(q=query) for query in ("كتاب OR وزير", "كتاب AND غزة", "=كتاب", "title:كتاب")]
    first = [reader.ranking(request).hits for request in requests]
    assert [reader.ranking(request).hits for request in requests * 2] == first * 2


def test_of_a_whole_word_nothing_is_kept_that_loops_have_no_need_of(reader: SegmentReader) -> None:
    """A server knows thousands of words, each anew in every segment."""
    for one in lists_of(reader, "كتاب", TEXT_FIELDS):
        assert one.whole is not None
        factors = one.whole.by_form().tolist()
        one.whole.known()
        assert one.whole.by_form().tolist() == factors
        assert one.whole._by_form is None
        assert len(one) == len(one.documents) == len(one.codes) == len(one.source.documents)
        assert one.source is not one.source
        assert one.stretches() == (one.source.stretch(),)


@given(st.integers(0, 1 << 47), st.integers(0, 1 << 30), st.integers(0, 1 << 47), st.integers(0, 1 << 30))
def test_loops_are_told_where_postings_lie_however_many_there_are(start: int, count: int, pair: int, more: int) -> None:
    lemmas = SimpleNamespace(forms=lambda *_: None, mixed=SimpleNamespace(pair_bounds=lambda *_: (pair, pair + more)))
    factors = np.array([0.1, 0.2, 0.3], np.float32)
    word = FlatWord(cast(Any, lemmas), (start, start + count), factors, factors, 0.7, 1.0)
    known = known_of([word])
    expected = {START: start, STOP: start + count, PAIR: pair, LAST_PAIR: pair + more, FORMS: len(factors) - 1}
    assert {at: int(whole_number(known, at)) for at in expected} == expected
    assert known[FACTORS:].tolist() == [*factors.tolist(), np.float32(0.7)]
    assert word.by_form().tolist() == factors.tolist()


def test_where_positions_begin_is_found_out_once_for_all_that_read_a_list(reader: SegmentReader) -> None:
    for one in lists_of(reader, "كتاب", TEXT_FIELDS):
        rows = np.arange(len(one))
        starts, stops = one.sources[0].position_bounds(rows)
        assert one.sources[0].bounds is not None
        assert one.sources[0].bounds.get(one.sources[0]._mark) is not None
        assert (starts < stops).all()


def test_of_kindred_words_loops_are_told_where_these_are_and_no_more(
    reader: SegmentReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    lemma = default_analyzer().forms("كتاب").lemma
    monkeypatch.setattr(term_lists, "kindred_terms", lambda _lemma: (lemma,))
    monkeypatch.setattr(term_lists, "is_prepared", lambda: False)
    by_numpy = TermLists(reader._snapshot).kindred(lemma, TEXT_FIELDS)
    monkeypatch.setattr(term_lists, "is_prepared", lambda: True)
    lists = TermLists(reader._snapshot)
    by_loops = lists.kindred(lemma, TEXT_FIELDS)
    assert by_loops.lists is None
    assert by_loops.stretches is not None
    assert by_numpy.stretches is not None
    assert [one[0] for one in by_loops.stretches.values()] == [one[0] for one in by_numpy.stretches.values()]
    assert [len(one) for one in lists.kindred_lists(lemma, TEXT_FIELDS)] == list(map(len, by_numpy.lists or ()))
    assert lists.kindred(lemma, TEXT_FIELDS).lists is not None
