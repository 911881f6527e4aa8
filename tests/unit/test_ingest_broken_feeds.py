"""Feeds that are no well-formed XML: what of them is read, and what is told of the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from searchapp.ingest.extraction import extract
from searchapp.ingest.readers import FieldMapping, read
from searchapp.ingest.sources import find_sources
from searchapp.model import Article, RawPage, Reject


def read_feed(folder: Path, content: str) -> tuple[list[Article], list[str]]:
    """The articles of a feed, and why others are rejected."""
    path = folder / "a.rss"
    path.write_text(content, encoding="utf-8")
    (source,) = find_sources([path])
    items = list(read(source, FieldMapping()))
    articles = [extract(item).article for item in items if isinstance(item, RawPage)]
    return articles, [item.reason for item in items if isinstance(item, Reject)]


def feed_of_four(second: str) -> str:
    """A feed of four items, the second of which has something more in its text."""
    items = (
        f"<item><title>خبر {n}</title><description>نص {n} {second if n == 2 else ''}</description></item>"
        for n in range(1, 5)
    )
    return f"<rss><channel><title>خ</title>\n{''.join(items)}</channel></rss>"


@pytest.mark.parametrize("second", ["نص & آخر", "&foo; نص", "نص ]]> آخر", "\x01 نص"])
def test_what_is_no_xml_is_read_as_far_as_it_makes_sense(tmp_path: Path, second: str) -> None:
    articles, reasons = read_feed(tmp_path, feed_of_four(second))
    assert [article.title for article in articles] == ["خبر 1", "خبر 2", "خبر 3", "خبر 4"]
    assert not reasons


@pytest.mark.parametrize("second", ["<b>آخر", "<p>آخر<br>", "<i><b>آخر</i>"])
def test_a_tag_that_is_not_closed_costs_no_other_item(tmp_path: Path, second: str) -> None:
    articles, reasons = read_feed(tmp_path, feed_of_four(second))
    assert not reasons
    bodies = {article.title: article.body.split() for article in articles}
    assert bodies == {f"خبر {n}": ["نص", str(n), *(["آخر"] if n == 2 else [])] for n in range(1, 5)}


@pytest.mark.parametrize("second", ["a < b", "</b></i>", "<d>" * 400, "نص" * 6_000_000])
def test_items_that_broken_xml_costs_are_told(tmp_path: Path, second: str) -> None:
    articles, (reason,) = read_feed(tmp_path, feed_of_four(second))
    assert reason.startswith("the XML is broken on line 2 (")
    assert reason.endswith(f": {4 - len(articles)} of 4 items cannot be read; mend it there")


@pytest.mark.parametrize("rest", ["", "<item><title>ب</title><descr", "<item><title>ب</title></item></chann"])
def test_a_feed_that_breaks_off_is_told(tmp_path: Path, rest: str) -> None:
    articles, reasons = read_feed(tmp_path, "<rss><channel><item><title>أ</title></item>" + rest)
    assert [article.title for article in articles] == (["أ", "ب"] if rest else ["أ"])
    assert reasons == ["the XML breaks off: the file is incomplete from here on"]
