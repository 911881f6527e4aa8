"""Numbers for exact forms and lemmas, many at once."""

from __future__ import annotations

import secrets
import string
from collections.abc import Sequence
from functools import cache
from itertools import count
from typing import Final

import numpy as np
from numpy.typing import NDArray

from searchapp.analysis import unknown_loops
from searchapp.analysis.lemma_batch import BatchLemmatizer
from searchapp.analysis.lexicon import default_lexicon
from searchapp.analysis.spelled_terms import NumberedTerms, SpelledTerms, end_to_end
from searchapp.analysis.unknown_words import (
    ARABIC,
    ARTICLES,
    LETTERS_LEFT,
    LETTERS_LEFT_WITHOUT_ARTICLE,
    ONE_SPELLING,
    RELATIVE,
    RELATIVE_ENDINGS,
    unknown_lemma,
)

_FIRST_ROOM: Final = 1 << 12
_NOT_NUMBERED: Final = -1

Places = NDArray[np.int64]


class TermNumbers:
    """Numbers exact forms and lemmas in the order in which they are first seen, and knows the lemma of each exact form.

    `exact` and `lemmas` are the terms by number. Not safe for threads.
    """

    def __init__(self) -> None:
        self._lexicon = default_lexicon()
        self.exact, self.lemmas = NumberedTerms(), NumberedTerms()
        # By name where there is no loop, else in a hash table; each is brought up to the other when it is asked.
        self._names: dict[str, int] = {}
        self._slots, self._entered = np.zeros(1, np.int32), 0
        self._multiplier = np.array([secrets.randbits(64) | 1], np.uint64)
        self._lemmatizer = BatchLemmatizer(self._lexicon)
        self._of_lexicon: NDArray[np.int32] = np.full(self._lexicon.lemma_count, _NOT_NUMBERED, np.int32)
        # Lemmas are found together, when they are asked for: of all words that are new by then.
        self._lemma_of_exact = np.zeros(_FIRST_ROOM, np.int32)
        self._known = 0

    def add(self, exact_forms: Sequence[str]) -> int:
        """Number exact forms that have no numbers yet, one after the other; returns the first number."""
        return self.exact.add(SpelledTerms.of(exact_forms))

    def lexicon_lemmas(self, exact_forms: Sequence[str]) -> NDArray[np.int32]:
        """The numbers of lemmas in the lexicon, -1 for words that it does not know."""
        return self._lemmatizer.lemma_numbers(SpelledTerms.of(exact_forms))

    def lemmas_of(self, exact: NDArray[np.int32]) -> NDArray[np.int32]:
        """The numbers of the lemmas of exact forms, given by their numbers."""
        return self.lemma_of_exact().take(exact)

    def lemma_of_exact(self) -> NDArray[np.int32]:
        """Exact form's number → its lemma's, of all that have numbers by now."""
        known, now = self._known, len(self.exact)
        if now > known:
            if now > len(self._lemma_of_exact):
                self._lemma_of_exact = np.concatenate([self._lemma_of_exact, np.zeros(now, np.int32)])
            self._lemma_of_exact[known:now] = self._lemmas(self.exact.between(known, now))
            self._known = now
        return self._lemma_of_exact

    def _lemmas(self, exact_forms: SpelledTerms) -> NDArray[np.int32]:
        """The numbers of the lemmas of exact forms."""
        found = self._lemmatizer.lemma_numbers(exact_forms)
        known = found >= 0
        # Those that the lexicon knows are numbered through an array, the few others one by one.
        new = found[known]
        # np.unique would import numpy.ma, which takes longer than most calls.
        new = np.sort(new[self._of_lexicon.take(new) == _NOT_NUMBERED])
        new = new[np.diff(new, prepend=-1) > 0]
        self._of_lexicon[new] = self._number(SpelledTerms.of(self._lexicon.lemmas(new)))
        lemmas = self._of_lexicon.take(found, mode="clip")
        others = np.flatnonzero(~known)
        terms, places = _unknown_lemmas(exact_forms.take(others))
        lemmas[others.take(places)] = self._number(terms)
        return lemmas

    def _number(self, lemmas: SpelledTerms) -> NDArray[np.int32]:
        """The numbers of lemmas; those that have none yet get the next ones."""
        known = len(self.lemmas)
        if (made := unknown_loops.number_terms.ready()) is None:
            return self._number_by_name(lemmas.strings())
        most = known + len(lemmas)
        if 2 * most > len(self._slots):
            self._slots, self._entered = np.zeros(1 << (2 * most).bit_length(), np.int32), 0
        numbers = np.empty(len(lemmas), np.int32)
        self._entered = made(
            lemmas.points, lemmas.lengths, self._slots, len(self._slots).bit_length() - 1, self._multiplier,
            self._entered, known, *self.lemmas.room(len(lemmas), len(lemmas.points)), numbers,
        )  # fmt: skip
        self.lemmas.wrote(self._entered - known)
        return numbers

    def _number_by_name(self, lemmas: Sequence[str]) -> NDArray[np.int32]:
        names = self._names
        if len(names) < len(self.lemmas):  # which others were given by a loop
            names.update(zip(self.lemmas[len(names) :], count(len(names)), strict=False))
        new = [lemma for lemma in dict.fromkeys(lemmas) if lemma not in names]
        names.update(zip(new, count(self.lemmas.add(SpelledTerms.of(new))), strict=False))
        return np.fromiter(map(names.__getitem__, lemmas), np.int32, len(lemmas))


def _unknown_lemmas(words: SpelledTerms) -> tuple[SpelledTerms, Places]:
    """What stands for the lemmas of words in exact form that the lexicon does not know, and of which each is."""
    if (made := unknown_loops.find_unknown.ready()) is None:
        return SpelledTerms.of(list(map(unknown_lemma, words.strings()))), np.arange(len(words))
    points, sizes = np.empty(len(words.points), np.uint32), np.empty(len(words), np.int64)
    written = made(
        words.points, words.lengths, *_characters(), *end_to_end(ARTICLES), *end_to_end(RELATIVE_ENDINGS),
        ord(RELATIVE), LETTERS_LEFT, LETTERS_LEFT_WITHOUT_ARTICLE, points, sizes,
    )  # fmt: skip
    found, left = np.flatnonzero(sizes >= 0), np.flatnonzero(sizes < 0)
    others = SpelledTerms.of(list(map(unknown_lemma, words.take(left).strings())))
    lemmas = SpelledTerms(
        np.concatenate([points[:written], others.points]), np.concatenate([sizes.take(found), others.lengths])
    )
    return lemmas, np.concatenate([found, left])


@cache
def _characters() -> tuple[NDArray[np.uint8], NDArray[np.uint32]]:
    """Code point → what kind of character it is (`unknown_loops.py`), and how it is spelled in lemmas."""
    spellings = np.arange(max(map(ord, ARABIC)) + 1, dtype=np.uint32)
    kinds = np.zeros(len(spellings), np.uint8)
    kinds[list(map(ord, ARABIC))] = unknown_loops.ARABIC
    kinds[list(map(ord, string.digits))] = unknown_loops.DIGIT
    spellings[list(map(ord, ONE_SPELLING))] = list(map(ord, ONE_SPELLING.values()))
    return kinds, spellings
