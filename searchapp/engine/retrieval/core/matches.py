"""What a query, or a part of it, matches: documents with a score each, and the best of them without a sort of all."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar, Final

import numpy as np
from numpy.typing import NDArray

Documents = NDArray[np.intp]
Scores = NDArray[np.float32]

Selection = NDArray[np.intp] | slice
"""Some documents or copies by number, or `ALL`."""
Condition = Callable[[Selection], NDArray[np.bool_]]
"""Which of them pass."""
ALL: Final = slice(None)

FEW: Final = 64
"""So few are sorted as they are."""
GROUPS: Final = 8
"""How many groups of values there are for each of the best that are looked for: with more, fewer values are left over
that are not among the best."""


class Matches:
    """Documents, rising, with the score of each."""

    __slots__ = ("_documents", "_scores")
    is_late: ClassVar[bool] = False
    """Whether they are found only when they are asked for; of an abstract class, `isinstance` takes long."""

    def __init__(self, documents: Documents, scores: Scores) -> None:
        self._documents, self._scores = documents, scores

    @classmethod
    def constant(cls, documents: Documents, score: float = 0.0) -> Matches:
        """Documents that all have the same score."""
        return Matches(documents, np.full(len(documents), score, np.float32))

    def __len__(self) -> int:
        return len(self._documents)

    @property
    def documents(self) -> Documents:
        """The documents, rising."""
        return self._documents

    @property
    def scores(self) -> Scores:
        """The score of each document."""
        return self._scores

    def take(self, places: NDArray[np.intp]) -> Matches:
        """Those at some places, in the order of these."""
        return Matches(self.documents.take(places), self.scores.take(places))

    def that_pass(self, condition: Condition) -> Matches:
        """Those of which a condition, asked of documents, is true."""
        return self.take(condition(self.documents).nonzero()[0])

    def among(self, flags: NDArray[np.bool_]) -> Matches:
        """Those whose flag is set, of one a document."""
        return self.that_pass(lambda documents: flags[documents])

    def count(self, values: NDArray[Any], width: int) -> NDArray[np.int64]:
        """How many of them have each value in [0, width), of which every document has one."""
        return np.bincount(values.take(self.documents), minlength=width)

    def foresee(self, values: NDArray[Any], width: int) -> None:
        """That `count` will be asked for these after the highest: both may then be found out together."""

    def highest(self, count: int) -> Matches:
        """All whose score is not below the `count`-th highest, and maybe some more, in any order."""
        there = len(self)
        return self if there <= FEW or there <= 2 * count else self.take(not_below(self.scores, count))


class LateMatches(Matches, ABC):
    """Matches of which documents and scores are found when they are asked for: who wants the best seldom asks."""

    __slots__ = ("_found", "_found_scores")
    is_late = True

    def __init__(self) -> None:
        self._found: Documents | None = None
        self._found_scores: Scores | None = None

    def __len__(self) -> int:
        return len(self.documents)

    @property
    def documents(self) -> Documents:
        """The documents, rising."""
        if self._found is None:
            self._found = self._find_documents()
        return self._found

    @property
    def scores(self) -> Scores:
        """The score of each document."""
        if self._found_scores is None:
            self._found_scores = self._find_scores()
        return self._found_scores

    @abstractmethod
    def _find_documents(self) -> Documents: ...

    @abstractmethod
    def _find_scores(self) -> Scores: ...


class AddedUp(LateMatches):
    """The documents whose sum is not 0, of what the words of a query give to all documents."""

    __slots__ = ("_standing", "_sums")

    def __init__(self, sums: Scores) -> None:
        """`sums` has one entry a document and must not be changed any more."""
        super().__init__()
        self._sums = sums
        self._standing: NDArray[np.bool_] | None = None

    def _flags(self) -> NDArray[np.bool_]:
        # Of numbers, counting and finding what is not 0 is some five times slower than of truth values.
        if self._standing is None:
            self._standing = self._sums != 0
        return self._standing

    def __len__(self) -> int:
        return int(np.count_nonzero(self._flags())) if self._found is None else len(self._found)

    def _find_documents(self) -> Documents:
        documents: Documents
        (documents,) = self._flags().nonzero()
        return documents

    def _find_scores(self) -> Scores:
        return self._sums.take(self.documents)

    def take(self, places: NDArray[np.intp]) -> Matches:
        """Those at some places, in the order of these."""
        documents = self.documents.take(places)
        return Matches(documents, self._sums.take(documents))

    def that_pass(self, condition: Condition) -> Matches:
        """Those of which a condition, asked of documents, is true."""
        if self._found is not None:
            return super().that_pass(condition)
        (documents,) = (self._flags() & condition(ALL)).nonzero()
        return Matches(documents, self._sums.take(documents))

    def highest(self, count: int) -> Matches:
        """All whose score is not below the `count`-th highest, and maybe some more."""
        if len(self._sums) <= max(FEW, 2 * count):
            return self
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
