"""Counts of stories by outlet and by date, each facet as if its own filter were not set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

import numpy as np

from searchapp.engine.columns import UNDATED, Columns
from searchapp.engine.filters import CopyFilter
from searchapp.engine.postings import BoolArray, IntArray
from searchapp.model import FacetBucket, FacetName, SearchRequest

UNDATED_VALUE: Final = "undated"
"""The value of the only bucket of the facet "undated"."""

_YEAR, _MONTH, _DAY = 4, 7, 10  # lengths of the beginnings of an ISO date


def facets(
    request: SearchRequest, matching: IntArray, filters: CopyFilter, columns: Columns
) -> Mapping[FacetName, tuple[FacetBucket, ...]]:
    """Count the matching documents (before filters) by outlet, year, month, day and absence of a date.

    A story counts once in a bucket, in every bucket that one of its copies passes into. Days are counted only where
    they can be chosen: in months that are selected, or when everything lies within one month.
    """
    matched = np.zeros(columns.document_count, dtype=np.bool_)
    matched[matching] = True
    of_matching = matched[columns.documents]
    dated = of_matching & filters.outlet & filters.span
    days = _count_days(dated & (columns.ordinals != UNDATED), columns)
    result: dict[FacetName, tuple[FacetBucket, ...]] = {
        "outlet": _outlets(request, of_matching & filters.span & filters.when, columns),
        "undated": _undated(request, dated & (columns.ordinals == UNDATED), columns),
    }
    result.update(_dates(request, days))
    return result


def _distinct_counts(documents: IntArray, values: IntArray, width: int) -> IntArray:
    """How many different documents have each value in 0..width − 1."""
    pairs = np.unique(documents * max(width, 1) + values)
    counts: IntArray = np.bincount(pairs % max(width, 1), minlength=width).astype(np.int64)
    return counts


def _outlets(request: SearchRequest, copies: BoolArray, columns: Columns) -> tuple[FacetBucket, ...]:
    names = columns.outlet_names
    counts = _distinct_counts(columns.documents[copies], columns.outlets[copies], len(names))
    found = {name: int(count) for name, count in zip(names, counts, strict=True) if count}
    buckets = _buckets(found, request.sources)
    return tuple(sorted(buckets, key=lambda bucket: (-bucket.count, bucket.value)))


def _undated(request: SearchRequest, copies: BoolArray, columns: Columns) -> tuple[FacetBucket, ...]:
    count = len(np.unique(columns.documents[copies]))
    if not count and not request.undated:
        return ()
    return (FacetBucket(UNDATED_VALUE, count, request.undated),)


def _count_days(copies: BoolArray, columns: Columns) -> dict[str, IntArray]:
    """The documents of each day, by ISO date."""
    documents, ordinals = columns.documents[copies], columns.ordinals[copies]
    order = np.argsort(ordinals, kind="stable")
    days, starts = np.unique(ordinals[order], return_index=True)
    groups = np.split(documents[order], starts[1:])
    names = (date.fromordinal(int(day)).isoformat() for day in days)
    return dict(zip(names, groups, strict=False))


def _dates(request: SearchRequest, days: Mapping[str, IntArray]) -> dict[FacetName, tuple[FacetBucket, ...]]:
    months = {day[:_MONTH] for day in days}
    open_months = {value[:_MONTH] for value in request.when if len(value) >= _MONTH}
    if len(months) == 1:
        open_months |= months
    shown_days = {day: documents for day, documents in days.items() if day[:_MONTH] in open_months}
    return {
        "year": _date_buckets(request, days, _YEAR),
        "month": _date_buckets(request, days, _MONTH),
        "day": _date_buckets(request, shown_days, _DAY),
    }


def _date_buckets(request: SearchRequest, days: Mapping[str, IntArray], length: int) -> tuple[FacetBucket, ...]:
    groups: dict[str, list[IntArray]] = {}
    for day, documents in days.items():
        groups.setdefault(day[:length], []).append(documents)
    counts = {value: len(np.unique(np.concatenate(parts))) for value, parts in groups.items()}
    selected = tuple(value for value in request.when if len(value) == length)
    return tuple(sorted(_buckets(counts, selected), key=lambda bucket: bucket.value, reverse=True))


def _buckets(counts: Mapping[str, int], selected: Iterable[str]) -> list[FacetBucket]:
    """A bucket for every value that was counted or selected."""
    chosen = frozenset(selected)
    return [FacetBucket(value, counts.get(value, 0), value in chosen) for value in {*counts, *chosen}]
