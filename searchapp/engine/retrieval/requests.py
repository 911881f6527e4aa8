"""What a request asks for: checked before anything is searched, and whether other searches are looked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, get_args

from searchapp.config import Limits
from searchapp.errors import InvalidRequest, LimitExceeded
from searchapp.model import Interval, SearchField, SearchRequest, SearchResult, Sort

LITTLE: Final = 10
"""With fewer stories than this that match strictly, other searches are looked for."""

_KNOWN: Final[Mapping[str, tuple[str, ...]]] = {
    "sort": get_args(Sort),
    "in": get_args(SearchField),
    "interval": ("auto", *get_args(Interval)),
}


def check(request: SearchRequest, limits: Limits) -> None:
    """Refuse what cannot be answered.

    Raises:
        InvalidRequest: a value makes no sense, such as page 0.
        LimitExceeded: too many hits a page, too deep a page, or too many filter values.
    """
    for parameter, number in (("page", request.page), ("per_page", request.per_page)):
        if number < 1:
            raise InvalidRequest(parameter, f"{parameter}={number} is not possible; count from 1")
    if request.recency is not None and request.recency < 1:
        raise InvalidRequest("recent", f"recent={request.recency} is not possible; give a half-life of 1 day or more")
    for parameter, value in (
        ("sort", request.sort),
        ("in", request.field),
        ("interval", request.histogram or "auto"),
    ):
        if value not in _KNOWN[parameter]:
            known = ", ".join(_KNOWN[parameter])
            raise InvalidRequest(parameter, f"{parameter}={value!r} is unknown; choose one of {known}")
    values = len(request.sources) + len(request.not_sources) + len(request.when)
    for limit, allowed, asked in (
        ("per_page", limits.per_page, request.per_page),
        ("results_window", limits.results_window, request.page * request.per_page),
        ("filter_values", limits.filter_values, values),
    ):
        if asked > allowed:
            raise LimitExceeded(limit, allowed, asked)


def may_have_corrections(result: SearchResult, request: SearchRequest) -> bool:
    """Whether the first page of a request found so little that other searches are looked for, and they are wanted."""
    return request.corrections and request.page == 1 and (result.relaxed or result.total < LITTLE)
