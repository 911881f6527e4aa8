"""What the page shows of hits that lack words, and of outlets that are called by another of their names."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from searchapp import open_index
from searchapp.indexing import IndexOptions, index_paths
from searchapp.web.app import create_app
from tests.crash.workload import Silent

BY_NAME = "/search?q=زلزال&source=الرياض"
WORDS = ("زلزال", "جزيرة", "سفينة", "مطار", "قطار", "جسر")


@pytest.fixture
def client(tmp_path: Path) -> Iterator[FlaskClient]:
    whole = [" ".join(WORDS) + f" كلام طويل آخر عن خبر رقم {number}" * 9 for number in range(12)]
    parts = [" ".join(WORDS[at : at + 3]) + f" {at}" for at in range(3)]
    records = [
        {"id": f"a{number}", "title": f"خبر {number}", "text": text, "source": "alriyadh" if number % 2 else "okaz"}
        for number, text in enumerate([*whole, *parts])
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(json.dumps(record) for record in records), encoding="utf-8")
    index_paths(tmp_path / "i", [tmp_path / "a.jsonl"], IndexOptions(dedupe="off"), Silent())
    with open_index(tmp_path / "i") as index:
        yield create_app(index).test_client()


def test_every_hit_of_a_long_query_is_shown_once(client: FlaskClient) -> None:
    query = "+".join(WORDS)
    pages = [client.get(f"/search?q={query}&page={page}").text for page in (1, 2)]
    shown = [name for page in pages for name in re.findall(r'id="hit-\d+".*?/article/(a\d+)', page, re.DOTALL)]
    assert sorted(shown) == sorted(f"a{number}" for number in range(15))
    assert "بينها أخبار تنقصها" in pages[0]


def test_an_outlet_may_be_called_by_any_of_its_names(client: FlaskClient) -> None:
    page = client.get("/search?q=زلزال&source=alriyadh").text
    assert len(re.findall(r'id="hit-', page)) == len(re.findall(r'id="hit-', client.get(BY_NAME).text)) > 0
    assert re.search(rf'<link rel="canonical"[^>]*{quote("الرياض")}', page)
    # Its choice is taken, and a click takes it back.
    assert re.search(r'<a class="choice" href="/search\?q=[^"&]*" aria-current="true"[^>]*"outlet الرياض">', page)
    assert "alriyadh" not in page.split("<main")[1].split("<footer")[0]
