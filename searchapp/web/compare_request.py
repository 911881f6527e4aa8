"""The URL of a comparison: up to five searches, or outlets, side by side under the same filters.

Parameters in canonical order: `q… in source… not_source… from to when… exact interval by share`, all but the last two
as a search has them. The searches keep the order in which they are given.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from searchapp.config import LIMITS
from searchapp.errors import InvalidRequest, LimitExceeded
from searchapp.frozen import dataclass
from searchapp.model import SearchRequest
from searchapp.web import parameters
from searchapp.web.addresses import listed_url
from searchapp.web.parameters import NAMES

IGNORED: Final = ("q", "undated", "sort", "page", "per_page")
"""What a search has and a comparison has not, or has several of."""

NO_FILTERS: Final = SearchRequest(sort="newest")


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is compared: `queries`, or, `by_outlet`, the outlets of at most one query. `filters` hold for all of it.

    With `share`, counts are told as a share of everything there is under the same filters.
    """

    queries: tuple[str, ...] = ()
    filters: SearchRequest = NO_FILTERS
    by_outlet: bool = False
    share: bool = False

    @property
    def words(self) -> str:
        """The query whose outlets are compared; empty for all articles."""
        return self.queries[0] if self.queries else ""

    def with_filters(self, filters: SearchRequest) -> Comparison:
        """The same under other filters."""
        return replace(self, filters=filters)

    def with_share(self, share: bool) -> Comparison:
        """The same, told as shares or as numbers."""
        return replace(self, share=share)

    def searches(self) -> Comparison:
        """Searches compared with each other; the outlets of a comparison become a filter."""
        return replace(self, by_outlet=False)

    def outlets(self) -> Comparison:
        """The outlets of the first search compared with each other, of those that are filtered by as many as may be."""
        sources = self.filters.sources[: LIMITS.compared]
        return replace(self, queries=self.queries[:1], filters=replace(self.filters, sources=sources), by_outlet=True)


def parse(values: Iterable[tuple[str, str]]) -> Comparison:
    """Read the parameters of a URL.

    Raises:
        InvalidRequest: the value of a known parameter cannot be read.
        LimitExceeded: the comparison passes `compared` or `filter_values` of `config.Limits`.
    """
    pairs = list(values)
    queries = dict.fromkeys(" ".join(value.split()) for name, value in pairs if name == "q")
    comparison = Comparison(
        tuple(query for query in queries if query),
        parameters.parse(pair for pair in pairs if pair[0] in NAMES and pair[0] not in IGNORED),
        _given(pairs, "by", {"q": False, "outlet": True}),
        _given(pairs, "share", {"0": False, "1": True}),
    )
    _check(comparison)
    return comparison


def pairs(comparison: Comparison) -> tuple[tuple[str, str], ...]:
    """The parameters of a comparison in canonical order; `parse` of them gives it again."""
    return (
        *(("q", query) for query in comparison.queries),
        *parameters.pairs(comparison.filters),
        *((("by", "outlet"),) if comparison.by_outlet else ()),
        *((("share", "1"),) if comparison.share else ()),
    )


def of_search(search: SearchRequest) -> Comparison:
    """The comparison that a search begins: its words, to which others may be added, or the outlets of everything."""
    filters = replace(search, q="", undated=False, sort="newest", page=1, per_page=SearchRequest().per_page)
    by_outlet = not search.q or 1 < len(search.sources) <= LIMITS.compared
    return Comparison((search.q,) if search.q else (), filters, by_outlet)


def compare_url(comparison: Comparison) -> str:
    """The page of a comparison."""
    return listed_url("compare", pairs(comparison))


def compare_export_url(comparison: Comparison, form: str) -> str:
    """The table of a comparison for other programs."""
    return listed_url("compare_export", pairs(comparison), form=form)


def _given(values: Iterable[tuple[str, str]], name: str, meanings: dict[str, bool]) -> bool:
    given = [value.strip() for key, value in values if key == name and value.strip()]
    if not given:
        return False
    if given[-1] not in meanings:
        raise InvalidRequest(name, f"{name}={given[-1]!r} is not one of {', '.join(meanings)}")
    return meanings[given[-1]]


def _check(comparison: Comparison) -> None:
    if comparison.by_outlet and len(comparison.queries) > 1:
        raise InvalidRequest("by", "by=outlet compares the outlets of one search, and there are several q")
    lines = len(comparison.filters.sources) if comparison.by_outlet else len(comparison.queries)
    if lines > LIMITS.compared:
        raise LimitExceeded("compared", LIMITS.compared, lines)
