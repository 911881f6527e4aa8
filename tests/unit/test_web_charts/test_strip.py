"""The strip of bars: what each bar counts is what its link finds."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from urllib.parse import parse_qsl, urlsplit
from xml.etree import ElementTree

import pytest
from flask import Flask
from flask.testing import FlaskClient

from searchapp import intervals
from searchapp.index import Index
from searchapp.model import Histogram, SearchRequest
from searchapp.web import parameters
from searchapp.web.histogram import coverage


def bars(html: str) -> list[tuple[str, str]]:
    """The title and the address of each bar, in order."""
    svg = re.search(r'<svg class="bars.*?</svg>', html, re.DOTALL)
    found = re.findall(r'<a href="([^"]*)"[^>]*><title>(.*?)</title>', svg.group() if svg else "")
    return [(unescape(title), unescape(address)) for address, title in found]


def total(html: str) -> str:
    found = re.search(r'<h1 class="count" id="count">(.*?)<', html)
    assert found is not None
    return found[1]


@pytest.mark.parametrize(
    "search",
    [
        "q=القمر",
        "q=القمر&interval=year",
        "q=القمر&interval=week",
        "q=القمر&from=2022-02-05&to=2022-04-11&interval=month",
        "q=القمر&when=2022-02&when=2023-01-26&interval=week",
        "q=القمر&when=2022&undated=1",
        "source=عكاظ&not_source=سبق&q=مضيء",
        "",
    ],
)
def test_each_bar_leads_to_the_articles_that_it_counts(client: FlaskClient, search: str) -> None:
    found = bars(client.get(f"/search?{search}").text)
    assert found
    for title, address in found:
        assert title.endswith(f": {total(client.get(address).text)}")


def test_a_bar_zooms_in(client: FlaskClient) -> None:
    year = bars(client.get("/search?q=القمر&interval=year").text)[1]
    assert year[0] == "2023: 12 خبرًا"
    weeks = bars(client.get(year[1]).text)
    assert len(weeks) == 12
    assert all(title.startswith("من ") for title, _ in weeks)
    assert "interval=" not in year[1]


def test_time_runs_as_the_language_does_and_it_is_said(client: FlaskClient) -> None:
    def place(html: str, title: str) -> float:
        found = re.search(rf'{title}[^<]*</title><rect class="reach" x="([\d.]+)%"', html)
        assert found is not None
        return float(found[1])

    arabic = client.get("/search?interval=year").text
    english = client.get("/search?interval=year&ui=en").text
    assert place(arabic, "2022") > place(arabic, "2023") > place(arabic, "2024")
    assert place(english, "2022") < place(english, "2023") < place(english, "2024")
    assert 'aria-label="عدد الأخبار في كل عام. الزمن من اليمين إلى اليسار."' in arabic
    assert 'aria-label="Articles by year. Time runs from left to right."' in english


def test_the_strip_names_its_ends_and_its_highest_bar(client: FlaskClient) -> None:
    html = client.get("/search?interval=year&ui=en").text
    assert '<p class="ends"><span>2022</span><span>2024</span></p>' in html
    assert re.search(r"<text [^>]*>37</text>", html)


def test_it_is_drawn_well_and_without_style_of_its_own(client: FlaskClient) -> None:
    html = client.get("/search?q=القمر+<b>&interval=month&digits=arab").text
    assert " style=" not in html
    for svg in re.findall(r"<svg class=\"bars.*?</svg>", html, re.DOTALL):
        ElementTree.fromstring(svg)  # noqa: S314 - our own page


def test_the_figures_say_the_same_as_the_bars(client: FlaskClient) -> None:
    html = client.get("/search?q=القمر&interval=month").text
    table = re.search(r"<tbody>(.*?)</tbody>", html, re.DOTALL)
    assert table is not None
    rows = re.findall(r'<a href="([^"]*)"[^>]*>(.*?)</a></th><td class="number">(\d+)</td>', table[1])
    assert [unescape(address) for address, _, _ in rows] == [address for _, address in bars(html)]
    assert [title.split(":")[0] for title, _ in bars(html)] == [name for _, name, _ in rows]


def test_intervals_can_be_chosen_where_there_are_several(client: FlaskClient) -> None:
    html = client.get("/search?q=القمر").text
    offered = re.findall(r'<a href="([^"]*)"[^>]*data-instant="interval \d"', html)
    assert [parameters.parse(_pairs(address)).histogram for address in offered] == ["week", None, "year"]
    week = client.get("/search?q=القمر&interval=week").text
    assert re.search(r'interval=week"[^>]*aria-current="true"', week)
    assert "interval=week" in week.split('<nav class="sort"')[1]


def test_an_interval_that_is_too_fine_gives_way(client: FlaskClient) -> None:
    html = client.get("/search?interval=day").text
    assert "أسبوع" in html
    assert len(bars(html)) < 140


def test_years_that_nobody_can_mean_do_not_make_thousands_of_bars(app: Flask) -> None:
    interval = intervals.fitting(date.min, date.max)
    first, last = (intervals.number(interval, day) for day in (date.min, date.max))
    starts = intervals.starts(interval, first, last)
    counted = Histogram(interval, date.min, date.max, starts, (1,) * len(starts))
    with app.test_request_context():
        strip = coverage(SearchRequest(q="خبر"), counted)
    assert strip is not None
    titles = [title for title, _ in bars(str(strip.bars))]
    assert len(titles) == 100
    assert titles[-1].startswith("من 9900 إلى 9999: ")
    assert [choice.label for choice in strip.choices] == ["قرون"]
    assert len(strip.rows.split("<tr>")) == 101


def test_long_intervals_are_offered_for_long_ranges_alone(client: FlaskClient) -> None:
    html = client.get("/search?q=القمر").text
    assert ">أعوام<" in html
    assert ">عقود<" not in html
    assert ">قرون<" not in html


def test_an_interval_that_is_none_is_told(client: FlaskClient) -> None:
    answer = client.get("/search?interval=hour&ui=en")
    assert answer.status_code == 400
    assert "day, week, month or year" in answer.text


@pytest.mark.parametrize("search", ["q=زقزقزق", "undated=1", "q=القمر&undated=1&when=1999"])
def test_there_is_no_strip_where_nothing_has_a_date(client: FlaskClient, search: str) -> None:
    assert bars(client.get(f"/search?{search}").text) == []


def test_home_shows_the_whole_archive(client: FlaskClient, charted: Index) -> None:
    html = client.get("/").text
    counts = [int(count) for count in re.findall(r'<td class="number">(\d+)</td>', html)]
    assert len(counts) == len(bars(html)) == 30
    assert sum(counts) == charted.statistics().stories - 1
    assert "interval=" not in html


def test_json_holds_the_counts_when_an_interval_is_asked_for(client: FlaskClient) -> None:
    assert client.get("/search.json?q=القمر").json["histogram"] is None  # type: ignore[index]
    record = client.get("/search.json?q=القمر&interval=year").json
    assert record is not None
    assert record["histogram"] == {
        "interval": "year",
        "first": "2022-01-01",
        "last": "2024-05-20",
        "counts": [
            {"start": "2022-01-01", "count": 13},
            {"start": "2023-01-01", "count": 12},
            {"start": "2024-01-01", "count": 5},
        ],
    }


def _pairs(address: str) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(unescape(address)).query)
