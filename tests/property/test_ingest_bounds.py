"""Whatever a page, a date, an address or a source line says, reading it raises nothing and takes no long time."""

from __future__ import annotations

import time
from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchapp.errors import RejectedInput
from searchapp.ingest.dates import date_in_url, last_possible_day, parse_date, read_date
from searchapp.ingest.dates.names import with_signs
from searchapp.ingest.extraction import extract
from searchapp.ingest.layout import PageParts, PrintedArticle, body_paragraphs, tell_parts
from searchapp.ingest.outlets import default_outlets, read_sources, renamed
from searchapp.ingest.text import clean
from searchapp.model import Article, RawPage
from tests.page_generator import make_page, make_text
from tests.page_layout_traps import ways_to_write
from tests.stress.scale import scaled

CHARACTERS = scaled(60_000, 200_000)
MOST_SECONDS = scaled(2, 8)
"""Of processor time, for so many characters of lines of one letter; a quadratic pattern takes many times that."""

LABELS = [
    *("المصدر:", "المصدر الحرة", "كلمات دلالية:", "تاريخ النشر:", "إقرأ أيضاً:", "اقرأ أيضا ", "شاهد أيضا"),
    *("مقالات مشابهة", "أخبار ذات صلة", "• ", "تابع أحدث الأخبار عبر تطبيق", "فيسبوك تويتر", "للاشتراك في "),
    *("\u200f", "\u0640", "\u064b", ":", ".", "(", " ", "\u00a0", "و", "25 يونيو 2024", "25 شوال 1436 هـ "),
    *("1", "-", "+1", "الموافق ", "م", "\ufeff", "ﷺ", "ﺍﻟﻤﺼﺪﺭ: "),
]
DATE_PIECES = st.sampled_from(
    [*LABELS, "10:30", "+0300", "GMT", "يوم", "الثلاثاء", "/", "2024", "06", "شوال", "t", "z"]
)
ANY_TEXT = st.text(st.characters(exclude_categories=()))


def page(text: str) -> RawPage:
    return RawPage("p", "p", 0, 1, 1, None, b"", text)


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("between", ["", "\n"])
def test_a_long_page_of_one_label_is_read_in_bounded_time(label: str, between: str) -> None:
    text = (label + between) * (CHARACTERS // len(label + between))
    began = time.process_time()
    try:
        extract(page(text))
        extract(RawPage("p", "p", 0, 1, 1, 1, b"", text, {"title": "t", "url": text[:5000], "source": text[:5000]}))
    except RejectedInput:
        pass
    assert time.process_time() - began < MOST_SECONDS


@given(st.lists(DATE_PIECES, max_size=60).map("".join))
def test_dates_of_any_pieces_are_read_or_not(text: str) -> None:
    began = time.process_time()
    read = read_date(text)
    assert read is None or 1800 <= read.day.year <= 2100
    assert time.process_time() - began < 1


@given(st.dates(date(1950, 1, 1), date(2026, 1, 1)))
def test_every_day_is_read_from_every_way_in_which_pages_write_it(day: date) -> None:
    assert {parse_date(written) for written in ways_to_write(day)} == {day}


@given(ANY_TEXT)
def test_signs_leave_figures_alone(text: str) -> None:
    without = "".join(filter(str.isdigit, "".join(part for part in with_signs(text).split() if part.isdigit())))
    assert set(without) <= set(filter(str.isdigit, text)) | set("0123456789")


@given(ANY_TEXT | st.from_regex(r"https?://[a-z.]{1,20}/[0-9/_-]{0,20}[a-z0-9/.-]{0,10}", fullmatch=True))
def test_addresses_name_a_day_that_has_been_or_none(url: str) -> None:
    day = date_in_url(url)
    assert day is None or 1995 <= day.year <= last_possible_day().year


@given(
    st.lists(ANY_TEXT | st.sampled_from(["وكالات", "رويترز", "الجزيرة + وكالات", "الحرة", "واس"]), max_size=4), ANY_TEXT
)
def test_sources_are_read_and_renaming_by_the_same_table_changes_nothing(sources: list[str], url: str) -> None:
    table = default_outlets()
    names = read_sources(sources, url, table)
    assert names.outlet_raw is None or names.outlet_raw in sources
    article = Article(id="1", title="t", body="b", outlet=names.outlet, outlet_raw=names.outlet_raw, url=url)
    assert renamed(article, table) is article


@given(st.lists(st.sampled_from(LABELS) | ANY_TEXT, max_size=30).map("\n".join))
def test_every_part_of_a_page_stands_on_it(text: str) -> None:
    parts = tell_parts(text)
    printed = clean(text)
    articles: list[PageParts | PrintedArticle] = [parts, *parts.related]
    shown = [line for article in articles for line in (*article.paragraphs, article.title or "")]
    assert all(line in printed for line in (*shown, *parts.similar_headlines))
    assert all(line in printed for line in body_paragraphs(text))


@given(st.integers(0, 10_000), st.integers(0, 3_000), st.integers(0, 40))
def test_a_page_that_breaks_off_or_misses_a_piece_is_read(seed: int, at: int, missing: int) -> None:
    random = Random(seed)
    text, _ = make_page(random, make_text(random), make_text(random), ["خبر"])
    for broken in (text[:at], text[:at] + text[at + missing :]):
        try:
            extracted = extract(page(broken))
        except RejectedInput:
            continue
        assert extracted.article.title or extracted.article.body
