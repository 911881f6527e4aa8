"""Reading a date that is declared for an article. A date is read in full or not at all: nothing is invented.

A calendar day has no time zone: whatever time or zone follows it, the day is the one that is written. Where a page
gives a day in both calendars, the Gregorian one counts. Hijri dates are those of the Umm al-Qura calendar, for the
years 1343 to 1500 that its tables cover (the library hijridate).

A general date library was tried and left out: dateparser has to be run once for each of five locales, takes
milliseconds a call, reads none of the Hijri forms, and reads nothing of our samples that this module does not.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final

from searchapp.ingest.dates.names import with_signs
from searchapp.ingest.text import fold

FIRST_YEAR: Final = 1800
LAST_YEAR: Final = 2100
"""Years outside are typing errors or of another calendar (Persian, Hijri without its sign)."""

FIRST_HIJRI_YEAR: Final = 1343
LAST_HIJRI_YEAR: Final = 1500

LONGEST: Final = 160
"""Characters; what is longer is no date."""

SLACK_DAYS: Final = 2
"""How far the same day may lie apart in two calendars: months begin when the new moon is seen, a day off the tables."""

AHEAD: Final = timedelta(days=366)
"""How far after today a date may lie (clocks are wrong, weeklies are dated ahead); later ones are typing errors."""

_QUARTER: Final = 15 * 60
"""Seconds; in every time zone days begin with one of them."""

WRITTEN_AT: Final = date(2026, 1, 1)
"""Today is never before this day, whatever a machine's clock says."""

_ISO: Final = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?(?:Z|UTC|GMT|[+-]\d{2}:?\d{2}))?)?", re.ASCII
)
_RFC_822: Final = re.compile(
    r"(?:[A-Z][a-z]{2}, )?(\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) \d{2}:\d{2}(?::\d{2})?(?: (?:[A-Z]{1,5}|[+-]\d{4}))?",
    re.ASCII,
)
_MONTHS: Final = dict(
    zip(["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"], range(1, 13), strict=True)
)
_EPOCH: Final = re.compile(r"(\d{10})(?:\d{3})?(?:\.\d+)?")
_PUNCTUATION: Final = re.compile(r"[\s,،؛;|()\[\]«»\"'ـ]+")
_SEPARATOR: Final = r"(?: ?[-/.–—] ?| )"
_MONTH: Final = r"m(?P<month>\d+)(?: ?[-/]? ?m(?P<again>\d+))?"  # «حزيران/يونيو», «يوليو (تموز)»
_DAY: Final = r"(?P<day>\d{1,2})(?: ?(?:st|nd|rd|th|er))?"
_YEAR: Final = r"(?P<year>\d{4})"
_ERA: Final = r"(?P<era>(?: ?/? ?e\d+)?)"
_TIME: Final = r"\d{1,2}(?:[:.h]\d{2}){1,2}(?:\.\d+)?"


def _compiled(*forms: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(rf"(?<![\d:]){form}(?!\d|:\d){_ERA}") for form in forms)


_NAMED: Final = _compiled(
    rf"{_DAY}{_SEPARATOR}?{_MONTH}{_SEPARATOR}?(?P<year>\d{{4}}|\d{{2}}(?! ?[:h.]\d))",
    rf"{_MONTH}(?: ?\.)? {_DAY} (?:{_TIME} (?:[+-]\d{{4}} )?)?{_YEAR}",
    rf"{_YEAR}{_SEPARATOR}{_MONTH}{_SEPARATOR}(?P<day>\d{{1,2}})",
)
_HIJRI: Final = _compiled(rf"{_DAY}{_SEPARATOR}?h(?P<hijri>\d+){_SEPARATOR}?{_YEAR}")
_IN_FIGURES: Final = _compiled(
    # Day first, as all Arab countries write.
    rf"(?P<day>\d{{1,2}}) ?(?P<sign>[-/.]) ?(?P<month>\d{{1,2}}) ?(?P=sign) ?{_YEAR}",
    rf"{_YEAR} ?(?P<sign>[-/.]) ?(?P<month>\d{{1,2}}) ?(?P=sign) ?(?P<day>\d{{1,2}})",
    r"(?P<day>\d{1,2})(?P<sign>[-/.])(?P<month>\d{1,2})(?P=sign)(?P<year>\d{2})",
    # With the time of day behind it, as web archives write it.
    rf"{_YEAR}(?P<month>\d{{2}})(?P<day>\d{{2}})(?:(?:[01]\d|2[0-3])(?:[0-5]\d){{2}})?",
)
_REST: Final = re.compile(
    rf"(?>(?:t?{_TIME}(?: ?e1\b)?|t\d{{4,6}}|\d{{1,2}} (?:e1|a0)\b|[+-]\d{{1,2}}(?::?\d{{2}})?|[-–—/.=:•*·+ ]|a0|z"
    r"|(?:asia|africa|europe|america)/[a-z_]+)*)"
)
"""What may stand beside the days: times, zones, separators."""


@dataclass(frozen=True, slots=True)
class ReadDate:
    """A day that was read. `calendars_differ` says that a Hijri day beside it is another one, or none at all."""

    day: date
    calendars_differ: bool = False


def parse_date(text: str, latest: date | None = None) -> date | None:
    """Return the Gregorian day that a date string names, or None if it names none for certain (see `read_date`)."""
    read = read_date(text, latest)
    return read.day if read else None


def read_date(text: str, latest: date | None = None) -> ReadDate | None:
    """Return the day that a date string names, or None if it names none for certain.

    Read are ISO dates and times, year/month/day and day/month/year in figures, days with the month's name in Arabic
    (of any region), English or French, Hijri days, either with the other beside it, and seconds or milliseconds since
    1970 (a moment, whose day is taken in UTC). A year of two figures is the last one that ends in them. Digits may be
    of any script. Whatever stands beside the day must be a label, a weekday, a time or a zone; none moves the day.
    A day after `latest` is no date; for what is declared for an article, that is `last_possible_day`.
    """
    read = _read_known if len(text) <= LONGEST else _read
    return read(text, latest, (latest or last_possible_day()).year)


def _read(text: str, latest: date | None, last_year: int) -> ReadDate | None:
    if found := _ISO.fullmatch(text):
        day = _calendar_day(*map(int, found.groups()))
        read = ReadDate(day) if day else None
    elif (found := _RFC_822.fullmatch(text)) and found[2] in _MONTHS:
        day = _calendar_day(int(found[3]), _MONTHS[found[2]], int(found[1]))
        read = ReadDate(day) if day else None
    else:
        read = _read_words(text, last_year) if len(text) <= LONGEST else None
    return None if read and latest and read.day > latest else read


_read_known: Final = lru_cache(maxsize=8192)(_read)
"""Many articles have one date."""


def last_possible_day() -> date:
    """Return the last day that an article that is read today may bear."""
    return _last_possible_in(int(time.time()) // _QUARTER)


@lru_cache(maxsize=4)
def _last_possible_in(_quarter: int) -> date:
    return max(date.today(), WRITTEN_AT) + AHEAD


def _read_words(text: str, last_year: int) -> ReadDate | None:
    written = fold(text).lower().replace("\\", "/")
    if moment := _EPOCH.fullmatch(written):
        day = datetime.fromtimestamp(int(moment[1]), UTC).date()
        return ReadDate(day) if FIRST_YEAR <= day.year <= LAST_YEAR else None
    signs = _PUNCTUATION.sub(" ", with_signs(written)).strip()
    before, update, _ = signs.partition(" u0 ")
    return _read_signs(before.strip() if update else signs, last_year)


def _read_signs(signs: str, last_year: int) -> ReadDate | None:
    """The day in a text whose names are replaced by signs; every day in it must be the same one."""
    gregorian: set[date | None] = set()
    hijri: set[date | None] = set()
    for form in (*(_NAMED if "m" in signs else ()), *(_HIJRI if "h" in signs else ()), *_IN_FIGURES):
        found = form.search(signs)
        while found:
            parts = found.groupdict()
            is_hijri = parts.get("hijri") or parts["era"].endswith("e1343")
            (hijri if is_hijri else gregorian).add(_hijri_day(parts) if is_hijri else _gregorian_day(parts, last_year))
            signs = f"{signs[: found.start()]} {signs[found.end() :]}"
            found = form.search(signs)
    if not _REST.fullmatch(signs):
        return None
    days = gregorian or hijri
    day = days.pop() if len(days) == 1 else None
    return ReadDate(day, any(_is_apart(day, other) for other in hijri)) if day else None


def _is_apart(day: date, other: date | None) -> bool:
    return other is None or abs((day - other).days) > SLACK_DAYS


def _gregorian_day(parts: dict[str, str], last_year: int) -> date | None:
    if parts.get("again") not in {None, parts["month"]}:
        return None
    year = int(parts["year"])
    if len(parts["year"]) == 2:
        if parts.get("sign") == "-" and int(parts["day"]) <= last_year % 100:
            return None  # 24-06-25 may begin with its year
        year = _full_year(year, last_year)
    return _calendar_day(year, int(parts["month"]), int(parts["day"]))


def _full_year(ending: int, last_year: int) -> int:
    """The last year up to this one that ends so."""
    return last_year - (last_year - ending) % 100


def _hijri_day(parts: dict[str, str]) -> date | None:
    """The Gregorian day of a Hijri one, None where the Umm al-Qura calendar has no such day."""
    year = int(parts["year"])
    if not FIRST_HIJRI_YEAR <= year <= LAST_HIJRI_YEAR:
        return None
    from hijridate import Hijri  # noqa: PLC0415 - most archives have no such day

    try:
        return date(
            *Hijri(year, int(parts.get("hijri") or parts["month"]), int(parts["day"])).to_gregorian().datetuple()
        )
    except ValueError:
        return None


def _calendar_day(year: int, month: int, day: int) -> date | None:
    """The day if the calendar has it, and it is of a year that news may be of."""
    try:
        return date(year, month, day) if FIRST_YEAR <= year <= LAST_YEAR else None
    except ValueError:
        return None
