"""Outlets and months counted together, where there are so few of both that this is faster than each by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.retrieval.facets.copies import NO_FLAGS, CopyColumns, Flags
from searchapp.engine.retrieval.facets.facet_loops import split_pairs
from searchapp.engine.storage.pointers import distinct, narrow
from searchapp.frozen import dataclass

MOST_PAIRS: Final = 1 << 14
"""Of outlets and months; so many are counted in about the time that it takes to count a page's matches."""

Counts = dict[int, int]
"""Value → how many documents have it."""


class Counted(NamedTuple):
    """Stories by the number of an outlet, a month (year × 12 + month − 1, `UNDATED` without date), and a year."""

    by_outlet: Counts
    by_month: Counts
    by_year: Counts


@dataclass(frozen=True, slots=True)
class Pairs:
    """Outlets and months together: `of_copies` has month · `outlets` + outlet of each copy, by the month's place.

    `year_starts` are the places of the first month of each of the years; `numbers` are the months for loops.
    """

    of_copies: NDArray[Any]
    months: NDArray[np.uint32]
    numbers: NDArray[np.int64]
    outlets: int
    years: NDArray[Any]
    year_starts: NDArray[np.intp]

    @property
    def width(self) -> int:
        """How many pairs there may be."""
        return len(self.months) * self.outlets

    @classmethod
    def kept(cls, columns: CopyColumns) -> Pairs | None:
        """As `of`, made once a snapshot."""
        return columns.snapshot.derived("outlet months", lambda: cls.of(columns))

    @classmethod
    def of(cls, columns: CopyColumns) -> Pairs | None:
        """The pairs of a snapshot; None where there are so many that counting by each alone is faster."""
        outlets = max(len(columns.outlet_names), 1)
        months = distinct(columns.months)
        if len(months) * outlets > MOST_PAIRS:
            return None
        of_copies = narrow(months.searchsorted(columns.months) * outlets + columns.outlets)
        years = distinct(months // 12)
        return cls(of_copies, months, months.astype(np.int64), outlets, years, (months // 12).searchsorted(years))

    def split(self, of_outlets: NDArray[np.int64], of_months: NDArray[np.int64], allowed: Flags | None) -> Counted:
        """Counts by outlet, and counts by month and year of outlets that are allowed, of counts by pair (M · O)."""
        if (made := split_pairs.ready()) is not None:
            return self._by_loop(made, of_outlets, of_months, NO_FLAGS if allowed is None else allowed)
        by_pair, by_outlet = (one.reshape(-1, self.outlets) for one in (of_months, of_outlets))
        by_month = (by_pair if allowed is None else by_pair.compress(allowed, axis=1)).sum(axis=1)
        by_year = np.add.reduceat(by_month, self.year_starts) if len(by_month) else by_month
        return Counted(nonzero(by_outlet.sum(axis=0)), nonzero(by_month, self.months), nonzero(by_year, self.years))

    def _by_loop(
        self, made: Callable[..., int], of_outlets: NDArray[np.int64], of_months: NDArray[np.int64], allowed: Flags
    ) -> Counted:
        found = np.empty(3 + 2 * self.outlets + 4 * len(self.numbers), np.int64)
        end = made(of_outlets, of_months, self.outlets, self.numbers, allowed, found)
        numbers: list[int] = found[:end].tolist()
        months_at = 3 + 2 * numbers[0]
        years_at = months_at + 2 * numbers[1]
        return Counted(
            dict(zip(numbers[3:months_at:2], numbers[4:months_at:2], strict=True)),
            dict(zip(numbers[months_at:years_at:2], numbers[months_at + 1 : years_at : 2], strict=True)),
            dict(zip(numbers[years_at::2], numbers[years_at + 1 :: 2], strict=True)),
        )


def nonzero(counts: NDArray[np.int64], values: NDArray[Any] | None = None) -> Counts:
    """The counts that are not 0, by their places or by the values at these."""
    (places,) = counts.nonzero()
    found = places if values is None else values.take(places)
    return dict(zip(found.tolist(), counts.take(places).tolist(), strict=True))
