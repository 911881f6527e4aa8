"""Which queries are plain words and take the short way through the parser."""

from __future__ import annotations

import pytest

from searchapp.query.plain import plain_words
from searchapp.query.shape import SHAPES_KEPT, shape_of


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("غزة", ["غزة"]),
        ("  وزير   الخارجية ", ["وزير", "الخارجية"]),
        ("السَّلام الـعـرب", ["السَّلام", "الـعـرب"]),
        ("كوفيد19 ٢٠٢٤ U2", ["كوفيد19", "٢٠٢٤", "U2"]),
        ("a or b and not c", ["a", "or", "b", "and", "not", "c"]),
    ],
)
def test_words_and_spaces_are_plain(query: str, words: list[str]) -> None:
    assert plain_words(query) == words


@pytest.mark.parametrize(
    "query", ["", " ", "a OR b", "NOT a", "a -b", "a*", '"a"', "title:a", "غزة،", "3.5", "ـ a", "a\nb"]
)
def test_anything_else_is_not(query: str) -> None:
    assert plain_words(query) is None


def test_shapes_stay_right_when_more_characters_were_met_than_are_remembered() -> None:
    many = "".join(map(chr, range(0x4E00, 0x4E00 + 2 * SHAPES_KEPT)))
    assert shape_of(many) == "a" * len(many)
    assert shape_of(f"غزة ٣،{many[0]}") == "aaa 0;a"
