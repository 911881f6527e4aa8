"""The newest articles of a search for feed readers: Atom (RFC 4287) and JSON Feed 1.1, in pages of fifty (RFC 5005)."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from typing import Final, Literal

from flask import Flask, Response, request

from searchapp.errors import InvalidRequest
from searchapp.frozen import dataclass
from searchapp.model import ArticleTimes, Hit, SearchRequest
from searchapp.web import addresses, caching, observing, parameters, problems, timing
from searchapp.web.atom import atom_document
from searchapp.web.feed_items import Feed, Item
from searchapp.web.json_feed import json_document
from searchapp.web.origins import absolute
from searchapp.web.pages import web_address
from searchapp.web.site import Site
from searchapp.web.strings import gettext

ITEMS: Final = 50
"""Items a page; feed readers ask often and want little."""
By = Literal["date", "indexed"]
_NOT_FED: Final = ("sort", "page", "per_page", "interval")
"""Parameters of a search that make no difference to the first page of its feed."""

_IDS: Final = uuid.UUID("6f1f7d9c-2a55-4c0e-9a53-6a4b0d1c7e42")
"""The name space of the ids: an item keeps its id whatever the site's address is. Never to be changed."""


@dataclass(frozen=True, slots=True)
class Form:
    """One way to write a feed."""

    media_type: str
    write: Callable[[Feed], bytes]


FORMS: Final[Mapping[str, Form]] = {
    "atom": Form("application/atom+xml; charset=utf-8", atom_document),
    "feed.json": Form("application/feed+json; charset=utf-8", json_document),
}


def register(app: Flask, site: Site) -> None:
    """Give every form its address."""
    feeds = Feeds(site)
    app.jinja_env.globals["feed_url"] = feed_url
    names = ",".join(f'"{name}"' for name in FORMS)
    app.add_url_rule(f"/search.<any({names}):form>", "feed", problems.told_to_programs(feeds.answer))


def feed_url(search: SearchRequest, form: str) -> str:
    """The address of the feed of a search."""
    return addresses.listed_url(
        "feed", [pair for pair in parameters.pairs(search) if pair[0] not in _NOT_FED], form=form
    )


class Feeds:
    """The feeds of one site."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def answer(self, form: str) -> Response:
        """A page of the newest articles of the search in the URL.

        Newest by their date or, with `by=indexed`, by when they came into the archive: nothing that arrives late is
        missed there.
        """
        with timing.measured("parse"):
            search, by = _fed(self._site.asked_search()), read_by()
        address = _Addresses(form, search, by)
        key = absolute(address.of_page(search.page))
        response = self._site.unchanged(key)
        if response is None:
            feed, generation = self._feed(address, search, by)
            response = Response(FORMS[form].write(feed), content_type=FORMS[form].media_type)
            caching.revalidated(response, caching.entity_tag(self._site.edition, generation, key))
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    def _feed(self, address: _Addresses, search: SearchRequest, by: By) -> tuple[Feed, int]:
        start = (search.page - 1) * ITEMS
        with ExitStack() as stack, timing.measured("search"):
            asked = replace(search, sort="newest", facets=False)
            result, hits = stack.enter_context(
                self._site.index.stream(asked, by_arrival=by == "indexed", start=start, count=ITEMS)
            )
            found = list(hits)
            times = self._site.index.times([hit.id for hit in found])
            items = tuple(_item(hit, times.get(hit.id)) for hit in found)
        observing.found(result.total, result.generation)
        last = max(1, -(-result.total // ITEMS))
        return Feed(
            id=_identifier(f"feed {parameters.query_string(replace(search, page=1))} {by}"),
            title=_title(search, by),
            page=absolute(addresses.search_url(replace(search, page=1))),
            here=absolute(address.of_page(search.page)),
            first=absolute(address.of_page(1)),
            previous=absolute(address.of_page(min(search.page - 1, last))) if search.page > 1 else None,
            next=absolute(address.of_page(search.page + 1)) if search.page < last else None,
            items=items,
        ), result.generation


@dataclass(frozen=True, slots=True)
class _Addresses:
    """The addresses of the pages of one feed."""

    form: str
    search: SearchRequest
    by: By

    def of_page(self, number: int) -> str:
        """The address of one page."""
        by = self.by if self.by != "date" else ""
        return addresses.page_url("feed", replace(self.search, page=number), form=self.form, by=by)


def read_by() -> By:
    """What the feed goes by.

    Raises:
        InvalidRequest: the value cannot be read.
    """
    by = request.args.get("by", "").strip()
    if by not in ("", "date", "indexed"):
        raise InvalidRequest("by", f"by={by!r} is not one of date, indexed")
    return "indexed" if by == "indexed" else "date"


def _fed(search: SearchRequest) -> SearchRequest:
    """The search without what makes no difference to a feed."""
    return replace(search, sort=parameters.default_sort(search.q), per_page=SearchRequest().per_page, histogram=None)


def _title(search: SearchRequest, by: By) -> str:
    if search.q:
        return gettext("News: %(query)s", query=search.q)
    return gettext("New in the archive") if by == "indexed" else gettext("News of the archive")


def _item(hit: Hit, times: ArticleTimes | None) -> Item:
    return Item(
        id=_identifier(f"article {hit.id}"),
        title=hit.title.text if hit.title else gettext("An article without a title"),
        page=absolute(addresses.article_url(hit.id, parameters.parse(()))),
        source=web_address(hit.url),
        outlets=hit.outlets,
        day=hit.date,
        changed=times.last_changed if times else None,
        summary=_summary(hit),
    )


def _summary(hit: Hit) -> str:
    if hit.snippet is None:
        return ""
    before, after = "… " if hit.snippet.leading else "", " …" if hit.snippet.trailing else ""
    return before + hit.snippet.text + after


def _identifier(name: str) -> str:
    return uuid.uuid5(_IDS, name.encode("utf-8", "backslashreplace").decode()).urn
