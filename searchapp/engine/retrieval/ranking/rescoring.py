"""What the words of a query give together to the best stories: how near each other they stand, and how many are there.

score = (sum of the words + proximity + kindred words) · (1 + coverage · share), where the share is the part of the
words' rarity that stands in the story: of two stories with the same sum, the one that has more of the words is about
the matter, the other has one word often. What is above the rest stays above it, as nothing takes anything away.

Only the best `CANDIDATES` by the words alone are looked at, which loses next to nothing and bounds the cost. How rare a
pair of words is, is not in the index, and is counted among them: what most of them have tells none from the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.retrieval.core.snapshot import Snapshot
from searchapp.engine.retrieval.core.weights import Weights
from searchapp.engine.retrieval.ranking.kindred import kindred_words
from searchapp.engine.retrieval.ranking.proximity import WORDS, Pairs, occurrences, posting_keys
from searchapp.engine.retrieval.ranking.standing_words import Asked, LastOrder, standing_words
from searchapp.engine.retrieval.ranking.together import Read, Together
from searchapp.engine.retrieval.terms.word_lists import Source
from searchapp.engine.retrieval.terms.words import WordMatcher
from searchapp.engine.storage.segment import Segment

CANDIDATES: Final = 50
_NO_NUMBERS: Final = np.empty(0, np.int64)
_NO_PAIRS: Final = np.empty((0, 0))


def together(
    snapshot: Snapshot,
    words: Sequence[WordMatcher] | Asked,
    documents: NDArray[np.intp],
    weights: Weights,
    *,
    likely_lacking: bool = False,
    order: LastOrder | None = None,
) -> Together:
    """How the words stand together in the best documents, numbered through, in any order.

    `words` are the query's in reading order, each once; or else the first `WORDS` of them as they were asked before.
    Where some of them are `likely_lacking`, kindred words are looked up at once; what is found is the same. The loop
    that finds it puts the documents in their last order, too, if it is told of what that is made.
    """
    asked = words if isinstance(words, Asked) else Asked(snapshot, words[:WORDS], weights)
    pairs = asked.pairs if weights.proximity else None
    if pairs is not None:
        by_loops = standing_words(snapshot, asked, documents, weights, likely_lacking, order)
        if by_loops is not None:
            return by_loops
    words = asked.words
    rarities = np.array([word.rarity for word in words])
    rising = documents.argsort()
    found = [
        _stand(segment, words, base, local, weights.kindred, pairs)
        for segment, base, local in _by_segment(snapshot, documents.take(rising))
    ]
    as_given = rising.argsort()
    share = _joined([rarities @ one.has for one in found]).take(as_given) / (rarities.sum() or 1.0)
    kindred = np.zeros(len(documents))
    if any(one.has_kin for one in found):
        kindred = weights.kindred * _joined([rarities @ one.kindred for one in found]).take(as_given)
    if pairs is None:
        return Together(np.concatenate([np.zeros(len(documents)), kindred, share]), ())
    relative = _joined([one.lengths for one in found]) / (snapshot.average_lengths["body"] or 1.0)
    frequencies = _joined([one.frequencies for one in found])
    proximity = weights.proximity * pairs.scores(frequencies, relative, weights)
    flat = np.concatenate([proximity.take(as_given), kindred, share])
    return Together(flat, [one.read for one in found])


def _joined(parts: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """What was found of the documents of each segment, in one."""
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _by_segment(snapshot: Snapshot, ordered: NDArray[np.intp]) -> Iterator[tuple[Segment, int, NDArray[np.intp]]]:
    """The segments of some documents, rising: where each begins, and which of its own documents these are."""
    if len(snapshot.parts) == 1:
        yield snapshot.parts[0].segment, 0, ordered
        return
    for part, base in zip(snapshot.parts, snapshot.bases, strict=False):
        first, last = ordered.searchsorted((base, base + part.segment.documents)).tolist()
        if first < last:
            yield part.segment, base, ordered[first:last] - base


Looked = tuple[int, Source, NDArray[np.bool_], NDArray[np.intp]]
"""A word's number, where it is read, in which of the documents at hand it stands, and which posting each has there."""


class _Standing(NamedTuple):
    """How W words stand in D documents of a segment.

    `has` (W × D) is 1 where a word stands, and the weight of kindred words where only one of these does; `kindred`
    (W × D) is what the frequencies of those give, nothing unless `has_kin`. `frequencies` are as `Pairs` has them,
    `lengths` those of bodies.
    """

    has: NDArray[np.float64]
    kindred: NDArray[np.float32]
    has_kin: bool
    frequencies: NDArray[np.float64]
    lengths: NDArray[Any]
    read: Read


def _stand(
    segment: Segment,
    words: Sequence[WordMatcher],
    base: int,
    local: NDArray[np.intp],
    kindred: float,
    pairs: Pairs | None,
) -> _Standing:
    """How words stand in some documents, rising, of the segment at `base`; `kindred` is the weight of kindred words."""
    has, gains = np.zeros((len(words), len(local))), np.zeros((len(words), len(local)), np.float32)
    own: list[Looked] = []
    kin: list[Looked] = []
    narrow = local.astype(segment.lemma.document_type)
    for number, word in enumerate(words):
        stands = None
        for source in word.sources(base):
            standing, rows = source.find(narrow)
            stands = standing if stands is None else stands | standing
            own.append((number, source, standing, rows))
        if stands is None:
            stands = np.zeros(len(local), bool)
        has[number] = stands
        if kindred and not stands.all():
            gains[number], found = kindred_words(word, base, narrow, ~stands)
            for source, standing, rows in found:
                has[number, standing] = kindred
                kin.append((number, source, standing, rows))
    # Where one of the words stands alone there is no pair.
    several = (has != 0).sum(axis=0) > 1
    if pairs is None:
        read = Read.of(segment, local[:0], several[:0], _NO_NUMBERS)
        return _Standing(has, gains, bool(kin), _NO_PAIRS, _NO_NUMBERS, read)
    occurrences = np.sort(read_occurrences(own, several))
    read = Read.of(segment, local, several, occurrences)
    if kin:
        occurrences = np.sort(np.concatenate([occurrences, read_occurrences(kin, several)]))
    frequencies = pairs.frequencies(occurrences, len(local))
    return _Standing(has, gains, bool(kin), frequencies, segment.column("length/body").take(local), read)


def read_occurrences(looked: Sequence[Looked], wanted: NDArray[np.bool_] | None = None) -> NDArray[np.int64]:
    """The occurrences of words in those of the documents at hand that are wanted, None for all."""
    keys: list[NDArray[np.int64]] = []
    postings, starts, stops = [], [], []
    for number, source, standing, rows in looked:
        (documents,) = (standing if wanted is None else standing & wanted).nonzero()
        if not len(documents):
            continue
        of_word, standing_rows = posting_keys(documents, number), rows.take(documents)
        if source.ordinal is None:
            postings.append(of_word)
            start, stop = source.position_bounds(standing_rows)
            starts.append(start)
            stops.append(stop)
        else:
            counts, positions = source.lemmas.positions(source.places(standing_rows), source.ordinal)
            keys.append(occurrences(of_word, counts, positions))
    if postings:
        # Words whose forms do not matter are read in one go: their positions lie in the same flat array.
        begin = np.concatenate(starts, dtype=np.int64)
        counts = np.concatenate(stops, dtype=np.int64) - begin
        positions = looked[0][1].lemmas.positions_at(begin, counts)
        keys.append(occurrences(np.concatenate(postings), counts, positions))
    return keys[0] if len(keys) == 1 else np.concatenate([_NO_NUMBERS, *keys])
