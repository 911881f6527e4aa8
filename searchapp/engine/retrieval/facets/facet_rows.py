"""What facets count, in the order in which it is shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from operator import itemgetter
from typing import Final, NamedTuple

from searchapp.engine.retrieval.facets.copies import UNDATED
from searchapp.engine.retrieval.facets.sifting_loops import HEAD, NOT_COUNTED, SORTED

Counts = dict[int, int]
"""Value → how many documents have it."""
Row = tuple[int, int]
"""A value and its count."""
_COUNT: Final = itemgetter(1)


class Rows(NamedTuple):
    """How many stories each outlet, year, month and day has, by its number; those that have none are left out.

    Outlets stand by falling count, all others the newest first. A month is year × 12 + month − 1, a day as
    `date.toordinal` has it; days are None where they were not looked at.
    """

    by_outlet: Sequence[Row]
    by_year: Sequence[Row]
    by_month: Sequence[Row]
    by_day: Sequence[Row] | None
    undated: int

    @classmethod
    def of_counts(cls, by_outlet: Counts, by_month: Counts, by_year: Counts) -> Rows:
        """Those of counts in any order; in months and years, `UNDATED` stands for those without a date."""
        undated = by_month.pop(UNDATED, 0)
        by_year.pop(UNDATED, None)
        return cls(_falling(sorted(by_outlet.items())), newest(by_year), newest(by_month), None, undated)

    @classmethod
    def of_numbers(cls, found: list[int]) -> Rows:
        """Those that loops have found, as `sifting_loops` says."""
        outlets, years, months, days, undated, _ = found[:HEAD]
        rows = list(zip(found[HEAD::2], found[HEAD + 1 :: 2], strict=True))
        months_at = outlets + years
        days_at = months_at + months
        by_outlet = rows[:outlets] if outlets <= SORTED else _falling(rows[:outlets])
        by_day = None if days == NOT_COUNTED else rows[days_at:]
        return _rows((by_outlet, rows[outlets:months_at], rows[months_at:days_at], by_day, undated))


_rows: Final[Callable[[tuple[Sequence[Row], Sequence[Row], Sequence[Row], Sequence[Row] | None, int]], Rows]] = partial(
    tuple.__new__, Rows
)
"""As the class makes them, in one step."""


def newest(counts: Counts) -> list[Row]:
    """The rows of years, months or days."""
    return sorted(counts.items(), reverse=True)


def _falling(rows: list[Row]) -> list[Row]:
    """Rows by falling count, otherwise in the order that they have, which is that of names."""
    return sorted(rows, key=_COUNT, reverse=True)
