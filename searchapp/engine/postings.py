"""What the matching and ranking code asks of an index: postings, positions and lengths as numpy arrays.

This is the seam between the codec and everything that does not depend on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

from searchapp.engine.weights import FloatArray

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

POSITION_BITS: Final = 32
"""A place in the index is document << 32 | position: one sorted integer, so that phrases are set operations."""


@dataclass(frozen=True, slots=True)
class Postings:
    """The documents, rising, that hold a term, and how often. No deleted document is among them."""

    documents: IntArray
    frequencies: FloatArray


@dataclass(frozen=True, slots=True)
class Expansion:
    """The terms that begin with a prefix, the most frequent first; `capped` when there were more than allowed."""

    terms: tuple[str, ...]
    capped: bool


@dataclass(frozen=True, slots=True)
class Matches:
    """Documents, rising, with the score of each."""

    documents: IntArray
    scores: FloatArray

    def __len__(self) -> int:
        return len(self.documents)

    def where(self, passing: BoolArray) -> Matches:
        """Those of the documents for which `passing`, one entry for each document of the index, holds."""
        kept = passing[self.documents]
        return Matches(self.documents[kept], self.scores[kept])

    @classmethod
    def constant(cls, documents: IntArray, score: float = 0.0) -> Matches:
        """Documents that all have the same score."""
        return cls(documents, np.full(len(documents), score, dtype=np.float64))

    @classmethod
    def none(cls) -> Matches:
        """No document."""
        return cls.constant(np.empty(0, dtype=np.int64))


class TermSource(Protocol):
    """The inverted index, by the index's own field names ("body_stem"). Unknown terms and fields are merely empty."""

    @property
    def document_count(self) -> int:
        """One more than the highest document number, deleted documents included."""

    def postings(self, field: str, term: str) -> Postings:
        """Where a term stands."""

    def places(self, field: str, term: str) -> IntArray:
        """Every occurrence of a term as document << 32 | position, rising."""

    def lengths(self, field: str) -> FloatArray:
        """The length of the field in words, by document number."""

    def average_length(self, field: str) -> float:
        """The mean of `lengths`."""

    def expand(self, fields: Sequence[str], prefix: str, limit: int) -> Expansion:
        """The terms of all these fields that begin with a prefix, at most `limit`."""
