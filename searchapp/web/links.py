"""The addresses that the page of a search leads to: the same search with some of its parameters changed.

A page has about a hundred of them. What they have in common is percent-encoded once, so that each costs no more than
putting its parts together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Self

from searchapp.model import SearchRequest
from searchapp.web import display
from searchapp.web.addresses import id_in_path, page_path, written
from searchapp.web.parameters import NAMES, pairs

Changes = Mapping[str, Iterable[str]]
"""New values of parameters by their names; no value takes a parameter away."""

_NOTHING: Final = dict.fromkeys((*NAMES, *display.NAMES), "")


class SearchLinks:
    """The links of one search, canonical as `addresses.search_url` writes them, in the reader's own display."""

    def __init__(self, search: SearchRequest, results: str, article: str) -> None:
        """Write down what all links share. `results` and `article` are the paths of the two pages, to a final slash."""
        given: dict[str, list[str]] = {}
        for name, value in (*pairs(search), *display.pairs(display.current())):
            given.setdefault(name, []).append(written(name, value))
        self._all = _NOTHING | {name: "&".join(values) for name, values in given.items()}
        self._first = self._all | {"page": ""}
        self._query = _query(self._all)
        self._results, self._article = results, article

    @classmethod
    def here(cls, search: SearchRequest) -> Self:
        """The links of a search on the site that answers this request."""
        return cls(search, page_path("results"), page_path("article", article_id=""))

    def changed(self, changes: Changes) -> str:
        """The results with these values instead, from their first page unless the changes name another."""
        parts = self._first.copy()
        for name, values in changes.items():
            parts[name] = "&".join([written(name, value) for value in values])
        return self._results + _query(parts)

    def article(self, article_id: str) -> str:
        """The page of an article, come to from this search: it marks the words and leads back."""
        return self._article + id_in_path(article_id) + self._query


def _query(parts: Mapping[str, str]) -> str:
    query = "&".join(filter(None, parts.values()))
    return f"?{query}" if query else ""
