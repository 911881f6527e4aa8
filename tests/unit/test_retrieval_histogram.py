"""Counts over time, against a pass over all stories one by one."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchapp import compiled, intervals
from searchapp.engine.protocol import IndexReader
from searchapp.engine.retrieval.facets.facet_loops import count_owners
from searchapp.engine.retrieval.facets.histogram import _distinct
from searchapp.model import Article, Histogram, Interval, SearchRequest, Story
from tests.index_samples import BACKEND, commit, gone, new_index

OUTLETS = ("سبق", "عكاظ", None)
DAYS = (date(2019, 5, 5), date(2023, 12, 31), date(2024, 1, 6), date(2024, 1, 7), date(2024, 2, 29), None)
copies = st.lists(st.tuples(st.sampled_from(OUTLETS), st.sampled_from(DAYS)), min_size=1, max_size=4)
archives = st.one_of(st.lists(copies, max_size=10), st.lists(copies.map(lambda found: found[:1]), max_size=10))
"""A list of copies for each story; often one for all, which is a path of its own."""
requests = st.builds(
    SearchRequest,
    q=st.sampled_from(("", "قمر", "نجم")),
    sources=st.sets(st.sampled_from(("سبق", "عكاظ")), max_size=1).map(tuple),
    date_from=st.sampled_from((None, None, date(2023, 12, 31), date(2024, 1, 7))),
    date_to=st.sampled_from((None, None, date(2024, 1, 6), date(2030, 1, 1))),
    when=st.sets(st.sampled_from(("2023", "2024-01", "2024-02-29")), max_size=2).map(tuple),
    undated=st.booleans(),
    histogram=st.sampled_from(("auto", *intervals.INTERVALS)),
)
Search = Callable[[SearchRequest], Histogram | None]


@pytest.fixture(autouse=True)
def switched_off_again(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv(compiled.SWITCH, raising=False)
    yield
    compiled.stop()


def stories(archive: Sequence[Sequence[tuple[str | None, date | None]]]) -> list[Story]:
    return [
        Story(
            number,
            1,
            tuple(
                Article(id=f"{number}-{at}", title=None, body="قمر" if number % 2 else "نجم", outlet=outlet, date=day)
                for at, (outlet, day) in enumerate(found)
            ),
        )
        for number, found in enumerate(archive)
    ]


def passes(copy: Article, request: SearchRequest) -> bool:
    if copy.date is None:
        return False
    return (
        (not request.sources or copy.outlet in request.sources)
        and (request.date_from or date.min) <= copy.date <= (request.date_to or date.max)
        and (copy.date.isoformat().startswith(request.when or "-") or not (request.when or request.undated))
    )


def counted(archive: Sequence[Story], request: SearchRequest, interval: Interval) -> dict[date, int]:
    return Counter(
        intervals.start(interval, number)
        for story in archive
        if request.q in ("", story.articles[0].body)
        for number in {intervals.number(interval, c.date) for c in story.articles if c.date and passes(c, request)}
    )


@settings(max_examples=80)
@given(archives, archives, st.lists(requests, min_size=1, max_size=4))
def test_each_interval_counts_the_stories_with_a_copy_in_it(first: Any, second: Any, asked: Any) -> None:
    """In two segments, with stories deleted and replaced."""
    old, new = stories(first), stories(second)
    with tempfile.TemporaryDirectory() as folder:
        directory = new_index(Path(folder) / "1")
        commit(directory, *old)
        commit(directory, gone(len(new)), *new)
        reader = BACKEND.open_reader(directory)
        for request in asked:
            check(reader, new + old[len(new) + 1 :], request)


def check(reader: IndexReader, archive: Sequence[Story], request: SearchRequest) -> None:
    result = reader.search(request)
    found = result.histogram
    wanted = counted(archive, request, found.interval if found else "day")
    assert wanted == (
        {start: count for start, count in zip(found.starts, found.counts, strict=True) if count} if found else {}
    )
    if found is None:
        return
    numbers = [intervals.number(found.interval, start) for start in found.starts]
    ends = [intervals.number(found.interval, day) for day in (found.first, found.last)]
    assert numbers == list(range(ends[0], ends[1] + 1))
    for start, count in wanted.items():
        within = replace(
            request,
            undated=False,
            date_from=max(start, request.date_from or start),
            date_to=min(intervals.end(found.interval, start), request.date_to or date.max),
        )
        assert reader.search(within).total == count


@pytest.fixture
def search(tmp_path: Path) -> Search:
    """Searches three stories: of 2 June, of 20 June and 3 July 2024, and of 1 March 2026."""
    days = ((date(2024, 6, 2),), (date(2024, 6, 20), date(2024, 7, 3)), (date(2026, 3, 1), None))
    directory = new_index(tmp_path / "1")
    commit(directory, *stories([[("سبق", day) for day in found] for found in days]))
    reader = BACKEND.open_reader(directory)
    return lambda request: reader.search(request).histogram


def test_there_is_none_unless_it_is_asked_for(search: Search) -> None:
    assert search(SearchRequest()) is None


def test_intervals_without_a_story_are_counted_too(search: Search) -> None:
    found = search(SearchRequest(histogram="year"))
    assert found is not None
    assert list(zip(found.starts, found.counts, strict=True)) == [
        (date(2024, 1, 1), 2),
        (date(2025, 1, 1), 0),
        (date(2026, 1, 1), 1),
    ]
    assert (found.first, found.last) == (date(2024, 6, 2), date(2026, 3, 1))


def test_the_range_goes_as_far_as_is_asked_and_the_archive_reaches(search: Search) -> None:
    found = search(SearchRequest(histogram="auto", date_from=date(1990, 1, 1), date_to=date(2024, 6, 30)))
    assert found is not None
    assert (found.interval, found.first, found.last) == ("day", date(2024, 6, 2), date(2024, 6, 30))
    july = search(SearchRequest(histogram="auto", when=("2024-07",)))
    assert july is not None
    assert (july.first, july.last, sum(july.counts)) == (date(2024, 7, 1), date(2024, 7, 31), 1)


def test_a_finer_interval_than_fits_gives_way(search: Search) -> None:
    found = search(SearchRequest(histogram="day"))
    assert found is not None
    assert found.interval == "week"


def test_days_at_the_ends_of_the_calendar_are_counted(tmp_path: Path) -> None:
    directory = new_index(tmp_path / "1")
    commit(directory, *stories([[("سبق", date.min)], [("سبق", date.max), ("عكاظ", date.max - timedelta(days=1))]]))
    found = BACKEND.open_reader(directory).search(SearchRequest(histogram="auto")).histogram
    assert found is not None
    assert (found.interval, len(found.counts), sum(found.counts)) == ("century", 100, 2)


@given(st.lists(st.lists(st.integers(0, 6), max_size=5), max_size=60).filter(any))
@settings(deadline=None)
def test_owners_are_counted_once_a_value_by_loops_and_by_sorting(archive: list[list[int]]) -> None:
    pytest.importorskip("numba")
    owners = np.repeat(np.arange(len(archive))[::-1], list(map(len, archive)))
    values = np.array([value for found in archive for value in found], np.int64)
    expected = Counter(value for found in archive for value in set(found))
    for is_compiled in (False, True):
        compiled.stop()
        if is_compiled:
            compiled.prepare(at_once=True)
            assert count_owners.ready() is not None
        assert _distinct(owners, values, 7).tolist() == [expected[value] for value in range(7)]
