"""Where words begin and end."""

from __future__ import annotations

from itertools import pairwise

import pytest

from searchapp.analysis.tokenizer import TOKEN_CHARACTERS, Tokenizer

CASES = {
    "words between spaces": ("وزير الخارجية", ["وزير", "الخارجية"]),
    "punctuation": ("«قال»، ثم: سكت؟! (نعم)", ["قال", "ثم", "سكت", "نعم"]),
    "marks stay inside": ("كِتَابٌ جديدٌ", ["كِتَابٌ", "جديدٌ"]),
    "tatweel stays inside": ("الـــكتاب", ["الـــكتاب"]),
    "invisible characters do not split": (
        "كتا\u200fب نرم\u200cافزار a\u00adb",
        ["كتا\u200fب", "نرم\u200cافزار", "a\u00adb"],
    ),
    "a mark alone is no token": ("\u064b \u0301 نعم", ["نعم"]),
    "a direction mark before a word is not part of it": ("\u200fنعم", ["نعم"]),
    "letters and digits are one token": ("كوفيد19 24ساعة covid19", ["كوفيد19", "24ساعة", "covid19"]),
    "separators inside a number": ("1,000.5 ٣٫١٤ ١٬٠٠٠", ["1,000.5", "٣٫١٤", "١٬٠٠٠"]),
    "a direction mark inside a number": ("5.\u200f26", ["5.\u200f26"]),
    "a separator at a number's end": ("عام 2024. ثم 5, 6", ["عام", "2024", "ثم", "5", "6"]),
    "two separators side by side": ("1..2", ["1", "2"]),
    "an Arabic comma between digits": ("2،5", ["2", "5"]),
    "a date": ("25/06/2024 10:30", ["25", "06", "2024", "10", "30"]),
    "hashtags": ("#وزارة_الخارجية_الأميركية", ["وزارة", "الخارجية", "الأميركية"]),
    "underscores alone": ("__ _a_ _", ["a"]),
    "a forgotten space after a full stop": ("الدولي.وقال", ["الدولي", "وقال"]),
    "a forgotten space after a colon": ("الكهرباء:رغم", ["الكهرباء", "رغم"]),
    "an address": ("pic.twitter.com/Ab1", ["pic", "twitter", "com", "Ab1"]),
    "superscript digits and symbols": ("كم² ½ ® ™ €5", ["كم", "5"]),
    "Arabic and Latin": ("الـBBC عربي", ["الـBBC", "عربي"]),
    "letters above the basic plane": ("\U00010330\U00010331 \U0001d41a", ["\U00010330\U00010331", "\U0001d41a"]),
    "pictures": ("نعم😀نعم 👨\u200d👩\u200d👧", ["نعم", "نعم"]),
    "control characters and lone surrogates": ("أ\x00ب\ud800ج\udfff", ["أ", "ب", "ج"]),
    "nothing": ("", []),
    "only punctuation": ('" ( AND* ) ".', ["AND"]),
}


@pytest.mark.parametrize(("text", "surfaces"), CASES.values(), ids=CASES)
def test_a_text_is_cut_into_these_words(text: str, surfaces: list[str]) -> None:
    assert [text[start:end] for start, end in Tokenizer().spans(text)] == surfaces


def test_a_picture_elsewhere_does_not_change_how_words_are_cut() -> None:
    text = "كِتَابٌ_كوفيد19 1,000.5 الـ\u200fBBC كم²"
    assert list(Tokenizer().spans(text + "😀")) == list(Tokenizer().spans(text))


def test_an_endless_word_is_cut_into_pieces() -> None:
    text = "ب" * (2 * TOKEN_CHARACTERS + 1)
    edges = [0, TOKEN_CHARACTERS, 2 * TOKEN_CHARACTERS, len(text)]
    assert list(Tokenizer().spans(text)) == list(pairwise(edges))


def test_a_word_of_the_greatest_length_is_whole() -> None:
    assert list(Tokenizer().spans("ب" * TOKEN_CHARACTERS)) == [(0, TOKEN_CHARACTERS)]
