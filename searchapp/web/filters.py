"""The filters of a search as a page offers them: chips that take one away, and facets that add or take away.

Every choice carries what follows from it, always from the first page of hits: chips the search, facets its address.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from searchapp.frozen import dataclass
from searchapp.model import FacetBucket, FacetName, SearchRequest, SearchResult, Sort
from searchapp.web import display
from searchapp.web.display import number
from searchapp.web.links import SearchLinks
from searchapp.web.parameters import default_sort
from searchapp.web.presentation import date_label, day, hijri_period, outlet, partial_date
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

RECENT_DAYS: Final = 30
"""In so many days an article loses half of what it gains by being new, where a reader prefers new ones."""

PAGE_SIZES: Final = (10, 25, 50, 100)
"""How many hits a page may have, of those that a reader can choose."""
USUAL_SIZE: Final = SearchRequest().per_page


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter that holds, and the search without it. `kind` says what `label` is, and may be empty."""

    kind: str
    label: str
    request: SearchRequest


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a facet and the address of the search with it or, when it is `selected`, without it.

    `count` is None where nothing is counted: ways to search and to sort. `exclusion` is the address of the search that
    leaves the value out or, when it is `excluded`, no longer does. `value` names the choice among those of its kind.
    `aside` is said of it in small: the Hijri date, where the reader goes by that calendar.
    """

    label: str
    selected: bool
    address: str
    count: int | None = None
    children: tuple[Choice, ...] = ()
    exclusion: str | None = None
    excluded: bool = False
    value: str = ""
    aside: str = ""


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
    return SearchRequest(
        q=request.q,
        sort=request.sort,
        per_page=request.per_page,
        recency=request.recency,
        recency_from=request.recency_from,
    )


def reworded(request: SearchRequest, q: str) -> SearchRequest:
    """The same filters and order with other words."""
    return replace(request, q=q, page=1)


def facets(request: SearchRequest, result: SearchResult, today: date, links: SearchLinks) -> Facets:
    """The facets of a result as choices, in the order that the result has them."""
    buckets = result.facets.get("outlet", ())
    years = _date_choices(request.when, result.facets, "year", "", links)
    return Facets(
        modes=_modes(request, links),
        outlets=outlet_choices(request, _foremost(request, buckets), links),
        outlet_count=len(buckets),
        periods=periods(request, today, links),
        years=tuple(year for rank, year in enumerate(years) if rank < YEARS_SHOWN or year.children),
        folded_years=tuple(year for rank, year in enumerate(years) if rank >= YEARS_SHOWN and not year.children),
        undated=_undated_choice(request, result.facets.get("undated", ()), links),
    )


def outlet_choices(request: SearchRequest, buckets: Iterable[FacetBucket], links: SearchLinks) -> tuple[Choice, ...]:
    """These outlets as choices, each of which can be left out too."""
    return tuple([_outlet_choice(request, bucket, links) for bucket in buckets])


def periods(request: SearchRequest, today: date, links: SearchLinks) -> tuple[Choice, ...]:
    """Ranges of days that end today, whatever the archive holds of them."""
    ranges = (
        (gettext("Today"), today),
        (gettext("Last 7 days"), today - timedelta(days=6)),
        (gettext("Last 30 days"), today - timedelta(days=29)),
        (gettext("This year"), today.replace(month=1, day=1)),
    )
    return tuple([_period(request, label, first, today, links) for label, first in ranges])


def orders(request: SearchRequest, links: SearchLinks) -> tuple[Choice, ...]:
    """The orders that make sense: without words nothing is more relevant."""
    sorts = SORT_NAMES if request.q else {sort: name for sort, name in SORT_NAMES.items() if sort != "relevance"}
    usual, is_recent = default_sort(request.q), request.recency is not None and request.sort == "relevance"
    choices = []
    for sort, name in sorts.items():
        changes = {"sort": _unless(sort == usual, sort), "recent": (), "recent_from": ()}
        selected = request.sort == sort and not (sort == "relevance" and is_recent)
        choices.append(Choice(gettext(name), selected, links.changed(changes), value=sort))
        if sort == "relevance":
            changes["recent"] = (str(RECENT_DAYS),)
            choices.append(Choice(gettext("Relevant and new"), is_recent, links.changed(changes), value="recent"))
    return tuple(choices)


def page_sizes(request: SearchRequest, links: SearchLinks) -> tuple[Choice, ...]:
    """How many hits a page may have."""
    return tuple(
        [
            Choice(
                number(size), request.per_page == size, links.changed({"per_page": _unless(size == USUAL_SIZE, size)})
            )
            for size in PAGE_SIZES
        ]
    )


def _unless(left_out: bool, value: object = 1) -> tuple[str, ...]:
    """The values of a parameter: none where it is left out of the address."""
    return () if left_out else (str(value),)


def _modes(request: SearchRequest, links: SearchLinks) -> tuple[Choice, ...]:
    """What narrows the ways in which words match; other spellings are no matter for very forms."""
    in_titles = request.field == "title"
    titles = links.changed({"in": _unless(in_titles, "title")})
    forms = links.changed({"exact": _unless(request.exact)})
    modes = [
        Choice(gettext("In titles only"), in_titles, titles, value="in"),
        Choice(gettext("These very forms only"), request.exact, forms, value="exact"),
    ]
    if not request.exact:
        spellings = links.changed({"variants": _unless(not request.variants, 0)})
        modes.append(Choice(gettext("No other spellings"), not request.variants, spellings, value="variants"))
    return tuple(modes)


def _period(request: SearchRequest, label: str, first: date, last: date, links: SearchLinks) -> Choice:
    selected = (request.date_from, request.date_to) == (first, last)
    days = {"from": _unless(selected, first), "to": _unless(selected, last)}
    return Choice(label, selected, links.changed(days), value=first.isoformat())


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
    if not request.variants:
        yield Chip("", gettext("No other spellings"), replace(request, variants=True))


def _outlet_choice(request: SearchRequest, bucket: FacetBucket, links: SearchLinks) -> Choice:
    """An outlet is asked for, or left out, or neither: the one takes the place of the other."""
    name = bucket.value
    selected, excluded = name in request.sources, name in request.not_sources
    sources, not_sources = _without(request.sources, name), _without(request.not_sources, name)
    asked_for = {"source": sources if selected else _with(sources, name), "not_source": not_sources}
    left_out = {"source": sources, "not_source": not_sources if excluded else _with(not_sources, name)}
    return Choice(
        outlet(name),
        selected,
        links.changed(asked_for),
        bucket.count,
        exclusion=links.changed(left_out),
        excluded=excluded,
        value=name,
    )


def _undated_choice(request: SearchRequest, buckets: Iterable[FacetBucket], links: SearchLinks) -> Choice | None:
    """The articles without a date, where there are any or they are asked for."""
    for bucket in buckets:
        if bucket.count or request.undated:
            toggled = links.changed({"undated": _unless(request.undated)})
            return Choice(gettext("Undated"), request.undated, toggled, bucket.count, value="-")
    return None


_FINER: Final[Mapping[FacetName, FacetName]] = {"year": "month", "month": "day"}


def _date_choices(
    when: tuple[str, ...],
    buckets: Mapping[FacetName, tuple[FacetBucket, ...]],
    level: FacetName,
    within: str,
    links: SearchLinks,
) -> tuple[Choice, ...]:
    """The years, or the months or days within one; the only one there is stands open, as do those in use."""
    values = [bucket for bucket in buckets.get(level, ()) if bucket.value.startswith(within)]
    hijri = display.current().cal == "hijri"
    return tuple(
        [
            Choice(
                label=date_label(bucket.value),
                aside=hijri_period(bucket.value) if hijri else "",
                count=bucket.count,
                selected=bucket.value in when,
                value=bucket.value,
                address=links.changed({"when": _toggled_date(when, bucket.value)}),
                children=_date_choices(when, buckets, _FINER[level], bucket.value + "-", links)
                if level in _FINER and (len(values) == 1 or _is_open(when, bucket.value))
                else (),
            )
            for bucket in values
        ]
    )


def _is_open(when: Iterable[str], value: str) -> bool:
    return any(chosen == value or chosen.startswith(value + "-") for chosen in when)


def _toggled_date(when: tuple[str, ...], value: str) -> tuple[str, ...]:
    """Take the value away or put it in; one that goes in takes the place of those that hold it or that it holds."""
    if value in when:
        return _without(when, value)
    apart = (chosen for chosen in when if not _is_open((chosen,), value) and not _is_open((value,), chosen))
    return tuple(sorted({*apart, value}))
