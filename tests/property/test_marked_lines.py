"""What is told at first sight about a line or a text is what reading it in full tells."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchapp.ingest.layout import body_paragraphs, furniture, lines, unmarked_paragraphs
from searchapp.ingest.layout.lines import Line, may_be_marked
from searchapp.ingest.layout.spelling import SIGNS_BEFORE, compiled
from searchapp.ingest.text import clean, printed_lines, trim, without_repeats

PHRASES = sorted(
    {
        phrase
        for module in (lines, furniture)
        for name, phrases in vars(module).items()
        if isinstance(phrases, tuple) and name not in {"_WHOLE", "_PLACES"}  # patterns; what stands only behind others
        for phrase in phrases
    }
)
SPELT_OTHERWISE = {"ا": "اأإآٱ", "أ": "اأإآٱ", "إ": "اأإآٱ", "ي": "يىی", "ك": "كک", "ه": "هةہۀ", "ة": "هةہۀ"}
BETWEEN = ["", "", "", "\u0640", "\u064e", "\u0670", "\u200f", "\u200b", "\ufeff", "\u061c", "\ue000", "\ue001"]
VALUES = [":", ": خبر", " خبر", "", " - خبر", "الخبر", " | تويتر", " إلى النشرة البريدية", " على تويتر", " وصور|"]
TEXTS = st.text(st.characters(exclude_categories=())) | st.text("اب \n\t\u00a0\u200f\u2028\x85\ud800.", max_size=30)


@st.composite
def marked_lines(draw: st.DrawFn) -> str:
    """A phrase in any spelling that is read, behind signs, with something after it."""
    written = []
    for letter in draw(st.sampled_from(PHRASES)):
        if letter == " ":
            written.append(draw(st.sampled_from([" ", "", "  ", "\u00a0"])))
        else:
            written += [draw(st.sampled_from(SPELT_OTHERWISE.get(letter, letter))), draw(st.sampled_from(BETWEEN))]
    return trim(draw(st.text(SIGNS_BEFORE, max_size=2)) + "".join(written) + draw(st.sampled_from(VALUES)))


@given(marked_lines() | st.text(max_size=12))
def test_a_line_that_is_marked_may_be_marked_at_first_sight(line: str) -> None:
    if lines._read_marked(line).kind != "text":
        assert may_be_marked(line)


@given(marked_lines() | st.text(max_size=12))
def test_the_letters_of_a_line_tell_what_its_spelling_tells(line: str) -> None:
    labels, furniture_lines = lines._LABELS, furniture._FURNITURE
    found, told = labels.match(line), compiled(labels._pattern).match(line)
    assert (found is None) == (told is None)
    assert furniture_lines.fullmatch(line) == (compiled(furniture_lines._pattern).fullmatch(line) is not None)
    if found and told:
        assert found.end() == told.end()
        assert {name for name, text in found.groupdict().items() if text} == {
            name for name, text in told.groupdict().items() if text
        }
        assert labels.may_match(line)


@pytest.mark.parametrize("before", ["•" * 200, "•" + "\u00a0" * 300, "(" + "\u200f" * 300, ""])
@pytest.mark.parametrize("between", [" ", " " * 300, "\u0640" * 300])
def test_a_label_is_seen_however_far_it_is_spread(before: str, between: str) -> None:
    line = f"{before}كلمات{between}دلالية: خبر"
    assert lines._read_marked(line).kind == "keywords"
    assert may_be_marked(line)


@pytest.mark.parametrize("phrase", PHRASES)
def test_every_phrase_is_seen_by_its_first_letters(phrase: str) -> None:
    assert lines._BEGINNINGS.may_begin(phrase)
    for sign in SIGNS_BEFORE.strip():
        assert lines._BEGINNINGS.may_begin(f"{sign}{phrase}")
        assert lines._BEGINNINGS.may_begin(f"{sign} {phrase}: خبر")


@pytest.mark.parametrize(
    "line", ["قال الوزير إن المصدر لم يذكر شيئا", "الرياض: أعلنت الوزارة", "(الاقتصادية) من الدمام"]
)
def test_lines_of_news_are_text_at_first_sight(line: str) -> None:
    assert not may_be_marked(line)
    assert lines.read_line(line) == lines._read_marked(line) == Line(line)


@given(st.lists(marked_lines() | st.sampled_from(["قال الوزير كذا.", "  وأضاف\u00a0كذا ", "قال  الوزير كذا."])))
def test_a_text_without_marked_lines_is_the_body_that_reading_line_by_line_gives(written: list[str]) -> None:
    text = "\n".join(written)
    told = unmarked_paragraphs(text)
    assert told is None or told == body_paragraphs(text)


@given(TEXTS)
def test_lines_of_plain_texts_are_those_of_any_text(text: str) -> None:
    assert printed_lines(text) == [line for line in map(trim, clean(text).splitlines()) if line]


@given(
    st.lists(st.sampled_from(["خبر عاجل", "خبر  عاجل", "خبر\u00a0عاجل", "خبر عاجل من الرياض عن الوزير", "خبر\tعاجل"]))
)
def test_paragraphs_that_differ_in_the_width_of_space_alone_are_kept_once(paragraphs: list[str]) -> None:
    kept = {" ".join(paragraph.split()): paragraph for paragraph in reversed(paragraphs)}
    assert sorted(without_repeats(paragraphs)) == sorted(kept.values())
