"""The pages: each reads its URL, asks the index, and fills a template."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from flask import Flask, Response, jsonify, make_response, render_template, request, url_for

from searchapp.errors import ArticleNotFound
from searchapp.model import Article, SearchRequest
from searchapp.web import caching, filters, pages, parameters
from searchapp.web.addresses import search_url

if TYPE_CHECKING:
    from searchapp.index import Index


class Views:
    """The pages of one index. `edition` names the program that renders them, for their ETags."""

    def __init__(self, index: Index, edition: str) -> None:
        self._index, self._edition = index, edition

    def register(self, app: Flask) -> None:
        """Give every page its address."""
        app.add_url_rule("/", "home", self.home)
        app.add_url_rule("/search", "results", self.results)
        app.add_url_rule("/article/<id:article_id>", "article", self.article)
        app.add_url_rule("/raw/<id:article_id>", "raw", self.raw)
        app.add_url_rule("/healthz", "health", self.health)

    def home(self) -> Response:
        """The box, what the archive holds, and its outlets."""
        if answer := caching.unchanged(self._tag(url_for("home"))):
            return answer
        statistics = self._index.statistics()
        html = render_template(
            "home.html",
            statistics=statistics,
            outlet_count=pages.known_outlets(statistics),
            search=parameters.parse(()),
        )
        return self._kept_while(statistics.generation, url_for("home"), html)

    def results(self) -> Response:
        """The hits of a search."""
        search = _search()
        canonical = search_url(search)
        response = caching.unchanged(self._tag(canonical))
        if response is None:
            result = self._index.search(search)
            ways_out = tuple(self._ways_out(search)) if result.total == 0 else ()
            html = render_template("results.html", page=pages.results_page(search, result, ways_out), search=search)
            response = self._kept_while(result.generation, canonical, html)
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    def article(self, article_id: str) -> Response:
        """One article with the words of the search marked that led to it."""
        search = _search()
        generation = self._index.generation
        key = f"{url_for('article', article_id=article_id)}?{parameters.query_string(search)}"
        if answer := caching.unchanged(self._tag(key)):
            return answer
        article = self._index.article(article_id)
        page = pages.article_page(
            search,
            article,
            self._index.mark(article, search),
            copies=self._index.copies(article_id),
            related=tuple(self._articles(article.related)),
            found_on=next(self._articles(filter(None, (article.found_on,))), None),
        )
        return self._kept_while(generation, key, render_template("article.html", page=page, search=search))

    def raw(self, article_id: str) -> Response:
        """The page that an article was read from, byte for byte, as plain text."""
        response = make_response(self._index.raw(article_id))
        response.content_type = "text/plain; charset=utf-8"
        response.headers["X-Robots-Tag"] = "noindex"
        name = quote(f"{article_id}.txt", safe="")
        response.headers["Content-Disposition"] = f"inline; filename*=UTF-8''{name}"
        return response

    def health(self) -> Response:
        """Whether searches can be answered: 200 with the index's generation, or the 503 of every page."""
        response = jsonify(status="ok", generation=self._index.generation)
        response.cache_control.no_store = True
        return response

    def _tag(self, key: str) -> str:
        return caching.entity_tag(self._edition, self._index.generation, key)

    def _kept_while(self, generation: int, key: str, html: str) -> Response:
        return caching.revalidated(make_response(html), caching.entity_tag(self._edition, generation, key))

    def _articles(self, ids: Iterable[str]) -> Iterator[Article]:
        """The articles of these ids; those that are gone are left out."""
        for article_id in ids:
            try:
                yield self._index.article(article_id)
            except ArticleNotFound:
                continue

    def _ways_out(self, search: SearchRequest) -> Iterator[pages.WayOut]:
        """The filters of a search that finds nothing without which it finds something, best first."""
        found = []
        for chip in filters.chips(search)[: pages.WAYS_OUT]:
            total = self._index.search(replace(chip.request, per_page=1, facets=False, snippets=False)).total
            found.append(pages.WayOut(chip, total))
        yield from sorted((way for way in found if way.total), key=lambda way: -way.total)


def _search() -> SearchRequest:
    return parameters.parse(request.args.items(multi=True))
