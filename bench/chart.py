"""A plot of the results as SVG: for each task one horizontal bar an engine, on a logarithmic scale."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

LABEL_WIDTH: Final = 210
PLOT_WIDTH: Final = 560
VALUE_WIDTH: Final = 70
BAR_HEIGHT: Final = 14
GROUP_GAP: Final = 16
HEAD_HEIGHT: Final = 64
COLOURS: Final = ("#0b6e4f", "#7fb069", "#d1495b", "#00798c", "#66a5ad", "#edae49", "#8d6a9f")
FONT: Final = "font-family:sans-serif;font-size:12px;fill:#222"

Groups = Sequence[tuple[str, Mapping[str, float]]]
"""Title of a group → the value of each engine that has one."""


def bar_chart(title: str, unit: str, engines: Sequence[str], groups: Groups) -> str:
    """The chart as a whole SVG document. Values are above 0; each engine keeps its colour in all groups."""
    values = [value for _, bars in groups for value in bars.values()]
    low, high = 10.0 ** math.floor(math.log10(min(values))), 10.0 ** math.ceil(math.log10(max(values)))
    colours = {name: COLOURS[place % len(COLOURS)] for place, name in enumerate(engines)}
    top, parts = HEAD_HEIGHT, []
    for group, bars in groups:
        parts.append(_text(LABEL_WIDTH - 8, top + BAR_HEIGHT * len(bars) / 2 + 4, group, anchor="end"))
        for name in engines:
            if name in bars:
                parts.append(_bar(top, bars[name], colours[name], low, high))
                top += BAR_HEIGHT
        top += GROUP_GAP
    width = LABEL_WIDTH + PLOT_WIDTH + VALUE_WIDTH
    head = [_text(12, 20, f"{title} ({unit}, logarithmic scale, shorter is better)"), *_legend(colours)]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{top}" viewBox="0 0 {width} {top}">',
            f'<rect width="{width}" height="{top}" fill="#fff"/>',
            *head,
            *_grid(low, high, top - GROUP_GAP),
            *parts,
            "</svg>\n",
        ]
    )


def _place(value: float, low: float, high: float) -> float:
    """Where a value lies across the plot, in pixels."""
    return PLOT_WIDTH * math.log10(value / low) / math.log10(high / low) if high > low else PLOT_WIDTH


def _bar(top: float, value: float, colour: str, low: float, high: float) -> str:
    width = max(1.0, _place(value, low, high))
    bar = f'<rect x="{LABEL_WIDTH}" y="{top}" width="{width:.1f}" height="{BAR_HEIGHT - 2}" fill="{colour}"/>'
    return bar + _text(LABEL_WIDTH + width + 4, top + BAR_HEIGHT - 4, f"{value:.3g}")


def _grid(low: float, high: float, bottom: float) -> list[str]:
    """A line and its label at each power of ten."""
    lines = []
    for power in range(round(math.log10(low)), round(math.log10(high)) + 1):
        x = LABEL_WIDTH + _place(10.0**power, low, high)
        lines.append(f'<line x1="{x:.1f}" y1="{HEAD_HEIGHT - 6}" x2="{x:.1f}" y2="{bottom}" stroke="#ddd"/>')
        lines.append(_text(x, HEAD_HEIGHT - 10, f"{10.0**power:g}", anchor="middle"))
    return lines


def _legend(colours: Mapping[str, str]) -> list[str]:
    parts, x = [], 12
    for name, colour in colours.items():
        parts.append(f'<rect x="{x}" y="30" width="10" height="10" fill="{colour}"/>' + _text(x + 14, 39, name))
        x += 30 + 7 * len(name)
    return parts


def _text(x: float, y: float, text: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" style="{FONT}">{escape(text)}</text>'
