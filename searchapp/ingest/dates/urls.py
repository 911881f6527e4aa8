"""The day of publication that an article's address names, as many outlets put it there."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Final
from urllib.parse import urlsplit

FIRST_YEAR: Final = 1995
"""Before it, no outlet had addresses."""

_END: Final = r"(?=[/_-]|$)"
_FORMS: Final = tuple(
    re.compile(form, re.ASCII)
    for form in (
        rf"/(\d{{4}})([/-])(\d{{1,2}})\2(\d{{1,2}}){_END}",  # /2024/06/25/ and /2024-06-25-title
        rf"/(\d{{4}})()(\d{{2}})(\d{{2}})(?:{_END}|(?=\.[a-z]))",  # /20240625/ and /20240625.html
        r"/(\d{4})(-)(\d{2})/(\d{2})/",  # /2024-06/25/
        r"/(\d{4})(/[a-z][a-z_-]*)/(\d{1,2})/(\d{1,2})(?=/)",  # /2024/middle_east/6/25/
    )
)


def date_in_url(url: str, latest: date | None = None) -> date | None:
    """Return the day that the path of a URL names; None if it names none, several, or one after `latest` or today.

    Only a whole part of the path is a date, or what begins one: figures within or behind other words are numbers of
    articles, or a day that the article is about. An address that names a year and a month names no day. One day more
    is granted, since it begins earlier in the east.
    """
    if "/19" not in url and "/20" not in url:
        return None
    try:
        path = urlsplit(url).path
    except ValueError:
        return None
    last = (latest or date.today()) + timedelta(days=1)
    days = {day for form in _FORMS for found in form.finditer(path) if (day := _day(found, last))}
    return days.pop() if len(days) == 1 else None


def _day(found: re.Match[str], last: date) -> date | None:
    try:
        day = date(int(found[1]), int(found[3]), int(found[4]))
    except ValueError:
        return None
    return day if day.year >= FIRST_YEAR and day <= last else None
