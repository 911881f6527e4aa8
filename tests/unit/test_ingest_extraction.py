"""What is read from pages, one behaviour a test."""

from __future__ import annotations

import pytest

from searchapp.errors import RejectedInput
from searchapp.ingest.extraction import extract, infer_title
from searchapp.model import ExtractedPage, RawPage

BODY = "قال الوزير إن المحادثات مستمرة.\n\nوأضاف أن اللقاء كان جيدا."


def read_page(text: str, name: str = "p.txt") -> ExtractedPage:
    return extract(RawPage(f"in/{name}", name, 0, len(text), len(text), None, text.encode("utf-8", "replace"), text))


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

    @pytest.mark.parametrize(
        "said",
        ["المصدر ذاته نفى الأمر.", "المصدر المسؤول أكد ذلك", "المصدر الأمني: خمسة قتلى", "المصدر: لا تعليق لدينا."],
    )
    @pytest.mark.parametrize("trailer", ["المصدر: الحرة", "المصدر: رويترز\nالمصدر: الحرة"])
    def test_a_short_sentence_that_ends_the_body_is_text(self, said: str, trailer: str) -> None:
        article = read_page(f"{BODY}\n{said}\n{trailer}\nكلمات دلالية: غزة").article
        agency = "رويترز" if "رويترز" in trailer else None
        assert (article.body, article.outlet, article.agency) == (f"{BODY}\n\n{said}", "الحرة", agency)

    @pytest.mark.parametrize("line", ["المصدر وكالات", "المصدر: وكالات.", "المصدر: أ.ف.ب.", "المصدر: رويترز + أ ب"])
    def test_an_agency_is_told_without_a_colon_and_with_a_stop(self, line: str) -> None:
        article = read_page(f"{BODY}\n{line}\nالمصدر: الحرة\nكلمات دلالية: غزة").article
        assert (article.body, article.outlet, bool(article.agency)) == (BODY, "الحرة", True)

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

    def test_keywords_and_names_stay_as_they_are_written(self) -> None:
        # Shadda before kasra, an ellipsis, a half: Unicode's forms of compatibility change all three.
        article = read_page(f"{BODY}\nالمصدر: صحيفة المعلّم…\nكلمات دلالية: حدِّث… ½").article
        assert (article.keywords, article.outlet_raw) == ("حدِّث… ½", "صحيفة المعلّم…")

    def test_a_sentence_about_keywords_is_text(self) -> None:
        said = "كلمات دلالية كثيرة استخدمها الخطيب في حديثه."
        article = read_page(f"{BODY}\n\n{said}\n\nسمير علي").article
        assert (article.body, article.keywords) == (f"{BODY}\n\n{said}\n\nسمير علي", None)

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

    @pytest.mark.parametrize("steered", ["\u200f{}", "{}\u200f", "\u202b{}\u202c", "\u2067{}\u2069"])
    @pytest.mark.parametrize(
        "line", ["تابع أحدث الأخبار عبر تطبيق", "اقرأ أيضاًالعالمعنوان", "قال الوزير كذا وكذا في بيان اليوم."]
    )
    def test_direction_marks_around_a_line_do_not_hide_what_it_is(self, steered: str, line: str) -> None:
        text = f"قال الوزير كذا وكذا في بيان اليوم.\n{steered.format(line)}\nالمصدر: الحرة"
        assert read_page(text).article.body == "قال الوزير كذا وكذا في بيان اليوم."

    def test_direction_marks_are_no_part_of_a_name(self) -> None:
        text = (
            f"{BODY}\n\u200fالمصدر: \u202bرويترز\u202c\n\u202bالمصدر: الحرة\u202c\u200f\nكلمات دلالية:\u200f غزة\u200f"
        )
        article = read_page(text).article
        assert (article.agency, article.outlet_raw, article.keywords) == ("رويترز", "الحرة", "غزة")

    def test_blanks_that_are_still_escaped_are_blanks(self) -> None:
        text = f"العنوان\nتاريخ النشر:&nbsp;25th, June 2024 GMT\n&nbsp;\n{BODY}\n&#160; &nbsp;\nالمصدر:&nbsp;الحرة"
        article = read_page(text).article
        assert (article.body, article.outlet_raw, str(article.date)) == (BODY, "الحرة", "2024-06-25")

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

    @pytest.mark.parametrize("label", ["تاريخ النشر", "المصدر", "كلمات دلالية", "اقرأ أيضاً"])
    def test_a_title_may_begin_like_a_label(self, label: str) -> None:
        title = f"{label}: لا اتفاق حتى الآن"
        article = read_page(f"{title}\nتاريخ النشر: 25th, June 2024 GMT\n{BODY}").article
        assert (article.title, str(article.date), article.body) == (title, "2024-06-25", BODY)

    def test_a_document_in_an_article_has_a_date_of_its_own(self) -> None:
        text = "صدر أمس أمر ملكي فيما يلي نصه:\n\nبسم الله\n\nالتاريخ: 9/10/1436هـ\n\nأمرنا بما هو آت."
        article = read_page(text).article
        assert (article.date, article.title_inferred, article.body) == (None, True, text)

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

    @pytest.mark.parametrize(
        ("title", "between"),
        [
            ("الأهلي يلتقي فودنزفيل السويسري", "نايف عبدالله – عين اليوم\n"),
            ("الجبير يزور قطر", ""),
            ("دعم النقابات يرتفع بـ30 بالمائة", ""),
            ("بلا تهمة.. قصة طويلة..", ""),
        ],
    )
    def test_the_first_line_of_a_page_without_date_and_blank_lines_is_its_title(self, title: str, between: str) -> None:
        body = "قال الوزير إن الاجتماع الذي عقد أمس في العاصمة كان جيدا ومثمرا لكل من حضره من الوفود."
        article = read_page(f"{title}\n{between}{body}\nالمصدر: الحرة\nكلمات دلالية: غزة").article
        assert (article.title, article.title_inferred, article.date) == (title, False, None)
        assert article.body == "\n\n".join([*between.splitlines(), body])
        assert read_page(f"{title}\n{between}{body}\nكلمات دلالية: غزة").article.title == title

    @pytest.mark.parametrize(
        "first", ["سلوى سعد – مكة المكرمة", "جدة 26 شوال 1436 هـ الموافق 11 أغسطس 2015 م واس", "علي أحمد"]
    )
    def test_a_name_or_a_dateline_is_no_title(self, first: str) -> None:
        body = "قال الوزير إن الاجتماع الذي عقد أمس في العاصمة كان جيدا ومثمرا لكل من حضره من الوفود."
        assert read_page(f"{first}\n{body}\nالمصدر: الحرة").article.title_inferred

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
    @pytest.mark.parametrize("bullet", ["  • ", "- ", "* ", "•", "\u00a0•\u00a0", "– ", "◾ ", "\u200f• ", "🔹"])
    def test_bullets_and_space_are_stripped(self, bullet: str) -> None:
        text = f"{BODY}\n\nمقالات مشابهة\n\n{bullet}خبر أول\u00a0\n{bullet}50 قتيلا"
        page = read_page(text)
        assert page.article.similar_headlines == ("خبر أول", "50 قتيلا")
        assert page.article.body == BODY

    def test_lines_without_bullets_count_where_no_line_has_one(self) -> None:
        assert read_page(f"{BODY}\nمقالات مشابهة:\nخبر\nآخر").article.similar_headlines == ("خبر", "آخر")

    def test_other_lines_among_bullets_do_not_count(self) -> None:
        assert read_page(f"{BODY}\nمقالات مشابهة\n• خبر\nجميع الحقوق محفوظة").article.similar_headlines == ("خبر",)

    def test_a_headline_that_begins_like_a_label_is_a_headline(self) -> None:
        trailer = "المصدر: الحرة\nكلمات دلالية: غزة\nإقرأ أيضاً:\nعنوان ثان\nنص ثان."
        page = read_page(f"{BODY}\n{trailer}\nمقالات مشابهة\n• خبر\n• المصدر: لا اتفاق\n• كلمات دلالية: درس")
        assert page.article.similar_headlines == ("خبر", "المصدر: لا اتفاق", "كلمات دلالية: درس")
        assert (page.article.outlet, page.related[0].body) == ("الحرة", "نص ثان.")
