"""The first page, the results and the help: each reads its URL, asks the index, and fills a template."""

from __future__ import annotations

from dataclasses import replace

from flask import Flask, Response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from searchapp.frozen import dataclass
from searchapp.web import observing, pages, parameters, timing
from searchapp.web.addresses import listed_url, page_url, parameters_given, search_url
from searchapp.web.histogram import coverage
from searchapp.web.links import SearchLinks
from searchapp.web.site import Site
from searchapp.web.templating import render


def register(app: Flask, site: Site) -> None:
    """Give these pages their addresses."""
    views = Views(site)
    app.add_url_rule("/", "home", views.home)
    app.add_url_rule("/search", "results", views.results)
    app.add_url_rule("/help", "help", views.help)


@dataclass(frozen=True, slots=True)
class Views:
    """The pages of one site."""

    site: Site

    def home(self) -> BaseResponse:
        """The box, what the archive holds, and its outlets; whoever asks for a search here is led to its results."""
        if request.args.get("q", "").strip():
            return redirect(listed_url("results", parameters_given()))
        key = page_url("home")
        if answer := self.site.unchanged(key):
            return answer
        search = parameters.parse(())
        counted = self.site.index.search(
            replace(search, per_page=1, facets=False, snippets=False, corrections=False, histogram="auto")
        )
        statistics = self.site.index.statistics()
        html = render(
            "home.html",
            statistics=statistics,
            outlet_count=pages.known_outlets(statistics),
            outlets=statistics.outlets[: pages.OUTLETS_AT_HOME],
            search=search,
            coverage=coverage(search, counted.histogram, choices=False),
        )
        return self.site.answer(min(statistics.generation, counted.generation), key, html)

    def results(self) -> Response:
        """The hits of a search."""
        with timing.measured("parse"):
            search = self.site.asked_search()
        today = self.site.today()
        # The page offers ranges that end today, so tomorrow's is another page.
        key = f"{search_url(search)}\n{today}"
        response = self.site.unchanged(key)
        if response is None:
            with timing.measured("search"):
                result = self.site.index.search(replace(search, histogram=search.histogram or "auto"))
            observing.found(result.total, result.generation)
            page = pages.results_page(search, result, today, SearchLinks.here(search))
            strip = coverage(search, result.histogram)
            html = render("results.html", page=page, search=search, histogram=strip)
            response = self.site.answer(result.generation, key, html)
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    def help(self) -> Response:
        """The query language by examples."""
        key = page_url("help")
        if answer := self.site.unchanged(key):
            return answer
        html = render("help.html", search=parameters.parse(()), examples=pages.EXAMPLES)
        return self.site.answer(self.site.index.generation, key, html)
