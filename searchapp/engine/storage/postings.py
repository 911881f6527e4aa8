"""Postings as arrays, and the merging of several into one; they are made in `inversion.py`.

Words are inverted by lemma. A posting also says which exact form its occurrences have: in news nine postings of ten
have a single one, so that both forms cost little more than one. The few *mixed* postings, whose occurrences differ,
have the frequencies of each form and the form of each position beside them.

Everything is sorting and scattering of whole arrays; no Python runs once a posting.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.storage import merge_loops
from searchapp.engine.storage.pointers import order_of, pointers, ranges

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
    document_cursors, position_cursors = pointers(document_counts)[:-1], pointers(position_counts)[:-1]
    places = []
    for part, rank in zip(parts, ranks, strict=True):
        runs = Runs(part.document_counts, document_cursors.take(rank))
        for name, target in (("documents", documents), ("codes", codes), ("forms", forms)):
            runs.move(getattr(part, name), target)
        places.append(runs.moved(part.mixed.places))
        Runs(part.position_counts, position_cursors.take(rank)).move(part.positions, positions)
        document_cursors[rank] += part.document_counts
        position_cursors[rank] += part.position_counts
    mixed = _join_mixed([part.mixed for part in parts], np.concatenate(places))
    return Postings(
        np.arange(terms, dtype=np.int64), document_counts, position_counts, documents, codes, forms, positions, mixed
    )


class Runs:
    """Runs of entries that lie end to end in a part, and where each begins in what is merged."""

    def __init__(self, counts: NDArray[np.int64], at: NDArray[np.int64]) -> None:
        self._counts, self._at = counts, at

    @cached_property
    def _targets(self) -> NDArray[np.int64]:
        return ranges(self._at, self._counts)

    def move(self, source: NDArray[Any], target: NDArray[Any]) -> None:
        """Put entries where they go."""
        source = np.ascontiguousarray(source, target.dtype)
        if (made := merge_loops.move_runs.ready(source, target)) is not None:
            made(source, self._counts, self._at, target)
        else:
            target[self._targets] = source

    def moved_all(self, source: NDArray[Any]) -> NDArray[Any]:
        """All entries where they go."""
        target = np.empty_like(source)
        self.move(source, target)
        return target

    def moved(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """Where some entries go, whose places rise."""
        if (made := merge_loops.move_places.ready()) is None:
            return self._targets.take(places)
        found = np.empty(len(places), np.int64)
        made(places, self._counts, self._at, found)
        return found


def _join_mixed(parts: Sequence[MixedPostings], places: NDArray[np.int64]) -> MixedPostings:
    """Mixed postings of several parts, in the order of their new places."""
    order = np.argsort(places)
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))

    def joined(name: str) -> NDArray[Any]:
        return np.concatenate([getattr(part, name) for part in parts])

    pair_counts, position_counts = joined("pair_counts"), joined("position_counts")
    pairs, positions = (
        Runs(counts, pointers(counts.take(order))[:-1].take(rank)) for counts in (pair_counts, position_counts)
    )
    return MixedPostings(
        places.take(order),
        pair_counts.take(order),
        pairs.moved_all(joined("pair_forms")),
        pairs.moved_all(joined("pair_codes")),
        position_counts.take(order),
        positions.moved_all(joined("position_forms")),
    )


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
