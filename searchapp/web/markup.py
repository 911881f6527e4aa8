"""The pieces of HTML that stand many times on a page, written here rather than in a template for the time they take."""

from __future__ import annotations

import html
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Final

from markupsafe import Markup

from searchapp.web import display, presentation
from searchapp.web.display import Display
from searchapp.web.presentation import Run

escaped: Final = html.escape
"""A text as HTML, its quotation marks too. A plain string is made in half of the time of a `Markup`."""


def marked(runs: Iterable[Run]) -> Markup:
    """A text's runs, without a space between them: words must stay whole."""
    written = []
    for run in runs:
        inside = "".join(
            [f"<mark>{escaped(text)}</mark>" if is_marked else escaped(text) for text, is_marked in run.parts]
        )
        written.append(f'<bdi dir="ltr">{inside}</bdi>' if run.isolated else inside)
    return Markup("".join(written))  # noqa: S704 - every text in it is escaped


def isolated(text: str) -> Markup:
    """A text that keeps its direction to itself."""
    return Markup("<bdi>{}</bdi>").format(text)


def time(value: date) -> Markup:
    """A date in one calendar, the reader's first."""
    return _time(value, display.current())


def times(value: date) -> Markup:
    """A date in the calendars that the reader wants, each an element of its own."""
    return _times(value, display.current())


def side(direction: str, around: str | None = None) -> Markup:
    """The attributes of an element whose text runs another way, or is in another language, than what is around it."""
    return _side(direction, around, display.current())


# The display is the key of these caches: what they write depends on it.


@lru_cache(maxsize=4096)
def _time(value: date, shown: Display) -> Markup:
    written = (presentation.hijri_day(value) if shown.cal == "hijri" else "") or presentation.day(value)
    return Markup('<time datetime="{}">{}</time>').format(value.isoformat(), written)


@lru_cache(maxsize=4096)
def _times(value: date, shown: Display) -> Markup:
    hijri = presentation.hijri_day(value) if shown.cal == "both" else ""
    return _time(value, shown) + (Markup('<span class="hijri">{}</span>').format(hijri) if hijri else "")


@lru_cache(maxsize=64)
def _side(direction: str, around: str | None, shown: Display) -> Markup:
    turned = direction != (around or shown.direction)
    foreign = direction == "rtl" and shown.ui != "ar"
    return Markup(f' dir="{direction}"' * turned + ' lang="ar"' * foreign)  # noqa: S704 - no text of others is in it
