"""Filters and facets over copies, against a pass over all stories one by one."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchapp import compiled
from searchapp.engine.retrieval.core.matches import ALL, Condition
from searchapp.engine.retrieval.core.snapshot import Snapshot
from searchapp.engine.retrieval.facets import facet_pairs
from searchapp.engine.retrieval.facets.copies import CopyColumns, CopyFilter, period
from searchapp.engine.retrieval.facets.facet_pairs import MOST_PAIRS
from searchapp.engine.storage.segment import LiveSegment, Segment
from searchapp.errors import InvalidRequest
from searchapp.model import UNKNOWN_OUTLET, Article, FacetName, SearchRequest, SearchResult, Story
from tests.index_samples import BACKEND, commit, gone, new_index, segments_of

OUTLETS = ("سبق", "عكاظ", "الوطن", None)
DAYS = (date(1, 1, 1), date(2023, 12, 31), date(2024, 2, 1), date(2024, 2, 29), date(2024, 3, 1), None)
places = st.lists(st.tuples(st.sampled_from(OUTLETS), st.sampled_from(DAYS)), min_size=1, max_size=3)
archives = st.one_of(st.lists(places, max_size=10), st.lists(places.map(lambda found: found[:1]), max_size=10))
"""A list of copies for each story; often one for all, which is a path of its own."""
values = st.sampled_from(("2023", "2024", "2024-02", "2024-03", "2024-02-29", "2023-12-31", "1999"))
requests = st.builds(
    SearchRequest,
    sources=st.sets(st.sampled_from(("سبق", "عكاظ", UNKNOWN_OUTLET, "لا أحد")), max_size=2).map(tuple),
    not_sources=st.sets(st.sampled_from(("سبق", UNKNOWN_OUTLET, "لا أحد")), max_size=1).map(tuple),
    date_from=st.sampled_from((None, None, date(2023, 12, 31), date(2024, 2, 2))),
    date_to=st.sampled_from((None, None, date(2024, 2, 28))),
    when=st.sets(values, max_size=2).map(tuple),
    undated=st.booleans(),
)
Part = Callable[[Article, SearchRequest], bool]


def make_stories(archive: Sequence[Sequence[tuple[str | None, date | None]]]) -> list[Story]:
    return [
        Story(
            number,
            1,
            tuple(
                Article(id=f"{number}-{at}", title=None, body="قمر", outlet=outlet, date=day)
                for at, (outlet, day) in enumerate(found)
            ),
        )
        for number, found in enumerate(archive)
    ]


def outlet_of(copy: Article) -> str:
    return copy.outlet or UNKNOWN_OUTLET


def in_outlets(copy: Article, request: SearchRequest) -> bool:
    name = outlet_of(copy)
    return (not request.sources or name in request.sources) and name not in request.not_sources


def in_span(copy: Article, request: SearchRequest) -> bool:
    if request.date_from is None and request.date_to is None:
        return True
    return copy.date is not None and (request.date_from or date.min) <= copy.date <= (request.date_to or date.max)


def in_periods(copy: Article, request: SearchRequest) -> bool:
    if not request.when and not request.undated:
        return True
    return copy.date.isoformat().startswith(request.when or "-") if copy.date else request.undated


def counted(
    stories: Sequence[Story], request: SearchRequest, parts: Sequence[Part], value: Callable[[Article], str]
) -> dict[str, int]:
    found = Counter(
        bucket
        for story in stories
        for bucket in {value(copy) for copy in story.articles if all(part(copy, request) for part in parts)}
        if bucket
    )
    return dict(found)


def buckets(result: SearchResult, facet: FacetName) -> dict[str, int]:
    return {bucket.value: bucket.count for bucket in result.facets[facet] if bucket.count}


@pytest.mark.parametrize("looped", [False, True])
@settings(max_examples=60, deadline=None)
@given(
    first=archives,
    second=archives,
    asked=st.lists(requests, min_size=1, max_size=4),
    most_pairs=st.sampled_from((0, MOST_PAIRS)),
)
def test_totals_and_facets_are_those_of_a_pass_over_all_stories(
    looped: bool, first: Any, second: Any, asked: Any, most_pairs: int
) -> None:
    """In two segments, with stories deleted and replaced; with few outlets and months, and with too many of them."""
    old, new = make_stories(first), make_stories(second)
    if looped and not compiled.prepare(at_once=True):
        pytest.skip("numba is not installed, or switched off")
    try:
        with tempfile.TemporaryDirectory() as folder, patch.object(facet_pairs, "MOST_PAIRS", most_pairs):
            directory = new_index(Path(folder) / "1")
            commit(directory, *old)
            commit(directory, gone(len(new)), *new)
            reader = BACKEND.open_reader(directory)
            stories = new + old[len(new) + 1 :]
            for request in asked:
                check(reader.search(request), stories, request)
    finally:
        compiled.stop()


def check(result: SearchResult, stories: Sequence[Story], request: SearchRequest) -> None:
    every: tuple[Part, ...] = (in_outlets, in_span, in_periods)
    assert result.total == sum(
        any(all(part(copy, request) for part in every) for copy in story.articles) for story in stories
    )
    outlets = result.facets["outlet"]
    assert list(outlets) == sorted(outlets, key=lambda bucket: (-bucket.count, bucket.value))
    assert buckets(result, "outlet") == counted(stories, request, (in_span, in_periods), outlet_of)
    parts = (in_outlets, in_span)
    by_date: dict[FacetName, dict[str, int]] = {
        "year": counted(stories, request, parts, lambda copy: day_of(copy)[:4]),
        "month": counted(stories, request, parts, lambda copy: day_of(copy)[:7]),
        "day": counted(stories, request, parts, day_of),
    }
    months = {value[:7] for value in request.when if len(value) >= 7}
    shown = by_date["month"].keys() if len(by_date["month"]) == 1 else months
    by_date["day"] = {day: count for day, count in by_date["day"].items() if day[:7] in shown}
    assert {name: buckets(result, name) for name in by_date} == by_date
    undated = counted(stories, request, parts, lambda copy: "" if copy.date else "undated")
    assert buckets(result, "undated") == undated


def day_of(copy: Article) -> str:
    return copy.date.isoformat() if copy.date else ""


@settings(max_examples=40)
@given(archives.filter(bool), st.lists(requests, min_size=1, max_size=4))
def test_each_part_of_a_filter_passes_the_copies_that_it_says(archive: Any, asked: Any) -> None:
    stories = make_stories(archive)
    copies = [copy for story in stories for copy in story.articles]
    with tempfile.TemporaryDirectory() as folder:
        directory = new_index(Path(folder) / "1")
        commit(directory, *stories)
        columns = CopyColumns.of(Snapshot([LiveSegment(Segment(path), None) for path in segments_of(directory)]))
        for request in asked:
            found = CopyFilter.of(request, columns)
            for flags, part in ((found.outlet, in_outlets), (found.span, in_span), (found.when, in_periods)):
                assert as_list(flags, len(copies)) == [part(copy, request) for copy in copies]
            everything = [all(part(copy, request) for part in (in_outlets, in_span, in_periods)) for copy in copies]
            assert as_list(found.passing(), len(copies)) == everything


def as_list(condition: Condition | None, count: int) -> list[bool]:
    """Which of all copies pass, asked of all at once and of each by itself."""
    if condition is None:
        return [True] * count
    one_by_one = [bool(condition(np.array([at]))[0]) for at in range(count)]
    assert condition(ALL).tolist() == one_by_one
    return one_by_one


@pytest.mark.parametrize(
    ("value", "first", "last"),
    [
        ("2024", "2024-01-01", "2024-12-31"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2023-02", "2023-02-01", "2023-02-28"),
        ("2024-12", "2024-12-01", "2024-12-31"),
        ("2024-06-25", "2024-06-25", "2024-06-25"),
        ("0001", "0001-01-01", "0001-12-31"),
        ("9999-12-31", "9999-12-31", "9999-12-31"),
    ],
)
def test_a_period_has_a_first_and_a_last_day(value: str, first: str, last: str) -> None:
    assert period(value) == (date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    "value",
    [
        *("", "0000", "24", "2024-", "2024-13", "2023-02-29", "2024-1", "2024-06-25x", "٢٠٢٤", "2024\n"),
        *("2024-00", "2024-06-00", "2024-00-05"),
    ],
)
def test_what_is_no_period_is_refused(value: str) -> None:
    with pytest.raises(InvalidRequest):
        period(value)
