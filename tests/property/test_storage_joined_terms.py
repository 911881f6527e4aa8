"""Terms laid end to end in their order are each found again, by number and by their beginnings."""

from __future__ import annotations

from zlib import crc32

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from searchapp.analysis.spelled_terms import SpelledTerms
from searchapp.engine.storage.term_order import sorted_order
from searchapp.engine.storage.vocabulary import EncodedTerms, JoinedTerms, UsedTerms, unite

pytestmark = pytest.mark.usefixtures("each_way")

words = st.text(st.sampled_from("ابةي09az\0é漢\U0001f600\ud800"), min_size=1, max_size=10)


def joined_terms(given: list[str]) -> JoinedTerms:
    terms = SpelledTerms.of(given)
    return JoinedTerms.of(terms, sorted_order(terms))


@given(st.lists(words, unique=True, max_size=20), words)
@example([], "ا")
@example(["ب", "\ud800", "\U0001f600", "ا"], "漢")
def test_joined_terms_are_those_given_in_the_order_of_their_bytes(given: list[str], asked: str) -> None:
    expected = sorted(term.encode("utf-8", "surrogatepass") for term in given)
    joined = joined_terms(given)
    assert len(joined) == len(expected)
    assert list(joined.terms(0, len(joined))) == expected
    assert list(joined.terms(1, max(len(joined) - 1, 1))) == expected[1:-1]
    assert [joined.term(number) for number in range(len(joined))] == expected
    wanted = asked.encode("utf-8", "surrogatepass")
    assert joined.ceiling(wanted) == sum(term < wanted for term in expected)


@given(st.lists(words, unique=True, max_size=20))
def test_joined_terms_are_stored_as_terms_one_by_one_are(given: list[str]) -> None:
    joined = joined_terms(given)
    stored, (ranks,) = unite([UsedTerms(joined)])
    one_by_one = EncodedTerms.of(list(joined.terms(0, len(joined))))
    assert stored.text.tobytes() == one_by_one.text.tobytes()
    assert stored.lengths.tolist() == one_by_one.lengths.tolist()
    assert stored.hashes.tolist() == list(map(crc32, joined.terms(0, len(joined))))
    assert ranks.tolist() == list(range(len(given)))
