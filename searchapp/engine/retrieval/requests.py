"""What a request asks for: checked before anything is searched, and whether other searches are looked for."""

from __future__ import annotations

from typing import Final, get_args

from searchapp.config import Limits
from searchapp.errors import InvalidRequest, LimitExceeded
from searchapp.model import Interval, SearchField, SearchRequest, SearchResult, Sort

LITTLE: Final = 10
"""With fewer stories than this that match strictly, other searches are looked for."""

_SORTS: Final[tuple[str, ...]] = get_args(Sort)
_FIELDS: Final[tuple[str, ...]] = get_args(SearchField)
_INTERVALS: Final[tuple[str, ...]] = ("auto", *get_args(Interval))


def check(request: SearchRequest, limits: Limits) -> None:
    """Refuse what cannot be answered.

    Raises:
        InvalidRequest: a value makes no sense, such as page 0.
        LimitExceeded: too many hits a page, too deep a page, or too many filter values.
    """
    if request.page < 1 or request.per_page < 1:
        parameter, number = ("page", request.page) if request.page < 1 else ("per_page", request.per_page)
        raise InvalidRequest(parameter, f"{parameter}={number} is not possible; count from 1")
    if request.recency is not None and request.recency < 1:
        raise InvalidRequest("recent", f"recent={request.recency} is not possible; give a half-life of 1 day or more")
    if request.sort not in _SORTS:
        raise _unknown("sort", request.sort, _SORTS)
    if request.field not in _FIELDS:
        raise _unknown("in", request.field, _FIELDS)
    if (request.histogram or "auto") not in _INTERVALS:
        raise _unknown("interval", request.histogram, _INTERVALS)
    if request.per_page > limits.per_page:
        raise LimitExceeded("per_page", limits.per_page, request.per_page)
    if request.page * request.per_page > limits.results_window:
        raise LimitExceeded("results_window", limits.results_window, request.page * request.per_page)
    values = len(request.sources) + len(request.not_sources) + len(request.when)
    if values > limits.filter_values:
        raise LimitExceeded("filter_values", limits.filter_values, values)


def _unknown(parameter: str, value: object, known: tuple[str, ...]) -> InvalidRequest:
    return InvalidRequest(parameter, f"{parameter}={value!r} is unknown; choose one of {', '.join(known)}")


def may_have_corrections(result: SearchResult, request: SearchRequest) -> bool:
    """Whether the first page of a request found so little that other searches are looked for, and they are wanted."""
    return request.corrections and request.page == 1 and (result.relaxed or result.total < LITTLE)
