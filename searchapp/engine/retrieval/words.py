"""What a word of a query matches, and how well."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.retrieval.leaf import Leaf
from searchapp.engine.retrieval.term_lists import SoughtWord, TermLists, join
from searchapp.engine.retrieval.word_lists import Scores


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
        exact = leaf.exact_terms[0]
        if len(leaf.forms) == 1:
            self.lists, self.rarity = lists.exact_word(exact, leaf.fields)
        else:
            word = SoughtWord(exact, leaf.stem_terms[0], leaf.light_terms[0], leaf.variants)
            self.lists, self.rarity = lists.word(word, leaf.fields)

    def documents(self) -> NDArray[np.intp]:
        """The documents that have the word, rising."""
        return join([part.documents.astype(np.intp) + part.base for part in self.lists])

    def add_to(self, accumulator: Scores) -> None:
        """Add the word's scores to an array with one entry a document."""
        for part in self.lists:
            part.add_to(accumulator)

    @cached_property
    def matches(self) -> Matches:
        """What the word matches."""
        if len(self.lists) == 1:
            return Matches(self.documents(), self.lists[0].scores())
        return Matches(self.documents(), np.concatenate([NOTHING.scores, *(part.scores() for part in self.lists)]))
