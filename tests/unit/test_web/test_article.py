"""The page of an article, its raw page, the first page, and health."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

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
        '<p dir="auto">The White House is lit up. pic.twitter.com/D</p>',
        "البوابة نيوز",
        "نقلًا عن <bdi>رويترز</bdi>",
        'الثلاثاء <time datetime="2024-06-25">25 يونيو 2024</time>',
        "تاريخ النشر كما أعلنه المنفذ: <bdi>25th, June 2024 GMT</bdi>",
        "فی غزة بلينكن",
        "<li>هدنة في غزة</li>",
        '<li dir="auto">Gaza truce</li>',
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


def test_the_copies_of_the_story_are_listed(make_client: MakeClient) -> None:
    copies = [replace(ARTICLE, id=f"c{n}", outlet=f"منفذ {n}") for n in range(3)]
    html = make_client([], copies=copies).get("/article/c1").text
    assert "نُشر في 3 نسخ" in html
    assert 'href="/article/c2"' in html
    assert 'href="/article/c1"' not in html.split('id="copies"')[1].split("</section>")[0]


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


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
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


def test_the_first_page_says_what_the_archive_holds(make_client: MakeClient, news: list[Article]) -> None:
    html = make_client(news).get("/").text
    assert "31 خبرًا من 15 منفذًا" in html
    assert "1 يونيو 2024" in html
    assert "15 يونيو 2024" in html
    assert "<bdi>صحيفة 4</bdi>" in html
    assert 'role="search"' in html


def test_an_empty_archive_says_how_to_fill_it(make_client: MakeClient) -> None:
    assert "searchapp index PATH" in make_client([]).get("/").text


def test_health_gives_the_generation(make_client: MakeClient) -> None:
    assert make_client([]).get("/healthz").json == {"status": "ok", "generation": 7}
