"""An index in memory for the pages' tests: the same answers as the real one's in shape, found by plain comparison."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, cast

import pytest
from flask import Flask
from flask.testing import FlaskClient

from searchapp.errors import ArticleNotFound
from searchapp.model import (
    Article,
    Copy,
    Correction,
    FacetBucket,
    FacetName,
    Hit,
    QueryNote,
    SearchRequest,
    SearchResult,
    Snippet,
    Statistics,
    UnderstoodQuery,
    UnderstoodTerm,
)
from searchapp.web import display
from searchapp.web.app import create_app
from searchapp.web.display import Display

if TYPE_CHECKING:
    from searchapp.index import Index

MakeClient = Callable[..., FlaskClient]


def _spans(text: str, words: Sequence[str]) -> Iterator[tuple[int, int]]:
    position = 0
    for piece in text.split(" "):
        if any(word in piece for word in words):
            yield position, position + len(piece)
        position += len(piece) + 1


def _passes(article: Article, request: SearchRequest) -> bool:
    when = article.date.isoformat() if article.date else ""
    return (
        (not request.sources or (article.outlet or "-") in request.sources)
        and (article.outlet or "-") not in request.not_sources
        and (request.date_from is None or (article.date is not None and article.date >= request.date_from))
        and (request.date_to is None or (article.date is not None and article.date <= request.date_to))
        and _passes_when(when, request)
    )


def _passes_when(when: str, request: SearchRequest) -> bool:
    if not request.when and not request.undated:
        return True
    return (request.undated and not when) or any(when.startswith(value) for value in request.when)


class FakeIndex:
    """Every article is a story of its own, but for those given together as `copies`."""

    def __init__(
        self,
        articles: Sequence[Article],
        *,
        copies: Sequence[Article] = (),
        notes: Sequence[QueryNote] = (),
        relaxed: bool = False,
        corrections: Sequence[Correction] = (),
        alike: Sequence[Article] = (),
        failure: Exception | None = None,
    ) -> None:
        self.articles, self.same, self.notes = tuple(articles), tuple(copies), tuple(notes)
        self.relaxed, self.corrections, self.failure = relaxed, tuple(corrections), failure
        self.alike = tuple(alike)
        self.generation, self.searches = 7, 0

    def _check(self) -> None:
        if self.failure:
            raise self.failure

    def canonical(self, request: SearchRequest) -> SearchRequest:
        return request

    def search(self, request: SearchRequest) -> SearchResult:
        self._check()
        self.searches += 1
        words = request.q.split()
        matching = [a for a in self.articles if all(word in f"{a.title} {a.body}" for word in words)]
        found = [article for article in matching if _passes(article, request)]
        found.sort(key=lambda article: article.date or date.min, reverse=request.sort == "newest")
        start = (request.page - 1) * request.per_page
        page = found[start : start + request.per_page]
        return SearchResult(
            total=len(found),
            exact=True,
            relaxed=self.relaxed,
            hits=tuple(self._hit(article, start + n, words) for n, article in enumerate(page, 1)),
            facets=self._facets(matching, request) if request.facets else {},
            query=UnderstoodQuery(request.q, tuple(UnderstoodTerm(w, (w,)) for w in words), self.notes),
            corrections=self.corrections,
            took=0.001,
            generation=self.generation,
        )

    def _hit(self, article: Article, rank: int, words: Sequence[str]) -> Hit:
        title, snippet = self.mark(article, SearchRequest(q=" ".join(words)))
        story = self.copies(article.id)
        return Hit(
            rank=rank,
            id=article.id,
            story=rank,
            score=1.0,
            title=title,
            title_inferred=article.title_inferred,
            outlets=tuple(dict.fromkeys(copy.outlet for copy in story if copy.outlet)),
            date=article.date,
            date_origin=article.date_origin,
            url=article.url,
            snippet=snippet if article.body else None,
            copies=tuple(Copy(copy.id, copy.outlet, copy.date, copy.url) for copy in story),
            relaxed=self.relaxed,
        )

    def _facets(self, matching: Sequence[Article], request: SearchRequest) -> dict[FacetName, tuple[FacetBucket, ...]]:
        dates = [article.date.isoformat() for article in matching if article.date]
        outlets = Counter(article.outlet or "-" for article in matching).most_common()
        levels: dict[FacetName, int] = {"year": 4, "month": 7, "day": 10}
        found: dict[FacetName, tuple[FacetBucket, ...]] = {
            name: tuple(
                FacetBucket(value, n, value in request.when)
                for value, n in sorted(Counter(day[:length] for day in dates).items(), reverse=True)
            )
            for name, length in levels.items()
        }
        found["outlet"] = tuple(FacetBucket(name, n, name in request.sources) for name, n in outlets)
        found["undated"] = (FacetBucket("undated", len(matching) - len(dates), request.undated),)
        return found

    def similar(self, article: Article, count: int) -> tuple[Hit, ...]:
        self._check()
        others = [other for other in self.alike if other.id != article.id]
        return tuple(self._hit(other, rank, ()) for rank, other in enumerate(others[:count], 1))

    def article(self, article_id: str) -> Article:
        self._check()
        for article in (*self.articles, *self.same):
            if article.id == article_id:
                return article
        raise ArticleNotFound(article_id)

    def copies(self, article_id: str) -> tuple[Article, ...]:
        if any(article.id == article_id for article in self.same):
            return self.same
        return (self.article(article_id),)

    def raw(self, article_id: str) -> bytes:
        return self.article(article_id).body.encode()

    def mark(self, article: Article, request: SearchRequest) -> tuple[Snippet | None, Snippet]:
        words = request.q.split()
        title = Snippet(article.title, tuple(_spans(article.title, words))) if article.title else None
        return title, Snippet(article.body, tuple(_spans(article.body, words)))

    def statistics(self) -> Statistics:
        self._check()
        dates = sorted(article.date for article in self.articles if article.date)
        outlets = Counter(article.outlet or "-" for article in self.articles).most_common()
        return Statistics(
            articles=len(self.articles),
            stories=len(self.articles),
            undated=len(self.articles) - len(dates),
            outlets=tuple(outlets),
            first=dates[0] if dates else None,
            last=dates[-1] if dates else None,
            generation=self.generation,
        )


@pytest.fixture(autouse=True)
def plain_display() -> None:
    """What one test's request chose is nothing to the next test, which runs in the same context."""
    display.use(Display())


@pytest.fixture
def fake_index() -> type[FakeIndex]:
    return FakeIndex


class SwitchedIndex:
    """Stands for another index from test to test, so that one application serves them all."""

    def __init__(self) -> None:
        self.current = FakeIndex([])

    def __getattr__(self, name: str) -> object:
        return getattr(self.current, name)


@pytest.fixture(scope="session")
def switched() -> tuple[SwitchedIndex, Flask]:
    index = SwitchedIndex()
    return index, create_app(cast("Index", index))


@pytest.fixture
def make_client(switched: tuple[SwitchedIndex, Flask]) -> MakeClient:
    """Makes a client of pages over these articles, or this index; only the last one made is served."""
    index, app = switched

    def make(articles: Sequence[Article] | FakeIndex, **settings: Any) -> FlaskClient:
        index.current = articles if isinstance(articles, FakeIndex) else FakeIndex(articles, **settings)
        return app.test_client()

    return make


@pytest.fixture
def news() -> list[Article]:
    """Thirty articles of fifteen outlets, two a day of June 2024, and one without date, title or outlet."""
    dated = [
        Article(
            id=f"n{n}",
            title=f"خبر رقم {n}",
            body=f"قال الوزير في واشنطن كلامًا.\nوهذه الفقرة الثانية من الخبر {n}.",
            outlet=f"صحيفة {n % 15}",
            date=date(2024, 6, 1 + n // 2),
            date_origin="declared",
        )
        for n in range(30)
    ]
    return [*dated, Article(id="bare", title=None, body="نص بلا عنوان ولا تاريخ")]
