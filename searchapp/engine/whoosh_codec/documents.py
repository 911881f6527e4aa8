"""What Whoosh asks of a segment document by document: deletions, lengths, columns and stored fields."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cached_property
from typing import Any, Final

import numpy as np
from whoosh import columns, formats, matching
from whoosh.codec import base

from searchapp.engine.storage.segment import LiveSegment, Segment
from searchapp.engine.whoosh_codec.columns import date_column, outlet_column, story_column
from searchapp.engine.whoosh_codec.schema import DATE, OUTLET, STORY, TEXT_FORMS
from searchapp.engine.whoosh_codec.term_vectors import term_vector
from searchapp.model import UNKNOWN_OUTLET

_COLUMNS: Final = {STORY: story_column, OUTLET: outlet_column, DATE: date_column}


class SegmentDocumentReader(base.PerDocumentReader):  # type: ignore[misc]
    """The documents of a segment."""

    def __init__(self, live: LiveSegment) -> None:
        self._live, self._segment = live, live.segment

    def doc_count(self) -> int:
        """Documents that are not deleted."""
        return self._live.live

    def doc_count_all(self) -> int:
        """All documents."""
        return self._segment.documents

    def has_deletions(self) -> bool:
        """Whether any is deleted."""
        return self._live.deleted is not None

    def is_deleted(self, docnum: int) -> bool:
        """Whether this one is; `Not` asks for the one behind the last, too."""
        return docnum in self._deleted

    def deleted_docs(self) -> frozenset[int]:
        """The deleted ones, always the same object: Whoosh makes a frozenset of it for every term of a query."""
        return self._deleted

    @cached_property
    def _deleted(self) -> frozenset[int]:
        return frozenset() if self._live.deleted is None else frozenset(np.flatnonzero(self._live.deleted).tolist())

    def all_doc_ids(self) -> Iterator[int]:
        """Those that are not deleted."""
        if self._live.deleted is None:
            return iter(range(self._segment.documents))
        return iter(np.flatnonzero(~self._live.deleted).tolist())

    def supports_columns(self) -> bool:
        """It has some."""
        return True

    def has_column(self, fieldname: str) -> bool:
        """Whether a field has one."""
        return fieldname in _COLUMNS

    def list_columns(self) -> list[str]:
        """The fields that have one."""
        return list(_COLUMNS)

    def column_reader(self, fieldname: str, column: columns.Column) -> columns.ColumnReader:
        """The column of a field that has one."""
        return _COLUMNS[fieldname](self._segment)

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        """Words in a text field of a document."""
        if fieldname not in TEXT_FORMS:
            return default
        return int(self._segment.column(f"length/{TEXT_FORMS[fieldname][0]}")[docnum])

    def field_length(self, fieldname: str) -> int:
        """Words in a text field of all documents, deleted ones included."""
        if fieldname not in TEXT_FORMS:
            return 0
        return int(self._segment.file.meta["lengths"][TEXT_FORMS[fieldname][0]])

    def min_field_length(self, fieldname: str) -> int:
        """Words in the shortest."""
        return self._lengths_bound(fieldname, np.min)

    def max_field_length(self, fieldname: str) -> int:
        """Words in the longest."""
        return self._lengths_bound(fieldname, np.max)

    def _lengths_bound(self, fieldname: str, bound: Any) -> int:
        if fieldname not in TEXT_FORMS:
            return 0
        return int(bound(self._segment.column(f"length/{TEXT_FORMS[fieldname][0]}")))

    def has_vector(self, docnum: int, fieldname: str) -> bool:
        """Whether a document's terms can be listed for a field: where its text is stored, and is not empty."""
        return bool(self._text(docnum, fieldname))

    def vector(self, docnum: int, fieldname: str, format_: formats.Format) -> matching.ListMatcher:
        """The terms of a field of a document, in order, with their frequencies and positions."""
        return term_vector(self._text(docnum, fieldname), TEXT_FORMS[fieldname][1], format_)

    def _text(self, docnum: int, fieldname: str) -> str:
        field, _ = TEXT_FORMS.get(fieldname, ("", ""))
        if field not in ("title", "body"):
            return ""
        ((title_length, *_),) = self._segment.records(np.array([docnum]))
        text = _stored_text(self._segment, docnum)
        return text[:title_length] if field == "title" else text[title_length + 1 :]

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        """Plain values by the names of the schema; what is not known is None.

        `outlets` and `dates` are lists with an entry for each copy.
        """
        return stored_fields(self._segment, docnum)


def stored_fields(segment: Segment, document: int) -> dict[str, Any]:
    """A document's record and texts by the names of the schema."""
    only = np.array([document])
    ((title_length, inferred, ((identifier, _, url), *_)),) = segment.records(only)
    text = _stored_text(segment, document)
    first, last = segment.column("copy/pointers")[document : document + 2].tolist()
    outlets = [segment.outlets[at] for at in segment.column("copy/outlets")[first:last].tolist()]
    days = segment.column("copy/dates")[first:last].tolist()
    return {
        STORY: str(segment.column("story/numbers")[document]),
        "id": identifier,
        "title": inferred or text[:title_length] or None,
        "body": text[title_length + 1 :],
        "url": url,
        "outlets": [None if name == UNKNOWN_OUTLET else name for name in outlets],
        "dates": [date.fromordinal(day).isoformat() if day else None for day in days],
    }


def _stored_text(segment: Segment, document: int) -> str:
    """A document's title and body, a character between them."""
    (start,), (stop,) = segment.text_bounds(np.array([document]))
    return segment.text((start, stop))
