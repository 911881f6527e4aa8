"""Several lines over time in one drawing: each has its own colour, dashes and marks, and each point is a link.

Time runs as the interface does. Across, places are in per cent, so that the drawing fills whatever room it has; only
the lines themselves stand in a drawing within it that is stretched, which leaves marks and words as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil, log10
from typing import Final

from markupsafe import Markup, escape

from searchapp.frozen import dataclass
from searchapp.web import display
from searchapp.web.display import number
from searchapp.web.histogram_periods import Period

HEIGHT: Final = 288
"""Pixels, as in the style sheet."""
_TOP: Final = 20
_FLOOR: Final = 256
_GRID_LINES: Final = 4
"""At most, besides the floor."""
_TIME_LABELS: Final = 6
_EDGE: Final = 12
"""Per cent of the width; a name that is nearer to a side stands beside its place, not around it."""
_MARKS: Final = 24
"""Of more points than this only some are marked, for each line others; all of them show where one points at."""

_GUTTER: Final = 8
"""Per cent of the width, where time begins, that the names of the levels have for themselves."""

SHAPES: Final = (
    '<circle r="4"/>',
    '<path d="M-4-4H4V4H-4Z"/>',
    '<path d="M0-5L5 4H-5Z"/>',
    '<path d="M0-5.5L5.5 0 0 5.5-5.5 0Z"/>',
    '<path d="M-4-4L4 4M-4 4L4-4"/>',
)
"""The mark of each line, around the middle of it."""


@dataclass(frozen=True, slots=True)
class Point:
    """One value of a line, None where there is none; `told` is what it says, `address` where it leads, if anywhere."""

    value: float | None
    told: str
    address: str = ""


def chart(name: str, periods: Sequence[Period], lines: Sequence[Sequence[Point]], *, share: bool) -> Markup:
    """Draw lines over these intervals; `name` says what they show. Addresses are escaped already, texts are not."""
    highest = max((point.value or 0 for line in lines for point in line), default=0)
    step = nice_step(highest, whole=not share)
    steps = max(1, ceil(highest / step - 1e-9))
    rtl = display.current().direction == "rtl"
    along = [_GUTTER + (100 - _GUTTER) * (at + 0.5) / len(periods) for at in range(len(periods))]
    places = [100 - place if rtl else place for place in along]
    levels = [
        [None if p.value is None else _FLOOR - (_FLOOR - _TOP) * p.value / (step * steps) for p in line]
        for line in lines
    ]
    pieces = (
        "".join(_grid(step, steps, share, rtl)),
        "".join(_times(periods, places, rtl)),
        f'<svg width="100%" height="{HEIGHT}" viewBox="0 0 100 {HEIGHT}" preserveAspectRatio="none" overflow="visible">'
        f"{''.join(_drawn(places, heights, at) for at, heights in enumerate(levels, 1))}</svg>",
        "".join(
            _points(places, heights, line, at) for at, (heights, line) in enumerate(zip(levels, lines, strict=True), 1)
        ),
    )
    opening = f'<svg class="lines" role="group" aria-label="{escape(name)}" width="100%" height="{HEIGHT}">'
    return Markup(f"{opening}{''.join(pieces)}</svg>")  # noqa: S704 - texts and addresses are escaped


def key(line: int) -> Markup:
    """The line numbered so, from 1, as the legend shows it."""
    return Markup(  # noqa: S704 - nothing in it comes from elsewhere
        f'<svg class="key series-{line}" width="40" height="16" aria-hidden="true">'
        '<line class="line" x1="0" y1="8" x2="40" y2="8"/>'
        f'<g class="mark" transform="translate(20 8)">{SHAPES[line - 1]}</g></svg>'
    )


def nice_step(highest: float, *, whole: bool) -> float:
    """The distance of grid lines that fits: 1, 2 or 5 times a power of ten, not less than 1 for whole numbers."""
    least = highest / _GRID_LINES
    if least <= 0:
        return 1 if whole else 0.25
    power = 10.0 ** ceil(log10(least) - 1 - 1e-9)
    step = next((power * by for by in (1, 2, 5, 10) if power * by >= least * (1 - 1e-9)), power * 10)
    return max(step, 1) if whole else step


def percent(share: float, *, plain: bool = False) -> str:
    """A share in per cent, in the reader's digits, as fine as its size asks for, or `plain`, without idle zeros."""
    value = 100 * share
    digits = 0 if value in (0, 100) else 1 if value >= 1 else 2 if value >= 0.1 else 3
    text = display.in_digits(f"{value:.3g}%" if plain else f"{value:.{digits}f}%")
    return text.replace(".", "٫").replace("%", "٪") if display.current().digits == "arab" else text


def _grid(step: float, steps: int, share: bool, rtl: bool) -> Iterator[str]:
    edge = 'x="100%" text-anchor="end"' if rtl else 'x="0" text-anchor="start"'
    for at in range(steps + 1):
        y = _FLOOR - (_FLOOR - _TOP) * at / steps
        yield f'<line class="grid-line" x1="0" x2="100%" y1="{y:g}" y2="{y:g}"/>'
        if at:
            text = percent(step * at, plain=True) if share else number(round(step * at))
            yield f'<text {edge} y="{y - 4:g}" direction="ltr" aria-hidden="true">{text}</text>'


def _times(periods: Sequence[Period], places: Sequence[float], rtl: bool) -> Iterator[str]:
    """Names of some intervals under the drawing; on a narrow screen only the first and the last of them have room."""
    named = range(0, len(periods), max(1, ceil((len(periods) - 1) / (_TIME_LABELS - 1))))
    for at in named:
        x, anchor = places[at], "middle"
        if min(x, 100 - x) < _EDGE:
            anchor = "end" if (x < _EDGE) == rtl else "start"
        kind = "" if at in (named[0], named[-1]) else ' class="minor"'
        place = f'x="{x:.2f}%" y="{HEIGHT - 8}" text-anchor="{anchor}"'
        yield f'<text{kind} {place} aria-hidden="true">{escape(periods[at].short)}</text>'


def _drawn(places: Sequence[float], heights: Sequence[float | None], line: int) -> str:
    """The line itself, in as many pieces as there are gaps in it."""
    pieces: list[list[str]] = [[]]
    for x, y in zip(places, heights, strict=True):
        if y is None:
            pieces.append([])
        else:
            pieces[-1].append(f"{x:.3f},{y:.1f}")
    return "".join(
        f'<polyline class="line series-{line}" points="{" ".join(piece)}"/>' for piece in pieces if len(piece) > 1
    )


def _points(places: Sequence[float], heights: Sequence[float | None], points: Sequence[Point], line: int) -> str:
    """The points that lead somewhere. Each line is one stop of the tab key; arrow keys lead along it."""
    every = max(1, ceil(len(points) / _MARKS))
    stop = ""
    written = []
    for at, (x, y, point) in enumerate(zip(places, heights, points, strict=True)):
        if y is None or not point.address:
            continue
        faint = "" if (at + line) % every == 0 else ' class="faint"'
        written.append(
            f'<a href="{point.address}" rel="nofollow"{stop}{faint}><title>{escape(point.told)}</title>'
            f'<svg x="{x:.3f}%" y="{y:.1f}" overflow="visible"><circle class="reach" r="10"/>'
            f"{SHAPES[line - 1]}</svg></a>"
        )
        stop = ' tabindex="-1"'
    return f'<g class="mark roving series-{line}">{"".join(written)}</g>'
