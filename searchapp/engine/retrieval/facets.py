"""Counts of stories by outlet and by date, each facet as if its own filter were not set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from operator import attrgetter, itemgetter
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.retrieval.construction import fast_constructor
from searchapp.engine.retrieval.copies import (
    UNDATED,
    CopyColumns,
    CopyFilter,
    Flags,
    both,
    day_at,
)
from searchapp.engine.retrieval.matches import NOTHING, Condition, Matches, Selection
from searchapp.engine.storage.pointers import distinct, narrow, ranges, run_starts, sizes
from searchapp.frozen import dataclass
from searchapp.model import FacetBucket, FacetName, SearchRequest

UNDATED_VALUE: Final = "undated"
"""The value of the only bucket of the facet "undated"."""
_YEAR: Final = len("2024")
_MONTH: Final = len("2024-06")
_DAY: Final = len("2024-06-25")
_DENSE: Final = 2000
"""A range of so many values is counted in an array, a wider one by sorting."""
MOST_PAIRS: Final = 1 << 14
"""Of outlets and months; so many are counted in about the time that it takes to count a page's matches."""
_bucket: Final = fast_constructor(FacetBucket)
_COUNT: Final = itemgetter(1)
_VALUE: Final = attrgetter("value")

Counts = dict[int, int]
"""Value → how many documents have it."""


class _Group:
    """Copies of matching documents, and the document of each; None where each is the only copy of its document.

    Of `matches`, the documents have one copy each, of the same number.
    """

    __slots__ = ("_copies", "_matches", "owners")

    def __init__(
        self, copies: NDArray[np.intp] | None, owners: NDArray[Any] | None = None, matches: Matches = NOTHING
    ) -> None:
        self._copies, self.owners, self._matches = copies, owners, matches

    @property
    def copies(self) -> NDArray[np.intp]:
        """The copies by number."""
        return self._matches.documents if self._copies is None else self._copies

    def that_pass(self, condition: Condition | None) -> _Group:
        """The copies that pass a filter, None for all."""
        if condition is None:
            return self
        (kept,) = condition(self.copies).nonzero()
        return _Group(self.copies.take(kept), None if self.owners is None else self.owners.take(kept))

    def count(self, column: NDArray[Any], divisor: int = 1) -> Counts:
        """How many different documents have each value of a column, divided."""
        values = column.take(self.copies)
        return _distinct(self.owners, values if divisor == 1 else values // divisor)

    def count_pairs(self, pairs: _Pairs) -> NDArray[np.int64]:
        """How many copies are of each month and outlet (M × O), of copies that are the only ones of their documents."""
        width = len(pairs.months) * pairs.outlets
        if self._copies is None:
            counts = self._matches.count(pairs.of_copies, width)
        else:
            counts = np.bincount(pairs.of_copies.take(self._copies), minlength=width)
        return counts.reshape(-1, pairs.outlets)


def facets(
    request: SearchRequest, matching: Matches, filters: CopyFilter, columns: CopyColumns
) -> Mapping[FacetName, tuple[FacetBucket, ...]]:
    """Count the matching documents (before filters) by outlet, year, month, day and absence of a date.

    A story counts once in a bucket, in every bucket that one of its copies passes into. Days are counted only where
    they can be chosen: in months that are selected, or when everything lies within one month.
    """
    groups = [group.that_pass(filters.span) for group in _groups(matching, columns)]
    by_outlet, by_month = _by_outlet_and_month(groups[0], filters, columns)
    for group in groups[1:]:
        by_outlet = _sum(by_outlet, group.that_pass(filters.when).count(columns.outlets))
        by_month = _sum(by_month, group.that_pass(filters.outlet).count(columns.months))
    by_year = _years([group.that_pass(filters.outlet) for group in groups[1:]], by_month, columns)
    undated = by_month.pop(UNDATED, 0)
    by_year.pop(UNDATED, None)
    by_day = _days(request, by_month, groups, filters.outlet, columns)
    return {
        "outlet": _outlets(by_outlet, request.sources, columns),
        "year": _dates({f"{year:04}": count for year, count in by_year.items()}, request.when, _YEAR),
        "month": _dates({_month_name(month): count for month, count in by_month.items()}, request.when, _MONTH),
        "day": _dates({day_at(day).isoformat(): count for day, count in by_day.items()}, request.when, _DAY),
        "undated": (_bucket(UNDATED_VALUE, undated, request.undated),) if undated or request.undated else (),
    }


def _groups(matches: Matches, columns: CopyColumns) -> list[_Group]:
    """The copies of some documents: those without another copy, most by far, and the others.

    Only where a document has several copies must be seen to it that it counts once.
    """
    if columns.documents is None:
        return [_Group(None, None, matches)]
    matching = matches.documents
    pointers = columns.pointers()
    counts = columns.snapshot.derived("copy counts", lambda: sizes(pointers)).take(matching)
    alone = counts == 1
    several = matching[~alone]
    counts = counts[~alone]
    copies = ranges(pointers.take(several), counts)
    return [_Group(pointers.take(matching[alone])), _Group(copies, np.repeat(several, counts))]


def _by_outlet_and_month(group: _Group, filters: CopyFilter, columns: CopyColumns) -> tuple[Counts, Counts]:
    """Counts by outlet and by month of documents with one copy, each without its own filter."""
    pairs = columns.snapshot.derived("outlet months", lambda: _Pairs.of(columns))
    if pairs is None or filters.when is not None:
        dated, from_outlets = group.that_pass(filters.when), group.that_pass(filters.outlet)
        return dated.count(columns.outlets), from_outlets.count(columns.months)
    counts = group.count_pairs(pairs)
    of_months = counts if filters.allowed is None else counts.compress(filters.allowed, axis=1)
    by_outlet, by_month = counts.sum(axis=0), of_months.sum(axis=1)
    (outlets,), (months,) = by_outlet.nonzero(), by_month.nonzero()
    return (
        dict(zip(outlets.tolist(), by_outlet.take(outlets).tolist(), strict=True)),
        dict(zip(pairs.months.take(months).tolist(), by_month.take(months).tolist(), strict=True)),
    )


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Outlets and months together: `of_copies` has month · `outlets` + outlet of each copy, by the month's place."""

    of_copies: NDArray[Any]
    months: NDArray[np.uint32]
    outlets: int

    @classmethod
    def of(cls, columns: CopyColumns) -> _Pairs | None:
        """The pairs of a snapshot; None where there are so many that counting by each alone is faster."""
        outlets = max(len(columns.outlet_names), 1)
        months = distinct(columns.months)
        if len(months) * outlets > MOST_PAIRS:
            return None
        return cls(narrow(months.searchsorted(columns.months) * outlets + columns.outlets), months, outlets)


def _years(groups: Sequence[_Group], by_month: Counts, columns: CopyColumns) -> Counts:
    """Counts by year. A document has one month only where it has one copy only; `groups` are the others."""
    by_year: Counts = {}
    for month, count in by_month.items():
        by_year[month // 12] = by_year.get(month // 12, 0) + count
    for group in groups:
        for month, count in group.count(columns.months).items():
            by_year[month // 12] -= count
        by_year = _sum(by_year, group.count(columns.months, 12))
    return by_year


@cache
def _month_name(month: int) -> str:
    return f"{month // 12:04}-{month % 12 + 1:02}"


def _sum(counts: Counts, others: Counts) -> Counts:
    """The counts of different documents together."""
    for value, count in others.items():
        counts[value] = counts.get(value, 0) + count
    return counts


def _distinct(owners: NDArray[Any] | None, values: NDArray[Any]) -> Counts:
    """Value → how many different documents have it. Without owners, every value is another document's."""
    if not len(values):
        return {}
    lowest, highest = int(values.min()), int(values.max())
    if highest - lowest > _DENSE:  # the undated lie far below all dates
        found = distinct(values)
        return dict(zip(found.tolist(), _count(owners, found.searchsorted(values), len(found)), strict=True))
    counts = _count(owners, values - lowest, highest - lowest + 1)
    return {value: count for value, count in enumerate(counts, start=lowest) if count}


def _count(owners: NDArray[Any] | None, values: NDArray[Any], width: int) -> list[int]:
    """How many different documents have each value in 0..width − 1."""
    if owners is not None:
        pairs = np.sort(owners.astype(np.int64) * width + values)
        values = pairs.take(run_starts(pairs)) % width
    counts: list[int] = np.bincount(values, minlength=width).tolist()
    return counts


def _days(
    request: SearchRequest,
    by_month: Counts,
    groups: Sequence[_Group],
    condition: Condition | None,
    columns: CopyColumns,
) -> Counts:
    """Counts by day of the copies that pass a condition, in the months that are open."""
    selected = {value[:_MONTH] for value in request.when if len(value) >= _MONTH}
    months = [month for month in by_month if len(by_month) == 1 or _month_name(month) in selected]
    if not months:
        return {}
    condition = both(condition, _in_months(months, columns))
    by_day: Counts = {}
    for group in groups:
        by_day = _sum(by_day, group.that_pass(condition).count(columns.days))
    return by_day


def _in_months(numbers: Sequence[int], columns: CopyColumns) -> Condition:
    """Which copies are of one of some months."""

    def passing(copies: Selection) -> Flags:
        months = columns.months[copies]
        chosen: Flags = months == numbers[0]
        for number in numbers[1:]:
            chosen |= months == number
        return chosen

    return passing


def _outlets(counts: Counts, selected: Sequence[str], columns: CopyColumns) -> tuple[FacetBucket, ...]:
    """By falling count, then by name, which is the order of their numbers."""
    names = columns.outlet_names
    if not selected:
        rows = sorted(counts.items(), key=_COUNT, reverse=True)
        return tuple([_bucket(names[number], count) for number, count in rows])
    buckets = _buckets({names[number]: count for number, count in counts.items()}, selected)
    return tuple(sorted(buckets, key=lambda bucket: (-bucket.count, bucket.value)))


def _dates(counts: Mapping[str, int], selected: Sequence[str], length: int) -> tuple[FacetBucket, ...]:
    """Those of a length are of the same facet. The newest first."""
    chosen = [value for value in selected if len(value) == length]
    return tuple(sorted(_buckets(counts, chosen), key=_VALUE, reverse=True))


def _buckets(counts: Mapping[str, int], selected: Sequence[str]) -> list[FacetBucket]:
    """A bucket for every value that was counted or selected."""
    if not selected:
        return [_bucket(value, count) for value, count in counts.items()]
    chosen = frozenset(selected)
    buckets = [_bucket(value, count, value in chosen) for value, count in counts.items()]
    buckets.extend(_bucket(value, 0, selected=True) for value in chosen - counts.keys())
    return buckets
