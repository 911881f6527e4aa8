"""Feeds of the newest articles: Atom and JSON Feed."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from searchapp.web.atom import atom_document
from searchapp.web.feed_items import Feed, Item, address, instant
from searchapp.web.json_feed import json_document

ATOM = "{http://www.w3.org/2005/Atom}"
FORMS = ["atom", "feed.json"]


def entries(client: FlaskClient, address: str) -> list[Element]:
    return fromstring(client.get(address).data).findall(f"{ATOM}entry")  # noqa: S314 - our own document


def links(element: Element) -> dict[str, str]:
    return {link.attrib["rel"]: link.attrib["href"] for link in element.findall(f"{ATOM}link")}


def is_just_now(moment: str) -> bool:
    """Whether a time in UTC is that of this run."""
    return abs(datetime.now(tz=UTC) - datetime.fromisoformat(moment)) < timedelta(minutes=30)


def titles(found: list[Element]) -> list[str]:
    return [entry.findtext(f"{ATOM}title", "") for entry in found]


def test_the_fifty_newest_come_first_whatever_order_the_page_has(client: FlaskClient) -> None:
    for order in ("", "&sort=relevance", "&sort=oldest"):
        found = titles(entries(client, f"/search.atom?q=قمر{order}"))
        assert (len(found), found[:2]) == (50, ["قمر 130", "قمر 129"])


def test_further_pages_are_linked_and_hold_the_rest_once(client: FlaskClient) -> None:
    address: str | None = "/search.atom?q=قمر"
    seen: list[str] = []
    while address:
        feed = fromstring(client.get(address).data)  # noqa: S314
        seen += titles(feed.findall(f"{ATOM}entry"))
        related = links(feed)
        assert related["first"].endswith("/search.atom?q=%D9%82%D9%85%D8%B1")
        assert related["alternate"].endswith("/search?q=%D9%82%D9%85%D8%B1")
        assert ("previous" in related) == ("page=" in related["self"])
        address = related.get("next")
    assert seen == [f"قمر {number}" for number in range(130, 0, -1)]


def test_late_arrivals_come_first_by_the_time_of_indexing(client: FlaskClient) -> None:
    assert titles(entries(client, "/search.atom?q=قمر&by=indexed"))[:2] == ["قمر 1", "قمر 2"]
    record = client.get("/search.feed.json?by=indexed&q=قمر&page=3").json
    assert record is not None
    assert [item["title"] for item in record["items"]][-1] == "قمر 130"
    assert "next_url" not in record
    assert client.get("/search.atom?by=size").status_code == 400


def test_an_item_says_what_is_known_and_links_only_to_the_web(client: FlaskClient) -> None:
    found = {
        links(entry)["alternate"].rsplit("/", 1)[1]: entry for entry in entries(client, "/search.atom?q=رابط OR غريب")
    }
    web, script, hostile = found["web"], found["script"], found["h"]
    assert links(web)["via"] == "https://news.example/a?b=1&c=2"
    assert "via" not in links(script)
    assert web.findtext(f"{ATOM}author/{ATOM}name") == "س"
    assert hostile.findtext(f"{ATOM}published") == "2024-06-25T12:00:00Z"
    assert web.find(f"{ATOM}published") is None
    assert is_just_now(web.findtext(f"{ATOM}updated", ""))
    assert hostile.findtext(f"{ATOM}title", "").startswith("=cmd|'/c calc'!A1 <b>&]]>\u202eكلمة")


def test_ids_outlive_a_change_of_address_and_of_query(client: FlaskClient) -> None:
    first = [entry.findtext(f"{ATOM}id") for entry in entries(client, "/search.atom?q=قمر 3&ui=en")]
    again = entries(client, "/search.atom?q=القمر")
    assert set(first) & {entry.findtext(f"{ATOM}id") for entry in again}
    assert all(re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", str(identifier)) for identifier in first)
    other = client.get("/search.atom?q=قمر 3", headers={"Host": "other.example"})
    feed = fromstring(other.data)  # noqa: S314
    assert links(feed)["self"].startswith("http://other.example/")
    assert [entry.findtext(f"{ATOM}id") for entry in feed.findall(f"{ATOM}entry")] == first


@pytest.mark.parametrize("form", FORMS)
def test_an_unchanged_feed_is_not_sent_again(client: FlaskClient, form: str) -> None:
    response = client.get(f"/search.{form}?q=قمر")
    again = client.get(f"/search.{form}?q=قمر&sort=oldest", headers={"If-None-Match": response.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert response.headers["X-Robots-Tag"] == "noindex"


def test_the_feed_speaks_the_readers_language(client: FlaskClient) -> None:
    feed = fromstring(client.get("/search.atom?ui=en").data)  # noqa: S314
    title = feed.find(f"{ATOM}title")
    assert title is not None
    assert (title.text, title.attrib["{http://www.w3.org/XML/1998/namespace}lang"]) == ("News of the archive", "en")
    assert links(feed)["alternate"].endswith("/search?ui=en")


@given(st.dates(), st.integers(-12, 11))
def test_no_time_zone_shifts_the_day(day: date, hours: int) -> None:
    written = instant(day)
    assert written.startswith(day.isoformat().rjust(10, "0"))
    assert 0 <= 12 + hours < 24


@pytest.mark.parametrize(
    ("url", "written"),
    [
        ("https://y/خبر?a=1&b=%20(x)#ج", "https://y/خبر?a=1&b=%20(x)#ج"),
        ("https://y/a b\tc\u202e\x9f", "https://y/a%20b%09c%E2%80%AE%C2%9F"),
        ('https://y/100%?q="<{|}>`^\\', "https://y/100%25?q=%22%3C%7B%7C%7D%3E%60%5E%5C"),
        ("https://y/\x00\ud800\ufffd", "https://y/%EF%BF%BD"),
    ],
)
def test_addresses_of_outlets_are_addresses_in_feeds_whatever_stands_in_them(url: str, written: str) -> None:
    assert address(url) == written


TEXT = st.text(st.characters(), max_size=30)


@st.composite
def feeds(draw: st.DrawFn) -> Feed:
    item = st.builds(
        Item,
        id=st.just("urn:x"),
        title=TEXT,
        page=st.just("http://x/"),
        source=st.sampled_from([None, "https://y/?a=1&b=\x00<"]),
        outlets=st.tuples(TEXT),
        day=st.one_of(st.none(), st.dates()),
        changed=st.one_of(st.none(), st.datetimes(timezones=st.just(UTC))),
        summary=TEXT,
    )
    values: dict[str, Any] = {"id": "urn:f", "page": "http://x/", "here": "http://x/", "first": "http://x/"}
    items = tuple(draw(st.lists(item, max_size=3)))
    return Feed(title=draw(TEXT), previous=None, next=None, items=items, **values)


@given(feeds())
def test_any_text_makes_a_document_that_can_be_read(feed: Feed) -> None:
    assert len(fromstring(atom_document(feed)).findall(f"{ATOM}entry")) == len(feed.items)  # noqa: S314
    assert json_document(feed).decode()
