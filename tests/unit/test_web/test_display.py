"""Language, digits and calendar: in the URL, in every link, and in nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from html import unescape
from html.parser import HTMLParser
from typing import cast
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from searchapp.errors import InvalidRequest, UsageError
from searchapp.index import Index
from searchapp.model import Article, SearchRequest
from searchapp.web.addresses import article_url
from searchapp.web.app import create_app
from searchapp.web.display import CHOICES, Display, mended, pairs, parse
from searchapp.web.site import Site

MakeClient = Callable[..., FlaskClient]
PAGES = (
    "/",
    "/search",
    "/search?q=الوزير",
    "/outlets",
    "/compare",
    "/compare?q=الوزير",
    "/help",
    "/article/n1",
    "/nothing/here",
    "/search?page=x",
)
DISPLAYS = st.builds(Display, *(st.sampled_from(CHOICES[name]) for name in ("ui", "digits", "cal")))


class Arabic(HTMLParser):
    """Collects Arabic in the body that no element around it marks as another language, direction or run."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.unmarked: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        marked = tag in {"bdi", "title"} or ("lang", "ar") in attrs or ("dir", "auto") in attrs
        if tag not in {"meta", "link", "input", "br"}:
            self.open.append((tag, marked))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        if re.search("[ء-ي]", data) and not any(marked for _, marked in self.open):
            self.unmarked.append(data)


@given(DISPLAYS)
def test_choices_come_back_through_their_url(choices: Display) -> None:
    assert parse(pairs(choices)) == choices


def test_defaults_are_left_out() -> None:
    assert pairs(Display()) == ()
    assert pairs(Display("en", "arab", "hijri")) == (("digits", "arab"), ("cal", "hijri"), ("ui", "en"))


@pytest.mark.parametrize("name", CHOICES)
def test_a_choice_that_is_none_is_named(name: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        parse([("ui", "en"), (name, "klingon")])
    assert caught.value.parameter == name
    assert mended([(name, "klingon"), ("x", "y")]) == Display()


@pytest.mark.parametrize("address", PAGES)
def test_every_page_is_there_in_both_languages(make_client: MakeClient, news: list[Article], address: str) -> None:
    client = make_client(news)
    arabic = client.get(address).text
    english = client.get(f"{address}{'&' if '?' in address else '?'}ui=en").text
    assert '<html lang="ar" dir="rtl">' in arabic
    assert '<html lang="en" dir="ltr">' in english
    assert "News archive" not in arabic
    assert "أرشيف الأخبار" not in english
    assert "%(" not in arabic + english
    foreign = Arabic()
    foreign.feed(english)
    assert address == "/help" or foreign.unmarked == []


@pytest.mark.parametrize("address", PAGES)
def test_links_and_forms_keep_the_choices(make_client: MakeClient, news: list[Article], address: str) -> None:
    client = make_client(news)
    html = client.get(f"{address}{'&' if '?' in address else '?'}ui=en&digits=arab").text
    body = html.split("<body")[1].split("<footer")[0]
    kept = {"ui": ["en"], "digits": ["arab"]}
    for link in re.findall(r'<a [^>]*?href="(/[^"]*)"', body):
        if not link.startswith("/raw/"):
            asked = parse_qs(urlsplit(unescape(link)).query)
            assert {name: asked.get(name) for name in kept} == kept, link
    for form in re.findall(r"<form.*?</form>", body, re.S):
        assert 'name="ui" value="en"' in form
        assert 'name="digits" value="arab"' in form


def test_numbers_are_in_the_digits_asked_for(make_client: MakeClient, news: list[Article]) -> None:
    html = make_client(news).get("/search?digits=arab").text
    assert ">٣١ خبرًا<" in html
    assert "(٢)" in html


def test_the_switch_of_language_keeps_the_page(make_client: MakeClient, news: list[Article]) -> None:
    client = make_client(news)
    html = client.get("/search?q=الوزير&source=صحيفة+4&digits=arab&page=1").text
    address = unescape(re.findall(r'<a href="([^"]*)"[^>]*>English</a>', html)[0])
    assert parse_qs(urlsplit(address).query) == {"q": ["الوزير"], "source": ["صحيفة 4"], "page": ["1"], "ui": ["en"]}
    assert "2 articles" in client.get(address).text


@pytest.mark.parametrize("article_id", ["a/b//c", "..", "~..", "خبر 1", "100%", "a?b#c"])
def test_the_switch_of_language_keeps_an_article_of_any_id(make_client: MakeClient, article_id: str) -> None:
    client = make_client([Article(id=article_id, title="عنوان", body="نص")])
    with client.application.test_request_context():
        address = article_url(article_id, SearchRequest(q="نص"))
    switch = unescape(re.findall(r'<a href="([^"]*)"[^>]*>English</a>', client.get(address).text)[0])
    assert switch == f"{address}&ui=en"
    assert client.get(switch).status_code == 200


def test_a_page_in_another_language_has_another_tag(make_client: MakeClient) -> None:
    client = make_client([])
    tags = {client.get(address).headers["ETag"] for address in ("/", "/?ui=en", "/?digits=arab", "/?ui=ar")}
    assert len(tags) == 3


def test_a_language_that_we_do_not_have_is_an_error_page_in_ours(make_client: MakeClient) -> None:
    response = make_client([]).get("/search?ui=fr&digits=arab&q=x")
    assert response.status_code == 400
    assert "لغة الصفحات ar" in response.text
    assert 'href="/search?q=x&amp;digits=arab"' in response.text


def test_one_request_leaves_no_choices_to_the_next(make_client: MakeClient) -> None:
    client = make_client([])
    client.get("/?ui=en")
    assert 'lang="ar"' in client.get("/").text


@pytest.mark.parametrize(
    ("asked", "led_to"),
    [
        ("/?q=نص", "/search?q=نص"),
        ("/?ui=en&q=a+b&source=الجزيرة&source=سانا", "/search?q=a+b&source=الجزيرة&source=سانا&ui=en"),
        ("/?q=%0D%0ASet-Cookie:x", "/search?q=\r\nSet-Cookie:x"),
    ],
)
def test_a_search_asked_of_the_first_page_leads_to_its_results(
    make_client: MakeClient, asked: str, led_to: str
) -> None:
    client = make_client([])
    response = client.get(asked)
    assert response.status_code == 302
    assert unquote(response.headers["Location"]) == led_to
    assert set(response.headers.keys()) >= {"Content-Security-Policy", "X-Content-Type-Options"}
    assert client.get(asked, follow_redirects=True).status_code == 200


@pytest.mark.parametrize("asked", ["/?q=", "/?q=+", "/?source=x", "/?ui=en"])
def test_the_first_page_without_a_search_stays_what_it_is(make_client: MakeClient, asked: str) -> None:
    assert make_client([]).get(asked).status_code == 200


def test_today_is_the_readers_day(monkeypatch: pytest.MonkeyPatch) -> None:
    class Clock(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return datetime(2026, 3, 3, 22, 30, tzinfo=ZoneInfo("UTC")).astimezone(cast("ZoneInfo", tz))

    monkeypatch.setattr("searchapp.web.site.datetime", Clock)
    days = [Site(cast("Index", None), "", ZoneInfo(zone)).today() for zone in ("UTC", "Asia/Riyadh")]
    assert days == [date(2026, 3, 3), date(2026, 3, 4)]


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd"])
def test_a_time_zone_that_is_not_known_is_refused(zone: str) -> None:
    with pytest.raises(UsageError, match="IANA"):
        create_app(cast("Index", None), time_zone=zone)
