"""Dates are read in full or not at all."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from searchapp.ingest.dates import parse_date


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
    ],
)
def test_ways_to_write_the_25th_of_june_2024(text: str) -> None:
    assert str(parse_date(text)) == "2024-06-25"


@pytest.mark.parametrize(
    ("name", "month"),
    [
        *(("كانون الثاني", 1), ("شباط", 2), ("آذار", 3), ("أفريل", 4), ("ماي", 5), ("يوليوز", 7), ("تموز", 7)),
        *(("آب", 8), ("غشت", 8), ("أوت", 8), ("شتنبر", 9), ("تشرين الأول", 10), ("تشرين الثاني", 11), ("نونبر", 11)),
        *(("دجنبر", 12), ("كانون الأول", 12), ("ديسمبر", 12), ("sept.", 9)),
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
        "25/06/24",
        "25 شوال 1436 هـ",
        "25/10/1436",
        "1436-10-25",
        "2024-13-01",
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
