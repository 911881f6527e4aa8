"""The postings of words over all segments, and the tables that turn their codes into scores."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from searchapp.compiled import is_prepared
from searchapp.engine.retrieval.core.leaf import Leaf
from searchapp.engine.retrieval.core.matches import Scores
from searchapp.engine.retrieval.core.recent import Recent
from searchapp.engine.retrieval.core.snapshot import Snapshot
from searchapp.engine.retrieval.core.weights import (
    TEXT_FIELDS,
    WEIGHTS,
    TextFieldName,
    Weights,
    inverse_document_frequency,
)
from searchapp.engine.retrieval.terms.flat_postings import FlatPostings, FlatWord
from searchapp.engine.retrieval.terms.form_factors import FormFactors
from searchapp.engine.retrieval.terms.kindred_words import Kindred, KindredStretch, kindred_terms
from searchapp.engine.retrieval.terms.sought_terms import KnownForm, PhraseWeights, PlacedPostings, SoughtWord, TermList
from searchapp.engine.retrieval.terms.word_lists import (
    AnyList,
    Kept,
    PartialList,
    Source,
    UnitedList,
    WholeList,
    WordList,
)
from searchapp.engine.storage.codes import FIELDS, CodeTable
from searchapp.engine.storage.light_hashes import light_hash
from searchapp.engine.storage.norms import DECODED
from searchapp.engine.storage.segment import FormName, Segment

WORDS_BYTES: Final = 5 << 20
"""How much memory the words take that searches have asked for of late, without what is found out of their postings."""
LEAVES_BYTES: Final = 4 << 20
"""Of these, which are found by what was read of the query; most are the same objects."""
TERMS_BYTES: Final = 2 << 20
"""The same for the words of phrases."""
FORMS_BYTES: Final = 1 << 20
"""And for their exact forms."""
KIN_BYTES: Final = 2 << 20
"""And for words that are kindred to others."""
SCORES_BYTES: Final = 8 << 20
"""How much memory the scores of postings take. What is small has room of its own, or these would soon displace it."""
BOUNDS_BYTES: Final = 8 << 20
"""And where the positions of postings begin."""
HEADS_BYTES: Final = 2 << 20
"""And the best postings of each word."""
COUNTS_BYTES: Final = 2 << 20
"""And how many postings there are by outlet and month."""
_PICKED_BYTES: Final = 24
"""Bytes a posting of a kept word at most, where its postings were picked out of others."""
_WORD_BYTES: Final = 768
"""What a kept word takes beside that, and as much again in each segment, generously."""
_FORM_BYTES: Final = 256
"""What a kept exact form takes in a segment."""
_KIN_BYTES: Final = 768
"""What a list of a kindred word takes."""

FoundWord = tuple[Sequence[AnyList], float]
"""A word's postings by segment, and its idf."""


def _make_kept() -> Kept:
    return Kept(Recent(SCORES_BYTES), Recent(BOUNDS_BYTES), Recent(HEADS_BYTES), Recent(COUNTS_BYTES))


def forget_postings(snapshot: Snapshot) -> None:
    """Let go of what was found out of postings, which is found out again as it is asked for. Words stay known."""
    for recent in snapshot.derived("recent postings", _make_kept):
        recent.clear()


class TermLists:
    """Looks words up in a snapshot, for one set of weights. Words that are asked for again are not scored again."""

    def __init__(self, snapshot: Snapshot, weights: Weights = WEIGHTS) -> None:
        self.snapshot, self.weights = snapshot, weights
        # In keys it stands for these weights; the object itself there would keep the snapshot from being freed at once.
        self._mark = object()
        self._tables: dict[tuple[TextFieldName, ...], list[Scores]] = {}
        self._recent: Recent[object, FoundWord] = snapshot.derived("recent words", lambda: Recent(WORDS_BYTES))
        self._of_leaves: Recent[object, tuple[Leaf, FoundWord]] = snapshot.derived(
            "recent leaves", lambda: Recent(LEAVES_BYTES)
        )
        self._terms: Recent[object, TermList] = snapshot.derived("recent terms", lambda: Recent(TERMS_BYTES))
        self._ordinals: Recent[str, KnownForm] = snapshot.derived("recent forms", lambda: Recent(FORMS_BYTES))
        self._kept: Kept = snapshot.derived("recent postings", _make_kept)
        self._kindred: Recent[object, Kindred] = snapshot.derived("recent kin", lambda: Recent(KIN_BYTES))

    @cached_property
    def in_phrases(self) -> PhraseWeights:
        """What does not depend on the phrase."""
        weights, averages = self.weights, self.snapshot.average_lengths
        fields = [weights.of(field) for field in TEXT_FIELDS]
        lengths = weights.b_title, weights.b_body, averages["title"] or 1.0, averages["body"] or 1.0
        return PhraseWeights(np.array([weights.k1, *lengths, *fields, *fields, 0.0]), sum(fields))

    @cached_property
    def every_word_counts(self) -> bool:
        """Whether each occurrence of a word gives something, by whichever form and field it was found."""
        weights = self.weights
        least = min(weights.lemma, weights.exact, weights.variant, *map(weights.of, TEXT_FIELDS))
        return least > 0 and min(weights.light, weights.lead) >= 0

    @classmethod
    def of(cls, snapshot: Snapshot, weights: Weights) -> TermLists:
        """The lists of a snapshot for these weights, with the tables that other requests have made."""
        if weights is WEIGHTS:  # its hash is that of many numbers
            return snapshot.derived("term lists", lambda: cls(snapshot, weights))
        return snapshot.derived(("term lists", weights), lambda: cls(snapshot, weights))

    def find(self, form: FormName, term: str, fields: tuple[TextFieldName, ...]) -> TermList:
        """The postings of a term of one form. With only some of the fields, those that stand in one of them."""
        encoded = encode(term)
        parts, frequency = [], 0
        for segment, base, table in self._segments(fields):
            postings = segment.form(form).find(encoded)
            flat = None
            if form == "lemma" and postings is not None:
                flat = FlatPostings(segment.lemma, postings.first, postings.first + len(postings))
            if postings is not None and len(fields) < len(FIELDS):
                postings = postings.only(table.take(postings.codes) > 0)
            if postings is not None and len(postings):
                picked = None if flat is not None and flat.stop - flat.start == len(postings) else postings
                parts.append(PlacedPostings(segment, base, flat, picked))
                frequency += len(postings)
        return TermList(tuple(parts), frequency, self._idf(frequency))

    def again(self, form: FormName, term: str, fields: tuple[TextFieldName, ...]) -> TermList:
        """As `find`, for what readers are likely to ask for again."""
        key = self._mark, form, term, fields
        found = self._terms.get(key)
        if found is None:
            found = self.find(form, term, fields)
            picked = form == "exact" or len(fields) < len(FIELDS)
            self._terms.put(
                key, found, _WORD_BYTES * (1 + len(found.parts)) + (_PICKED_BYTES * found.frequency if picked else 0)
            )
        return found

    def exact_at(self, base: int, terms: Sequence[str], fields: tuple[TextFieldName, ...]) -> list[PlacedPostings]:
        """The postings of exact forms in the segment with this first document; none if it lacks one of them."""
        found = [part for term in terms for part in self.again("exact", term, fields).parts if part.base == base]
        return found if len(found) == len(terms) else []

    def ordinals(self, term: str) -> KnownForm:
        """An exact form of a lemma in all segments."""
        found = self._ordinals.get(term)
        if found is None:
            encoded = encode(term)
            in_segments = {
                base: part.segment.exact.ordinal(encoded)
                for base, part in zip(self.snapshot.bases, self.snapshot.parts, strict=False)
            }
            idf = self._idf(sum([frequency for _, frequency in in_segments.values()]))
            found = KnownForm({base: ordinal for base, (ordinal, _) in in_segments.items()}, idf)
            self._ordinals.put(term, found, _FORM_BYTES * (1 + len(in_segments)))
        return found

    def exact_word(self, term: str, fields: tuple[TextFieldName, ...]) -> FoundWord:
        """A word by its exact form only, and its idf."""
        key = self._mark, term, fields
        found = self._recent.get(key)
        if found is None:
            found = self._picked(term, fields)
            self._recent.put(key, found, _WORD_BYTES * (1 + len(found[0])) + _PICKED_BYTES * sum(map(len, found[0])))
        return found

    def _picked(self, term: str, fields: tuple[TextFieldName, ...]) -> FoundWord:
        found = self.find("exact", term, fields)
        tables = dict(zip(self.snapshot.bases, self._tables_of(fields), strict=False))
        weight = self.weights.exact * found.idf
        return [_exact_list(part, tables[part.base], weight, self._kept) for part in found.parts], found.idf

    def word(self, word: SoughtWord, fields: tuple[TextFieldName, ...]) -> FoundWord:
        """A word by all forms, and the idf of its lemma."""
        key = self._mark, word, fields
        found = self._recent.get(key)
        if found is None:
            found = self._spelled_all_ways(word, fields) if word.variants else self._by_all_forms(word, fields)
            each = _PICKED_BYTES if word.variants or len(fields) < len(FIELDS) else 0
            self._recent.put(key, found, _WORD_BYTES * (1 + len(found[0])) + each * sum(map(len, found[0])))
        return found

    def _spelled_all_ways(self, word: SoughtWord, fields: tuple[TextFieldName, ...]) -> FoundWord:
        found = self._by_all_forms(word, fields)
        others = [self._spelled(lemma, likeness, fields) for lemma, likeness in word.variants]
        parts: dict[int, list[WordList]] = defaultdict(list)
        for lists, _ in (found, *others):
            for one in lists:
                parts[one.base].append(one)
        united = [
            of_segment[0] if len(of_segment) == 1 else UnitedList(of_segment, base)
            for base, of_segment in sorted(parts.items())
        ]
        # A spelling that nobody uses is worth what the spellings are worth that stand for it.
        return united, found[1] if found[0] else min([idf for lists, idf in others if lists], default=found[1])

    def _by_all_forms(self, word: SoughtWord, fields: tuple[TextFieldName, ...]) -> tuple[list[WordList], float]:
        lemma, exact, light = encode(word.lemma), encode(word.exact), light_hash(word.light)
        found = [one for one in self._found(lemma, fields, (exact, light)) if len(one.postings)]
        weights = self.weights
        idf = self._idf(sum([len(one.postings) for one in found]))
        exact_idf = self._idf(sum([one.exact_frequency for one in found]))
        light_idf = max(self._idf(sum([one.light_frequency for one in found])), idf)
        factors = weights.lemma * idf, weights.exact * exact_idf, weights.light * light_idf
        return [one.weighed(self._kept, *factors) for one in found], idf

    def _spelled(self, lemma: str, likeness: float, fields: tuple[TextFieldName, ...]) -> tuple[list[WordList], float]:
        """Another spelling of a word, by its lemma alone."""
        found = [one for one in self._found(encode(lemma), fields, None) if len(one.postings)]
        idf = self._idf(sum([len(one.postings) for one in found]))
        return [one.weighed(self._kept, self.weights.variant * likeness * idf, 0.0, 0.0) for one in found], idf

    def of_leaf(self, leaf: Leaf) -> FoundWord:
        """The postings of a word, and the idf of its lemma, or of its exact form where that is meant.

        A leaf is remembered as it was analysed, so that most words come again as the same object.
        """
        key = self._mark, id(leaf)
        # The leaf is kept with it: no other object can then have its id.
        known = self._of_leaves.get(key)
        if known is not None:
            return known[1]
        exact = leaf.exact_terms[0]
        if len(leaf.forms) == 1:
            found = self.exact_word(exact, leaf.fields)
        else:
            found = self.word(SoughtWord(exact, leaf.lemma_terms[0], leaf.light_terms[0], leaf.variants), leaf.fields)
        picked = not all(one.whole for one in found[0])
        self._of_leaves.put(key, (leaf, found), _WORD_BYTES + picked * _PICKED_BYTES * sum(map(len, found[0])))
        return found

    def kindred(self, lemma: str, fields: tuple[TextFieldName, ...]) -> Kindred:
        """The postings of the lemmas that are kindred to one, at the weight 1 and idf 1."""
        key = self._mark, lemma, fields
        kept = self._kindred.get(key)
        if kept is None:
            by_loops = is_prepared() and len(fields) == len(FIELDS)
            kept = self._stretches_of_kin(lemma, fields) if by_loops else Kindred.of(self._kin(lemma, fields))
            each = _PICKED_BYTES if len(fields) < len(FIELDS) else 0
            self._kindred.put(key, kept, _KIN_BYTES * (kept.number + 1) + each * sum(map(len, kept.lists or ())))
        return kept

    def kindred_lists(self, lemma: str, fields: tuple[TextFieldName, ...]) -> Sequence[WordList]:
        """The lists of the same, for numpy's way."""
        lists = self.kindred(lemma, fields).lists
        if lists is None:  # loops were to read them, and cannot yet
            kept = Kindred.of(self._kin(lemma, fields))
            self._kindred.put((self._mark, lemma, fields), kept, _KIN_BYTES * (kept.number + 1))
            lists = kept.lists or ()
        return lists

    def _found_kin(self, lemma: str, fields: tuple[TextFieldName, ...]) -> Iterator[_Found]:
        return (one for kin in kindred_terms(lemma) for one in self._found(encode(kin), fields, None))

    def _kin(self, lemma: str, fields: tuple[TextFieldName, ...]) -> list[WordList]:
        found = self._found_kin(lemma, fields)
        return [one.weighed(self._kept, 1.0, 0.0, 0.0) for one in found if len(one.postings)]

    def _stretches_of_kin(self, lemma: str, fields: tuple[TextFieldName, ...]) -> Kindred:
        return Kindred.at([one.stretch() for one in self._found_kin(lemma, fields) if len(one.postings)])

    def _found(
        self, lemma: bytes, fields: tuple[TextFieldName, ...], forms: tuple[bytes, int] | None
    ) -> Iterator[_Found]:
        for segment, base, table in self._segments(fields):
            number = segment.lemma.dictionary.find(lemma)
            if number >= 0:
                found = _Found(segment, number, base, table, forms)
                if len(fields) < len(FIELDS):
                    found.keep_standing()
                yield found

    def exact_idf(self, term: str, fields: tuple[TextFieldName, ...]) -> float:
        """The idf of an exact form, without its postings where they are not needed."""
        if len(fields) < len(FIELDS):
            return self.find("exact", term, fields).idf
        return self.ordinals(term).idf

    def _idf(self, frequency: int) -> float:
        return inverse_document_frequency(self.snapshot.documents, frequency)

    def _segments(self, fields: tuple[TextFieldName, ...]) -> Iterator[tuple[Segment, int, Scores]]:
        tables = self._tables_of(fields)
        for part, base, table in zip(self.snapshot.parts, self.snapshot.bases, tables, strict=False):
            yield part.segment, base, table

    def table(self, base: int, fields: tuple[TextFieldName, ...]) -> Scores:
        """Code → score at idf 1 and the weight 1 of the form, of the segment with this first document."""
        return self._tables_of(fields)[self.snapshot.bases.index(base)]

    def _tables_of(self, fields: tuple[TextFieldName, ...]) -> list[Scores]:
        """For each segment, code → score at idf 1 and the weight 1 of the form."""
        tables = self._tables.get(fields)
        if tables is None:
            tables = [self._make_table(part.segment.codes, fields) for part in self.snapshot.parts]
            self._tables[fields] = tables
        return tables

    def _make_table(self, codes: CodeTable, fields: tuple[TextFieldName, ...]) -> Scores:
        total = np.zeros(len(codes), np.float64)
        norms = {"title": codes.norm_title, "body": codes.norm_body}
        for field in fields:
            frequencies = getattr(codes, f"tf_{field}").astype(np.float64)
            lengths = DECODED.take(norms[field]) if field in norms else None
            average = self.snapshot.average_lengths[field]
            total += self.weights.of(field) * self.weights.saturation(field, frequencies, lengths, average)
            if field == "body" and self.weights.lead:
                total += self.weights.lead * self.weights.saturation("lead", codes.tf_lead.astype(np.float64), None, 1)
        return total.astype(np.float32)

    def in_common(self, terms: Sequence[TermList]) -> Iterator[list[PlacedPostings]]:
        """Segment by segment, the terms' postings, for segments that have all of the terms."""
        for base in self.snapshot.bases[:-1]:
            found = [part for term in terms for part in term.parts if part.base == base]
            if len(found) == len(terms):
                yield found


class _Found:
    """A word's postings in one segment before its weights are known."""

    def __init__(
        self, segment: Segment, number: int, base: int, table: Scores, forms: tuple[bytes, int] | None
    ) -> None:
        """`number` is the lemma's; `forms` the exact form and the hash of the light stem, None if they do not count."""
        self._lemmas, self._base, self._table = segment.lemma, base, table
        self._start, self._stop = segment.lemma.bounds_of(number)
        self.postings = segment.lemma.postings(self._start, self._stop)
        self._kept: NDArray[np.int64] | None = None
        self._ordinal, self.exact_frequency, self.light_frequency = -1, 0, 0
        self._count = 0
        self._light: NDArray[np.bool_] | None = None
        if forms is not None:
            self._ordinal, self.exact_frequency = segment.exact.ordinal(forms[0])
            numbers, lights = segment.lemma.forms_of(number)
            self._light = lights == forms[1]
            self._count = len(numbers)
            self.light_frequency = segment.exact.count_of(numbers[self._light])

    def stretch(self) -> KindredStretch:
        """Where the postings lie, and what their codes give."""
        return self._base, (self._start, self._stop), self._table

    def keep_standing(self) -> None:
        """Keep the postings with a score in the fields that are asked for."""
        standing = self._table.take(self.postings.codes) > 0
        self.postings, self._kept = self.postings.only(standing), np.flatnonzero(standing)
        if self._light is not None:
            counts = self._standing_forms(self._kept)
            self.exact_frequency = counts.item(self._ordinal) if self.exact_frequency else 0
            self.light_frequency = int(counts[self._light].sum())

    def _standing_forms(self, kept: NDArray[np.int64]) -> NDArray[np.int64]:
        """In how many documents each form of the lemma has a score; `kept` are the places of the postings with one."""
        alone = np.bincount(self._lemmas.forms(self._start, self._stop).take(kept), minlength=self._count)
        _, forms, codes = self._lemmas.mixed.pairs(self._start, self._stop)
        among = np.bincount(forms[self._table.take(codes) > 0], minlength=self._count)
        return alone[: self._count] + among

    def weighed(self, kept: Kept, weight: float, exact: float, light: float) -> WordList:
        """The list to be scored; what is found out of its postings is kept in `kept`."""
        most = weight
        if not (self.exact_frequency or self.light_frequency):
            by_form = np.array([weight], np.float32)
        else:
            most += light + (exact if self.exact_frequency else 0.0)
            by_form = np.full(self._count + 1, weight, np.float32)
            if light and self._light is not None:
                by_form[:-1][self._light] += np.float32(light)
            if self.exact_frequency:
                by_form[self._ordinal] += np.float32(exact)
        counts = light if len(by_form) > 1 else 0.0
        flat = FlatWord(self._lemmas, (self._start, self._stop), self._table, by_form, counts, most)
        if self._kept is None:
            return WholeList(flat, self._base, kept)
        factors = FormFactors(self._lemmas, self._start, self._stop, by_form, light, self._kept)
        source = Source(self._lemmas, self._start, self.postings.documents, self._kept, None, kept.bounds)
        return PartialList(
            self.postings, self._base, self._table, weight, kept, source, factors if flat.has_forms else None, flat
        )


def _exact_list(part: PlacedPostings, table: Scores, weight: float, kept: Kept) -> WordList:
    found = part.postings
    source = Source(found.source, found.first, found.documents, found.kept, found.ordinal)
    return PartialList(found, part.base, table, weight, kept, source)


def encode(term: str) -> bytes:
    """A term as the dictionaries hold it."""
    return term.encode("utf-8", "surrogatepass")
