"""Terms are sorted as their bytes are, whatever they are written in."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from searchapp.analysis.spelled_terms import SpelledTerms
from searchapp.engine.storage.term_order import order_keys, sorted_order

terms = st.one_of(
    st.text("ابةيىگz09", max_size=24),
    st.text(st.sampled_from("اa\0!٠\u0620\u064b\u06cc世\uffff\ud800\U0001f600\U0010ffff"), max_size=20),
    st.text(st.characters(codec=None, exclude_categories=()), max_size=20),
)


@given(st.lists(terms, unique=True))
@example(["", "\0", "ا", "ا\0", "استراتيجيات", "استراتيجيا", "استراتيجية"])
def test_terms_are_sorted_by_their_bytes(given: list[str]) -> None:
    expected = sorted(given, key=lambda term: term.encode("utf-8", "surrogatepass"))
    assert [given[place] for place in sorted_order(SpelledTerms.of(given))] == expected
    keys = order_keys(SpelledTerms.of(expected)).tolist()
    assert keys == sorted(keys)


def test_short_words_are_told_apart_by_their_keys() -> None:
    words = ["ا", "اا", "ب", "ي", "a", "z", "0", "9", "گ", "كتاب", "كتابه"]
    assert len(set(order_keys(SpelledTerms.of(words)).tolist())) == len(words)
