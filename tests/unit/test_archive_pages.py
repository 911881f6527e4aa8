"""A page stands behind the one article that came with it, and is read, renamed, exported and deleted with that."""

from __future__ import annotations

import base64
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchapp.archive.records import compress, decode_article, decode_body, encode_article, page_behind, with_page
from searchapp.archive.renaming import name_outlets
from searchapp.archive.schema import checksum_of
from searchapp.archive.transfer import archive_records
from searchapp.errors import IndexBroken
from searchapp.ingest.outlets import default_outlets
from searchapp.model import Article
from tests.unit.test_archive_store import Desk, article, page_of


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path / "archive.sqlite")
    yield desk
    desk.archive.close()


def own_column(tmp_path: Path) -> list[bool]:
    """Of each page, whether its own column holds it."""
    rows = sqlite3.connect(tmp_path / "archive.sqlite").execute("SELECT length(raw) > 0 FROM pages ORDER BY number")
    return [bool(row[0]) for row in rows]


def exported_pages(desk: Desk) -> list[bytes]:
    records = archive_records(desk.archive, with_raw=True)
    return [base64.b64decode(record["raw"]) for record in records if record.get("kind") == "page"]


@given(st.text(), st.text() | st.none(), st.binary())
def test_an_article_is_read_whatever_page_stands_behind_it(body: str, title: str | None, page: bytes) -> None:
    written = Article(id="a", title=title, body=body)
    data = encode_article(written)
    assert page_behind(data) is None
    packed = with_page(data, page)
    assert page_behind(packed) == page
    assert decode_article(packed) == decode_article(data) == written
    assert decode_body(packed) == body


def test_a_page_with_one_article_stands_behind_it(desk: Desk, tmp_path: Path) -> None:
    desk.put(article("a"))
    assert own_column(tmp_path) == [False]
    assert desk.archive.raw("a") == page_of(article("a")).raw
    assert exported_pages(desk) == [page_of(article("a")).raw]
    assert desk.damage() == []


def test_a_page_with_several_articles_stands_by_itself(desk: Desk, tmp_path: Path) -> None:
    first = article("a", related=("a.r1",))
    desk.put(first, article("a.r1", "خبر ثان", found_on="a"))
    assert own_column(tmp_path) == [True]
    assert desk.archive.raw("a") == desk.archive.raw("a.r1") == page_of(first).raw
    desk.delete("a")
    assert desk.archive.raw("a.r1") == page_of(first).raw


def test_a_page_printed_again_stands_behind_the_article_that_is_new_on_it(desk: Desk, tmp_path: Path) -> None:
    first = article("a", related=("a.r1",))
    desk.put(first)
    desk.put(first, article("a.r1", "خبر ثان", found_on="a"))
    assert own_column(tmp_path) == [False, False]
    assert desk.archive.raw("a") == desk.archive.raw("a.r1") == page_of(first).raw
    desk.delete("a.r1")
    assert own_column(tmp_path) == [False]
    assert desk.archive.raw("a") == page_of(first).raw


def test_an_article_that_gets_another_name_for_its_outlet_keeps_its_page(desk: Desk) -> None:
    wrong = article("a", outlet="اسم آخر", outlet_raw="الرياض")
    desk.put(wrong)
    assert name_outlets(desk.archive, default_outlets(), lambda *_: None, always=True) == 1
    assert desk.archive.article("a") == replace(wrong, outlet="الرياض")
    assert desk.archive.raw("a") == page_of(wrong).raw


def test_old_versions_keep_their_pages_until_the_article_is_deleted(desk: Desk, tmp_path: Path) -> None:
    desk.put(article("a", "القديم"))
    desk.put(article("a", "الجديد"))
    assert desk.damage() == []
    assert own_column(tmp_path) == [False, False]
    desk.delete("a")
    assert own_column(tmp_path) == []
    assert desk.damage() == []


def test_a_page_of_its_own_from_an_older_archive_is_read(desk: Desk, tmp_path: Path) -> None:
    desk.put(article("a"))
    _rewrite_page(tmp_path, compress(b"the page"))
    assert desk.archive.raw("a") == b"the page"


def test_a_page_that_stands_behind_no_article_is_damage(desk: Desk, tmp_path: Path) -> None:
    desk.put(article("a", related=("a.r1",)), article("a.r1", "خبر ثان", found_on="a"))
    _rewrite_page(tmp_path, b"")
    with pytest.raises(IndexBroken, match="the page of article a "):
        desk.archive.raw("a")
    connection = sqlite3.connect(tmp_path / "archive.sqlite")
    connection.execute("UPDATE articles SET page = NULL")
    connection.commit()
    connection.close()
    assert "page 1: stands behind no article" in desk.damage()


def _rewrite_page(tmp_path: Path, raw: bytes) -> None:
    connection = sqlite3.connect(tmp_path / "archive.sqlite")
    values = connection.execute("SELECT number, source, line, offset, digest FROM pages").fetchone()
    connection.execute("UPDATE pages SET raw = ?, checksum = ?", (raw, checksum_of((*values, raw))))
    connection.commit()
    connection.close()
