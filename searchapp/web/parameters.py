"""The URL of a search: its parameters are read into a `SearchRequest` and a request is written out as its one URL.

Parameters in canonical order: `q in source not_source from to when undated exact variants sort recent recent_from page
per_page interval`;
`source`, `not_source` and `when` may be given several times. Defaults and empty values are left out, names that are not
known are ignored, and a value that cannot be read is an `InvalidRequest`. Digits may be Western, Arabic-Indic or
Persian.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final, TypeVar, get_args
from urllib.parse import urlencode

from searchapp.config import LIMITS
from searchapp.errors import InvalidRequest, LimitExceeded
from searchapp.frozen import dataclass
from searchapp.model import Interval, SearchField, SearchRequest, Sort

NAMES: Final = (
    "q", "in", "source", "not_source", "from", "to", "when", "undated", "exact", "variants", "sort", "recent",
    "recent_from", "page", "per_page", "interval",
)  # fmt: skip
"""Every parameter, in canonical order."""

_DEFAULTS: Final = SearchRequest()
_WESTERN_DIGITS: Final = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "0123456789" * 2)
_DATE: Final = re.compile(r"([0-9]{4})(?:[-/]([0-9]{1,2})(?:[-/]([0-9]{1,2}))?)?")
_NUMBER: Final = re.compile(r"[0-9]{1,9}")  # more digits than this are over every limit
_FLAGS: Final = {"1": True, "0": False}

Choice = TypeVar("Choice", bound=str)
Default = TypeVar("Default", bound=str | None)
Count = TypeVar("Count", int, None)


def default_sort(q: str) -> Sort:
    """The order of a search that names none: without words nothing is more relevant, so the newest come first."""
    return "relevance" if q else "newest"


def parse(values: Iterable[tuple[str, str]]) -> SearchRequest:
    """Read the parameters of a URL; of a name that has one value, the last one given holds.

    Raises:
        InvalidRequest: the value of a known parameter cannot be read.
        LimitExceeded: the request passes `per_page`, `results_window` or `filter_values` of `config.Limits`.
    """
    given = _given(values)
    q = " ".join(given["q"][-1].split()) if "q" in given else ""
    request = SearchRequest(
        q=q,
        field=_choice(given, "in", get_args(SearchField), _DEFAULTS.field),
        sources=_values(given, "source"),
        not_sources=_values(given, "not_source"),
        date_from=_day(given, "from", end=False),
        date_to=_day(given, "to", end=True),
        when=tuple(sorted({str(_partial_date("when", value)) for value in given.get("when", ())})),
        undated=_flag(given, "undated"),
        exact=_flag(given, "exact"),
        variants=_flag(given, "variants", _DEFAULTS.variants),
        sort=_choice(given, "sort", get_args(Sort), default_sort(q)),
        page=_number(given, "page", _DEFAULTS.page),
        per_page=_number(given, "per_page", _DEFAULTS.per_page),
        histogram=_choice(given, "interval", get_args(Interval), None),
        recency=_number(given, "recent", None),
        recency_from=_day(given, "recent_from", end=True) if "recent" in given else None,
    )
    _check(request)
    return request


def mended(values: Iterable[tuple[str, str]]) -> SearchRequest:
    """What is left of a request when every parameter that cannot be read is left out.

    Raises:
        LimitExceeded: as for `parse`.
    """
    pairs = list(values)
    while True:
        try:
            return parse(pairs)
        except InvalidRequest as error:
            pairs = [(name, value) for name, value in pairs if name != error.parameter]


def pairs(request: SearchRequest) -> tuple[tuple[str, str], ...]:
    """The parameters of a request as (name, value) in canonical order; `parse` of them gives the request again.

    `facets` and `snippets` are no part of a URL.
    """
    written = (
        ("q", (request.q,)),
        ("in", _unless(request.field, _DEFAULTS.field)),
        ("source", request.sources),
        ("not_source", request.not_sources),
        ("from", (request.date_from.isoformat(),) if request.date_from else ()),
        ("to", (request.date_to.isoformat(),) if request.date_to else ()),
        ("when", request.when),
        ("undated", ("1",) if request.undated else ()),
        ("exact", ("1",) if request.exact else ()),
        ("variants", () if request.variants else ("0",)),
        ("sort", _unless(request.sort, default_sort(request.q))),
        ("recent", (str(request.recency),) if request.recency else ()),
        ("recent_from", (request.recency_from.isoformat(),) if request.recency and request.recency_from else ()),
        ("page", _unless(str(request.page), str(_DEFAULTS.page))),
        ("per_page", _unless(str(request.per_page), str(_DEFAULTS.per_page))),
        ("interval", () if request.histogram in (None, "auto") else (request.histogram,)),
    )
    return tuple((name, value) for name, values in written for value in values if value)


def period(value: str) -> tuple[date, date]:
    """The first and the last day of one of `SearchRequest.when`."""
    partial = _partial_date("when", value)
    return partial.first, partial.last


def query_string(request: SearchRequest) -> str:
    """The canonical query string of a request, percent-encoded, without `?`; empty for the request of defaults."""
    return urlencode(pairs(request))


def _unless(value: str, default: str) -> tuple[str, ...]:
    return () if value == default else (value,)


def _given(values: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """The values of each known parameter. A form sends empty fields along: they say nothing."""
    given: dict[str, list[str]] = {}
    for name, value in values:
        if name in NAMES and value.strip():
            given.setdefault(name, []).append(value)
    return given


def _values(given: Mapping[str, list[str]], name: str) -> tuple[str, ...]:
    """Names as they stand, sorted, so that one set of filters has one URL."""
    return tuple(sorted(set(given.get(name, ()))))


def _western(value: str) -> str:
    return value.strip().translate(_WESTERN_DIGITS)


def _choice(
    given: Mapping[str, list[str]], name: str, choices: tuple[Choice, ...], default: Default
) -> Choice | Default:
    if name not in given:
        return default
    value = given[name][-1].strip()
    for choice in choices:
        if choice == value:
            return choice
    raise InvalidRequest(name, f"{name}={value!r} is not one of {', '.join(choices)}")


def _flag(given: Mapping[str, list[str]], name: str, default: bool = False) -> bool:
    if name not in given:
        return default
    value = _western(given[name][-1])
    if value not in _FLAGS:
        raise InvalidRequest(name, f"{name}={value!r} is neither 1 (yes) nor 0 (no)")
    return _FLAGS[value]


def _number(given: Mapping[str, list[str]], name: str, default: Count) -> int | Count:
    if name not in given:
        return default
    value = _western(given[name][-1])
    if not _NUMBER.fullmatch(value) or int(value) < 1:
        raise InvalidRequest(name, f"{name}={value!r} is not a whole number from 1")
    return int(value)


@dataclass(frozen=True, slots=True)
class _PartialDate:
    """A year, a month of a year, or a day; its string is ISO."""

    first: date
    precision: int

    @property
    def last(self) -> date:
        if self.precision == 1:
            return date(self.first.year, 12, 31)
        if self.precision == 2:
            return self.first.replace(day=calendar.monthrange(self.first.year, self.first.month)[1])
        return self.first

    def __str__(self) -> str:
        return "-".join(self.first.isoformat().split("-")[: self.precision])


def _partial_date(name: str, value: str) -> _PartialDate:
    match = _DATE.fullmatch(_western(value))
    try:
        if match is None:
            raise ValueError
        numbers = [int(group) for group in match.groups() if group]
        year, month, day = (*numbers, 1, 1)[:3]
        return _PartialDate(date(year, month, day), len(numbers))
    except ValueError:
        message = f"{name}={value!r} is not a day, month or year of the calendar, such as 2024-06-25, 2024-06 or 2024"
        raise InvalidRequest(name, message) from None


def _day(given: Mapping[str, list[str]], name: str, *, end: bool) -> date | None:
    """A bound of a range: of a month or a year, its first day or, at the range's end, its last."""
    if name not in given:
        return None
    partial = _partial_date(name, given[name][-1])
    return partial.last if end else partial.first


def _check(request: SearchRequest) -> None:
    if request.date_from and request.date_to and request.date_from > request.date_to:
        raise InvalidRequest("to", f"to={request.date_to} is before from={request.date_from}")
    measured = (
        ("per_page", LIMITS.per_page, request.per_page),
        ("results_window", LIMITS.results_window, request.page * request.per_page),
        ("filter_values", LIMITS.filter_values, sum(map(len, (request.sources, request.not_sources, request.when)))),
    )
    for limit, allowed, asked in measured:
        if asked > allowed:
            raise LimitExceeded(limit, allowed, asked)
