"""Whoosh's view of all terms of a segment."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property, lru_cache
from typing import Final

from whoosh import fields, formats, scoring
from whoosh.codec import base
from whoosh.reading import TermInfo, TermNotFound

from searchapp.engine.storage.segment import LiveSegment
from searchapp.engine.whoosh_codec.matching import PostingMatcher
from searchapp.engine.whoosh_codec.schema import DATE, OUTLET, STORY, TEXT_FORMS
from searchapp.engine.whoosh_codec.terms import (
    FieldPostings,
    FieldTerms,
    FormTerms,
    date_terms,
    outlet_terms,
    story_terms,
)

Term = tuple[str, bytes]

REMEMBERED: Final = 32
"""Whoosh asks three times for a term of a query: whether it is there, how frequent it is, and for its postings."""


class TermCursor(base.FieldCursor):  # type: ignore[misc]
    """Moves over the terms of a field; fuzzy searches jump about with it."""

    def __init__(self, terms: FieldTerms, field: fields.FieldType) -> None:
        self._terms, self._field = terms, field
        self.first()

    def first(self) -> str | None:
        """Go to the first term; returns it."""
        return self.find(b"")

    def find(self, term: str | bytes) -> str | None:
        """Go to the first term that is not before this one; returns it, None at the end."""
        self._numbers = self._terms.numbers_from(self._field.to_bytes(term))
        return self.next()

    def next(self) -> str | None:
        """Go to the next term; returns it, None at the end."""
        self._number = next(self._numbers, None)
        return self.text()

    def text(self) -> str | None:
        """The term here; None at the end."""
        if self._number is None:
            return None
        text: str = self._field.from_bytes(self._terms.term(self._number))
        return text

    term = text

    def term_info(self) -> TermInfo | None:
        """What `SegmentTermsReader.term_info` says of the term here."""
        postings = None if self._number is None else self._terms.postings(self._terms.term(self._number))
        return None if postings is None else term_info(postings)

    def is_valid(self) -> bool:
        """False at the end."""
        return self._number is not None


class SegmentTermsReader(base.TermsReader):  # type: ignore[misc]
    """The terms of every field of a segment. Frequencies count deleted documents, as everywhere in Whoosh."""

    def __init__(self, live: LiveSegment) -> None:
        self._segment, self._deleted = live.segment, live.deleted
        self._find = lru_cache(REMEMBERED)(self._look_up)

    @cached_property
    def _fields(self) -> dict[str, FieldTerms]:
        made: dict[str, FieldTerms] = {
            name: FormTerms(self._segment, field, form) for name, (field, form) in TEXT_FORMS.items()
        }
        return made | {name: make(self._segment) for name, make in _VALUES.items()}

    def _look_up(self, fieldname: str, text: bytes) -> FieldPostings | None:
        terms = self._fields.get(fieldname)
        return None if terms is None else terms.postings(text)

    def _get(self, fieldname: str, text: bytes) -> FieldPostings:
        postings = self._find(fieldname, text)
        if postings is None:
            raise KeyError(fieldname, text)
        return postings

    def __contains__(self, term: Term) -> bool:
        return self._find(*term) is not None

    def indexed_field_names(self) -> list[str]:
        """The names of all fields with terms."""
        return sorted(self._fields)

    def cursor(self, fieldname: str, fieldobj: fields.FieldType) -> base.FieldCursor:
        """A cursor over a field's terms."""
        terms = self._fields.get(fieldname)
        return base.EmptyCursor() if terms is None else TermCursor(terms, fieldobj)

    def terms(self) -> Iterator[Term]:
        """All terms, by field and bytes."""
        return self.terms_from("", b"")

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[Term]:
        """The terms of a field that are not before this one, then those of all later fields."""
        for name in self.indexed_field_names():
            if name >= fieldname:
                for term in self._fields[name].terms_from(prefix if name == fieldname else b""):
                    yield name, term

    def items(self) -> Iterator[tuple[Term, TermInfo]]:
        """As `terms`, with what `term_info` says."""
        return self.items_from("", b"")

    def items_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[Term, TermInfo]]:
        """As `terms_from`, with what `term_info` says."""
        return ((term, self.term_info(*term)) for term in self.terms_from(fieldname, prefix))

    def term_info(self, fieldname: str, text: bytes) -> TermInfo:
        """Frequencies and bounds of a term in a field.

        Raises:
            KeyError: it does not stand there.
        """
        return term_info(self._get(fieldname, text))

    def frequency(self, fieldname: str, text: bytes) -> float:
        """How often a term stands in a field; raises as `term_info`."""
        return float(self._get(fieldname, text).frequencies.sum())

    def doc_frequency(self, fieldname: str, text: bytes) -> int:
        """In how many documents a term stands in a field; raises as `term_info`."""
        return len(self._get(fieldname, text).documents)

    def matcher(
        self, fieldname: str, text: bytes, format_: formats.Format, scorer: scoring.BaseScorer | None = None
    ) -> PostingMatcher:
        """The postings of a term in a field, without deleted documents.

        Raises:
            TermNotFound: it does not stand there.
        """
        postings = self._find(fieldname, text)
        if postings is None:
            raise TermNotFound(f"{fieldname}:{text!r}")
        if self._deleted is not None:
            # Whoosh looks each document up among the deleted ones anyway; here it is one step for all.
            postings = postings.without(self._deleted)
        return PostingMatcher(postings, (fieldname, text), format_, scorer)


_VALUES = {STORY: story_terms, OUTLET: outlet_terms, DATE: date_terms}


def term_info(postings: FieldPostings) -> TermInfo:
    """What Whoosh wants to know of a term."""
    return TermInfo(
        weight=float(postings.frequencies.sum()),
        df=len(postings.documents),
        minlength=int(postings.lengths.min()),
        maxlength=int(postings.lengths.max()),
        maxweight=float(postings.frequencies.max()),
        minid=int(postings.documents[0]),
        maxid=int(postings.documents[-1]),
    )
