"""The addresses of a page's links, put together from parts, are the canonical ones."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchapp.model import SearchRequest
from searchapp.web import display
from searchapp.web.addresses import IdConverter, id_in_path
from searchapp.web.links import SearchLinks
from searchapp.web.parameters import query_string
from tests.unit.test_web.test_parameters import NAME, requests


def links(request: SearchRequest) -> SearchLinks:
    return SearchLinks(request, "/search", "/article/")


def address(request: SearchRequest) -> str:
    query = query_string(request)
    return f"/search?{query}" if query else "/search"


@given(requests(), st.lists(NAME, max_size=3).map(lambda names: tuple(sorted(set(names)))))
def test_a_changed_parameter_gives_the_canonical_address_of_the_first_page(
    request: SearchRequest, sources: tuple[str, ...]
) -> None:
    assert links(request).changed({"source": sources}) == address(replace(request, sources=sources, page=1))
    assert links(request).changed({}) == address(replace(request, page=1))


@given(requests(), st.integers(2, 50))
def test_a_page_is_kept_when_it_is_what_changes(request: SearchRequest, page: int) -> None:
    assert links(request).changed({"page": (str(page),)}) == address(replace(request, page=page))


@given(requests(), st.text(min_size=1, max_size=20, alphabet=st.characters(exclude_categories=["Cs"])))
def test_the_link_of_an_article_keeps_the_search_and_its_page(request: SearchRequest, article_id: str) -> None:
    query = query_string(request)
    assert links(request).article(article_id) == f"/article/{id_in_path(article_id)}" + (f"?{query}" if query else "")


@pytest.mark.parametrize("article_id", [".", "..", "~..", "a/b//c", "«»", "a?b#c", "100%"])
def test_an_id_comes_back_out_of_its_path(article_id: str) -> None:
    written = id_in_path(article_id)
    assert "/" not in written
    assert written == quote(written, safe="%~")
    assert IdConverter.to_python(IdConverter.__new__(IdConverter), unquote(written)) == article_id


def test_the_readers_display_stands_behind_every_link() -> None:
    display.use(display.Display(ui="en", digits="arab"))
    try:
        found = links(SearchRequest(q="a"))
    finally:
        display.use(display.Display())
    assert found.changed({"exact": ("1",)}) == "/search?q=a&exact=1&digits=arab&ui=en"
    assert found.article("x") == "/article/x?q=a&digits=arab&ui=en"
