"""The page of an article, its raw page, the first page, and health."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from html import unescape
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from searchapp.model import Article
from searchapp.web.addresses import article_url
from searchapp.web.pages import web_address
from searchapp.web.parameters import parse

MakeClient = Callable[..., FlaskClient]

ARTICLE = Article(
    id="a1",
    title="بلينكن في القاهرة",
    body="قال بلينكن كلامًا.\n\nThe White House is lit up. pic.twitter.com/D\nانتهى",
    outlet="البوابة نيوز",
    agency="رويترز",
    date=date(2024, 6, 25),
    date_origin="declared",
    date_raw="25th, June 2024 GMT",
    keywords="فی غزة بلينكن",
    related=("a1.r1", "gone"),
    similar_headlines=("هدنة في غزة", "Gaza truce"),
    url="https://news.example/a?b=1&c=2",
)
RELATED = Article(id="a1.r1", title="الخبر الثاني", body="نصه", found_on="a1")


def test_the_article_shows_what_is_known_of_it(make_client: MakeClient) -> None:
    html = make_client([ARTICLE, RELATED]).get("/article/a1?q=بلينكن").text
    for words in (
        "<h1><mark>بلينكن</mark> في القاهرة</h1>",
        "<p>قال <mark>بلينكن</mark> كلامًا.</p>",
        '<p dir="ltr">The White House is lit up. pic.twitter.com/D</p>',
        "البوابة نيوز",
        "نقلًا عن <bdi>رويترز</bdi>",
        '<span>الثلاثاء</span><time datetime="2024-06-25">25 يونيو 2024</time>',
        "19 ذو الحجة 1445 هـ",
        "تاريخ النشر كما أعلنه المنفذ: <bdi>25th, June 2024 GMT</bdi>",
        "فی غزة بلينكن",
        "<li>هدنة في غزة</li>",
        '<li dir="ltr">Gaza truce</li>',
        'href="https://news.example/a?b=1&amp;c=2" rel="noopener noreferrer nofollow"',
        'href="/raw/a1"',
    ):
        assert words in html
    assert "الخبر الثاني" in html
    assert "gone" not in html


def test_an_article_found_on_anothers_page_leads_there(make_client: MakeClient) -> None:
    html = make_client([ARTICLE, RELATED]).get("/article/a1.r1").text
    assert "وُجد في صفحة خبر آخر" in html
    assert 'href="/article/a1"' in html
    assert "بلا تاريخ" in html


def test_an_article_without_text_says_so(make_client: MakeClient) -> None:
    html = make_client([replace(ARTICLE, body="", flags=("no_text",))]).get("/article/a1").text
    assert "ليس لهذا الخبر نص" in html


def test_the_copies_of_the_story_are_listed_by_date_with_what_differs(make_client: MakeClient) -> None:
    copies = [
        replace(ARTICLE, id="c0", outlet="منفذ 0", date=date(2024, 6, 27)),
        replace(ARTICLE, id="c1", outlet="منفذ 1", date=date(2024, 6, 26), body=f"{ARTICLE.body} بعد ساعات"),
        replace(ARTICLE, id="c2", outlet="منفذ 2", date=date(2024, 6, 25)),
        replace(ARTICLE, id="c3", outlet="منفذ 3", date=None),
    ]
    html = make_client([], copies=copies).get("/article/c0?q=بلينكن").text
    listed = html.split('id="copies"')[1].split("</section>")[0]
    assert 'نُشر أيضًا في <span class="number">(3)</span>' in listed
    assert re.findall(r"<bdi>(منفذ \d)</bdi></(?:a|b)>", listed) == ["منفذ 2", "منفذ 1", "منفذ 0", "منفذ 3"]
    assert f'href="/article/c2?q={quote("بلينكن")}"' in listed
    assert 'href="/article/c0' not in listed
    assert "بالكلمات نفسها" in listed
    assert f'href="/differences/c0?q={quote("بلينكن")}&amp;with=c1"' in listed
    assert "الفرق كلمتان" in listed


def test_what_differs_between_two_copies_is_a_page(make_client: MakeClient) -> None:
    copies = [replace(ARTICLE, id="c0"), replace(ARTICLE, id="c1", body=f"{ARTICLE.body} بعد <ساعات>"), RELATED]
    client = make_client([ARTICLE], copies=copies)
    html = client.get("/differences/c0?with=c1").text
    assert "<ins>بعد &lt;ساعات&gt;</ins>" in html
    assert 'href="/article/c0"' in html
    assert 'href="/article/c1"' in html
    assert "لا فرق بين النسختين" in client.get("/differences/c0?with=c0").text
    for other in ("", "?with=a1", "?with=none"):
        assert client.get(f"/differences/c0{other}").status_code == 404


def test_similar_articles_are_named(make_client: MakeClient, news: list[Article]) -> None:
    html = make_client([ARTICLE, *news], alike=[ARTICLE, *news]).get("/article/a1?q=بلينكن").text
    similar = html.split('id="similar"')[1].split("</section>")[0]
    assert similar.count("<li") == 6
    assert f'href="/article/n0?q={quote("بلينكن")}"><bdi>خبر رقم 0</bdi></a>' in similar
    assert 'id="similar"' not in make_client([ARTICLE]).get("/article/a1").text


def test_the_way_back_leads_to_the_place_in_the_results(make_client: MakeClient, news: list[Article]) -> None:
    html = make_client(news).get("/article/n5?q=الوزير&page=3&sort=oldest").text
    back = unescape(re.search(r'href="([^"]+)">عُد إلى نتائج البحث', html)[1])  # type: ignore[index]
    assert back == f"/search?q={quote('الوزير')}&sort=oldest&page=3"  # it is not on that page
    html = make_client(news).get("/article/n25?q=الوزير&page=3&sort=oldest").text
    assert 'page=3#hit-26">عُد' in html


def test_the_hits_before_and_after_are_one_click_away(make_client: MakeClient, news: list[Article]) -> None:
    client = make_client(news)
    html = client.get("/article/n19?q=الوزير&page=2&sort=oldest").text
    ways = {rel: unescape(address) for rel, address in re.findall(r'<a rel="(prev|next)" href="([^"]+)"', html)}
    assert ways["prev"] == f"/article/n18?q={quote('الوزير')}&sort=oldest&page=2"
    assert ways["next"] == f"/article/n20?q={quote('الوزير')}&sort=oldest&page=3"
    first = client.get("/article/n0?q=الوزير&sort=oldest").text
    assert 'rel="prev"' not in first
    assert 'rel="next"' in first
    assert 'rel="next"' not in client.get("/article/n0").text  # come to by no search


@pytest.mark.parametrize("hostile", ["//evil.example/", "https://evil.example", "javascript:alert(1)", '"><script>'])
def test_no_parameter_leads_away_from_the_site(make_client: MakeClient, hostile: str) -> None:
    query = urlencode(dict.fromkeys(("q", "source", "back", "next", "url", "return"), hostile))
    html = make_client([ARTICLE]).get(f"/article/a1?{query}").text
    addresses = [unescape(address) for address in re.findall(r'(?:href|action|src)="([^"]*)"', html)]
    ours = [address for address in addresses if "news.example" not in address]
    assert all(re.match(r"/(?!/)|#|http://localhost/", address) for address in ours)
    assert "<script>" not in html


def test_a_broken_search_in_the_address_is_told(make_client: MakeClient) -> None:
    assert make_client([ARTICLE]).get("/article/a1?q=x&page=first").status_code == 400


def test_only_the_permalink_is_for_search_engines(make_client: MakeClient) -> None:
    client = make_client([ARTICLE])
    assert "X-Robots-Tag" not in client.get("/article/a1").headers
    assert client.get("/article/a1?q=بلينكن").headers["X-Robots-Tag"] == "noindex"
    assert '<link rel="canonical" href="http://localhost/article/a1">' in client.get("/article/a1?q=بلينكن").text


def test_inferred_dates_and_titles_are_told(make_client: MakeClient) -> None:
    article = replace(ARTICLE, title_inferred=True, date_origin="inferred", date_raw=None)
    html = make_client([article]).get("/article/a1").text
    assert "عنوان مستنتج من المتن" in html
    assert "تاريخ مستنتج" in html


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "data:text/html,x", "ftp://a/b", "//a/b", "http://", "http://[", "", None, " JAVASCRIPT:x"],
)
def test_only_web_addresses_become_links(url: str | None) -> None:
    assert web_address(url) is None


def test_a_link_of_another_kind_is_not_on_the_page(make_client: MakeClient) -> None:
    html = make_client([replace(ARTICLE, url="javascript:alert(1)")]).get("/article/a1").text
    assert "javascript:" not in html


@pytest.fixture
def one_article(make_client: MakeClient, fake_index: Callable[..., Any]) -> tuple[FlaskClient, Any]:
    index = fake_index([])
    return make_client(index), index


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=12))
@example("..")
@example(".")
@example("~..")
@example(".0")
@example("a/../b")
@example("//x//")
@example("http://host/p?q=1#f")
@example("خبر رقم 1")
@example("100%")
@example(" \n")
def test_an_id_of_any_characters_has_a_page(one_article: tuple[FlaskClient, Any], article_id: str) -> None:
    client, index = one_article
    index.articles = (replace(ARTICLE, id=article_id),)
    with client.application.test_request_context():
        address = article_url(article_id, parse(()))
    assert address.count("/") == 2
    assert address.split("/")[-1] not in (".", "..")
    assert client.get(address).status_code == 200
    assert client.get(address.replace("/article/", "/raw/")).status_code == 200


def test_the_raw_page_is_plain_text_byte_for_byte(make_client: MakeClient) -> None:
    response = make_client([replace(ARTICLE, body="<script>alert(1)</script>")]).get("/raw/a1")
    assert response.data == b"<script>alert(1)</script>"
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"].endswith("sandbox")
    assert response.headers["Content-Disposition"].startswith('inline; filename="a1.txt"')


@pytest.mark.parametrize(("encoding", "charset"), [("cp1256", "windows-1256"), ("utf-16", "utf-16")])
def test_an_old_raw_page_is_served_in_its_own_encoding(
    one_article: tuple[FlaskClient, Any], monkeypatch: pytest.MonkeyPatch, encoding: str, charset: str
) -> None:
    client, index = one_article
    page = "التقى وزير الخارجية نظيره في العاصمة وبحث معه سبل التعاون بين البلدين.".encode(encoding)
    index.articles = (ARTICLE,)
    monkeypatch.setattr(index, "raw", lambda _: page)
    response = client.get("/raw/a1")
    assert (response.data, response.headers["Content-Type"]) == (page, f"text/plain; charset={charset}")


def test_the_first_page_says_what_the_archive_holds(make_client: MakeClient, news: list[Article]) -> None:
    html = make_client(news).get("/").text
    assert "31 خبرًا</a> من 15 منفذًا" in html
    assert "1 يونيو 2024" in html
    assert "15 يونيو 2024" in html
    assert "<bdi>صحيفة 4</bdi>" in html
    assert 'role="search"' in html


def test_an_empty_archive_says_how_to_fill_it(make_client: MakeClient) -> None:
    assert "searchapp index PATH" in make_client([]).get("/").text


def test_health_gives_the_generation(make_client: MakeClient) -> None:
    told = make_client([]).get("/healthz").json
    assert told is not None
    assert (told["status"], told["generation"]) == ("ok", 7)
