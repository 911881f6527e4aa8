"""What a word of a query matches, and how well."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.retrieval.core.leaf import Leaf
from searchapp.engine.retrieval.core.matches import NOTHING, LateMatches, Matches, Scores
from searchapp.engine.retrieval.terms.kindred_words import NO_KINDRED, Kindred
from searchapp.engine.retrieval.terms.picked_lists import numbered_through
from searchapp.engine.retrieval.terms.sought_terms import join
from searchapp.engine.retrieval.terms.term_lists import TermLists
from searchapp.engine.retrieval.terms.word_lists import HEAD, AnyList, Source, WordList


class WordMatcher:
    """One word by all its forms. The lemma's postings hold every document: an exact form has its lemma everywhere."""

    def __init__(self, leaf: Leaf, lists: TermLists) -> None:
        self._leaf, self._term_lists = leaf, lists
        self.lists, self.rarity = lists.of_leaf(leaf)

    def documents(self) -> NDArray[np.intp]:
        """The documents that have the word, rising."""
        return self.matches.documents

    def add_to(self, sums: Scores) -> None:
        """Add the score of each document that has the word to the sums, one a document."""
        for part in self.lists:
            np.add.at(sums, numbered_through(part), part.scores())

    def sources(self, base: int) -> list[Source]:
        """Where its positions are read in the segment that begins with this document."""
        return [source for one in self.lists if one.base == base for source in one.sources]

    @property
    def kindred(self) -> Kindred:
        """The postings of kindred words; none for a word of which the very form is wanted."""
        leaf = self._leaf
        return NO_KINDRED if len(leaf.forms) == 1 else self._term_lists.kindred(leaf.lemma_terms[0], leaf.fields)

    @property
    def kindred_lists(self) -> Sequence[WordList]:
        """The same, list by list."""
        leaf = self._leaf
        return () if len(leaf.forms) == 1 else self._term_lists.kindred_lists(leaf.lemma_terms[0], leaf.fields)

    @cached_property
    def matches(self) -> Matches:
        """What the word matches."""
        return _WordMatches(self.lists)


class _WordMatches(LateMatches):
    """What a word matches, by its postings in each segment."""

    __slots__ = ("_lists",)

    def __init__(self, lists: Sequence[AnyList]) -> None:
        super().__init__()
        self._lists = lists

    def __len__(self) -> int:
        return sum(map(len, self._lists))

    def _find_documents(self) -> NDArray[np.intp]:
        return join([numbered_through(part) for part in self._lists])

    def _find_scores(self) -> Scores:
        if len(self._lists) == 1:
            return self._lists[0].scores()
        return np.concatenate([NOTHING.scores, *(part.scores() for part in self._lists)])

    def count(self, values: NDArray[Any], width: int) -> NDArray[np.int64]:
        """How many of them have each value in [0, width), of which every document has one."""
        counts = np.zeros(width, np.int64)
        for part in self._lists:
            counts += part.count(values, width)
        return counts

    def highest(self, count: int) -> Matches:
        """All whose score is not below the `count`-th highest, and maybe some more."""
        if count > HEAD or not self._lists:
            return super().highest(count)
        heads = [part.head().matches for part in self._lists]
        if len(heads) == 1:
            return heads[0]
        return Matches(
            np.concatenate([head.documents for head in heads]), np.concatenate([head.scores for head in heads])
        )
