"""What each page shows, worked out from a result before any template sees it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlsplit

from searchapp.config import LIMITS
from searchapp.model import (
    UNKNOWN_OUTLET,
    Article,
    Hit,
    NoteCode,
    QueryNote,
    SearchRequest,
    SearchResult,
    Snippet,
    Statistics,
)
from searchapp.web.filters import Chip, Choice, Facets, chips, cleared, facets, orders
from searchapp.web.presentation import ARTICLES, Paragraph, Run, counted, paragraphs, runs

PAGES_AROUND: Final = 2
"""How many page numbers stand on either side of the current one."""

OUTLETS_NAMED: Final = 2
"""How many of the other outlets of a story its hit names; the rest are counted."""

WAYS_OUT: Final = 8
"""How many filters are tried without when a search finds nothing; each is a search of its own."""

NOTES: Final[dict[NoteCode, str]] = {
    "unbalanced_quote": "في البحث علامة تنصيص بلا قرينتها",
    "unbalanced_parenthesis": "في البحث قوس بلا قرينه",
    "stray_operator": "في البحث علامة أو رابط في غير موضعه، فلم نأخذ به",
    "empty_phrase": "بين علامتي التنصيص لا كلمات، فأهملناهما",
    "unknown_date": "لم نفهم التاريخ بعد «date:»، فأهملناه",
    "only_negative": "ليس في البحث إلا ما يُستبعد، فهذا كل ما سواه",
    "stop_words_dropped": "كلمات شائعة لم يُعتدّ بها",
    "expansion_capped": "بداية الكلمة هذه تطابق كلمات كثيرة جدًا، فأخذنا أكثرها ورودًا",
    "nothing_to_search": "ليس في البحث كلمة تُبحث",
    "read_as_text": "قُرئ البحث نصًّا، فلا معنى لما فيه من علامات التنصيص والرموز",
    "too_many_words": "كلمات البحث كثيرة، فأخذنا بهذا العدد من أولها",
}
"""What a page says of how a query was read. The part of it that is meant follows after a colon, if it is told."""


@dataclass(frozen=True, slots=True)
class Note:
    """A remark on how the query was understood and the parts of the query that it is about, if it names any."""

    text: str
    details: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HitView:
    """A hit with its texts in runs. `others` are the further outlets that ran it, `more` how many are not named."""

    hit: Hit
    title: tuple[Run, ...]
    snippet: tuple[Run, ...]
    outlet: str | None
    others: tuple[str, ...]
    more: int


@dataclass(frozen=True, slots=True)
class PageLink:
    """A page number; `gap` says that some are left out before it."""

    page: int
    request: SearchRequest
    gap: bool


@dataclass(frozen=True, slots=True)
class Pager:
    """The pages of a result that can be reached."""

    current: int
    last: int
    links: tuple[PageLink, ...]
    previous: SearchRequest | None
    next: SearchRequest | None


@dataclass(frozen=True, slots=True)
class WayOut:
    """A filter that can be dropped and how many stories are found without it."""

    chip: Chip
    total: int


@dataclass(frozen=True, slots=True)
class ResultsPage:
    """Everything on the page of results. `further` are hits below the ones that are counted: they lack some words.

    `mixed` says that among the counted ones, too, some lack words and others do not.
    """

    request: SearchRequest
    result: SearchResult
    count: str
    notes: tuple[Note, ...]
    chips: tuple[Chip, ...]
    cleared: SearchRequest
    facets: Facets
    orders: tuple[Choice, ...]
    hits: tuple[HitView, ...]
    further: tuple[HitView, ...]
    mixed: bool
    pager: Pager
    ways_out: tuple[WayOut, ...]


@dataclass(frozen=True, slots=True)
class ArticlePage:
    """Everything on the page of an article. `copies` are the whole story, this article among them."""

    request: SearchRequest
    article: Article
    title: tuple[Run, ...]
    paragraphs: tuple[Paragraph, ...]
    copies: tuple[Article, ...]
    related: tuple[Article, ...]
    found_on: Article | None
    source_url: str | None


def results_page(request: SearchRequest, result: SearchResult, ways_out: tuple[WayOut, ...] = ()) -> ResultsPage:
    """Lay out a result."""
    views = tuple(hit_view(hit) for hit in result.hits)
    counted_hits = tuple(view for view in views if result.relaxed or not view.hit.relaxed)
    return ResultsPage(
        request=request,
        result=result,
        count=_count(result),
        notes=notes(result.query.notes),
        chips=chips(request),
        cleared=cleared(request),
        facets=facets(request, result),
        orders=orders(request),
        hits=counted_hits,
        further=views[len(counted_hits) :],
        mixed=len({view.hit.relaxed for view in counted_hits}) > 1,
        pager=pager(request, result.total),
        ways_out=ways_out,
    )


def article_page(
    request: SearchRequest,
    article: Article,
    marked: tuple[Snippet | None, Snippet],
    *,
    copies: tuple[Article, ...],
    related: tuple[Article, ...],
    found_on: Article | None,
) -> ArticlePage:
    """Lay out an article; `marked` is its title and its whole body with the words of the query marked."""
    title, body = marked
    return ArticlePage(
        request=request,
        article=article,
        title=runs(title) if title else (),
        paragraphs=paragraphs(body),
        copies=copies,
        related=related,
        found_on=found_on,
        source_url=web_address(article.url),
    )


def notes(query_notes: Iterable[QueryNote]) -> tuple[Note, ...]:
    """The remarks in Arabic, one of each kind."""
    details: dict[NoteCode, list[str]] = {}
    for query_note in query_notes:
        details.setdefault(query_note.code, []).append(query_note.detail)
    return tuple(Note(NOTES[code], _distinct(filter(None, found))) for code, found in details.items())


def hit_view(hit: Hit) -> HitView:
    """Lay out one hit: the first outlet that passed the filters stands for the story, the others follow."""
    names = _distinct([*hit.outlets, *(copy.outlet for copy in hit.copies if copy.outlet)])
    return HitView(
        hit=hit,
        title=runs(hit.title) if hit.title else (),
        snippet=runs(hit.snippet) if hit.snippet else (),
        outlet=names[0] if names else None,
        others=names[1 : 1 + OUTLETS_NAMED],
        more=max(0, len(names) - 1 - OUTLETS_NAMED),
    )


def pager(request: SearchRequest, total: int) -> Pager:
    """The pages around the current one with the first and the last, as far as the window of results reaches."""
    window = min(total, LIMITS.results_window // request.per_page * request.per_page)
    last = max(1, -(-window // request.per_page))
    near = range(max(1, request.page - PAGES_AROUND), min(last, request.page + PAGES_AROUND) + 1)
    numbers = sorted({1, last, *near})
    links = tuple(
        PageLink(number, replace(request, page=number), gap=position > 0 and number > numbers[position - 1] + 1)
        for position, number in enumerate(numbers)
    )
    return Pager(
        current=request.page,
        last=last,
        links=links,
        previous=replace(request, page=min(request.page - 1, last)) if request.page > 1 else None,
        next=replace(request, page=request.page + 1) if request.page < last else None,
    )


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
        return counted(result.total, ARTICLES)
    return f"أكثر من {counted(result.total, ARTICLES, oblique=True)}"


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
