"""The intervals of a chart as pages name them, and the searches that they lead to."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import Final

from markupsafe import escape

from searchapp import intervals
from searchapp.frozen import dataclass
from searchapp.model import Interval, SearchRequest
from searchapp.web.addresses import search_url
from searchapp.web.display import Display
from searchapp.web.parameters import period
from searchapp.web.presentation import day, partial_date
from searchapp.web.strings import gettext

_FROM: Final = date(1, 1, 1)
_TO: Final = date(1, 1, 2)


@dataclass(frozen=True, slots=True)
class Period:
    """One interval: its days, both inclusive, what it is called, and what stands for it where there is little room.

    `days` is how both stand in an address, in HTML.
    """

    start: date
    end: date
    name: str
    short: str
    days: str


@lru_cache(maxsize=64)
def periods(interval: Interval, starts: tuple[date, ...], _display: Display) -> tuple[Period, ...]:
    """The intervals that begin on these days. The display is part of the key: the names are in its language."""
    return tuple(_period(interval, start) for start in starts)


def _period(interval: Interval, start: date) -> Period:
    end = intervals.end(interval, start)
    days = _days(start, end)
    if interval == "week":
        return Period(start, end, gettext("%(first)s to %(last)s", first=day(start), last=day(end)), day(start), days)
    if interval in intervals.LONG:
        first, last = (partial_date(f"{day.year:04}") for day in (start, end))
        return Period(start, end, gettext("%(first)s to %(last)s", first=first, last=last), first, days)
    name = partial_date(start.isoformat()[: {"day": 10, "month": 7, "year": 4}[interval]])
    return Period(start, end, name, name, days)


def _days(start: date, end: date) -> str:
    return f"from={start.isoformat()}&amp;to={end.isoformat()}"


class PeriodLinks:
    """Addresses of a search within one interval after the other: it finds what the interval counts, and no more.

    The address is made once and the days are put into it, since a page has hundreds of them.
    """

    def __init__(self, search: SearchRequest) -> None:
        self._search = search
        self._chosen = [period(value) for value in search.when]
        self._bounded = bool(search.when or search.date_from or search.date_to)
        self._free = _around(replace(search, when=()))
        self._bound = _around(search) if search.when else self._free

    def to(self, period: Period) -> str:
        """The address, escaped for HTML. Dates that are chosen stay where the interval reaches beyond them."""
        if not self._bounded:
            return f"{self._free[0]}{period.days}{self._free[1]}"
        start = max(period.start, self._search.date_from or period.start)
        end = min(period.end, self._search.date_to or period.end)
        within = not self._chosen or any(first <= start and end <= last for first, last in self._chosen)
        before, after = self._free if within else self._bound
        return f"{before}{_days(start, end)}{after}"


def _around(search: SearchRequest) -> tuple[str, str]:
    """What stands before and after the two days in the address of a search."""
    url = search_url(replace(search, date_from=_FROM, date_to=_TO, undated=False, page=1, histogram=None))
    before, after = url.rsplit(f"from={_FROM}&to={_TO}", 1)
    return str(escape(before)), str(escape(after))
