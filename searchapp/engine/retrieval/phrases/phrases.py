"""Phrases: words in their order, found by intersecting documents, then positions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from searchapp.compiled import Float64s
from searchapp.engine.retrieval.core.budget import Budget
from searchapp.engine.retrieval.core.leaf import Leaf
from searchapp.engine.retrieval.core.matches import NOTHING, Matches, Scores
from searchapp.engine.retrieval.core.weights import TEXT_FIELDS, Form
from searchapp.engine.retrieval.phrases.phrase_candidates import candidates
from searchapp.engine.retrieval.phrases.phrase_loops import ALL, BOUND, FACTORS, VERY_FACTORS
from searchapp.engine.retrieval.phrases.phrase_standing import NO_SCORES, SoughtPhrase
from searchapp.engine.retrieval.terms.sought_terms import PlacedPostings
from searchapp.engine.retrieval.terms.term_lists import TermLists
from searchapp.engine.storage.codes import FIELD_GAP, FIELDS, TITLE
from searchapp.engine.storage.norms import rounded
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
        parts = list(self._parts())
        if len(parts) == 1:
            return Matches(*parts[0])
        if not parts:
            return NOTHING
        return Matches(
            np.concatenate([documents for documents, _ in parts]), np.concatenate([scores for _, scores in parts])
        )

    def _parts(self) -> Iterator[tuple[NDArray[np.intp], Scores]]:
        """What it matches in each segment that has its words."""
        leaf, lists = self._leaf, self._lists
        form = leaf.forms[-1]
        words, fields = leaf.terms(form), leaf.fields
        # An exact form stands where its lemma does: loops need not have its postings picked out of those.
        terms = {word: lists.again("lemma", lemma, fields) for word, lemma in zip(words, leaf.lemma_terms, strict=True)}
        very_forms = form == "lemma" and len(leaf.forms) > 1
        self._idfs = {}
        if form == "lemma":
            self._idfs[form] = sum([terms[word].idf for word in words])
        if form == "exact" or very_forms:
            self._idfs["exact"] = sum([lists.exact_idf(term, fields) for term in leaf.exact_terms])
        sought = SoughtPhrase(words, leaf.slop, self._numbers(form), self._budget, lists.snapshot.marks())
        for found in lists.in_common(list(terms.values())):
            made = self._by_loops(sought, found, list(terms), form, very_forms)
            if made is None:
                picked = found if form == "lemma" else lists.exact_at(found[0].base, list(terms), fields)
                made = self._in_segment(picked, form, very_forms) if picked else None
            if made is not None:
                yield made

    def _numbers(self, form: Form) -> Float64s:
        """What scores are made of, as `phrase_loops` has it."""
        weights, idfs, known = self._lists.weights, self._idfs, self._lists.in_phrases
        numbers = known.numbers.copy()
        numbers[FACTORS:VERY_FACTORS] *= idfs[form] * weights.of_form(form)
        if len(idfs) > 1:
            numbers[VERY_FACTORS:BOUND] *= idfs["exact"] * weights.exact
            if self._leaf.quoted:
                numbers[BOUND] = self._bound("lemma")
        return numbers

    def _by_loops(
        self, sought: SoughtPhrase, lists: Sequence[PlacedPostings], words: Sequence[str], form: Form, very_forms: bool
    ) -> tuple[NDArray[np.intp], Scores] | None:
        """As `_in_segment`, given the lists of the lemmas of the `words`; None where no loops are to be had."""
        leaf, base = self._leaf, lists[0].base
        flat = [one.flat for one in lists if one.flat is not None]
        if len(flat) < len(lists) or (form == "exact" and leaf.title):
            return None
        forms = [ALL] * len(flat)
        if form == "exact":
            forms = [self._lists.ordinals(word).ordinals[base] for word in words]
            if min(forms) < 0:
                return NOTHING.documents, NOTHING.scores
        very = [self._lists.ordinals(term).ordinals[base] for term in leaf.exact_terms] if very_forms else []
        if very and min(very) < 0:
            very = []
        in_titles = self._lists.table(base, leaf.fields) if leaf.title else NO_SCORES
        return sought.in_segment(lists[0].segment, base, flat, forms, very, in_titles)

    def _in_segment(
        self, lists: Sequence[PlacedPostings], form: Form, very_forms: bool
    ) -> tuple[NDArray[np.intp], Scores]:
        """`lists` are those of the phrase's different words, in the order in which they first stand in it."""
        segment, base = lists[0].segment, lists[0].base
        found = [part.postings for part in lists]
        documents, postings, rows = candidates(self._leaf.terms(form), found, self._lists.snapshot.marks())
        words = _read(postings, rows)
        ends = self._ends([word.places for word in words])
        standing, counts = self._standing(segment, documents, ends)
        scores = self._score(segment, documents.take(standing), counts, form)
        if very_forms and len(standing):
            self._add_very_forms(segment, base, documents, words, ends, standing, scores)
        return documents.take(standing) + base, scores

    def _add_very_forms(
        self,
        segment: Segment,
        base: int,
        documents: NDArray[np.intp],
        words: Sequence[_WordPlaces],
        ends: Places,
        standing: NDArray[np.intp],
        scores: Scores,
    ) -> None:
        """Where the lemmas stand as a phrase, look whether they stand in the very forms, and score that too."""
        ordinals = [self._lists.ordinals(term).ordinals[base] for term in self._leaf.exact_terms]
        if min(ordinals) < 0:
            return
        if self._leaf.slop:
            exact = [word.of_form(ordinal, standing) for word, ordinal in zip(words, ordinals, strict=True)]
            ends = self._ends(exact)
        else:
            # Each word stands where the phrase by its lemmas has it.
            for before, (word, ordinal) in enumerate(zip(reversed(words), reversed(ordinals), strict=True)):
                ends = ends[word.are_of_form(ordinal, ends - before)]
        very_standing, counts = self._standing(segment, documents, ends)
        very = self._score(segment, documents.take(very_standing), counts, "exact")
        if self._leaf.quoted:
            very += np.float32(self._bound("lemma"))
        scores[standing.searchsorted(very_standing)] += very

    def _bound(self, form: Form) -> float:
        """What a phrase can score by one form at most: each field gives less than weight × idf."""
        weights = self._lists.weights
        fields = weights.title if self._leaf.title else self._lists.in_phrases.fields
        return self._idfs[form] * weights.of_form(form) * fields

    def _ends(self, places: Sequence[Places]) -> Places:
        """Where the last word of the phrase stands, given its words' places."""
        self._budget.spend(sum(map(len, places)))
        return phrase_ends(places, self._leaf.slop)

    def _standing(
        self, segment: Segment, documents: NDArray[np.intp], ends: Places
    ) -> tuple[NDArray[np.intp], dict[str, NDArray[Any]]]:
        """In which of some documents the phrase stands, given where it ends, and how often in each field."""
        candidates, positions = ends >> DOCUMENT_SHIFT, ends & _POSITION
        standing = candidates.take(run_starts(candidates))
        owners = standing.searchsorted(candidates)
        fields = owners * len(FIELDS)
        for start in field_starts(segment, documents.take(standing))[1:]:
            fields += positions >= start.take(owners)
        by_field = np.bincount(fields, minlength=len(standing) * len(FIELDS)).reshape(-1, len(FIELDS)).T
        if self._leaf.title:
            (kept,) = by_field[TITLE].nonzero()
            return standing.take(kept), {"title": by_field[TITLE].take(kept)}
        present: list[bool] = np.any(by_field, axis=1).tolist()
        return standing, {
            name: of_field for name, of_field, some in zip(FIELDS, by_field, present, strict=True) if some
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
                    lengths = rounded(segment.column(f"length/{field}").take(documents))
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

    def are_of_form(self, ordinal: int, wanted: Places) -> NDArray[np.bool_]:
        """Whether the word has an exact form at some of its places."""
        candidates = wanted >> DOCUMENT_SHIFT
        counts = self.counts.take(candidates)
        within = self.places.searchsorted(wanted) - (self.counts.cumsum() - self.counts).take(candidates)
        postings = self.postings.places(self.rows.take(candidates))
        return self.postings.source.are_at_form(postings, counts, within, ordinal)

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
        if not slop and len(reached) < len(following):
            nearest = following.searchsorted(reached + 1)
            reached = following.take(nearest[following.take(nearest, mode="clip") == reached + 1])
            continue
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
