"""Numbers for exact forms and lemmas, many at once."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Final

import numpy as np
from numpy.typing import NDArray

from searchapp.analysis.lemma_batch import BatchLemmatizer
from searchapp.analysis.lexicon import default_lexicon
from searchapp.analysis.spelled_terms import NumberedTerms, SpelledTerms
from searchapp.analysis.unknown_words import unknown_lemma

_FIRST_ROOM: Final = 1 << 12
_NOT_NUMBERED: Final = -1


class TermNumbers:
    """Numbers exact forms and lemmas in the order in which they are first seen, and knows the lemma of each exact form.

    `exact` and `lemmas` are the terms by number. Not safe for threads.
    """

    def __init__(self) -> None:
        self._lexicon = default_lexicon()
        self.exact, self.lemmas = NumberedTerms(), NumberedTerms()
        self._lemma_numbers: dict[str, int] = {}
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
        self._of_lexicon[new] = self._number(self._lexicon.lemmas(new))
        lemmas = self._of_lexicon.take(found, mode="clip")
        others = np.flatnonzero(~known)
        lemmas[others] = self._number(list(map(unknown_lemma, exact_forms.take(others).strings())))
        return lemmas

    def _number(self, lemmas: Sequence[str]) -> list[int]:
        numbers = self._lemma_numbers
        new = [lemma for lemma in dict.fromkeys(lemmas) if lemma not in numbers]
        numbers.update(zip(new, count(self.lemmas.add(SpelledTerms.of(new))), strict=False))
        return [numbers[lemma] for lemma in lemmas]
