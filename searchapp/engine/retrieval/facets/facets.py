"""Counts of stories by outlet and by date, each facet as if its own filter were not set."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, lru_cache
from operator import attrgetter
from typing import Final

from searchapp.engine.retrieval.core.construction import fast_constructor
from searchapp.engine.retrieval.core.matches import Matches
from searchapp.engine.retrieval.facets.copies import CopyColumns, day_at
from searchapp.engine.retrieval.facets.facet_counts import counted, days_counted
from searchapp.engine.retrieval.facets.facet_rows import Row, Rows, newest
from searchapp.engine.retrieval.facets.filtering import Filtering
from searchapp.model import FacetBucket, FacetName, SearchRequest

UNDATED_VALUE: Final = "undated"
"""The value of the only bucket of the facet "undated"."""
_YEAR: Final = len("2024")
_MONTH: Final = len("2024-06")
_DAY: Final = len("2024-06-25")
BUCKETS_KEPT: Final = 1 << 12
_SMALL: Final = 64
"""Buckets with smaller counts come again and again: those of late are kept."""
_bucket: Final = fast_constructor(FacetBucket)
_VALUE: Final = attrgetter("value")
_kept_bucket: Final = lru_cache(BUCKETS_KEPT)(_bucket)


def facets(
    request: SearchRequest, matching: Matches, filtering: Filtering, columns: CopyColumns
) -> Mapping[FacetName, tuple[FacetBucket, ...]]:
    """Count the matching documents (before filters) by outlet, year, month, day and absence of a date.

    A story counts once in a bucket, in every bucket that one of its copies passes into. Days are counted only where
    they can be chosen: in months that are selected, or when everything lies within one month.
    """
    rows = filtering.rows(matching)
    if rows is None:
        rows = counted(*filtering.for_facets(matching), columns)
    by_day: Sequence[Row] = ()
    if months := _open_months(request, rows):
        alone = rows.by_day if len(rows.by_month) == 1 else None
        by_day = newest(days_counted(months, *filtering.for_facets(matching), columns)) if alone is None else alone
    undated, when = rows.undated, request.when
    return {
        "outlet": _outlets(rows.by_outlet, request.sources, columns.outlet_names),
        "year": _dates(rows.by_year, _year_name, _kept_year, when, _YEAR),
        "month": _dates(rows.by_month, _month_name, _kept_month, when, _MONTH),
        "day": _dates(by_day, _day_name, _kept_day, when, _DAY) if by_day or when else (),
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


@lru_cache(BUCKETS_KEPT)
def _kept_day(day: int, count: int) -> FacetBucket:
    return _bucket(_day_name(day), count)


@lru_cache(BUCKETS_KEPT)
def _kept_year(year: int, count: int) -> FacetBucket:
    return _bucket(_year_name(year), count)


@lru_cache(BUCKETS_KEPT)
def _kept_month(month: int, count: int) -> FacetBucket:
    return _bucket(_month_name(month), count)


def _open_months(request: SearchRequest, rows: Rows) -> Sequence[int]:
    """The months whose days can be chosen."""
    by_month = rows.by_month
    if len(by_month) == 1:
        return [by_month[0][0]]
    if not request.when:
        return ()
    selected = {value[:_MONTH] for value in request.when if len(value) >= _MONTH}
    return [month for month, _ in by_month if _month_name(month) in selected] if selected else ()


def _outlets(rows: Sequence[Row], selected: Sequence[str], names: Sequence[str]) -> tuple[FacetBucket, ...]:
    """In the order of the rows; outlets that are selected but not counted follow by name."""
    if not selected:
        return tuple([(_kept_bucket if count < _SMALL else _bucket)(names[number], count) for number, count in rows])
    chosen = frozenset(selected)
    found = [
        (_kept_bucket if count < _SMALL else _bucket)(name := names[number], count, name in chosen)
        for number, count in rows
    ]
    if missing := chosen.difference([one.value for one in found]):
        found += [_bucket(name, 0, True) for name in sorted(missing)]
    return tuple(found)


def _dates(
    rows: Sequence[Row],
    name: Callable[[int], str],
    kept: Callable[[int, int], FacetBucket],
    when: Sequence[str],
    length: int,
) -> tuple[FacetBucket, ...]:
    """Of all that are selected, those of a length are of the same facet. The newest first, also by their names."""
    if when and (selected := [value for value in when if len(value) == length]):
        found, missing = _chosen([(name(number), count) for number, count in rows], selected)
        return tuple(sorted([*found, *[_bucket(value, 0, True) for value in missing]], key=_VALUE, reverse=True))
    return tuple([kept(number, count) if count < _SMALL else _bucket(name(number), count) for number, count in rows])


def _chosen(rows: Sequence[tuple[str, int]], selected: Iterable[str]) -> tuple[list[FacetBucket], Iterable[str]]:
    """A bucket for every row, and which of the selected values have none."""
    chosen = frozenset(selected)
    buckets = [(_kept_bucket if count < _SMALL else _bucket)(value, count, value in chosen) for value, count in rows]
    return buckets, chosen.difference([value for value, _ in rows])
