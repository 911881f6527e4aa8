"""The values of `date:`, read and written: `2024`, `2024-06`, `2024-06-25`, and ranges of these, `2024-06..2024-08`.

The day may also come first, as Arabic dates are written: `25/6/2024`, `6/2024`. A calendar date has no time zone here.
A month or a year stands for all of its days.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from searchapp.query.tree import DateRange

# Keyboards and word processors write these for the hyphen and for the two dots.
_DASHES: Final = dict.fromkeys(map(ord, "‐‑‒–−－﹣"), "-")
_RANGE: Final = re.compile(r"\.{2,3}|…")
_YEAR_FIRST: Final = re.compile(r"(?P<year>\d{4})(?:[-/](?P<month>\d{1,2})(?:[-/](?P<day>\d{1,2}))?)?")
_DAY_FIRST: Final = re.compile(r"(?:(?P<day>\d{1,2})[-/])?(?P<month>\d{1,2})[-/](?P<year>\d{4})")


def parse_date_range(value: str) -> DateRange | None:
    """Read the value of `date:`; digits of any script count.

    Either end of a range may be left open. Ends in the wrong order are swapped, because a range typed from right to
    left is easily read the other way round.

    Returns:
        The days meant, both ends inclusive, or None when the value is no date.
    """
    sides = [side.strip() for side in _RANGE.split(value.translate(_DASHES))]
    if len(sides) > 2 or not any(sides):
        return None
    try:
        periods = [_period(side) if side else None for side in sides]
    except ValueError:
        return None
    first, last = periods[0], periods[-1]
    if first and last and first[0] > last[1]:
        first, last = last, first
    return DateRange(first[0] if first else None, last[1] if last else None)


def _period(text: str) -> tuple[date, date]:
    """First and last day of a year, a month or a day.

    Raises:
        ValueError: it is none of these, or not in the calendar.
    """
    match = _YEAR_FIRST.fullmatch(text) or _DAY_FIRST.fullmatch(text)
    if match is None:
        raise ValueError(text)
    year = int(match["year"])
    if match["month"] is None:
        return date(year, 1, 1), date(year, 12, 31)
    from calendar import monthrange  # noqa: PLC0415

    month = int(match["month"])
    if match["day"] is None:
        return date(year, month, 1), date(year, month, monthrange(year, month)[1])
    day = date(year, month, int(match["day"]))
    return day, day


def format_date_range(dates: DateRange) -> str:
    """Write a range as `date:` reads it, by years or months where these say it exactly."""
    for length in (len("2024"), len("2024-06"), len("2024-06-25")):
        start = dates.start.isoformat()[:length] if dates.start else ""
        end = dates.end.isoformat()[:length] if dates.end else ""
        text = start if start == end else f"{start}..{end}"
        if parse_date_range(text) == dates:
            return text
    raise ValueError("a range of dates needs a start or an end")
