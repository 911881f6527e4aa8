"""Whoosh's matcher over one term's postings."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterator
from typing import Final

from whoosh import formats, matching, scoring

from searchapp.engine.whoosh_codec.terms import FieldPostings

NO_DOCUMENT: Final = -1


class PostingMatcher(matching.LeafMatcher):  # type: ignore[misc]
    """Steps through postings. It never lets Whoosh leave any out for being too low to matter.

    Whoosh 2.7.4 prunes by bounds that it joins wrongly: an `Or` of three and more in a small index takes the highest
    bound of its parts for that of their sum, which loses hits of the first ten inside an `And`; and where any part
    knows no bound, totals come out too low. Without bounds, hits and totals are right.
    """

    def __init__(
        self,
        postings: FieldPostings,
        term: tuple[str, bytes],
        format_: formats.Format,
        scorer: scoring.BaseScorer | None,
    ) -> None:
        self._postings, self._term = postings, term
        self.format, self.scorer = format_, scorer
        self._documents: list[int] = postings.documents.tolist()
        self._frequencies: list[float] = postings.frequencies.astype(float).tolist()
        self._at = 0

    def is_active(self) -> bool:
        """False behind the last posting."""
        return self._at < len(self._documents)

    def reset(self) -> None:
        """Back to the first posting."""
        self._at = 0

    def copy(self) -> PostingMatcher:
        """Another one at the same posting."""
        other = PostingMatcher(self._postings, self._term, self.format, self.scorer)
        other._at = self._at
        return other

    def id(self) -> int:
        """The document of this posting; behind the last one, what no document has: `SpanNot` asks even there."""
        return self._documents[self._at] if self.is_active() else NO_DOCUMENT

    def all_ids(self) -> Iterator[int]:
        """The documents from here on."""
        return iter(self._documents[self._at :])

    def next(self) -> bool:
        """Move on; returns whether that is into another block, and there are none."""
        if not self.is_active():
            raise matching.ReadTooFar
        self._at += 1
        return False

    def skip_to(self, id: int) -> bool:  # noqa: A002 (Whoosh's name)
        """Move to the first posting from here on whose document is not before this one."""
        if not self.is_active():
            raise matching.ReadTooFar
        self._at = bisect_left(self._documents, id, self._at)
        return False

    def weight(self) -> float:
        """How often the term stands in the field of this document."""
        return self._frequencies[self._at]

    def value(self) -> bytes:
        """This posting as the field's format writes it."""
        encoded: bytes = self.format.encode(self._positions()) if self.supports("positions") else b""
        return encoded

    def value_as(self, astype: str) -> object:
        """This posting's positions, frequency or weight, without encoding them first."""
        if astype == "positions":
            return self._positions()
        if astype == "frequency":
            return int(self.weight())
        if astype == "weight":
            return self.weight()
        return super().value_as(astype)

    def _positions(self) -> list[int]:
        return self._postings.positions(self._at)

    def supports_block_quality(self) -> bool:
        """False: see the class."""
        return False

    def max_quality(self) -> float:
        """No bound: see the class."""
        return math.inf
