"""The pages over a real archive: the samples, and articles that try to be more than text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from searchapp.index import open_index
from searchapp.indexing import IndexOptions, index_paths
from searchapp.web.app import create_app

HOSTILE = """<script>alert(1)</script>"'><img src=x onerror=alert(2)>"""
RECORDS = (
    {"id": "../a b/خبر?#%", "title": f"عنوان {HOSTILE}", "text": f"نص غريب {HOSTILE}", "source": HOSTILE},
    {"id": "..", "title": "بلا نص", "text": "", "url": "javascript:alert(1)", "date": "2024-06-25", "source": "س"},
)


class Silence:
    """Progress that nobody watches."""

    def start(self, total_bytes: int) -> None: ...

    def advance(self, consumed_bytes: int, articles: int) -> None: ...

    def phase(self, name: str, done: int, total: int) -> None: ...


@pytest.fixture(scope="module")
def client(seeds: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    folder = tmp_path_factory.mktemp("web")
    records = folder / "hostile.jsonl"
    records.write_text("\n".join(json.dumps(record, ensure_ascii=False) for record in RECORDS), encoding="utf-8")
    index_paths(folder / "index", [seeds, records], IndexOptions(), Silence())
    with open_index(folder / "index") as index:
        yield create_app(index).test_client()


QUERIES = [
    "",
    "ا",
    "كلمة " * 300,
    "،؛؟!.",
    '" ( AND *',
    "\x00",
    "*",
    "ا*",
    "NOT",
    "(" * 500,
    "date:x",
    '""~9',
    "\u202e",
]


@pytest.mark.parametrize("q", QUERIES)
def test_any_query_is_answered_with_a_page(client: FlaskClient, q: str) -> None:
    for address in ("/search", "/article/~.."):
        assert client.get(address, query_string={"q": q}).status_code == 200


def test_over_a_limit_the_limit_is_named(client: FlaskClient) -> None:
    response = client.get("/search", query_string={"q": "ك" * 5000})
    assert response.status_code == 400
    assert "query_characters = 4096" in response.text


@pytest.mark.parametrize("q", ["غريب", "script", HOSTILE, ""])
def test_html_in_an_article_is_text_on_the_page(client: FlaskClient, q: str) -> None:
    html = client.get("/search", query_string={"q": q, "source": [HOSTILE, "س"]}).text
    assert "alert" in html
    assert html.count("<script") == html.count('<script src="/static/app.') == 1
    assert "<img" not in html


def test_ids_of_any_characters_lead_to_their_articles(client: FlaskClient) -> None:
    html = client.get("/search?q=غريب").text
    address = re.findall(r'<h2><a href="([^"]+)"', html)[0]
    assert address.startswith(f"/article/{quote(RECORDS[0]['id'], safe='')}?q=")
    assert "نص <mark>غريب</mark>" in client.get(address).text
    assert "javascript:" not in client.get("/article/~..").text


def test_the_samples_are_found_and_shown(client: FlaskClient) -> None:
    html = client.get("/search?q=جالانت").text
    assert "البوابة نيوز" in html
    assert "25 يونيو 2024" in html
    address = re.findall(r'<h2><a href="([^"]+)"', html)[0]
    article = client.get(address).text
    assert "وُجد في الصفحة نفسها" in article
    raw = re.findall(r'href="(/raw/[^"]+)"', article)[0]
    assert client.get(raw).text.startswith("وزير الدفاع الإسرائيلي لبلينكن")


def test_the_facets_promise_what_a_click_gives(client: FlaskClient) -> None:
    html = client.get("/search?q=بلينكن").text
    choices = re.findall(
        r'class="choice" href="([^"]+)"[^>]*><span><bdi>[^<]*</bdi> <span class="number">\((\d+)\)', html
    )
    assert len(choices) > 4
    for address, promised in choices:
        found = client.get(address.replace("&amp;", "&")).text
        assert found.count('<li class="hit"') == int(promised)
