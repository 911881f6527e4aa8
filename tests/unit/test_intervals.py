"""Days, weeks, months, years, decades and centuries as numbered intervals."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchapp import intervals
from searchapp.config import LIMITS
from searchapp.model import Interval

INTERVALS = st.sampled_from(intervals.INTERVALS)


@given(INTERVALS, st.dates())
def test_an_interval_holds_its_days_and_ends_where_the_next_begins(interval: Interval, day: date) -> None:
    number = intervals.number(interval, day)
    start, end = intervals.start(interval, number), intervals.end(interval, day)
    assert start <= day <= end
    assert {intervals.number(interval, bound) for bound in (start, end)} == {number}
    if end < date.max:
        assert intervals.number(interval, end + timedelta(days=1)) == number + 1


@given(INTERVALS, st.lists(st.dates(), max_size=5))
def test_many_days_are_numbered_as_each_of_them(interval: Interval, days: list[date]) -> None:
    ordinals = np.array([day.toordinal() for day in days], np.int32)
    assert intervals.numbers(interval, ordinals).tolist() == [intervals.number(interval, day) for day in days]


def test_weeks_begin_on_sunday() -> None:
    week = intervals.number("week", date(2024, 6, 25))
    assert intervals.start("week", week) == date(2024, 6, 23)
    assert intervals.end("week", date(2024, 6, 25)) == date(2024, 6, 29)


@pytest.mark.parametrize(
    ("last", "interval"),
    [
        ("2024-01-01", "day"),
        ("2024-03-02", "day"),
        ("2024-03-03", "week"),
        ("2025-02-28", "week"),
        ("2025-03-01", "month"),
        ("2035-12-31", "month"),
        ("2036-01-01", "year"),
        ("2423-12-31", "year"),
        ("2424-01-01", "decade"),
        ("6019-12-31", "decade"),
        ("6020-01-01", "century"),
        ("9999-12-31", "century"),
    ],
)
def test_the_range_decides_by_what_it_is_shown(last: str, interval: Interval) -> None:
    assert intervals.fitting(date(2024, 1, 1), date.fromisoformat(last)) == interval


def test_too_fine_an_interval_gives_way_to_the_next_coarser_one() -> None:
    first, last = date(2020, 1, 1), date(2024, 12, 31)
    assert intervals.allowed("day", first, first, 400) == "day"
    assert intervals.allowed("day", first, last, 400) == "week"
    assert intervals.allowed("day", first, last, 100) == "month"
    assert intervals.allowed("day", date.min, date.max, 400) == "century"
    assert intervals.count("century", date.min, date.max) <= LIMITS.histogram_intervals


def test_the_intervals_between_two_are_listed_with_both() -> None:
    first, last = intervals.number("month", date(2023, 11, 9)), intervals.number("month", date(2024, 2, 1))
    assert [str(day) for day in intervals.starts("month", first, last)] == [
        "2023-11-01", "2023-12-01", "2024-01-01", "2024-02-01",
    ]  # fmt: skip
