"""What words that stand near each other add to a story's score.

Each pair of the query's words counts as a word of its own: its frequency in a document is the sum of distance^-½ over
all pairs of occurrences up to `REACH` words apart, in either order (after Büttcher, Clarke and Lushman, "Term proximity
scoring for ad-hoc retrieval on very large text collections", 2006); words far apart in the query count less, by
gap^-½. BM25 then bounds it. How rare a pair is, is not in the index: it is counted among the documents at hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.retrieval.weights import Weights
from searchapp.engine.retrieval.word_lists import Source
from searchapp.engine.storage.pointers import ranges

REACH: Final = 15
"""Words apart in the document."""
QUERY_REACH: Final = 10
"""Words apart in the query."""
WORDS: Final = 64
"""Of longer queries, the first words."""
_SHIFT: Final = 32
_NEARNESS: Final = np.array([0.0, *(distance**-0.5 for distance in range(1, REACH + 1))])

Places = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Places of postings, and which of some documents each is of."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """The pairs of a query's words: `number` (W × W) of each pair, −1 for one that does not count; their weights."""

    number: NDArray[np.int64]
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
        number = np.full((words, words), -1, np.int64)
        number[first, second] = number[second, first] = np.arange(len(near))
        return cls(number, 1 / np.sqrt(second - first))

    def scores(
        self, frequencies: NDArray[np.float64], lengths: NDArray[np.float64], weights: Weights
    ) -> NDArray[np.float64]:
        """What the pairs give to each of D documents.

        `frequencies` are D × pairs, `lengths` those of the documents' bodies as multiples of the average.
        """
        documents = np.count_nonzero(frequencies, axis=0)
        idf = np.log(1 + (len(frequencies) - documents + 0.5) / (documents + 0.5))
        floor = weights.k1_proximity * (1 - weights.b_body + weights.b_body * lengths)
        saturated = frequencies / (frequencies + floor[:, None])
        scores: NDArray[np.float64] = saturated @ (self.weights * idf)
        return scores


def pair_frequencies(
    sources: Sequence[Source], numbers: Sequence[int], found: Sequence[Places], pairs: Pairs, documents: int
) -> NDArray[np.float64]:
    """For each of D documents of a segment and each pair, the nearness of its words (D × pairs).

    `found` are the postings of each source in the documents, `numbers` the words that the sources are of.
    """
    keys, words = _occurrences(sources, numbers, found)
    order = keys.argsort()
    keys, words = keys.take(order), words.take(order)
    every = np.arange(len(keys))
    counts = keys.searchsorted(keys + REACH, side="right") - every - 1
    first, second = every.repeat(counts), ranges(every + 1, counts)
    pair = pairs.number[words.take(first), words.take(second)]
    counting = np.flatnonzero(pair >= 0)
    first, second = first.take(counting), second.take(counting)
    starts = keys.take(first)
    cells = (starts >> _SHIFT) * len(pairs.weights) + pair.take(counting)
    nearness = _NEARNESS.take(keys.take(second) - starts)
    frequencies = np.bincount(cells, weights=nearness, minlength=documents * len(pairs.weights))
    return frequencies.reshape((documents, -1)).astype(np.float64, copy=False)


def _occurrences(
    sources: Sequence[Source], numbers: Sequence[int], found: Sequence[Places]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Each occurrence of the words as document << 32 | position, and the number of its word."""
    whole = [at for at, source in enumerate(sources) if source.ordinal is None]
    keys, words = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    groups = [whole] if whole else []
    groups += [[at] for at, source in enumerate(sources) if source.ordinal is not None]
    for group in groups:
        # All words whose forms do not matter are read in one go: their postings lie in the same flat arrays.
        places = np.concatenate([found[at][0] for at in group])
        owners = np.concatenate([found[at][1] for at in group])
        each = np.repeat([numbers[at] for at in group], [len(found[at][0]) for at in group])
        counts, positions = sources[group[0]].lemmas.positions(places, sources[group[0]].ordinal)
        keys.append(np.repeat(owners << _SHIFT, counts) | positions)
        words.append(np.repeat(each, counts))
    return np.concatenate(keys), np.concatenate(words)
