"""From texts to one stream of word numbers: what evidence is counted on.

A word here is a term of the index where the exact form holds the term's letters. Where it does not, as a broken plural
or most forms of a verb do not, the exact form stands for itself: its spelling is what is looked at (شؤون, شئون), though
what is linked in the end are terms.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from operator import contains
from typing import Final

import numpy as np
from numpy.typing import NDArray

from searchapp.analysis.batch import BatchAnalyzer, TokenBatch
from searchapp.variants.evidence import REACH, Stream

SAMPLE_WORDS: Final = 10_000_000
"""Words that are looked at, at most: about 34,000 articles, and some 500 MB of memory."""
_TEXTS_AT_ONCE: Final = 256
_NO_WORD: Final = -1
_NOUN_PREFIXES: Final = re.compile("[وف]?[بكل]?(?:ال|ل)?")
_RULING: Final = 2
"""A term that occurs in one form in every second place, and in one that no noun has, is one that the lexicon reads into
a foreign name (فيرجسون as of رجس): it is the form then that has a spelling."""


@dataclass(frozen=True, slots=True)
class WordStream:
    """A stream with what its numbers mean: a term of `term_names`, or, beyond these, an exact form of `exact_names`.

    `exact_terms`: the number of each exact form's term, -1 for forms that are not in the stream. `term_counts`: how
    often each term occurs, in all its forms.
    """

    stream: Stream
    term_names: list[str]
    exact_names: list[str]
    exact_terms: NDArray[np.int32]
    term_counts: NDArray[np.int64]

    def name(self, number: int) -> str:
        """The word with this number."""
        return self.names(np.array([number]))[0]

    def term(self, number: int) -> str:
        """The term of the word with this number."""
        return self.term_names[int(self.terms()[number])]

    def names(self, numbers: NDArray[np.int64]) -> list[str]:
        """The words with these numbers."""
        terms, term_names, exact_names = len(self.term_names), self.term_names, self.exact_names
        return [term_names[at] if at < terms else exact_names[at - terms] for at in numbers.tolist()]

    def terms(self) -> NDArray[np.int64]:
        """By word number, the number of its term."""
        return np.concatenate([np.arange(len(self.term_names)), self.exact_terms])

    def shares(self) -> NDArray[np.float64]:
        """By word number, how much of its term's occurrences the word makes up, 0 to 1."""
        shares: NDArray[np.float64] = self.stream.counts[:-1] / np.maximum(self.term_counts[self.terms()], 1)
        return shares


def read_words(texts: Iterable[str], analyzer: BatchAnalyzer, most: int = SAMPLE_WORDS) -> WordStream:
    """The words of texts until there are `most`; what is left of the iterable is not read."""
    pieces, exact_term = [], np.zeros(0, np.int32)
    words = 0
    remaining = iter(texts)
    while words < most and (batch := list(islice(remaining, _TEXTS_AT_ONCE))):
        tokens = analyzer.analyze(batch)
        exact_term = _grown(exact_term, len(analyzer.exact_terms))
        exact_term[tokens.exact] = tokens.lemma
        pieces.append(_spaced(tokens))
        words += len(tokens.exact)
    exact = np.concatenate([*pieces, np.full(REACH, _NO_WORD, np.int32)])
    exact_term = _grown(exact_term, len(analyzer.exact_terms))
    return _numbered(exact, exact_term, analyzer)


def _grown(array: NDArray[np.int32], size: int) -> NDArray[np.int32]:
    return np.concatenate((array, np.full(size - len(array), _NO_WORD, np.int32))) if size > len(array) else array


def _spaced(tokens: TokenBatch) -> NDArray[np.int32]:
    """The exact forms, with `REACH` places of no word before each text."""
    counts = np.diff(tokens.pointers)
    spaced = np.full(len(tokens.exact) + REACH * len(counts), _NO_WORD, np.int32)
    spaced[np.arange(len(tokens.exact)) + REACH * np.repeat(np.arange(1, len(counts) + 1), counts)] = tokens.exact
    return spaced


def _numbered(exact: NDArray[np.int32], exact_term: NDArray[np.int32], analyzer: BatchAnalyzer) -> WordStream:
    """Turn numbers of exact forms into numbers of words."""
    exact_names, term_names = analyzer.exact_terms[:], analyzer.lemma_terms[:]
    forms = np.flatnonzero(exact_term >= 0)
    cores = [_core(name) for name in term_names]
    spelled = map(exact_names.__getitem__, forms.tolist())
    inside = map(contains, spelled, map(cores.__getitem__, exact_term[forms].tolist()))
    holds = np.fromiter(inside, np.bool_, len(forms))
    met = np.bincount(exact[exact >= 0], minlength=len(exact_term))[forms]
    ruling = met * _RULING >= np.bincount(exact_term[forms], met, len(term_names))[exact_term[forms]]
    for place in np.flatnonzero(holds & ruling).tolist():
        form, core = exact_names[int(forms[place])], cores[int(exact_term[forms[place]])]
        holds[place] = _NOUN_PREFIXES.fullmatch(form[: form.index(core)]) is not None
    outside = len(term_names) + len(exact_names)
    word_of = np.full(len(exact_term) + 1, outside, np.int32)
    word_of[forms] = np.where(holds, exact_term[forms], forms + len(term_names))
    words = word_of[exact]
    counts = np.bincount(words, minlength=outside + 1)
    term_counts = counts[: len(term_names)].copy()
    apart = forms[~holds]
    np.add.at(term_counts, exact_term[apart], counts[apart + len(term_names)])
    return WordStream(Stream(words, counts), term_names, exact_names, exact_term, term_counts)


def _core(term: str) -> str:
    """What a form of the term holds, if it is the term with affixes: a teh marbuta opens before a suffix."""
    return term.removesuffix("ه")
