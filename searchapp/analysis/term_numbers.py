"""Numbers for exact forms and lemmas, many at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from searchapp.analysis.lemma_batch import BatchLemmatizer
from searchapp.analysis.lexicon import default_lexicon
from searchapp.analysis.unknown_words import unknown_lemma

_FIRST_ROOM: Final = 1 << 12
_NOT_NUMBERED: Final = -1


class Terms:
    """Numbers terms in the order in which they are first seen."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self._numbers: dict[str, int] = {}

    def number(self, term: str) -> int:
        """The number of a term, a new one if it has none."""
        number = self._numbers.setdefault(term, len(self.names))
        if number == len(self.names):
            self.names.append(term)
        return number


class TermNumbers:
    """Numbers exact forms, and knows the lemma of each. Not safe for threads."""

    def __init__(self) -> None:
        lexicon = default_lexicon()
        self.exact, self.lemmas = Terms(), Terms()
        self._lemmatizer = BatchLemmatizer(lexicon)
        self._lexicon_lemma = lexicon.lemma
        self._of_lexicon: NDArray[np.int32] = np.full(lexicon.lemma_count, _NOT_NUMBERED, np.int32)
        self._lemma_of_exact = np.zeros(_FIRST_ROOM, np.int32)

    def number(self, exact_forms: Sequence[str]) -> list[int]:
        """The numbers of exact forms."""
        known = len(self.exact.names)
        numbers = list(map(self.exact.number, exact_forms))
        self._learn(self.exact.names[known:], known)
        return numbers

    def lemmas_of(self, exact: NDArray[np.int32]) -> NDArray[np.int32]:
        """The numbers of the lemmas of exact forms, given by their numbers."""
        return self._lemma_of_exact.take(exact)

    def _learn(self, exact_forms: Sequence[str], first: int) -> None:
        """Find the lemmas of exact forms that have just been numbered from `first` on."""
        found = self._lemmatizer.lemma_numbers(exact_forms)
        # Those that the lexicon knows are numbered through an array, the few others one by one.
        new = np.unique(found[found >= 0])
        new = new[self._of_lexicon.take(new) == _NOT_NUMBERED]
        self._of_lexicon[new] = [self.lemmas.number(self._lexicon_lemma(number)) for number in new.tolist()]
        lemmas = np.where(found >= 0, self._of_lexicon.take(found, mode="clip"), np.int32(_NOT_NUMBERED))
        for place in np.flatnonzero(found < 0).tolist():
            lemmas[place] = self.lemmas.number(unknown_lemma(exact_forms[place]))
        end = first + len(exact_forms)
        if end > len(self._lemma_of_exact):
            self._lemma_of_exact = np.concatenate([self._lemma_of_exact, np.zeros(end, np.int32)])
        self._lemma_of_exact[first:end] = lemmas
