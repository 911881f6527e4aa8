"""Names of other languages that are one name by their letters."""

from __future__ import annotations

import pytest

from searchapp.variants.foreign_names import is_one_name, may_be_foreign
from searchapp.variants.refresh import is_name


@pytest.mark.parametrize(
    ("one", "other"),
    [("مرسيليا", "مارسيليا"), ("فرنانديز", "فيرنانديز"), ("هوليود", "هوليوود"), ("روهينغا", "روهينجا")],
)
def test_a_short_vowel_a_doubled_letter_or_the_letter_for_g_makes_no_other_name(one: str, other: str) -> None:
    assert is_one_name(one, other)
    assert is_one_name(other, one)
    assert may_be_foreign(one)
    assert may_be_foreign(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        *(("مارينا", "ماريانا"), ("كريستين", "كريستيان"), ("بروسيا", "بوروسيا"), ("ريكارد", "رايكارد")),
        *(("كيندال", "جيندال"), ("كارولين", "كارولينا"), ("فرانسيس", "فرانسيسكو"), ("بيرنارد", "ليونارد")),
    ],
)
def test_what_makes_another_name_is_none(one: str, other: str) -> None:
    assert not is_one_name(one, other)


@pytest.mark.parametrize("word", ["سلمان", "محمدين", "النرويج", "رشيد", "مسؤولي"])
def test_arabic_and_short_words_are_not_foreign(word: str) -> None:
    assert not may_be_foreign(word)


def test_words_of_the_dictionary_are_no_names() -> None:
    assert is_name("فرنانديز")
    assert is_name("كولومبيا")
    assert not is_name("مدرسه")
    assert not is_name("تجاري")
