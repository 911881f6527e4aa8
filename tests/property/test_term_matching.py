"""Wildcards and fuzzy words over a whole dictionary, side by side: the same terms as one by one, and as Whoosh's."""

from __future__ import annotations

import re
import time

from hypothesis import given, settings
from hypothesis import strategies as st
from whoosh.automata.lev import levenshtein_automaton

from searchapp.engine.retrieval.terms.term_matching import TermLetters

# Letters of one, two and four bytes, a lone surrogate, and few enough of all for words to be alike.
LETTERS = "ابتx\U0001d552\ud800"
words = st.text(st.sampled_from(LETTERS), min_size=1, max_size=8)
vocabularies = st.lists(words, max_size=60, unique=True)

WORDS_OF_A_LARGE_ARCHIVE = 320_000
SECONDS_ALLOWED = 0.3  # of processor time; it takes a twentieth
BYTES_ALLOWED = 20_000_000


def edits_between(first: str, second: str, *, swaps: bool) -> int:
    """The table of dynamic programming, cell by cell."""
    table = {(at, 0): at for at in range(len(first) + 1)} | {(0, at): at for at in range(len(second) + 1)}
    for i, letter in enumerate(first, start=1):
        for j, other in enumerate(second, start=1):
            changed = table[i - 1, j - 1] + (letter != other)
            table[i, j] = min(changed, table[i - 1, j] + 1, table[i, j - 1] + 1)
            if swaps and i > 1 and j > 1 and letter == second[j - 2] and other == first[i - 2]:
                table[i, j] = min(table[i, j], table[i - 2, j - 2] + 1)
    return table[len(first), len(second)]


@settings(max_examples=300)
@given(vocabularies, st.text(st.sampled_from(LETTERS + "z**??"), min_size=1, max_size=10))
def test_a_wildcard_finds_what_it_describes(vocabulary: list[str], pattern: str) -> None:
    described = re.compile("".join({"*": ".*", "?": "."}.get(sign, re.escape(sign)) for sign in pattern), re.DOTALL)
    found = TermLetters.of_words(vocabulary).like_wildcard(pattern).tolist()
    assert found == [at for at, word in enumerate(vocabulary) if described.fullmatch(word)]


@settings(max_examples=300)
@given(vocabularies, st.text(st.sampled_from(LETTERS + "z"), min_size=3, max_size=9), st.integers(1, 2))
def test_a_fuzzy_word_finds_what_is_so_many_edits_away(vocabulary: list[str], word: str, edits: int) -> None:
    found = TermLetters.of_words(vocabulary).like_word(word, edits).tolist()
    assert found == [at for at, term in enumerate(vocabulary) if edits_between(word, term, swaps=True) <= edits]


@settings(max_examples=30)
@given(vocabularies, st.text(st.sampled_from("ابتx"), min_size=4, max_size=7), st.integers(1, 2))
def test_whoosh_finds_the_same_but_for_neighbours_swapped(vocabulary: list[str], word: str, edits: int) -> None:
    automaton = levenshtein_automaton(word, edits).to_dfa()
    found = {vocabulary[at] for at in TermLetters.of_words(vocabulary).like_word(word, edits).tolist()}
    accepted = {term for term in vocabulary if automaton.accept(term)}
    assert accepted <= found
    assert all(edits_between(word, term, swaps=False) > edits for term in found - accepted)


def test_a_large_dictionary_is_searched_in_time_and_in_memory() -> None:
    letters, digits = "ابتثجحخدذرزسشصضطظعغفقكلمنهوي", range(WORDS_OF_A_LARGE_ARCHIVE)
    words = ["".join(letters[at // 28**place % 28] for place in range(4)) + f"ا{at % 1000}" for at in digits]
    dictionary = TermLetters.of_words(words)
    assert dictionary.nbytes < BYTES_ALLOWED
    started = time.process_time()
    for pattern in ("*ا*1", "*ا?*", "?" * 4000, "*" + "اب*" * 1300, "*ا" * 2000):
        dictionary.like_wildcard(pattern)
    for word in (words[0], words[-1], "ا" * 4000):
        dictionary.like_word(word, 2)
    assert time.process_time() - started < 8 * SECONDS_ALLOWED
