"""The postings of one term over all segments, and the tables that turn their codes into scores."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.retrieval.snapshot import Snapshot
from searchapp.engine.retrieval.weights import WEIGHTS, TextFieldName, Weights, inverse_document_frequency
from searchapp.engine.storage.codes import FIELDS, CodeTable
from searchapp.engine.storage.norms import DECODED
from searchapp.engine.storage.segment import Form, FormName, TermPostings

Scores = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class SegmentList:
    """A term's postings in one segment; `base` is the number of the segment's first document."""

    postings: TermPostings
    form: Form
    table: Scores
    base: int

    def scores(self, idf: float) -> Scores:
        """The score of every posting."""
        scores = self.table.take(self.postings.codes)
        scores *= np.float32(idf)
        return scores


@dataclass(frozen=True, slots=True)
class TermList:
    """One index term of one form. `frequency` is its document frequency, `idf` follows from it."""

    lists: tuple[SegmentList, ...]
    frequency: int
    idf: float

    def __len__(self) -> int:
        return self.frequency

    def add_to(self, accumulator: Scores) -> None:
        """Add the term's scores to an array with one entry a document."""
        for part in self.lists:
            into = accumulator[part.base :] if part.base else accumulator
            np.add.at(into, part.postings.documents.astype(np.intp), part.scores(self.idf))

    def add_for(self, documents: NDArray[Any], base: int, scores: Scores) -> None:
        """Add the term's scores to those of some documents (rising, numbered within the segment at `base`)."""
        for part in self.lists:
            if part.base != base:
                continue
            there = part.postings.documents.searchsorted(documents)
            np.minimum(there, len(part.postings) - 1, out=there)
            has = np.flatnonzero(part.postings.documents.take(there) == documents)
            scores[has] += part.table.take(part.postings.codes.take(there.take(has))) * np.float32(self.idf)

    def documents(self) -> NDArray[np.intp]:
        """The documents that have the term, rising."""
        found = [part.postings.documents.astype(np.intp) + part.base for part in self.lists]
        if len(found) == 1:
            return found[0]
        return np.concatenate(found) if found else np.empty(0, np.intp)


class TermLists:
    """Looks terms up in a snapshot, for one set of weights."""

    def __init__(self, snapshot: Snapshot, weights: Weights = WEIGHTS) -> None:
        self.snapshot, self.weights = snapshot, weights
        self._tables: dict[tuple[FormName, tuple[TextFieldName, ...]], list[Scores]] = {}

    @classmethod
    def of(cls, snapshot: Snapshot, weights: Weights) -> TermLists:
        """The lists of a snapshot for these weights, with the tables that other requests have made."""
        return snapshot.derived(("term lists", weights), lambda: cls(snapshot, weights))

    def find(self, form: FormName, term: str, fields: tuple[TextFieldName, ...]) -> TermList:
        """The postings of a term. With only some of the fields, those postings that stand in one of them."""
        encoded = term.encode("utf-8", "surrogatepass")
        lists: list[SegmentList] = []
        for part, base, table in zip(
            self.snapshot.parts, self.snapshot.bases, self._tables_of(form, fields), strict=False
        ):
            source = part.segment.form(form)
            start, stop = source.bounds(encoded)
            if start < stop:
                postings = source.postings(start, stop)
                if len(fields) < len(FIELDS):
                    postings = postings.only(table.take(postings.codes) > 0)
                if len(postings):
                    lists.append(SegmentList(postings, source, table, base))
        frequency = sum([len(found.postings) for found in lists])
        return TermList(tuple(lists), frequency, inverse_document_frequency(self.snapshot.documents, frequency))

    def _tables_of(self, form: FormName, fields: tuple[TextFieldName, ...]) -> list[Scores]:
        """For each segment, code → score at idf 1."""
        tables = self._tables.get((form, fields))
        if tables is None:
            tables = [self._make_table(part.segment.codes, form, fields) for part in self.snapshot.parts]
            self._tables[form, fields] = tables
        return tables

    def _make_table(self, codes: CodeTable, form: FormName, fields: tuple[TextFieldName, ...]) -> Scores:
        total = np.zeros(len(codes), np.float64)
        norms = {"title": codes.norm_title, "body": codes.norm_body}
        for field in fields:
            frequencies = getattr(codes, f"tf_{field}").astype(np.float64)
            lengths = DECODED.take(norms[field]) if field in norms else None
            average = self.snapshot.average_lengths[field]
            total += self.weights.of(field, form) * self.weights.saturation(field, frequencies, lengths, average)
        return total.astype(np.float32)

    def lists_of(self, terms: Sequence[TermList]) -> Iterator[tuple[int, list[SegmentList]]]:
        """Segment by segment, the terms' lists, for segments that have all of the terms."""
        for base in self.snapshot.bases[:-1]:
            found = [part for term in terms for part in term.lists if part.base == base]
            if len(found) == len(terms):
                yield base, found
