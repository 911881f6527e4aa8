"""Phrases: words in their order, found by intersecting documents, then positions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.retrieval.budget import Budget
from searchapp.engine.retrieval.leaf import Leaf
from searchapp.engine.retrieval.matches import NOTHING, Matches, Scores
from searchapp.engine.retrieval.phrase_candidates import candidates
from searchapp.engine.retrieval.term_lists import PlacedPostings, TermLists, encode
from searchapp.engine.retrieval.weights import TEXT_FIELDS, Form
from searchapp.engine.storage.codes import FIELD_GAP, FIELDS
from searchapp.engine.storage.norms import DECODED, encode_lengths
from searchapp.engine.storage.pointers import run_starts
from searchapp.engine.storage.segment import Segment
from searchapp.engine.storage.terms import TermPostings
from searchapp.frozen import dataclass

DOCUMENT_SHIFT: Final = 32
"""A place is candidate << 32 | position: one sorted integer, so that a phrase is found by searching sorted arrays."""
_POSITION: Final = (1 << DOCUMENT_SHIFT) - 1

Places = NDArray[np.int64]


class PhraseMatcher:
    """Words in their order by all forms; for a quoted phrase, the very forms come before all others."""

    def __init__(self, leaf: Leaf, lists: TermLists, places: Budget) -> None:
        """`places` is how many occurrences of words all phrases of the request may read."""
        self._leaf, self._lists, self._budget = leaf, lists, places
        self._idfs: dict[Form, float] = {}

    @property
    def rarity(self) -> float:
        """What the phrase is worth in a snippet."""
        weights = self._lists.weights
        return max(idf * weights.of_form(form) for form, idf in self._idfs.items()) if len(self.matches) else 0.0

    @cached_property
    def matches(self) -> Matches:
        """What the phrase matches. By its lemmas it stands wherever it stands in its very forms."""
        form = self._leaf.forms[-1]
        words = self._leaf.terms(form)
        terms = {word: self._lists.find(form, word, self._leaf.fields) for word in dict.fromkeys(words)}
        self._idfs = {form: sum(terms[word].idf for word in words)}
        very_forms = form == "lemma" and len(self._leaf.forms) > 1
        if very_forms:
            self._idfs["exact"] = sum(self._lists.exact_idf(term, self._leaf.fields) for term in self._leaf.exact_terms)
        parts = [self._in_segment(found, form, very_forms) for found in self._lists.in_common(list(terms.values()))]
        if not parts:
            return NOTHING
        return Matches(
            np.concatenate([documents for documents, _ in parts]), np.concatenate([scores for _, scores in parts])
        )

    def _in_segment(
        self, lists: Sequence[PlacedPostings], form: Form, very_forms: bool
    ) -> tuple[NDArray[np.intp], Scores]:
        """`lists` are those of the phrase's different words, in the order in which they first stand in it."""
        segment, base = lists[0].segment, lists[0].base
        found = [part.postings for part in lists]
        documents, postings, rows = candidates(self._leaf.terms(form), found, self._lists.snapshot.marks())
        words = _read(postings, rows)
        standing, counts = self._standing(segment, documents, [word.places for word in words])
        scores = self._score(segment, documents.take(standing), counts, form)
        if very_forms and len(standing):
            self._add_very_forms(segment, documents, words, standing, scores)
        return documents.take(standing) + base, scores

    def _add_very_forms(
        self,
        segment: Segment,
        documents: NDArray[np.intp],
        words: Sequence[_WordPlaces],
        standing: NDArray[np.intp],
        scores: Scores,
    ) -> None:
        """Where the lemmas stand as a phrase, look whether they stand in the very forms, and score that too."""
        ordinals = [segment.exact.ordinal(encode(term))[0] for term in self._leaf.exact_terms]
        if min(ordinals) < 0:
            return
        exact = [word.of_form(ordinal, standing) for word, ordinal in zip(words, ordinals, strict=True)]
        very_standing, counts = self._standing(segment, documents, exact)
        very = self._score(segment, documents.take(very_standing), counts, "exact")
        if self._leaf.quoted:
            very += np.float32(self._bound("lemma"))
        scores[standing.searchsorted(very_standing)] += very

    def _bound(self, form: Form) -> float:
        """What a phrase can score by one form at most: each field gives less than weight × idf."""
        weights = self._lists.weights
        return self._idfs[form] * weights.of_form(form) * sum(weights.of(field) for field in self._leaf.fields)

    def _standing(
        self, segment: Segment, documents: NDArray[np.intp], places: Sequence[Places]
    ) -> tuple[NDArray[np.intp], dict[str, NDArray[Any]]]:
        """In which of some documents the phrase stands, given its words' places, and how often in each field."""
        self._budget.spend(sum(map(len, places)))
        ends = phrase_ends(places, self._leaf.slop)
        candidates, positions = ends >> DOCUMENT_SHIFT, ends & _POSITION
        standing = candidates.take(run_starts(candidates))
        starts = field_starts(segment, documents.take(standing))
        owners = standing.searchsorted(candidates)
        fields = np.zeros(len(ends), np.int64)
        for start in starts[1:]:
            fields += positions >= start.take(owners)
        if self._leaf.title:
            owners = owners[fields == 0]
            kept = owners.take(run_starts(owners))
            return standing.take(kept), {"title": np.bincount(np.searchsorted(kept, owners), minlength=len(kept))}
        found = {name: owners[fields == at] for at, name in enumerate(FIELDS)}
        return standing, {
            name: np.bincount(owner, minlength=len(standing)) for name, owner in found.items() if len(owner)
        }

    def _score(
        self, segment: Segment, documents: NDArray[np.intp], counts: dict[str, NDArray[Any]], form: Form
    ) -> Scores:
        weights, averages = self._lists.weights, self._lists.snapshot.average_lengths
        weight = self._idfs[form] * weights.of_form(form)
        total = np.zeros(len(documents), np.float64)
        for field in TEXT_FIELDS:
            if field in counts:
                lengths = None
                if field in ("title", "body"):
                    lengths = DECODED.take(encode_lengths(segment.column(f"length/{field}").take(documents)))
                part = weights.saturation(field, counts[field].astype(np.float64), lengths, averages[field])
                total += weights.of(field) * weight * part
        return total.astype(np.float32)


@dataclass(frozen=True, slots=True)
class _WordPlaces:
    """Every place of one word in the candidates, and how many each of them has; `rows` are its postings there."""

    postings: TermPostings
    rows: NDArray[np.intp]
    counts: NDArray[np.int64]
    places: Places

    def of_form(self, ordinal: int, candidates: NDArray[np.intp]) -> Places:
        """The places of an exact form in some of the candidates."""
        wanted = np.zeros(len(self.rows), bool)
        wanted[candidates] = True
        at = self.postings.places(self.rows.take(candidates))
        kept = self.postings.source.are_of_form(at, self.counts.take(candidates), ordinal)
        return self.places[wanted.repeat(self.counts)][kept]


def _read(postings: Sequence[TermPostings], rows: Sequence[NDArray[np.intp]]) -> list[_WordPlaces]:
    """Every occurrence of some terms in the candidates that stand at these rows, a term that comes again once."""
    found: dict[tuple[int, int | None], _WordPlaces] = {}
    for one, row in zip(postings, rows, strict=True):
        if (one.first, one.ordinal) not in found:
            counts, positions = one.positions(row)
            places = (np.arange(len(row)) << DOCUMENT_SHIFT).repeat(counts)
            places |= positions
            found[one.first, one.ordinal] = _WordPlaces(one, row, counts, places)
    return [found[one.first, one.ordinal] for one in postings]


def phrase_ends(places: Sequence[Places], slop: int) -> Places:
    """Where the last word of a phrase stands, given where each of its words stands.

    Each word must follow the one before it with at most `slop` other words between them. It is enough to look at the
    nearest place before each candidate.
    """
    reached = places[0]
    for following in places[1:]:
        if not len(reached):
            break
        nearest = reached.searchsorted(following) - 1
        distance = following - reached.take(np.maximum(nearest, 0))
        reached = following[(nearest >= 0) & (distance <= slop + 1)]
    return reached


def field_starts(segment: Segment, documents: NDArray[np.intp]) -> list[NDArray[np.int64]]:
    """For each field, the position at which it begins in some documents."""
    starts = [np.zeros(len(documents), np.int64)]
    for name in FIELDS[:-1]:
        starts.append(starts[-1] + segment.column(f"length/{name}").take(documents) + FIELD_GAP)
    return starts
