"""The terms of one field of a segment and their postings, as Whoosh divides an index: field by field.

Our postings hold a word once for all fields of a document, and its positions count through the document. A field sees
the postings in which the word stands in it at all, with its own frequencies, and positions that count from its first
word, as Whoosh's queries for spans at the beginning of a field want them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.retrieval.core.weights import Form, TextFieldName
from searchapp.engine.storage.codes import FIELD_GAP, FIELDS
from searchapp.engine.storage.pointers import sizes
from searchapp.engine.storage.segment import Segment
from searchapp.engine.storage.terms import TermPostings

CHUNK: Final = 256
"""Terms of which it is found out together whether they stand in a field."""
_DOCUMENT_BITS: Final = 32


@dataclass(frozen=True, slots=True)
class FieldPostings:
    """One term's postings in one field: `documents`, rising, with `frequencies` and `lengths` of the field in words.

    `positions` gives the positions of the posting at an index, rising; fields of whole values have none.
    """

    documents: NDArray[Any]
    frequencies: NDArray[Any]
    lengths: NDArray[Any]
    positions: Callable[[int], list[int]]

    def without(self, deleted: NDArray[np.bool_]) -> FieldPostings:
        """The postings of documents that are not deleted."""
        kept = np.flatnonzero(~deleted.take(self.documents))
        return FieldPostings(
            self.documents.take(kept),
            self.frequencies.take(kept),
            self.lengths.take(kept),
            lambda index: self.positions(int(kept[index])),
        )


class FieldTerms(ABC):
    """The terms of one field. They are numbered in the order of their bytes; numbers may have gaps."""

    @abstractmethod
    def term(self, number: int) -> bytes:
        """The bytes of a term."""

    @abstractmethod
    def numbers_from(self, term: bytes) -> Iterator[int]:
        """The numbers of all terms that are not before this one, rising."""

    @abstractmethod
    def postings(self, term: bytes) -> FieldPostings | None:
        """A term's postings, deleted documents among them; None for a term that does not stand in the field."""

    def terms_from(self, term: bytes) -> Iterator[bytes]:
        """The terms that are not before this one."""
        return map(self.term, self.numbers_from(term))


class FormTerms(FieldTerms):
    """One form of one text field."""

    def __init__(self, segment: Segment, field: TextFieldName, form: Form) -> None:
        self._segment, self._field, self._form = segment, field, segment.form(form)
        codes = segment.codes
        columns = [getattr(codes, f"tf_{name}") for name in FIELDS]
        at = FIELDS.index(field)
        self._frequencies: NDArray[np.uint32] = columns[at]
        # A posting's positions lie field after field.
        self._before = np.sum(columns[:at], axis=0, dtype=np.int64) if at else np.zeros(len(columns[0]), np.int64)
        self._earlier_fields = FIELDS[:at]
        self._standing: dict[int, NDArray[np.bool_]] = {}

    def term(self, number: int) -> bytes:
        """The bytes of a term."""
        return self._form.dictionary.term(number)

    def numbers_from(self, term: bytes) -> Iterator[int]:
        """Those of the form's terms from this one on that stand in the field."""
        start, end = self._form.dictionary.ceiling(term), len(self._form.dictionary)
        while start < end:
            chunk = start // CHUNK
            for number in np.flatnonzero(self._stands(chunk)).tolist():
                if chunk * CHUNK + number >= start:
                    yield chunk * CHUNK + number
            start = (chunk + 1) * CHUNK

    def _stands(self, chunk: int) -> NDArray[np.bool_]:
        """For `CHUNK` terms, whether each stands in the field."""
        found = self._standing.get(chunk)
        if found is None:
            first = chunk * CHUNK
            last = min(first + CHUNK, len(self._form.dictionary))
            postings = map(self._form.find, self._form.dictionary.terms(first, last))
            found = np.array([one is not None and self._frequencies.take(one.codes).any() for one in postings], bool)
            self._standing[chunk] = found
        return found

    def postings(self, term: bytes) -> FieldPostings | None:
        """A term's postings in the field."""
        combined = self._form.find(term)
        kept = None if combined is None else combined.only(self._frequencies.take(combined.codes) > 0)
        if kept is None or not len(kept):
            return None
        lengths = self._segment.column(f"length/{self._field}").take(kept.documents)
        return FieldPostings(
            kept.documents, self._frequencies.take(kept.codes), lengths, lambda index: self._positions(kept, index)
        )

    def _positions(self, postings: TermPostings, index: int) -> list[int]:
        code = postings.codes.item(index)
        _, positions = postings.positions(np.array([index]))
        first = self._before.item(code)
        begin = self._first_position(postings.documents.item(index))
        return [position - begin for position in positions[first : first + self._frequencies.item(code)].tolist()]

    def _first_position(self, document: int) -> int:
        """The position of the field's first word within the document."""
        return sum(int(lengths[document]) + FIELD_GAP for lengths in self._earlier_lengths)

    @cached_property
    def _earlier_lengths(self) -> list[NDArray[Any]]:
        return [self._segment.column(f"length/{name}") for name in self._earlier_fields]


class ValueTerms(FieldTerms):
    """A field of whole values, put together from columns."""

    def __init__(self, terms: Sequence[bytes], numbers: NDArray[Any], documents: NDArray[Any]) -> None:
        """Take (value, document) pairs; every value must occur.

        Args:
            terms: the values, different ones, in any order.
            numbers: which value each pair has.
            documents: which document each pair has.
        """
        order = sorted(range(len(terms)), key=terms.__getitem__)
        rank = np.zeros(len(terms), np.int64)
        rank[order] = np.arange(len(terms))
        pairs = np.unique(rank.take(numbers) << _DOCUMENT_BITS | documents)
        self._terms = [terms[at] for at in order]
        self._bounds = np.searchsorted(pairs >> _DOCUMENT_BITS, np.arange(len(terms) + 1)).tolist()
        self._documents = pairs & (1 << _DOCUMENT_BITS) - 1

    def term(self, number: int) -> bytes:
        """The bytes of a term."""
        return self._terms[number]

    def numbers_from(self, term: bytes) -> Iterator[int]:
        """The numbers of the values that are not before this one."""
        return iter(range(bisect_left(self._terms, term), len(self._terms)))

    def postings(self, term: bytes) -> FieldPostings | None:
        """The documents that have a value, each once."""
        number = bisect_left(self._terms, term)
        if number == len(self._terms) or self._terms[number] != term:
            return None
        documents = self._documents[self._bounds[number] : self._bounds[number + 1]]
        ones = np.ones(len(documents), np.int64)
        return FieldPostings(documents, ones, ones, lambda _: [])


def story_terms(segment: Segment) -> ValueTerms:
    """The stories' numbers in decimal."""
    numbers = segment.column("story/numbers").tolist()
    documents = np.arange(len(numbers))
    return ValueTerms([str(number).encode() for number in numbers], documents, documents)


def outlet_terms(segment: Segment) -> ValueTerms:
    """The outlets' names."""
    used, numbers = np.unique(segment.column("copy/outlets"), return_inverse=True)
    names = [segment.outlets[at].encode("utf-8", "surrogatepass") for at in used.tolist()]
    return ValueTerms(names, numbers, _owners(segment))


def date_terms(segment: Segment) -> ValueTerms:
    """The days of dated copies, as "2015-08-11"."""
    days = segment.column("copy/dates")
    dated = np.flatnonzero(days)
    used, numbers = np.unique(days.take(dated), return_inverse=True)
    names = [date.fromordinal(day).isoformat().encode() for day in used.tolist()]
    return ValueTerms(names, numbers, _owners(segment).take(dated))


def _owners(segment: Segment) -> NDArray[np.int64]:
    """The document of each copy."""
    return np.repeat(np.arange(segment.documents), sizes(segment.column("copy/pointers")))
