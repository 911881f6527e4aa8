"""Exact forms have the numbers of the lemmas that the readable lemmatizer gives, whichever way they are found."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from searchapp import compiled
from searchapp.analysis.affixes import DEFINITE_PREFIXES
from searchapp.analysis.lemmatizer import default_lemmatizer
from searchapp.analysis.term_numbers import TermNumbers
from searchapp.analysis.unknown_words import RELATIVE_ENDINGS

pytestmark = pytest.mark.usefixtures("each_way")

# Articles, endings and stems in any number, so that some words have nothing left, and letters that have two spellings.
pieces = st.sampled_from(
    (*DEFINITE_PREFIXES, *RELATIVE_ENDINGS, *"ضؤپچڤظ", "فنلند", "1,305", "٫", "d", "é", "漢\ud800")
)
words = st.lists(st.lists(pieces, min_size=1, max_size=5).map("".join), unique=True, max_size=12)


def lemmas(numbers: TermNumbers, exact: list[str]) -> list[str]:
    first = numbers.add(exact)
    return [numbers.lemmas[number] for number in numbers.lemma_of_exact()[first : first + len(exact)].tolist()]


@given(words)
@example(
    ["الفنلنديين", "فنلندي", "فنلنديه", "الضضضيات", "الضضيات", "ضضضيات", "ضضضضيات", "والڤڤڤ", "و1,305", "1305", "2.3"]
)
def test_lemmas_are_those_of_the_readable_lemmatizer(exact: list[str]) -> None:
    numbers = TermNumbers()
    expected = list(map(default_lemmatizer().lemma, exact))
    assert lemmas(numbers, exact) == expected
    assert sorted(numbers.lemmas) == sorted(set(expected))


def test_a_lemma_keeps_its_number_when_loops_come_or_go() -> None:
    numbers, readable = TermNumbers(), default_lemmatizer().lemma
    for step in range(6):
        words = [f"{article}ضضض{at}{letter}" for at in range(step + 1) for article in ("", "ال") for letter in "ظغ"]
        new = [word.translate(str.maketrans("0123456789", "بتثجحخدذرز")) for word in words][-4:]
        compiled.stop() if step % 2 else compiled.prepare(at_once=True)
        exact = [word + "ض" * step for word in new]
        assert lemmas(numbers, exact) == list(map(readable, exact))
        assert len(set(numbers.lemmas)) == len(numbers.lemmas)
        assert lemmas(numbers, ["ضضض" + "ظ" * step]) == ["ضضض" + "ظ" * step]
