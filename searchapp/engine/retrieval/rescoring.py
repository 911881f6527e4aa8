"""What the words of a query give together to the best stories: how near each other they stand, and how many are there.

score = (sum of the words + proximity) · (1 + coverage · share), where the share is the part of the words' rarity that
stands in the story: of two stories with the same sum, the one that has more of the words is about the matter, the
other has one word often. What is above the rest stays above it, as neither takes anything away.

Only the best `CANDIDATES` by the words alone are looked at, which loses next to nothing and bounds the cost. How rare a
pair of words is, is not in the index, and is counted among them: what most of them have tells none from the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.retrieval.proximity import WORDS, Pairs, pair_frequencies
from searchapp.engine.retrieval.snapshot import Snapshot
from searchapp.engine.retrieval.weights import Weights
from searchapp.engine.retrieval.word_lists import Scores
from searchapp.engine.retrieval.words import WordMatcher

CANDIDATES: Final = 50


@dataclass(frozen=True, slots=True)
class Together:
    """For each of D documents, what the nearness of the words adds, and the share in [0, 1] of them that it has."""

    proximity: NDArray[np.float64]
    share: NDArray[np.float64]

    def rescored(self, scores: Scores, weights: Weights) -> Scores:
        """The scores of the documents by the words alone → their scores by all."""
        return ((scores + self.proximity) * (1 + weights.coverage * self.share)).astype(np.float32)


def together(
    snapshot: Snapshot, words: Sequence[WordMatcher], documents: NDArray[np.intp], weights: Weights
) -> Together:
    """How the words stand together in the best documents, numbered through, in any order.

    `words` are the query's in reading order, each once.
    """
    words = words[:WORDS]
    rarities = np.array([word.rarity for word in words])
    pairs = Pairs.of(len(words)) if weights.proximity else None
    share, frequencies = np.zeros(len(documents)), np.zeros((len(documents), len(pairs) if pairs else 0))
    lengths = np.zeros(len(documents))
    order = np.argsort(documents)
    ordered = documents.take(order)
    for part, base in zip(snapshot.parts, snapshot.bases, strict=False):
        first, last = ordered.searchsorted((base, base + part.segment.documents)).tolist()
        if first < last:
            at, local = order[first:last], ordered[first:last] - base
            share[at], frequencies[at] = _in_segment(words, base, local, rarities, pairs)
            lengths[at] = part.segment.column("length/body").take(local)
    if pairs is None:
        return Together(frequencies.sum(axis=1), share)
    relative = lengths / (snapshot.average_lengths["body"] or 1.0)
    return Together(weights.proximity * pairs.scores(frequencies, relative, weights), share)


def _in_segment(
    words: Sequence[WordMatcher], base: int, local: NDArray[np.intp], rarities: NDArray[np.float64], pairs: Pairs | None
) -> tuple[NDArray[np.float64], NDArray[np.float64] | float]:
    """The share of the words in each of D documents, rising, of the segment at `base`, and its pairs' frequencies."""
    placed = [
        (number, source)
        for number, word in enumerate(words)
        for one in word.lists
        if one.base == base
        for source in one.sources
    ]
    numbers, sources = [number for number, _ in placed], [source for _, source in placed]
    found = [source.rows_in(local) for source in sources]
    has = np.zeros((len(words), len(local)), bool)
    for number, (_, owners) in zip(numbers, found, strict=True):
        has[number, owners] = True
    share = (rarities @ has) / (rarities.sum() or 1.0)
    return share, 0.0 if pairs is None else pair_frequencies(sources, numbers, found, pairs, len(local))
