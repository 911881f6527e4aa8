"""Counts of stories over time."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from searchapp import intervals
from searchapp.config import LIMITS
from searchapp.engine.retrieval.core.matches import Condition
from searchapp.engine.retrieval.facets.copies import UNDATED, CopyColumns, period
from searchapp.engine.retrieval.facets.facet_loops import count_owners
from searchapp.engine.storage.pointers import distinct, ranges
from searchapp.frozen import dataclass
from searchapp.model import Histogram, Interval, SearchRequest

_SEVERAL: Final = 0
_NO_DATE: Final = 1
_DATED: Final = 2
_FEW_DAYS: Final = 1000
_LANES: Final = 8
"""Neighbouring documents are often of one day. Where there are few days, each has this many counters in turn: adding to
the one that was just added to has to wait for it."""


@dataclass(frozen=True, slots=True)
class _Days:
    """The distinct days of an archive, rising, and for every document a code: its day, and its counter of that day.

    Codes // `lanes` are `_DATED` + the day's place, `_NO_DATE`, or `_SEVERAL` where the copies differ in it. `places`
    are those of the copies' days, -1 for the undated. `several` are the documents of that code, and `totals` count all
    documents.
    """

    ordinals: NDArray[np.int32]
    lanes: int
    codes: NDArray[np.intp]
    places: NDArray[np.int32]
    several: NDArray[np.intp]
    totals: NDArray[np.int64]

    @classmethod
    def of(cls, columns: CopyColumns) -> _Days:
        """The days of a snapshot, made once."""
        return columns.snapshot.derived("days of documents", lambda: cls._make(columns))

    @classmethod
    def _make(cls, columns: CopyColumns) -> _Days:
        ordinals = distinct(columns.days)
        ordinals = ordinals[ordinals != UNDATED]
        lanes = _LANES if len(ordinals) <= _FEW_DAYS else 1
        of_copies = np.where(columns.days == UNDATED, -1, np.searchsorted(ordinals, columns.days)).astype(np.int32)
        places = of_copies
        if columns.documents is not None:
            places = of_copies.take(columns.pointers()[:-1])
            differing = columns.documents[of_copies != places.take(columns.documents)]
            places[differing] = _SEVERAL - _DATED
        codes = (places.astype(np.intp) + _DATED) * lanes + np.arange(len(places)) % lanes
        several = np.flatnonzero(places == _SEVERAL - _DATED)
        return cls(ordinals, lanes, codes, of_copies, several, _counts(codes, lanes, len(ordinals)))

    def chosen(self, documents: NDArray[np.intp]) -> tuple[NDArray[np.int64], NDArray[np.intp]]:
        """How many of the documents have each code // lanes, and those of them that are among `several`."""
        if len(documents) == len(self.codes):
            return self.totals, self.several
        codes = self.codes.take(documents)
        counts = _counts(codes, self.lanes, len(self.ordinals))
        if not counts[_SEVERAL]:
            return counts, self.several[:0]
        return counts, documents.take(np.flatnonzero(codes < (_SEVERAL + 1) * self.lanes))

    def day(self, place: int) -> date:
        """The day at a place."""
        return date.fromordinal(int(self.ordinals[place]))

    def numbers(self, interval: Interval, columns: CopyColumns) -> NDArray[np.int64]:
        """The number of each day's interval."""
        return columns.snapshot.derived(
            ("numbers of days", interval), lambda: intervals.numbers(interval, self.ordinals)
        )


def histogram(
    request: SearchRequest, documents: NDArray[np.intp], passing: Condition | None, columns: CopyColumns
) -> Histogram | None:
    """Count documents that pass the filters by interval; None when no copy that passes has a date."""
    days = _Days.of(columns)
    counts, several = days.chosen(documents)
    owners, places = _dated_copies(several, days, passing, columns)
    by_day = counts[_DATED:]
    found = np.flatnonzero(by_day)
    range_ = _range(request, found, places, days)
    if range_ is None:
        return None
    interval = _interval(request, *range_)
    low, high = (intervals.number(interval, day) for day in range_)
    numbers = days.numbers(interval, columns)
    totals = np.zeros(high - low + 1, np.int64)
    np.add.at(totals, numbers.take(found) - low, by_day.take(found))
    if len(places):
        totals += _distinct(owners, numbers.take(places) - low, len(totals))
    return Histogram(interval, *range_, intervals.starts(interval, low, high), tuple(totals.tolist()))


def _distinct(owners: NDArray[Any], values: NDArray[np.int64], width: int) -> NDArray[np.int64]:
    """How many different owners have each value in 0..width − 1; what is of one owner comes together.

    Sorting few numbers is faster than `np.unique`.
    """
    if (made := count_owners.ready()) is not None:
        counts = np.zeros(width, np.int64)
        made(owners, values, np.full(width, -1), counts)
        return counts
    pairs = np.sort(owners * width + values)
    different = np.append(pairs[1:] != pairs[:-1], True)
    return np.bincount(pairs[different] % width, minlength=width)


def _counts(codes: NDArray[np.intp], lanes: int, days: int) -> NDArray[np.int64]:
    by_lane = np.bincount(codes, minlength=(days + _DATED) * lanes)
    counts = by_lane[::lanes]
    for lane in range(1, lanes):
        counts = counts + by_lane[lane::lanes]
    return counts


def _dated_copies(
    chosen: NDArray[np.intp], days: _Days, passing: Condition | None, columns: CopyColumns
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Of some documents, the copies that pass and have a date: whose they are, and the places of their days."""
    if not len(chosen):
        return chosen, chosen
    pointers = columns.pointers()
    starts = pointers.take(chosen)
    copies_of_each = pointers.take(chosen + 1) - starts
    copies, owners = ranges(starts, copies_of_each), np.repeat(chosen, copies_of_each)
    places = days.places.take(copies)
    kept = places >= 0
    if passing is not None:
        kept &= passing(copies)
    return owners[kept], places[kept]


def _range(
    request: SearchRequest, found: NDArray[np.intp], places: NDArray[Any], days: _Days
) -> tuple[date, date] | None:
    """The range that is asked for, as far as the archive has days of it; at an end where none is, what was found."""
    ends = [int(found[0]), int(found[-1])] if len(found) else []
    if len(places):
        ends += [int(places.min()), int(places.max())]
    if not ends:
        return None
    first, last = days.day(min(ends)), days.day(max(ends))
    if request.when or request.date_from or request.date_to:
        asked = [period(value) for value in request.when]
        since = [start for start in (request.date_from, min((start for start, _ in asked), default=None)) if start]
        until = [end for end in (request.date_to, max((end for _, end in asked), default=None)) if end]
        first = min(first, max(*since, days.day(0))) if since else first
        last = max(last, min(*until, days.day(-1))) if until else last
    return first, last


def _interval(request: SearchRequest, first: date, last: date) -> Interval:
    asked = request.histogram
    if asked is None or asked == "auto":
        return intervals.fitting(first, last)
    return intervals.allowed(asked, first, last, LIMITS.histogram_intervals)
