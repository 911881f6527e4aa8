"""Counts of stories by outlet and by date, each facet as if its own filter were not set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.retrieval.copies import UNDATED, Condition, CopyColumns, CopyFilter, Flags, both
from searchapp.engine.storage.pointers import ranges
from searchapp.model import FacetBucket, FacetName, SearchRequest

UNDATED_VALUE: Final = "undated"
"""The value of the only bucket of the facet "undated"."""
_MONTH: Final = len("2024-06")
_DENSE: Final = 2000
"""A range of so many values is counted in an array, a wider one by sorting."""

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
    if owners is None and for_outlets is None and for_dates is None:
        by_outlet, by_month = _in_one_pass(copies, columns)
    else:
        by_outlet = _distinct(*_chosen(owners, copies, for_outlets, columns.outlets))
        by_month = _distinct(*_chosen(owners, copies, for_dates, columns.months))
    by_year: dict[int, int] = {}
    if owners is None:
        for month, count in by_month.items():
            by_year[month // 12] = by_year.get(month // 12, 0) + count
    else:
        of_copies, months = _chosen(owners, copies, for_dates, columns.months)
        by_year = _distinct(of_copies, months // 12)
    undated = by_month.pop(UNDATED, 0)
    by_year.pop(UNDATED, None)
    selected = frozenset(request.when)
    month_names = {f"{month // 12:04}-{month % 12 + 1:02}": count for month, count in by_month.items()}
    days = _days(request, month_names, copies, for_dates, owners, columns)
    outlets = {columns.outlet_names[number]: count for number, count in by_outlet.items()}
    return {
        "outlet": tuple(sorted(_buckets(outlets, request.sources), key=lambda bucket: (-bucket.count, bucket.value))),
        "year": _dates({f"{year:04}": count for year, count in by_year.items()}, selected, 4),
        "month": _dates(month_names, selected, _MONTH),
        "day": _dates(days, selected, len("2024-06-25")),
        "undated": (FacetBucket(UNDATED_VALUE, undated, request.undated),) if undated or request.undated else (),
    }


def _in_one_pass(copies: NDArray[np.intp], columns: CopyColumns) -> tuple[dict[int, int], dict[int, int]]:
    """Counts by outlet and by month out of one count of their pairs."""
    pairs, months, width = columns.snapshot.derived("outlet months", lambda: _pairs(columns))
    counts = np.bincount(pairs.take(copies), minlength=len(months) * width).reshape(len(months), width)
    by_outlet = {number: count for number, count in enumerate(counts.sum(axis=0).tolist()) if count}
    by_month = {month: count for month, count in zip(months, counts.sum(axis=1).tolist(), strict=True) if count}
    return by_outlet, by_month


def _pairs(columns: CopyColumns) -> tuple[NDArray[np.intp], list[int], int]:
    """For each copy, one number for its outlet and month; the months, and how many outlets there are."""
    width = max(len(columns.outlet_names), 1)
    months, places = np.unique(columns.months, return_inverse=True)
    return (places * width + columns.outlets).astype(np.uint32), months.tolist(), width


def _chosen(
    owners: NDArray[Any] | None, copies: NDArray[np.intp], passing: Flags | None, column: NDArray[Any]
) -> tuple[NDArray[Any] | None, NDArray[Any]]:
    """The owners of the copies that pass, and their values in a column."""
    if passing is None:
        return owners, column.take(copies)
    return None if owners is None else owners[passing], column.take(copies[passing])


def _copies_of(matching: NDArray[np.intp], columns: CopyColumns) -> tuple[NDArray[Any] | None, NDArray[np.intp]]:
    """The copies of some documents, and for each the document; None where they are the same numbers."""
    if columns.documents is None:
        return None, matching
    pointers = columns.pointers()
    starts = pointers.take(matching)
    counts = pointers.take(matching + 1) - starts
    return np.repeat(matching, counts), ranges(starts, counts)


def _passing(copies: NDArray[np.intp], condition: Condition | None) -> Flags | None:
    return None if condition is None else condition(copies)


def _distinct(owners: NDArray[Any] | None, values: NDArray[Any]) -> dict[int, int]:
    """Value → how many different documents have it. Without owners, every value is another document's."""
    if not len(values):
        return {}
    lowest, highest = int(values.min()), int(values.max())
    if highest - lowest > _DENSE:  # the undated lie far below all dates
        found, places = np.unique(values, return_inverse=True)
        return dict(zip(found.tolist(), _count(owners, places, len(found)), strict=True))
    counts = _count(owners, values - lowest, highest - lowest + 1)
    return {value: count for value, count in enumerate(counts, start=lowest) if count}


def _count(owners: NDArray[Any] | None, values: NDArray[Any], width: int) -> list[int]:
    """How many different documents have each value in 0..width − 1."""
    if owners is not None:
        values = np.unique(owners.astype(np.int64) * width + values) % width
    counts: list[int] = np.bincount(values, minlength=width).tolist()
    return counts


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
