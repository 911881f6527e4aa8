"""The postings of words over all segments, and the tables that turn their codes into scores."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.retrieval.snapshot import Snapshot
from searchapp.engine.retrieval.weights import WEIGHTS, TextFieldName, Weights, inverse_document_frequency
from searchapp.engine.storage.codes import FIELDS, CodeTable
from searchapp.engine.storage.norms import DECODED
from searchapp.engine.storage.segment import FormName, Segment
from searchapp.engine.storage.terms import StemTerms, TermPostings

Scores = NDArray[np.float32]
MixedRows = tuple[NDArray[np.int64], NDArray[Any]]
"""Rows of mixed postings in which one exact form stands, and its codes there."""


@dataclass(frozen=True, slots=True)
class PlacedPostings:
    """A term's postings in one segment; `base` is the number of the segment's first document."""

    segment: Segment
    postings: TermPostings
    base: int

    def documents(self) -> NDArray[np.intp]:
        """The documents, numbered through."""
        found = self.postings.documents.astype(np.intp)
        if self.base:
            found += self.base
        return found


@dataclass(frozen=True, slots=True)
class TermList:
    """One term of one form. `frequency` is its document frequency, `idf` follows from it."""

    parts: tuple[PlacedPostings, ...]
    frequency: int
    idf: float

    def documents(self) -> NDArray[np.intp]:
        """The documents that have the term, rising."""
        return join([part.documents() for part in self.parts])


@dataclass(frozen=True, slots=True)
class ExactPart:
    """The exact form of a word within its stem's postings of one segment.

    `forms` are the forms of the postings; where one is `ordinal`, the posting counts `weight` more. In a mixed posting
    the exact form has a code of its own: `mixed` finds the rows where it stands, and those codes.
    """

    forms: NDArray[Any]
    ordinal: int
    weight: float
    mixed_mark: int
    mixed: Callable[[], MixedRows]


@dataclass(frozen=True, slots=True)
class WordList:
    """A word's postings in one segment, to be scored by both of its forms in one pass.

    `table` is code → score at weight 1; each posting counts `weight`, and what `exact` adds.
    """

    documents: NDArray[Any]
    codes: NDArray[Any]
    base: int
    table: Scores
    weight: float
    exact: ExactPart | None = None

    def __len__(self) -> int:
        return len(self.documents)

    def scores(self) -> Scores:
        """The score of every posting."""
        scores = self.table.take(self.codes)
        if self.exact is None:
            scores *= np.float32(self.weight)
            return scores
        scores *= self._factors(self.exact.forms, self.exact)
        rows, codes = self.exact.mixed()
        if len(rows):
            scores[rows] += self.table.take(codes) * np.float32(self.exact.weight)
        return scores

    def scores_at(self, rows: NDArray[np.intp]) -> Scores:
        """The scores of some postings, rising."""
        scores = self.table.take(self.codes.take(rows))
        exact = self.exact
        if exact is None:
            scores *= np.float32(self.weight)
            return scores
        forms = exact.forms.take(rows)
        scores *= self._factors(forms, exact)
        if (forms == exact.mixed_mark).any():
            mixed, codes = exact.mixed()
            at = mixed.searchsorted(rows)
            hit = np.flatnonzero(mixed.take(at, mode="clip") == rows) if len(mixed) else mixed
            scores[hit] += self.table.take(codes.take(at.take(hit))) * np.float32(exact.weight)
        return scores

    def _factors(self, forms: NDArray[Any], exact: ExactPart) -> Scores:
        return np.where(forms == exact.ordinal, np.float32(self.weight + exact.weight), np.float32(self.weight))

    def add_to(self, accumulator: Scores) -> None:
        """Add the scores to an array with one entry a document."""
        into = accumulator[self.base :] if self.base else accumulator
        np.add.at(into, self.documents.astype(np.intp), self.scores())


class TermLists:
    """Looks words up in a snapshot, for one set of weights."""

    def __init__(self, snapshot: Snapshot, weights: Weights = WEIGHTS) -> None:
        self.snapshot, self.weights = snapshot, weights
        self._tables: dict[tuple[TextFieldName, ...], list[Scores]] = {}

    @classmethod
    def of(cls, snapshot: Snapshot, weights: Weights) -> TermLists:
        """The lists of a snapshot for these weights, with the tables that other requests have made."""
        return snapshot.derived(("term lists", weights), lambda: cls(snapshot, weights))

    def find(self, form: FormName, term: str, fields: tuple[TextFieldName, ...]) -> TermList:
        """The postings of a term of one form. With only some of the fields, those that stand in one of them."""
        encoded = encode(term)
        parts = []
        for segment, base, table in self._segments(fields):
            postings = segment.form(form).find(encoded)
            if postings is not None and len(fields) < len(FIELDS):
                postings = postings.only(table.take(postings.codes) > 0)
            if postings is not None and len(postings):
                parts.append(PlacedPostings(segment, postings, base))
        frequency = sum([len(part.postings) for part in parts])
        return TermList(tuple(parts), frequency, self._idf(frequency))

    def exact_word(self, term: str, fields: tuple[TextFieldName, ...]) -> tuple[list[WordList], float]:
        """A word by its exact form only, and its idf."""
        found = self.find("exact", term, fields)
        tables = dict(zip(self.snapshot.bases, self._tables_of(fields), strict=False))
        weight = self.weights.exact * found.idf
        return [
            WordList(part.postings.documents, part.postings.codes, part.base, tables[part.base], weight)
            for part in found.parts
        ], found.idf

    def word(self, exact: str, stem: str, fields: tuple[TextFieldName, ...]) -> tuple[list[WordList], float]:
        """A word by both forms, and the idf of its stem."""
        encoded_exact, encoded_stem = encode(exact), encode(stem)
        found = []
        for segment, base, table in self._segments(fields):
            start, stop = segment.stem.bounds(encoded_stem)
            if start < stop:
                one = _Found(segment.stem, start, stop, segment.exact.ordinal(encoded_exact), base, table)
                if len(fields) < len(FIELDS):
                    one.keep_standing()
                if len(one.postings):
                    found.append(one)
        idf = self._idf(sum([len(one.postings) for one in found]))
        exact_idf = self._idf(sum([one.exact_frequency for one in found]))
        weight, exact_weight = self.weights.stem * idf, self.weights.exact * exact_idf
        return [one.weighed(weight, exact_weight) for one in found], idf

    def exact_idf(self, term: str, fields: tuple[TextFieldName, ...]) -> float:
        """The idf of an exact form, without its postings where they are not needed."""
        if len(fields) < len(FIELDS):
            return self.find("exact", term, fields).idf
        encoded = encode(term)
        return self._idf(sum(part.segment.exact.ordinal(encoded)[1] for part in self.snapshot.parts))

    def _idf(self, frequency: int) -> float:
        return inverse_document_frequency(self.snapshot.documents, frequency)

    def _segments(self, fields: tuple[TextFieldName, ...]) -> Iterator[tuple[Segment, int, Scores]]:
        tables = self._tables_of(fields)
        for part, base, table in zip(self.snapshot.parts, self.snapshot.bases, tables, strict=False):
            yield part.segment, base, table

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
        self, stems: StemTerms, start: int, stop: int, exact: tuple[int, int], base: int, table: Scores
    ) -> None:
        """`exact` is the ordinal of the exact form, -1 where the segment lacks it, and its document frequency."""
        self.postings, self._forms = stems.postings(start, stop), stems.forms(start, stop)
        self._ordinal, self.exact_frequency = exact
        self._mixed_mark, self._base, self._table = stems.mixed_mark, base, table
        self._mixed: Callable[[], MixedRows] = lambda: stems.mixed.with_form(start, stop, self._ordinal)

    def keep_standing(self) -> None:
        """Keep the postings with a score in the fields that are asked for."""
        standing = self._table.take(self.postings.codes) > 0
        kept = np.flatnonzero(standing)
        self.postings, self._forms = self.postings.only(standing), self._forms.take(kept)
        rows, codes = self._mixed()
        chosen = np.flatnonzero(self._table.take(codes) > 0)
        left = np.searchsorted(kept, rows.take(chosen)), codes.take(chosen)
        self._mixed = lambda: left
        self.exact_frequency = int(np.count_nonzero(self._forms == self._ordinal)) + len(chosen)

    def weighed(self, weight: float, exact_weight: float) -> WordList:
        """The list to be scored."""
        exact = None
        if self.exact_frequency:
            exact = ExactPart(self._forms, self._ordinal, exact_weight, self._mixed_mark, self._mixed)
        return WordList(self.postings.documents, self.postings.codes, self._base, self._table, weight, exact)


def encode(term: str) -> bytes:
    """A term as the dictionaries hold it."""
    return term.encode("utf-8", "surrogatepass")


def join(arrays: Sequence[NDArray[np.intp]]) -> NDArray[np.intp]:
    """Arrays one after the other."""
    if len(arrays) == 1:
        return arrays[0]
    return np.concatenate(arrays) if arrays else np.empty(0, np.intp)
