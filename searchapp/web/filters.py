"""The filters of a search as a page offers them: chips that take one away, and facets that add or take away.

Every choice carries the `SearchRequest` that follows from it, always from the first page of hits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from searchapp.model import FacetBucket, FacetName, SearchRequest, SearchResult, Sort
from searchapp.web.presentation import MONTHS, day, outlet, partial_date

OUTLETS_SHOWN: Final = 12
"""How many outlets stand open; the others wait folded, but for those that are selected."""

SORT_NAMES: Final[dict[Sort, str]] = {"relevance": "الأنسب", "newest": "الأحدث", "oldest": "الأقدم"}


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter that holds, and the search without it. `kind` says what `label` is, and may be empty."""

    kind: str
    label: str
    request: SearchRequest


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a facet and the search that clicking it gives: with it or, when it is `selected`, without it.

    `count` is None where nothing is counted: ways to search and to sort.
    """

    label: str
    selected: bool
    request: SearchRequest
    count: int | None = None
    children: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Facets:
    """The facets of a result. `years` hold months and these hold days, as far as they are opened.

    `modes` are the ways of matching that can be switched.
    """

    modes: tuple[Choice, ...]
    outlets: tuple[Choice, ...]
    folded_outlets: tuple[Choice, ...]
    years: tuple[Choice, ...]
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


def facets(request: SearchRequest, result: SearchResult) -> Facets:
    """The facets of a result as choices, in the order that the result has them."""
    first = replace(request, page=1)
    in_titles = first.field == "title"
    outlets = [(bucket, _outlet_choice(first, bucket)) for bucket in result.facets.get("outlet", ())]
    shown = [choice for rank, (_, choice) in enumerate(outlets) if rank < OUTLETS_SHOWN or choice.selected]
    folded = [choice for rank, (_, choice) in enumerate(outlets) if rank >= OUTLETS_SHOWN and not choice.selected]
    return Facets(
        modes=(
            Choice("في العناوين فقط", in_titles, replace(first, field="all" if in_titles else "title")),
            Choice("الصيغ نفسها فقط", first.exact, replace(first, exact=not first.exact)),
        ),
        outlets=tuple(shown),
        folded_outlets=tuple(folded),
        years=_date_choices(first, result.facets, "year", ""),
        undated=_undated_choice(first, result.facets.get("undated", ())),
    )


def orders(request: SearchRequest) -> tuple[Choice, ...]:
    """The orders that make sense: without words nothing is more relevant."""
    sorts = SORT_NAMES if request.q else {sort: name for sort, name in SORT_NAMES.items() if sort != "relevance"}
    return tuple(
        Choice(name, request.sort == sort, replace(request, sort=sort, page=1)) for sort, name in sorts.items()
    )


def _without(values: tuple[str, ...], value: str) -> tuple[str, ...]:
    return tuple(other for other in values if other != value)


def _with(values: tuple[str, ...], value: str) -> tuple[str, ...]:
    return tuple(sorted({*values, value}))


def _chips(request: SearchRequest) -> Iterator[Chip]:
    if request.field == "title":
        yield Chip("", "في العناوين فقط", replace(request, field="all"))
    for source in request.sources:
        yield Chip("المنفذ", outlet(source), replace(request, sources=_without(request.sources, source)))
    for source in request.not_sources:
        rest = _without(request.not_sources, source)
        yield Chip("ما عدا", outlet(source), replace(request, not_sources=rest))
    if request.date_from:
        yield Chip("من", day(request.date_from), replace(request, date_from=None))
    if request.date_to:
        yield Chip("إلى", day(request.date_to), replace(request, date_to=None))
    for value in request.when:
        yield Chip("التاريخ", partial_date(value), replace(request, when=_without(request.when, value)))
    if request.undated:
        yield Chip("", "بلا تاريخ", replace(request, undated=False))
    if request.exact:
        yield Chip("", "الصيغ نفسها فقط", replace(request, exact=False))


def _outlet_choice(request: SearchRequest, bucket: FacetBucket) -> Choice:
    selected = bucket.value in request.sources
    change = _without if selected else _with
    sources = change(request.sources, bucket.value)
    return Choice(outlet(bucket.value), selected, replace(request, sources=sources), bucket.count)


def _undated_choice(request: SearchRequest, buckets: Iterable[FacetBucket]) -> Choice | None:
    """The articles without a date, where there are any or they are asked for."""
    for bucket in buckets:
        if bucket.count or request.undated:
            return Choice("بلا تاريخ", request.undated, replace(request, undated=not request.undated), bucket.count)
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
    month = MONTHS[int(parts[1]) - 1] if len(parts) > 1 else ""
    return (parts[0], month, f"{int(parts[-1])} {month}")[len(parts) - 1]
