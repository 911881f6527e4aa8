"""The addresses of pages: how an id of any characters stands in a path, and what URL a search has."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from typing import Final
from urllib.parse import quote, quote_plus

from flask import current_app, url_for
from flask import request as flask_request
from werkzeug.routing import BaseConverter

from searchapp.model import SearchRequest
from searchapp.web import display
from searchapp.web.parameters import pairs

_DOTS: Final = re.compile(r"~*\.{1,2}")
_ANY_ID: Final = "id"


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
        return id_in_path(value)


def id_in_path(article_id: str) -> str:
    """An article's id as `IdConverter` reads it out of a path."""
    return quote(f"~{article_id}" if _DOTS.fullmatch(article_id) else article_id, safe="")


def page_url(endpoint: str, request: SearchRequest | None = None, **values: str) -> str:
    """The canonical address of a page: the parts of its path, then a search, then how the reader wants pages shown.

    Values that are no part of the path follow the search, in the order given.
    """
    in_path = {name: value for name, value in values.items() if name in _path_arguments(endpoint)}
    others = tuple((name, value) for name, value in values.items() if name not in in_path and value)
    return listed_url(endpoint, (*(pairs(request) if request else ()), *others), **in_path)


def listed_url(endpoint: str, values: Iterable[tuple[str, str]], **in_path: str) -> str:
    """The address of a page with these parameters, in their order, then how the reader wants pages shown."""
    return _with_query(page_path(endpoint, **in_path), (*values, *display.pairs(display.current())))


def search_url(request: SearchRequest) -> str:
    """The page of a search's results."""
    return listed_url("results", pairs(request))


def outlet_url(name: str) -> str:
    """Everything from one outlet, the newest first."""
    return search_url(SearchRequest(sources=(name,), sort="newest"))


def article_url(article_id: str, request: SearchRequest) -> str:
    """The page of an article, come to from a search: it marks the words and leads back."""
    return listed_url("article", pairs(request), article_id=article_id)


def parameters_given() -> list[tuple[str, str]]:
    """The parameters of this request, without those that say how the reader wants pages shown."""
    return [(name, value) for name, value in flask_request.args.items(multi=True) if name not in display.NAMES]


class Redisplayed:
    """The page that is asked for, shown in another language, other digits or the other calendar."""

    def __init__(self) -> None:
        self._kept = parameters_given()
        self._path = _path_asked_for()

    def url(self, **choices: str) -> str:
        """Its address with these choices."""
        shown = replace(display.current(), **choices)  # type: ignore[arg-type]
        if "ui" in choices:
            shown = replace(shown, digits=display.DEFAULT_DIGITS[shown.ui])
        return _with_query(self._path, (*self._kept, *display.pairs(shown)))


def _path_asked_for() -> str:
    """The path of this request, written as our links write it: a slash in an id is no slash of the path."""
    if flask_request.endpoint:
        return page_path(flask_request.endpoint, **(flask_request.view_args or {}))
    return flask_request.script_root + quote(flask_request.path, safe="/")


def page_path(endpoint: str, *, article_id: str | None = None, **in_path: str) -> str:
    """The path of a page. Ids have a part of their own, at its end: there are too many of them to be remembered."""
    if article_id is None:
        return _path(flask_request.script_root, endpoint, tuple(in_path.items()))
    with_id = _path(flask_request.script_root, endpoint, (*in_path.items(), ("article_id", _ANY_ID)))
    return with_id.removesuffix(_ANY_ID) + id_in_path(article_id)


@lru_cache(maxsize=256)
def _path(_script_root: str, endpoint: str, in_path: tuple[tuple[str, str], ...]) -> str:
    """The root and what is filled in are all that a path depends on."""
    return url_for(endpoint, _external=False, **dict(in_path))


@lru_cache(maxsize=64)
def _path_arguments(endpoint: str) -> frozenset[str]:
    return frozenset(name for rule in current_app.url_map.iter_rules(endpoint) for name in rule.arguments)


def _with_query(path: str, values: Iterable[tuple[str, str]]) -> str:
    query = "&".join([written(name, value) for name, value in values])
    return f"{path}?{query}" if query else path


def written(name: str, value: str) -> str:
    """One parameter, percent-encoded. The same ones stand in nearly every link of a page."""
    return _short(name, value) if len(value) <= _SHORT else _long(name, value)


def _encoded(name: str, value: str) -> str:
    return f"{quote_plus(name)}={quote_plus(value)}"


_SHORT: Final = 200
_short: Final = lru_cache(maxsize=8192)(_encoded)
_long: Final = lru_cache(maxsize=32)(_encoded)
"""A value may have thousands of letters, and each of them is six bytes when encoded: few such are remembered."""
