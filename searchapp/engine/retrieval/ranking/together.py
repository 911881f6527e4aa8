"""What was read of the best documents when the words of a query were weighed together, and what these gained by it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.retrieval.core.matches import Matches, Scores
from searchapp.engine.retrieval.core.weights import Weights
from searchapp.engine.retrieval.ranking.rescoring_loops import BEGIN, HEAD, KNOWN, OCCURRENCES
from searchapp.engine.storage.segment import Segment

_NO_NUMBERS: Final = np.empty(0, np.int64)
_NO_FLAGS: Final = np.empty(0, np.bool_)


class Read:
    """What was read of some documents of a segment, rising: where words stand in those that have `several` of them.

    In `occurrences`, which rise, a document is numbered by its place in `documents`. Those of kindred words, which are
    not marked, are not among them. All three are `packed` as loops have them (`rescoring_loops.KNOWN`).
    """

    __slots__ = ("packed", "segment")

    def __init__(self, segment: Segment, packed: NDArray[np.int64]) -> None:
        self.segment, self.packed = segment, packed

    @classmethod
    def of(
        cls, segment: Segment, documents: NDArray[np.intp], several: NDArray[np.bool_], found: NDArray[np.int64]
    ) -> Read:
        """What was read by other ways."""
        return cls(segment, packed(found, documents, several))

    @property
    def documents(self) -> NDArray[np.int64]:
        """The documents by their numbers in the segment."""
        return self.packed[HEAD : HEAD + self.packed.item(KNOWN)]

    @property
    def several(self) -> NDArray[np.bool_]:
        """Of which of them occurrences were read."""
        known = self.packed.item(KNOWN)
        flags: NDArray[np.bool_] = self.packed[HEAD + known : HEAD + 2 * known] != 0
        return flags

    @property
    def occurrences(self) -> NDArray[np.int64]:
        """Where the words stand."""
        begin = self.packed.item(BEGIN)
        return self.packed[begin : begin + self.packed.item(OCCURRENCES)]


def packed(
    found: NDArray[np.int64], documents: NDArray[np.intp] = _NO_NUMBERS, several: NDArray[np.bool_] = _NO_FLAGS
) -> NDArray[np.int64]:
    """Occurrences, and the documents of which they are known, as loops have them."""
    head = [len(documents), len(found), HEAD + 2 * len(documents)]
    return np.concatenate([head, documents, several, found], dtype=np.int64)


class Gains(NamedTuple):
    """What words give together to one document; `share` of them stands in it, as in `Together`.

    `ngrams` is the share of the query's character n-grams that it begins with.
    """

    proximity: float
    kindred: float
    share: float
    ngrams: float = 0.0


NO_GAINS: Final = Gains(0.0, 0.0, 0.0)


class Together(NamedTuple):
    """For each of D documents, what the nearness of the words adds and what kindred words add, and the share in [0, 1].

    These are `flat` (3 × D), one after the other. In the share of the words that a document has, a kindred word counts
    as much of a word as its weight says. `read` is what was read for that, segment by segment: the words that are
    marked in hits are the same. `ranked` are the documents in their last order, if that was asked for and found, too.
    """

    flat: NDArray[np.float64]
    read: Sequence[Read]
    ranked: Matches | None = None

    def rescored(self, scores: Scores, weights: Weights) -> Scores:
        """The scores of the documents by the words alone → their scores by all."""
        proximity, kindred, share = self.flat.reshape(3, -1)
        return ((scores + proximity + kindred) * (1 + weights.coverage * share)).astype(np.float32)

    def gains(self) -> Iterator[Gains]:
        """What each document gained."""
        return map(Gains, *self.flat.reshape(3, -1).tolist())
