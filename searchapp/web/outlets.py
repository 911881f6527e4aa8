"""All outlets of a search on a page of their own, to be looked through and chosen from, several at once."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from flask import Flask, Response, request

from searchapp.analysis.analyzer import default_analyzer
from searchapp.frozen import dataclass
from searchapp.model import FacetBucket, SearchRequest
from searchapp.web.addresses import page_url
from searchapp.web.filters import Choice, outlet_choices
from searchapp.web.links import SearchLinks
from searchapp.web.presentation import outlet
from searchapp.web.site import Site
from searchapp.web.templating import render


@dataclass(frozen=True, slots=True)
class OutletsPage:
    """The outlets of a search whose names have `find` in them; `kept` are chosen ones that are not among them."""

    find: str
    choices: tuple[Choice, ...]
    kept: tuple[str, ...]
    total: int


def register(app: Flask, site: Site) -> None:
    """Give the page its address."""
    app.add_url_rule("/outlets", "outlets", lambda: outlets(site))


def outlets(site: Site) -> Response:
    """Every outlet with how many stories of the search it has."""
    search = replace(site.asked_search(), page=1)
    find = " ".join(request.args.get("find", "").split())
    key = page_url("outlets", search, find=find)
    response = site.unchanged(key)
    if response is None:
        result = site.index.search(replace(search, per_page=1, snippets=False))
        page = outlets_page(search, result.facets.get("outlet", ()), find)
        response = site.answer(result.generation, key, render("outlets.html", page=page, search=search))
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def outlets_page(search: SearchRequest, buckets: tuple[FacetBucket, ...], find: str) -> OutletsPage:
    """Lay out the outlets."""
    wanted = _folded(find)
    shown = tuple(bucket for bucket in buckets if wanted in _folded(outlet(bucket.value)))
    names = {bucket.value for bucket in shown}
    kept = tuple(name for name in search.sources if name not in names)
    return OutletsPage(find, outlet_choices(search, shown, SearchLinks.here(search)), kept, len(buckets))


@lru_cache(maxsize=8192)
def _folded(name: str) -> str:
    """A name as its normalised words: spelling variants of Arabic letters and marks make no difference."""
    return " ".join(token.exact for token in default_analyzer().analyze(name)).casefold()
