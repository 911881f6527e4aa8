"""What a query may have been meant as: the other keyboard layout, names in Latin letters, changed words."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchapp.query.keyboard import with_other_layout
from searchapp.query.latin_names import NAMES_FILE, arabic_names, folded, transliterated
from searchapp.query.parser import parse
from searchapp.query.rewriting import rewritten
from searchapp.query.tree import Phrase, Word, Words


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("hgsghl ugd;l", "السلام عليكم"),
        ("HGSGHL", "السلام"),
        ("Hlvd;h", "أمريكا"),
        ("fghk", "بلان"),
        ("fbk", "بلان"),
        ("]fd hgd,l", "دبي اليوم"),
        ("ىثصس", "news"),
        ("لاقثشن ىثصس", "break news"),
    ],
)
def test_the_same_keys_in_the_other_layout(typed: str, meant: str) -> None:
    assert meant in with_other_layout(typed)


@pytest.mark.parametrize("text", ["", "ok", "من", "غزة Gaza", "123", "؟!"])
def test_short_and_mixed_texts_are_what_they_are(text: str) -> None:
    assert list(with_other_layout(text)) == []


@given(st.text("qwertyuiop[]asdfghjkl;'zxcvnm,./ ", min_size=3))
def test_typing_on_the_other_layout_can_be_undone(text: str) -> None:
    for arabic in with_other_layout(text):
        back = list(with_other_layout(arabic))
        assert not back or text in back or "gh" in text  # a key of its own writes these two


@pytest.mark.parametrize(
    ("latin", "arabic"),
    [("london", "لندن"), ("Mohammed", "محمد"), ("erdoğan", "اردوغان"), ("michael", "مايكل"), ("Müller", "مولر")],
)
def test_known_names_are_looked_up(latin: str, arabic: str) -> None:
    assert arabic in arabic_names(latin)


@pytest.mark.parametrize("name", ["", "xqzwv", "لندن", "a\tb", "\n", "123"])
def test_unknown_names_have_none(name: str) -> None:
    assert arabic_names(name) == ()


@pytest.mark.parametrize(
    ("latin", "arabic"), [("blinken", "بلينكن"), ("obama", "اوباما"), ("shaath", "شااث"), ("Kerry", "كري"), ("", "")]
)
def test_other_names_are_put_into_arabic_letter_by_letter(latin: str, arabic: str) -> None:
    assert transliterated(latin) == arabic


def test_the_names_are_sorted_and_say_where_they_come_from() -> None:
    comment, *lines = gzip.decompress(NAMES_FILE.read_bytes()).decode().splitlines()
    assert "CC0" in comment
    names = [line.split("\t")[0] for line in lines]
    assert names == sorted(set(names))
    assert all(name == folded(name) for name in names)


@given(st.sampled_from(['a "b c" d', "+a -b", "(a OR b) c AND title:d", 'source:x ="a b" e*', "a", '"a b"~3']))
def test_a_query_that_is_not_changed_stays_the_same(text: str) -> None:
    expression = parse(text).expression
    assert expression is not None
    assert parse(rewritten(expression, lambda node: node)).expression == expression


def test_words_can_be_changed_left_out_and_parted() -> None:
    expression = parse('a (b OR c) "d e" -f').expression
    assert expression is not None

    def change(node: Word | Phrase) -> Word | Phrase | Words | None:
        if isinstance(node, Phrase):
            return Words(tuple(map(Word, node.text.split())))
        return {"a": None, "b": Word("x")}.get(node.text, node)

    assert rewritten(expression, change) == "(x OR c) d e -f"
    assert rewritten(expression, lambda _: None) == "-f"
