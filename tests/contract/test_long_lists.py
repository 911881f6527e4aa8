"""All hits of a request, streamed past every window: the same hits in the same order as its pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from searchapp.config import LIMITS
from searchapp.engine.protocol import IndexReader
from searchapp.errors import InvalidRequest, LimitExceeded
from searchapp.model import Hit, SearchRequest, Story

Build = Callable[..., IndexReader]
MakeStory = Callable[..., Story]
WORDS = ("غزة", "مصر", "الوزير", "قال")


@pytest.fixture
def reader(build: Build, story: MakeStory) -> IndexReader:
    """700 stories, more than two chunks; the later a story came into the archive, the older its date."""

    def body(number: int) -> str:
        return " ".join(word for bit, word in enumerate(WORDS) if number >> bit & 1) or "خبر"

    return build(
        story(number, body(number), outlet="أبج"[number % 3], day=f"{2024 - number // 100}-06-{1 + number % 28:02}")
        for number in range(1, 701)
    )


def streamed(reader: IndexReader, request: SearchRequest, **options: Any) -> list[Hit]:
    _, hits = reader.stream(request, **options)
    return list(hits)


def paged(reader: IndexReader, request: SearchRequest) -> list[Hit]:
    total = reader.search(request).total
    pages = range(1, -(-total // 100) + 1)
    hits = [hit for page in pages for hit in reader.search(replace(request, page=page, per_page=100)).hits]
    return hits[:total]


@pytest.mark.parametrize(
    "q", ["", "غزة", "غزة مصر", '"الوزير قال"', "غزة OR مصر -قال", "غز*", "غزة قنديل", "قنديل", "؟"]
)
@pytest.mark.parametrize("sort", ["relevance", "newest", "oldest"])
def test_the_stream_holds_what_the_pages_hold(reader: IndexReader, q: str, sort: Any) -> None:
    request = SearchRequest(q=q, sort=sort, sources=("أ", "ب"))
    result, hits = reader.stream(request)
    found = list(hits)
    assert found == paged(reader, request)
    assert len(found) == result.total
    whole = reader.search(request)
    assert (result.facets, result.query, result.relaxed) == (whole.facets, whole.query, whole.relaxed)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.integers(0, 720), st.one_of(st.none(), st.integers(0, 720)))
def test_a_part_of_the_stream_is_that_part(reader: IndexReader, start: int, count: int | None) -> None:
    whole = streamed(reader, SearchRequest(snippets=False))
    end = None if count is None else start + count
    assert streamed(reader, SearchRequest(snippets=False), start=start, count=count) == whole[start:end]


def test_page_and_window_play_no_part(reader: IndexReader) -> None:
    beyond = SearchRequest(q="غزة", page=LIMITS.results_window, per_page=LIMITS.per_page)
    assert streamed(reader, beyond) == streamed(reader, SearchRequest(q="غزة"))


def test_what_came_last_into_the_archive_comes_first(build: Build, story: MakeStory) -> None:
    reader = build(
        [story(1, "غزة", day="2024-06-25", sequence=9), story(2, "غزة", sequence=3), story(3, "غزة", sequence=7)]
    )
    found = streamed(reader, SearchRequest(q="غزة"), by_arrival=True)
    assert [(hit.rank, hit.story) for hit in found] == [(1, 1), (2, 3), (3, 2)]


def test_hits_that_lack_words_follow_where_all_are_counted(build: Build, story: MakeStory) -> None:
    reader = build([story(1, "غزة مصر"), story(2, "غزة"), story(3, "مصر")])
    result, hits = reader.stream(SearchRequest(q="غزة مصر"))
    assert (result.relaxed, result.total) == (True, 3)
    assert [hit.relaxed for hit in hits] == [False, True, True]


def test_hits_that_lack_words_change_no_score_where_they_are_not_counted(build: Build, story: MakeStory) -> None:
    words = "غزة", "مصر", "لبنان", "قمر", "بحر"
    whole = [story(n, " ".join(words[: 4 + n % 2])) for n in range(1, 13)]
    parts = [story(n, " ".join(words[:2])) for n in range(13, 43)]
    reader = build(whole + parts)
    request = SearchRequest(q=" ".join(words), per_page=100)
    page = reader.search(request)
    assert (page.total, page.lacking, page.relaxed) == (12, 30, False)
    expected = [(hit.id, hit.score) for hit in page.hits if not hit.relaxed]
    assert [(hit.id, hit.score) for hit in streamed(reader, request)] == expected


def test_what_is_wrong_with_a_request_is_told_before_the_first_hit(reader: IndexReader) -> None:
    with pytest.raises(InvalidRequest):
        reader.stream(SearchRequest(when=("2024-13",)))
    with pytest.raises(LimitExceeded):
        reader.stream(SearchRequest(sources=tuple(map(str, range(LIMITS.filter_values + 1)))))


def test_an_empty_index_has_an_empty_stream(build: Build) -> None:
    result, hits = build([]).stream(SearchRequest())
    assert (result.total, list(hits)) == (0, [])
