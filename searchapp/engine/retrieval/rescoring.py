"""What the words of a query give together to the best stories: how near each other they stand, and how many are there.

score = (sum of the words + proximity + kindred words) · (1 + coverage · share), where the share is the part of the
words' rarity that stands in the story: of two stories with the same sum, the one that has more of the words is about
the matter, the other has one word often. What is above the rest stays above it, as nothing takes anything away.

Only the best `CANDIDATES` by the words alone are looked at, which loses next to nothing and bounds the cost. How rare a
pair of words is, is not in the index, and is counted among them: what most of them have tells none from the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.retrieval.kindred import Occurrences
from searchapp.engine.retrieval.proximity import WORDS, Pairs, pair_frequencies
from searchapp.engine.retrieval.snapshot import Snapshot
from searchapp.engine.retrieval.weights import Weights
from searchapp.engine.retrieval.word_lists import Scores
from searchapp.engine.retrieval.words import WordMatcher

CANDIDATES: Final = 50


class Gains(NamedTuple):
    """What words give together to one document; `share` of them stands in it, as in `Together`."""

    proximity: float
    kindred: float
    share: float


NO_GAINS: Final = Gains(0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Together:
    """For each of D documents, what the nearness of the words adds and what kindred words add, and the share in [0, 1].

    In the share of the words that a document has, a kindred word counts as much of a word as its weight says.
    """

    proximity: NDArray[np.float64]
    kindred: NDArray[np.float64]
    share: NDArray[np.float64]

    def rescored(self, scores: Scores, weights: Weights) -> Scores:
        """The scores of the documents by the words alone → their scores by all."""
        added = scores + self.proximity + self.kindred
        return (added * (1 + weights.coverage * self.share)).astype(np.float32)

    def gains(self) -> Iterator[Gains]:
        """What each document gained."""
        columns = self.proximity.tolist(), self.kindred.tolist(), self.share.tolist()
        return map(Gains, *columns)


def together(
    snapshot: Snapshot, words: Sequence[WordMatcher], documents: NDArray[np.intp], weights: Weights
) -> Together:
    """How the words stand together in the best documents, numbered through, in any order.

    `words` are the query's in reading order, each once.
    """
    words = words[:WORDS]
    rarities = np.array([word.rarity for word in words])
    pairs = Pairs.of(len(words)) if weights.proximity else None
    share, kindred, lengths = (np.zeros(len(documents)) for _ in range(3))
    frequencies = np.zeros((len(documents), len(pairs) if pairs else 0))
    order = np.argsort(documents)
    ordered = documents.take(order)
    for part, base in zip(snapshot.parts, snapshot.bases, strict=False):
        first, last = ordered.searchsorted((base, base + part.segment.documents)).tolist()
        if first < last:
            at, local = order[first:last], ordered[first:last] - base
            found = Occurrences.of(words, base, local, kindred=weights.kindred > 0)
            kindred[at] = weights.kindred * (rarities @ found.kindred)
            has = np.where(found.kindred > 0, weights.kindred, found.has)
            share[at] = (rarities @ has) / (rarities.sum() or 1.0)
            lengths[at] = part.segment.column("length/body").take(local)
            if pairs is not None:
                frequencies[at] = pair_frequencies(found.sources, found.numbers, found.places, pairs, len(local))
    if pairs is None:
        return Together(np.zeros(len(documents)), kindred, share)
    relative = lengths / (snapshot.average_lengths["body"] or 1.0)
    return Together(weights.proximity * pairs.scores(frequencies, relative, weights), kindred, share)
