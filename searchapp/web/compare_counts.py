"""The counts of a comparison, on one scale of time for all of its lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Final

from searchapp import intervals
from searchapp.config import LIMITS
from searchapp.frozen import dataclass
from searchapp.model import FacetBucket, Histogram, Interval, SearchRequest, SearchResult
from searchapp.web.compare_request import Comparison
from searchapp.web.presentation import outlet

if TYPE_CHECKING:
    from searchapp.index import Index

OUTLETS_OFFERED: Final = 12
"""How many outlets, those with most articles, can be chosen for a comparison, besides those that are."""

_ATTEMPTS: Final = 3
"""The searches of a comparison should see one state of the index; while it is written to, they are made again."""


@dataclass(frozen=True, slots=True)
class Line:
    """One search over time. `whole` is what its counts are a share of: all that there is under the same filters."""

    label: str
    search: SearchRequest
    total: int
    counts: tuple[int, ...]
    whole: tuple[int, ...]

    def shares(self) -> tuple[float | None, ...]:
        """Its share of the whole in each interval, from 0 to 1; None where there is nothing at all."""
        return tuple(count / all_ if all_ else None for count, all_ in zip(self.counts, self.whole, strict=True))


@dataclass(frozen=True, slots=True)
class Compared:
    """All lines with the first days of their intervals, which are None if nothing was found that has a date."""

    histogram: Histogram | None
    lines: tuple[Line, ...]
    outlets: tuple[FacetBucket, ...]
    generation: int


def compared(index: Index, comparison: Comparison) -> Compared:
    """Count everything that is compared."""
    for _ in range(_ATTEMPTS):
        counting = _Counting(index, comparison)
        found = counting.run()
        if len(counting.generations) == 1:
            break
    return found


class _Counting:
    """One run of the searches of a comparison; `generations` are the states of the index that they saw."""

    def __init__(self, index: Index, comparison: Comparison) -> None:
        self._index, self._comparison = index, comparison
        self._answers: dict[SearchRequest, SearchResult] = {}
        self.generations: set[int] = set()

    def run(self) -> Compared:
        """All of the counts."""
        offered = self._offered() if self._comparison.by_outlet else ()
        searches = list(self._searches(offered))
        axis = self._axis([search for _, search in searches])
        lines = tuple(self._line(label, search, axis) for label, search in searches)
        if not self.generations:
            self.generations = {self._index.generation}
        return Compared(axis, lines, offered, min(self.generations))

    def _ask(self, search: SearchRequest) -> SearchResult:
        if search not in self._answers:
            self._answers[search] = self._index.search(search)
            self.generations.add(self._answers[search].generation)
        return self._answers[search]

    def _offered(self) -> tuple[FacetBucket, ...]:
        """The outlets that can be compared, those with most articles first."""
        search = replace(self._comparison.filters, q=self._comparison.words, sources=(), per_page=1, histogram=None)
        buckets = self._ask(replace(search, relax=False, corrections=False, snippets=False)).facets.get("outlet", ())
        chosen = self._comparison.filters.sources
        counts = {bucket.value: bucket.count for bucket in buckets}
        names = dict.fromkeys([*list(counts)[:OUTLETS_OFFERED], *chosen])
        shown = set(chosen or list(counts)[: LIMITS.compared])
        return tuple(FacetBucket(name, counts.get(name, 0), name in shown) for name in names)

    def _searches(self, offered: tuple[FacetBucket, ...]) -> Iterator[tuple[str, SearchRequest]]:
        """What is compared, each with its name."""
        comparison = self._comparison
        if not comparison.by_outlet:
            for query in comparison.queries:
                yield query, replace(comparison.filters, q=query, sort="relevance")
            return
        search = replace(comparison.filters, q=comparison.words, sort="relevance" if comparison.words else "newest")
        for bucket in offered:
            if bucket.selected:
                yield outlet(bucket.value), replace(search, sources=(bucket.value,))

    def _counted(self, search: SearchRequest, interval: Interval | None) -> SearchResult:
        plain = replace(search, per_page=1, facets=False, snippets=False, corrections=False, relax=False)
        return self._ask(replace(plain, histogram=interval or plain.histogram or "auto"))

    def _axis(self, searches: list[SearchRequest]) -> Histogram | None:
        """The intervals of all lines together; its own counts are left at nothing."""
        found = [histogram for search in searches if (histogram := self._counted(search, None).histogram)]
        if not found:
            return None
        first, last = min(one.first for one in found), max(one.last for one in found)
        asked = self._comparison.filters.histogram
        interval = intervals.fitting(first, last)
        if asked and asked != "auto":
            interval = intervals.allowed(asked, first, last, LIMITS.histogram_intervals)
        starts = intervals.starts(interval, *(intervals.number(interval, day) for day in (first, last)))
        return Histogram(interval, first, last, starts, (0,) * len(starts))

    def _line(self, label: str, search: SearchRequest, axis: Histogram | None) -> Line:
        if axis is None:
            return Line(label, search, 0, (), ())
        result = self._counted(search, axis.interval)
        counts = _on(axis, result.histogram)
        whole = _on(axis, self._counted(self._whole(search, axis), axis.interval).histogram)
        return Line(label, search, sum(counts), counts, whole)

    def _whole(self, search: SearchRequest, axis: Histogram) -> SearchRequest:
        """All that there is under the filters of a search: of its outlet, too, if it has words that are left out."""
        end = intervals.end(axis.interval, axis.last)
        return replace(
            search,
            q="",
            sort="newest",
            field="all",
            exact=False,
            sources=search.sources if search.q else (),
            date_from=max(axis.starts[0], search.date_from or date.min),
            date_to=min(end, search.date_to or date.max),
        )


def _on(axis: Histogram, histogram: Histogram | None) -> tuple[int, ...]:
    """Counts for every interval of the axis."""
    counts = dict(zip(histogram.starts, histogram.counts, strict=True)) if histogram else {}
    return tuple(counts.get(start, 0) for start in axis.starts)
