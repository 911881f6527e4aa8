"""What is read from pages and records, one behaviour a test."""

from __future__ import annotations

from types import MappingProxyType

import pytest

from searchapp.errors import RejectedInput
from searchapp.ingest.extraction import extract, infer_title
from searchapp.model import Article, ExtractedPage, RawPage

BODY = "قال الوزير إن المحادثات مستمرة.\n\nوأضاف أن اللقاء كان جيدا."


def read_page(text: str, name: str = "p.txt") -> ExtractedPage:
    return extract(RawPage(f"in/{name}", name, 0, len(text), len(text), None, text.encode("utf-8", "replace"), text))


def read_record(text: str = "", *, offset: int = 0, **declared: str) -> Article:
    page = RawPage("in/r.jsonl", "r.jsonl", offset, offset + 10, 10, 1, b"{}", text, MappingProxyType(declared))
    return extract(page).article


class TestTrailer:
    def test_the_second_source_line_is_the_outlet(self) -> None:
        article = read_page(f"{BODY}\n\nالمصدر: رويترز\n\nالمصدر: الحرة\n\nكلمات دلالية: غزة").article
        assert (article.outlet, article.agency, article.keywords) == ("الحرة", "رويترز", "غزة")

    def test_several_agencies_are_kept_in_order(self) -> None:
        article = read_page(f"{BODY}\nالمصدر: وكالات\nالمصدر: رويترز\nالمصدر: الحرة").article
        assert (article.outlet, article.agency) == ("الحرة", "وكالات، رويترز")

    def test_the_same_source_twice_is_no_agency(self) -> None:
        article = read_page(f"{BODY}\nالمصدر: الحرة\nالمصدر: الحرة").article
        assert (article.outlet, article.agency) == ("الحرة", None)

    def test_an_agency_alone_is_the_outlet(self) -> None:
        article = read_page(f"{BODY}\nالمصدر: رويترز").article
        assert (article.outlet, article.agency) == ("رويترز", None)

    @pytest.mark.parametrize("sources", [("وكالات",), ("الوكالات",), ("وكالات الأنباء",)])
    def test_agencies_without_a_name_are_never_an_outlet(self, sources: tuple[str, ...]) -> None:
        article = read_page("\n".join([BODY, *(f"المصدر: {source}" for source in sources)])).article
        assert (article.outlet, article.outlet_raw, article.agency) == (None, None, sources[0])

    def test_the_source_after_the_keywords_is_not_the_outlet(self) -> None:
        article = read_page(f"{BODY}\nالمصدر: الحرة\nكلمات دلالية: غزة\nالمصدر: رويترز").article
        assert (article.outlet, article.body) == ("الحرة", BODY)

    @pytest.mark.parametrize(
        "said",
        [
            "وأضاف المصدر: لا جديد.",
            "المصدر: «بلاتيني يعرف أنه يتعين عليه اتخاذ قراره بسرعة لإغلاق الباب على مرشحين آخرين محتملين للرئاسة»",
            "المصدر: نحن لا نعلق على هذا.",
        ],
    )
    def test_a_source_that_speaks_is_text(self, said: str) -> None:
        article = read_page(f"{BODY}\n\n{said}\n\nالمصدر: الحرة").article
        assert (article.body, article.outlet, article.agency) == (f"{BODY}\n\n{said}", "الحرة", None)

    def test_a_source_line_amid_the_body_is_text(self) -> None:
        article = read_page(f"المصدر: مسؤول\n{BODY}\nالمصدر: الحرة").article
        assert (article.body, article.outlet) == (f"المصدر: مسؤول\n\n{BODY}", "الحرة")

    @pytest.mark.parametrize("marker", ["المصدر:", "المصدر :", "المَصدر:", "\u200fالمصدر:", "المصـدر:", "المصدر："])
    def test_spellings_of_the_source_marker(self, marker: str) -> None:
        assert read_page(f"{BODY}\n{marker} الحرة").article.outlet == "الحرة"

    @pytest.mark.parametrize("marker", ["كلمات دلالية:", "الكلمات الدلالية :", "كلمات دلاليه:", "كلمات مفتاحية:"])
    def test_spellings_of_the_keywords_marker(self, marker: str) -> None:
        assert read_page(f"{BODY}\n{marker} فی غزة").article.keywords == "فی غزة"

    def test_values_may_stand_on_the_line_below(self) -> None:
        article = read_page(f"{BODY}\n\nالمصدر:\n\nالحرة\n\nكلمات دلالية:\n\nغزة لبنان").article
        assert (article.body, article.outlet, article.keywords) == (BODY, "الحرة", "غزة لبنان")

    def test_markers_without_values_say_nothing(self) -> None:
        article = read_page(f"{BODY}\nالمصدر:\nكلمات دلالية:\nإقرأ أيضاً:\nعنوان").article
        assert (article.body, article.outlet, article.keywords) == (BODY, None, None)


class TestSecondArticle:
    @pytest.mark.parametrize(
        "marker", ["إقرأ أيضاً:", "اقرأ أيضا", "اقرأ أيضًا :", "إقرأ ايضا:", "اقرا أيضاً …", "[اقرأ أيضاً]"]
    )
    def test_it_is_an_article_of_its_own(self, marker: str) -> None:
        text = f"العنوان\nتاريخ النشر: 25th, June 2024 GMT\n{BODY}\nالمصدر: الحرة\n{marker}\nعنوان ثان\nنص ثان."
        page = read_page(text)
        (second,) = page.related
        assert (second.title, second.body, second.title_inferred) == ("عنوان ثان", "نص ثان.", False)
        assert (second.outlet, second.date, second.date_origin) == (None, None, "none")
        assert (second.id, second.found_on) == (f"{page.article.id}.r1", page.article.id)
        assert page.article.related == (second.id,)
        assert page.article.body == BODY

    def test_one_with_a_title_only_is_flagged(self) -> None:
        (second,) = read_page(f"{BODY}\nالمصدر: الحرة\nإقرأ أيضاً:\nعنوان ثان\nمقالات مشابهة\n• خبر").related
        assert (second.title, second.body, second.flags) == ("عنوان ثان", "", ("no_text",))

    def test_a_marker_with_nothing_below_is_none(self) -> None:
        page = read_page(f"{BODY}\nالمصدر: الحرة\nإقرأ أيضاً:\nمقالات مشابهة\n• خبر")
        assert (page.related, page.article.similar_headlines) == ((), ("خبر",))

    def test_without_a_trailer_the_marker_alone_ends_the_article(self) -> None:
        page = read_page(f"{BODY}\nإقرأ أيضاً:\nعنوان ثان\nنص ثان.")
        assert (page.article.body, page.related[0].title) == (BODY, "عنوان ثان")

    def test_its_title_may_stand_on_the_marker_line_below_a_trailer(self) -> None:
        page = read_page(f"{BODY}\nالمصدر: الحرة\nكلمات دلالية: غزة\nإقرأ أيضاً: عنوان ثان\nنص ثان.")
        assert (page.article.body, page.article.outlet) == (BODY, "الحرة")
        assert (page.related[0].title, page.related[0].body) == ("عنوان ثان", "نص ثان.")

    def test_a_source_below_it_is_not_the_pages(self) -> None:
        page = read_page(f"{BODY}\nالمصدر: الحرة\nإقرأ أيضاً:\nعنوان ثان\nنص ثان.\nالمصدر: سواليف")
        assert page.article.outlet == "الحرة"


class TestBody:
    @pytest.mark.parametrize(
        "promo",
        [
            "اقرأ أيضاًالعالماليابان تطلق بنجاح قمرًا اصطناعيًا",
            "اقرأ أيضا: عنوان آخر",
            "إقرأ أيضاً.. عنوان آخر.",
            "(اقرأ أيضاً: عنوان آخر)",
            "• اقرأ أيضا عنوان",
            "اقرأ أيضاً:\nعنوان آخر",
            "اقرأ أيضاً:\n• عنوان آخر\n• عنوان ثالث",
            "تابع أحدث الأخبار عبر تطبيق",
            "تابع أحدث الأخبار عبر تطبيق نبض",
        ],
    )
    def test_furniture_and_marked_promos_are_dropped(self, promo: str) -> None:
        first, last = BODY.split("\n\n")
        assert read_page(f"{first}\n{promo}\n{last}\nالمصدر: الحرة").article.body == BODY

    def test_what_follows_a_promo_marker_and_reads_like_a_sentence_stays(self) -> None:
        first, last = BODY.split("\n\n")
        assert read_page(f"{first}\nاقرأ أيضاً:\n{last}\nالمصدر: الحرة").article.body == BODY

    def test_a_paragraph_said_twice_is_kept_at_its_first_place(self) -> None:
        assert read_page("أ ب.\n\nج د.\n\nأ\u00a0 ب.\n\nه و.").article.body == "أ ب.\n\nج د.\n\nه و."

    def test_both_articles_may_say_the_same(self) -> None:
        page = read_page(f"{BODY}\nالمصدر: الحرة\nإقرأ أيضاً:\nعنوان\n{BODY}")
        assert page.related[0].body == BODY

    def test_space_inside_a_paragraph_stays_as_published(self) -> None:
        assert read_page("\u00a0وأضافت\u00a0 الخارجيةفي  بيان \u00a0").article.body == "وأضافت\u00a0 الخارجيةفي  بيان"

    @pytest.mark.parametrize("blank", ["\u00a0", "\u200f", "\ufeff\u200b", " \t ", "\u3000"])
    def test_lines_that_show_nothing_are_blank(self, blank: str) -> None:
        assert read_page(f"أ ب.\n{blank}\nج د.").article.body == "أ ب.\n\nج د."

    def test_tweets_and_unmarked_promos_stay(self) -> None:
        tweet = "Lit up tonight. pic.twitter.com/DAluoPKpMr\n\n— The White House (@WhiteHouse) October 10, 2023"
        assert read_page(f"أ ب.\n\n{tweet}\n\nالبند السابع.. مشروع قرار").article.body.count("\n\n") == 3

    def test_characters_that_break_consumers_are_replaced_one_for_one(self) -> None:
        assert read_page("أ\x00ب\x1aج\ud800د\ufffe\tه").article.body == "أ\ufffdب\ufffdج\ufffdد\ufffd\tه"

    def test_every_kind_of_line_break_parts_paragraphs(self) -> None:
        assert read_page("أ\r\nب\rج\u2028د\u2029ه\x0bو").article.body == "أ\n\nب\n\nج\n\nد\n\nه\n\nو"


class TestHead:
    def test_a_line_before_a_date_line_is_the_title(self) -> None:
        article = read_page("العنوان |فيديو\n\nتاريخ النشر : ٢٥ يونيو ٢٠٢٤\nنص.").article
        assert (article.title, article.title_inferred, article.body) == ("العنوان |فيديو", False, "نص.")
        assert (str(article.date), article.date_origin, article.date_raw) == ("2024-06-25", "declared", "٢٥ يونيو ٢٠٢٤")

    def test_furniture_above_the_title_is_no_title(self) -> None:
        article = read_page("تابع أحدث الأخبار عبر تطبيق\nالعنوان\nتاريخ النشر: 2024-06-25\nنص.").article
        assert (article.title, article.body) == ("العنوان", "نص.")

    def test_a_date_that_cannot_be_read_is_kept_as_written(self) -> None:
        article = read_page("العنوان\nتاريخ النشر: 31st, February 2024 GMT\nنص.").article
        assert (article.date, article.date_origin, article.date_raw) == (None, "none", "31st, February 2024 GMT")

    def test_the_date_may_stand_on_the_line_below(self) -> None:
        article = read_page("العنوان\nتاريخ النشر:\n25th, June 2024 GMT\nنص.").article
        assert (str(article.date), article.body) == ("2024-06-25", "نص.")

    def test_a_date_line_without_a_value_takes_no_text(self) -> None:
        article = read_page("العنوان\nتاريخ النشر:\nنص.").article
        assert (article.title, article.date, article.date_raw, article.body) == ("العنوان", None, None, "نص.")

    def test_a_date_line_without_a_title_is_read(self) -> None:
        article = read_page("تاريخ النشر: 2024-06-25\nنص.").article
        assert (article.title, article.title_inferred, str(article.date)) == ("نص", True, "2024-06-25")

    def test_a_title_alone_is_kept_and_flagged(self) -> None:
        article = read_page("العنوان\nتاريخ النشر: 2024-06-25\nالمصدر: الحرة").article
        assert (article.title, article.body, article.flags, article.outlet) == ("العنوان", "", ("no_text",), "الحرة")

    @pytest.mark.parametrize(
        "text", ["", " \n\u00a0\n", "المصدر: الحرة", "تابع أحدث الأخبار عبر تطبيق", "مقالات مشابهة\n• خبر"]
    )
    def test_a_page_with_neither_title_nor_text_is_rejected(self, text: str) -> None:
        with pytest.raises(RejectedInput, match="neither title nor text"):
            read_page(text)


class TestInferredTitle:
    @pytest.mark.parametrize(
        ("lead", "title"),
        [
            ("قال الوزير كذا. وأضاف كذا.", "قال الوزير كذا"),
            ("التقى د. بدر عبد العاطي أ. ف. كمال. وأضاف.", "التقى د. بدر عبد العاطي أ. ف. كمال"),
            ("هل ينجح الاتفاق؟ سؤال", "هل ينجح الاتفاق؟"),
            ("بلغ السعر 3.5 دولار، حسب الوزارة.", "بلغ السعر 3.5 دولار، حسب الوزارة"),
            ("البند السابع.. مشروع قرار", "البند السابع.. مشروع قرار"),
            ("كان جيداً. وتابع", "كان جيداً"),
            ("قال: «كذا.» ثم مضى", "قال: «كذا.»"),
            ("***", None),
        ],
    )
    def test_it_is_the_first_sentence(self, lead: str, title: str | None) -> None:
        assert infer_title([lead]) == title

    def test_a_long_sentence_is_cut_between_words(self) -> None:
        lead = "كلمة، " * 40
        title = infer_title([lead]) or ""
        assert lead.startswith(title)
        assert 110 < len(title) <= 120
        assert title.endswith("كلمة")

    def test_a_word_of_the_very_length_is_kept(self) -> None:
        assert infer_title(["ا" * 120 + " ب"]) == "ا" * 120

    def test_a_text_without_blanks_is_cut_hard(self) -> None:
        assert infer_title(["ا" * 500]) == "ا" * 120


class TestSimilarHeadlines:
    @pytest.mark.parametrize("bullet", ["  • ", "- ", "* ", "•", "\u00a0•\u00a0", "– "])
    def test_bullets_and_space_are_stripped(self, bullet: str) -> None:
        text = f"{BODY}\n\nمقالات مشابهة\n\n{bullet}خبر أول\u00a0\n{bullet}50 قتيلا"
        page = read_page(text)
        assert page.article.similar_headlines == ("خبر أول", "50 قتيلا")
        assert page.article.body == BODY

    def test_lines_without_bullets_count_where_no_line_has_one(self) -> None:
        assert read_page(f"{BODY}\nمقالات مشابهة:\nخبر\nآخر").article.similar_headlines == ("خبر", "آخر")

    def test_other_lines_among_bullets_do_not_count(self) -> None:
        assert read_page(f"{BODY}\nمقالات مشابهة\n• خبر\nجميع الحقوق محفوظة").article.similar_headlines == ("خبر",)


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
        assert read_record("نص.\nالمصدر : وات").body == "نص.\n\nالمصدر : وات"

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
        here = read_page(BODY).article.id
        page = RawPage("/elsewhere/p.txt", "p.txt", 0, 9, 9, None, b"", BODY)
        assert extract(page).article.id == here
        assert len(here) == 16
        assert set(here) <= set("abcdefghijklmnopqrstuvwxyz234567")

    def test_name_offset_title_and_body_each_make_another_id(self) -> None:
        ids = {
            read_page(BODY).article.id,
            read_page(BODY, "q.txt").article.id,
            read_page(BODY + " وغيره").article.id,
            read_record(BODY).id,
            read_record(BODY, offset=5).id,
            read_record(BODY, title="عنوان").id,
            read_record("", title=BODY).id,
        }
        assert len(ids) == 7

    def test_a_url_stands_for_the_place(self) -> None:
        assert read_record(BODY, url="http://x/1").id == read_record(BODY, url="http://x/1", offset=5).id
