"""What a query, or a part of it, matches: documents with a score each, and the best of them without a sort of all."""

from __future__ import annotations

from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

Documents = NDArray[np.intp]
Scores = NDArray[np.float32]

_NO_SUMS: Final[Scores] = np.empty(0, np.float32)
FEW: Final = 64
"""So few are sorted as they are."""
GROUPS: Final = 8
"""How many groups of values there are for each of the best that are looked for: with more, fewer values are left over
that are not among the best."""


class Matches:
    """Documents, rising, with the score of each.

    What the words of a query give to all documents is added up in one array, from which documents and scores are read
    when they are asked for: a search that is only after the best never asks.
    """

    __slots__ = ("_documents", "_scores", "_size", "_sums")

    def __init__(self, documents: Documents, scores: Scores) -> None:
        self._documents: Documents | None = documents
        self._scores: Scores | None = scores
        self._sums, self._size = _NO_SUMS, len(documents)

    @classmethod
    def constant(cls, documents: Documents, score: float = 0.0) -> Self:
        """Documents that all have the same score."""
        return cls(documents, np.full(len(documents), score, np.float32))

    @classmethod
    def added_up(cls, sums: Scores) -> Self:
        """The documents whose sum is not 0; `sums` has one entry a document and must not be changed any more."""
        made = cls.__new__(cls)
        made._documents = made._scores = None
        # Of numbers, counting and finding what is not 0 is some five times slower than of truth values.
        made._sums, made._size = sums, int(np.count_nonzero(sums != 0))
        return made

    def __len__(self) -> int:
        return self._size

    @property
    def documents(self) -> Documents:
        """The documents, rising."""
        if self._documents is None:
            (self._documents,) = (self._sums != 0).nonzero()
        return self._documents

    @property
    def scores(self) -> Scores:
        """The score of each document."""
        if self._scores is None:
            self._scores = self._sums.take(self.documents)
        return self._scores

    def take(self, places: NDArray[np.intp]) -> Matches:
        """Those at some places, in the order of these."""
        documents = self.documents.take(places)
        return Matches(documents, self._sums.take(documents) if self._scores is None else self._scores.take(places))

    def highest(self, count: int) -> Matches:
        """All whose score is not below the `count`-th highest, and maybe some more."""
        if len(self) <= max(FEW, 2 * count):
            return self
        if self._documents is not None:
            return self.take(not_below(self.scores, count))
        threshold = lower_bound(self._sums, count)
        if threshold == 0:
            return self
        (documents,) = (self._sums >= threshold).nonzero()
        return Matches(documents, self._sums.take(documents))


NOTHING: Final = Matches.constant(np.empty(0, np.intp))


def not_below(keys: NDArray[Any], count: int) -> NDArray[np.intp]:
    """The places of all keys that are not below the `count`-th highest, and maybe of some more."""
    if len(keys) <= max(FEW, 2 * count):
        return np.arange(len(keys))
    places: NDArray[np.intp]
    (places,) = (keys >= lower_bound(keys, count)).nonzero()
    return places


def lower_bound(keys: NDArray[Any], count: int) -> Any:
    """A number that is not above the `count`-th highest of some keys, of which there are as many at least; seldom less.

    That of the highest of several groups of keys is one, and there are much fewer groups. Groups are side by side, a
    key of each following a key of the one before: so the highest are found by comparing whole rows.
    """
    groups = GROUPS * count
    rows = len(keys) // groups
    highest = keys if rows < 2 else keys[: rows * groups].reshape(rows, groups).max(axis=0)
    return np.partition(highest, len(highest) - count)[len(highest) - count]
