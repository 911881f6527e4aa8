"""Postings as arrays: inversion of a batch of tokens, and the merging of several postings into one.

Everything is sorting and scattering of whole arrays; no Python runs once a posting.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.storage.codes import BODY, COPIES, KEYWORDS, TITLE, CodeAssigner
from searchapp.engine.storage.pointers import sizes


@dataclass(frozen=True, slots=True)
class Postings:
    """The postings of one form, terms rising by number, documents rising within a term, positions within a document.

    `terms` (T) are the terms' numbers; `document_counts` and `position_counts` (T) say how much of the flat arrays is
    each one's: `documents` and `codes` (P), `positions` (N).
    """

    terms: NDArray[np.int64]
    document_counts: NDArray[np.int64]
    position_counts: NDArray[np.int64]
    documents: NDArray[np.uint32]
    codes: NDArray[np.uint32]
    positions: NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class TokenStream:
    """The tokens of D documents, one after the other, fields in the order of `codes.FIELDS` within a document.

    `terms`, `positions` and `fields` have one entry a token. `pointers` (D + 1) are where documents begin;
    `norms_title` and `norms_body` (D) are their coded lengths.
    """

    terms: NDArray[np.int32]
    positions: NDArray[np.uint32]
    fields: NDArray[np.uint8]
    pointers: NDArray[np.int64]
    norms_title: NDArray[np.uint8]
    norms_body: NDArray[np.uint8]


def invert(stream: TokenStream, first_document: int, codes: CodeAssigner) -> Postings:
    """Tokens in document order → postings by term; documents are numbered from `first_document`."""
    lengths = sizes(stream.pointers)
    order = _stable_order(stream.terms)
    terms = stream.terms.take(order)
    local = np.repeat(np.arange(len(lengths), dtype=np.uint32), lengths).take(order)
    starts = _run_starts(terms, local)
    documents = local.take(starts)
    frequencies = np.diff(starts, append=len(terms))
    by_field = _field_frequencies(stream.fields.take(order), starts, frequencies)
    norms = (stream.norms_title.take(documents), stream.norms_body.take(documents))
    term_starts = _run_starts(terms.take(starts))
    return Postings(
        terms.take(starts.take(term_starts)).astype(np.int64),
        np.diff(term_starts, append=len(starts)),
        np.diff(starts.take(term_starts), append=len(terms)),
        documents + np.uint32(first_document),
        codes.assign((*by_field, *norms)),
        stream.positions.take(order),
    )


def _stable_order(terms: NDArray[np.int32]) -> NDArray[np.int64]:
    """The order that sorts term numbers and keeps equal ones as they stand: two radix passes over sixteen bits."""
    order = (terms & 0xFFFF).astype(np.uint16).argsort(kind="stable")
    high = terms >> 16
    if high.any():
        order = order.take(high.astype(np.uint16).take(order).argsort(kind="stable"))
    return order


def _run_starts(*keys: NDArray[Any]) -> NDArray[np.int64]:
    """Where a run of entries that are equal in all keys begins."""
    change = np.ones(len(keys[0]), bool)
    if len(change):
        np.not_equal(keys[0][1:], keys[0][:-1], out=change[1:])
        for key in keys[1:]:
            change[1:] |= key[1:] != key[:-1]
    return np.flatnonzero(change)


def _field_frequencies(
    fields: NDArray[np.uint8], starts: NDArray[np.int64], frequencies: NDArray[np.int64]
) -> tuple[NDArray[np.int64], ...]:
    """How many tokens of each posting stand in each field; most stand in the body, so only the others are counted."""
    other = np.flatnonzero(fields != BODY)
    posting = np.searchsorted(starts, other, side="right") - 1
    kinds = fields.take(other)
    counts = {field: np.bincount(posting[kinds == field], minlength=len(starts)) for field in (TITLE, KEYWORDS, COPIES)}
    counts[BODY] = frequencies - counts[TITLE] - counts[KEYWORDS] - counts[COPIES]
    return tuple(counts[field] for field in sorted(counts))


def merge(parts: Sequence[Postings], ranks: Sequence[NDArray[np.int64]], terms: int) -> Postings:
    """Postings whose documents follow each other → one, with all `terms` numbers from 0.

    Args:
        parts: the postings; documents of a later part are all higher than those of an earlier one.
        ranks: for each part, the new number of each of its terms, rising.
        terms: how many terms there are in the end.
    """
    document_counts, position_counts = np.zeros(terms, np.int64), np.zeros(terms, np.int64)
    for part, rank in zip(parts, ranks, strict=True):
        document_counts[rank] += part.document_counts
        position_counts[rank] += part.position_counts
    documents = np.empty(int(document_counts.sum()), np.uint32)
    codes = np.empty(len(documents), np.uint32)
    positions = np.empty(int(position_counts.sum()), np.uint32)
    document_cursor = np.cumsum(document_counts) - document_counts
    position_cursor = np.cumsum(position_counts) - position_counts
    for part, rank in zip(parts, ranks, strict=True):
        target = _scatter(document_cursor, rank, part.document_counts)
        documents[target] = part.documents
        codes[target] = part.codes
        positions[_scatter(position_cursor, rank, part.position_counts)] = part.positions
    return Postings(np.arange(terms, dtype=np.int64), document_counts, position_counts, documents, codes, positions)


def _scatter(cursor: NDArray[np.int64], rank: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where a part's entries go in the merged array; moves the cursors past them."""
    at = cursor.take(rank)
    target = np.repeat(at - (np.cumsum(counts) - counts), counts)
    target += np.arange(len(target))
    cursor[rank] = at + counts
    return target


def keep_documents(postings: Postings, renumbering: NDArray[np.int64], frequencies: NDArray[np.uint32]) -> Postings:
    """Leave out deleted documents.

    Args:
        postings: of one segment.
        renumbering: old document number → new one, or -1 for one that goes.
        frequencies: code → positions a posting, from the segment's code table.
    """
    new = renumbering.take(postings.documents)
    alive = new >= 0
    owner = np.repeat(np.arange(len(postings.terms)), postings.document_counts)
    counts = frequencies.take(postings.codes).astype(np.int64)
    document_counts = np.bincount(owner[alive], minlength=len(postings.terms))
    position_counts = np.bincount(owner[alive], weights=counts[alive], minlength=len(postings.terms)).astype(np.int64)
    used = document_counts > 0
    return Postings(
        postings.terms[used],
        document_counts[used],
        position_counts[used],
        new[alive].astype(np.uint32),
        postings.codes[alive],
        postings.positions[np.repeat(alive, counts)],
    )
