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

from searchapp.engine.retrieval.matches import Scores
from searchapp.engine.retrieval.proximity import WORDS, Pairs, occurrences, posting_keys
from searchapp.engine.retrieval.snapshot import Snapshot
from searchapp.engine.retrieval.weights import Weights
from searchapp.engine.retrieval.word_lists import Source
from searchapp.engine.retrieval.words import WordMatcher
from searchapp.engine.storage.segment import Segment

CANDIDATES: Final = 50


@dataclass(frozen=True, slots=True)
class Read:
    """What was read of some documents of a segment, rising: where words stand in those that have `several` of them.

    In `occurrences`, a document is numbered by its place in `documents`.
    """

    segment: Segment
    documents: NDArray[np.intp]
    several: NDArray[np.bool_]
    occurrences: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Together:
    """For each of D documents, what the nearness of the words adds, and the share in [0, 1] of them that it has.

    `read` is what was read for that, segment by segment: the words that are marked in hits are the same.
    """

    proximity: NDArray[np.float64]
    share: NDArray[np.float64]
    read: Sequence[Read]

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
    read: list[Read] = []
    for part, base in zip(snapshot.parts, snapshot.bases, strict=False):
        first, last = ordered.searchsorted((base, base + part.segment.documents)).tolist()
        if first < last:
            at, local = slice(first, last), ordered[first:last] - base
            share[at], found = _in_segment(words, part.segment, base, local, rarities, with_positions=pairs is not None)
            if pairs is not None and found is not None:
                read.append(found)
                frequencies[at] = pairs.frequencies(found.occurrences, len(local))
            lengths[at] = part.segment.column("length/body").take(local)
    as_given = order.argsort()
    if pairs is None:
        return Together(np.zeros(len(documents)), share.take(as_given), read)
    relative = lengths / (snapshot.average_lengths["body"] or 1.0)
    proximity = weights.proximity * pairs.scores(frequencies, relative, weights)
    return Together(proximity.take(as_given), share.take(as_given), read)


def _in_segment(
    words: Sequence[WordMatcher],
    segment: Segment,
    base: int,
    local: NDArray[np.intp],
    rarities: NDArray[np.float64],
    *,
    with_positions: bool,
) -> tuple[NDArray[np.float64], Read | None]:
    """The share of the words in each of D documents, rising, of the segment at `base`, and where they stand there."""
    placed = [
        (number, source)
        for number, word in enumerate(words)
        for one in word.lists
        if one.base == base
        for source in one.sources
    ]
    has = np.zeros((len(words), len(local)), bool)
    found = []
    for number, source in placed:
        standing, rows = source.find(local)
        has[number] |= standing
        found.append((number, source, standing, rows))
    share = (rarities @ has) / (rarities.sum() or 1.0)
    if not with_positions:
        return share, None
    # Where one of the words stands alone there is no pair.
    several = has.sum(axis=0) > 1
    wanted = [(number, source, (standing & several).nonzero()[0], rows) for number, source, standing, rows in found]
    return share, Read(segment, local, several, read_occurrences(wanted))


def read_occurrences(wanted: Sequence[tuple[int, Source, NDArray[np.intp], NDArray[np.intp]]]) -> NDArray[np.int64]:
    """The occurrences of words in some documents.

    For each source of postings, the word that it is of, the documents that are wanted of it, and for each document at
    hand which posting is its own.
    """
    whole, keys = [], []
    for number, source, documents, rows in wanted:
        if not len(documents):
            continue
        standing, postings = rows.take(documents), posting_keys(documents, number)
        if source.ordinal is None:
            whole.append((postings, *source.position_bounds(standing)))
        else:
            counts, positions = source.lemmas.positions(source.places(standing), source.ordinal)
            keys.append(occurrences(postings, counts, positions))
    if whole:
        # Words whose forms do not matter are read in one go: their positions lie in the same flat array.
        postings, starts, counts = map(np.concatenate, zip(*whole, strict=True))
        keys.append(occurrences(postings, counts, wanted[0][1].lemmas.positions_within(starts, counts)))
    return keys[0] if len(keys) == 1 else np.concatenate([np.empty(0, np.int64), *keys])
