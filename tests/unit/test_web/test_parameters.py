"""The URL of a search and the request that it stands for."""

from __future__ import annotations

from datetime import date
from urllib.parse import parse_qsl

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from searchapp.config import LIMITS
from searchapp.errors import InvalidRequest, LimitExceeded
from searchapp.model import SearchRequest
from searchapp.web.parameters import NAMES, default_sort, mended, pairs, parse, query_string

TEXT = st.text(st.characters(codec="utf-8"), max_size=40)
NAME = TEXT.filter(lambda value: bool(value.strip()))
DATES = st.dates(date(1000, 1, 1))
WHEN = DATES.flatmap(lambda day: st.sampled_from([day.isoformat()[:length] for length in (4, 7, 10)]))


def several(values: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(values, max_size=4).map(lambda found: tuple(sorted(set(found))))


@st.composite
def requests(draw: st.DrawFn) -> SearchRequest:
    first, last = sorted(draw(st.tuples(DATES, DATES)))
    return SearchRequest(
        q=" ".join(draw(TEXT).split()),
        field=draw(st.sampled_from(["all", "title"])),
        sources=draw(several(NAME)),
        not_sources=draw(several(NAME)),
        date_from=draw(st.sampled_from([None, first])),
        date_to=draw(st.sampled_from([None, last])),
        when=draw(several(WHEN)),
        undated=draw(st.booleans()),
        exact=draw(st.booleans()),
        variants=draw(st.booleans()),
        sort=draw(st.sampled_from(["relevance", "newest", "oldest"])),
        page=draw(st.integers(1, 100)),
        per_page=draw(st.integers(1, 100)),
        recency=(recency := draw(st.none() | st.integers(1, 10_000))),
        recency_from=draw(st.sampled_from([None, last])) if recency else None,
    )


@given(requests())
def test_a_request_survives_the_way_through_its_url(request: SearchRequest) -> None:
    assert parse(parse_qsl(query_string(request), strict_parsing=bool(pairs(request)))) == request


@given(requests())
def test_the_names_stand_in_canonical_order(request: SearchRequest) -> None:
    written = [NAMES.index(name) for name, _ in pairs(request)]
    assert written == sorted(written)


@given(st.lists(st.tuples(st.one_of(st.sampled_from(NAMES), TEXT), st.one_of(TEXT, WHEN, st.just("1")))))
def test_what_can_be_read_of_any_url_has_one_canonical_url(values: list[tuple[str, str]]) -> None:
    try:
        request = mended(values)
    except LimitExceeded:
        reject()
    assert parse(pairs(request)) == request


def test_defaults_and_empty_values_are_left_out() -> None:
    assert pairs(SearchRequest(q="غزة")) == (("q", "غزة"),)
    assert parse([("q", ""), ("from", ""), ("to", " "), ("page", ""), ("source", "")]) == parse([])


def test_without_words_the_newest_come_first() -> None:
    assert default_sort("") == "newest"
    assert parse([]).sort == "newest"
    assert parse([("q", "غزة")]).sort == "relevance"
    assert query_string(parse([])) == ""


def test_names_that_are_not_known_are_ignored() -> None:
    assert parse([("utm_source", "x"), ("fbclid", "y"), ("q", "غزة")]) == SearchRequest(q="غزة")


def test_spaces_in_the_query_count_once() -> None:
    assert parse([("q", "  وزير \n الخارجية ")]).q == "وزير الخارجية"


def test_of_a_name_with_one_value_the_last_one_holds() -> None:
    assert parse([("q", "ا"), ("q", "ب")]).q == "ب"


def test_the_order_of_filters_makes_no_other_search() -> None:
    assert parse([("source", "ب"), ("source", "ا"), ("source", "ب")]).sources == ("ا", "ب")


def test_digits_may_be_arabic() -> None:
    request = parse([("page", "٢"), ("from", "٢٠٢٤-٠٦-٢٥"), ("when", "۲۰۲۴-۰۶"), ("undated", "١")])
    assert (request.page, request.date_from, request.when) == (2, date(2024, 6, 25), ("2024-06",))
    assert request.undated


def test_a_bound_may_be_a_month_or_a_year() -> None:
    request = parse([("from", "2024"), ("to", "2024-02")])
    assert (request.date_from, request.date_to) == (date(2024, 1, 1), date(2024, 2, 29))
    assert parse([("to", "2024/6/5")]).date_to == date(2024, 6, 5)
    assert parse([("to", "2023")]).date_to == date(2023, 12, 31)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("page", "0"), ("page", "-1"), ("page", "x"), ("page", "1.5"), ("page", "9" * 5000),
        ("per_page", "0"), ("sort", "best"), ("in", "body"), ("undated", "yes"), ("exact", "2"),
        ("from", "2024-13-01"), ("from", "yesterday"), ("to", "2023-02-29"), ("when", "0000"), ("when", "24"),
        ("when", "2024-6-31"), ("from", "2024-06-25T00:00"),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_read_names_its_parameter(name: str, value: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        parse([("q", "غزة"), (name, value)])
    assert caught.value.parameter == name
    assert mended([("q", "غزة"), (name, value)]) == SearchRequest(q="غزة")


def test_a_range_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="before"):
        parse([("from", "2024-06-25"), ("to", "2024-06-24")])


@pytest.mark.parametrize(
    ("values", "limit"),
    [
        ([("per_page", str(LIMITS.per_page + 1))], "per_page"),
        ([("page", "999999")], "results_window"),
        ([("source", f"s{n}") for n in range(LIMITS.filter_values + 1)], "filter_values"),
    ],
)
def test_over_a_limit_the_limit_is_named(values: list[tuple[str, str]], limit: str) -> None:
    with pytest.raises(LimitExceeded) as caught:
        parse(values)
    assert caught.value.limit == limit
