"""Words of like letters are found among all words of an index, whichever letters they are made of."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from searchapp.engine.backend import SegmentBackend
from searchapp.engine.retrieval.spelling import spelling_vocabulary
from searchapp.engine.retrieval.spelling.spelling_vocabulary import Vocabulary
from tests.index_samples import commit, make_story, new_index

LETTERS = ("بتجحدرسشعفقكلمنهوي", "abcdefgorst", "0123456789", "آأؤإئىءگپ")


def some_words(count: int) -> list[str]:
    """Words of one kind of letters, or of several."""
    chance = random.Random(4)
    return [
        "".join(chance.choices("".join(chance.sample(LETTERS, chance.choice((1, 1, 2)))), k=4)) for _ in range(count)
    ]


def bits(form: str) -> int:
    """The letters of a form, each a bit."""
    found = 0
    for byte in form.encode():
        found |= int(spelling_vocabulary._BITS[byte])
    return found


@pytest.mark.parametrize("block", [64, 1 << 16])
def test_words_are_found_by_letters_and_length(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    monkeypatch.setattr(spelling_vocabulary, "BLOCK", block)
    path, words = new_index(tmp_path / "index"), some_words(300)
    commit(path, *(make_story(at + 1, " ".join(words[at * 20 : at * 20 + 20])) for at in range(10)))
    commit(path, *(make_story(at + 11, " ".join(words[at * 20 : at * 20 + 20])) for at in range(5, 15)))
    snapshot = SegmentBackend().open_reader(path)._snapshot
    dictionaries = [part.segment.exact.dictionary for part in snapshot.parts]
    forms = {form.decode() for one in dictionaries for form in one.terms(0, len(one))}
    vocabulary = Vocabulary.of(snapshot)
    for asked in [*words[::7], "قمر", "z", "ab9"]:
        for edits in (1, 2):
            expected = {
                form: vocabulary.frequency(form)
                for form in forms
                if (bits(form) ^ bits(asked)).bit_count() <= 2 * edits and abs(len(form) - len(asked)) <= edits
            }
            assert vocabulary.alike(asked, edits) == expected


@pytest.mark.parametrize("small", [20, 1 << 17])
def test_at_rest_the_words_of_small_segments_are_forgotten_and_found_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: int
) -> None:
    monkeypatch.setattr(spelling_vocabulary, "SMALL", small)
    path = new_index(tmp_path / "index")
    commit(path, *(make_story(at, " ".join(some_words(60))) for at in range(1, 4)))
    commit(path, make_story(4, "كتب أقلام ورق"))
    snapshot = SegmentBackend().open_reader(path)._snapshot
    large, few = (part.segment for part in snapshot.parts)
    before = Vocabulary.of(snapshot)
    known = [list(segment._derived.values()) for segment in (large, few)]
    Vocabulary.rest(snapshot)
    after = Vocabulary.of(snapshot)
    assert after is not before
    assert next(iter(few._derived.values())) is not known[1][0]
    assert (next(iter(large._derived.values())) is known[0][0]) == (small == 20)
    assert after.alike("كتاب", 2) == before.alike("كتاب", 2) != {}


def test_each_letter_of_the_alphabets_has_a_bit_of_its_own() -> None:
    letters = "ابتثجحخدذرزسشصضطظعغفقكلمنهويءؤئ1"
    assert len({bits(letter) for letter in letters}) == len(letters)
    assert all(bits(letter) < 1 << 32 for letter in letters)
    assert len({bits(letter) for letter in "abcdefghijklmnopqrstuvwxyz"}) == 26
