"""What is read out of web pages."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from searchapp.ingest.extraction import extract
from searchapp.ingest.html_text import as_text, read_html
from searchapp.ingest.readers import FieldMapping, read
from searchapp.ingest.sources import find_sources
from searchapp.model import Article, RawPage

BODY = "<p>قال الوزير إن المحادثات مستمرة بين الجانبين.</p><p>وأضاف أن اللقاء كان جيدا، وأنه سيستمر غدا.</p>"

LONG_BODY = f"<p>{'قال الوزير إن المحادثات مستمرة بين الجانبين. ' * 3}</p>"
OTHER_NEWS = (
    "</article><aside><time datetime='2020-01-01'>أ</time><time datetime='2021-01-01'>ب</time></aside><article>"
)


def article_of(head: str, body: str = BODY, *, url: str | None = None) -> tuple[str, dict[str, str]]:
    page = f"<html lang='ar'><head>{head}</head><body><article>{body}</article></body></html>"
    return read_html(page.encode(), url=url)


def declared(head: str, body: str = BODY, *, url: str | None = None) -> dict[str, str]:
    return article_of(head, body, url=url)[1]


@pytest.mark.corpus
def test_title_and_date_of_crawled_pages(shared_data: Path) -> None:
    folder = shared_data / "extract"
    with (folder / "gold.tsv").open(encoding="utf-8") as rows:
        gold = list(csv.DictReader(rows, delimiter="\t"))
    assert len(gold) == 6
    for row in gold:
        article = read_file(folder / "html" / row["file"])
        assert article.title == row["title"]
        assert str(article.date or "") == row["date"]
        assert len(article.body) > 500


def read_file(path: Path) -> Article:
    (source,) = find_sources([path])
    (page,) = read(source, FieldMapping())
    assert isinstance(page, RawPage)
    return extract(page).article


@pytest.mark.parametrize(
    ("head", "body", "date"),
    [
        ("<meta property='article:published_time' content='2024-06-25T23:59:00+03:00'>", BODY, "2024-06-25"),
        ("<meta name='pubdate' content='2024-06-25'>", BODY, "2024-06-25"),
        ("<meta itemprop='datePublished' content='2024-06-25'>", BODY, "2024-06-25"),
        ("", f"<time datetime='2024-06-25T10:00'>أمس</time>{BODY}", "2024-06-25"),
        ("", f"<span itemprop='datePublished'>25 يونيو 2024</span>{BODY}", "25 يونيو 2024"),
        ("<meta property='article:modified_time' content='2024-06-25'>", BODY, None),
        ("<meta name='pubdate' content='أمس'><meta name='date' content='2024-06-25'>", BODY, "2024-06-25"),
        ("", f"<p>25 يونيو 2024</p>{BODY}", None),
        ("", f"<time>25 يونيو 2024</time>{BODY}", "25 يونيو 2024"),
        ("", f"<time>أمس</time>{BODY}", None),
        ("", f"</article><time>25 يونيو 2024</time><article>{BODY}", None),
        ("", f"<time datetime='1445-12-19' pubdate>19 ذو الحجة 1445 هـ</time>{BODY}", "19 ذو الحجة 1445 هـ"),
        ("", f"<time datetime='2024-06-25T20:00'>19 ذو الحجة 1445 هـ</time>{BODY}", "2024-06-25"),
        (
            "",
            "<time class='entry-date published' datetime='2024-06-25'></time><time class='updated'"
            f" datetime='2024-06-28'></time>{BODY}<aside><time datetime='2020-01-01'></time></aside>",
            "2024-06-25",
        ),
        ("", f"<time datetime='2024-06-25'>أ</time><time datetime='2023-01-01'>ب</time>{BODY}", None),
        ("", f"<h1>عنوان</h1><time>25 حزيران 2024</time>{LONG_BODY}{OTHER_NEWS}", "25 حزيران 2024"),
        (
            "",
            f"<header><div><time>٢٥ يونيو ٢٠٢٤</time></div><h1>عنوان</h1></header>{LONG_BODY}{OTHER_NEWS}",
            "٢٥ يونيو ٢٠٢٤",
        ),
        ("", f"<header><h1>عنوان</h1><p><time>25 غشت 2024</time></p></header>{LONG_BODY}{OTHER_NEWS}", "25 غشت 2024"),
        ("", f"<h1>عنوان</h1>{LONG_BODY}<div><time>25 يونيو 2024</time></div>{OTHER_NEWS}", None),
        ("", f"<h1>عنوان</h1><ul><li><time>25 يونيو 2024</time></li></ul>{LONG_BODY}{OTHER_NEWS}", None),
        ("", f"<h1>عنوان</h1><time>أمس</time>{LONG_BODY}{OTHER_NEWS}", None),
        ("", f"<h1>عنوان</h1><h1>آخر</h1><time>25 يونيو 2024</time>{LONG_BODY}{OTHER_NEWS}", None),
    ],
)
def test_a_date_is_declared_or_there_is_none(head: str, body: str, date: str | None) -> None:
    written = declared(head, body).get("date")
    assert (written or "")[: len(date or "x")] == (date or "")


@pytest.mark.parametrize(
    "data",
    [
        '{"@type": "NewsArticle", "headline": "عنوان", "datePublished": "2024-06-25", "publisher": {"name": "الحرة"}}',
        '[{"@type": "WebSite", "name": "x"}, {"@type": ["Article"], "headline": "عنوان", "datePublished": "2024-06-25",'
        ' "publisher": "الحرة"}]',
        '{"@graph": [{"@type": "BreadcrumbList"}, {"@type": "ReportageNewsArticle", "headline": "عنوان",'
        ' "datePublished": "2024-06-25", "publisher": [{"name": "الحرة"}]}]}',
        '{"@graph": [{"@type": "NewsArticle", "headline": "عنوان", "datePublished": "2024-06-25", "publisher":'
        ' {"@id": "#us"}}, {"@type": "Organization", "@id": "#us", "name": "الحرة"}]}',
        '{"@type": "WebPage", "datePublished": "2020-01-01", "mainEntity": {"@type": "https://schema.org/NewsArticle",'
        ' "headline": "عنوان", "datePublished": "2024-06-25", "publisher": "الحرة"}}',
        '{"@graph": [{"@type": "WebPage", "mainEntity": {"@type": "NewsArticle", "headline": "عنوان",'
        ' "datePublished": "2024-06-25", "publisher": "الحرة"}}]}',
        '//<![CDATA[\n{"@type": "NewsArticle", "headline": "عنوان", "datePublished": "2024-06-25", "publisher":'
        ' "الحرة",}\n//]]>',
        '<!-- {"@type": "schema:Article", "headline": "عنوان", "datePublished": "2024-06-25",'
        ' "publisher": "الحرة"} -->',
    ],
)
def test_linked_data_tell_of_the_article(data: str) -> None:
    found = declared(f"<script type='application/ld+json'>{data}</script>")
    assert (found["title"], found["date"], found["source"]) == ("عنوان", "2024-06-25", "الحرة")


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("<meta property='og:title' content='عنوان  الخبر'>", ""),
        ("<title>عنوان الخبر | الحرة</title><meta property='og:site_name' content='الحرة'>", ""),
        ("<title>عنوان الخبر - أخبار - الحرة</title>", "<h1>عنوان الخبر</h1>"),
        ("<title>الحرة</title>", "<h1>عنوان الخبر</h1>"),
        (
            "<title>الحرة</title><meta property='og:site_name' content='الحرة'>",
            "<h1>قناة الحرة</h1><h1>عنوان الخبر</h1>",
        ),
        ("<title>عنوان الخبر - الحرة</title>", "<h1><a href='/'>الرئيسية</a></h1><h1>عنوان الخبر</h1>"),
        (
            "<title>عنوان الخبر | الحرة</title><meta property='og:site_name' content='الحرة'>",
            "<h1>عاجل عنوان الخبر</h1>",
        ),
        ("<meta property='og:title' content='الحرة | عنوان الخبر'><meta property='og:site_name' content='الحرة'>", ""),
        ("<meta property='og:title' content='الحرة - عنوان الخبر'>", "<h1>عنوان الخبر</h1>"),
        (
            "<meta content='عنوان الخبر - صحيفة الحرة الإلكترونية' property='og:title'>"
            "<meta content='الحرة' property='og:site_name'>",
            "<h2>عنوان</h2>",
        ),
        (
            "<meta property='og:title' content='الحرة'><meta property='og:site_name' content='الحرة'>",
            "<h1>عنوان الخبر</h1>",
        ),
    ],
)
def test_the_title_comes_without_the_sites_name(head: str, body: str) -> None:
    assert declared(head, body + BODY)["title"] == "عنوان الخبر"


@pytest.mark.parametrize(
    ("head", "url", "address"),
    [
        (
            "<link rel='canonical' href='https://x.example/a/1'>",
            "https://m.x.example/a/1?utm=2",
            "https://x.example/a/1",
        ),
        ("<link rel='canonical' href='/a/1'>", "https://x.example/b", "https://x.example/a/1"),
        ("<link rel='canonical' href='https://x.example/'>", "https://x.example/a/1", "https://x.example/a/1"),
        ("<meta property='og:url' content='https://x.example/a/1'>", None, "https://x.example/a/1"),
        ("<link rel='canonical' href='javascript:x'>", "https://x.example/a/1", "https://x.example/a/1"),
        ("<link rel='canonical' href='http://[broken'>", None, None),
    ],
)
def test_the_address_is_the_canonical_one(head: str, url: str | None, address: str | None) -> None:
    assert declared(head, url=url).get("url") == address


def test_a_site_without_a_name_is_known_by_its_host() -> None:
    assert declared("", url="https://www.x.example/a/1")["source"] == "x.example"


@pytest.mark.parametrize("encoding", ["utf-8", "cp1256", "iso8859_6", "utf-16"])
def test_the_encoding_is_told_from_the_bytes_or_the_page(encoding: str) -> None:
    label = "" if encoding in {"utf-8", "utf-16"} else f"<meta charset='{encoding}'>"
    text = f"<html><head>{label}<title>عنوان</title></head><body><article>{BODY}</article></body></html>"
    found, fields = read_html(text.encode(encoding))
    assert "قال الوزير" in found
    assert fields["title"] == "عنوان"


def test_an_old_page_that_declares_nothing_is_read_by_its_letters() -> None:
    text = f"<html><head><title>عنوان الخبر</title></head><body><article>{BODY}</article></body></html>"
    assert "قال الوزير" in read_html(text.encode("cp1256"))[0]


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("بلا علامات", "بلا علامات"),
        ("أ &lt; ب", "أ &lt; ب"),
        ("<p>أ</p><p>ب</p>", "أ\n\nب"),
        ("أ<br/>ب", "أ\nب"),
        ("<style>p{}</style>أ<b>ب</b>", "أب"),
        ("<script>never closed", ""),
        ("أ <3 ب", "أ <3 ب"),
    ],
)
def test_markup_becomes_lines_of_text(markup: str, text: str) -> None:
    assert as_text(markup).strip() == text
