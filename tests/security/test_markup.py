"""Whatever an article or a URL holds is text in every answer: on pages, in feeds, exports, citations and charts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Final
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient

from searchapp import open_index
from searchapp.indexing import IndexOptions, index_paths
from searchapp.web.app import create_app
from tests.crash.workload import Silent
from tests.security.markup_corpus import CORPUS

HARMLESS: Final = ("خبر سليم", "سليم X.com 2024-06-25 a", "Sound news")
WORD: Final = "وزير"
"""Stands in every article."""
PAGES: Final = (
    "/",
    "/search",
    f"/search?q={WORD}&per_page=100",
    f"/search?q={WORD}&per_page=100&ui=en",
    "/search?q=alert&sort=newest",
    "/outlets",
    f"/compare?q={WORD}&q=alert",
    f"/compare?q={WORD}&by=outlet",
    "/help",
)
OF_ONE: Final = (
    "/article/{id}?q=alert",
    "/differences/{id}?with={other}",
    "/search?q={text}",
    "/search?source={text}&not_source={text}&when={text}&page={text}",
    "/compare?q={text}&source={text}",
    "/nothing/{text}",
    "/article/{text}",
)
OVERRIDES: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
ISOLATING: Final = {"bdi", "title", "h1", "h2", "h3", "p", "li", "dd", "dt", "td", "th", "div", "article", "option"}
"""Elements that a direction inside them does not leave: `bdi`, and blocks, each of which is a paragraph of its own."""
STATES: Final = {"dir", "lang", "open", "hidden", "checked", "selected", "disabled", "aria-current", "aria-label"}
"""Attributes of ours that come and go with what a page shows; they run nothing."""
ALONE: Final = {("h2", "a"), ("p", "code")}
"""Elements within elements that hold nothing else."""


class Shape(HTMLParser):
    """The kinds of elements of a page, each with the names of its attributes, its addresses, and texts in inline code.

    `loose` are texts that turn the direction of what follows them.
    """

    def __init__(self, page: str) -> None:
        super().__init__()
        self.kinds: set[tuple[str, str]] = set()
        self.addresses: set[str] = set()
        self.loose: list[str] = []
        self._open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.kinds.add((tag, ""))
        self.kinds |= {(tag, name) for name, _ in attrs if name not in STATES}
        self.addresses |= {value or "" for name, value in attrs if name in ("href", "src", "action", "formaction")}
        if tag not in ("meta", "link", "input", "img", "br", "hr"):
            self._open.append("bdi" if dict(attrs).get("dir") else tag)

    def handle_endtag(self, tag: str) -> None:
        if self._open:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        within = [tag for tag in self._open if tag != "mark"]  # a mark isolates nothing and ends nothing
        if OVERRIDES.search(data) and within[-1] not in ISOLATING and tuple(within[-2:]) not in ALONE:
            self.loose.append(f"{self._open[-3:]}: {data!r}")


def client_over(folder: Path, texts: tuple[str, ...]) -> FlaskClient:
    """The site over one article for each text, which stands in all of its fields, and a copy of each."""
    records = [
        {
            "id": f"{kind}{number}",
            "title": text,
            "text": f"{text} {WORD} {number} {text}\n{text}" + " منقول" * (kind == "b"),
            "source": text,
            "keywords": [text],
            "date": "2024-06-25",
            "url": text if kind == "b" else f"https://a.example/{number}/{text}",
        }
        for number, text in enumerate(texts)
        for kind in "ab"
    ]
    source = folder / "a.jsonl"
    source.write_text("\n".join(json.dumps(record) for record in records), encoding="utf-8")
    index_paths(folder / "index", [source], IndexOptions(), Silent())
    return create_app(open_index(folder / "index")).test_client()


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    return client_over(tmp_path_factory.mktemp("hostile"), CORPUS)


@pytest.fixture(scope="module")
def allowed(tmp_path_factory: pytest.TempPathFactory) -> set[tuple[str, str]]:
    """The elements and attributes of the same pages over articles that mean no harm."""
    client = client_over(tmp_path_factory.mktemp("harmless"), HARMLESS * 15)
    return {kind for _, page in pages_of(client, HARMLESS) for kind in Shape(page).kinds}


def pages_of(client: FlaskClient, texts: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """All pages about some texts, by their addresses."""
    addresses = list(PAGES)
    for number, text in enumerate(texts):
        names = {"id": f"a{number}", "other": f"b{number}", "text": quote(text, safe="")}
        addresses += [address.format(**names) for address in OF_ONE]
    for address in addresses:
        with client.get(address) as response:
            assert response.status_code < 500, address
            assert response.content_type == "text/html; charset=utf-8"
            assert "Set-Cookie" not in response.headers
            assert "script-src 'self'" in response.headers["Content-Security-Policy"]
            yield address, response.data.decode()


def test_a_page_has_no_element_and_no_attribute_out_of_an_article_or_a_url(
    hostile: FlaskClient, allowed: set[tuple[str, str]]
) -> None:
    escaped, outside = 0, set[str]()
    for address, page in pages_of(hostile, CORPUS):
        shape = Shape(page)
        assert shape.kinds <= allowed, (address, shape.kinds - allowed)
        for link in shape.addresses:
            assert re.match(r"https?://[^/]|/(?!/)|[?#]|$", link), (address, link)
        assert shape.loose == [], address
        escaped += "&lt;script" in page
        outside |= {link.partition("/")[0] + link.split("/")[2] for link in shape.addresses if "//" in link[:8]}
    assert escaped > len(CORPUS)
    assert outside == {"http:localhost", "https:a.example"}


@pytest.mark.parametrize("address", ["/search.atom?q=وزير", "/search.atom", "/opensearch.xml"])
def test_a_feed_has_the_elements_of_its_format_alone(hostile: FlaskClient, address: str) -> None:
    with hostile.get(address) as response:
        root = ElementTree.fromstring(response.data)  # noqa: S314 - of our own making
    spaces = {element.tag.partition("}")[0] for element in root.iter()}
    assert spaces <= {"{http://www.w3.org/2005/Atom", "{http://a9.com/-/spec/opensearch/1.1/"}
    for element in root.iter():
        assert element.get("type", "text") not in ("html", "xhtml")
        assert re.match(r"https?://", element.get("href", "http://")), element.attrib


@pytest.mark.parametrize(
    "address",
    ["/search.json", "/search.jsonl", "/search.csv", "/search.feed.json", "/suggest?q=a", "/raw/a0", "/cite.ris/a0",
     "/cite.bib/a0", "/compare.csv?q=alert", "/compare.json?q=alert"],
)  # fmt: skip
def test_what_is_not_html_is_never_taken_for_it(hostile: FlaskClient, address: str) -> None:
    with hostile.get(address) as response:
        assert response.status_code == 200, address
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert not response.content_type.startswith(("text/html", "image/svg", "application/xhtml", "text/xml"))
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]
