"""Kindred words among the best stories: where a word of the query is missing, a word of the same kin speaks for it.

Headlines and questions say with a verb what a text says with its noun (تنفق, إنفاق), and with an adjective what it says
with a name (اليمن, اليمنية). Such words match too much to find by them, but among stories that are found they tell. The
lexicon says which lemmas are kindred.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.retrieval.proximity import Places
from searchapp.engine.retrieval.word_lists import Source
from searchapp.engine.retrieval.words import WordMatcher


@dataclass(slots=True)
class Occurrences:
    """Where W words stand in D documents, rising, of one segment.

    `sources`, `numbers` (which word each is of) and `places` are side by side; `has` (W × D) tells which words stand
    where, and `kindred` (W × D) what a kindred word's frequencies give where the word itself is missing.
    """

    has: NDArray[np.bool_]
    kindred: NDArray[np.float32]
    sources: list[Source] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    places: list[Places] = field(default_factory=list)

    @classmethod
    def of(cls, words: Sequence[WordMatcher], base: int, local: NDArray[np.intp], *, kindred: bool) -> Occurrences:
        """Look the words up in some documents of the segment that begins at `base`, with `kindred` their kin, too."""
        shape = len(words), len(local)
        found = cls(np.zeros(shape, bool), np.zeros(shape, np.float32))
        for number, word in enumerate(words):
            for source in _sources(word, base):
                places = source.rows_in(local)
                found._add(number, source, places)
                found.has[number, places[1]] = True
        if kindred:
            for number, word in enumerate(words):
                if not found.has[number].all():
                    found._add_kindred(number, word, base, local)
        return found

    def _add(self, number: int, source: Source, places: Places) -> None:
        self.sources.append(source)
        self.numbers.append(number)
        self.places.append(places)

    def _add_kindred(self, number: int, word: WordMatcher, base: int, local: NDArray[np.intp]) -> None:
        """What stands for a word where it is missing; of several kindred words the first counts."""
        lacking = ~self.has[number]
        for one in word.kindred:
            if one.base != base:
                continue
            places, owners = one.source.rows_in(local)
            chosen = np.flatnonzero(lacking.take(owners))
            if len(chosen):
                places, owners = places.take(chosen), owners.take(chosen)
                lacking[owners] = False
                self.kindred[number, owners] = one.table.take(one.codes.take(one.source.rows_of(places)))
                self._add(number, one.source, (places, owners))


def _sources(word: WordMatcher, base: int) -> Iterator[Source]:
    for one in word.lists:
        if one.base == base:
            yield from one.sources
