"""Values of `date:` by themselves."""

from __future__ import annotations

from datetime import date

import pytest

from searchapp.query.dates import format_date_range, parse_date_range
from searchapp.query.tree import DateRange


@pytest.mark.parametrize(
    "value",
    ["", "..", "24", "2024-", "2024-00", "2024-01-00", "2024-1-32", "2024-25-06", "06-25-2024", "25-06-24", "x..y"],
)
def test_what_is_no_date_is_none(value: str) -> None:
    assert parse_date_range(value) is None


@pytest.mark.parametrize(
    ("value", "start", "end"),
    [
        ("2023-02", date(2023, 2, 1), date(2023, 2, 28)),
        ("9999", date(9999, 1, 1), date(9999, 12, 31)),
        ("0001-01-01", date(1, 1, 1), date(1, 1, 1)),
        ("2024..2024-06", date(2024, 1, 1), date(2024, 6, 30)),
        ("2024-06..2024", date(2024, 6, 1), date(2024, 12, 31)),
        ("2024-06-25..2024-06-01", date(2024, 6, 1), date(2024, 6, 25)),
        ("25-06-2024", date(2024, 6, 25), date(2024, 6, 25)),
        ("٥/٧/٢٠١٥", date(2015, 7, 5), date(2015, 7, 5)),
        ("7/2015", date(2015, 7, 1), date(2015, 7, 31)),
        ("25/6/2024..1/7/2024", date(2024, 6, 25), date(2024, 7, 1)),
        ("۲۰۲۴-۰۶-۲۵", date(2024, 6, 25), date(2024, 6, 25)),
    ],
)
def test_a_value_stands_for_all_of_its_days(value: str, start: date, end: date) -> None:
    assert parse_date_range(value) == DateRange(start, end)


@pytest.mark.parametrize(
    ("start", "end", "text"),
    [
        (date(2024, 1, 1), date(2024, 12, 31), "2024"),
        (date(2024, 1, 1), date(2024, 1, 31), "2024-01"),
        (date(2024, 1, 1), date(2024, 1, 1), "2024-01-01"),
        (date(2024, 1, 1), date(2025, 3, 31), "2024-01..2025-03"),
        (date(2024, 6, 1), date(2024, 6, 25), "2024-06-01..2024-06-25"),
        (date(2024, 1, 1), None, "2024.."),
        (None, date(2024, 6, 29), "..2024-06-29"),
    ],
)
def test_a_range_is_written_by_the_longest_periods_that_say_it(start: date | None, end: date | None, text: str) -> None:
    assert format_date_range(DateRange(start, end)) == text


def test_a_range_without_ends_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="start or an end"):
        format_date_range(DateRange(None, None))
