"""What matches and passes the filters of a request. Each part of the filters is asked once of the same matches.

Readers turn pages and try other words with the same filters: what follows from filters alone is kept with the snapshot
for a while.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.retrieval.core.matches import ALL, Condition, Matches
from searchapp.engine.retrieval.core.recent import Recent
from searchapp.engine.retrieval.facets.copies import CopyColumns, CopyFilter, Flags, both
from searchapp.engine.retrieval.facets.facet_rows import Rows
from searchapp.engine.retrieval.facets.sifting import Sieve, Sifted
from searchapp.frozen import dataclass
from searchapp.model import SearchRequest

FILTERS_BYTES: Final = 16 << 20
"""How much memory the filters take that were asked for of late, about."""
_FILTER_BYTES: Final = 2048


@dataclass(frozen=True, slots=True)
class _Packed:
    """Flags as bits: an eighth of the memory, and they are unpacked in microseconds."""

    bits: NDArray[np.uint8]
    count: int

    @classmethod
    def of(cls, flags: Flags | None) -> _Packed | None:
        """The same flags; None for none."""
        return None if flags is None else cls(np.packbits(flags), len(flags))

    @property
    def nbytes(self) -> int:
        """The memory that they take."""
        return self.bits.nbytes

    def flags(self) -> Flags:
        """The flags, unpacked."""
        return np.unpackbits(self.bits, count=self.count).view(np.bool_)


@dataclass(frozen=True, slots=True)
class _Parts:
    """The filters of a request: all, those that the copies must pass together, and what is left without the span.

    `copies` are all that pass and `stories` those that have one, where stories may have several; else None. Copies are
    asked once a request, stories for each of its matches. `sieve` is what they are to a loop, where that can be said.
    """

    filters: CopyFilter
    passing: Condition | None
    rest: Condition | None
    without_span: CopyFilter
    copies: _Packed | None
    stories: _Packed | None
    sieve: Sieve | None

    @classmethod
    def of(cls, request: SearchRequest, columns: CopyColumns) -> _Parts:
        """Those of a request, kept for a while. Raises as `CopyFilter.of`."""
        asked = request.sources or request.not_sources or request.when or request.undated
        if not asked and request.date_from is request.date_to is None:
            return columns.snapshot.derived("no filters", lambda: cls._make(request, columns))
        values = tuple(request.sources), tuple(request.not_sources), tuple(request.when)
        key = values, request.date_from, request.date_to, request.undated
        kept: Recent[object, _Parts] = columns.snapshot.derived("filters", lambda: Recent(FILTERS_BYTES))
        found = kept.get(key)
        if found is None:
            found = cls._make(request, columns)
            arrays = (found.filters.allowed, found.copies, found.stories, found.sieve)
            texts = sum([len(value) for several in values for value in several])
            kept.put(key, found, _FILTER_BYTES + 8 * texts + sum([one.nbytes for one in arrays if one is not None]))
        return found

    @classmethod
    def _make(cls, request: SearchRequest, columns: CopyColumns) -> _Parts:
        filters = CopyFilter.of(request, columns)
        passing = filters.passing()
        copies = None if columns.documents is None or passing is None else passing(ALL)
        stories = None if copies is None else columns.has_any(copies)
        rest = both(filters.outlet, filters.when)
        sieve = Sieve.of(filters, columns)
        return cls(filters, passing, rest, replace(filters, span=None), _Packed.of(copies), _Packed.of(stories), sieve)


class Filtering:
    """The filters of one request over a snapshot.

    Where every story has one copy only, stories are asked themselves, and the days that `date_from` and `date_to` ask
    for before all else: every facet keeps to them. Where a story may have several copies, all its filters hold on one
    and the same of them, so that it is copies that are asked.
    """

    def __init__(self, request: SearchRequest, columns: CopyColumns) -> None:
        """Read the filters.

        Raises:
            InvalidRequest: one of `when` is no date.
        """
        self._parts = _Parts.of(request, columns)
        self.filters, self.passing = self._parts.filters, self._parts.passing
        self._columns = columns
        # The matches themselves are kept with what passes of them: no other object can then have their id.
        self._within_span: dict[int, tuple[Matches, Matches]] = {}
        self._passing: dict[int, tuple[Matches, Matches]] = {}
        self._sifted: list[tuple[Matches, Sifted | None]] = []

    def earliest(self) -> NDArray[np.int32]:
        """For each document the earliest day of its copies that pass, `UNDATED` where they have none."""
        copies = self._parts.copies
        return self._columns.earliest(None if copies is None else copies.flags())

    def that_pass(self, matches: Matches) -> Matches:
        """Those of the matches that pass."""
        if self.passing is None:
            return matches
        sifted = self._sift(matches)
        if sifted is not None:
            return sifted.passing
        found = self._passing.get(id(matches))
        if found is None:
            found = self._passing[id(matches)] = matches, self._that_pass(matches)
        return found[1]

    def _that_pass(self, matches: Matches) -> Matches:
        if self._parts.stories is not None:
            flags = self._parts.stories.flags()
            return matches.that_pass(lambda documents: flags[documents])
        within = self._that_lie_within(matches)
        rest = self._parts.rest
        return within if rest is None else within.that_pass(rest)

    def _that_lie_within(self, matches: Matches) -> Matches:
        """Those of the matches that lie between the days that are asked for."""
        if self.filters.span is None:
            return matches
        found = self._within_span.get(id(matches))
        if found is None:
            found = self._within_span[id(matches)] = matches, matches.that_pass(self.filters.span)
        return found[1]

    def rows(self, matches: Matches) -> Rows | None:
        """What facets count of the matches, where one look at them tells that and what passes."""
        sifted = self._sift(matches)
        return None if sifted is None else sifted.rows

    def _sift(self, matches: Matches) -> Sifted | None:
        for those, sifted in self._sifted:
            if those is matches:
                return sifted
        sieve = self._parts.sieve
        found = None if sieve is None else sieve.sift(matches)
        self._sifted.append((matches, found))
        return found

    def for_facets(self, matches: Matches) -> tuple[Matches, CopyFilter]:
        """What facets count, and what it is still to be filtered by."""
        if self.filters.span is None or self._columns.documents is not None:
            return matches, self.filters
        return self._that_lie_within(matches), self._parts.without_span
