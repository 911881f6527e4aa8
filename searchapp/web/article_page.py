"""What the page of an article shows, worked out before any template sees it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from searchapp.config import LIMITS
from searchapp.frozen import dataclass
from searchapp.model import Article, Hit, SearchRequest, SearchResult, Snippet
from searchapp.web.article_differences import differing_words
from searchapp.web.links import SearchLinks
from searchapp.web.pages import HitView, hit_view, web_address
from searchapp.web.parameters import pairs
from searchapp.web.presentation import Paragraph, Run, paragraphs, runs

if TYPE_CHECKING:
    from searchapp.index import Index

SIMILAR: Final = 6
"""How many articles like this one are named."""
COPIES_COMPARED: Final = 30
"""How many copies the number of differing words is told of: a tenth of a millisecond each."""


@dataclass(frozen=True, slots=True)
class CopyView:
    """A copy of the story. `differing` counts the words that differ from the article shown; None where none counted."""

    article: Article
    is_shown: bool
    differing: int | None


@dataclass(frozen=True, slots=True)
class Neighbour:
    """The hit before or after in the search that led here, and the search by whose page it is reached."""

    hit: Hit
    request: SearchRequest


@dataclass(frozen=True, slots=True)
class Position:
    """Where an article stands in the search that led to it; `rank` is None where it is not on that page of it."""

    rank: int | None = None
    previous: Neighbour | None = None
    next: Neighbour | None = None


@dataclass(frozen=True, slots=True)
class ArticlePage:
    """Everything on the page of an article. `copies` are the whole story, this article among them, by date."""

    request: SearchRequest
    article: Article
    title: tuple[Run, ...]
    paragraphs: tuple[Paragraph, ...]
    copies: tuple[CopyView, ...]
    related: tuple[Article, ...]
    found_on: Article | None
    source_url: str | None
    similar: tuple[HitView, ...]
    position: Position


def article_page(
    request: SearchRequest,
    article: Article,
    marked: tuple[Snippet | None, Snippet],
    *,
    copies: Iterable[Article],
    related: tuple[Article, ...],
    found_on: Article | None,
    similar: Iterable[Hit],
    position: Position,
) -> ArticlePage:
    """Lay out an article; `marked` is its title and its whole body with the words of the query marked."""
    title, body = marked
    links = SearchLinks.here(request)
    return ArticlePage(
        request=request,
        article=article,
        title=runs(title) if title else (),
        paragraphs=paragraphs(body),
        copies=copy_views(article, copies),
        related=related,
        found_on=found_on,
        source_url=web_address(article.url),
        similar=tuple(hit_view(hit, links) for hit in similar),
        position=position,
    )


def copy_views(article: Article, copies: Iterable[Article]) -> tuple[CopyView, ...]:
    """The copies by date, the undated last, and how far they differ from the article that is shown."""
    ordered = sorted(copies, key=lambda copy: (copy.date is None, copy.date, copy.outlet or "", copy.id))
    return tuple(
        CopyView(copy, copy.id == article.id, differing_words(whole_text(article), whole_text(copy)))
        if place < COPIES_COMPARED
        else CopyView(copy, copy.id == article.id, None)
        for place, copy in enumerate(ordered)
    )


def whole_text(article: Article) -> str:
    """What copies are compared by: the title, unless it is no more than the beginning of the text, and the text."""
    title = None if article.title_inferred else article.title
    return "\n".join(part for part in (title, article.body) if part)


def position(index: Index, request: SearchRequest, article_id: str) -> Position:
    """Where an article stands in a search, by the page of it that the request names; nowhere without a search."""
    if not pairs(request):
        return Position()
    hits = _page(index, request, request.page).hits
    at = next((at for at, hit in enumerate(hits) if _is_of(hit, article_id)), None)
    if at is None:
        return Position()
    before = Neighbour(hits[at - 1], request) if at else _beyond(index, request, -1)
    after = Neighbour(hits[at + 1], request) if at + 1 < len(hits) else _beyond(index, request, 1)
    return Position(hits[at].rank, before, after)


def _is_of(hit: Hit, article_id: str) -> bool:
    return hit.id == article_id or any(copy.id == article_id for copy in hit.copies)


def _beyond(index: Index, request: SearchRequest, step: int) -> Neighbour | None:
    """The last hit of the page before, or the first of the page after."""
    page = request.page + step
    if page < 1 or page * request.per_page > LIMITS.results_window:
        return None
    hits = _page(index, request, page).hits
    return Neighbour(hits[0 if step > 0 else -1], replace(request, page=page)) if hits else None


def _page(index: Index, request: SearchRequest, page: int) -> SearchResult:
    asked = replace(request, page=page, facets=False, snippets=False, corrections=False, histogram=None)
    return index.search(asked)
