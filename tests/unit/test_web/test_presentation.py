"""Counts, dates and runs of text on an Arabic page."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchapp.model import Snippet
from searchapp.web.presentation import (
    ARTICLES,
    Run,
    counted,
    day,
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


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "لا أخبار"), (1, "خبر واحد"), (2, "خبران"), (3, "3 أخبار"), (10, "10 أخبار"), (11, "11 خبرًا"),
        (99, "99 خبرًا"), (100, "100 خبر"), (102, "102 خبر"), (103, "103 أخبار"), (111, "111 خبرًا"),
        (31030, "31,030 خبرًا"),
    ],
)  # fmt: skip
def test_the_noun_fits_the_number(value: int, words: str) -> None:
    assert counted(value, ARTICLES) == words


def test_the_dual_bends_after_a_preposition() -> None:
    assert counted(2, ARTICLES, oblique=True) == "خبرين"


def test_dates_are_written_out() -> None:
    assert day(date(2024, 6, 25)) == "25 يونيو 2024"
    assert weekday(date(2024, 6, 25)) == "الثلاثاء"
    assert [partial_date(value) for value in ("2024", "2024-06", "2024-06-05")] == [
        "2024",
        "يونيو 2024",
        "5 يونيو 2024",
    ]


@pytest.mark.parametrize("value", [None, "-", ""])
def test_an_outlet_that_is_not_known_is_said_so(value: str | None) -> None:
    assert outlet(value) == "منفذ غير معروف"


@given(snippets())
def test_runs_keep_the_text_and_its_marks(snippet: Snippet) -> None:
    found = runs(snippet)
    assert written(found) == snippet.text
    assert marked(found) == "".join(snippet.text[start:end] for start, end in snippet.spans)


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
    assert [written((run,)) for run in found if run.isolated] == ["The White House (@WhiteHouse"]
    assert marked(found) == "The"


def test_an_iso_date_is_isolated_so_that_it_does_not_turn_round() -> None:
    found = runs(Snippet("نُشر في 2015-08-11 صباحًا"))
    assert [written((run,)) for run in found if run.isolated] == ["2015-08-11"]


def test_a_tweet_is_a_paragraph_with_a_direction_of_its_own() -> None:
    found = paragraphs(Snippet("قال البيت الأبيض\n\nThe White House is lit up. pic.twitter.com/D\nوأكد بلينكن CNN"))
    assert [paragraph.foreign for paragraph in found] == [False, True, False]


@pytest.mark.parametrize(("text", "foreign"), [("CNN: قالت وزارة الخارجية", False), ("2024", False), ("hello", True)])
def test_a_text_is_foreign_when_it_begins_so_and_most_of_it_is(text: str, foreign: bool) -> None:
    assert is_foreign(text) is foreign
