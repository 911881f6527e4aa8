"""The page of an article, what its copies say otherwise, its citation, and the page that it was read from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from flask import Flask, Response, make_response, request

from searchapp.errors import ArticleNotFound
from searchapp.frozen import dataclass
from searchapp.ingest.encodings import encoding_of, name_of
from searchapp.model import Article, SearchRequest
from searchapp.web import article_citations, article_page, caching, downloads, timing
from searchapp.web.addresses import article_url, page_url
from searchapp.web.article_citations import Citation
from searchapp.web.article_differences import differences
from searchapp.web.origins import absolute
from searchapp.web.pages import web_address
from searchapp.web.parameters import pairs
from searchapp.web.site import Site
from searchapp.web.templating import render

RAW_POLICY: Final = "default-src 'none'; frame-ancestors 'none'; sandbox"
"""Nothing of a page from elsewhere may run or load here, even in a browser that takes text for something else."""


def register(app: Flask, site: Site) -> None:
    """Give these pages their addresses."""
    views = ArticleViews(site)
    forms = ",".join(article_citations.FORMS)
    app.jinja_env.globals["differences_url"] = differences_url
    app.add_url_rule("/article/<id:article_id>", "article", views.article)
    app.add_url_rule("/differences/<id:article_id>", "differences", views.differences)
    app.add_url_rule(f"/cite.<any({forms}):form>/<id:article_id>", "cite", views.cite)
    app.add_url_rule("/raw/<id:article_id>", "raw", views.raw)


def differences_url(article_id: str, other_id: str, search: SearchRequest) -> str:
    """The page of what another copy says otherwise than an article."""
    return page_url("differences", search, article_id=article_id, **{"with": other_id})


@dataclass(frozen=True, slots=True)
class ArticleViews:
    """The articles of one site."""

    site: Site

    def article(self, article_id: str) -> Response:
        """One article with the words of the search marked that led to it."""
        search = self.site.asked_search()
        index, key = self.site.index, article_url(article_id, search)
        generation = index.generation
        response = self.site.unchanged(key)
        if response is None:
            article = index.article(article_id)
            with timing.measured("search"):
                similar = index.similar(article, article_page.SIMILAR)
                position = article_page.position(index, search, article_id)
            page = article_page.article_page(
                search,
                article,
                index.mark(article, search),
                copies=index.copies(article_id),
                related=tuple(self._articles(article.related)),
                found_on=next(self._articles(filter(None, (article.found_on,))), None),
                similar=similar,
                position=position,
            )
            html = render("article.html", page=page, search=search, citation=_citation(article))
            response = self.site.answer(generation, key, html)
        if pairs(search):
            # The permalink is the page to be found; with a search in its address it is one of very many like it.
            response.headers["X-Robots-Tag"] = "noindex"
        return response

    def differences(self, article_id: str) -> Response:
        """What another copy of the story, named by `with`, says otherwise than this one."""
        search, other_id = self.site.asked_search(), request.args.get("with", "")
        index, key = self.site.index, differences_url(article_id, other_id, search)
        generation = index.generation
        response = self.site.unchanged(key)
        if response is None:
            article = index.article(article_id)
            other = next((copy for copy in index.copies(article_id) if copy.id == other_id), None)
            if other is None:
                raise ArticleNotFound(other_id)
            found = differences(article_page.whole_text(article), article_page.whole_text(other))
            html = render("differences.html", article=article, other=other, found=found, search=search)
            response = self.site.answer(generation, key, html)
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    def cite(self, form: str, article_id: str) -> Response:
        """The citation of an article as a file for reference managers."""
        media_type, write = article_citations.FORMS[form]
        citation = _citation(self.site.index.article(article_id))
        body = write(citation).encode("utf-8", "replace")
        tag = caching.entity_tag(self.site.edition, 0, body.decode())
        if answer := caching.unchanged(tag):
            return answer
        response = make_response(body)
        response.content_type = f"{media_type}; charset=utf-8"
        response.headers["X-Robots-Tag"] = "noindex"
        name = downloads.file_name(citation.title or article_id, form)
        response.headers["Content-Disposition"] = downloads.disposition(name, shown=False)
        return caching.revalidated(response, tag)

    def raw(self, article_id: str) -> Response:
        """The page that an article was read from, byte for byte, as plain text in the encoding that it is in."""
        page = self.site.index.raw(article_id)
        response = make_response(page)
        response.content_type = f"text/plain; charset={name_of(encoding_of(page)).lower()}"
        response.headers["X-Robots-Tag"] = "noindex"
        response.headers["Content-Security-Policy"] = RAW_POLICY
        name = downloads.file_name(article_id, "txt")
        response.headers["Content-Disposition"] = downloads.disposition(name, shown=True)
        return response

    def _articles(self, ids: Iterable[str]) -> Iterator[Article]:
        """The articles of these ids; those that are gone are left out."""
        for article_id in ids:
            try:
                yield self.site.index.article(article_id)
            except ArticleNotFound:
                continue


def _citation(article: Article) -> Citation:
    return Citation.of(article, absolute(page_url("article", article_id=article.id)), web_address(article.url))
