"""Queries that are asked again are not read again, and nothing of one request is seen in the answer to another."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from searchapp import compiled
from searchapp.analysis.analyzer import default_analyzer
from searchapp.config import LIMITS
from searchapp.engine.backend import SegmentBackend
from searchapp.engine.protocol import IndexReader
from searchapp.engine.retrieval.core.weights import WEIGHTS
from searchapp.engine.retrieval.readings import READINGS_BYTES, Readings
from searchapp.errors import LimitExceeded
from searchapp.model import SearchRequest, SearchResult
from tests.index_samples import BACKEND, answer, commit, make_story, new_index


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    directory = new_index(tmp_path / "1")
    commit(directory, make_story(1, "المدينة الجديدة"), make_story(2, "كتاب في المدينة"))
    return directory


@pytest.fixture
def reader(directory: Path) -> IndexReader:
    return BACKEND.open_reader(directory)


def readings() -> Readings:
    return Readings(default_analyzer(), None)


def codes(result: SearchResult) -> list[str]:
    return [note.code for note in result.query.notes]


def test_the_same_query_is_read_once() -> None:
    kept = readings()
    first = kept.read(SearchRequest(q="كتاب جديد"), LIMITS)
    assert kept.read(SearchRequest(q="كتاب جديد", page=2, sort="newest"), LIMITS) is first
    assert [leaf.text for leaf in first.marked] == ["كتاب", "جديد"]


def test_what_changes_its_words_makes_it_another_query() -> None:
    kept = readings()
    requests = [SearchRequest(q="كتاب"), SearchRequest(q="كتاب", exact=True), SearchRequest(q="كتاب", field="title")]
    leaves = [kept.read(request, LIMITS).marked[0] for request in requests]
    assert [(leaf.exact, leaf.title) for leaf in leaves] == [(False, False), (True, False), (False, True)]


def test_with_limits_of_its_own_a_query_is_read_by_these() -> None:
    kept = readings()
    request = SearchRequest(q="كتاب جديد")
    first = kept.read(request, LIMITS)
    narrow = kept.read(request, replace(LIMITS, query_terms=1))
    assert [note.code for note in narrow.parsed.notes] == ["too_many_words"]
    with pytest.raises(LimitExceeded):
        kept.read(request, replace(LIMITS, query_characters=3))
    assert kept.read(request, LIMITS) is first


def test_queries_take_bounded_memory() -> None:
    kept = readings()
    for number in range(3000):
        kept.read(SearchRequest(q=f"{number} " + "كلمة " * 20), LIMITS)
    assert kept._kept._size <= READINGS_BYTES


def test_a_note_on_one_request_is_not_told_of_the_next(reader: IndexReader) -> None:
    recent = reader.search(SearchRequest(q="المدينة", recency=7))
    assert (codes(recent), codes(reader.search(SearchRequest(q="المدينة")))) == (["ranked_by_recency"], [])


def test_what_is_told_of_a_query_is_told_again(reader: IndexReader) -> None:
    first, second = (reader.search(SearchRequest(q="كتاب في المدينة", page=page)) for page in (1, 2))
    assert first.query == second.query
    assert codes(second) == ["stop_words_dropped"]


@pytest.mark.parametrize("query", ["كتاب OR المدينة", "كتاب OR المدينة OR الجديدة OR غائب"])
def test_a_query_is_ranked_as_before_when_other_weights_were_tried(directory: Path, query: str) -> None:
    reader = SegmentBackend().open_reader(directory)
    request, others = SearchRequest(q=query), replace(WEIGHTS, lemma=3 * WEIGHTS.lemma)
    first, tried = reader.ranking(request), reader.ranking(request, others)
    assert [reader.ranking(request) for _ in range(3)] == [first] * 3
    assert reader.ranking(request, others) == tried != first


def test_after_a_commit_a_prefix_stands_for_new_words(directory: Path, reader: IndexReader) -> None:
    request = SearchRequest(q="كت*")
    before = reader.search(request).query.terms[0].forms
    commit(directory, make_story(3, "كتلة"))
    after = BACKEND.open_reader(directory).search(request).query.terms[0].forms
    assert set(after) - set(before) == {"كتله"}
    assert reader.search(request).query.terms[0].forms == before


@pytest.mark.parametrize("by_loops", [False, True])
@pytest.mark.parametrize(
    "query",
    ["المدينة OR كتاب", "المدينة AND كتاب", "المدينة كتاب", 'كتاب المدينة "في المدينة"', "في OR (كتاب AND المدينة)"],
)
def test_what_is_kept_of_a_query_gives_the_same_answer(reader: IndexReader, query: str, by_loops: bool) -> None:
    if by_loops and not compiled.prepare(at_once=True):
        pytest.skip("numba is not installed")
    try:
        results = [reader.search(SearchRequest(q=query, explain=True)) for _ in range(4)]
    finally:
        compiled.stop()
    answers = list(map(answer, results))
    assert answers[1:] == answers[:1] * 3
    by_numpy = reader.search(SearchRequest(q=query))
    assert [hit.id for hit in by_numpy.hits] == [hit.id for hit in results[0].hits]
