"""Filters, facets, order, pages and the hits themselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from searchapp.engine.protocol import IndexReader
from searchapp.errors import InvalidRequest, LimitExceeded
from searchapp.model import UNKNOWN_OUTLET, Article, FacetName, SearchRequest, SearchResult, Snippet, Story

Build = Callable[..., IndexReader]
MakeStory = Callable[..., Story]
MakeCopy = Callable[..., Article]


def numbers(result: SearchResult) -> list[int]:
    return [hit.story for hit in result.hits]


def marks(found: Snippet | None) -> list[str]:
    return [found.text[start:end] for start, end in found.spans] if found else []


def buckets(result: SearchResult, facet: FacetName) -> list[tuple[str, int, bool]]:
    return [(bucket.value, bucket.count, bucket.selected) for bucket in result.facets[facet]]


@pytest.fixture
def reader(build: Build, story: MakeStory, copy: MakeCopy) -> IndexReader:
    return build(
        [
            story(1, "", copy("غزة خبر", "أ", "2024-06-25"), copy("غزة خبر", "ب", "2024-07-01")),
            story(2, "غزة", outlet="أ", day="2023-01-31"),
            story(3, "غزة", outlet="ب"),
            story(4, "غزة"),
            story(5, "مصر", outlet="ج", day="2024-06-25"),
        ]
    )


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"sources": ("أ",)}, {1, 2}),
        ({"sources": ("أ", "ب")}, {1, 2, 3}),
        ({"sources": (UNKNOWN_OUTLET,)}, {4}),
        ({"sources": ("لا أحد",)}, set()),
        ({"not_sources": ("أ",)}, {1, 3, 4}),
        ({"not_sources": ("أ", "ب")}, {4}),
        ({"date_from": date(2024, 6, 25)}, {1}),
        ({"date_to": date(2023, 1, 31)}, {2}),
        ({"date_from": date(2024, 6, 25), "date_to": date(2024, 6, 25)}, {1}),
        ({"when": ("2024",)}, {1}),
        ({"when": ("2024-07", "2023-01-31")}, {1, 2}),
        ({"undated": True}, {3, 4}),
        ({"undated": True, "when": ("2023",)}, {2, 3, 4}),
        ({"undated": True, "date_to": date(2024, 1, 1)}, set()),
    ],
)
def test_filters_take_what_they_say(reader: IndexReader, filters: dict[str, Any], found: set[int]) -> None:
    result = reader.search(SearchRequest(q="غزة", **filters))
    assert (set(numbers(result)), result.total) == (found, len(found))


def test_outlet_and_date_must_hold_on_the_same_copy(reader: IndexReader) -> None:
    assert reader.search(SearchRequest(q="غزة", sources=("أ",), when=("2024-07",))).total == 0
    assert reader.search(SearchRequest(q="غزة", sources=("ب",), when=("2024-07",))).total == 1


def test_a_hit_shows_date_and_outlets_of_the_copies_that_passed(reader: IndexReader) -> None:
    hit = reader.search(SearchRequest(q="غزة", sources=("ب",), when=("2024",))).hits[0]
    assert (hit.date, hit.outlets, hit.date_origin) == (date(2024, 7, 1), ("ب",), "declared")
    assert [one.outlet for one in hit.copies] == ["أ", "ب"]


def test_a_story_counts_once_in_every_outlet_that_ran_it(reader: IndexReader) -> None:
    result = reader.search(SearchRequest(q="غزة"))
    assert buckets(result, "outlet") == [("أ", 2, False), ("ب", 2, False), (UNKNOWN_OUTLET, 1, False)]
    assert result.total == 4


def test_the_outlet_facet_ignores_outlet_filters_and_keeps_what_is_selected(reader: IndexReader) -> None:
    result = reader.search(SearchRequest(q="غزة", sources=("أ", "ج"), when=("2024",)))
    assert buckets(result, "outlet") == [("أ", 1, True), ("ب", 1, False), ("ج", 0, True)]


def test_date_facets_ignore_the_dates_selected_but_keep_the_rest(reader: IndexReader) -> None:
    result = reader.search(SearchRequest(q="غزة", sources=("أ",), when=("2024-06",), date_from=date(2000, 1, 1)))
    assert buckets(result, "year") == [("2024", 1, False), ("2023", 1, False)]
    assert buckets(result, "month") == [("2024-06", 1, True), ("2023-01", 1, False)]
    assert buckets(result, "day") == [("2024-06-25", 1, False)]
    assert buckets(result, "undated") == []


def test_days_are_offered_when_everything_lies_in_one_month(reader: IndexReader) -> None:
    assert buckets(reader.search(SearchRequest(q="مصر")), "day") == [("2024-06-25", 1, False)]
    assert buckets(reader.search(SearchRequest(q="غزة")), "day") == []


def test_the_undated_are_counted_whatever_dates_are_selected(reader: IndexReader) -> None:
    assert buckets(reader.search(SearchRequest(q="غزة", when=("2024",))), "undated") == [("undated", 2, False)]
    assert buckets(reader.search(SearchRequest(q="مصر", undated=True)), "undated") == [("undated", 0, True)]


def test_facets_can_be_left_out(reader: IndexReader) -> None:
    assert reader.search(SearchRequest(q="غزة", facets=False)).facets == {}


def test_newest_and_oldest_go_by_the_earliest_passing_copy_with_the_undated_last(reader: IndexReader) -> None:
    assert numbers(reader.search(SearchRequest(q="غزة", sort="newest"))) == [1, 2, 3, 4]
    assert numbers(reader.search(SearchRequest(q="غزة", sort="oldest"))) == [2, 1, 3, 4]
    later = reader.search(SearchRequest(q="", sort="newest", not_sources=("أ",)))
    assert numbers(later)[:2] == [1, 5]


def test_an_empty_query_goes_by_date(reader: IndexReader) -> None:
    assert numbers(reader.search(SearchRequest())) == [1, 5, 2, 3, 4]


def test_equal_scores_go_by_date_then_number(build: Build, story: MakeStory) -> None:
    reader = build(
        [story(1, "غزة"), story(2, "غزة", day="2024-01-01"), story(3, "غزة"), story(4, "غزة", day="2024-05-01")]
    )
    assert numbers(reader.search(SearchRequest(q="غزة"))) == [4, 2, 1, 3]


def test_a_title_counts_more_than_a_body(build: Build, story: MakeStory) -> None:
    reader = build([story(1, "غزة هنا", title="مصر"), story(2, "مصر هنا", title="غزة")])
    assert numbers(reader.search(SearchRequest(q="غزة"))) == [2, 1]


def test_the_very_form_counts_more_than_another_form(build: Build, story: MakeStory) -> None:
    reader = build([story(1, "الكتاب هنا"), story(2, "كتاب هنا")])
    assert numbers(reader.search(SearchRequest(q="كتاب"))) == [2, 1]


def test_pages_follow_one_another_without_gap_or_overlap(build: Build, story: MakeStory) -> None:
    reader = build(story(number, "غزة") for number in range(1, 24))
    pages = [reader.search(SearchRequest(q="غزة", page=page, per_page=10)) for page in (1, 2, 3, 4)]
    assert [hit.story for page in pages for hit in page.hits] == list(range(1, 24))
    assert [hit.rank for hit in pages[1].hits] == list(range(11, 21))
    assert {page.total for page in pages} == {23}


@pytest.mark.parametrize(
    ("request_", "limit"),
    [
        (SearchRequest(per_page=101), "per_page"),
        (SearchRequest(page=1001, per_page=10), "results_window"),
        (SearchRequest(sources=tuple(map(str, range(201)))), "filter_values"),
        (SearchRequest(q="س" * 5000), "query_characters"),
    ],
)
def test_limits_are_named(reader: IndexReader, request_: SearchRequest, limit: str) -> None:
    with pytest.raises(LimitExceeded) as error:
        reader.search(request_)
    assert error.value.limit == limit


@pytest.mark.parametrize(
    ("request_", "parameter"),
    [
        (SearchRequest(page=0), "page"),
        (SearchRequest(per_page=0), "per_page"),
        (SearchRequest(when=("2024-13",)), "when"),
        (SearchRequest(when=("2023-02-29",)), "when"),
        (SearchRequest(when=("٢٠٢٤",)), "when"),
        (SearchRequest(sort="best"), "sort"),  # type: ignore[arg-type]
    ],
)
def test_values_that_make_no_sense_are_refused(reader: IndexReader, request_: SearchRequest, parameter: str) -> None:
    with pytest.raises(InvalidRequest) as error:
        reader.search(request_)
    assert error.value.parameter == parameter


def test_words_are_marked_whole_in_title_and_snippet(build: Build, story: MakeStory) -> None:
    reader = build([story(1, "وصل الوزيرُ إلى\n\nغزّة اليوم.", title="وغزة")])
    hit = reader.search(SearchRequest(q="غزة")).hits[0]
    assert hit.snippet
    assert hit.snippet.text == "وصل الوزيرُ إلى غزّة اليوم."
    assert marks(hit.snippet) == ["غزّة"]
    assert marks(hit.title) == ["وغزة"]


def test_a_snippet_shows_the_rarer_word(build: Build, story: MakeStory) -> None:
    filler = "حشو " * 60
    reader = build([story(1, f"غزة {filler} صاروخ {filler}"), *[story(n, "غزة") for n in range(2, 6)]])
    hit = reader.search(SearchRequest(q="غزة OR صاروخ")).hits[0]
    assert marks(hit.snippet) == ["صاروخ"]
    assert hit.snippet
    assert hit.snippet.leading
    assert hit.snippet.trailing


def test_snippets_can_be_left_out(reader: IndexReader) -> None:
    hit = reader.search(SearchRequest(q="غزة", snippets=False)).hits[0]
    assert hit.snippet is None


def test_the_query_is_written_out_as_understood(reader: IndexReader) -> None:
    understood = reader.search(SearchRequest(q="الكتاب AND غزة")).query
    assert understood.text == "الكتاب AND غزة"
    assert [term.forms for term in understood.terms] == [("الكتاب", "كتاب"), ("غزه",)]
