"""The words and phrases of a query after analysis, and what each of them alone matches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.retrieval.leaf import Leaf
from searchapp.engine.retrieval.snapshot import Snapshot
from searchapp.engine.retrieval.term_lists import Scores, TermLists


@dataclass(frozen=True, slots=True)
class Matches:
    """Documents, rising, with the score of each."""

    documents: NDArray[np.intp]
    scores: Scores

    def __len__(self) -> int:
        return len(self.documents)

    @classmethod
    def constant(cls, documents: NDArray[np.intp], score: float = 0.0) -> Matches:
        """Documents that all have the same score."""
        return cls(documents, np.full(len(documents), score, np.float32))


NOTHING: Final = Matches.constant(np.empty(0, np.intp))


class WordMatcher:
    """One word by all its forms. The stem's postings hold every document: an exact form has its stem everywhere."""

    def __init__(self, leaf: Leaf, lists: TermLists) -> None:
        self._snapshot = lists.snapshot
        self.terms = [lists.find(form, leaf.terms(form)[0], leaf.fields) for form in leaf.forms]
        self.widest = self.terms[-1]
        """The form that every match has: stems come last in `Leaf.forms`."""

    @property
    def rarity(self) -> float:
        """What the word is worth in a snippet."""
        return self.widest.idf

    def add_to(self, accumulator: Scores) -> None:
        """Add the word's scores to an array with one entry a document."""
        for term in self.terms:
            term.add_to(accumulator)

    @cached_property
    def matches(self) -> Matches:
        """What the word matches."""
        documents = self.widest.documents()
        return Matches(documents, collect(self._snapshot, (self,), documents))


def collect(snapshot: Snapshot, words: Sequence[WordMatcher], documents: NDArray[np.intp]) -> Scores:
    """The sum of the words' scores for some documents, which must be all that any of the words scores."""
    accumulator = snapshot.accumulator()
    for word in words:
        word.add_to(accumulator)
    scores = accumulator.take(documents)
    accumulator[documents] = 0
    return scores
