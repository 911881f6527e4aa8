"""What differs between two copies: always told in full, and in a time that does not explode."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchapp.config import LIMITS
from searchapp.web.article_differences import AROUND, differences, differing_words

WORDS = st.lists(st.sampled_from(["قال", "وزير", "الخارجية", "إن", "12", ".", "«", "\n"]), max_size=60).map(" ".join)


def side(text: str, other: str, kind: str) -> str:
    return " ".join(piece.text for piece in differences(text, other).pieces if piece.kind == kind)


def test_words_put_in_and_taken_out_are_told() -> None:
    text, other = "أعلن الوزير إعادة 12000 يمني إلى بلادهم", "أعلن الوزير أمس إعادة 12000 عالق إلى بلادهم"
    pieces = [(piece.kind, piece.text) for piece in differences(text, other).pieces]
    assert pieces == [
        ("same", "أعلن الوزير"),
        ("added", "أمس"),
        ("same", "إعادة 12000"),
        ("removed", "يمني"),
        ("added", "عالق"),
        ("same", "إلى بلادهم"),
    ]
    assert differing_words(text, other) == 3


def test_marks_and_spaces_keep_their_words_whole() -> None:
    assert [piece.text for piece in differences("كِتَاب، قلم", "كِتَاب؛  قلم").pieces] == ["كِتَاب", "،", "؛", "قلم"]


def test_the_same_words_in_other_lines_are_the_same() -> None:
    assert not differences("سطر أول\nسطر ثان", "سطر  أول سطر ثان").any


def test_what_is_far_from_a_difference_is_left_out() -> None:
    words = [f"كلمة{n}" for n in range(200)]
    pieces = differences(" ".join(words), " ".join([*words[:100], "جديد", *words[100:]])).pieces
    assert [piece.kind for piece in pieces] == ["left_out", "same", "added", "same", "left_out"]
    assert all(len(piece.text.split()) == AROUND for piece in pieces if piece.kind == "same")


@given(WORDS, WORDS)
def test_taking_out_and_putting_in_makes_one_text_of_the_other(text: str, other: str) -> None:
    found = [piece for piece in differences(text, other).pieces if piece.kind != "left_out"]
    if len(found) == len(differences(text, other).pieces):
        old = " ".join(piece.text for piece in found if piece.kind != "added")
        new = " ".join(piece.text for piece in found if piece.kind != "removed")
        assert (old.split(), new.split()) == (text.split(), other.split())


@pytest.mark.parametrize("choices", [1, 50, 100, 5000])
def test_long_texts_of_any_kind_are_compared_in_a_moment(choices: int) -> None:
    draw = random.Random(choices)
    text, other = (" ".join(f"w{draw.randrange(choices)}" for _ in range(LIMITS.compared_words)) for _ in range(2))
    started = time.thread_time()
    differences(text, other)
    assert time.thread_time() - started < 1


def test_of_texts_beyond_the_limit_the_beginnings_are_compared() -> None:
    long = "كلمة " * (LIMITS.compared_words + 1)
    assert differences(long, long).cut
    assert not differences("كلمة", "كلمة").cut
