"""Postings as arrays: inversion of a batch of tokens, and the merging of several postings into one.

Words are inverted by lemma. A posting also says which exact form its occurrences have: in news nine postings of ten
have a single one, so that both forms cost little more than one. The few *mixed* postings, whose occurrences differ,
have the frequencies of each form and the form of each position beside them.

Everything is sorting and scattering of whole arrays; no Python runs once a posting.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.storage.codes import BODY, COPIES, KEYWORDS, LEAD, TITLE, CodeAssigner
from searchapp.engine.storage.pointers import order_of, pointers, ranges, sizes

MIXED: Final = np.uint32(0xFFFFFFFF)
"""Stands in place of the exact form of a mixed posting."""
_FIELD_SLOTS: Final = LEAD + 1


@dataclass(frozen=True, slots=True)
class MixedPostings:
    """What is known of M mixed postings beside what all postings have.

    `places` (M) are their places among the postings, rising. Each has `pair_counts` (M) pairs of a form and the code
    of its occurrences (`pair_forms`, `pair_codes`; forms rising within a posting), and `position_counts` (M) positions
    whose forms are `position_forms`.
    """

    places: NDArray[np.int64]
    pair_counts: NDArray[np.int64]
    pair_forms: NDArray[Any]
    pair_codes: NDArray[Any]
    position_counts: NDArray[np.int64]
    position_forms: NDArray[Any]

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
    """Postings by lemma: documents rising within a term, positions within a document.

    `terms` (T) are the lemmas' numbers, in an order that the maker says; `document_counts` and `position_counts` (T)
    say how much of the flat arrays is each one's: `documents`, `codes` and `forms` (P), `positions` (N).
    """

    terms: NDArray[np.int64]
    document_counts: NDArray[np.int64]
    position_counts: NDArray[np.int64]
    documents: NDArray[np.uint32]
    codes: NDArray[Any]
    forms: NDArray[Any]
    positions: NDArray[Any]
    mixed: MixedPostings


@dataclass(frozen=True, slots=True)
class TokenStream:
    """The tokens of D documents, one after the other, fields in the order of `codes.FIELDS` within a document.

    The first tokens of a body have the field `codes.LEAD`.

    `exact`, `lemma`, `positions` and `fields` have one entry a token. `pointers` (D + 1) are where documents begin;
    `norms_title` and `norms_body` (D) are their coded lengths.
    """

    exact: NDArray[np.int32]
    lemma: NDArray[np.int32]
    positions: NDArray[np.uint32]
    fields: NDArray[np.uint8]
    pointers: NDArray[np.int64]
    norms_title: NDArray[np.uint8]
    norms_body: NDArray[np.uint8]


def invert(
    stream: TokenStream, first_document: int, codes: CodeAssigner, keys: NDArray[np.uint64] | None = None
) -> Postings:
    """Tokens in document order → postings by lemma; documents are numbered from `first_document`.

    Terms come by `keys`, which has one for each lemma's number, and by number where keys are equal or there are none.
    """
    lengths = sizes(stream.pointers)
    terms, ranks = _ranked(stream.lemma, keys)
    order = _stable_order(ranks)
    ranks, exact, fields = ranks.take(order), stream.exact.take(order), stream.fields.take(order)
    narrow_number = np.uint16 if len(lengths) < 1 << 16 else np.uint32
    local: NDArray[Any] = np.arange(len(lengths)).astype(narrow_number).repeat(lengths).take(order)
    begins = np.ones(len(ranks), bool)
    np.not_equal(ranks[1:], ranks[:-1], out=begins[1:])
    term_starts = begins.nonzero()[0]
    begins[1:] |= local[1:] != local[:-1]
    starts = begins.nonzero()[0]
    posting_of = begins.cumsum(dtype=np.int32)
    posting_of -= 1
    frequencies = np.diff(starts, append=len(ranks))
    documents = local.take(starts)
    norms = stream.norms_title.take(documents), stream.norms_body.take(documents)
    changes = exact[1:] != exact[:-1]
    changes &= ~begins[1:]
    is_mixed = np.zeros(len(starts), bool)
    is_mixed[posting_of[1:].take(changes.nonzero()[0])] = True
    mixed = is_mixed.nonzero()[0]
    tokens = ranges(starts.take(mixed), frequencies.take(mixed))
    forms = exact.take(starts).astype(np.uint32)
    forms[mixed] = MIXED
    return Postings(
        terms,
        np.diff(posting_of.take(term_starts), append=len(starts)).astype(np.int64, copy=False),
        np.diff(term_starts, append=len(ranks)),
        documents + np.uint32(first_document),
        _codes(posting_of, fields, frequencies, norms, codes),
        forms,
        stream.positions.take(order),
        _mix(
            mixed,
            frequencies.take(mixed),
            exact.take(tokens),
            fields.take(tokens),
            (norms[0].take(mixed), norms[1].take(mixed)),
            codes,
        ),
    )


def _ranked(lemmas: NDArray[np.int32], keys: NDArray[np.uint64] | None) -> tuple[NDArray[np.int64], NDArray[Any]]:
    """The lemmas that occur, in order, and for each token which of them it is: a narrower number that sorts faster."""
    met = np.zeros(int(lemmas.max(initial=-1)) + 1, bool)
    met[lemmas] = True
    terms = met.nonzero()[0]
    if keys is not None:
        terms = terms.take(keys.take(terms).argsort(kind="stable"))
    ranks = np.empty(len(met), np.uint16 if len(terms) <= 1 << 16 else np.uint32)
    ranks[terms] = np.arange(len(terms), dtype=ranks.dtype)
    return terms, ranks.take(lemmas)


def _stable_order(ranks: NDArray[Any]) -> NDArray[np.int64]:
    """The order that sorts these numbers and keeps equal ones as they stand: a radix pass for each sixteen bits."""
    order = ranks.astype(np.uint16).argsort(kind="stable")
    if ranks.dtype.itemsize > 2:
        high = (ranks >> 16).astype(np.uint16)
        order = order.take(high.take(order).argsort(kind="stable"))
    return order


def _codes(
    owners: NDArray[Any],
    fields: NDArray[np.uint8],
    counts: NDArray[np.int64],
    norms: tuple[NDArray[np.uint8], NDArray[np.uint8]],
    codes: CodeAssigner,
) -> NDArray[np.uint32]:
    """The codes of postings, `owners` is the posting of each token, `counts` and `norms` have an entry a posting.

    Most postings stand in the body after its lead only, so that just the others are counted field by field.
    """
    is_special = counts >= CodeAssigner.PLAIN
    elsewhere = (fields != BODY).nonzero()[0]
    is_special[owners.take(elsewhere)] = True
    found = codes.assign_plain(counts, norms[1], is_special)
    special = is_special.nonzero()[0]
    if len(special):
        compact = np.empty(len(counts), np.int64)
        compact[special] = np.arange(len(special))
        slots = compact.take(owners.take(elsewhere)) + fields.take(elsewhere) * np.int64(len(special))
        by_field = np.bincount(slots, minlength=len(special) * _FIELD_SLOTS).reshape(_FIELD_SLOTS, -1)
        title, keywords, copies, lead = (by_field[field] for field in (TITLE, KEYWORDS, COPIES, LEAD))
        body = counts.take(special) - title - keywords - copies
        columns = (title, body, keywords, copies, lead, norms[0].take(special), norms[1].take(special))
        found[special] = codes.assign(columns)
    return found


def _mix(
    places: NDArray[np.int64],
    counts: NDArray[np.int64],
    exact: NDArray[np.int32],
    fields: NDArray[np.uint8],
    norms: tuple[NDArray[np.uint8], NDArray[np.uint8]],
    codes: CodeAssigner,
) -> MixedPostings:
    """Count the forms of mixed postings; `exact` and `fields` are their tokens', `norms` their documents'."""
    owners = np.arange(len(places)).repeat(counts)
    order = order_of(owners, exact)
    owners, forms = owners.take(order), exact.take(order)
    begins = np.ones(len(owners), bool)
    begins[1:] = (owners[1:] != owners[:-1]) | (forms[1:] != forms[:-1])
    starts = begins.nonzero()[0]
    pair_owners = owners.take(starts)
    pair_norms = norms[0].take(pair_owners), norms[1].take(pair_owners)
    pair_of = begins.cumsum() - 1
    return MixedPostings(
        places,
        np.bincount(pair_owners, minlength=len(places)),
        forms.take(starts).astype(np.uint32),
        _codes(pair_of, fields.take(order), np.diff(starts, append=len(owners)), pair_norms, codes),
        counts,
        exact.astype(np.uint32),
    )


def merge(parts: Sequence[Postings], ranks: Sequence[NDArray[np.int64]], terms: int) -> Postings:
    """Postings whose documents follow each other → one, with all `terms` numbers from 0.

    Args:
        parts: the postings; documents of a later part are all higher than those of an earlier one. Their forms are
            numbered alike.
        ranks: for each part, the new number of each of its terms, each once, in any order.
        terms: how many terms there are in the end.
    """
    document_counts, position_counts = np.zeros(terms, np.int64), np.zeros(terms, np.int64)
    for part, rank in zip(parts, ranks, strict=True):
        document_counts[rank] += part.document_counts
        position_counts[rank] += part.position_counts
    postings = int(document_counts.sum())
    documents, codes, forms = (
        np.empty(postings, np.result_type(*(getattr(part, name) for part in parts)))
        for name in ("documents", "codes", "forms")
    )
    positions = np.empty(int(position_counts.sum()), np.result_type(*(part.positions for part in parts)))
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
    """Leave out deleted documents; terms stay, with no postings at the worst.

    Args:
        postings: of one segment.
        renumbering: old document number → new one, or -1 for one that goes.
        frequencies: code → positions a posting, from the segment's code table.
    """
    new = renumbering.take(postings.documents)
    alive = new >= 0
    owner = np.repeat(np.arange(len(postings.terms)), postings.document_counts)
    counts = frequencies.take(postings.codes).astype(np.int64)
    moved = np.cumsum(alive) - 1
    mixed = np.flatnonzero(alive.take(postings.mixed.places))
    return Postings(
        postings.terms,
        np.bincount(owner[alive], minlength=len(postings.terms)),
        np.bincount(owner[alive], weights=counts[alive], minlength=len(postings.terms)).astype(np.int64),
        new[alive].astype(np.uint32),
        postings.codes[alive],
        postings.forms[alive],
        postings.positions[np.repeat(alive, counts)],
        postings.mixed.take(mixed, moved.take(postings.mixed.places.take(mixed))),
    )


def renumber_forms(postings: Postings, numbers: NDArray[Any]) -> Postings:
    """The same postings with other numbers for the forms: entry f of `numbers` is the new one of f, the last `MIXED`'s.

    New numbers may be in another order.
    """
    mixed = postings.mixed
    pair_forms = numbers.take(mixed.pair_forms)
    owners = np.arange(len(mixed.places)).repeat(mixed.pair_counts)
    order = order_of(owners, pair_forms)
    return replace(
        postings,
        # The mark of mixed postings lies above all numbers: clipped, it is the last entry.
        forms=numbers.take(postings.forms, mode="clip"),
        mixed=replace(
            mixed,
            pair_forms=pair_forms.take(order),
            pair_codes=mixed.pair_codes.take(order),
            position_forms=numbers.take(mixed.position_forms),
        ),
    )
