"""The hashes of many words' light stems are those of each word's light stem."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchapp.analysis.spelled_terms import SpelledTerms
from searchapp.analysis.token_filters import PREFIXES, SUFFIXES, LightStemmer
from searchapp.engine.storage.light_hashes import light_hash, light_hashes

pytestmark = pytest.mark.usefixtures("each_way")

# Affixes in any number and order, letters of one to four bytes, and words longer than what is hashed side by side.
pieces = st.sampled_from((*PREFIXES, *SUFFIXES, "ت", "d", "é", "漢", "\U0001f600", "\ud800", "ط" * 40))
words = st.lists(st.lists(pieces, min_size=1, max_size=6).map("".join), max_size=20)


@given(words)
def test_many_are_hashed_as_one(exact: list[str]) -> None:
    lemma = LightStemmer().filter
    assert light_hashes(SpelledTerms.of(exact)).tolist() == [light_hash(lemma(word)) for word in exact]
