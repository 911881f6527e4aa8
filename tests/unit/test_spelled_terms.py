"""Terms as code points are the strings that they were, by number, and stay while more are added."""

from __future__ import annotations

import numpy as np

from searchapp.analysis.spelled_terms import NumberedTerms, SpelledTerms

TERMS = ["كتاب", "", "a\0b", "\ud800", "\U0001f600漢", "ا" * 40]


def test_terms_are_spelled_as_they_were() -> None:
    terms = SpelledTerms.of(TERMS)
    assert terms.strings() == TERMS
    assert terms.text == "".join(TERMS)
    assert SpelledTerms.of([]).strings() == []


def test_some_of_many_are_taken_in_any_order() -> None:
    terms = SpelledTerms.of(TERMS).take(np.array([4, 1, 0, 0]))
    assert terms.strings() == [TERMS[4], "", TERMS[0], TERMS[0]]
    assert terms.begins().tolist() == [0, 2, 2, 6]


def test_numbered_terms_are_read_as_a_list_is() -> None:
    terms = NumberedTerms(TERMS)
    assert len(terms) == len(TERMS)
    assert [*terms] == terms[:] == TERMS
    assert (terms[2:4], terms[4:2], terms[-1], terms[::2]) == (TERMS[2:4], [], TERMS[-1], TERMS[::2])
    assert terms.of(np.array([0, 3])).strings() == [TERMS[0], TERMS[3]]
    assert terms.of(np.arange(len(TERMS))).strings() == TERMS


def test_what_has_a_number_keeps_it() -> None:
    terms = NumberedTerms(TERMS)
    early = terms.between(0, 3)
    assert terms.add(SpelledTerms.of([f"كلمه{number}" for number in range(5000)])) == len(TERMS)
    assert early.strings() == terms[:3] == TERMS[:3]
    assert terms[len(TERMS) + 4999] == "كلمه4999"


def test_a_loop_may_write_terms() -> None:
    terms = NumberedTerms(TERMS)
    before = int(terms.between(0, len(TERMS)).lengths.sum())
    points, ends = terms.room(2, 5)
    points[before : before + 5] = list(map(ord, "نعم لا"[:5]))
    ends[len(TERMS) : len(TERMS) + 2] = before + 3, before + 5
    terms.wrote(0)
    assert terms[:] == TERMS
    terms.wrote(2)
    assert terms[len(TERMS) :] == ["نعم", " ل"]
