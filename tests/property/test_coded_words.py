"""Words as rows of codes become what the readable rules make of them."""

from __future__ import annotations

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from searchapp.analysis.analyzer import exact_forms
from searchapp.analysis.code_page import CHARACTERS, encode
from searchapp.analysis.coded_words import Rows, exact_rows, keys_of, may_be_glued, rows_of, spelled_out
from searchapp.analysis.glued_words import MAY_BE_GLUED

CODED = [character for character in CHARACTERS if character not in "\0\ufffe"]

words = st.lists(
    st.one_of(
        st.text(st.sampled_from(CODED), min_size=1, max_size=24),
        st.text(st.sampled_from("ابةىأإئءلـ\u064e\u0654\u200fﷲA5"), min_size=1, max_size=24),
    ),
    min_size=1,
    max_size=8,
)


def rows(spelled: list[str]) -> Rows:
    width = 8 if max(map(len, spelled)) <= 8 else 24
    found = np.zeros((len(spelled), width), np.uint8)
    for row, word in zip(found, spelled, strict=True):
        row[: len(word)] = encode(word, padding=0)
    return found


@given(words)
@example(["".join(CODED[start : start + 1]) for start in range(len(CODED))])
@example(["لأ", "ـأـبـ", "أ\u0654", "ﷲ", "\u064e"])
def test_exact_forms_are_told_by_codes_or_not_at_all(spelled: list[str]) -> None:
    found, unsure = exact_rows(rows(spelled))
    for row, doubtful, expected in zip(found, unsure.tolist(), exact_forms(spelled), strict=True):
        if not doubtful:
            assert (spelled_out(row[np.newaxis]) if row.any() else [""]) == [expected]


@given(words)
def test_an_exact_form_is_its_own_exact_form(spelled: list[str]) -> None:
    exact = exact_forms(spelled)
    assert exact_forms(exact) == exact


@given(words)
@example(["الوزيرأنتوني", "الخارجيةفي", "قالت", "مسؤولإلى"])
def test_every_word_that_may_be_glued_is_looked_at(spelled: list[str]) -> None:
    places = set(may_be_glued(rows(spelled)).tolist())
    assert {place for place, word in enumerate(spelled) if MAY_BE_GLUED.search(word)} <= places


@given(words)
def test_words_are_spelled_out_of_their_keys(spelled: list[str]) -> None:
    assert spelled_out(rows_of(keys_of(rows(spelled)))) == spelled
