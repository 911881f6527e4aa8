"""The filters of a request over the copies of all stories."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from searchapp.engine.columns import UNDATED, Columns
from searchapp.engine.postings import BoolArray
from searchapp.errors import InvalidRequest
from searchapp.model import SearchRequest

_PERIOD: Final = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)


def period(value: str) -> tuple[date, date]:
    """The first and last day of "2024", "2024-06" or "2024-06-25".

    Raises:
        InvalidRequest: it is none of these, or no such day exists.
    """
    matched = _PERIOD.fullmatch(value)
    try:
        if matched is None:
            raise ValueError
        year, month, day = (int(part) if part else 0 for part in matched.groups())
        last_month = month or 12
        last_day = day or monthrange(year, last_month)[1]
        return date(year, month or 1, day or 1), date(year, last_month, last_day)
    except ValueError as error:
        message = f"when={value!r} is no date; write 2024, 2024-06 or 2024-06-25"
        raise InvalidRequest("when", message) from error


@dataclass(frozen=True, slots=True)
class CopyFilter:
    """Which copies pass each part of the filters, one entry a copy; apart, because a facet leaves out its own part.

    `outlet` is for sources and not_sources, `span` for date_from and date_to, `when` for when and undated.
    """

    outlet: BoolArray
    span: BoolArray
    when: BoolArray

    @property
    def passing(self) -> BoolArray:
        """The copies that pass everything."""
        result: BoolArray = self.outlet & self.span & self.when
        return result

    @classmethod
    def of(cls, request: SearchRequest, columns: Columns) -> CopyFilter:
        """Apply a request's filters to every copy.

        Raises:
            InvalidRequest: one of `when` is no date.
        """
        return cls(_outlet(request, columns), _span(request, columns), _when(request, columns))


def _outlet(request: SearchRequest, columns: Columns) -> BoolArray:
    passing = np.ones(len(columns.outlets), dtype=np.bool_)
    if request.sources:
        passing &= np.isin(columns.outlets, columns.outlet_codes(request.sources))
    if request.not_sources:
        passing &= ~np.isin(columns.outlets, columns.outlet_codes(request.not_sources))
    return passing


def within(columns: Columns, start: date | None, end: date | None) -> BoolArray:
    """The copies dated from `start` to `end`, both inclusive; with neither, all that have a date."""
    passing: BoolArray = columns.ordinals != UNDATED
    if start is not None:
        passing &= columns.ordinals >= start.toordinal()
    if end is not None:
        passing &= columns.ordinals <= end.toordinal()
    return passing


def _span(request: SearchRequest, columns: Columns) -> BoolArray:
    if request.date_from is None and request.date_to is None:
        return np.ones(len(columns.ordinals), dtype=np.bool_)
    return within(columns, request.date_from, request.date_to)


def _when(request: SearchRequest, columns: Columns) -> BoolArray:
    if not request.when and not request.undated:
        return np.ones(len(columns.ordinals), dtype=np.bool_)
    passing: BoolArray = (columns.ordinals == UNDATED) & request.undated
    for value in request.when:
        passing |= within(columns, *period(value))
    return passing
