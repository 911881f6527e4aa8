"""What the words of a query give together to the best stories: how near each other they stand, and how many are there.

score = (sum of the words + proximity + kindred words) · (1 + coverage · share), where the share is the part of the
words' rarity that stands in the story: of two stories with the same sum, the one that has more of the words is about
the matter, the other has one word often. What is above the rest stays above it, as nothing takes anything away.

Only the best `CANDIDATES` by the words alone are looked at, which loses next to nothing and bounds the cost. How rare a
pair of words is, is not in the index, and is counted among them: what most of them have tells none from the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.retrieval.kindred import kindred_words
from searchapp.engine.retrieval.matches import Scores
from searchapp.engine.retrieval.proximity import WORDS, Pairs, occurrences, posting_keys
from searchapp.engine.retrieval.snapshot import Snapshot
from searchapp.engine.retrieval.weights import Weights
from searchapp.engine.retrieval.word_lists import Source
from searchapp.engine.retrieval.words import WordMatcher
from searchapp.engine.storage.segment import Segment
from searchapp.frozen import dataclass

CANDIDATES: Final = 50


@dataclass(frozen=True, slots=True)
class Read:
    """What was read of some documents of a segment, rising: where words stand in those that have `several` of them.

    In `occurrences`, a document is numbered by its place in `documents`. Those of kindred words, which are not
    marked, are not among them.
    """

    segment: Segment
    documents: NDArray[np.intp]
    several: NDArray[np.bool_]
    occurrences: NDArray[np.int64]


class Gains(NamedTuple):
    """What words give together to one document; `share` of them stands in it, as in `Together`.

    `ngrams` is the share of the query's character n-grams that it begins with.
    """

    proximity: float
    kindred: float
    share: float
    ngrams: float = 0.0


NO_GAINS: Final = Gains(0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Together:
    """For each of D documents, what the nearness of the words adds and what kindred words add, and the share in [0, 1].

    In the share of the words that a document has, a kindred word counts as much of a word as its weight says. `read` is
    what was read for that, segment by segment: the words that are marked in hits are the same.
    """

    proximity: NDArray[np.float64]
    kindred: NDArray[np.float64]
    share: NDArray[np.float64]
    read: Sequence[Read]

    def rescored(self, scores: Scores, weights: Weights) -> Scores:
        """The scores of the documents by the words alone → their scores by all."""
        added = scores + self.proximity + self.kindred
        return (added * (1 + weights.coverage * self.share)).astype(np.float32)

    def gains(self) -> Iterator[Gains]:
        """What each document gained."""
        return map(Gains, self.proximity.tolist(), self.kindred.tolist(), self.share.tolist())


def together(
    snapshot: Snapshot, words: Sequence[WordMatcher], documents: NDArray[np.intp], weights: Weights
) -> Together:
    """How the words stand together in the best documents, numbered through, in any order.

    `words` are the query's in reading order, each once.
    """
    words = words[:WORDS]
    rarities = np.array([word.rarity for word in words])
    pairs = Pairs.of(len(words)) if weights.proximity else None
    share, kindred, lengths = np.zeros((3, len(documents)))
    frequencies = np.zeros((len(documents), len(pairs) if pairs else 0))
    order = np.argsort(documents)
    ordered = documents.take(order)
    read: list[Read] = []
    for part, base in zip(snapshot.parts, snapshot.bases, strict=False):
        first, last = ordered.searchsorted((base, base + part.segment.documents)).tolist()
        if first < last:
            at, local = slice(first, last), ordered[first:last] - base
            found = _looked_up(words, base, local, weights.kindred)
            share[at], kindred[at] = rarities @ found.has, rarities @ found.kindred
            if pairs is not None:
                own, all_of_them, several = found.occurrences()
                read.append(Read(part.segment, local, several, own))
                frequencies[at] = pairs.frequencies(all_of_them, len(local))
            lengths[at] = part.segment.column("length/body").take(local)
    as_given = order.argsort()
    share, kindred = share.take(as_given) / (rarities.sum() or 1.0), weights.kindred * kindred.take(as_given)
    if pairs is None:
        return Together(np.zeros(len(documents)), kindred, share, read)
    relative = lengths / (snapshot.average_lengths["body"] or 1.0)
    proximity = weights.proximity * pairs.scores(frequencies, relative, weights)
    return Together(proximity.take(as_given), kindred, share, read)


Looked = tuple[int, Source, NDArray[np.bool_], NDArray[np.intp]]
"""A word's number, where it is read, in which of the documents that is wanted, and which posting each has there."""


class _LookedUp(NamedTuple):
    """Where W words stand in D documents of a segment.

    `has` (W × D) is 1 where a word stands, and the weight of kindred words where only one of these does; `kindred`
    (W × D) is what the frequencies of those give.
    """

    has: NDArray[np.float64]
    kindred: NDArray[np.float32]
    own: list[Looked]
    kin: list[Looked]

    def occurrences(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
        """The occurrences of the words, those of kindred words too, and which documents have several words.

        Where one of the words stands alone there is no pair.
        """
        several = np.count_nonzero(self.has, axis=0) > 1
        own, kin = (
            read_occurrences(
                [(one, source, (standing & several).nonzero()[0], rows) for one, source, standing, rows in of]
            )
            for of in (self.own, self.kin)
        )
        return own, np.concatenate([own, kin]) if len(kin) else own, several


def _looked_up(words: Sequence[WordMatcher], base: int, local: NDArray[np.intp], kindred: float) -> _LookedUp:
    """Where the words stand in some documents, rising, of the segment at `base`; `kindred` is the weight of kin."""
    has, gains = np.zeros((len(words), len(local))), np.zeros((len(words), len(local)), np.float32)
    own: list[Looked] = []
    kin: list[Looked] = []
    for number, word in enumerate(words):
        stands = np.zeros(len(local), bool)
        for one in word.lists:
            if one.base == base:
                for source in one.sources:
                    standing, rows = source.find(local)
                    stands |= standing
                    own.append((number, source, standing, rows))
        has[number] = stands
        if kindred and not stands.all():
            gains[number], found = kindred_words(word, base, local, ~stands)
            for source, standing, rows in found:
                has[number, standing] = kindred
                kin.append((number, source, standing, rows))
    return _LookedUp(has, gains, own, kin)


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
