"""Coverage over time as a strip of bars, each a link to what it counts, and the same in figures.

Time runs as the interface does: from right to left in Arabic. Places in the drawing are in per cent, so that it fills
whatever room it has without scripts or style of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Final

from markupsafe import Markup, escape

from searchapp import intervals
from searchapp.config import LIMITS
from searchapp.frozen import dataclass
from searchapp.model import Histogram, Interval, SearchRequest
from searchapp.web import display, presentation
from searchapp.web.display import Display, number
from searchapp.web.histogram_periods import Period, PeriodLinks, periods
from searchapp.web.strings import N_, gettext

INTERVAL_NAMES: Final[dict[Interval, str]] = {
    "day": N_("Days"),
    "week": N_("Weeks"),
    "month": N_("Months"),
    "year": N_("Years"),
    "decade": N_("Decades"),
    "century": N_("Centuries"),
}
BY_INTERVAL: Final[dict[Interval, str]] = {
    "day": N_("Articles by day"),
    "week": N_("Articles by week"),
    "month": N_("Articles by month"),
    "year": N_("Articles by year"),
    "decade": N_("Articles by decade"),
    "century": N_("Articles by century"),
}
DIRECTIONS: Final = {"rtl": N_("Time runs from right to left."), "ltr": N_("Time runs from left to right.")}

_TOP: Final = 28
"""Per cent of the height above the highest bar, for its number."""
_LEAST: Final = 4
"""Per cent; what is there must be seen, however much more there is of others."""
_WIDEST: Final = 4.0
"""Per cent; one bar alone is still a bar."""
_EDGE: Final = 8.0
"""Nearer to a side than this, a number does not stand in the middle over its bar."""

Counted = tuple[int, int, Period, str]
"""Place, count, interval and address of a bar."""


@dataclass(frozen=True, slots=True)
class IntervalChoice:
    """One way to divide the time, and the search that shows it so."""

    label: str
    selected: bool
    request: SearchRequest


@dataclass(frozen=True, slots=True)
class Words:
    """What every strip says around its bars, looked up once for all pages."""

    divide: str
    compare: str
    figures: str
    time: str
    articles: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """A strip and what stands around it: its bars, the rows of its table, the names of its first and last interval."""

    search: SearchRequest
    title: str
    bars: Markup
    rows: Markup
    first: str
    last: str
    choices: tuple[IntervalChoice, ...]
    words: Words


def coverage(search: SearchRequest, histogram: Histogram | None, *, choices: bool = True) -> Coverage | None:
    """Lay out the counts of a search, if there are any; with `choices`, the other intervals are offered."""
    if histogram is None:
        return None
    shown = periods(histogram.interval, histogram.starts, display.current())
    links = PeriodLinks(search)
    counted = [
        (at, count, period, links.to(period))
        for at, (period, count) in enumerate(zip(shown, histogram.counts, strict=True))
        if count
    ]
    title = gettext(BY_INTERVAL[histogram.interval])
    return Coverage(
        search=search,
        title=title,
        bars=_bars(counted, len(shown), f"{title}. {gettext(DIRECTIONS[display.current().direction])}"),
        rows=_rows(counted),
        first=shown[0].short,
        last=shown[-1].short if len(shown) > 1 else "",
        choices=tuple(interval_choices(search, histogram)) if choices else (),
        words=_words(display.current()),
    )


def interval_choices(search: SearchRequest, histogram: Histogram) -> Iterator[IntervalChoice]:
    """The intervals of which the range has several, and not too many; decades and centuries where nothing else is."""
    usual = intervals.fitting(histogram.first, histogram.last)
    for interval, name in INTERVAL_NAMES.items():
        if interval in intervals.LONG and usual not in intervals.LONG and interval != histogram.interval:
            continue
        if 1 < intervals.count(interval, histogram.first, histogram.last) <= LIMITS.histogram_intervals:
            asked = None if interval == usual else interval
            chosen = interval == histogram.interval
            yield IntervalChoice(gettext(name), chosen, replace(search, histogram=asked, page=1))


@lru_cache(maxsize=32)
def _words(_display: Display) -> Words:
    return Words(
        divide=gettext("Divide the time by"),
        compare=gettext("Compare over time"),
        figures=gettext("In figures"),
        time=gettext("Time"),
        articles=gettext("Articles"),
    )


@lru_cache(maxsize=4096)
def articles(count: int, _display: Display) -> str:
    """So many articles, in words; the display is part of the key."""
    return presentation.articles(count)


def _bars(counted: Sequence[Counted], width: int, name: str) -> Markup:
    """The drawing. The bars are one stop of the tab key, the first of them; arrow keys lead on, as does the table."""
    shown = display.current()
    places = _places(width, shown.direction)
    highest = max(count for _, count, _, _ in counted)
    stops = ("", *(' tabindex="-1"',) * (len(counted) - 1))
    written = [
        f'<a href="{address}" rel="nofollow" data-instant=""{stop}>'
        f"<title>{period.name}: {articles(count, shown)}</title>"
        f"{places[at]} {_HEIGHTS[count * 100 // highest]}/></a>"
        for (at, count, period, address), stop in zip(counted, stops, strict=True)
    ]
    peak = next(at for at, count, _, _ in counted if count == highest)
    return Markup(  # noqa: S704 - addresses are escaped, the rest is ours
        f'<svg class="bars roving" role="group" aria-label="{escape(name)}">{"".join(written)}'
        f"{_label(peak, width, number(highest), shown.direction)}</svg>"
    )


_HEIGHTS: Final = tuple(
    f'y="{100 - height:.1f}%" height="{height:.1f}%"'
    for height in (max(_LEAST, share * (100 - _TOP) / 100) for share in range(101))
)
"""Where a bar begins and how high it is, by how many per cent of the highest it counts."""


@lru_cache(maxsize=256)
def _places(width: int, direction: str) -> tuple[str, ...]:
    """For each of so many bars, the column that can be clicked, and the bar in it but for its height."""
    step = 100 / width
    bar = min(step * 0.8, _WIDEST)
    columns = (step * (width - 1 - at if direction == "rtl" else at) for at in range(width))
    return tuple(
        f'<rect class="reach" x="{column:.3f}%" width="{step:.3f}%" height="100%"/>'
        f'<rect x="{column + (step - bar) / 2:.3f}%" width="{bar:.3f}%"'
        for column in columns
    )


def _label(at: int, width: int, text: str, direction: str) -> str:
    """The number over the highest bar."""
    middle = ((width - at if direction == "rtl" else at + 1) - 0.5) * 100 / width
    x, anchor = (0.0, "start") if middle < _EDGE else (100.0, "end") if middle > 100 - _EDGE else (middle, "middle")
    return f'<text x="{x:.2f}%" y="12" text-anchor="{anchor}" direction="ltr" aria-hidden="true">{text}</text>'


def _rows(counted: Sequence[Counted]) -> Markup:
    return Markup(  # noqa: S704 - addresses are escaped, the rest is ours
        "".join(
            f'<tr><th scope="row"><a href="{address}" rel="nofollow" data-instant="">{period.name}</a></th>'
            f'<td class="number">{number(count)}</td></tr>\n'
            for _, count, period, address in counted
        )
    )
