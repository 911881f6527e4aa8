"""Dates are read in full or not at all."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest

from searchapp.ingest.dates import date_in_url, last_possible_day, parse_date, read_date


@pytest.mark.parametrize(
    "text",
    [
        "25th, June 2024 GMT",
        "25 June 2024",
        "Jun 25, 2024",
        "Tue, 25 Jun 2024 23:59:59 -1100",
        "2024-06-25",
        "2024-06-25T23:59:59Z",
        "2024-06-25 00:00:01.5+14:00",
        "2024/06/25",
        "2024/6/25",
        "25/06/2024",
        "25-6-2024",
        "25.06.2024 10:30",
        "20240625",
        "20240625T101500",
        "20240625235959",
        "٢٥ يونيو ٢٠٢٤",
        "٢٥/٠٦/٢٠٢٤",
        "۲۰۲۴-۰۶-۲۵",
        "الثلاثاء 25 حزيران 2024",
        "الثلاثاء، ٢٥ حزيران/يونيو ٢٠٢٤",
        "يوم الثلاثاء 25 جوان 2024 م",
        "25 يونيه 2024 10:30 ص",
        "\u200f25 يونيو 2024\u00a0",
        "1719316800",
        "1719316800000",
        "1719316800.0",
        "Tue Jun 25 10:30:00 UTC 2024",
        "Tue Jun 25 23:59:59 +0000 2024",
        "June 25th, 2024 at 10:30 PM EST",
        "mardi 25 juin 2024 à 10h30",
        "2024-06-25T10:30:00 Asia/Riyadh",
        "Tue, 25 Jun 2024 10:30:00 (GMT+3)",
        "25-Jun-24",
        "Jun. 25, 2024",
        "25 Jun. 2024",
        "25\\6\\2024",
        "25/06/24",
        "25.06.2024",
        "25 من شهر يونيو عام 2024",
        "2024 يونيو 25",
        "25يونيو2024م",
        "25/يونيو/2024",
        "25 يونيو (حزيران) 2024",
        "25 حزيران يونيو 2024",
        "نشر في: 25 يونيو 2024 (آخر تحديث: 27 يونيو 2024)",
        "بتاريخ 25 يونيو 2024 الساعة 10 مساءً بتوقيت مكة المكرمة",
        "10:30 م | 25 يونيو 2024",
        "الثلاثاء ٢٥ يونيو ٢٠٢٤ - ١٠:٣٠ ص",
        "19 ذو الحجة 1445 هـ",
        "19 ذي الحجة 1445",
        "19ذوالحجة1445هـ",
        "19/12/1445هـ",
        "1445/12/19 هـ",
        "الثلاثاء 19 ذو الحجة 1445 هـ الموافق 25 حزيران 2024 م",
        "25-06-2024م الموافق 19-12-1445هـ",
        "الثلاثاء 25 يونيو 2024 (19 ذو الحجة 1445)",
    ],
)
def test_ways_to_write_the_25th_of_june_2024(text: str) -> None:
    assert str(parse_date(text)) == "2024-06-25"


@pytest.mark.parametrize(
    ("name", "month"),
    [
        *(("كانون الثاني", 1), ("شباط", 2), ("آذار", 3), ("أفريل", 4), ("ماي", 5), ("يوليوز", 7), ("تموز", 7)),
        *(("آب", 8), ("غشت", 8), ("أوت", 8), ("شتنبر", 9), ("تشرين الأول", 10), ("تشرين الثاني", 11), ("نونبر", 11)),
        *(("دجنبر", 12), ("كانون الأول", 12), ("ديسمبر", 12), ("sept.", 9), ("août", 8), ("février", 2)),
        *(("اذار", 3), ("ابريل", 4), ("نيسان", 4), ("ايار", 5), ("اب", 8), ("ايلول", 9), ("اكتوبر", 10)),
        *(("كانونالثاني", 1), ("كانون ثاني", 1), ("تشرين أول", 10), ("تشرينالثاني", 11), ("كانون أول", 12)),
        *(("يونية", 6), ("يوليه", 7), ("جويلية", 7), ("اغسطس", 8), ("أغشت", 8), ("شتمبر", 9), ("دجمبر", 12)),
        *(("أي النار", 1), ("النوار", 2), ("الربيع", 3), ("الطير", 4), ("الماء", 5), ("الصيف", 6), ("ناصر", 7)),
        *(("هانيبال", 8), ("الفاتح", 9), ("التمور", 10), ("الحرث", 11), ("الكانون", 12)),
    ],
)
def test_the_months_of_every_region(name: str, month: int) -> None:
    day = parse_date(f"3 {name} 2024")
    assert day is not None
    assert (day.month, day.day) == (month, 3)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "أمس",
        "اليوم",
        "يونيو 2024",
        "2024",
        "25 يونيو",
        "31 فبراير 2024",
        "29/02/2023",
        "06/25/2024",
        "25-06-24",
        "31 شوال 1436 هـ",
        "25 شوال 1336 هـ",
        "25 شوال 1601 هـ",
        "25/10/1436",
        "1403-04-05",
        "قبل ساعتين",
        "منذ 3 أيام",
        "أمس 10:30",
        "اليوم الثلاثاء",
        "آخر تحديث: 25 يونيو 2024",
        "25 يونيو 2024 - 27 يونيو 2024",
        "25 يونيو/آب 2024",
        "العدد 20240625 الصفحة 3",
        "25 يونيو 10:30",
        "1436-10-25",
        "2024-13-01",
        "20240625999999",
        "2024-00-10",
        "حزيران/مايو 3 2024",
        "3 كلام 2024",
        "في 25 يونيو 2024 كتب",
        "9" * 5000,
        "²⁵/06/2024 foo",
    ],
)
def test_what_is_not_a_date_for_certain_is_none(text: str) -> None:
    assert parse_date(text) is None


@pytest.mark.corpus
def test_the_strings_of_real_outlets(shared_data: Path) -> None:
    with (shared_data / "extract" / "raw_time_strings.tsv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    wrong = [row for row in rows if str(parse_date(row["raw_time"])).replace("-", "") != row["docno_date"]]
    assert rows
    assert not wrong


@pytest.mark.corpus
def test_the_days_that_newspapers_give_in_both_calendars(shared_data: Path) -> None:
    with (shared_data / "extract" / "hijri_gregorian_strings.tsv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    wrong = [row for row in rows if str(parse_date(row["string"])) != row["gregorian"]]
    assert rows
    assert not wrong


@pytest.mark.parametrize(
    ("text", "differ"),
    [
        ("25 شوال 1436 هـ الموافق 10 أغسطس 2015 م", False),
        ("24 شوال 1436 هـ الموافق 10 أغسطس 2015 م", False),
        ("25 شعبان 1436 هـ الموافق 10 أغسطس 2015 م", True),
        ("34 شوال 1436 هـ الموافق 10 أغسطس 2015 م", True),
    ],
)
def test_the_gregorian_day_counts_and_another_hijri_day_is_told(text: str, differ: bool) -> None:
    read = read_date(text)
    assert read is not None
    assert (str(read.day), read.calendars_differ) == ("2015-08-10", differ)


@pytest.mark.parametrize("zone", ["Z", "+14:00", "-12:00", " GMT", " +0300"])
def test_no_zone_moves_a_day(zone: str) -> None:
    days = {parse_date(f"2024-06-25T{time}{zone}") for time in ("00:00:00", "12:00:00", "23:59:59")}
    assert days == {date(2024, 6, 25)}


def test_a_year_of_two_figures_is_the_last_one() -> None:
    assert str(parse_date("25/06/98")) == "1998-06-25"
    assert str(parse_date("3 آب 21")) == "2021-08-03"


def test_a_day_after_the_last_possible_one_is_no_date() -> None:
    last = last_possible_day()
    later = last + timedelta(days=1)
    assert last > date.today()
    assert parse_date(last.isoformat(), last) == last
    assert parse_date(later.isoformat(), last) is None
    assert parse_date(f"{later.day} {later:%B} {later.year}", last) is None


@pytest.mark.parametrize(
    "path",
    [
        "/news/2024/6/25/title",
        "/2024/06/25/",
        "/2024/06/25",
        "/2024-06-25-1.3874341",
        "/2024/20240625/ln47.htm",
        "/new/Issues/20240625/Con20240625788923.htm",
        "/20240625/title",
        "/20240625.html",
        "/2024-06/25/c_1310.htm",
        "/2024/middle_east/6/25/syria/index.html",
        "/2024/06/25/title-20-6-2024?date=2019-01-01",
    ],
)
def test_the_day_that_an_address_names(path: str) -> None:
    assert str(date_in_url(f"https://www.example.com{path}")) == "2024-06-25"


@pytest.mark.parametrize(
    "url",
    [
        "https://x.com/",
        "https://x.com/2024/06/",
        "https://x.com/2024/06/251234.html",
        "https://x.com/202406251044893040-title/",
        "https://x.com/article_20240625",
        "https://x.com/title-2024-06-25",
        "https://x.com/2024/13/25/title",
        "https://x.com/2024/06/31/title",
        "https://x.com/1924/06/25/title",
        "https://x.com/2999/06/25/title",
        "https://x.com/2024/06/25/2024/06/26/",
        "https://x.com/node/20249999",
        "https://[x.com/2024/06/25/title",
        "",
    ],
)
def test_addresses_that_name_no_day(url: str) -> None:
    assert date_in_url(url) is None


def test_an_address_that_names_a_day_after_the_crawl_names_none() -> None:
    assert date_in_url("https://x.com/2024/06/25/a", latest=date(2024, 6, 20)) is None
    assert date_in_url("https://x.com/2024/06/25/a", latest=date(2024, 6, 24)) == date(2024, 6, 25)
