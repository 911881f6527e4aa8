"""Days, weeks, months, years, decades and centuries as numbered intervals of the Gregorian calendar.

The intervals of a kind are numbered through, so that neighbours have neighbouring numbers. Years that begin alike are a
decade (1990 to 1999) or a century (1900 to 1999). These are for ranges that only a wrong date makes so long: 9999 of a
form that nobody filled in, 0622 of a Hijri year without its sign.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any, Final, get_args

import numpy as np
from numpy.typing import NDArray

from searchapp.config import FIRST_WEEKDAY, LIMITS
from searchapp.model import Interval

INTERVALS: Final[tuple[Interval, ...]] = get_args(Interval)
"""All of them, the finest first."""

MOST_DAYS: Final = 62
MOST_MONTHS_BY_WEEK: Final = 14
MOST_MONTHS: Final = 12 * 12
"""Up to so many days a range is shown by day, up to so many months by week, up to so many by month; else by year, or
by decade or century where there were more than `histogram_intervals` of the finer ones."""
LONG: Final[tuple[Interval, ...]] = ("decade", "century")
"""Intervals of many years, for ranges that wrong dates have made."""
_YEARS: Final[dict[Interval, int]] = {"year": 1, "decade": 10, "century": 100}

_WEEK_OFFSET: Final = 6 - FIRST_WEEKDAY  # the first day of the calendar, 0001-01-01, is a Monday and has ordinal 1
_EPOCH: Final = date(1970, 1, 1).toordinal()
_EPOCH_MONTH: Final = 1970 * 12


def number(interval: Interval, day: date) -> int:
    """The number of the interval that a day lies in."""
    if interval == "day":
        return day.toordinal()
    if interval == "week":
        return (day.toordinal() + _WEEK_OFFSET) // 7
    return day.year * 12 + day.month - 1 if interval == "month" else day.year // _YEARS[interval]


def numbers(interval: Interval, ordinals: NDArray[Any]) -> NDArray[np.int64]:
    """As `number`, of many days, each as `date.toordinal` numbers it."""
    days = ordinals.astype(np.int64)
    if interval == "day":
        return days
    if interval == "week":
        return (days + _WEEK_OFFSET) // 7
    months = (days - _EPOCH).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) + _EPOCH_MONTH
    return months if interval == "month" else months // (12 * _YEARS[interval])


def start(interval: Interval, number: int) -> date:
    """The first day of an interval, as far as the calendar goes back."""
    if interval == "month":
        return date(number // 12, number % 12 + 1, 1)
    if interval in _YEARS:
        return date(max(number * _YEARS[interval], 1), 1, 1)
    return date.fromordinal(number if interval == "day" else max(number * 7 - _WEEK_OFFSET, 1))


def end(interval: Interval, day: date) -> date:
    """The last day of the interval that a day lies in, as far as the calendar goes."""
    following = number(interval, day) + 1
    if following > number(interval, date.max):
        return date.max
    return date.fromordinal(start(interval, following).toordinal() - 1)


@lru_cache(maxsize=256)
def starts(interval: Interval, first: int, last: int) -> tuple[date, ...]:
    """The first days of the intervals numbered `first` to `last`, both inclusive."""
    return tuple(start(interval, at) for at in range(first, last + 1))


def count(interval: Interval, first: date, last: date) -> int:
    """How many intervals the days from `first` to `last` lie in."""
    return number(interval, last) - number(interval, first) + 1


def fitting(first: date, last: date) -> Interval:
    """The interval by which a range of days is best shown."""
    if count("day", first, last) <= MOST_DAYS:
        return "day"
    months = count("month", first, last)
    if months <= MOST_MONTHS_BY_WEEK:
        return "week"
    return allowed("month" if months <= MOST_MONTHS else "year", first, last, LIMITS.histogram_intervals)


def allowed(asked: Interval, first: date, last: date, most: int) -> Interval:
    """The interval asked for or the finest coarser one of which there are not more than `most`, else centuries."""
    for interval in INTERVALS[INTERVALS.index(asked) :]:
        if count(interval, first, last) <= most:
            return interval
    return INTERVALS[-1]
