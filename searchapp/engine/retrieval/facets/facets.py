"""Counts of stories by outlet and by date, each facet as if its own filter were not set."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from operator import attrgetter, itemgetter
from typing import Final

from searchapp.engine.retrieval.core.construction import fast_constructor
from searchapp.engine.retrieval.core.matches import Matches
from searchapp.engine.retrieval.facets.copies import UNDATED, CopyColumns, CopyFilter, day_at
from searchapp.engine.retrieval.facets.facet_counts import counted, days_counted
from searchapp.engine.retrieval.facets.facet_pairs import Counts
from searchapp.model import FacetBucket, FacetName, SearchRequest

UNDATED_VALUE: Final = "undated"
"""The value of the only bucket of the facet "undated"."""
_YEAR: Final = len("2024")
_MONTH: Final = len("2024-06")
_DAY: Final = len("2024-06-25")
BUCKETS_KEPT: Final = 1 << 13
_SMALL: Final = 64
"""Buckets with smaller counts come again and again: those of late are kept."""
_bucket: Final = fast_constructor(FacetBucket)
_kept_bucket: Final = lru_cache(BUCKETS_KEPT)(_bucket)
_COUNT: Final = itemgetter(1)
_VALUE: Final = attrgetter("value")


def facets(
    request: SearchRequest, matching: Matches, filters: CopyFilter, columns: CopyColumns
) -> Mapping[FacetName, tuple[FacetBucket, ...]]:
    """Count the matching documents (before filters) by outlet, year, month, day and absence of a date.

    A story counts once in a bucket, in every bucket that one of its copies passes into. Days are counted only where
    they can be chosen: in months that are selected, or when everything lies within one month.
    """
    by_outlet, by_month, by_year = counted(matching, filters, columns)
    undated = by_month.pop(UNDATED, 0)
    by_year.pop(UNDATED, None)
    months = _open_months(request, by_month)
    by_day = days_counted(months, matching, filters, columns) if months else {}
    return {
        "outlet": _outlets(by_outlet, request.sources, columns),
        "year": _dates(by_year, _year_name, request.when, _YEAR),
        "month": _dates(by_month, _month_name, request.when, _MONTH),
        "day": _dates(by_day, _day_name, request.when, _DAY),
        "undated": (_bucket(UNDATED_VALUE, undated, request.undated),) if undated or request.undated else (),
    }


@cache
def _year_name(year: int) -> str:
    return f"{year:04}"


@cache
def _month_name(month: int) -> str:
    return f"{month // 12:04}-{month % 12 + 1:02}"


@lru_cache(1 << 16)
def _day_name(day: int) -> str:
    return day_at(day).isoformat()


def _open_months(request: SearchRequest, by_month: Counts) -> Sequence[int]:
    """The months whose days can be chosen."""
    if len(by_month) == 1:
        return list(by_month)
    selected = {value[:_MONTH] for value in request.when if len(value) >= _MONTH}
    return [month for month in by_month if _month_name(month) in selected] if selected else []


def _outlets(counts: Counts, selected: Sequence[str], columns: CopyColumns) -> tuple[FacetBucket, ...]:
    """By falling count, then by name, which is the order of their numbers."""
    names, chosen = columns.outlet_names, frozenset(selected)
    rows = sorted(sorted(counts.items()), key=_COUNT, reverse=True)
    if not chosen:
        return tuple([(_kept_bucket if count < _SMALL else _bucket)(names[number], count) for number, count in rows])
    buckets = [_bucket(names[number], count, names[number] in chosen) for number, count in rows]
    missing = chosen.difference([bucket.value for bucket in buckets])
    return (*buckets, *[_bucket(name, 0, True) for name in sorted(missing)])


def _dates(counts: Counts, name: Callable[[int], str], selected: Sequence[str], length: int) -> tuple[FacetBucket, ...]:
    """Those of a length are of the same facet. The newest first, which is the order of their numbers and names."""
    chosen = [value for value in selected if len(value) == length]
    if not chosen:
        rows = sorted(counts.items(), reverse=True)
        return tuple([(_kept_bucket if count < _SMALL else _bucket)(name(number), count) for number, count in rows])
    buckets = _buckets({name(number): count for number, count in counts.items()}, chosen)
    return tuple(sorted(buckets, key=_VALUE, reverse=True))


def _buckets(counts: Mapping[str, int], selected: Sequence[str]) -> list[FacetBucket]:
    """A bucket for every value that was counted or selected."""
    chosen = frozenset(selected)
    buckets = [_bucket(value, count, value in chosen) for value, count in counts.items()]
    buckets.extend(_bucket(value, 0, selected=True) for value in chosen - counts.keys())
    return buckets
