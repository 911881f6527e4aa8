"""The words that a query asks for as hits are ranked and marked by them, for one set of weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.retrieval.core.leaf import Leaf
from searchapp.engine.retrieval.phrases.phrases import PhraseMatcher
from searchapp.engine.retrieval.ranking.proximity import WORDS
from searchapp.engine.retrieval.ranking.standing_words import Asked
from searchapp.engine.retrieval.terms.expansions import ExpansionMatcher
from searchapp.engine.retrieval.terms.term_lists import TermLists
from searchapp.engine.retrieval.terms.words import WordMatcher

Matcher = WordMatcher | PhraseMatcher | ExpansionMatcher


class MarkedWords:
    """The words and phrases that are marked, what each matches, and what showing it in a snippet is worth.

    `words` are the single ones among them, and `asked` these as they are weighed together, if there are two or more.
    `anywhere` says that there are only single words, marked wherever they stand, and not too many for one pass.
    """

    __slots__ = ("anywhere", "asked", "leaves", "lists", "matchers", "words", "worths")

    def __init__(self, lists: TermLists, leaves: Sequence[Leaf], matchers: Sequence[Matcher]) -> None:
        self.lists, self.leaves, self.matchers = lists, leaves, matchers
        # In whole numbers, sums are the same in whatever order they are made.
        self.worths: NDArray[np.int64] = np.array([round(one.rarity * 1e6) for one in matchers], np.int64)
        self.anywhere = len(leaves) <= WORDS and all(
            (len(leaf.exact_terms) == 1 or leaf.expansion) and not leaf.title for leaf in leaves
        )
        self.words = [one for one in matchers if isinstance(one, WordMatcher)]
        self.asked: Asked | None = None
        if len(self.words) > 1:
            self.asked = Asked(lists.snapshot, self.words[:WORDS], lists.weights)

    @classmethod
    def of(cls, lists: TermLists, leaves: Sequence[Leaf], matcher: Callable[[Leaf], Matcher]) -> MarkedWords:
        """Those of a query."""
        return cls(lists, leaves, [matcher(leaf) for leaf in leaves])

    def to_be_kept(self) -> MarkedWords | None:
        """The same without what has been found of it meanwhile; None unless it takes little memory then.

        What takes much is a word whose postings were picked out of others; and the documents that it matches, which a
        matcher keeps once it was asked for them.
        """
        if len(self.words) < len(self.matchers) or not all(one.whole for word in self.words for one in word.lists):
            return None
        return MarkedWords.of(self.lists, self.leaves, lambda leaf: WordMatcher(leaf, self.lists))
