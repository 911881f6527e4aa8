"""The term dictionary gives what a sorted list of the terms gives."""

from __future__ import annotations

import zlib
from bisect import bisect_left

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from searchapp.engine.storage.dictionary import TermDictionary, encode_terms

# Words that share their first eight bytes and more, with NULs, and with the longest characters of UTF-8.
words = st.one_of(
    st.text(max_size=6),
    st.text("\0a\U0001f600\U0010ffff", max_size=5),
    st.text("اب", max_size=3).map("والكتاب".__add__),
    st.text("\0\U0001f600é", max_size=3).map("wordword".__add__),
)
terms = words.map(lambda word: word.encode("utf-8", "surrogatepass"))
vocabularies = st.sets(terms, max_size=60).map(sorted)


def dictionary_of(vocabulary: list[bytes]) -> TermDictionary:
    text, offsets, slots = encode_terms(vocabulary).values()
    return TermDictionary(text, offsets, slots)


@given(vocabularies)
def test_terms_come_back_by_number_and_by_range(vocabulary: list[bytes]) -> None:
    dictionary = dictionary_of(vocabulary)
    assert len(dictionary) == len(vocabulary)
    assert [dictionary.term(number) for number in range(len(vocabulary))] == vocabulary
    for start in range(0, len(vocabulary) + 1, 7):
        for stop in range(start, len(vocabulary) + 1, 5):
            assert list(dictionary.terms(start, stop)) == vocabulary[start:stop]


@given(vocabularies, st.lists(terms, max_size=30))
@example([b"a", b"a\0", b"a\0\0"], [b"", b"a\0\0\0", b"b"])
@example([], [b"", b"a"])
def test_a_term_is_found_by_its_number_and_another_is_not(vocabulary: list[bytes], others: list[bytes]) -> None:
    dictionary = dictionary_of(vocabulary)
    numbers = {term: number for number, term in enumerate(vocabulary)}
    for term in (*vocabulary, *others):
        assert dictionary.find(term) == numbers.get(term, -1)


@given(vocabularies, st.lists(terms, max_size=30))
@example([b"a", b"a\0", b"a\0\0"], [b"", b"a\0\0\0", b"b"])
def test_the_ceiling_is_where_a_sorted_list_has_the_term_or_the_next(
    vocabulary: list[bytes], others: list[bytes]
) -> None:
    dictionary = dictionary_of(vocabulary)
    for term in (*vocabulary, *others):
        assert dictionary.ceiling(term) == bisect_left(vocabulary, term)


@given(vocabularies, st.lists(words, max_size=20))
@example([b"", b"\xf4\x8f\xbf\xbf", b"\xf4\x8f\xbf\xbfa"], ["", "\U0010ffff"])
def test_a_prefix_is_the_range_of_the_terms_that_begin_with_it(vocabulary: list[bytes], others: list[str]) -> None:
    dictionary = dictionary_of(vocabulary)
    known = [term.decode("utf-8", "surrogatepass") for term in vocabulary]
    for prefix in {*others, *(word[:length] for word in known for length in (0, 1, 3, len(word)))}:
        start, stop = dictionary.prefix_range(prefix.encode("utf-8", "surrogatepass"))
        assert known[start:stop] == [word for word in known if word.startswith(prefix)]


def test_many_terms_are_all_found() -> None:
    vocabulary = sorted(f"كلمة{number}".encode() for number in range(20_000))
    dictionary = dictionary_of(vocabulary)
    assert [dictionary.find(term) for term in vocabulary] == list(range(20_000))
    assert {dictionary.find(term + b"x") for term in vocabulary} == {-1}


def test_words_made_to_share_a_slot_are_found_and_take_no_longer_to_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zlib, "crc32", lambda term: 0xFFFFFFFF if term != b"apart" else 5)
    vocabulary = sorted([b"apart", *(f"{number:06}".encode() for number in range(2_000))])
    dictionary = dictionary_of(vocabulary)
    assert [dictionary.find(term) for term in vocabulary[::97]] == list(range(0, len(vocabulary), 97))
    assert [dictionary.find(term) for term in (b"apart", b"other")] == [vocabulary.index(b"apart"), -1]


def test_the_arrays_can_be_stored() -> None:
    assert {array.dtype for array in encode_terms([b"a", b"b"]).values()} <= {
        np.dtype(kind) for kind in ("u1", "<u2", "<u4", "<u8")
    }
