"""Which differences between two words are a matter of spelling, and which make another word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchapp.variants.candidates import candidates
from searchapp.variants.shapes import consonant_of, shapes_of, slot_of
from searchapp.variants.spelling import SAME, Changes, consonant_changes, slot_changes
from tests.variant_shapes import Shape, shape

ARABIC_WORDS = st.text("ابتجحدرسعغقكلمنهويءئؤ", min_size=1, max_size=8)
ANY_WORDS = st.text("اوينهسشءبتخ\ud800xپ1", max_size=8) | st.text("ابتسنهو", max_size=26)


def changes_between(first: Shape, second: Shape) -> Changes | None:
    """How two words with the same skeleton differ; None where the difference is no matter of spelling."""
    parts = [
        *(consonant_changes(*pair) for pair in zip(first.consonants, second.consonants, strict=True)),
        *(slot_changes(*pair) for pair in zip(first.slots, second.slots, strict=True)),
    ]
    told = [part for part in parts if part is not None]
    return Changes(*map(sum, zip(*told, strict=True))) if len(told) == len(parts) else None


def changes(one: str, other: str) -> Changes | None:
    first, second = shape(one), shape(other)
    assert first is not None
    assert second is not None
    return changes_between(first, second)


def is_candidate(one: str, other: str) -> bool:
    return len(candidates({0: one, 1: other}).first) == 1


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("نتنياهو", "نتانياهو", Changes(length=1)),
        ("غالانت", "جالانت", Changes(g=1)),
        ("غوغل", "جوجل", Changes(g=2)),
        ("فوربس", "فوربز", Changes(consonant=1)),
        ("شؤون", "شئون", Changes(hamza=1)),
        ("مئه", "مائه", Changes(hamza=1)),
        ("سوريا", "سوريه", Changes(ending=1)),
        ("ابولو", "ابوللو", Changes(doubling=1)),
        ("داود", "داوود", Changes(doubling=1)),
        ("جازان", "جيزان", Changes(vowel=1)),
        ("امريكي", "اميركي", Changes(length=2)),
        ("استوديو", "ستوديو", Changes(length=1)),
    ],
)
def test_habits_of_writers_are_told_apart_by_kind(one: str, other: str, expected: Changes) -> None:
    assert changes(one, other) == expected
    assert is_candidate(one, other)


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        ("مدرس", "مدرسه", "an ending"),
        ("سعود", "سعودي", "the relative ending"),
        ("كتب", "وكتب", "a conjunction"),
        ("كتب", "يكتب", "a verb's prefix"),
        ("ورد", "وورد", "a conjunction before و"),
        ("طفال", "اطفال", "a plural's first letter"),
        ("لاعبان", "لاعبين", "the case of a dual"),
        ("كتبوا", "كتبا", "the number of a verb"),
        ("امريكا", "امريكي", "the relative ending"),
        ("سال", "سائل", "a hamza more"),
        ("فتش", "فتشت", "a consonant more"),
        ("تتساقط", "تساقط", "a verb's prefix before its like"),
    ],
)
def test_grammar_is_no_matter_of_spelling(one: str, other: str, reason: str) -> None:
    assert not is_candidate(one, other), reason


@pytest.mark.parametrize("word", ["hello", "كوفيد19", "", "ااااا", "ه", "اوي", "2024", "\ud800"])
def test_what_is_no_arabic_word_has_no_shape(word: str) -> None:
    assert shape(word) is None
    assert not len(candidates({0: word, 1: word + "ا"}).first)


def test_short_words_are_near_only_with_one_change() -> None:
    assert not is_candidate("غال", "جول")  # a consonant and a vowel
    assert not is_candidate("بوب", "بيب")  # two consonants, another vowel
    assert is_candidate("بيغي", "بيجي")


@given(ARABIC_WORDS, ARABIC_WORDS)
def test_changes_do_not_depend_on_the_order(one: str, other: str) -> None:
    first, second = shape(one), shape(other)
    if first and second and first.skeleton == second.skeleton:
        assert changes_between(first, second) == changes_between(second, first)


@given(ARABIC_WORDS)
def test_a_word_does_not_differ_from_itself(word: str) -> None:
    found = shape(word)
    if found:
        assert changes_between(found, found) == SAME


@given(st.lists(ARABIC_WORDS | ANY_WORDS, max_size=12))
def test_words_are_taken_apart_side_by_side_as_one_by_one(words: list[str]) -> None:
    found = shapes_of(words)
    skeletons: dict[str, set[int]] = {}
    for at, word in enumerate(words):
        expected = shape(word)
        assert found.usable[at] == (expected is not None)
        if expected is not None:
            start, count = found.starts[at], found.counts[at]
            consonants = found.consonants[start : start + count].tolist()
            slots = found.slots[start + at : start + at + count + 1].tolist()
            assert tuple(map(consonant_of, consonants)) == expected.consonants
            assert tuple(map(slot_of, slots)) == expected.slots
            skeletons.setdefault(expected.skeleton, set()).add(int(found.skeletons[at]))
    assert all(len(numbers) == 1 for numbers in skeletons.values())
    assert len(set().union(*skeletons.values())) == len(skeletons)


@given(st.lists(ARABIC_WORDS, max_size=12, unique=True))
def test_arrays_find_the_changes_that_single_words_show(words: list[str]) -> None:
    found = candidates(dict(enumerate(words)))
    pairs = zip(found.first.tolist(), found.second.tolist(), found.changes.tolist(), strict=True)
    for first, second, counts in pairs:
        assert changes(words[first], words[second]) == Changes(*counts)
        assert 1 <= sum(counts) <= 2


@given(st.lists(st.sampled_from(["غوغل", "جوجل", "قوقل", "كوكل", "جوغل", "غوجل"]), unique=True))
def test_every_pair_of_a_group_is_found_once(words: list[str]) -> None:
    found = candidates(dict(enumerate(words)))
    pairs = {frozenset(pair) for pair in zip(found.first.tolist(), found.second.tolist(), strict=True)}
    assert len(pairs) == len(found.first) == len(words) * (len(words) - 1) // 2
