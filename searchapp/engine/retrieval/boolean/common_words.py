"""What has all of several words, by a loop: the documents that the words have in common, and their scores."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.retrieval.boolean.intersection_loops import all_of
from searchapp.engine.retrieval.core.matches import NOTHING, Documents, LateMatches, Matches, Scores
from searchapp.engine.retrieval.core.snapshot import Snapshot
from searchapp.engine.retrieval.terms.flat_postings import FlatWord, known_of
from searchapp.engine.retrieval.terms.word_lists import AnyList


class Passing(NamedTuple):
    """What passes, as the loop takes it."""

    pairs: NDArray[Any]
    days: NDArray[np.int32]
    limits: NDArray[np.int64]
    allowed: NDArray[np.bool_]


ALL_PASS: Final = Passing(np.empty(0, np.uint16), np.empty(0, np.int32), np.empty(0, np.int64), np.empty(0, bool))
_PAIRS: Final = ALL_PASS.pairs.dtype.num
Found = tuple[Documents, Matches]
"""All documents, and those that pass with their scores."""


class AllOf:
    """The lists of several words in one segment as the loop takes them."""

    __slots__ = ("_fixed", "_shortest", "_types")

    def __init__(self, words: Sequence[FlatWord], base: int) -> None:
        """Raises as `FlatWord.known`."""
        arrays = words[0].lemmas.arrays
        self._types, self._shortest = arrays.scored_types, min([one.count for one in words])
        self._fixed = *arrays.scored, words[0].table, known_of(words), len(words), base

    @classmethod
    def of(cls, lists: Sequence[AnyList]) -> AllOf | None:
        """That of some lists; None where no loop is to be had for them."""
        words = [one.whole for one in lists if one.whole is not None]
        if len(words) < len(lists) or any(one.table is not words[0].table for one in words):
            return None
        types = words[0].lemmas.arrays.scored_types
        return None if all_of.ready_for((*types, _PAIRS)) is None else cls(words, lists[0].base)

    def found(self, snapshot: Snapshot, passing: Passing = ALL_PASS) -> Found | None:
        """The documents that have all words; None where the loop is not to be had."""
        made: Callable[..., tuple[int, int]] | None = all_of.ready_for((*self._types, passing.pairs.dtype.num))
        if made is None:
            return None
        documents, scores = np.empty(self._shortest, np.int64), np.empty(self._shortest, np.float32)
        kept = np.empty(self._shortest, np.int64) if len(passing.limits) else documents
        marks = snapshot.marks()
        try:
            left, count = made(*self._fixed, marks, *passing, documents, kept, scores)
        except IndexError:
            marks.fill(False)
            raise
        return documents[:left], Matches(kept[:count], scores[:count])


class ListsTogether:
    """The lists of several words in the segments that have all of them, one segment after the other.

    A server remembers hundreds of queries, each in every segment: nothing is kept here but which lists these are.
    """

    __slots__ = ("_bases", "_width", "_words")

    def __init__(self, segments: Sequence[Sequence[AnyList]]) -> None:
        """Of the lists of each segment there must have been an `AllOf`."""
        self._words = tuple([one.whole for lists in segments for one in lists if one.whole is not None])
        self._bases = tuple([lists[0].base for lists in segments])
        self._width = len(self._words) // max(len(segments), 1)

    def for_loops(self) -> list[AllOf]:
        """Those of each segment as the loop takes them."""
        words, width = self._words, self._width
        return [AllOf(words[at * width : (at + 1) * width], base) for at, base in enumerate(self._bases)]


class CommonWords(LateMatches):
    """What has all of several words, by loops: with a filter that is known beforehand, only what passes is scored."""

    __slots__ = ("_every", "_otherwise", "_snapshot")
    is_late = False

    def __init__(self, every: Sequence[AllOf], snapshot: Snapshot, otherwise: Callable[[], Matches]) -> None:
        """`every` are those of the segments that have all words; `otherwise` finds the same without loops."""
        super().__init__()
        self._every, self._snapshot, self._otherwise = every, snapshot, otherwise

    def that_are(self, passing: Passing) -> Found | None:
        """All documents, and those that pass with their scores; None where loops are not to be had."""
        parts = [one.found(self._snapshot, passing) for one in self._every]
        found = [one for one in parts if one is not None]
        if len(found) < len(parts):
            return None
        both = found[0] if len(found) == 1 else _one_after_the_other(found)
        self._found = both[0]
        return both

    def _find_documents(self) -> Documents:
        return self._both()[0]

    def _find_scores(self) -> Scores:
        return self._both()[1]

    def _both(self) -> tuple[Documents, Scores]:
        found = self.that_are(ALL_PASS)
        matches = self._otherwise() if found is None else found[1]
        self._found, self._found_scores = matches.documents, matches.scores
        return self._found, self._found_scores


def _one_after_the_other(parts: Sequence[Found]) -> Found:
    """What is found in segments, in their order."""
    if not parts:
        return NOTHING.documents, NOTHING
    documents, scores = [matches.documents for _, matches in parts], [matches.scores for _, matches in parts]
    return np.concatenate([one for one, _ in parts]), Matches(np.concatenate(documents), np.concatenate(scores))
