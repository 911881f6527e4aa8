"""Comparing searches, or outlets, over time: the page, the counts and the tables."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import date
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from xml.etree import ElementTree

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from searchapp.config import LIMITS
from searchapp.errors import InvalidRequest, LimitExceeded
from searchapp.model import SearchRequest
from searchapp.web.compare_chart import nice_step, percent
from searchapp.web.compare_request import Comparison, compare_url, of_search, pairs, parse

TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8).map(lambda text: f"ق{text.strip()}")
filters = st.builds(
    SearchRequest,
    sources=st.sets(TEXT, max_size=LIMITS.compared).map(sorted).map(tuple),
    not_sources=st.sets(TEXT, max_size=2).map(sorted).map(tuple),
    date_from=st.none() | st.dates(max_value=date(2000, 1, 1)),
    date_to=st.none() | st.dates(min_value=date(2000, 1, 1)),
    when=st.sets(st.sampled_from(("2024", "2024-02", "2024-02-29"))).map(sorted).map(tuple),
    exact=st.booleans(),
    field=st.sampled_from(("all", "title")),
    sort=st.just("newest"),
    histogram=st.sampled_from((None, "day", "week", "month", "year")),
)
words = TEXT.map(lambda text: " ".join(text.split()))
comparisons = st.one_of(
    st.builds(Comparison, st.lists(words, max_size=5, unique=True).map(tuple), filters, st.just(False), st.booleans()),
    st.builds(Comparison, st.lists(words, max_size=1).map(tuple), filters, st.just(True), st.booleans()),
)


@given(comparisons)
def test_a_comparison_comes_back_through_its_url(comparison: Comparison) -> None:
    assert parse(pairs(comparison)) == comparison


@given(
    st.lists(st.tuples(st.sampled_from(("q", "by", "share", "page", "interval", "x")), st.sampled_from("q1كoutlet0")))
)
def test_any_url_is_read_or_refused_with_its_reason(values: list[tuple[str, str]]) -> None:
    try:
        comparison = parse(values)
    except (InvalidRequest, LimitExceeded):
        return
    assert parse(pairs(comparison)) == comparison


def test_a_search_is_compared_by_its_words_or_by_its_outlets() -> None:
    search = SearchRequest(q="قمر", sources=("سبق",), page=3, per_page=50, undated=True, sort="oldest")
    assert pairs(of_search(search)) == (("q", "قمر"), ("source", "سبق"))
    assert pairs(of_search(SearchRequest(sort="newest"))) == (("by", "outlet"),)
    several = SearchRequest(q="قمر", sources=("سبق", "عكاظ"))
    assert pairs(of_search(several)) == (("q", "قمر"), ("source", "سبق"), ("source", "عكاظ"), ("by", "outlet"))


@pytest.mark.parametrize(
    ("highest", "step"), [(0, 1), (1, 1), (4, 1), (5, 2), (16, 5), (47, 20), (400, 100), (401, 200)]
)
def test_grid_lines_are_at_round_numbers(highest: float, step: float) -> None:
    assert nice_step(highest, whole=True) == step


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0%"), (1, "100%"), (0.5, "50.0%"), (0.0321, "3.2%"), (0.00321, "0.32%"), (0.000321, "0.032%")],
)
def test_shares_are_as_fine_as_their_size_asks_for(share: float, text: str) -> None:
    assert percent(share) == text


def points(html: str) -> list[tuple[str, str]]:
    """The title and the address of every point."""
    drawn = html.split('<svg class="lines"')[1].split("</figure>", maxsplit=1)[0]
    found = re.findall(r'<a href="([^"]*)"[^>]*><title>(.*?)</title>', drawn)
    return [(unescape(title), unescape(address)) for address, title in found]


def table(html: str) -> Iterator[list[str]]:
    for row in re.findall(r"<tr>(.*?)</tr>", html.split("<tbody>")[1], re.DOTALL):
        yield [unescape(re.sub(r"<[^>]*>", "", cell)) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)]


def total(client: FlaskClient, address: str) -> Any:
    answer = client.get(address.replace("/search?", "/search.json?")).json
    assert answer is not None
    return answer["total"]


@pytest.mark.parametrize(
    "asked",
    [
        "q=القمر&q=النجم",
        "q=القمر&q=النجم&interval=year&share=1",
        "q=القمر&q=مضيء&source=عكاظ&from=2022-03-04&to=2023-05-06&interval=month",
        "q=القمر&by=outlet&interval=year",
        "by=outlet&source=سبق&source=عكاظ&when=2022",
    ],
)
def test_each_point_leads_to_the_articles_that_it_counts(client: FlaskClient, asked: str) -> None:
    html = client.get(f"/compare?{asked}&ui=en").text
    found = points(html)
    assert found
    for title, address in found[:: max(1, len(found) // 12)]:
        counted = re.search(r"(\d+) articles?\)?$", title)
        assert counted is not None, title
        assert total(client, address) == int(counted[1])


def test_lines_stand_on_one_scale_of_time(client: FlaskClient) -> None:
    html = client.get("/compare?q=القمر&q=النجم&interval=year").text
    assert list(table(html)) == [["2022", "13", "24"], ["2023", "12", "24"], ["2024", "5", "12"]]
    assert html.count('<polyline class="line series-') == 2


def test_shares_are_of_all_articles_of_the_time(client: FlaskClient) -> None:
    html = client.get("/compare?q=القمر&q=النجم&interval=year&share=1").text
    assert next(table(html)) == ["2022", "35.1% (13)", "64.9% (24)"]
    assert "منسوبًا إلى كل أخبار تلك المدة" in html


def test_shares_of_an_outlet_are_of_its_own_articles(client: FlaskClient) -> None:
    record = client.get("/compare.json?q=القمر&by=outlet&source=سبق&source=عكاظ&interval=year&share=1").json
    assert record is not None
    assert [line["outlet"] for line in record["lines"]] == ["سبق", "عكاظ"]
    for line in record["lines"]:
        address = f"/search?source={line['outlet']}&from={record['starts'][0]}&to=2022-12-31"
        assert total(client, address) == line["whole"][0]
        assert line["shares"][0] == pytest.approx(line["counts"][0] / line["whole"][0], abs=1e-5)


def test_without_chosen_outlets_those_with_most_articles_are_compared(client: FlaskClient) -> None:
    html = client.get("/compare?q=القمر&by=outlet").text
    assert html.count('<li><svg class="key') == 3
    assert len(re.findall(r'name="source" value="[^"]*" checked', html)) == 3


def test_where_the_archive_has_nothing_a_line_has_a_gap(client: FlaskClient) -> None:
    """As the articles are ten days apart, some weeks have none; in others there is one, but not of the moon."""
    html = client.get("/compare?q=القمر&interval=week&to=2022-06").text
    cells = {row[1] for row in table(html)}
    assert cells == {"–", "0", "1"}
    assert html.count("<polyline") > 1


def test_a_line_can_be_removed(client: FlaskClient) -> None:
    html = client.get("/compare?q=القمر&q=النجم&share=1").text
    removed = re.findall(r'<a class="remove" href="([^"]*)"', html)
    assert [dict(parse_qsl(urlsplit(unescape(address)).query))["q"] for address in removed] == ["النجم", "القمر"]
    outlets = client.get("/compare?q=القمر&by=outlet").text
    rest = unescape(re.findall(r'<a class="remove" href="([^"]*)"', outlets)[0])
    assert client.get(rest).text.count('<li><svg class="key') == 2


def test_words_that_few_articles_have_all_of_are_not_widened(client: FlaskClient) -> None:
    record = client.get("/compare.json?q=القمر+النجم&q=القمر&interval=year").json
    assert record is not None
    assert [line["total"] for line in record["lines"]] == [0, 30]


def test_the_csv_has_a_column_a_line_and_no_formula(client: FlaskClient) -> None:
    answer = client.get("/compare.csv?q==القمر&q=النجم&interval=year&share=1")
    assert answer.content_type == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert rows[0] == ["start", "end", "'=القمر", "النجم", "'=القمر (share)", "النجم (share)"]
    assert rows[1] == ["2022-01-01", "2022-12-31", "13", "24", "0.351351", "0.648649"]
    by_outlet = client.get("/compare.csv?by=outlet&interval=year").text
    assert "'=الوطن" in by_outlet


def test_tables_are_told_in_json_too(client: FlaskClient) -> None:
    record = client.get("/compare.json?q=القمر&interval=year").json
    assert record == {
        "by": "q",
        "interval": "year",
        "first": "2022-01-01",
        "last": "2024-05-20",
        "generation": 1000001,
        "starts": ["2022-01-01", "2023-01-01", "2024-01-01"],
        "lines": [{"q": "القمر", "outlet": None, "total": 30, "counts": [13, 12, 5]}],
    }


def test_answers_are_kept_while_they_hold(client: FlaskClient) -> None:
    for address in ("/compare?q=القمر", "/compare.csv?q=القمر", "/compare.json?q=القمر"):
        first = client.get(address)
        assert first.headers["X-Robots-Tag"] == "noindex"
        assert client.get(address, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ("q=1&q=2&q=3&q=4&q=5&q=6", "has 6, and the limit is 5"),
        ("by=outlet&" + "&".join(f"source={n}" for n in range(6)), "has 6, and the limit is 5"),
        ("by=outlet&q=1&q=2", "of one search only"),
        ("by=moon", "of one search only"),
        ("share=perhaps", "is 1 or 0"),
        ("interval=hour", "day, week, month or year"),
    ],
)
def test_what_cannot_be_compared_is_refused_with_its_reason(client: FlaskClient, asked: str, reason: str) -> None:
    page = client.get(f"/compare?{asked}&ui=en")
    assert page.status_code == 400
    assert reason in page.text
    table_ = client.get(f"/compare.json?{asked}")
    assert (table_.status_code, table_.content_type) == (400, "application/problem+json")


@pytest.mark.parametrize("asked", ["", "q=", "q=زقزقزق", "q=زقزقزق&share=1", "by=outlet&q=زقزقزق", "q=القمر&from=2030"])
def test_where_there_is_nothing_to_draw_the_page_says_so(client: FlaskClient, asked: str) -> None:
    html = client.get(f"/compare?{asked}").text
    assert '<svg class="lines"' not in html
    assert "<form" in html.split("</header>")[1]
    assert client.get(f"/compare.csv?{asked}").status_code == 200
    assert client.get(f"/compare.json?{asked}").status_code == 200


@pytest.mark.parametrize("asked", ["q=القمر+<b>%26&q=النجم", "by=outlet&share=1&digits=arab", "q=القمر&interval=week"])
def test_it_is_drawn_well_and_without_style_of_its_own(client: FlaskClient, asked: str) -> None:
    html = client.get(f"/compare?{asked}").text
    assert " style=" not in html
    drawn = html.split("<figure>")[1].split("</figure>")[0]
    ElementTree.fromstring(f"<figure>{drawn}</figure>")  # noqa: S314 - our own page


def test_filters_hold_for_every_line_and_can_be_taken_away(client: FlaskClient) -> None:
    html = client.get("/compare?q=القمر&q=النجم&source=سبق&to=2022-12-31").text
    chips = [unescape(address) for address in re.findall(r'<a class="chip" href="([^"]*)"', html)]
    assert [sorted(dict(parse_qsl(urlsplit(chip).query))) for chip in chips] == [["q", "to"], ["q", "source"]]


def test_the_address_is_canonical(app: Flask, client: FlaskClient) -> None:
    html = client.get("/compare?share=1&utm_source=x&to=2023&q=القمر&q=النجم&q=القمر&by=q").text
    with app.test_request_context():
        wanted = compare_url(
            Comparison(("القمر", "النجم"), SearchRequest(sort="newest", date_to=date(2023, 12, 31)), share=True)
        )
    found = re.search(r'<link rel="canonical" href="([^"]*)"', html)
    assert found is not None
    assert unescape(found[1]).endswith(wanted)
