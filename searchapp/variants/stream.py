"""From texts to one stream of word numbers: what evidence is counted on.

A word here is a term of the index where the exact form holds the term's letters. Where it does not, as a broken plural
or most forms of a verb do not, the exact form stands for itself: its spelling is what is looked at (شؤون, شئون), though
what is linked in the end are terms.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise, product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from searchapp.analysis.batch import BatchAnalyzer
from searchapp.analysis.indexed_words import WORDS_KEPT, Words
from searchapp.variants.evidence import REACH, Stream
from searchapp.variants.stream_loops import count_numbers, find_cores, put_words

SAMPLE_WORDS: Final = WORDS_KEPT
"""Words that are looked at, at most: about 34,000 articles, and some 500 MB of memory."""
_TEXTS_AT_ONCE: Final = 256
_NO_WORD: Final = -1
_COUNTED_AT_ONCE: Final = 1 << 20
_NOUN_PREFIXES: Final = frozenset(map("".join, product(("", "و", "ف"), ("", "ب", "ك", "ل"), ("", "ال", "ل"))))
_RULING: Final = 2
"""A term that occurs in one form in every second place, and in one that no noun has, is one that the lexicon reads into
a foreign name (فيرجسون as of رجس): it is the form then that has a spelling."""


@dataclass(frozen=True, slots=True)
class WordStream:
    """A stream with what its numbers mean: a term of `term_names`, or, beyond these, an exact form of `exact_names`.

    `terms`: by word number, the number of its term, -1 for words that are not in the stream. `term_counts`: how often
    each term occurs, in all its forms.
    """

    stream: Stream
    term_names: list[str]
    exact_names: list[str]
    terms: NDArray[np.int32]
    term_counts: NDArray[np.int64]

    def name(self, number: int) -> str:
        """The word with this number."""
        return self.names(np.array([number]))[0]

    def term(self, number: int) -> str:
        """The term of the word with this number."""
        return self.term_names[int(self.terms[number])]

    def names(self, numbers: NDArray[np.int64]) -> list[str]:
        """The words with these numbers."""
        terms, term_names, exact_names = len(self.term_names), self.term_names, self.exact_names
        return [term_names[at] if at < terms else exact_names[at - terms] for at in numbers.tolist()]

    def shares(self) -> NDArray[np.float64]:
        """By word number, how much of its term's occurrences the word makes up, 0 to 1."""
        shares: NDArray[np.float64] = self.stream.counts[:-1] / np.maximum(self.term_counts[self.terms], 1)
        return shares


def analyzed(texts: Iterable[str], analyzer: BatchAnalyzer) -> Iterator[Words]:
    """The words of texts, by the numbers of their exact forms."""
    remaining = iter(texts)
    while batch := list(islice(remaining, _TEXTS_AT_ONCE)):
        tokens = analyzer.analyze(batch)
        for start, stop in pairwise(tokens.pointers.tolist()):
            yield tokens.exact[start:stop]


def read_words(texts: Iterable[Words], analyzer: BatchAnalyzer, most: int = SAMPLE_WORDS) -> WordStream:
    """The words of texts, each given as `analyzed` gives it, until there are `most`; what is left is not read."""
    gap = np.full(REACH, _NO_WORD, np.int32)
    pieces: list[Words] = []
    words = 0
    for text in texts:
        pieces += (gap, text)
        words += len(text)
        if words >= most:
            break
    return _numbered(np.concatenate([*pieces, gap]), analyzer)


def _numbered(exact: Words, analyzer: BatchAnalyzer) -> WordStream:
    """Turn numbers of exact forms into numbers of words."""
    exact_names = analyzer.exact_terms[:]
    occurrences = _counted(exact, len(exact_names) + 1)[:-1]
    forms = np.flatnonzero(occurrences)
    met, terms = occurrences.take(forms), analyzer.lemmas_of(forms.astype(np.int32))
    term_names = analyzer.lemma_terms[:]
    cores = [_core(name) for name in term_names]
    spelled = [exact_names[form] for form in forms.tolist()]
    places = _places_of_cores(spelled, cores, terms.astype(np.int64))
    holds = places >= 0
    ruling = met * _RULING >= np.bincount(terms, met, len(term_names))[terms]
    for word in np.flatnonzero((places > 0) & ruling).tolist():
        holds[word] = spelled[word][: places.item(word)] in _NOUN_PREFIXES
    outside = len(term_names) + len(exact_names)
    # One more, and the last of all: what is no word.
    word_of = np.full(len(exact_names) + 1, outside, np.int32)
    word_of[forms] = np.where(holds, terms, forms + len(term_names))
    counts = np.bincount(word_of[forms], met, outside + 1).astype(np.int64)
    counts[outside] = len(exact) - met.sum()
    words = _words(exact, word_of)
    term_counts = counts[: len(term_names)].copy()
    np.add.at(term_counts, terms[~holds], counts[forms[~holds] + len(term_names)])
    term_of = np.concatenate([np.arange(len(term_names), dtype=np.int32), np.full(len(exact_names), -1, np.int32)])
    term_of[forms + len(term_names)] = terms
    return WordStream(Stream(words, counts), term_names, exact_names, term_of, term_counts)


def _counted(numbers: Words, size: int) -> NDArray[np.int64]:
    """How often each number below `size` occurs, the last one for −1; by pieces, since numpy widens what it counts."""
    counts = np.zeros(size, np.int64)
    if (count := count_numbers.ready()) is not None:
        count(numbers, counts)
        return counts
    for start in range(0, len(numbers), _COUNTED_AT_ONCE):
        piece = numbers[start : start + _COUNTED_AT_ONCE].astype(np.int64)
        piece[piece < 0] = size - 1
        counts += np.bincount(piece, minlength=size)
    return counts


def _words(exact: Words, word_of: Words) -> Words:
    """The words of exact forms, which need not stay; the last of all for -1."""
    if (put := put_words.ready()) is None:
        return word_of.take(exact, mode="wrap")
    put(exact, word_of)
    return exact


def _places_of_cores(words: Sequence[str], cores: Sequence[str], core_of: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where each word first holds its core, given by number; -1 where it does not. None has a line break."""
    if (find := find_cores.ready()) is None:
        return np.fromiter(map(str.find, words, map(cores.__getitem__, core_of.tolist())), np.int64, len(words))
    places = np.empty(len(words), np.int64)
    find(*_letters(words), *_letters(cores), core_of, places)
    return places


def _letters(words: Sequence[str]) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """The letters of words, each between line breaks, and where these are."""
    text = "\n".join(("", *words, ""))
    letters = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    return letters, np.flatnonzero(letters == ord("\n"))


def _core(term: str) -> str:
    """What a form of the term holds, if it is the term with affixes: a teh marbuta opens before a suffix."""
    return term.removesuffix("ه")
