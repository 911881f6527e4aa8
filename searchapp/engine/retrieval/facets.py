"""Counts of stories by outlet and by date, each facet as if its own filter were not set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.retrieval.copies import UNDATED, CopyColumns, CopyFilter, Flags, both
from searchapp.model import FacetBucket, FacetName, SearchRequest

UNDATED_VALUE: Final = "undated"
"""The value of the only bucket of the facet "undated"."""
_MONTH: Final = len("2024-06")

Counts = dict[str, int]


def facets(
    request: SearchRequest, matching: NDArray[np.intp], filters: CopyFilter, columns: CopyColumns
) -> Mapping[FacetName, tuple[FacetBucket, ...]]:
    """Count the matching documents (before filters) by outlet, year, month, day and absence of a date.

    A story counts once in a bucket, in every bucket that one of its copies passes into. Days are counted only where
    they can be chosen: in months that are selected, or when everything lies within one month.
    """
    owners, copies = _copies_of(matching, columns)
    for_outlets = _passing(copies, both(filters.span, filters.when))
    for_dates = _passing(copies, both(filters.outlet, filters.span))
    months = columns.months.take(copies if for_dates is None else copies[for_dates])
    dated_owners = owners if for_dates is None or owners is None else owners[for_dates]
    by_month = _distinct(dated_owners, months)
    undated = by_month.pop(UNDATED, 0)
    if columns.documents is None:
        by_year: dict[int, int] = {}
        for month, count in by_month.items():
            by_year[month // 12] = by_year.get(month // 12, 0) + count
    else:
        by_year = _distinct(dated_owners, months // 12)
        by_year.pop(UNDATED, None)
    selected = frozenset(request.when)
    month_names = {f"{month // 12:04}-{month % 12 + 1:02}": count for month, count in by_month.items()}
    days = _days(request, month_names, copies, for_dates, owners, columns)
    return {
        "outlet": _outlets(request, owners, copies, for_outlets, columns),
        "year": _dates({f"{year:04}": count for year, count in by_year.items()}, selected, 4),
        "month": _dates(month_names, selected, _MONTH),
        "day": _dates(days, selected, len("2024-06-25")),
        "undated": (FacetBucket(UNDATED_VALUE, undated, request.undated),) if undated or request.undated else (),
    }


def _copies_of(matching: NDArray[np.intp], columns: CopyColumns) -> tuple[NDArray[Any] | None, NDArray[np.intp]]:
    """The copies of some documents, and for each the document; None where they are the same numbers."""
    if columns.documents is None:
        return None, matching
    pointers = columns.snapshot.derived("copy_pointers", lambda: _pointers(columns))
    starts = pointers.take(matching)
    counts = pointers.take(matching + 1) - starts
    copies = np.repeat(starts - (np.cumsum(counts) - counts), counts)
    copies += np.arange(len(copies))
    return np.repeat(matching, counts), copies


def _pointers(columns: CopyColumns) -> NDArray[np.int64]:
    return np.searchsorted(columns.owners(), np.arange(columns.snapshot.documents + 1))


def _passing(copies: NDArray[np.intp], flags: Flags | None) -> Flags | None:
    return None if flags is None else flags.take(copies)


def _distinct(owners: NDArray[Any] | None, values: NDArray[Any]) -> dict[int, int]:
    """Value → how many different documents have it. Without owners, every value is another document's."""
    if not len(values):
        return {}
    if owners is not None:
        lowest = int(values.min())
        width = int(values.max()) - lowest + 1
        values = np.unique(owners.astype(np.int64) * width + (values - lowest)) % width + lowest
    dated = values[values != UNDATED] if int(values.min()) == UNDATED else values
    found = {UNDATED: len(values) - len(dated)} if len(dated) < len(values) else {}
    if len(dated):
        # Counting from the lowest value keeps the array short: months and days of one archive lie near each other.
        lowest = int(dated.min())
        counts = np.bincount(dated - lowest)
        filled = np.flatnonzero(counts)
        found.update(zip((filled + lowest).tolist(), counts.take(filled).tolist(), strict=True))
    return found


def _outlets(
    request: SearchRequest,
    owners: NDArray[Any] | None,
    copies: NDArray[np.intp],
    passing: Flags | None,
    columns: CopyColumns,
) -> tuple[FacetBucket, ...]:
    if passing is not None:
        copies, owners = copies[passing], None if owners is None else owners[passing]
    outlets = columns.outlets.take(copies)
    if owners is None:
        counts = np.bincount(outlets, minlength=len(columns.outlet_names))
    else:
        width = max(len(columns.outlet_names), 1)
        counts = np.bincount(np.unique(owners * width + outlets) % width, minlength=width)
    filled = np.flatnonzero(counts)
    names = {
        columns.outlet_names[at]: count for at, count in zip(filled.tolist(), counts.take(filled).tolist(), strict=True)
    }
    buckets = _buckets(names, request.sources)
    return tuple(sorted(buckets, key=lambda bucket: (-bucket.count, bucket.value)))


def _days(
    request: SearchRequest,
    months: Mapping[str, int],
    copies: NDArray[np.intp],
    passing: Flags | None,
    owners: NDArray[Any] | None,
    columns: CopyColumns,
) -> Counts:
    open_months = {value[:_MONTH] for value in request.when if len(value) >= _MONTH} & months.keys()
    if len(months) == 1:
        open_months |= months.keys()
    if not open_months:
        return {}
    numbers = [int(name[:4]) * 12 + int(name[5:]) - 1 for name in open_months]
    of_copies = columns.months.take(copies)
    chosen = of_copies == numbers[0]
    for number in numbers[1:]:
        chosen |= of_copies == number
    if passing is not None:
        chosen &= passing
    counts = _distinct(None if owners is None else owners[chosen], columns.days.take(copies[chosen]))
    return {date.fromordinal(day).isoformat(): count for day, count in counts.items()}


def _dates(counts: Counts, selected: frozenset[str], length: int) -> tuple[FacetBucket, ...]:
    chosen = [value for value in selected if len(value) == length]
    return tuple(sorted(_buckets(counts, chosen), key=lambda bucket: bucket.value, reverse=True))


def _buckets(counts: Mapping[str, int], selected: Iterable[str]) -> list[FacetBucket]:
    """A bucket for every value that was counted or selected."""
    chosen = frozenset(selected)
    buckets = [FacetBucket(value, count, value in chosen) for value, count in counts.items()]
    buckets.extend(FacetBucket(value, 0, selected=True) for value in chosen - counts.keys())
    return buckets
