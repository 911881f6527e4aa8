"""What words that stand near each other add to a story's score.

Each pair of the query's words counts as a word of its own: its frequency in a document is the sum of distance^-½ over
all pairs of occurrences up to `REACH` words apart, in either order (after Büttcher, Clarke and Lushman, "Term proximity
scoring for ad-hoc retrieval on very large text collections", 2006); words far apart in the query count less, by
gap^-½. BM25 then bounds it. How rare a pair is, is not in the index: its idf is taken as the mean of the words'.

Only the best `CANDIDATES` by the words alone are looked at, which loses next to nothing and bounds the cost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.retrieval.snapshot import Snapshot
from searchapp.engine.retrieval.weights import Weights
from searchapp.engine.retrieval.word_lists import Source
from searchapp.engine.retrieval.words import WordMatcher

CANDIDATES: Final = 100
REACH: Final = 15
"""Words apart in the document."""
QUERY_REACH: Final = 10
"""Words apart in the query."""
WORDS: Final = 64
"""Of longer queries, the first words."""
_SHIFT: Final = 32
_NEARNESS: Final = np.array([0.0, *(distance**-0.5 for distance in range(1, REACH + 1))])


@dataclass(frozen=True, slots=True)
class _Pairs:
    """The pairs of a query's words: `number` (W × W) of each pair, −1 for one that does not count; their weights."""

    number: NDArray[np.int64]
    weights: NDArray[np.float64]

    @classmethod
    def of(cls, words: Sequence[WordMatcher]) -> _Pairs:
        number = np.full((len(words), len(words)), -1, np.int64)
        weights: list[float] = []
        for first, one in enumerate(words):
            for second in range(first + 1, min(first + QUERY_REACH, len(words) - 1) + 1):
                number[first, second] = number[second, first] = len(weights)
                weights.append((one.rarity + words[second].rarity) / 2 * (second - first) ** -0.5)
        return cls(number, np.array(weights))


def proximity(
    snapshot: Snapshot, words: Sequence[WordMatcher], documents: NDArray[np.intp], weights: Weights
) -> NDArray[np.float64]:
    """What to add to the scores of some documents, numbered through, in any order.

    `words` are the query's in reading order, each once.
    """
    words = words[:WORDS]
    pairs = _Pairs.of(words)
    order = np.argsort(documents)
    ordered = documents.take(order)
    added = np.zeros(len(documents))
    for part, base in zip(snapshot.parts, snapshot.bases, strict=False):
        first, last = ordered.searchsorted((base, base + part.segment.documents)).tolist()
        if first == last:
            continue
        local = ordered[first:last] - base
        sources = [source for word in words for one in word.lists if one.base == base for source in one.sources]
        numbers = [at for at, word in enumerate(words) for one in word.lists if one.base == base for _ in one.sources]
        frequencies = _pair_frequencies(sources, numbers, local, pairs)
        if frequencies is not None:
            relative = part.segment.column("length/body").take(local) / (snapshot.average_lengths["body"] or 1.0)
            floor = weights.k1 * (1 - weights.b_body + weights.b_body * relative)
            added[order[first:last]] = (frequencies / (frequencies + floor[:, None])) @ pairs.weights
    added *= weights.proximity
    return added


def _pair_frequencies(
    sources: Sequence[Source], numbers: Sequence[int], local: NDArray[np.intp], pairs: _Pairs
) -> NDArray[np.float64] | None:
    """For each of D documents of a segment and each pair, the nearness of its words (D × pairs); None: all zero."""
    keys, words = _occurrences(sources, numbers, local)
    order = keys.argsort()
    keys, words = keys.take(order), words.take(order)
    cells, nearness = [], []
    for shift in range(1, len(keys)):
        distances = keys[shift:] - keys[:-shift]
        near = np.flatnonzero(distances <= REACH)
        if not len(near):
            break
        pair = pairs.number[words.take(near), words[shift:].take(near)]
        counting = np.flatnonzero(pair >= 0)
        near = near.take(counting)
        cells.append((keys.take(near) >> _SHIFT) * len(pairs.weights) + pair.take(counting))
        nearness.append(_NEARNESS.take(distances.take(near)))
    if not cells:
        return None
    size = len(local) * len(pairs.weights)
    found = np.bincount(np.concatenate(cells), weights=np.concatenate(nearness), minlength=size)
    return found.reshape((len(local), -1)).astype(np.float64, copy=False)


def _occurrences(
    sources: Sequence[Source], numbers: Sequence[int], local: NDArray[np.intp]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Each occurrence of the words as place of the document << 32 | position, and the number of its word."""
    found = [source.rows_in(local) for source in sources]
    whole = [at for at, source in enumerate(sources) if source.ordinal is None]
    keys, words = [], []
    groups = [whole] if whole else []
    groups += [[at] for at, source in enumerate(sources) if source.ordinal is not None]
    for group in groups:
        # All words whose forms do not matter are read in one go: their postings lie in the same flat arrays.
        places = np.concatenate([found[at][0] for at in group])
        owners = np.concatenate([found[at][1] for at in group])
        each = np.repeat([numbers[at] for at in group], [len(found[at][0]) for at in group])
        counts, positions = sources[group[0]].stems.positions(places, sources[group[0]].ordinal)
        keys.append(np.repeat(owners << _SHIFT, counts) | positions)
        words.append(np.repeat(each, counts))
    if not keys:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    return np.concatenate(keys), np.concatenate(words)
