"""The two lists that a page of results is mostly made of, hits and choices, written here for the time they take.

A template would take half of the time of the whole page for them. What they look like is in `css/20-results.css` and
`css/30-facets.css`.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from markupsafe import Markup

from searchapp.web import display
from searchapp.web.display import Display, number
from searchapp.web.filters import Choice
from searchapp.web.markup import escaped, marked, side, times
from searchapp.web.origins import absolute
from searchapp.web.pages import HitView
from searchapp.web.presentation import outlet
from searchapp.web.strings import gettext, ngettext, pgettext


class Words(NamedTuple):
    """What hits and choices say beside their own texts, in the reader's language, as HTML."""

    no_title: str
    undated: str
    also_in: str
    comma: str
    last_and: str
    inferred: str
    partial: str
    chosen: str
    left_out: str
    leave_out: str
    put_back: str


def hits(views: Iterable[HitView], *, mixed: bool) -> Markup:
    """The items of a list of hits. `mixed` says that others of the list have all the words."""
    words = _words(display.current())
    return Markup("\n".join([_hit(view, words, mixed) for view in views]))  # noqa: S704 - what others wrote is escaped


def choices(listed: Iterable[Choice], kind: str) -> Markup:
    """A list of the choices of a facet, with those within them. `kind` names the facet in the page."""
    return Markup(_choices(listed, kind, _words(display.current())))  # noqa: S704 - what others wrote is escaped


def _hit(view: HitView, words: Words, mixed: bool) -> str:
    hit, address = view.hit, escaped(view.address)
    turned = f' dir="{view.direction}"' if view.turned else ""
    title = marked(view.title) if view.title else words.no_title
    return (
        f'<li class="hit" id="hit-{hit.rank}"{turned}>\n'
        f'<h2{side(view.direction, view.direction)}><a href="{address}">{title}</a></h2>\n'
        f'<div class="meta">{"".join(_facts(view, address, words, mixed))}</div>\n'
        f'{_snippet(view)}<p class="address" dir="ltr">{escaped(hit.url or absolute(view.address))}</p>\n</li>'
    )


def _facts(view: HitView, address: str, words: Words, mixed: bool) -> Iterable[str]:
    """What is said of a hit between its title and its snippet: outlets, date, and what is unusual."""
    hit = view.hit
    yield f"<span><bdi>{escaped(outlet(view.outlet))}</bdi></span>"
    yield times(hit.date) if hit.date else f"<span>{words.undated}</span>"
    if view.others:
        *before, last = [f"<bdi>{escaped(name)}</bdi>" for name in view.others]
        first = f"{words.comma.join(before)}{words.last_and}" if before else ""
        yield f"<span>{words.also_in} {first}{last}</span>"
    if view.more:
        names = words.comma.join([f"<bdi>{escaped(name)}</bdi>" for name in view.more])
        counted = ngettext("+%(num)s outlet", "+%(num)s outlets", len(view.more))
        yield f'<details class="copies"><summary>{counted}</summary><a href="{address}#copies">{names}</a></details>'
    if len(hit.copies) > 1 and not view.others:
        counted = ngettext("%(num)s copy", "%(num)s copies", len(hit.copies))
        yield f'<a href="{address}#copies">{counted}</a>'
    if hit.title_inferred and view.title:
        yield f"<span>{words.inferred}</span>"
    if hit.relaxed and mixed:
        yield f"<span>{words.partial}</span>"


def _snippet(view: HitView) -> str:
    snippet = view.hit.snippet
    if snippet is None or not view.snippet:
        return ""
    before, after = "…&nbsp;" if snippet.leading else "", "&nbsp;…" if snippet.trailing else ""
    return (
        f'<p class="snippet"{side(view.snippet_direction, view.direction)}>{before}{marked(view.snippet)}{after}</p>\n'
    )


def _choices(listed: Iterable[Choice], kind: str, words: Words) -> str:
    items = "\n".join([_choice(choice, kind, words) for choice in listed])
    return f'<ul class="choices">\n{items}\n</ul>'


def _choice(choice: Choice, kind: str, words: Words) -> str:
    label, value = f"<bdi>{escaped(choice.label)}</bdi>", escaped(choice.value)
    count = "" if choice.count is None else f' <span class="number">({number(choice.count)})</span>'
    aside = f' <span class="hijri">{escaped(choice.aside)}</span>' if choice.aside else ""
    current = ' aria-current="true"' if choice.selected else ""
    state = (words.chosen if choice.selected else "") + (words.left_out if choice.excluded else "")
    unseen = f'<span class="unseen">{state}</span>' if state else ""
    leave = ""
    if choice.exclusion:
        leave = (
            f'<a class="exclude" href="{escaped(choice.exclusion)}" rel="nofollow" data-instant="not {value}">'
            f'{words.put_back if choice.excluded else words.leave_out}<span class="unseen"> {label}</span></a>'
        )
    within = _choices(choice.children, kind, words) if choice.children else ""
    return (
        f"<li{' class=excluded' if choice.excluded else ''}>"
        f'<a class="choice" href="{escaped(choice.address)}"{current} rel="nofollow" data-instant="{kind} {value}">'
        f"<span>{label}{count}{aside}{unseen}</span></a>{leave}{within}</li>"
    )


@lru_cache(maxsize=32)
def _words(_display: Display) -> Words:
    found = Words(
        no_title=gettext("No title"),
        undated=gettext("Undated"),
        also_in=gettext("Also in"),
        comma=pgettext("list", ", "),
        last_and=pgettext("list", " and "),
        inferred=gettext("Title inferred from the text"),
        partial=gettext("Has some of the words"),
        chosen=gettext(", chosen: remove it"),
        left_out=gettext(", left out"),
        leave_out=gettext("leave out"),
        put_back=gettext("put back"),
    )
    return Words(*(escaped(word) for word in found))
