"""Inverted runs and batches of documents on a shelf, until their segment is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.storage.codes import FIELDS
from searchapp.engine.storage.documents import DocumentBatch
from searchapp.engine.storage.pointers import narrow, pointers, sizes
from searchapp.engine.storage.postings import MixedPostings, Postings
from searchapp.engine.storage.shelf import Kept, Shelf
from searchapp.engine.storage.sources import Counts, DocumentPiece, DocumentTotals, PostingTotals
from searchapp.engine.storage.text_store import StoredTexts
from searchapp.engine.storage.token_offsets import TokenOffsets


class ShelvedRun:
    """One inverted run; a `sources.PostingSource` once `lemmas` are numbered as they are sorted."""

    def __init__(self, postings: Postings, shelf: Shelf) -> None:
        mixed = postings.mixed
        self.lemmas: Counts = postings.terms
        self.document_counts: Counts = narrow(postings.document_counts)
        self.position_counts: Counts = narrow(postings.position_counts)
        self._totals = PostingTotals(
            len(postings.documents),
            len(postings.positions),
            int(postings.positions.max(initial=0)),
            len(mixed.places),
            len(mixed.pair_forms),
            len(mixed.position_forms),
        )
        before = np.searchsorted(mixed.places, pointers(postings.document_counts))
        self._mixed = narrow(before)
        self._pairs = narrow(pointers(mixed.pair_counts).take(before))
        self._mixed_positions = narrow(pointers(mixed.position_counts).take(before))
        self._first_document = postings.documents.min(initial=np.iinfo(np.uint32).max)
        documents = narrow(postings.documents - self._first_document)
        self._documents, self._codes, self._forms, self._positions = map(
            shelf.put, (documents, narrow(postings.codes), postings.forms, narrow(postings.positions))
        )
        self._read_to = 0, 0, 0
        """The term behind the last that was read, its first posting, and its first position."""
        self._places, self._pair_counts, self._position_counts = map(
            shelf.put, (narrow(mixed.places), narrow(mixed.pair_counts), narrow(mixed.position_counts))
        )
        self._pair_forms, self._pair_codes, self._position_forms = map(
            shelf.put, (mixed.pair_forms, narrow(mixed.pair_codes), mixed.position_forms)
        )

    @property
    def totals(self) -> PostingTotals:
        """How much of everything there is."""
        return self._totals

    def _begin(self, first: int) -> tuple[int, int]:
        """The first posting of a term, and its first position."""
        read_to, posting, position = self._read_to
        if first == read_to:  # as ranges mostly follow each other
            return posting, position
        return _sum(self.document_counts[:first]), _sum(self.position_counts[:first])

    def read(self, first: int, last: int) -> Postings:
        """The postings of the terms [first, last)."""
        start, position = self._begin(first)
        stop, after = start + _sum(self.document_counts[first:last]), position + _sum(self.position_counts[first:last])
        self._read_to = last, stop, after
        mixed, pairs, forms = (
            bounds[[first, last]].tolist() for bounds in (self._mixed, self._pairs, self._mixed_positions)
        )
        return Postings(
            self.lemmas[first:last],
            self.document_counts[first:last].astype(np.int64),
            self.position_counts[first:last].astype(np.int64),
            np.add(self._documents.read(start, stop), self._first_document, dtype=np.uint32),
            self._codes.read(start, stop),
            self._forms.read(start, stop),
            self._positions.read(position, after),
            MixedPostings(
                self._places.read(*mixed).astype(np.int64) - start,
                self._pair_counts.read(*mixed).astype(np.int64),
                self._pair_forms.read(*pairs),
                self._pair_codes.read(*pairs),
                self._position_counts.read(*mixed).astype(np.int64),
                self._position_forms.read(*forms),
            ),
        )


def _sum(counts: NDArray[Any]) -> int:
    return int(counts.sum(dtype=np.int64))


@dataclass(frozen=True, slots=True)
class ShelvedDocuments:
    """One batch of documents without their postings: a `sources.DocumentPiece` to be."""

    small: DocumentPiece
    records: Kept
    text: Kept
    steps: Kept
    token_lengths: Kept

    @classmethod
    def of(cls, batch: DocumentBatch, outlets: NDArray[np.int64], shelf: Shelf) -> ShelvedDocuments:
        """Put a batch on a shelf; `outlets` are the numbers of its copies' outlets."""
        nothing = np.empty(0, np.uint8)
        texts, offsets = batch.texts, batch.offsets
        small = DocumentPiece(
            batch.numbers,
            batch.sequences,
            nothing,
            np.fromiter(map(len, batch.records), np.int64, len(batch.records)),
            StoredTexts(nothing, texts.pointers, texts.escape_places, texts.escape_characters),
            TokenOffsets(nothing, nothing, offsets.wide_tokens, offsets.wide_steps, offsets.wide_lengths),
            batch.lengths,
            sizes(batch.copy_pointers),
            narrow(outlets),
            batch.copy_dates,
        )
        records = np.frombuffer(b"".join(batch.records), np.uint8)
        return cls(small, *map(shelf.put, (records, texts.data, offsets.steps, offsets.lengths)))

    def piece(self) -> DocumentPiece:
        """All of it."""
        small = self.small
        records, text, steps, lengths = (
            kept.read(0, len(kept)) for kept in (self.records, self.text, self.steps, self.token_lengths)
        )
        texts, offsets = small.texts, small.offsets
        return DocumentPiece(
            small.numbers,
            small.sequences,
            records,
            small.record_lengths,
            StoredTexts(text, texts.pointers, texts.escape_places, texts.escape_characters),
            TokenOffsets(steps, lengths, offsets.wide_tokens, offsets.wide_steps, offsets.wide_lengths),
            small.lengths,
            small.copies,
            small.outlets,
            small.dates,
        )


def total_of(batches: list[ShelvedDocuments]) -> DocumentTotals:
    """What all the batches come to."""
    small = [batch.small for batch in batches]
    return DocumentTotals(
        sum(len(piece.numbers) for piece in small),
        sum(len(piece.dates) for piece in small),
        sum(len(batch.records) for batch in batches),
        sum(len(batch.text) for batch in batches),
        sum(len(piece.texts.escape_places) for piece in small),
        sum(len(batch.steps) for batch in batches),
        sum(len(piece.offsets.wide_tokens) for piece in small),
        np.sum([piece.lengths.sum(axis=1, dtype=np.int64) for piece in small], axis=0),
        np.sum([np.count_nonzero(piece.lengths, axis=1) for piece in small], axis=0),
        np.max([piece.lengths.max(axis=1, initial=0) for piece in small], axis=0, initial=0)
        if small
        else np.zeros(len(FIELDS), np.int64),
    )
