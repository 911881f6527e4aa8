"""What is read from records with declared fields, and the ids of what came without one."""

from __future__ import annotations

from types import MappingProxyType

import pytest

from searchapp.errors import RejectedInput
from searchapp.ingest.extraction import extract
from searchapp.model import Article, RawPage

BODY = "قال الوزير إن المحادثات مستمرة.\n\nوأضاف أن اللقاء كان جيدا."


def read_record(text: str = "", *, offset: int = 0, **declared: str) -> Article:
    page = RawPage("in/r.jsonl", "r.jsonl", offset, offset + 10, 10, 1, b"{}", text, MappingProxyType(declared))
    return extract(page).article


def page_id(text: str, name: str = "p.txt") -> str:
    return extract(RawPage(f"in/{name}", name, 0, len(text), len(text), None, text.encode(), text)).article.id


class TestRecord:
    def test_the_declared_fields_are_the_articles(self) -> None:
        article = read_record(
            "أ ب.\n\n\nج د.\nأ ب.",
            id=" 7 ",
            title="عنوان\nآخر",
            source="sabq",
            date="2015-07-21T23:51:32+03:00",
            url="http://x/1",
            keywords="غزة",
        )
        assert (article.id, article.title, article.body) == ("7", "عنوان آخر", "أ ب.\n\nج د.")
        assert (article.outlet, article.outlet_raw, article.url, article.keywords) == (
            "سبق",
            "sabq",
            "http://x/1",
            "غزة",
        )
        assert (str(article.date), article.date_origin) == ("2015-07-21", "declared")

    def test_markers_in_a_record_are_text(self) -> None:
        text = "نص.\nالمصدر : وات"
        for article in (read_record(text, title="عنوان"), read_record(text, source="jawharafm")):
            assert article.body == "نص.\n\nالمصدر : وات"

    @pytest.mark.parametrize(
        "trailer",
        [
            "المصدر: الحرة",
            "المصدر: رويترز\nالمصدر: الحرة",
            "المصدر: الحرة\nكلمات دلالية: غزة",
            "المصـدر: الحرة\nإقرأ أيضاً:\nعنوان آخر\nنص آخر.",
            "المصدر: الحرة\nمقالات مشابهة\n• خبر",
        ],
    )
    def test_a_record_that_says_neither_title_nor_source_is_a_page(self, trailer: str) -> None:
        article = read_record(f"{BODY}\n\n{trailer}", id="7", url="http://x/1")
        assert (article.id, article.outlet, article.body) == ("7", "الحرة", BODY)

    def test_its_date_line_is_one_though_it_names_no_day(self) -> None:
        article = read_record(f"عنوان الخبر\nتاريخ النشر: منذ ساعتين\n{BODY}", id="7")
        assert (article.title, article.date, article.date_raw) == ("عنوان الخبر", None, "منذ ساعتين")
        assert article.body == BODY

    @pytest.mark.parametrize(
        ("trailer", "outlet"),
        [
            ("المصدر: رويترز\nإقرأ أيضاً:\nعنوان آخر\nنص آخر.", "رويترز"),
            ("كلمات دلالية: غزة\nمقالات مشابهة\n• خبر\n• خبر آخر", "الحرة"),
        ],
    )
    def test_two_parts_of_a_page_make_the_text_of_any_record_one(self, trailer: str, outlet: str) -> None:
        article = read_record(f"{BODY}\n\n{trailer}", title="عنوان", source="الحرة")
        assert (article.title, article.outlet, article.body) == ("عنوان", outlet, BODY)

    def test_marked_promos_and_furniture_are_dropped(self) -> None:
        text = "أ ب.\nاقرأ أيضا: عنوان آخر\nشارك الخبر\nج د.\nأخبار ذات صلة\n• خبر\nه و."
        assert read_record(text).body == "أ ب.\n\nج د.\n\nه و."

    def test_a_paragraph_that_only_begins_like_a_promo_stays(self) -> None:
        long = "اقرأ أيضا في الكتاب نفسه " + "فصولا كثيرة " * 30
        assert read_record(f"أ ب.\nشاهد أيضا الرئيس العرض كله\n{long}").body.count("\n\n") == 2

    def test_the_day_of_the_address_is_told_from_a_declared_one(self) -> None:
        article = read_record("نص.", url="https://x.com/2024/06/25/a", crawled="2024-06-27T01:00:00Z")
        assert (str(article.date), article.date_origin) == ("2024-06-25", "url")
        assert read_record("نص.", url="https://x.com/2024/06/25/a", date="2024-06-24").date_origin == "declared"
        assert read_record("نص.", url="https://x.com/a", crawled="2024-06-27T01:00:00Z").date_origin == "crawl"

    @pytest.mark.parametrize("written", ["قبل ساعتين", "أمس", "2099-01-01", "31 فبراير 2024"])
    def test_what_is_no_date_is_kept_as_written(self, written: str) -> None:
        article = read_record("نص.", date=written)
        assert (article.date, article.date_origin, article.date_raw) == (None, "none", written)

    def test_days_that_differ_between_calendars_are_flagged(self) -> None:
        article = read_record("نص.", date="16 رمضان 1436هـ الموافق 3 يونيو 2015م")
        assert (str(article.date), article.flags) == ("2015-06-03", ("calendars_differ",))

    def test_an_agency_in_the_dateline_is_the_agency(self) -> None:
        assert read_record("القاهرة (رويترز) - قال الوزير.", source="الحرة").agency == "رويترز"
        assert read_record("قال الوزير (عمره 50 عاما) كذا.", source="الحرة").agency is None

    @pytest.mark.parametrize(
        "lead",
        ["حدد الوزير الأول من شهر أغسطس (آب) المقبل موعدا.", "ذكرت وكالة الأنباء السعودية (واس) أن الوزير قال."],
    )
    def test_a_name_in_a_sentence_of_the_lead_is_no_dateline(self, lead: str) -> None:
        assert read_record(lead, source="الحرة").agency is None

    def test_a_title_is_inferred_where_none_is_declared(self) -> None:
        article = read_record("قال الوزير كذا. وأضاف.")
        assert (article.title, article.title_inferred) == ("قال الوزير كذا", True)

    def test_a_title_alone_is_kept_and_flagged(self) -> None:
        assert read_record("\u00a0\n", title="عنوان").flags == ("no_text",)

    def test_neither_title_nor_text_is_rejected(self) -> None:
        with pytest.raises(RejectedInput, match="neither title nor text"):
            read_record(" \u00a0", id="1", title="\u200f")


class TestId:
    def test_it_is_16_characters_of_base32_and_never_depends_on_the_folder(self) -> None:
        here = page_id(BODY)
        page = RawPage("/elsewhere/p.txt", "p.txt", 0, 9, 9, None, b"", BODY)
        assert extract(page).article.id == here
        assert len(here) == 16
        assert set(here) <= set("abcdefghijklmnopqrstuvwxyz234567")

    def test_name_offset_title_and_body_each_make_another_id(self) -> None:
        ids = {
            page_id(BODY),
            page_id(BODY, "q.txt"),
            page_id(BODY + " وغيره"),
            read_record(BODY).id,
            read_record(BODY, offset=5).id,
            read_record(BODY, title="عنوان").id,
            read_record("", title=BODY).id,
        }
        assert len(ids) == 7

    def test_a_url_stands_for_the_place(self) -> None:
        assert read_record(BODY, url="http://x/1").id == read_record(BODY, url="http://x/1", offset=5).id
