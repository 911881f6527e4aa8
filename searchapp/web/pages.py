"""What each page shows, worked out from a result before any template sees it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final
from urllib.parse import urlsplit

from searchapp.config import LIMITS
from searchapp.frozen import dataclass
from searchapp.model import (
    UNKNOWN_OUTLET,
    Hit,
    NoteCode,
    QueryNote,
    SearchRequest,
    SearchResult,
    Statistics,
)
from searchapp.web import display
from searchapp.web.filters import Chip, Choice, Facets, chips, cleared, facets, orders, page_sizes
from searchapp.web.links import SearchLinks
from searchapp.web.other_searches import OtherSearches, other_searches
from searchapp.web.presentation import Run, articles, direction, runs
from searchapp.web.strings import N_, gettext, ngettext

PAGES_AROUND: Final = 2
"""How many page numbers stand on either side of the current one."""

OUTLETS_NAMED: Final = 2
"""How many of the other outlets of a story its hit names; the rest are counted and folded."""

OUTLETS_AT_HOME: Final = 24
"""How many outlets the first page names; all are on a page of their own."""

NOTES: Final[dict[NoteCode, str]] = {
    "unbalanced_quote": N_("The search has a quotation mark without its partner"),
    "unbalanced_parenthesis": N_("The search has a bracket without its partner"),
    "stray_operator": N_("An operator or sign stood where it means nothing and was left aside"),
    "empty_phrase": N_("There were no words between the quotation marks"),
    "unknown_date": N_("The date after “date:” could not be read and was left aside"),
    "only_negative": N_("The search only says what to leave out, so this is everything else"),
    "stop_words_dropped": N_("Common words that were left aside"),
    "expansion_capped": N_("This fits very many words; the most frequent were taken"),
    "fuzzy_narrowed": N_("So many different letters are not allowed in a word like this; fewer were"),
    "nothing_to_search": N_("There is no word to look for in the search"),
    "read_as_text": N_("The search was read as a text: its quotation marks and signs mean nothing"),
    "ranked_by_recency": N_("Newer articles count more; what they gain halves every so many days"),
    "too_many_words": N_("The search has very many words; this many from its beginning were taken"),
}
"""What a page says of how a query was read. The part of it that is meant follows after a colon, if it is told."""


EXAMPLES: Final = (
    ("وزير الخارجية", N_("all of these words, in any of their forms: الوزير and وزيرة are found too")),
    ('"وزير الخارجية"', N_("these words side by side, in this order")),
    ("=الوزير", N_("this very form and no other")),
    ("غزة OR رفح", N_("either of the words; OR, AND and NOT in capital letters, or | + -")),
    ("غزة -كرة", N_("the first word without the second")),
    ("(غزة OR رفح) هدنة", N_("brackets say what belongs together")),
    ('"وزير الطاقة"~5', N_("these words with up to five others between them")),
    ("فلسط*", N_("every word that begins so")),
    ("title:هدنة", N_("the word in the title")),
    ("source:الحرة", N_("articles of an outlet")),
    ("date:2024-06", N_("articles of a day, a month or a year")),
)
"""Searches that show what can be written in the box, each with what it finds."""


@dataclass(frozen=True, slots=True)
class Note:
    """A remark on how the query was understood and the parts of the query that it is about, if it names any."""

    text: str
    details: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HitView:
    """A hit with the address of its article and its texts in runs.

    `others` are the further outlets that ran it, `more` those that are folded. `direction` is the one in which the hit
    as a whole runs, `turned` when it is not the page's; `snippet_direction` is that of its snippet.
    """

    hit: Hit
    address: str
    direction: str
    turned: bool
    snippet_direction: str
    title: tuple[Run, ...]
    snippet: tuple[Run, ...]
    outlet: str | None
    others: tuple[str, ...]
    more: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PageLink:
    """A page number and its address; `gap` says that some are left out before it."""

    page: int
    address: str
    gap: bool


@dataclass(frozen=True, slots=True)
class Pager:
    """The pages of a result that can be reached: numbers, and the addresses of the one before and the one after."""

    current: int
    last: int
    links: tuple[PageLink, ...]
    previous: str | None
    next: str | None


@dataclass(frozen=True, slots=True)
class ResultsPage:
    """Everything on the page of results. `further` are hits below the ones that are counted: they lack some words.

    `mixed` says that among the counted ones, too, some lack words and others do not, `none_whole` that all of them are
    on the page and each lacks some. `other_forms` is the address of
    the same search by the very forms, or no longer by them, `other_spellings` that without other spellings, or again
    with them; None where there are none.
    """

    request: SearchRequest
    result: SearchResult
    count: str
    notes: tuple[Note, ...]
    chips: tuple[Chip, ...]
    cleared: SearchRequest
    facets: Facets
    orders: tuple[Choice, ...]
    sizes: tuple[Choice, ...]
    other_forms: str
    other_spellings: str | None
    hits: tuple[HitView, ...]
    further: tuple[HitView, ...]
    mixed: bool
    none_whole: bool
    pager: Pager
    others: OtherSearches


def results_page(request: SearchRequest, result: SearchResult, today: date, links: SearchLinks) -> ResultsPage:
    """Lay out a result; `links` are those of the request."""
    views = tuple([hit_view(hit, links) for hit in result.hits])
    # Below what is counted come hits that lack some words, unless these stand among the others.
    together = result.relaxed or result.lacking > 0
    counted_hits = tuple(view for view in views if together or not view.hit.relaxed)
    return ResultsPage(
        request=request,
        result=result,
        count=_count(result),
        notes=notes(result.query.notes),
        chips=chips(request),
        cleared=cleared(request),
        facets=facets(request, result, today, links),
        orders=orders(request, links),
        sizes=page_sizes(request, links),
        other_forms=links.changed({"exact": () if request.exact else ("1",)}),
        other_spellings=_other_spellings(request, result, links),
        hits=counted_hits,
        further=views[len(counted_hits) :],
        mixed=len({view.hit.relaxed for view in counted_hits}) > 1,
        none_whole=result.relaxed and len(views) == result.total and all(view.hit.relaxed for view in views),
        pager=pager(request, result.total + result.lacking, links),
        others=other_searches(request, result),
    )


def notes(query_notes: Iterable[QueryNote]) -> tuple[Note, ...]:
    """The remarks in the reader's language, one of each kind."""
    details: dict[NoteCode, list[str]] = {}
    for query_note in query_notes:
        details.setdefault(query_note.code, []).append(query_note.detail)
    return tuple(Note(gettext(NOTES[code]), _distinct(filter(None, found))) for code, found in details.items())


def _other_spellings(request: SearchRequest, result: SearchResult, links: SearchLinks) -> str | None:
    """Where to leave out the other spellings that were found, or to find them again."""
    if not request.variants:
        return links.changed({"variants": ()})
    return links.changed({"variants": ("0",)}) if any(term.variants for term in result.query.terms) else None


def hit_view(hit: Hit, links: SearchLinks) -> HitView:
    """Lay out one hit: the first outlet that passed the filters stands for the story, the others follow."""
    names = _distinct([*hit.outlets, *(copy.outlet for copy in hit.copies if copy.outlet)])
    # One outlet more is named too: "and one more" takes the same room and says less.
    named = 1 + OUTLETS_NAMED if len(names) != 2 + OUTLETS_NAMED else len(names)
    shown = hit.snippet.text if hit.snippet else ""
    runs_to = direction(hit.title.text if hit.title else shown)
    return HitView(
        hit=hit,
        address=links.article(hit.id),
        direction=runs_to,
        turned=runs_to != display.current().direction,
        snippet_direction=direction(shown),
        title=runs(hit.title) if hit.title else (),
        snippet=runs(hit.snippet) if hit.snippet else (),
        outlet=names[0] if names else None,
        others=names[1:named],
        more=names[named:],
    )


def pager(request: SearchRequest, total: int, links: SearchLinks) -> Pager:
    """The pages around the current one with the first and the last, as far as the window of results reaches."""
    window = min(total, LIMITS.results_window // request.per_page * request.per_page)
    last = max(1, -(-window // request.per_page))
    near = range(max(1, request.page - PAGES_AROUND), min(last, request.page + PAGES_AROUND) + 1)
    numbers = sorted({1, last, *near})
    shown = [
        PageLink(number, _page_address(number, links), gap=position > 0 and number > numbers[position - 1] + 1)
        for position, number in enumerate(numbers)
    ]
    return Pager(
        current=request.page,
        last=last,
        links=tuple(shown),
        previous=_page_address(min(request.page - 1, last), links) if request.page > 1 else None,
        next=_page_address(request.page + 1, links) if request.page < last else None,
    )


def _page_address(number: int, links: SearchLinks) -> str:
    return links.changed({"page": () if number == 1 else (str(number),)})


def known_outlets(statistics: Statistics) -> int:
    """How many outlets have a name."""
    return sum(name != UNKNOWN_OUTLET for name, _ in statistics.outlets)


def web_address(url: str | None) -> str | None:
    """The URL if a browser may be sent there: only http and https, and only with a host."""
    if url is None:
        return None
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return None
    return url.strip() if parts.scheme in ("http", "https") and parts.hostname else None


def _count(result: SearchResult) -> str:
    if result.exact:
        return articles(result.total)
    return ngettext("More than %(num)s article", "More than %(num)s articles", result.total)


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
