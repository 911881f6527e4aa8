"""What words say as numbers."""

from __future__ import annotations

import pytest

from searchapp.dedupe.numbers import may_be_same, number_value, number_values


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("5", "5"),
        ("خمسه", "5"),
        ("الخامسه", "5"),
        ("12,000", "12000"),
        ("439.491", "439491"),
        ("3.5", "3.5"),
        ("ب12", "12"),
        ("1436ه", "1436"),
        ("007", "7"),
        ("0", "0"),
        ("كوفيد19", None),
        ("مدينه", None),
    ],
)
def test_a_number_is_the_same_in_words_digits_and_with_letters_glued_to_it(word: str, value: str | None) -> None:
    assert number_value(word) == value


@pytest.mark.parametrize(("one", "other"), [(["44.7"], ["44793"]), (["25", "823"], ["25823"]), (["12"], ["12000"])])
def test_numbers_may_be_grouped_shortened_or_told_in_thousands(one: list[str], other: list[str]) -> None:
    assert may_be_same(one, other)
    assert may_be_same(other, one)


def test_other_numbers_are_not_the_same() -> None:
    assert not may_be_same(["15", "35"], ["10", "30"])
    assert not may_be_same(["1"], ["17"])


def test_many_words_say_what_each_says_alone() -> None:
    words = ["خمسه", "12,000", "مدينه", "ب12", "كوفيد19", "", "-", "والخامس"]
    assert number_values(words) == list(map(number_value, words))
