"""Counts of stories by outlet and by date, each facet as if its own filter were not set."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.retrieval.construction import fast_constructor
from searchapp.engine.retrieval.copies import UNDATED, Condition, CopyColumns, CopyFilter, Flags, Selection, both
from searchapp.engine.storage.pointers import ranges, run_starts, sizes
from searchapp.model import FacetBucket, FacetName, SearchRequest

UNDATED_VALUE: Final = "undated"
"""The value of the only bucket of the facet "undated"."""
_MONTH: Final = len("2024-06")
_DENSE: Final = 2000
"""A range of so many values is counted in an array, a wider one by sorting."""
_bucket: Final = fast_constructor(FacetBucket)

Counts = dict[int, int]
"""Value → how many documents have it."""


@dataclass(frozen=True, slots=True)
class _Group:
    """Copies of matching documents, and the document of each; None where each is the only copy of its document."""

    copies: NDArray[np.intp]
    owners: NDArray[Any] | None = None

    def that_pass(self, condition: Condition | None) -> _Group:
        """The copies that pass a filter, None for all."""
        if condition is None:
            return self
        flags = condition(self.copies)
        return _Group(self.copies[flags], None if self.owners is None else self.owners[flags])

    def count(self, column: NDArray[Any], divisor: int = 1) -> Counts:
        """How many different documents have each value of a column, divided."""
        values = column.take(self.copies)
        return _distinct(self.owners, values if divisor == 1 else values // divisor)


def facets(
    request: SearchRequest, matching: NDArray[np.intp], filters: CopyFilter, columns: CopyColumns
) -> Mapping[FacetName, tuple[FacetBucket, ...]]:
    """Count the matching documents (before filters) by outlet, year, month, day and absence of a date.

    A story counts once in a bucket, in every bucket that one of its copies passes into. Days are counted only where
    they can be chosen: in months that are selected, or when everything lies within one month.
    """
    groups = _groups(matching, columns)
    for_outlets, for_dates = both(filters.span, filters.when), both(filters.outlet, filters.span)
    dated = [group.that_pass(for_dates) for group in groups]
    if for_outlets is None and for_dates is None:
        by_outlet, by_month = _in_one_pass(groups, columns)
    else:
        by_outlet = _sum([group.that_pass(for_outlets).count(columns.outlets) for group in groups])
        by_month = _sum([group.count(columns.months) for group in dated])
    by_year = _years(dated, by_month, columns)
    undated = by_month.pop(UNDATED, 0)
    by_year.pop(UNDATED, None)
    selected = frozenset(request.when)
    months = {_month_name(month): count for month, count in by_month.items()}
    outlets = {columns.outlet_names[number]: count for number, count in by_outlet.items()}
    return {
        "outlet": tuple(sorted(_buckets(outlets, request.sources), key=lambda bucket: (-bucket.count, bucket.value))),
        "year": _dates({f"{year:04}": count for year, count in by_year.items()}, selected, 4),
        "month": _dates(months, selected, _MONTH),
        "day": _dates(_days(request, months, dated, columns), selected, len("2024-06-25")),
        "undated": (_bucket(UNDATED_VALUE, undated, request.undated),) if undated or request.undated else (),
    }


def _groups(matching: NDArray[np.intp], columns: CopyColumns) -> list[_Group]:
    """The copies of some documents: those without another copy, most by far, and the others.

    Only where a document has several copies must be seen to it that it counts once.
    """
    if columns.documents is None:
        return [_Group(matching)]
    pointers = columns.pointers()
    counts = columns.snapshot.derived("copy counts", lambda: sizes(pointers)).take(matching)
    alone = counts == 1
    several = matching[~alone]
    counts = counts[~alone]
    copies = ranges(pointers.take(several), counts)
    return [_Group(pointers.take(matching[alone])), _Group(copies, np.repeat(several, counts))]


def _in_one_pass(groups: Sequence[_Group], columns: CopyColumns) -> tuple[Counts, Counts]:
    """Counts by outlet and by month; of the first group, out of one count of their pairs."""
    pairs, months, width = columns.snapshot.derived("outlet months", lambda: _pairs(columns))
    counts = np.bincount(pairs.take(groups[0].copies), minlength=len(months) * width).reshape(len(months), width)
    by_outlet = {number: count for number, count in enumerate(counts.sum(axis=0).tolist()) if count}
    by_month = {month: count for month, count in zip(months, counts.sum(axis=1).tolist(), strict=True) if count}
    return (
        _sum([by_outlet, *[group.count(columns.outlets) for group in groups[1:]]]),
        _sum([by_month, *[group.count(columns.months) for group in groups[1:]]]),
    )


def _pairs(columns: CopyColumns) -> tuple[NDArray[np.intp], list[int], int]:
    """For each copy, one number for its outlet and month; the months, and how many outlets there are."""
    width = max(len(columns.outlet_names), 1)
    months, places = np.unique(columns.months, return_inverse=True)
    return (places * width + columns.outlets).astype(np.uint32), months.tolist(), width


def _years(groups: Sequence[_Group], by_month: Counts, columns: CopyColumns) -> Counts:
    """Counts by year. A document has one month only where it has one copy only."""
    by_year: Counts = defaultdict(int)
    for month, count in by_month.items():
        by_year[month // 12] += count
    for group in groups:
        if group.owners is not None:
            for month, count in group.count(columns.months).items():
                by_year[month // 12] -= count
            for year, count in group.count(columns.months, 12).items():
                by_year[year] += count
    return by_year


@cache
def _month_name(month: int) -> str:
    return f"{month // 12:04}-{month % 12 + 1:02}"


def _sum(counts: Sequence[Counts]) -> Counts:
    """The counts of groups of different documents together."""
    total = counts[0]
    for others in counts[1:]:
        for value, count in others.items():
            total[value] = total.get(value, 0) + count
    return total


def _distinct(owners: NDArray[Any] | None, values: NDArray[Any]) -> Counts:
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
        # `np.unique` would import numpy's masked arrays, for nothing.
        pairs = np.sort(owners.astype(np.int64) * width + values)
        values = pairs.take(run_starts(pairs)) % width
    counts: list[int] = np.bincount(values, minlength=width).tolist()
    return counts


def _days(
    request: SearchRequest, months: Mapping[str, int], groups: Sequence[_Group], columns: CopyColumns
) -> Mapping[str, int]:
    open_months = {value[:_MONTH] for value in request.when if len(value) >= _MONTH} & months.keys()
    if len(months) == 1:
        open_months |= months.keys()
    if not open_months:
        return {}
    numbers = [int(name[:4]) * 12 + int(name[5:]) - 1 for name in open_months]
    counts = _sum([group.that_pass(_in_months(numbers, columns)).count(columns.days) for group in groups])
    return {date.fromordinal(day).isoformat(): count for day, count in counts.items()}


def _in_months(numbers: Sequence[int], columns: CopyColumns) -> Condition:
    """Which copies are of one of some months."""

    def passing(copies: Selection) -> Flags:
        months = columns.months[copies]
        chosen: Flags = months == numbers[0]
        for number in numbers[1:]:
            chosen |= months == number
        return chosen

    return passing


def _dates(counts: Mapping[str, int], selected: frozenset[str], length: int) -> tuple[FacetBucket, ...]:
    chosen = [value for value in selected if len(value) == length]
    return tuple(sorted(_buckets(counts, chosen), key=lambda bucket: bucket.value, reverse=True))


def _buckets(counts: Mapping[str, int], selected: Iterable[str]) -> list[FacetBucket]:
    """A bucket for every value that was counted or selected."""
    chosen = frozenset(selected)
    buckets = [_bucket(value, count, value in chosen) for value, count in counts.items()]
    buckets.extend(_bucket(value, 0, selected=True) for value in chosen - counts.keys())
    return buckets
