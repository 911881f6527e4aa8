"""Postings as arrays: inversion of a batch of tokens, and the merging of several postings into one.

Words are inverted by stem. A posting also says which exact form its occurrences have: in news nine postings of ten
have a single one, so that both forms cost little more than one. The few *mixed* postings, whose occurrences differ,
have the frequencies of each form and the form of each position beside them.

Everything is sorting and scattering of whole arrays; no Python runs once a posting.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.storage.codes import BODY, COPIES, KEYWORDS, LEAD, TITLE, CodeAssigner
from searchapp.engine.storage.pointers import pointers, ranges, run_starts, sizes

MIXED: Final = np.uint32(0xFFFFFFFF)
"""Stands in place of the exact form of a mixed posting."""
_FORM_BITS: Final = 32


@dataclass(frozen=True, slots=True)
class MixedPostings:
    """What is known of M mixed postings beside what all postings have.

    `places` (M) are their places among the postings, rising. Each has `pair_counts` (M) pairs of a form and the code
    of its occurrences (`pair_forms`, `pair_codes`; forms rising within a posting), and `position_counts` (M) positions
    whose forms are `position_forms`.
    """

    places: NDArray[np.int64]
    pair_counts: NDArray[np.int64]
    pair_forms: NDArray[np.uint32]
    pair_codes: NDArray[np.uint32]
    position_counts: NDArray[np.int64]
    position_forms: NDArray[np.uint32]

    def owners(self) -> NDArray[np.int64]:
        """For each pair, the place of its posting."""
        return np.repeat(self.places, self.pair_counts)

    def take(self, chosen: NDArray[np.int64], places: NDArray[np.int64]) -> MixedPostings:
        """Some of them, in this order, at new places."""
        pairs = ranges(pointers(self.pair_counts).take(chosen), self.pair_counts.take(chosen))
        positions = ranges(pointers(self.position_counts).take(chosen), self.position_counts.take(chosen))
        return MixedPostings(
            places,
            self.pair_counts.take(chosen),
            self.pair_forms.take(pairs),
            self.pair_codes.take(pairs),
            self.position_counts.take(chosen),
            self.position_forms.take(positions),
        )


@dataclass(frozen=True, slots=True)
class Postings:
    """Postings by stem: terms rising by number, documents rising within a term, positions within a document.

    `terms` (T) are the stems' numbers; `document_counts` and `position_counts` (T) say how much of the flat arrays is
    each one's: `documents`, `codes` and `forms` (P), `positions` (N).
    """

    terms: NDArray[np.int64]
    document_counts: NDArray[np.int64]
    position_counts: NDArray[np.int64]
    documents: NDArray[np.uint32]
    codes: NDArray[np.uint32]
    forms: NDArray[np.uint32]
    positions: NDArray[np.uint32]
    mixed: MixedPostings


@dataclass(frozen=True, slots=True)
class TokenStream:
    """The tokens of D documents, one after the other, fields in the order of `codes.FIELDS` within a document.

    The first tokens of a body have the field `codes.LEAD`.

    `exact`, `stem`, `positions` and `fields` have one entry a token. `pointers` (D + 1) are where documents begin;
    `norms_title` and `norms_body` (D) are their coded lengths.
    """

    exact: NDArray[np.int32]
    stem: NDArray[np.int32]
    positions: NDArray[np.uint32]
    fields: NDArray[np.uint8]
    pointers: NDArray[np.int64]
    norms_title: NDArray[np.uint8]
    norms_body: NDArray[np.uint8]


def invert(stream: TokenStream, first_document: int, codes: CodeAssigner) -> Postings:
    """Tokens in document order → postings by stem; documents are numbered from `first_document`."""
    lengths = sizes(stream.pointers)
    order = _stable_order(stream.stem)
    terms, exact, fields = stream.stem.take(order), stream.exact.take(order), stream.fields.take(order)
    local = np.repeat(np.arange(len(lengths), dtype=np.uint32), lengths).take(order)
    starts = run_starts(terms, local)
    documents = local.take(starts)
    frequencies = np.diff(starts, append=len(terms))
    norms = stream.norms_title.take(documents), stream.norms_body.take(documents)
    term_starts = run_starts(terms.take(starts))
    mixed = _mixed_rows(exact, starts)
    forms = exact.take(starts).astype(np.uint32)
    forms[mixed] = MIXED
    tokens = ranges(starts.take(mixed), frequencies.take(mixed))
    mixed_norms = norms[0].take(mixed), norms[1].take(mixed)
    return Postings(
        terms.take(starts.take(term_starts)).astype(np.int64),
        np.diff(term_starts, append=len(starts)),
        np.diff(starts.take(term_starts), append=len(terms)),
        documents + np.uint32(first_document),
        codes.assign((*_field_frequencies(fields, starts, frequencies), *norms)),
        forms,
        stream.positions.take(order),
        _mix(mixed, frequencies.take(mixed), exact.take(tokens), fields.take(tokens), mixed_norms, codes),
    )


def _stable_order(terms: NDArray[np.int32]) -> NDArray[np.int64]:
    """The order that sorts term numbers and keeps equal ones as they stand: two radix passes over sixteen bits."""
    order = (terms & 0xFFFF).astype(np.uint16).argsort(kind="stable")
    high = terms >> 16
    if high.any():
        order = order.take(high.astype(np.uint16).take(order).argsort(kind="stable"))
    return order


def _field_frequencies(
    fields: NDArray[np.uint8], starts: NDArray[np.int64], frequencies: NDArray[np.int64]
) -> tuple[NDArray[np.int64], ...]:
    """How many tokens of each posting stand in each field and in the lead, which is part of the body.

    Most stand in the rest of the body, so only the others are counted.
    """
    other = np.flatnonzero(fields != BODY)
    posting = np.searchsorted(starts, other, side="right") - 1
    kinds = fields.take(other)
    counts = {
        field: np.bincount(posting[kinds == field], minlength=len(starts)) for field in (TITLE, KEYWORDS, COPIES, LEAD)
    }
    counts[BODY] = frequencies - counts[TITLE] - counts[KEYWORDS] - counts[COPIES]
    return tuple(counts[field] for field in sorted(counts))


def _mixed_rows(exact: NDArray[np.int32], starts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Which postings have occurrences of more than one form."""
    change = exact[1:] != exact[:-1]
    change[starts[1:] - 1] = False
    rows = np.searchsorted(starts, np.flatnonzero(change) + 1, side="right") - 1
    return rows[run_starts(rows)]


def _mix(
    places: NDArray[np.int64],
    counts: NDArray[np.int64],
    exact: NDArray[np.int32],
    fields: NDArray[np.uint8],
    norms: tuple[NDArray[np.uint8], NDArray[np.uint8]],
    codes: CodeAssigner,
) -> MixedPostings:
    """Count the forms of mixed postings; `exact` and `fields` are their tokens', `norms` their documents'."""
    owners = np.repeat(np.arange(len(places), dtype=np.int64), counts)
    pairs, pair_of = np.unique((owners << _FORM_BITS) | exact, return_inverse=True)
    pair_owners = pairs >> _FORM_BITS
    by_field = (np.flatnonzero(fields == field) for field in (TITLE, BODY, KEYWORDS, COPIES, LEAD))
    frequencies = [np.bincount(pair_of.take(tokens), minlength=len(pairs)) for tokens in by_field]
    frequencies[BODY] += frequencies[LEAD]
    return MixedPostings(
        places,
        np.bincount(pair_owners, minlength=len(places)),
        (pairs & 0xFFFFFFFF).astype(np.uint32),
        codes.assign((*frequencies, norms[0].take(pair_owners), norms[1].take(pair_owners))),
        counts,
        exact.astype(np.uint32),
    )


def merge(parts: Sequence[Postings], ranks: Sequence[NDArray[np.int64]], terms: int) -> Postings:
    """Postings whose documents follow each other → one, with all `terms` numbers from 0.

    Args:
        parts: the postings; documents of a later part are all higher than those of an earlier one. Their forms are
            numbered alike.
        ranks: for each part, the new number of each of its terms, each once.
        terms: how many terms there are in the end.
    """
    document_counts, position_counts = np.zeros(terms, np.int64), np.zeros(terms, np.int64)
    for part, rank in zip(parts, ranks, strict=True):
        document_counts[rank] += part.document_counts
        position_counts[rank] += part.position_counts
    documents, codes, forms = (np.empty(int(document_counts.sum()), np.uint32) for _ in range(3))
    positions = np.empty(int(position_counts.sum()), np.uint32)
    document_cursor = pointers(document_counts)[:-1]
    position_cursor = pointers(position_counts)[:-1]
    places = []
    for part, rank in zip(parts, ranks, strict=True):
        target = _targets(document_cursor, rank, part.document_counts)
        documents[target], codes[target], forms[target] = part.documents, part.codes, part.forms
        positions[_targets(position_cursor, rank, part.position_counts)] = part.positions
        places.append(target.take(part.mixed.places))
    mixed = _join_mixed([part.mixed for part in parts], np.concatenate(places))
    return Postings(
        np.arange(terms, dtype=np.int64), document_counts, position_counts, documents, codes, forms, positions, mixed
    )


def _targets(cursor: NDArray[np.int64], rank: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where a part's entries go in the merged array; moves the cursors past them."""
    at = cursor.take(rank)
    cursor[rank] = at + counts
    return ranges(at, counts)


def _join_mixed(parts: Sequence[MixedPostings], places: NDArray[np.int64]) -> MixedPostings:
    """Mixed postings of several parts, in the order of their new places."""
    order = np.argsort(places)
    joined = MixedPostings(
        places,
        np.concatenate([part.pair_counts for part in parts]),
        np.concatenate([part.pair_forms for part in parts]),
        np.concatenate([part.pair_codes for part in parts]),
        np.concatenate([part.position_counts for part in parts]),
        np.concatenate([part.position_forms for part in parts]),
    )
    return joined.take(order, places.take(order))


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
    moved = np.cumsum(alive) - 1
    mixed = np.flatnonzero(alive.take(postings.mixed.places))
    return Postings(
        postings.terms[used],
        document_counts[used],
        position_counts[used],
        new[alive].astype(np.uint32),
        postings.codes[alive],
        postings.forms[alive],
        postings.positions[np.repeat(alive, counts)],
        postings.mixed.take(mixed, moved.take(postings.mixed.places.take(mixed))),
    )


def renumber_forms(postings: Postings, rank: NDArray[np.uint32]) -> Postings:
    """The same postings with other numbers for the exact forms; `rank` maps old numbers to new ones, in any order."""
    mixed = postings.mixed
    plain = postings.forms != MIXED
    forms = postings.forms.copy()
    forms[plain] = rank.take(postings.forms[plain])
    pair_forms = rank.take(mixed.pair_forms)
    order = np.lexsort((pair_forms, mixed.owners()))
    return replace(
        postings,
        forms=forms,
        mixed=replace(
            mixed,
            pair_forms=pair_forms.take(order),
            pair_codes=mixed.pair_codes.take(order),
            position_forms=rank.take(mixed.position_forms),
        ),
    )
