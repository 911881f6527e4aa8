"""Reading a date that is declared for an article. A date is read in full or not at all: nothing is invented.

A calendar day has no time zone: whatever time or zone follows it, the day is the one that is written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from searchapp.ingest.text import fold

FIRST_YEAR: Final = 1800
LAST_YEAR: Final = 2100
"""Years outside are typing errors or Hijri years (1343–1500 in the Umm al-Qura tables), which are not read here."""

LONGEST: Final = 100
"""Characters; what is longer is no date."""

_MONTHS_IN_ORDER: Final = (
    # The months' names in English and in the regional systems of CLDR's ar, ar_TN/ar_DZ, ar_LB, ar_MA, ar_MR.
    "january february march april may june july august september october november december",
    "jan feb mar apr may jun jul aug sep oct nov dec",
    "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
    "يناير فبراير مارس إبريل مايو يونيه يوليه أغشت شتمبر أكتوبر نوفمبر دجمبر",
    "جانفي فيفري مارس أفريل ماي جوان جويلية أوت سبتمبر أكتوبر نوفمبر ديسمبر",
    "كانون_الثاني شباط آذار نيسان أيار حزيران تموز آب أيلول تشرين_الأول تشرين_الثاني كانون_الأول",
    "يناير فبراير مارس أبريل ماي يونيو يوليوز غشت شتنبر أكتوبر نونبر دجنبر",
)
_OTHER_MONTHS: Final = {"sept": 9, "يونية": 6, "يولية": 7, "اغسطوس": 8}

_MONTHS: Final[Mapping[str, int]] = MappingProxyType(
    {
        fold(name.replace("_", " ")): number
        for names in _MONTHS_IN_ORDER
        for number, name in enumerate(names.split(), start=1)
    }
    | {fold(name): number for name, number in _OTHER_MONTHS.items()}
)

_WEEKDAYS: Final = "|".join(
    (
        "mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:rs(?:day)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?",
        *map(fold, ("الاثنين", "الإثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد")),
    )
)
_TAIL: Final = (
    r"(?: ?م)?"  # "of the Christian era"
    r"(?:(?:t| ?- ?| )\d{1,2}:?\d{2}(?::?\d{2}(?:\.\d+)?)?(?: ?(?:am|pm|ص|م))?)?"  # the time
    r"(?: ?(?:z|utc|gmt|[+-]\d{2}:?\d{2}))?"
)
_WEEKDAY: Final = rf"(?:(?:يوم )?(?:{_WEEKDAYS})\.? )?"
_DAY: Final = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_MONTH: Final = r"(?P<month>[^\W\d]+\.?(?: [^\W\d]+)?(?: ?/ ?[^\W\d]+(?: [^\W\d]+)?)?)"
_YEAR: Final = r"(?P<year>\d{4})"

_FORMS: Final = tuple(
    re.compile(form + _TAIL)
    for form in (
        rf"{_WEEKDAY}{_YEAR}([-/.])(?P<month>\d{{1,2}})\2(?P<day>\d{{1,2}})",
        rf"{_WEEKDAY}(?P<day>\d{{1,2}})([-/.])(?P<month>\d{{1,2}})\2{_YEAR}",  # day first, as all Arab countries write
        rf"{_YEAR}(?P<month>\d{{2}})(?P<day>\d{{2}})",
        rf"{_WEEKDAY}{_DAY}[ -]{_MONTH}[ -]{_YEAR}",
        rf"{_WEEKDAY}{_MONTH} {_DAY} {_YEAR}",
    )
)
_EPOCH: Final = re.compile(r"(?P<seconds>\d{10})(?:\d{3})?")


@lru_cache(maxsize=8192)
def parse_date(text: str) -> date | None:
    """Return the Gregorian day that a date string names, or None if it names none for certain.

    Read are ISO dates and times, year/month/day and day/month/year in figures, days with the month's name in English or
    Arabic with or without a weekday, and seconds or milliseconds since 1970 (a moment, whose day is taken in UTC).
    Digits may be of any script. Whatever follows the day must be a time or a zone; neither moves the day.
    """
    if len(text) > LONGEST:
        return None
    written = " ".join(re.sub("[,،]", " ", fold(text)).lower().split())
    if moment := _EPOCH.fullmatch(written):
        return _in_range(datetime.fromtimestamp(int(moment["seconds"]), UTC).date())
    for form in _FORMS:
        if found := form.fullmatch(written):
            return _calendar_day(found["year"], found["month"], found["day"])
    return None


def _calendar_day(year: str, month: str, day: str) -> date | None:
    """The day if the calendar has it."""
    number = int(month) if month.isdecimal() else _month(month)
    try:
        return _in_range(date(int(year), number or 0, int(day)))
    except ValueError:
        return None


def _month(names: str) -> int | None:
    """The month that all the names mean («حزيران/يونيو» gives two)."""
    numbers = {_MONTHS.get(name.strip(" .")) for name in names.split("/")}
    return numbers.pop() if len(numbers) == 1 else None


def _in_range(day: date) -> date | None:
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None
