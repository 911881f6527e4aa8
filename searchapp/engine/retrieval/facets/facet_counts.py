"""How many of the matching stories are of each outlet, month, year and day, each without its own filter.

A story counts once in a bucket, in every bucket that one of its copies passes into.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.retrieval.core.matches import NOTHING, Condition, Matches, Selection
from searchapp.engine.retrieval.facets.copies import (
    LATEST,
    NO_FLAGS,
    UNDATED,
    CopyColumns,
    CopyFilter,
    Flags,
    InPeriods,
    PlainCondition,
    both,
    day_at,
)
from searchapp.engine.retrieval.facets.facet_loops import count_days, count_stories
from searchapp.engine.retrieval.facets.facet_pairs import Pairs, nonzero
from searchapp.engine.retrieval.facets.facet_rows import Counts, Rows
from searchapp.engine.storage.pointers import distinct, narrow, ranges, run_starts, sizes
from searchapp.frozen import dataclass

_DENSE: Final = 2000
"""A range of so many values is counted in an array, a wider one by sorting."""
_NARROW: Final = np.empty(0, np.uint16)


def counted(matching: Matches, filters: CopyFilter, columns: CopyColumns) -> Rows:
    """Count the matching documents (before filters)."""
    if columns.documents is None and (pairs := Pairs.kept(columns)) is not None:
        return _by_pairs(pairs, matching if filters.span is None else matching.that_pass(filters.span), filters)
    return _by_loop(matching, filters, columns) or _by_groups(matching, filters, columns)


def days_counted(months: Sequence[int], matching: Matches, filters: CopyFilter, columns: CopyColumns) -> Counts:
    """Count by day in some months, without the filter of dates to be chosen."""
    found = _days_by_loop(months, matching, filters, columns)
    if found is not None:
        return found
    condition = both(both(filters.span, filters.outlet), _in_months(months, columns))
    if columns.documents is None and isinstance(condition, PlainCondition):
        found = _days_in(condition, matching, columns)
        if found is not None:
            return found
    by_day: Counts = {}
    for group in _groups(matching, columns):
        by_day = _sum(by_day, group.that_pass(condition).count(columns.days))
    return by_day


def _days_in(condition: PlainCondition, matching: Matches, columns: CopyColumns) -> Counts | None:
    """The same by a loop, where stories have one copy each and months follow one another."""
    made = count_days.ready(columns.outlets)
    if made is None:
        return None
    # Of unions, only what passes is looked at; what is known already is looked through faster than it is taken out.
    some = matching.that_pass(condition) if matching.is_late else matching
    counts = np.zeros(max(condition.last - condition.first + 1, 0), np.int64)
    allowed = NO_FLAGS if condition.allowed is None else condition.allowed
    made(some.documents, columns.days, condition.first, condition.last, columns.outlets, allowed, counts)
    return {day: count for day, count in enumerate(counts.tolist(), start=condition.first) if count}


def foresee(matching: Matches, columns: CopyColumns) -> None:
    """Let what matches know what facets will count of it."""
    pairs = Pairs.kept(columns) if columns.documents is None else None
    if pairs is not None:
        matching.foresee(pairs.of_copies, pairs.width)


def _by_pairs(pairs: Pairs, matching: Matches, filters: CopyFilter) -> Rows:
    """Where every story has one copy, and outlets and months are counted together."""
    counts = matching.count(pairs.of_copies, pairs.width)
    if filters.when is None:
        return pairs.split(counts, counts, filters.allowed)
    dated = matching.that_pass(filters.when).count(pairs.of_copies, pairs.width)
    return pairs.split(dated, counts, filters.allowed)


def _by_loop(matching: Matches, filters: CopyFilter, columns: CopyColumns) -> Rows | None:
    """By a loop over copies, if it is compiled."""
    if not _may_loop(columns):
        return None
    periods = _periods(filters.when)
    if periods is None:
        return None
    places = columns.snapshot.derived("months of copies", lambda: _Places.of(columns.months, 12))
    found = places.count(matching, filters, columns, periods)
    if found is None:
        return None
    by_outlet, by_month, by_year = found
    return Rows.of_counts(nonzero(by_outlet), nonzero(by_month, places.numbers), nonzero(by_year, places.groups))


def _periods(when: Condition | None) -> Sequence[tuple[int, int]] | None:
    """The periods that a condition is for; None where it is another kind of condition."""
    if when is None:
        return [(UNDATED, LATEST)]
    if isinstance(when, InPeriods):
        return when.periods
    return [(when.first, when.last)] if isinstance(when, PlainCondition) and when.allowed is None else None


def _may_loop(columns: CopyColumns) -> bool:
    return bool(columns.snapshot.parts) and count_stories.ready(columns.outlets, _NARROW) is not None


def _days_by_loop(months: Sequence[int], matching: Matches, filters: CopyFilter, columns: CopyColumns) -> Counts | None:
    """The same for days, where stories may have several copies."""
    if columns.documents is None or not _may_loop(columns):
        return None
    places = columns.snapshot.derived("days of copies", lambda: _Places.of(columns.days, LATEST))
    found = places.count(matching, filters, columns, ())
    if found is None:
        return None
    by_day = nonzero(found[1], places.numbers)
    return {day: count for day, count in by_day.items() if day != UNDATED and _month_of(day) in months}


@lru_cache(1 << 12)
def _days_of(month: int) -> tuple[int, int]:
    """The first and the last day of a month."""
    from calendar import monthrange  # noqa: PLC0415 - a search without open months needs none of it

    first = date(month // 12, month % 12 + 1, 1)
    return first.toordinal(), first.toordinal() + monthrange(first.year, first.month)[1] - 1


def _month_of(day: int) -> int:
    found = day_at(day)
    return found.year * 12 + found.month - 1


@dataclass(frozen=True, slots=True)
class _Places:
    """The different months (or days) of all copies, `numbers`, rising, and the place of each copy's among them.

    `group_places` are the places of their years among all, which are `groups`.
    """

    numbers: NDArray[Any]
    of_copies: NDArray[Any]
    groups: NDArray[np.int64]
    group_places: NDArray[np.int64]

    @classmethod
    def of(cls, column: NDArray[Any], divisor: int) -> _Places:
        """Those of a column; so many, one after the other, make a group."""
        numbers = distinct(column)
        of_numbers = numbers.astype(np.int64) // divisor
        groups = distinct(of_numbers)
        return cls(numbers, narrow(numbers.searchsorted(column)), groups, groups.searchsorted(of_numbers))

    def count(
        self,
        matching: Matches,
        filters: CopyFilter,
        columns: CopyColumns,
        periods: Sequence[tuple[int, int]],
    ) -> Sequence[NDArray[np.int64]] | None:
        """How many stories there are by outlet, by number and by group, if the loop is compiled.

        By outlet, those copies count that are of one of some periods.
        """
        span = filters.span or PlainCondition(columns)
        if not isinstance(span, PlainCondition):
            return None
        made = count_stories.ready(columns.outlets, self.of_copies)
        if made is None:
            return None
        sizes = max(len(columns.outlet_names), 1), len(self.numbers), len(self.groups)
        starts, ends = (np.array([one[at] for one in periods], np.int64) for at in (0, 1))
        by_outlet, by_number, by_group = (np.zeros(size, np.int64) for size in sizes)
        made(
            matching.documents,
            columns.pointers(),
            columns.days,
            columns.outlets,
            self.of_copies,
            self.group_places,
            span.first,
            span.last,
            starts,
            ends,
            NO_FLAGS if filters.allowed is None else filters.allowed,
            by_outlet,
            by_number,
            by_group,
            np.zeros(sum(sizes), np.int64),
        )
        return by_outlet, by_number, by_group


def _by_groups(matching: Matches, filters: CopyFilter, columns: CopyColumns) -> Rows:
    """In numpy's way."""
    alone, *others = [group.that_pass(filters.span) for group in _groups(matching, columns)]
    rows = _of_one_copy(alone, filters, columns)
    if not others:
        return rows
    by_outlet, by_year, by_month = dict(rows.by_outlet), dict(rows.by_year), dict(rows.by_month)
    months = columns.months
    by_month[UNDATED] = rows.undated
    for group in others:
        by_outlet = _sum(by_outlet, group.that_pass(filters.when).count(columns.outlets))
        from_outlets = group.that_pass(filters.outlet)
        by_month = _sum(by_month, from_outlets.count(months))
        by_year = _sum(by_year, from_outlets.count(months, 12))
    return Rows.of_counts(by_outlet, by_month, by_year)


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
        if self._copies is None:
            return _Group(None, None, self._matches.that_pass(condition))
        (kept,) = condition(self.copies).nonzero()
        return _Group(self.copies.take(kept), None if self.owners is None else self.owners.take(kept))

    def count(self, column: NDArray[Any], divisor: int = 1) -> Counts:
        """How many different documents have each value of a column, divided."""
        values = column.take(self.copies)
        return _distinct(self.owners, values if divisor == 1 else values // divisor)

    def count_pairs(self, pairs: Pairs) -> NDArray[np.int64]:
        """How many copies are of each month and outlet (M · O), of copies that are the only ones of their documents."""
        return np.bincount(pairs.of_copies.take(self.copies), minlength=pairs.width)


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


def _of_one_copy(group: _Group, filters: CopyFilter, columns: CopyColumns) -> Rows:
    """Counts of documents that have one copy."""
    pairs = Pairs.kept(columns)
    if pairs is not None:
        counts = group.count_pairs(pairs)
        dated = counts if filters.when is None else group.that_pass(filters.when).count_pairs(pairs)
        return pairs.split(dated, counts, filters.allowed)
    of_time, from_outlets, months = group.that_pass(filters.when), group.that_pass(filters.outlet), columns.months
    return Rows.of_counts(of_time.count(columns.outlets), from_outlets.count(months), from_outlets.count(months, 12))


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


def _in_months(numbers: Sequence[int], columns: CopyColumns) -> Condition:
    """Which copies are of one of some months."""
    if len(numbers) == 1:
        return PlainCondition(columns, *_days_of(numbers[0]))

    of_copies = columns.months

    def passing(copies: Selection) -> Flags:
        months = of_copies[copies]
        chosen: Flags = months == numbers[0]
        for number in numbers[1:]:
            chosen |= months == number
        return chosen

    return passing
