"""What every page needs: the index, today's date, and answers that browsers may keep while they hold."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from flask import Response, make_response, request

from searchapp.frozen import dataclass
from searchapp.web import caching, parameters

if TYPE_CHECKING:
    from searchapp.index import Index
    from searchapp.model import SearchRequest


@dataclass(frozen=True, slots=True)
class Site:
    """One index and the program that shows it. `edition` names the program's content, for ETags."""

    index: Index
    edition: str
    time_zone: ZoneInfo

    def today(self) -> date:
        """The date that it is for the readers."""
        return datetime.now(self.time_zone).date()

    def asked_search(self) -> SearchRequest:
        """The search that the URL of this request holds, outlets called by the names that facets have for them."""
        return self.index.canonical(parameters.parse(request.args.items(multi=True)))

    def unchanged(self, key: str) -> Response | None:
        """The answer "304 Not Modified" if the browser has this page as it would be made now.

        `key` is the page's canonical URL, and whatever else the page depends on.
        """
        return caching.unchanged(caching.entity_tag(self.edition, self.index.generation, key))

    def answer(self, generation: int, key: str, html: str) -> Response:
        """A page, made from this generation of the index, that browsers may keep and ask for again."""
        return caching.revalidated(make_response(html), caching.entity_tag(self.edition, generation, key))
