"""Extraction and readers take whatever comes."""

from __future__ import annotations

import gzip
import json
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from searchapp.dedupe.preparation import Preparer
from searchapp.errors import RejectedInput
from searchapp.ingest.dates import parse_date
from searchapp.ingest.extraction import extract
from searchapp.ingest.layout import tell_parts
from searchapp.ingest.output import page_record
from searchapp.ingest.readers import FieldMapping, read
from searchapp.ingest.sources import find_sources
from searchapp.ingest.text import clean
from searchapp.model import ExtractedPage, RawPage, Reject

PIECES = (
    "المصدر:|المصدر: وكالات|المصدر: الحرة|وأضاف المصدر: نعم.|كلمات دلالية: غزة|كلمات دلالية:|إقرأ أيضاً:|اقرأ أيضا"
    "|اقرأ أيضاًالعالم|اقرأ أيضا: خبر|مقالات مشابهة|  • خبر|- خبر|تاريخ النشر: 25th, June 2024 GMT|تاريخ النشر:"
    "|تابع أحدث الأخبار عبر تطبيق|قال الوزير كذا.|قال الوزير كذا. وأضاف كذا.|\u00a0|\u200f|\ufeff||عنوان |فيديو"
)
ANY_TEXT = st.text(st.characters(exclude_categories=()))
LINES = st.lists(st.sampled_from(PIECES.split("|")) | ANY_TEXT, max_size=25).map("\n".join)
DECLARED = st.dictionaries(st.sampled_from(["id", "title", "source", "date", "url", "keywords"]), ANY_TEXT)


def extracted(page: RawPage) -> ExtractedPage | None:
    try:
        return extract(page)
    except RejectedInput:
        return None


def raw(text: str, line: int | None, declared: dict[str, str]) -> RawPage:
    return RawPage("p", "p", 0, 1, 1, line, b"", text, declared)


@given(LINES)
def test_every_line_of_a_body_stands_on_the_page(text: str) -> None:
    page = extracted(raw(text, None, {}))
    printed = clean(text)
    for article in (page.article, *page.related) if page else ():
        assert all(line in printed for line in article.body.split("\n\n"))
        assert article.title is None or article.title in printed


@given(LINES, st.none() | st.just(1), DECLARED)
def test_what_is_extracted_is_sound(text: str, line: int | None, declared: dict[str, str]) -> None:
    source = raw(text, line, declared)
    page = extracted(source)
    for article in (page.article, *page.related) if page else ():
        assert (article.date is None) == (article.date_origin == "none")
        assert article.id
        assert article.title or article.body
        assert ("no_text" in article.flags) == (not article.body)
        assert not article.title_inferred or article.body.find(article.title or "") >= 0
        assert len(Preparer().prepare([article])[0].key) == 16
        paragraphs = article.body.split("\n\n")
        assert len(set(paragraphs)) == len(paragraphs)
        assert all(paragraph.strip() == paragraph for paragraph in paragraphs)
    if page:
        json.dumps(page_record(source, page), ensure_ascii=False).encode("utf-8")


def bears_layout(body: str) -> bool:
    """Whether a body reads like a page: taking out what it said twice can make it so."""
    parts = tell_parts(body)
    return bool(parts.date_raw or parts.sources or parts.keywords or parts.similar_headlines)


@given(LINES)
def test_a_body_that_was_extracted_is_extracted_unchanged_from_a_record(text: str) -> None:
    page = extracted(raw(text, 1, {}))
    if page and page.article.body and not bears_layout(page.article.body):
        assert extract(raw(page.article.body, 1, {})).article.body == page.article.body


@given(ANY_TEXT | st.text("0123456789٠١٢٣-/: يونيوjune,thGMT", max_size=30))
def test_a_date_is_read_or_not_and_nothing_is_raised(text: str) -> None:
    day = parse_date(text)
    assert day is None or 1800 <= day.year <= 2100


@given(st.dates(date(1800, 1, 1), date(2100, 12, 31)))
def test_every_day_is_read_from_every_order_of_its_numbers(day: date) -> None:
    written = (day.isoformat(), f"{day.year}/{day.month}/{day.day}", f"{day.day}/{day.month}/{day.year:04}")
    assert {parse_date(text) for text in written} == {day}


def read_all(content: bytes, name: str, offset: int = 0, line: int = 1) -> list[RawPage | Reject]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        (source,) = find_sources([path])
        return list(read(source, FieldMapping(), offset=offset, line=line))


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=3), children, max_size=3),
    max_leaves=4,
)
RECORDS = st.dictionaries(st.sampled_from(["id", "title", "text", "date", "keywords", "x"]), JSON_VALUES)
RECORD_LINES = (RECORDS | JSON_VALUES).map(lambda value: json.dumps(value).encode()) | st.binary(max_size=20)


@given(
    st.binary() | st.lists(RECORD_LINES).map(b"\n".join),
    st.sampled_from(["a.txt", "a.txt.gz", "a.jsonl", "a.jsonl.gz"]),
)
def test_readers_take_any_bytes(content: bytes, name: str) -> None:
    for item in read_all(content, name):
        assert 0 <= item.offset <= item.end_offset
        assert 0 <= item.consumed <= len(content)
        if isinstance(item, RawPage):
            extracted(item)


@given(st.lists(RECORD_LINES, max_size=8).map(b"\n".join), st.booleans())
def test_reading_goes_on_exactly_where_it_stopped(content: bytes, compressed: bool) -> None:
    stored, name = (gzip.compress(content), "a.jsonl.gz") if compressed else (content, "a.jsonl")

    def places(items: list[RawPage | Reject]) -> list[tuple[int, int, int | None]]:
        return [(item.offset, item.end_offset, item.line) for item in items]

    items = read_all(stored, name)
    reasons = [item.reason for item in items if isinstance(item, Reject)]
    if any("UTF-16" in reason or "is not read" in reason for reason in reasons):  # told of the file, not of a line
        return
    for number, item in enumerate(items):
        assert places(read_all(stored, name, item.offset, item.line or 1)) == places(items[number:])
        rest = read_all(stored, name, item.end_offset)
        assert [place[:2] for place in places(rest)] == [place[:2] for place in places(items[number + 1 :])]
