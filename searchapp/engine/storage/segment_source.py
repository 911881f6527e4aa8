"""A segment that is there as a source of another one: its live documents and their postings, range by range."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.storage.codes import FIELDS
from searchapp.engine.storage.form_layout import mixed_mark
from searchapp.engine.storage.pointers import pointers, ranges, sizes
from searchapp.engine.storage.postings import MIXED, MixedPostings, Postings, keep_documents
from searchapp.engine.storage.segment import Segment
from searchapp.engine.storage.sources import Counts, DocumentPiece, DocumentTotals, PostingTotals, sum_documents
from searchapp.engine.storage.text_store import StoredTexts
from searchapp.engine.storage.token_offsets import TokenOffsets
from searchapp.engine.storage.vocabulary import UsedTerms

DOCUMENTS_AT_ONCE: Final = 2048
"""Some five megabytes of text."""
COUNTED_POSTINGS: Final = 1 << 20
"""Postings that are counted at once, or one lemma's."""

Kept = NDArray[np.bool_]


class SegmentSource:
    """The live documents of a segment; a `sources.Source`."""

    def __init__(self, segment: Segment, deleted: Kept | None) -> None:
        """`deleted` are the deleted documents, None for none. Reads all postings where there are any.

        Raises:
            IndexBroken: the segment does not fit its checksums.
        """
        self._segment = segment
        self._kept = None if deleted is None else ~deleted
        self.outlets, self.codes = segment.outlets, segment.codes
        self.form_numbers = segment.column("lemma/form_numbers")
        self.lemma_of_exact = segment.column("exact/lemmas")
        self.lights = np.empty(len(self.form_numbers), np.uint32)
        self.lights[self.form_numbers] = segment.column("lemma/form_lights")
        lemmas_used = exact_used = None
        postings = SegmentPostings(segment)
        if self._kept is not None:
            postings.leave_out(self._kept)
            lemmas_used = postings.document_counts > 0
            exact_used = np.zeros(len(self.form_numbers), bool)
            exact_used[self.form_numbers[postings.forms_used]] = True
        self.lemmas = UsedTerms(segment.lemma.dictionary, lemmas_used)
        self.exact = UsedTerms(segment.exact.dictionary, exact_used)
        self.postings = [postings]
        self.documents = self._totals()

    def _totals(self) -> DocumentTotals:
        bounds = _document_ranges(self._segment)
        return sum_documents(_SmallPiece.of(self._segment, *each, self._kept).totals() for each in bounds)

    def pieces(self) -> Iterator[DocumentPiece]:
        """The live documents in order."""
        for first, last in _document_ranges(self._segment):
            yield _SmallPiece.of(self._segment, first, last, self._kept).read(self._segment)
            self._segment.file.forget()


def _document_ranges(segment: Segment) -> Iterator[tuple[int, int]]:
    for first in range(0, max(segment.documents, 1), DOCUMENTS_AT_ONCE):
        yield first, min(first + DOCUMENTS_AT_ONCE, segment.documents)


@dataclass(frozen=True, slots=True)
class _Parts:
    """Parts of flat arrays, one a document: the whole range [start, stop), and which entries of it stay."""

    start: int
    stop: int
    counts: Counts
    entries: NDArray[np.int64] | None

    @classmethod
    def of(cls, bounds: NDArray[Any], kept: NDArray[np.int64] | None) -> _Parts:
        """`bounds` are the parts' pointers, `kept` which of the parts stay (None: all)."""
        wide = bounds.astype(np.int64)
        start, stop, counts = int(wide[0]), int(wide[-1]), sizes(wide)
        if kept is None:
            return cls(start, stop, counts, None)
        counts = counts.take(kept)
        return cls(start, stop, counts, ranges(wide.take(kept) - start, counts))

    def total(self) -> int:
        return int(self.counts.sum())

    def of_array(self, segment: Segment, name: str) -> NDArray[Any]:
        """What stays of a flat array."""
        found = segment.file.read(name, self.start, self.stop)
        return found if self.entries is None else found.take(self.entries)

    def of_places(self, places: NDArray[Any]) -> tuple[slice, NDArray[np.int64] | slice, NDArray[np.int64]]:
        """Of rising places in the flat array: those in the range, which of these stay, and their new places."""
        first, last = places.searchsorted(np.array((self.start, self.stop), places.dtype)).tolist()
        local = places[first:last].astype(np.int64) - self.start
        if self.entries is None:
            return slice(first, last), slice(None), local
        new = self.entries.searchsorted(local)
        stays = np.flatnonzero(self.entries.take(new, mode="clip") == local) if len(self.entries) else new[:0]
        return slice(first, last), stays, new.take(stays)


@dataclass(frozen=True, slots=True)
class _SmallPiece:
    """Some documents of a segment without what is large."""

    documents: NDArray[np.int64]
    lengths: NDArray[np.uint32]
    record: _Parts
    copy: _Parts
    text: _Parts
    token: _Parts
    escapes: int
    wide_tokens: int

    @classmethod
    def of(cls, segment: Segment, first: int, last: int, kept: Kept | None) -> _SmallPiece:
        """Those of the documents [first, last) that stay."""
        local = None if kept is None else np.flatnonzero(kept[first:last])
        documents = np.arange(first, last) if local is None else local + first
        names = ("story/record_pointers", "copy/pointers", "text/pointers", "token/pointers")
        record, copy, text, token = (_Parts.of(segment.column(name)[first : last + 1], local) for name in names)
        lengths = np.stack([segment.column(f"length/{name}").take(documents) for name in FIELDS]).astype(np.uint32)
        escapes = len(text.of_places(segment.column("text/escape_places"))[2])
        wide = len(token.of_places(segment.column("token/wide_tokens"))[2])
        return cls(documents, lengths, record, copy, text, token, escapes, wide)

    def totals(self) -> DocumentTotals:
        """How much of everything there is."""
        return DocumentTotals(
            len(self.documents),
            self.copy.total(),
            self.record.total(),
            self.text.total(),
            self.escapes,
            self.token.total(),
            self.wide_tokens,
            self.lengths.sum(axis=1, dtype=np.int64),
            np.count_nonzero(self.lengths, axis=1),
            self.lengths.max(axis=1, initial=0).astype(np.int64),
        )

    def read(self, segment: Segment) -> DocumentPiece:
        """All of it."""
        column = segment.column
        escaped, stays, places = self.text.of_places(column("text/escape_places"))
        wide, wide_stay, tokens = self.token.of_places(column("token/wide_tokens"))
        return DocumentPiece(
            column("story/numbers").take(self.documents),
            column("story/sequences").take(self.documents),
            self.record.of_array(segment, "story/records"),
            self.record.counts,
            StoredTexts(
                self.text.of_array(segment, "text/data"),
                pointers(self.text.counts),
                places,
                column("text/escape_characters")[escaped][stays],
            ),
            TokenOffsets(
                self.token.of_array(segment, "token/steps"),
                self.token.of_array(segment, "token/lengths"),
                tokens,
                column("token/wide_steps")[wide][wide_stay],
                column("token/wide_lengths")[wide][wide_stay],
            ),
            self.lengths,
            self.copy.counts,
            self.copy.of_array(segment, "copy/outlets"),
            self.copy.of_array(segment, "copy/dates"),
        )


class SegmentPostings:
    """The postings of a segment; a `sources.PostingSource`. Their forms are places among the forms by lemma."""

    def __init__(self, segment: Segment) -> None:
        self._segment = segment
        self._pointers = segment.column("lemma/document_pointers").astype(np.int64)
        self._form_pointers = segment.column("lemma/form_pointers").astype(np.int64)
        self.lemmas: Counts = np.arange(len(self._pointers) - 1)
        self.document_counts: Counts = sizes(self._pointers)
        file = segment.file
        self._position_pointers = segment.lemma.position_starts(self._pointers)
        self.position_counts: Counts = sizes(self._position_pointers)
        lengths = {name: len(file.array(f"lemma/{name}")) for name in ("documents", "positions")}
        mixed = {name: len(file.array(f"mixed/{name}")) for name in ("places", "pair_forms", "position_forms")}
        # The highest position of all may be narrower than its width says: it is only the width that counts.
        highest = int(np.iinfo(file.array("lemma/positions").dtype).max)
        self._totals = PostingTotals(
            lengths["documents"],
            lengths["positions"],
            highest,
            mixed["places"],
            mixed["pair_forms"],
            mixed["position_forms"],
        )
        self._new_numbers: NDArray[np.int64] | None = None
        self.forms_used: Kept = np.empty(0, bool)

    def leave_out(self, kept: Kept) -> None:
        """Leave all documents out but the kept ones, and count what is left."""
        self._new_numbers = np.where(kept, np.cumsum(kept) - 1, -1)
        self.forms_used = np.zeros(int(self._form_pointers[-1]), bool)
        documents, positions = np.zeros_like(self.document_counts), np.zeros_like(self.position_counts)
        mixed = pairs = mixed_positions = 0
        first, count = 0, len(self.lemmas)
        while first < count:
            last = int(np.searchsorted(self._pointers, self._pointers[first] + COUNTED_POSTINGS, side="right")) - 1
            last = min(max(last, first + 1), count)
            found = self.read(first, last)
            documents[first:last], positions[first:last] = found.document_counts, found.position_counts
            self.forms_used[found.forms[found.forms != MIXED]] = True
            self.forms_used[found.mixed.pair_forms] = True
            mixed += len(found.mixed.places)
            pairs += len(found.mixed.pair_forms)
            mixed_positions += len(found.mixed.position_forms)
            first = last
        self.document_counts, self.position_counts = documents, positions
        self._totals = PostingTotals(
            int(documents.sum()), int(positions.sum()), self._totals.position, mixed, pairs, mixed_positions
        )

    @property
    def totals(self) -> PostingTotals:
        """How much of everything there is."""
        return self._totals

    def read(self, first: int, last: int) -> Postings:
        """The postings of the lemmas [first, last)."""
        file, mixed = self._segment.file, self._segment.lemma.mixed
        start, stop = self._pointers[[first, last]].tolist()
        counts = sizes(self._pointers[first : last + 1])
        begins = self._form_pointers[first:last]
        owners = begins.repeat(counts)
        ordinals = file.read("lemma/forms", start, stop)
        forms = (owners + ordinals).astype(np.uint32)
        forms[ordinals == mixed_mark(ordinals)] = MIXED
        places, position_counts, position_forms = mixed.within(start, stop)
        pair_places, pair_forms, pair_codes = mixed.pairs(start, stop)
        places, pair_places = places.astype(np.int64) - start, pair_places.astype(np.int64) - start
        found = Postings(
            self.lemmas[first:last],
            counts,
            sizes(self._position_pointers[first : last + 1]),
            file.read("lemma/documents", start, stop).astype(np.uint32),
            file.read("lemma/codes", start, stop),
            forms,
            file.read("lemma/positions", *self._position_pointers[[first, last]].tolist()),
            MixedPostings(
                places,
                np.bincount(np.searchsorted(places, pair_places), minlength=len(places)),
                (owners.take(pair_places) + pair_forms).astype(np.uint32),
                pair_codes,
                position_counts,
                (owners.take(places).repeat(position_counts) + position_forms).astype(np.uint32),
            ),
        )
        if self._new_numbers is not None:
            found = keep_documents(found, self._new_numbers, self._segment.frequencies)
        file.forget()
        return found
