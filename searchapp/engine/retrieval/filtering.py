"""What matches and passes the filters of a request. Each part of the filters is asked once of the same matches."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.retrieval.copies import CopyColumns, CopyFilter, both
from searchapp.engine.retrieval.matches import ALL, Matches
from searchapp.model import SearchRequest


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
        self.filters = CopyFilter.of(request, columns)
        self.passing = self.filters.passing()
        self._columns = columns
        several = columns.documents is not None
        self._copies = self.passing(ALL) if several and self.passing is not None else None
        self._stories = None if self._copies is None else columns.has_any(self._copies)
        # The matches themselves are kept with what passes of them: no other object can then have their id.
        self._within_span: dict[int, tuple[Matches, Matches]] = {}
        self._passing: dict[int, tuple[Matches, Matches]] = {}

    def earliest(self) -> NDArray[np.int32]:
        """For each document the earliest day of its copies that pass, `UNDATED` where they have none."""
        return self._columns.earliest(self._copies)

    def that_pass(self, matches: Matches) -> Matches:
        """Those of the matches that pass."""
        if self.passing is None:
            return matches
        found = self._passing.get(id(matches))
        if found is None:
            found = self._passing[id(matches)] = matches, self._that_pass(matches)
        return found[1]

    def _that_pass(self, matches: Matches) -> Matches:
        if self._stories is not None:
            stories = self._stories
            return matches.that_pass(lambda documents: stories[documents])
        within = self._that_lie_within(matches)
        rest = both(self.filters.outlet, self.filters.when)
        return within if rest is None else within.that_pass(rest)

    def _that_lie_within(self, matches: Matches) -> Matches:
        """Those of the matches that lie between the days that are asked for."""
        if self.filters.span is None:
            return matches
        found = self._within_span.get(id(matches))
        if found is None:
            found = self._within_span[id(matches)] = matches, matches.that_pass(self.filters.span)
        return found[1]

    def for_facets(self, matches: Matches) -> tuple[Matches, CopyFilter]:
        """What facets count, and what it is still to be filtered by."""
        if self.filters.span is None or self._columns.documents is not None:
            return matches, self.filters
        return self._that_lie_within(matches), replace(self.filters, span=None)
