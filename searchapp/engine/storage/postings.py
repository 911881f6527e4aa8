"""Postings as arrays; they are made in `inversion.py` and merged in `posting_merge.py`.

Words are inverted by lemma. A posting also says which exact form its occurrences have: in news nine postings of ten
have a single one, so that both forms cost little more than one. The few *mixed* postings, whose occurrences differ,
have the frequencies of each form and the form of each position beside them.

Everything is sorting and scattering of whole arrays; no Python runs once a posting.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.storage.pointers import pointers, ranges

MIXED: Final = np.uint32(0xFFFFFFFF)
"""Stands in place of the exact form of a mixed posting."""


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
