"""What holds for the analysis of any text."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from pyarabic import araby

from searchapp.analysis.analyzer import default_analyzer
from searchapp.analysis.char_filters import clean
from searchapp.analysis.tokenizer import Tokenizer

# Every code point, lone surrogates too, and more often what news pages are made of.
COMMON = (
    "ابتةهويىأإآؤئلمنكفق ـ٠١٢۳45.,٫٬،:_-#«»\n\x00"
    "\u064b\u064e\u0651\u0670\u0654\u200b\u200c\u200f\ufeff\u00ad\u06cc\u06a9\ufefb\ufdfa"
)
texts = st.text(st.one_of(st.sampled_from(COMMON), st.characters(codec=None, exclude_categories=())), max_size=80)
words = st.text(st.sampled_from(araby.LETTERS + araby.ALEF_MAKSURA), min_size=1, max_size=12)
drawing = st.lists(st.sampled_from([*araby.TASHKEEL, araby.TATWEEL, "\u0670", "\u200d"]), max_size=3)

examples = settings(max_examples=200)


@examples
@given(texts)
def test_tokens_are_in_order_and_never_overlap(text: str) -> None:
    tokens = default_analyzer().analyze(text)
    assert all(0 <= token.start < token.end <= len(text) for token in tokens)
    assert all(before.end <= after.start for before, after in pairwise(tokens))
    assert [token.position for token in tokens] == list(range(len(tokens)))


@examples
@given(texts)
def test_forms_depend_on_the_surface_alone(text: str) -> None:
    analyzer = default_analyzer()
    for token in analyzer.analyze(text):
        surface = text[token.start : token.end]
        assert analyzer.forms(surface) == (
            *(token.exact, token.lemma, token.light),
            *(token.kind, token.stop),
        )
        assert [(same.start, same.end, same.exact) for same in analyzer.analyze(surface)] == [
            (0, len(surface), token.exact)
        ]


@examples
@given(texts)
def test_no_term_is_empty_or_holds_a_space(text: str) -> None:
    for token in default_analyzer().analyze(text):
        assert token.lemma
        assert token.light
        assert token.exact.split() == [token.exact]


@examples
@given(texts)
def test_analysing_an_exact_form_gives_it_again(text: str) -> None:
    analyzer = default_analyzer()
    for token in analyzer.analyze(text):
        again = analyzer.analyze(token.exact)
        assert [(same.exact, same.lemma, same.kind) for same in again] == [(token.exact, token.lemma, token.kind)]


@examples
@given(texts)
def test_cleaning_what_is_clean_changes_nothing(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@examples
@given(st.data(), words)
def test_marks_and_tatweel_make_no_difference(data: st.DataObject, word: str) -> None:
    drawn = "".join(letter + "".join(data.draw(drawing)) for letter in word)
    plain, decorated = default_analyzer().analyze(word), default_analyzer().analyze(drawn)
    assert [(token.exact, token.lemma, token.light, token.stop) for token in plain] == [
        (token.exact, token.lemma, token.light, token.stop) for token in decorated
    ]
    assert (decorated[0].start, decorated[-1].end) == (0, len(drawn))


@examples
@given(texts, st.sampled_from(["😀", "\U00010330", "\U000e0100"]))
def test_text_above_the_basic_plane_is_cut_by_the_same_rules(text: str, picture: str) -> None:
    below = "".join(letter for letter in text if letter <= "\uffff")
    spans = list(Tokenizer().spans(below))
    assert list(Tokenizer().spans(f"{below} {picture}"))[: len(spans)] == spans
