"""A whole result as JSON, JSON lines and CSV."""

from __future__ import annotations

import csv
import io
import json
import re
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from searchapp.config import LIMITS
from searchapp.errors import IndexBroken
from searchapp.index import Index
from searchapp.model import Hit, SearchRequest, Snippet
from searchapp.output import CSV_COLUMNS, FORMULA_STARTS, csv_line, csv_row, hit_record
from searchapp.web import downloads, exports
from searchapp.web.app import create_app

FORMS = ["json", "jsonl", "csv"]


def a_hit(rank: int, **fields: Any) -> Hit:
    values: dict[str, Any] = {
        "rank": rank, "id": f"a{rank}", "story": rank, "score": 1.5, "title": Snippet("عنوان"), "title_inferred": False,
        "outlets": ("س", "ص"), "date": None, "date_origin": "none", "url": None, "snippet": None, "copies": (),
    }  # fmt: skip
    return Hit(**values | fields)


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_every_form_has_all_hits_in_the_order_of_the_pages(client: FlaskClient, opened: Index) -> None:
    expected = [hit.id for hit in opened.search(SearchRequest(q="قمر", sort="newest", per_page=100)).hits]
    address = "/search.{}?q=قمر&sort=newest&page=3&per_page=20"
    record = client.get(address.format("json")).json
    lines = [json.loads(line) for line in client.get(address.format("jsonl")).text.splitlines()]
    table = rows(client.get(address.format("csv")).data.decode("utf-8-sig"))
    assert record is not None
    assert record["total"] == len(record["hits"]) == len(lines) == len(table) == 130
    assert [hit["id"] for hit in record["hits"]][:100] == expected
    assert lines == record["hits"]
    assert [row["id"] for row in table] == [hit["id"] for hit in lines]
    assert {"query", "total", "exact", "relaxed", "generation", "hits", "facets"} <= record.keys()
    assert set(record["hits"][0]) >= {
        "rank", "id", "story", "score", "title", "title_inferred", "outlets", "date", "date_origin", "url", "snippet",
        "spans", "copies",
    }  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_a_limit_gives_the_first_so_many(client: FlaskClient, form: str) -> None:
    whole = client.get(f"/search.{form}?q=قمر").text
    part = client.get(f"/search.{form}?q=قمر&limit=2").text
    assert re.findall(r"\bm\d+\b", part)[:1] == re.findall(r"\bm\d+\b", whole)[:1]
    assert len(part) < len(whole) / 5


@pytest.mark.parametrize("form", FORMS)
def test_a_search_that_finds_nothing_is_an_empty_list(client: FlaskClient, form: str) -> None:
    response = client.get(f"/search.{form}?q=لاشيءكهذا")
    assert response.status_code == 200
    empty = {"jsonl": "", "csv": csv_line(CSV_COLUMNS)}
    if form == "json":
        assert json.loads(response.text)["hits"] == []
    else:
        assert response.data.decode("utf-8-sig") == empty[form]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("query", "named"),
    [("page=x", "page"), ("sort=best", "sort"), ("limit=0", "limit"), ("limit=x", "limit"), ("from=2024-13", "from"),
     ("per_page=101", "per_page"), ("q=" + "ك" * 5000, "query_characters")],
)  # fmt: skip
def test_what_is_wrong_is_told_in_json(client: FlaskClient, form: str, query: str, named: str) -> None:
    response = client.get(f"/search.{form}?{query}")
    assert (response.status_code, response.mimetype) == (400, "application/problem+json")
    assert response.json is not None
    assert named in (response.json.get("parameter"), response.json.get("limit"))
    assert response.json["detail"]


def test_the_table_is_read_by_excel_and_runs_nothing(client: FlaskClient) -> None:
    response = client.get("/search.csv?q=غريب")
    assert response.data.startswith(b"\xef\xbb\xbfrank,id,")
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    table = rows(response.data.decode("utf-8-sig"))
    assert tuple(table[0]) == CSV_COLUMNS
    hostile = next(row for row in table if row["id"] == "h")
    assert hostile["title"].startswith("'=cmd")
    assert hostile["outlets"] == "'+SUM(1)"
    assert hostile["date"] == "2024-06-25"


@given(st.text(), st.sampled_from(["", *FORMULA_STARTS]))
def test_no_cell_begins_as_a_formula_does(text: str, start: str) -> None:
    record = hit_record(a_hit(1, title=Snippet(start + text), outlets=(start + text,), url=start + text))
    for cell in csv_row(record):
        assert not (isinstance(cell, str) and cell.startswith(FORMULA_STARTS))


@given(st.lists(st.text(max_size=30), min_size=1, max_size=5))
def test_any_text_comes_back_from_every_form(titles: list[str]) -> None:
    hits = [a_hit(rank, title=Snippet(title), outlets=("س",)) for rank, title in enumerate(titles, 1)]
    lines = b"".join(exports.blocks(exports.write_jsonl(None, None, hits)))  # type: ignore[arg-type]
    assert [json.loads(line)["title"] for line in lines.decode().split("\n")[:-1]] == titles


@pytest.mark.parametrize(("form", "kind"), [("json", "inline"), ("jsonl", "attachment"), ("csv", "attachment")])
def test_the_file_is_named_after_the_search(client: FlaskClient, form: str, kind: str) -> None:
    header = client.get(f"/search.{form}", query_string={"q": 'title:"قمر 3"'}).headers["Content-Disposition"]
    assert header.startswith(f"{kind}; filename=\"searchapp.{form}\"; filename*=UTF-8''")
    assert unquote(header.split("''")[1]) == f"title قمر 3.{form}"


@given(st.text(max_size=200))
def test_a_file_name_is_one_that_every_system_takes(text: str) -> None:
    name = downloads.file_name(text, "csv")
    assert re.fullmatch(r'[^\\/:*?"<>|\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]+\.csv', name)
    assert not name.startswith((".", " "))
    header = downloads.disposition(name, shown=False)
    assert header.isascii()
    assert "\n" not in header


@pytest.mark.parametrize("form", FORMS)
def test_an_unchanged_export_is_not_sent_again(client: FlaskClient, form: str) -> None:
    address = f"/search.{form}?q=قمر"
    tag = client.get(address).headers["ETag"]
    again = client.get(f"{address}&utm_source=x&page=2", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    other = client.get(f"{address}&limit=3", headers={"If-None-Match": tag})
    assert other.status_code == 200


@pytest.mark.parametrize("form", FORMS)
def test_of_a_head_request_only_the_headers_are_sent(client: FlaskClient, form: str) -> None:
    response = client.head(f"/search.{form}?q=قمر")
    assert (response.status_code, response.data) == (200, b"")
    assert "ETag" in response.headers


class LongIndex:
    """Answers every search with so many hits, made one by one."""

    generation = 1

    def __init__(self, index: Index, hits: int) -> None:
        self._index, self._hits, self.open = index, hits, 0

    def stream(self, request: SearchRequest, **_: Any) -> Any:
        @contextmanager
        def opened() -> Iterator[Any]:
            self.open += 1
            try:
                with self._index.stream(request, count=0) as (result, _):
                    yield replace(result, total=self._hits), (a_hit(rank) for rank in range(1, self._hits + 1))
            finally:
                self.open -= 1

        return opened()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._index, name)


@pytest.fixture
def long_app(opened: Index) -> tuple[LongIndex, Flask]:
    index = LongIndex(opened, 20_000)
    return index, create_app(index)  # type: ignore[arg-type]


def test_a_long_export_takes_no_more_memory_than_a_block(long_app: tuple[LongIndex, Flask]) -> None:
    index, app = long_app
    response = app.test_client().get("/search.jsonl", buffered=False)
    blocks = iter(response.response)
    next(blocks)
    tracemalloc.start()
    lines = sum(block.count(b"\n") for block in blocks if isinstance(block, bytes))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    response.close()
    assert lines > 19_000
    assert peak < 2_000_000
    assert index.open == 0


def test_only_so_many_large_exports_run_at_once_and_a_left_one_makes_room(long_app: tuple[LongIndex, Flask]) -> None:
    index, app = long_app
    client = app.test_client()
    running = [client.get("/search.csv", buffered=False) for _ in range(LIMITS.exports_at_once)]
    refused = client.get("/search.csv")
    assert (refused.status_code, refused.mimetype) == (503, "application/problem+json")
    assert int(refused.headers["Retry-After"]) > 0
    assert index.open == LIMITS.exports_at_once
    assert client.get("/search.jsonl?limit=10").text.count("\n") <= 20_000
    running.pop().close()
    client.get("/search.csv", buffered=False).close()
    for response in running:
        response.close()
    assert index.open == 0


def test_an_error_of_the_index_names_no_files(opened: Index) -> None:
    class Broken(LongIndex):
        def stream(self, request: SearchRequest, **_: Any) -> Any:
            raise IndexBroken("/secret/place")

    response = create_app(Broken(opened, 1)).test_client().get("/search.json")  # type: ignore[arg-type]
    assert response.status_code == 503
    assert "Retry-After" in response.headers
    assert "secret" not in response.text
