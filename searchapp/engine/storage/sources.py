"""What a segment is written from: documents piece by piece, postings range by range of terms, and facts on both.

A segment that is built and one that is merged are written by the same code (`segment_writing.py`): the first from the
runs of one builder, the second from segments that are there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.storage.codes import CodeTable
from searchapp.engine.storage.postings import Postings
from searchapp.engine.storage.text_store import StoredTexts
from searchapp.engine.storage.token_offsets import TokenOffsets
from searchapp.engine.storage.vocabulary import UsedTerms

Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class DocumentPiece:
    """Some documents, one after the other. `lengths` has a row a field; `copies` is the number a document.

    `records` are the bytes of the records end to end, and `record_lengths` has one entry a document. `outlets` number
    the source's list of names.
    """

    numbers: NDArray[np.int64]
    sequences: NDArray[np.int64]
    records: NDArray[np.uint8]
    record_lengths: Counts
    texts: StoredTexts
    offsets: TokenOffsets
    lengths: NDArray[np.uint32]
    copies: Counts
    outlets: NDArray[Any]
    dates: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class DocumentTotals:
    """What is known of all documents of a source before they are read: how much of everything there is.

    `field_words`, `with_field` and `longest` have an entry a field: words, documents that have any, words of the
    longest.
    """

    documents: int
    copies: int
    record_bytes: int
    characters: int
    escapes: int
    tokens: int
    wide_tokens: int
    field_words: Counts
    with_field: Counts
    longest: Counts


def sum_documents(totals: Iterable[DocumentTotals]) -> DocumentTotals:
    """What several, one at least, come to."""

    def add(one: DocumentTotals, other: DocumentTotals) -> DocumentTotals:
        return DocumentTotals(
            one.documents + other.documents,
            one.copies + other.copies,
            one.record_bytes + other.record_bytes,
            one.characters + other.characters,
            one.escapes + other.escapes,
            one.tokens + other.tokens,
            one.wide_tokens + other.wide_tokens,
            one.field_words + other.field_words,
            one.with_field + other.with_field,
            np.maximum(one.longest, other.longest),
        )

    return reduce(add, totals)


@dataclass(frozen=True, slots=True)
class PostingTotals:
    """What is known of all postings of a source; `position` is the highest."""

    postings: int
    positions: int
    position: int
    mixed: int
    pairs: int
    mixed_positions: int


class PostingSource(Protocol):
    """Postings in the order of their terms, as far as the ranges that they are read by can tell.

    Within a lemma documents rise, and those of a later source follow.
    """

    @property
    def lemmas(self) -> Counts:
        """The numbers of the terms (T) among the source's sorted lemmas."""

    @property
    def document_counts(self) -> NDArray[Any]:
        """How many postings each term has (T)."""

    @property
    def position_counts(self) -> NDArray[Any]:
        """How many positions each term has (T)."""

    @property
    def totals(self) -> PostingTotals:
        """How much of everything there is."""

    def read(self, first: int, last: int) -> Postings:
        """The postings of the terms [first, last), documents counted within the source, forms by `form_numbers`."""


class Source(Protocol):
    """Documents with their postings."""

    @property
    def documents(self) -> DocumentTotals:
        """How much of everything there is."""

    @property
    def outlets(self) -> Sequence[str]:
        """The outlets' names by number."""

    @property
    def codes(self) -> CodeTable:
        """What the postings' codes stand for."""

    @property
    def lemmas(self) -> UsedTerms:
        """The lemmas, sorted."""

    @property
    def exact(self) -> UsedTerms:
        """The exact forms, sorted."""

    @property
    def lemma_of_exact(self) -> NDArray[Any]:
        """For each exact form the number of its lemma."""

    @property
    def lights(self) -> NDArray[np.uint32]:
        """For each exact form the hash of its light stem."""

    @property
    def form_numbers(self) -> NDArray[Any]:
        """The numbers of the exact forms by the numbers that the postings have for them."""

    @property
    def postings(self) -> Sequence[PostingSource]:
        """The postings; documents of a later one are all higher."""

    def pieces(self) -> Iterator[DocumentPiece]:
        """The documents in order."""
