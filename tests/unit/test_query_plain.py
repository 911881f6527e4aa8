"""Which queries are plain and take the short way through the parser."""

from __future__ import annotations

import pytest

from searchapp.query.lexer import OPERATORS
from searchapp.query.plain import plain_query
from searchapp.query.shape import SHAPES_KEPT, shape_of
from searchapp.query.tree import OPERATOR_NAMES, And, Expression, Or, Phrase, Word, Words

MOST = 10


def words(*texts: str) -> tuple[Word, ...]:
    return tuple(map(Word, texts))


@pytest.mark.parametrize(
    ("query", "expression", "written"),
    [
        ("غزة", Word("غزة"), "غزة"),
        ("  وزير   الخارجية ", Words(words("وزير", "الخارجية")), "وزير الخارجية"),
        ("السَّلام الـعـرب", Words(words("السَّلام", "الـعـرب")), "السَّلام الـعـرب"),
        ("كوفيد19 ٢٠٢٤ U2", Words(words("كوفيد19", "٢٠٢٤", "U2")), "كوفيد19 ٢٠٢٤ U2"),
        ("a or b and not c", Words(words("a", "or", "b", "and", "not", "c")), "a or b and not c"),
        ("a OR  b OR c", Or(words("a", "b", "c")), "a OR b OR c"),
        ("غزة AND القدس", And(words("غزة", "القدس")), "غزة AND القدس"),
        ('"وزير  الخارجية "', Phrase("وزير الخارجية"), '"وزير الخارجية"'),
        ('"a AND b"', Phrase("a AND b"), '"a AND b"'),
    ],
)
def test_words_words_with_one_operator_and_a_phrase_are_plain(query: str, expression: Expression, written: str) -> None:
    assert plain_query(query, MOST) == (expression, written)


@pytest.mark.parametrize(
    "query",
    [
        *("", " ", "NOT a", "a -b", "a*", "title:a", "غزة،", "3.5", "ـ a", "a\nb", "AND", "OR a", "a OR", "a OR AND b"),
        *("a NOT b", "a OR b c", "a OR b AND c", '"', '""', '" a"', '"a', '"a" b', '"a""b"', '"a-b"', "«a»"),
    ],
)
def test_anything_else_is_not(query: str) -> None:
    assert plain_query(query, MOST) is None


@pytest.mark.parametrize("query", ["a b c", "a AND b AND c", '"a b c"'])
def test_more_words_than_are_read_are_not(query: str) -> None:
    assert plain_query(query, 2) is None
    assert plain_query(query, 3) is not None


def test_shapes_stay_right_when_more_characters_were_met_than_are_remembered() -> None:
    many = "".join(map(chr, range(0x4E00, 0x4E00 + 2 * SHAPES_KEPT)))
    assert shape_of(many) == "a" * len(many)
    assert shape_of(f"غزة ٣،{many[0]}") == "aaa 0;a"


def test_the_short_way_knows_the_operators_of_the_long_one() -> None:
    assert OPERATORS.keys() == OPERATOR_NAMES
