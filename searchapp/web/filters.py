"""The filters of a search as a page offers them: chips that take one away, and facets that add or take away.

Every choice carries the `SearchRequest` that follows from it, always from the first page of hits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from searchapp.model import FacetBucket, FacetName, SearchRequest, SearchResult, Sort
from searchapp.web.display import in_digits, number
from searchapp.web.presentation import MONTHS, day, outlet, partial_date
from searchapp.web.strings import N_, gettext, pgettext

OUTLETS_SHOWN: Final = 12
"""How many outlets stand beside the hits, besides those in use; all are on a page of their own."""

YEARS_SHOWN: Final = 12
"""How many years stand open; older ones wait folded, but for those that are open themselves."""

SORT_NAMES: Final[dict[Sort, str]] = {
    "relevance": N_("Most relevant"),
    "newest": N_("Newest"),
    "oldest": N_("Oldest"),
}

PAGE_SIZES: Final = (10, 25, 50, 100)
"""How many hits a page may have, of those that a reader can choose."""


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter that holds, and the search without it. `kind` says what `label` is, and may be empty."""

    kind: str
    label: str
    request: SearchRequest


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a facet and the search that clicking it gives: with it or, when it is `selected`, without it.

    `count` is None where nothing is counted: ways to search and to sort. `exclusion` is the search that leaves the
    value out or, when it is `excluded`, no longer does. `value` names the choice among those of its kind.
    """

    label: str
    selected: bool
    request: SearchRequest
    count: int | None = None
    children: tuple[Choice, ...] = ()
    exclusion: SearchRequest | None = None
    excluded: bool = False
    value: str = ""


@dataclass(frozen=True, slots=True)
class Facets:
    """The facets of a result. `years` hold months and these hold days, as far as they are opened.

    `modes` are the ways of matching that can be switched, `periods` the ranges of days that end today. `outlets` are
    the first of `outlet_count`.
    """

    modes: tuple[Choice, ...]
    outlets: tuple[Choice, ...]
    outlet_count: int
    periods: tuple[Choice, ...]
    years: tuple[Choice, ...]
    folded_years: tuple[Choice, ...]
    undated: Choice | None


def chips(request: SearchRequest) -> tuple[Chip, ...]:
    """Every filter of a request, in the order of the URL."""
    first = replace(request, page=1)
    return tuple(_chips(first))


def cleared(request: SearchRequest) -> SearchRequest:
    """The same words and order without any filter."""
    return SearchRequest(q=request.q, sort=request.sort, per_page=request.per_page)


def reworded(request: SearchRequest, q: str) -> SearchRequest:
    """The same filters and order with other words."""
    return replace(request, q=q, page=1)


def facets(request: SearchRequest, result: SearchResult, today: date) -> Facets:
    """The facets of a result as choices, in the order that the result has them."""
    first = replace(request, page=1)
    buckets = result.facets.get("outlet", ())
    years = _date_choices(first, result.facets, "year", "")
    return Facets(
        modes=_modes(first),
        outlets=outlet_choices(first, _foremost(first, buckets)),
        outlet_count=len(buckets),
        periods=periods(first, today),
        years=tuple(year for rank, year in enumerate(years) if rank < YEARS_SHOWN or year.children),
        folded_years=tuple(year for rank, year in enumerate(years) if rank >= YEARS_SHOWN and not year.children),
        undated=_undated_choice(first, result.facets.get("undated", ())),
    )


def outlet_choices(request: SearchRequest, buckets: Iterable[FacetBucket]) -> tuple[Choice, ...]:
    """These outlets as choices, each of which can be left out too."""
    return tuple(_outlet_choice(request, bucket) for bucket in buckets)


def periods(request: SearchRequest, today: date) -> tuple[Choice, ...]:
    """Ranges of days that end today, whatever the archive holds of them."""
    ranges = (
        (gettext("Today"), today),
        (gettext("Last 7 days"), today - timedelta(days=6)),
        (gettext("Last 30 days"), today - timedelta(days=29)),
        (gettext("This year"), today.replace(month=1, day=1)),
    )
    return tuple(_period(request, label, first, today) for label, first in ranges)


def orders(request: SearchRequest) -> tuple[Choice, ...]:
    """The orders that make sense: without words nothing is more relevant."""
    sorts = SORT_NAMES if request.q else {sort: name for sort, name in SORT_NAMES.items() if sort != "relevance"}
    return tuple(
        Choice(gettext(name), request.sort == sort, replace(request, sort=sort, page=1), value=sort)
        for sort, name in sorts.items()
    )


def page_sizes(request: SearchRequest) -> tuple[Choice, ...]:
    """How many hits a page may have."""
    return tuple(
        Choice(number(size), request.per_page == size, replace(request, per_page=size, page=1), value=str(size))
        for size in PAGE_SIZES
    )


def _modes(request: SearchRequest) -> tuple[Choice, ...]:
    in_titles = request.field == "title"
    return (
        Choice(
            gettext("In titles only"), in_titles, replace(request, field="all" if in_titles else "title"), value="in"
        ),
        Choice(
            gettext("These very forms only"), request.exact, replace(request, exact=not request.exact), value="exact"
        ),
    )


def _period(request: SearchRequest, label: str, first: date, last: date) -> Choice:
    selected = (request.date_from, request.date_to) == (first, last)
    date_from, date_to = (None, None) if selected else (first, last)
    return Choice(label, selected, replace(request, date_from=date_from, date_to=date_to), value=first.isoformat())


def _foremost(request: SearchRequest, buckets: Iterable[FacetBucket]) -> Iterator[FacetBucket]:
    """The first of the buckets and, in their own places, those that are selected or left out."""
    for rank, bucket in enumerate(buckets):
        if rank < OUTLETS_SHOWN or bucket.value in request.sources or bucket.value in request.not_sources:
            yield bucket


def _without(values: tuple[str, ...], value: str) -> tuple[str, ...]:
    return tuple(other for other in values if other != value)


def _with(values: tuple[str, ...], value: str) -> tuple[str, ...]:
    return tuple(sorted({*values, value}))


def _chips(request: SearchRequest) -> Iterator[Chip]:
    if request.field == "title":
        yield Chip("", gettext("In titles only"), replace(request, field="all"))
    for source in request.sources:
        yield Chip(gettext("Outlet"), outlet(source), replace(request, sources=_without(request.sources, source)))
    for source in request.not_sources:
        rest = _without(request.not_sources, source)
        yield Chip(gettext("Not from"), outlet(source), replace(request, not_sources=rest))
    if request.date_from:
        yield Chip(pgettext("date", "From"), day(request.date_from), replace(request, date_from=None))
    if request.date_to:
        yield Chip(pgettext("date", "To"), day(request.date_to), replace(request, date_to=None))
    for value in request.when:
        yield Chip(gettext("Date"), partial_date(value), replace(request, when=_without(request.when, value)))
    if request.undated:
        yield Chip("", gettext("Undated"), replace(request, undated=False))
    if request.exact:
        yield Chip("", gettext("These very forms only"), replace(request, exact=False))


def _outlet_choice(request: SearchRequest, bucket: FacetBucket) -> Choice:
    """An outlet is asked for, or left out, or neither: the one takes the place of the other."""
    name = bucket.value
    selected, excluded = name in request.sources, name in request.not_sources
    sources, not_sources = _without(request.sources, name), _without(request.not_sources, name)
    asked_for = replace(request, sources=sources if selected else _with(sources, name), not_sources=not_sources)
    left_out = replace(request, sources=sources, not_sources=not_sources if excluded else _with(not_sources, name))
    return Choice(outlet(name), selected, asked_for, bucket.count, exclusion=left_out, excluded=excluded, value=name)


def _undated_choice(request: SearchRequest, buckets: Iterable[FacetBucket]) -> Choice | None:
    """The articles without a date, where there are any or they are asked for."""
    for bucket in buckets:
        if bucket.count or request.undated:
            toggled = replace(request, undated=not request.undated)
            return Choice(gettext("Undated"), request.undated, toggled, bucket.count, value="-")
    return None


_FINER: Final[Mapping[FacetName, FacetName]] = {"year": "month", "month": "day"}


def _date_choices(
    request: SearchRequest, buckets: Mapping[FacetName, tuple[FacetBucket, ...]], level: FacetName, within: str
) -> tuple[Choice, ...]:
    """The years, or the months or days within one; the only one there is stands open, as do those in use."""
    values = [bucket for bucket in buckets.get(level, ()) if bucket.value.startswith(within)]
    return tuple(
        Choice(
            label=_date_label(bucket.value),
            count=bucket.count,
            selected=bucket.value in request.when,
            value=bucket.value,
            request=replace(request, when=_toggled_date(request.when, bucket.value)),
            children=_date_choices(request, buckets, _FINER[level], bucket.value + "-")
            if level in _FINER and (len(values) == 1 or _is_open(request.when, bucket.value))
            else (),
        )
        for bucket in values
    )


def _is_open(when: Iterable[str], value: str) -> bool:
    return any(chosen == value or chosen.startswith(value + "-") for chosen in when)


def _toggled_date(when: tuple[str, ...], value: str) -> tuple[str, ...]:
    """Take the value away or put it in; one that goes in takes the place of those that hold it or that it holds."""
    if value in when:
        return _without(when, value)
    apart = (chosen for chosen in when if not _is_open((chosen,), value) and not _is_open((value,), chosen))
    return tuple(sorted({*apart, value}))


def _date_label(value: str) -> str:
    """The value without what the level above it says already."""
    parts = value.split("-")
    month = gettext(MONTHS[int(parts[1]) - 1]) if len(parts) > 1 else ""
    return in_digits((parts[0], month, f"{int(parts[-1])} {month}")[len(parts) - 1])
