"""What a word of a query matches, and how well."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.retrieval.leaf import Leaf
from searchapp.engine.retrieval.matches import NOTHING, Matches, Scores
from searchapp.engine.retrieval.term_lists import SoughtWord, TermLists, join
from searchapp.engine.retrieval.word_lists import AnyList, WordList


def _numbered_through(part: AnyList) -> NDArray[np.intp]:
    documents: NDArray[np.intp] = part.documents.astype(np.intp)
    if part.base:
        documents += part.base
    return documents


class WordMatcher:
    """One word by all its forms. The lemma's postings hold every document: an exact form has its lemma everywhere."""

    def __init__(self, leaf: Leaf, lists: TermLists) -> None:
        self._leaf, self._term_lists = leaf, lists
        exact = leaf.exact_terms[0]
        if len(leaf.forms) == 1:
            self.lists, self.rarity = lists.exact_word(exact, leaf.fields)
        else:
            word = SoughtWord(exact, leaf.lemma_terms[0], leaf.light_terms[0], leaf.variants)
            self.lists, self.rarity = lists.word(word, leaf.fields)

    def documents(self) -> NDArray[np.intp]:
        """The documents that have the word, rising."""
        return join([_numbered_through(part) for part in self.lists])

    def add_to(self, sums: Scores) -> None:
        """Add the score of each document that has the word to the sums, one a document."""
        for part in self.lists:
            np.add.at(sums, _numbered_through(part), part.scores())

    @cached_property
    def kindred(self) -> list[WordList]:
        """The postings of kindred words; none for a word of which the very form is wanted."""
        leaf = self._leaf
        return [] if len(leaf.forms) == 1 else self._term_lists.kindred(leaf.lemma_terms[0], leaf.fields)

    @cached_property
    def matches(self) -> Matches:
        """What the word matches."""
        if len(self.lists) == 1:
            return Matches(self.documents(), self.lists[0].scores())
        return Matches(self.documents(), np.concatenate([NOTHING.scores, *(part.scores() for part in self.lists)]))
