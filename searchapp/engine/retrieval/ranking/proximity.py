"""What words that stand near each other add to a story's score.

Each pair of the query's words counts as a word of its own: its frequency in a document is the sum of distance^-½ over
all pairs of occurrences up to `REACH` words apart, in either order (after Büttcher, Clarke and Lushman, "Term proximity
scoring for ad-hoc retrieval on very large text collections", 2006); words far apart in the query count less, by
gap^-½. BM25 then bounds it. How rare a pair is, is not in the index: it is counted among the documents at hand.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.retrieval.core.weights import Weights
from searchapp.engine.retrieval.ranking.rescoring_loops import DOCUMENT_SHIFT, LEAST, REACH, WORD_BITS
from searchapp.frozen import dataclass

QUERY_REACH: Final = 10
"""Words apart in the query."""
WORDS: Final = 1 << WORD_BITS
"""Of longer queries, the first words."""
_WORD: Final = WORDS - 1
_STEP_BITS: Final = 4 + WORD_BITS
_STEP: Final = (1 << _STEP_BITS) - 1
"""From one occurrence to another within reach: distance << 6 | word."""
BY_DISTANCE: Final = np.array([0.0, *(distance**-0.5 for distance in range(1, REACH + 1))])
"""What two occurrences so far apart give."""
_NEARNESS: Final = BY_DISTANCE.repeat(WORDS)

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Pairs:
    """The pairs of a query's words, and the weight of each.

    `numbers` (W × steps, flat) has the number of the pair of a word and that of a step; of one that does not count, the
    number behind the last.
    """

    numbers: Numbers
    weights: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.weights)

    @classmethod
    @cache
    def of(cls, words: int) -> Pairs:
        """The pairs of so many words, in reading order."""
        first, second = np.triu_indices(words, 1)
        near = np.flatnonzero(second - first <= QUERY_REACH)
        first, second = first.take(near), second.take(near)
        numbers = np.full((words, words), len(near), np.int64)
        numbers[first, second] = numbers[second, first] = np.arange(len(near))
        of_steps = np.full((words, REACH + 1, WORDS), len(near), np.int64)
        of_steps[:, :, :words] = numbers[:, None, :]
        return cls(of_steps.ravel(), 1 / np.sqrt(second - first))

    def scores(
        self, frequencies: NDArray[np.float64], lengths: NDArray[np.float64], weights: Weights
    ) -> NDArray[np.float64]:
        """What the pairs give to each of D documents.

        `frequencies` are D × pairs, `lengths` those of the documents' bodies as multiples of the average.
        """
        idf = _idf(len(frequencies)).take((frequencies > 0).sum(axis=0))
        floor = weights.k1_proximity * (1 - weights.b_body + weights.b_body * lengths)
        # Where a pair is not there and k1 is 0, both parts are.
        saturated = frequencies / np.maximum(frequencies + floor[:, None], LEAST)
        scores: NDArray[np.float64] = saturated @ (self.weights * idf)
        return scores

    def frequencies(self, occurrences: Numbers, documents: int) -> NDArray[np.float64]:
        """For each of D documents and each pair, the nearness of its words (D × pairs).

        `occurrences` are those of all the words, as `occurrences` makes them, rising.
        """
        stops = occurrences.searchsorted((occurrences | _WORD) + (REACH << WORD_BITS), side="right")
        # Each occurrence with each of those that follow within reach.
        counts = stops - np.arange(1, len(occurrences) + 1)
        ends = counts.cumsum()
        second = (stops - ends).repeat(counts)
        second += np.arange(len(second))
        # Less the place of the first, the second is distance << 6 | word; the table is asked for all three at once.
        words = occurrences & _WORD
        steps = ((words << _STEP_BITS) + words - occurrences).repeat(counts)
        steps += occurrences.take(second)
        # One column more than there are pairs takes what does not count.
        width = len(self.weights) + 1
        cells = ((occurrences >> DOCUMENT_SHIFT) * width).repeat(counts)
        cells += self.numbers.take(steps)
        found = np.bincount(cells, _NEARNESS.take(steps & _STEP), documents * width).reshape(documents, width)
        return found[:, :-1].astype(np.float64, copy=False)


@lru_cache(maxsize=256)
def _idf(documents: int) -> NDArray[np.float64]:
    """The idf of pairs that stand in 0, 1, … of so many documents."""
    having = np.arange(documents + 1)
    idf: NDArray[np.float64] = np.log(1 + (documents - having + 0.5) / (having + 0.5))
    return idf


def posting_keys(documents: Numbers, word: int) -> Numbers:
    """The postings of a word in some documents, each as one number."""
    return documents << DOCUMENT_SHIFT | word


def occurrences(postings: Numbers, counts: Numbers, positions: Numbers) -> Numbers:
    """Each occurrence of some words in some documents as one number.

    `postings` are as `posting_keys` has them; `counts` says how many of `positions` are of each.
    """
    return postings.repeat(counts) + (positions << WORD_BITS)


def stretches(occurrences: Numbers, documents: Numbers) -> tuple[list[int], list[int]]:
    """Where those of each of some documents begin and end in rising occurrences."""
    bounds = occurrences.searchsorted(np.concatenate([documents, documents + 1]) << DOCUMENT_SHIFT).tolist()
    return bounds[: len(documents)], bounds[len(documents) :]


def renumbered(occurrences: Numbers, numbers: Numbers) -> Numbers:
    """The occurrences in documents that have a number, under that number; −1 stands for none."""
    documents = numbers.take(occurrences >> DOCUMENT_SHIFT)
    (kept,) = (documents >= 0).nonzero()
    within = occurrences.take(kept) & ((1 << DOCUMENT_SHIFT) - 1)
    return documents.take(kept) << DOCUMENT_SHIFT | within


def places_and_words(occurrences: Numbers) -> tuple[Numbers, Numbers]:
    """Each occurrence's place, as document << 32 | position, and its word."""
    return occurrences >> WORD_BITS, occurrences & _WORD


def occurrences_at(places: Numbers, word: int) -> Numbers:
    """The occurrences of a word at places as `places_and_words` has them."""
    return places << WORD_BITS | word
