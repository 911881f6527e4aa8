"""The page of results: what it says, what it links, and that no query makes it fail."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from html import unescape
from typing import Any, get_args
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from searchapp.model import (
    Article,
    Correction,
    CorrectionKind,
    NoteCode,
    QueryNote,
    SearchRequest,
    UnderstoodTerm,
)
from searchapp.web.links import SearchLinks
from searchapp.web.pages import NOTES, Pager, pager
from searchapp.web.strings import gettext

MakeClient = Callable[..., FlaskClient]


def links(html: str) -> list[tuple[str, str]]:
    """Every link of a page as (address, text)."""
    found = re.findall(r'<a[^>]*? href="([^"]*)"[^>]*>(.*?)</a>', html, re.S)
    return [(unescape(address), " ".join(unescape(re.sub("<[^>]+>", "", text)).split())) for address, text in found]


def link(html: str, text: str) -> str:
    """The address of the first link whose text contains this."""
    return next(address for address, words in links(html) if text in words)


def test_the_count_agrees_with_its_noun(make_client: MakeClient, news: list[Article]) -> None:
    client = make_client(news)
    assert "30 خبرًا" in client.get("/search?q=الوزير").text
    assert ">خبر واحد<" in client.get("/search?q=ولا").text


def test_without_words_every_article_is_there_the_newest_first(make_client: MakeClient, news: list[Article]) -> None:
    html = make_client(news).get("/search").text
    assert "31 خبرًا" in html
    assert html.index("خبر رقم 28") < html.index("خبر رقم 22")


def test_whole_words_are_marked(make_client: MakeClient, news: list[Article]) -> None:
    assert "<mark>الوزير</mark> في واشنطن" in make_client(news).get("/search?q=وزير").text


def test_a_hit_leads_to_its_article_with_the_search(make_client: MakeClient, news: list[Article]) -> None:
    client = make_client(news)
    address = link(client.get("/search?q=الوزير&source=صحيفة+3").text, "خبر رقم 3")
    assert parse_qs(urlsplit(address).query) == {"q": ["الوزير"], "source": ["صحيفة 3"]}
    html = client.get(address).text
    assert "<mark>الوزير</mark>" in html
    assert urlsplit(link(html, "عُد إلى نتائج البحث")).path == "/search"


def test_clicking_an_outlet_gives_the_number_that_it_promised(make_client: MakeClient, news: list[Article]) -> None:
    client = make_client(news)
    address = link(client.get("/search?q=الوزير&page=2").text, "صحيفة 4 (2)")
    assert parse_qs(urlsplit(address).query) == {"q": ["الوزير"], "source": ["صحيفة 4"]}
    html = client.get(address).text
    assert ">خبران<" in html
    assert 'aria-current="true"' in html
    assert link(html, "أزل المنفذ: صحيفة 4").startswith("/search?q=")
    assert "source" not in parse_qs(urlsplit(link(html, "امسح الكل")).query)


def test_the_box_keeps_the_filters_and_starts_from_the_first_page(make_client: MakeClient, news: list[Article]) -> None:
    html = make_client(news).get("/search?q=الوزير&when=2024-06&sort=oldest&page=2").text
    form = html[html.index('<form class="box"') :].split("</form>")[0]
    assert re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form) == [("when", "2024-06"), ("sort", "oldest")]


def test_the_form_of_dates_keeps_the_rest(make_client: MakeClient, news: list[Article]) -> None:
    html = make_client(news).get("/search?q=الوزير&from=2024-06-02&source=صحيفة+4").text
    form = html[html.index('<form class="range"') :].split("</form>")[0]
    assert 'name="from" type="date" value="2024-06-02"' in form
    assert re.findall(r'type="hidden" name="(\w+)"', form) == ["q", "source"]


def test_pages_are_told_to_browsers(make_client: MakeClient, news: list[Article]) -> None:
    html = make_client(news).get("/search?q=الوزير&page=2&utm_source=x").text
    head = unescape(html.split("</head>")[0])
    q = "%D8%A7%D9%84%D9%88%D8%B2%D9%8A%D8%B1"
    assert f'<link rel="canonical" href="http://localhost/search?q={q}&page=2">' in head
    assert f'<link rel="prev" href="/search?q={q}">' in head
    assert f'<link rel="next" href="/search?q={q}&page=3">' in head


def test_a_page_after_the_last_leads_back(make_client: MakeClient, news: list[Article]) -> None:
    response = make_client(news).get("/search?q=الوزير&page=90")
    assert response.status_code == 200
    assert parse_qs(urlsplit(link(response.text, "آخر صفحة")).query)["page"] == ["3"]


def paged(request: SearchRequest) -> Pager:
    return pager(request, 123_456, SearchLinks(request, "/search", "/article/"))


def test_the_pager_ends_where_the_window_of_results_does() -> None:
    found = paged(SearchRequest(q="غزة", page=6))
    assert found.last == 1000
    assert [(entry.page, entry.gap) for entry in found.links] == [
        (1, False), (4, True), (5, False), (6, False), (7, False), (8, False), (1000, True),
    ]  # fmt: skip
    assert paged(SearchRequest(page=1000)).next is None


def correction(kind: CorrectionKind, text: str, total: int, **request: Any) -> Correction:
    return Correction(kind, text, SearchRequest(**request), total)


def test_nothing_found_says_which_filter_to_drop(make_client: MakeClient, news: list[Article]) -> None:
    without = correction("filter", "when=1999", 2, q="الوزير", sources=("صحيفة 4",))
    html = make_client(news, corrections=[without]).get("/search?q=الوزير&source=صحيفة+4&when=1999").text
    assert "لا نتائج عن" in html
    assert link(html, "تزيل المرشِّح «التاريخ: 1999»") == f"/search?q={quote('الوزير')}&source={quote('صحيفة')}+4"
    assert "فتجد خبرين" in html
    assert "تزيل المرشِّح «المنفذ" not in html


def test_nothing_found_without_any_one_filter_drops_them_all(make_client: MakeClient, news: list[Article]) -> None:
    plain = correction("filter", "", 30, q="الوزير")
    html = make_client(news, corrections=[plain]).get("/search?q=الوزير&source=لا&when=1999").text
    assert link(html, "تمسح كل المرشِّحات") == f"/search?q={quote('الوزير')}"
    assert "فتجد 30 خبرًا" in html


def test_nothing_found_offers_other_words_and_fewer(make_client: MakeClient, news: list[Article]) -> None:
    others = [
        correction("spelling", "وزير الخارجية", 12, q="وزير الخارجية"),
        correction("fewer_words", "وزير", 40, q="وزير"),
        correction("unquoted", "وزير خارجبة", 3, q="وزير خارجبة"),
    ]
    html = make_client(news, corrections=others).get("/search?q=زقزق").text
    assert link(html, "تبحث عن: وزير الخارجية") == f"/search?q={quote('وزير')}+{quote('الخارجية')}"
    assert "فتجد 12 خبرًا" in html
    assert link(html, "تبحث بكلمات أقل: وزير")
    assert link(html, "تبحث بلا علامتي تنصيص: وزير خارجبة")
    assert "هل تقصد" not in html  # said once


def test_below_a_few_hits_stands_what_finds_more(make_client: MakeClient, news: list[Article]) -> None:
    wider = [correction("filter", "source=صحيفة 1", 9, q="الوزير")]
    html = make_client(news[:3], corrections=wider).get("/search?q=الوزير&source=صحيفة+1").text
    assert html.index("/article/n1") < html.index("لتجد أكثر يمكنك أن:") < html.index("فتجد 9 أخبار")
    assert "لتجد أكثر" not in make_client(news, corrections=wider).get("/search?q=الوزير").text


def test_a_relaxed_search_offers_fewer_words(make_client: MakeClient, news: list[Article]) -> None:
    wider = [correction("fewer_words", "الوزير", 40, q="الوزير")]
    html = make_client(news, corrections=wider, relaxed=True).get("/search?q=الوزير").text
    assert 'بكلمات أقل: <a href="' in html


def test_an_inferred_title_is_marked_so(make_client: MakeClient, news: list[Article]) -> None:
    html = make_client([replace(news[0], title_inferred=True)]).get("/search").text
    assert "عنوان مستنتج من المتن" in html


def test_an_article_without_title_date_and_outlet_says_so(make_client: MakeClient, news: list[Article]) -> None:
    html = make_client([news[-1]]).get("/search").text
    for words in ("بلا عنوان", "بلا تاريخ", "منفذ غير معروف"):
        assert words in html


def test_copies_are_named_and_counted(make_client: MakeClient, news: list[Article]) -> None:
    copies = [replace(news[0], id=f"c{n}", outlet=f"منفذ {n}") for n in range(6)]
    html = make_client([copies[0]], copies=copies).get("/search").text
    assert "نُشر أيضًا في <bdi>منفذ 1</bdi> و<bdi>منفذ 2</bdi>" in html
    assert "<summary>+3 منافذ</summary>" in html
    assert link(html, "منفذ 3، منفذ 4، منفذ 5").endswith("#copies")


@pytest.mark.parametrize("code", get_args(NoteCode))
def test_every_note_has_words(make_client: MakeClient, news: list[Article], code: NoteCode) -> None:
    html = make_client(news, notes=[QueryNote(code), QueryNote(code, "<من>")]).get("/search?q=الوزير").text
    assert gettext(NOTES[code]) in html
    assert "<bdi>&lt;من&gt;</bdi>" in html


def test_notes_of_one_kind_are_one_remark(make_client: MakeClient, news: list[Article]) -> None:
    notes = [QueryNote("stray_operator", detail) for detail in ("AND", "*", "AND")]
    html = make_client(news, notes=notes).get("/search?q=الوزير").text
    assert "فلم نأخذ به: <bdi>AND</bdi>، <bdi>*</bdi></p>" in html


def test_relaxed_results_say_so_and_tell_the_hits_apart(
    make_client: MakeClient, news: list[Article], fake_index: Callable[..., Any]
) -> None:
    index = fake_index(news, relaxed=True)
    html = make_client(index).get("/search?q=الوزير").text
    assert "فأضفنا ما فيه بعضها" in html
    assert "فيه بعض الكلمات" not in html
    found = index.search(SearchRequest(q="الوزير"))
    index.search = lambda request: replace(found, hits=(replace(found.hits[0], relaxed=False), *found.hits[1:]))
    assert make_client(index).get("/search?q=الوزير").text.count("فيه بعض الكلمات") == len(found.hits) - 1


def test_where_every_hit_lacks_words_and_all_are_on_the_page_none_has_them_all(
    make_client: MakeClient, news: list[Article], fake_index: Callable[..., Any]
) -> None:
    index = fake_index(news, relaxed=True)
    found = index.search(SearchRequest(q="الوزير"))
    lacking = tuple(replace(hit, relaxed=True) for hit in found.hits)
    none, few = "ليس في الأرشيف خبر فيه كل الكلمات", "فأضفنا ما فيه بعضها"
    for hits, total, said in (
        (lacking, len(lacking), none),
        (lacking, len(lacking) + 1, few),  # one that has them all may stand on another page
        ((replace(lacking[0], relaxed=False), *lacking[1:]), len(lacking), few),
    ):
        index.search = lambda request, hits=hits, total=total: replace(found, hits=hits, total=total)
        html = make_client(index).get("/search?q=الوزير").text
        assert said in html
        assert (none in html) != (few in html)


def test_other_spellings_are_told_and_can_be_left_out_or_taken_in_again(
    make_client: MakeClient, news: list[Article], fake_index: Callable[..., Any]
) -> None:
    index = fake_index(news)
    found = index.search(SearchRequest(q="الوزير"))
    assert "التهجئات" not in make_client(index).get("/search?q=الوزير").text.split('class="understood"')[1]
    term = UnderstoodTerm("تلسكوب", ("تلسكوب",), variants=("تليسكوب", "تلسكب"))
    index.search = lambda request: replace(found, query=replace(found.query, terms=(term,)))
    html = make_client(index).get("/search?q=الوزير").text
    assert "وبتهجئات أخرى: <bdi>تليسكوب</bdi>، <bdi>تلسكب</bdi>" in html
    assert parse_qs(urlsplit(link(html, "اترك التهجئات الأخرى")).query) == {"q": ["الوزير"], "variants": ["0"]}
    html = make_client(index).get("/search?q=الوزير&variants=0").text
    assert parse_qs(urlsplit(link(html, "ابحث بالتهجئات الأخرى أيضًا")).query) == {"q": ["الوزير"]}


def test_hits_that_lack_some_words_stand_apart_and_are_not_counted(
    make_client: MakeClient, news: list[Article], fake_index: Callable[..., Any]
) -> None:
    index = fake_index(news)
    found = index.search(SearchRequest(q="ولا"))
    more = replace(found.hits[0], rank=2, id="n1", relaxed=True)
    index.search = lambda request: replace(found, hits=(*found.hits, more))
    html = make_client(index).get("/search?q=ولا").text
    assert ">خبر واحد<" in html
    assert html.index("bare") < html.index("وهذه أخبار فيها بعض كلمات البحث") < html.index("/article/n1")


def test_a_correction_is_offered_and_keeps_the_filters(make_client: MakeClient, news: list[Article]) -> None:
    meant = correction("spelling", "بلينكن", 3, q="بلينكن", sources=("صحيفة 1",))
    html = make_client(news, corrections=[meant], relaxed=True).get("/search?q=الوزير&source=صحيفة+1").text
    assert "هل تقصد" in html
    assert '<span class="number">(3)</span>؟' in html
    assert parse_qs(urlsplit(link(html, "بلينكن")).query) == {"q": ["بلينكن"], "source": ["صحيفة 1"]}


@pytest.mark.parametrize("q", ["ا", "كلمة " * 300, "،؛؟!.", '" ( AND *', "\x00", "%", "'", "\u202e", "😀", "a" * 4000])
def test_any_query_is_answered_with_a_page(make_client: MakeClient, news: list[Article], q: str) -> None:
    client = make_client(news)
    assert client.get("/search", query_string={"q": q}).status_code == 200
    assert client.get("/article/n1", query_string={"q": q}).status_code == 200


@pytest.fixture
def few(make_client: MakeClient, news: list[Article]) -> FlaskClient:
    return make_client(news[:2])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(["q", "source", "from", "when", "page", "sort", "x"]), st.text(max_size=20)))
def test_no_url_is_an_error_of_ours(few: FlaskClient, values: dict[str, str]) -> None:
    assert few.get("/search", query_string=values).status_code in (200, 400)


def test_dates_of_hits_are_written_for_people_and_programs(make_client: MakeClient, news: list[Article]) -> None:
    html = make_client([replace(news[0], date=date(2024, 6, 25))]).get("/search").text
    assert '<time datetime="2024-06-25">25 يونيو 2024</time>' in html
    assert '<span class="hijri">19 ذو الحجة 1445 هـ</span>' in html


@pytest.mark.parametrize(
    ("cal", "there", "gone"), [("gregorian", "25 يونيو 2024", "1445"), ("hijri", "19 ذو الحجة 1445 هـ", "25 يونيو")]
)
def test_one_calendar_can_be_asked_for(
    make_client: MakeClient, news: list[Article], cal: str, there: str, gone: str
) -> None:
    html = make_client([replace(news[0], date=date(2024, 6, 25))]).get(f"/search?cal={cal}").text
    hits = html[html.index('class="hits"') :].split("</ol>")[0]
    assert f'<time datetime="2024-06-25">{there}</time>' in hits
    assert gone not in hits


def test_a_date_that_the_hijri_calendar_does_not_cover_is_gregorian(
    make_client: MakeClient, news: list[Article]
) -> None:
    html = make_client([replace(news[0], date=date(1900, 1, 2))]).get("/search?cal=hijri").text
    assert '<time datetime="1900-01-02">2 يناير 1900</time>' in html


def test_an_outlet_can_be_left_out_and_put_back(make_client: MakeClient, news: list[Article]) -> None:
    client = make_client(news)
    address = link(client.get("/search?q=الوزير").text, "استبعد صحيفة 4")
    assert parse_qs(urlsplit(address).query) == {"q": ["الوزير"], "not_source": ["صحيفة 4"]}
    html = client.get(address).text
    assert "28 خبرًا" in html
    assert "not_source" not in link(html, "أعده صحيفة 4")
    assert link(html, "أزل ما عدا: صحيفة 4")


def test_how_the_search_was_understood_can_be_switched_to_the_very_forms(
    make_client: MakeClient, news: list[Article]
) -> None:
    client = make_client(news)
    address = link(client.get("/search?q=الوزير").text, "ابحث بالصيغ نفسها فقط")
    assert parse_qs(urlsplit(address).query)["exact"] == ["1"]
    assert "exact" not in link(client.get(address).text, "ابحث بكل صيغ الكلمات")


def test_the_results_are_within_what_a_page_may_weigh(make_client: MakeClient, news: list[Article]) -> None:
    assert len(gzip.compress(make_client(news).get("/search?per_page=25").data)) <= 20_000
