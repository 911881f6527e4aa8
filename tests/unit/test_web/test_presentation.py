"""Counts, dates and runs of text on an Arabic page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchapp.model import Snippet
from searchapp.web import display
from searchapp.web.display import Display
from searchapp.web.presentation import (
    Run,
    day,
    direction,
    hijri_day,
    is_foreign,
    outlet,
    paragraphs,
    partial_date,
    runs,
    weekday,
)


@st.composite
def snippets(draw: st.DrawFn) -> Snippet:
    text = draw(st.text(st.sampled_from("ابت abZ.2-0\n "), max_size=60))
    edges = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8)))
    return Snippet(text, tuple(zip(edges[::2], edges[1::2], strict=False)))


def written(found: tuple[Run, ...]) -> str:
    return "".join(part.text for run in found for part in run.parts)


def marked(found: tuple[Run, ...]) -> str:
    return "".join(part.text for run in found for part in run.parts if part.marked)


def test_dates_are_written_out() -> None:
    assert day(date(2024, 6, 25)) == "25 يونيو 2024"
    assert weekday(date(2024, 6, 25)) == "الثلاثاء"
    assert [partial_date(value) for value in ("2024", "2024-06", "2024-06-05")] == [
        "2024",
        "يونيو 2024",
        "5 يونيو 2024",
    ]


@pytest.fixture
def shown() -> Callable[..., None]:
    """Shows what follows otherwise than by default."""
    return lambda **choices: display.use(Display(**choices))


def test_dates_and_numbers_are_in_the_readers_language_and_digits(shown: Callable[..., None]) -> None:
    shown(digits="arab")
    assert day(date(2024, 6, 25)) == "٢٥ يونيو ٢٠٢٤"
    assert hijri_day(date(2024, 6, 25)) == "١٩ ذو الحجة ١٤٤٥ هـ"
    assert display.number(31030) == "٣١٬٠٣٠"
    shown(ui="en")
    assert day(date(2024, 6, 25)) == "25 June 2024"
    assert hijri_day(date(2024, 6, 25)) == "19 Dhu al-Hijjah 1445 AH"
    assert partial_date("2024-06") == "June 2024"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (date(1924, 7, 31), ""),
        (date(1924, 8, 1), "1 محرم 1343 هـ"),
        (date(2015, 8, 10), "25 شوال 1436 هـ"),
        (date(2077, 11, 16), "30 ذو الحجة 1500 هـ"),
        (date(2077, 11, 17), ""),
        (date(1, 1, 1), ""),
        (date(9999, 12, 31), ""),
    ],
)
def test_hijri_dates_reach_as_far_as_the_calendar_does(value: date, words: str) -> None:
    assert hijri_day(value) == words


def test_a_text_runs_as_its_letters_do() -> None:
    assert [direction(text) for text in ("غزة", "Gaza truce", "2024", "")] == ["rtl", "ltr", "rtl", "rtl"]


@pytest.mark.parametrize("value", [None, "-", ""])
def test_an_outlet_that_is_not_known_is_said_so(value: str | None) -> None:
    assert outlet(value) == "منفذ غير معروف"


@given(snippets())
def test_runs_keep_the_text_and_its_marks(snippet: Snippet) -> None:
    found = runs(snippet)
    assert written(found) == snippet.text
    assert marked(found) == "".join(snippet.text[start:end] for start, end in snippet.spans)


@pytest.mark.parametrize("before", ["\u200f", "قال \u200f", "\u202b\ufeff"])
def test_a_mark_takes_in_invisible_characters_before_its_word(before: str) -> None:
    word = (len(before), len(before) + 5)
    found = runs(Snippet(f"{before}القمر قال", (word,)))
    assert written(found) == f"{before}القمر قال"
    assert marked(found) == f"{before.removeprefix('قال ')}القمر"


@given(snippets())
def test_paragraphs_keep_the_lines_and_their_marks(snippet: Snippet) -> None:
    found = paragraphs(snippet)
    lines = [line.lstrip() for line in snippet.text.split("\n") if line.strip()]
    assert [written(paragraph.runs) for paragraph in found] == lines
    words = "".join(snippet.text[start:end] for start, end in snippet.spans)
    kept = "".join(marked(paragraph.runs) for paragraph in found)
    assert "".join(kept.split()) == "".join(words.split())


def test_foreign_words_inside_an_arabic_sentence_are_isolated_with_their_marks() -> None:
    text = "قالت The White House (@WhiteHouse) أمس."
    found = runs(Snippet(text, ((5, 8),)))
    assert [written((run,)) for run in found if run.isolated] == ["The White House (@WhiteHouse)"]
    assert marked(found) == "The"


@pytest.mark.parametrize(
    ("text", "isolated"),
    [
        ("(CNN) قالت", ["CNN"]),
        ("وغرد: Für Frieden in Gaza! ثم", ["Für Frieden in Gaza"]),
        ("قال (Die Lage (in Gaza)) اليوم", ["Die Lage (in Gaza)"]),
        ("شركة Apple)", ["Apple"]),
    ],
)
def test_a_foreign_run_keeps_its_own_brackets_and_leaves_the_sentences_own(text: str, isolated: list[str]) -> None:
    assert [written((run,)) for run in runs(Snippet(text)) if run.isolated] == isolated


def test_an_iso_date_is_isolated_so_that_it_does_not_turn_round() -> None:
    found = runs(Snippet("نُشر في 2015-08-11 صباحًا"))
    assert [written((run,)) for run in found if run.isolated] == ["2015-08-11"]


def test_the_groups_of_a_telephone_number_keep_their_order() -> None:
    found = runs(Snippet("للاستفسار: +966 11 123 4567. وربح +3 نقاط"))
    assert [written((run,)) for run in found if run.isolated] == ["+966 11 123 4567"]


def test_a_tweet_is_a_paragraph_with_a_direction_of_its_own() -> None:
    found = paragraphs(Snippet("قال البيت الأبيض\n\nThe White House is lit up. pic.twitter.com/D\nوأكد بلينكن CNN"))
    assert [paragraph.foreign for paragraph in found] == [False, True, False]


@pytest.mark.parametrize(("text", "foreign"), [("CNN: قالت وزارة الخارجية", False), ("2024", False), ("hello", True)])
def test_a_text_is_foreign_when_it_begins_so_and_most_of_it_is(text: str, foreign: bool) -> None:
    assert is_foreign(text) is foreign
