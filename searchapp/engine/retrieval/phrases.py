"""Phrases: words in their order, found by intersecting documents, then positions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.retrieval.intersection import intersect
from searchapp.engine.retrieval.leaf import Leaf
from searchapp.engine.retrieval.term_lists import Scores, SegmentList, TermLists
from searchapp.engine.retrieval.weights import TEXT_FIELDS, Form
from searchapp.engine.retrieval.words import NOTHING, Matches
from searchapp.engine.storage.codes import FIELDS
from searchapp.engine.storage.documents import FIELD_GAP
from searchapp.engine.storage.norms import DECODED, encode_lengths
from searchapp.engine.storage.segment import Segment

DOCUMENT_SHIFT: Final = 32
"""A place is candidate << 32 | position: one sorted integer, so that a phrase is found by searching sorted arrays."""
_POSITION: Final = (1 << DOCUMENT_SHIFT) - 1

Places = NDArray[np.int64]


class PhraseMatcher:
    """Words in their order by all forms; for a quoted phrase, the very forms come before all others."""

    def __init__(self, leaf: Leaf, lists: TermLists) -> None:
        self._leaf, self._lists = leaf, lists
        self._idfs: dict[Form, float] = {}

    @property
    def rarity(self) -> float:
        """What the phrase is worth in a snippet."""
        forms = self._leaf.forms if self.matches else ()
        return max((self._idfs[form] * getattr(self._lists.weights, form) for form in forms), default=0.0)

    @cached_property
    def matches(self) -> Matches:
        """What the phrase matches. By its stems it stands wherever it stands in its very forms."""
        found = [self._by_form(form) for form in self._leaf.forms]
        widest = found[-1]
        if len(found) == 1:
            return widest
        very, scores = found[0], widest.scores.copy()
        bonus = self._bound("stem") if self._leaf.quoted else 0.0
        scores[widest.documents.searchsorted(very.documents)] += very.scores + np.float32(bonus)
        return Matches(widest.documents, scores)

    def _bound(self, form: Form) -> float:
        """What a phrase can score by one form at most: each field gives less than weight × idf."""
        weights = self._lists.weights
        return self._idfs[form] * sum(weights.of(field, form) for field in self._leaf.fields)

    def _by_form(self, form: Form) -> Matches:
        terms = [self._lists.find(form, term, self._leaf.fields) for term in self._leaf.terms(form)]
        idf = self._idfs[form] = sum(term.idf for term in terms)
        parts = [self._in_segment(base, lists, form, idf) for base, lists in self._lists.lists_of(terms)]
        if not parts:
            return NOTHING
        return Matches(
            np.concatenate([documents for documents, _ in parts]), np.concatenate([scores for _, scores in parts])
        )

    def _in_segment(
        self, base: int, lists: Sequence[SegmentList], form: Form, idf: float
    ) -> tuple[NDArray[np.intp], Scores]:
        snapshot = self._lists.snapshot
        segment = snapshot.locate(base)[0].segment
        documents, indices = intersect([part.postings.documents for part in lists], snapshot.marks())
        places = [_places(part, index) for part, index in zip(lists, indices, strict=True)]
        ends = phrase_ends(places, self._leaf.slop)
        found, counts = self._count(segment, documents.astype(np.intp), ends)
        return found + base, self._score(segment, found, counts, form, idf)

    def _count(
        self, segment: Segment, documents: NDArray[np.intp], ends: Places
    ) -> tuple[NDArray[np.intp], dict[str, NDArray[Any]]]:
        """The documents that the phrase stands in, and how often in each field."""
        starts = field_starts(segment, documents)
        candidates, positions = ends >> DOCUMENT_SHIFT, ends & _POSITION
        fields = np.zeros(len(ends), np.int64)
        for start in starts[1:]:
            fields += positions >= start.take(candidates)
        if self._leaf.title:
            candidates, fields = candidates[fields == 0], fields[fields == 0]
        kept, owner = np.unique(candidates, return_inverse=True)
        found = {name: owner[fields == at] for at, name in enumerate(FIELDS)}
        counts = {name: np.bincount(owners, minlength=len(kept)) for name, owners in found.items() if len(owners)}
        return documents[kept], counts

    def _score(
        self, segment: Segment, documents: NDArray[np.intp], counts: dict[str, NDArray[Any]], form: Form, idf: float
    ) -> Scores:
        weights, averages = self._lists.weights, self._lists.snapshot.average_lengths
        total = np.zeros(len(documents), np.float64)
        for field in TEXT_FIELDS:
            if field in counts:
                lengths = None
                if field in ("title", "body"):
                    lengths = DECODED.take(encode_lengths(segment.column(f"length/{field}").take(documents)))
                part = weights.saturation(field, counts[field].astype(np.float64), lengths, averages[field])
                total += weights.of(field, form) * idf * part
        return total.astype(np.float32)


def _places(part: SegmentList, indices: NDArray[np.intp]) -> Places:
    """Every occurrence of a term in the candidates that stand at these indices of its postings."""
    starts, counts = part.form.position_bounds(part.postings.places(indices))
    positions = part.form.positions(starts, counts)
    return np.repeat(np.arange(len(indices), dtype=np.int64) << DOCUMENT_SHIFT, counts) | positions


def phrase_ends(places: Sequence[Places], slop: int) -> Places:
    """Where the last word of a phrase stands, given where each of its words stands.

    Each word must follow the one before it with at most `slop` other words between them. It is enough to look at the
    nearest place before each candidate.
    """
    reached = places[0]
    for following in places[1:]:
        if not len(reached):
            break
        nearest = np.searchsorted(reached, following) - 1
        distance = following - reached.take(np.maximum(nearest, 0))
        reached = following[(nearest >= 0) & (distance <= slop + 1)]
    return reached


def field_starts(segment: Segment, documents: NDArray[np.intp]) -> list[NDArray[np.int64]]:
    """For each field, the position at which it begins in some documents."""
    starts = [np.zeros(len(documents), np.int64)]
    for name in FIELDS[:-1]:
        starts.append(starts[-1] + segment.column(f"length/{name}").take(documents) + FIELD_GAP)
    return starts
