"""The addresses of pages: how an id of any characters stands in a path, and what URL a search has."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

from flask import url_for
from werkzeug.routing import BaseConverter

from searchapp.model import SearchRequest
from searchapp.web.parameters import query_string

_DOTS: Final = re.compile(r"~*\.{1,2}")


class IdConverter(BaseConverter):
    """An article's id as the rest of a path.

    Every character that means something in a URL is percent-encoded, slashes too, so that neither a browser nor a
    server takes parts of an id for folders. The ids "." and ".." would still be taken so, even encoded (URL Standard,
    "double-dot path segment"); a tilde before them prevents it, and one more before those that begin so already.
    """

    regex = r"[\s\S]+"
    part_isolating = False

    def to_python(self, value: str) -> str:
        """The id that stands in a path."""
        return value[1:] if value.startswith("~") and _DOTS.fullmatch(value) else value

    def to_url(self, value: str) -> str:
        """An id as it stands in a path."""
        return quote(f"~{value}" if _DOTS.fullmatch(value) else value, safe="")


def search_url(request: SearchRequest) -> str:
    """The page of a search's results."""
    return _with_query(url_for("results"), request)


def outlet_url(name: str) -> str:
    """Everything from one outlet, the newest first."""
    return search_url(SearchRequest(sources=(name,), sort="newest"))


def article_url(article_id: str, request: SearchRequest) -> str:
    """The page of an article, come to from a search: it marks the words and leads back."""
    return _with_query(url_for("article", article_id=article_id), request)


def _with_query(path: str, request: SearchRequest) -> str:
    query = query_string(request)
    return f"{path}?{query}" if query else path
