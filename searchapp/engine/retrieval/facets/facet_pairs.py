"""Outlets and months counted together, where there are so few of both that this is faster than each by itself."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.retrieval.facets.copies import NO_FLAGS, CopyColumns, Flags
from searchapp.engine.retrieval.facets.facet_rows import Counts, Rows
from searchapp.engine.retrieval.facets.sifting_loops import HEAD, split_pairs
from searchapp.engine.storage.pointers import distinct, narrow
from searchapp.frozen import dataclass

MOST_PAIRS: Final = 1 << 14
"""Of outlets and months; so many are counted in about the time that it takes to count a page's matches."""


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
        month_of_each = columns.months
        months = distinct(month_of_each)
        if len(months) * outlets > MOST_PAIRS:
            return None
        of_copies = narrow(months.searchsorted(month_of_each) * outlets + columns.outlets)
        years = distinct(months // 12)
        return cls(of_copies, months, months.astype(np.int64), outlets, years, (months // 12).searchsorted(years))

    def split(self, of_outlets: NDArray[np.int64], of_months: NDArray[np.int64], allowed: Flags | None) -> Rows:
        """Counts by outlet, and counts by month and year of outlets that are allowed, of counts by pair (M · O)."""
        if (made := split_pairs.ready()) is not None:
            found = np.empty(HEAD + 2 * self.outlets + 4 * len(self.numbers), np.int64)
            flags = NO_FLAGS if allowed is None else allowed
            return Rows.of_numbers(
                found[: made(of_outlets, of_months, self.outlets, self.numbers, flags, found)].tolist()
            )
        by_pair, by_outlet = (one.reshape(-1, self.outlets) for one in (of_months, of_outlets))
        by_month = (by_pair if allowed is None else by_pair.compress(allowed, axis=1)).sum(axis=1)
        by_year = np.add.reduceat(by_month, self.year_starts) if len(by_month) else by_month
        counts = nonzero(by_outlet.sum(axis=0)), nonzero(by_month, self.months), nonzero(by_year, self.years)
        return Rows.of_counts(*counts)


def nonzero(counts: NDArray[np.int64], values: NDArray[Any] | None = None) -> Counts:
    """The counts that are not 0, by their places or by the values at these."""
    (places,) = counts.nonzero()
    found = places if values is None else values.take(places)
    return dict(zip(found.tolist(), counts.take(places).tolist(), strict=True))
