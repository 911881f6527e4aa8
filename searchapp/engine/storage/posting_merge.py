"""Postings of several parts into one, with the numbers that documents, codes and forms have there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.storage import merge_loops
from searchapp.engine.storage.pointers import order_of, pointers, ranges
from searchapp.engine.storage.postings import MixedPostings, Postings

Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Numbering:
    """What turns a part's numbers into those of what is merged: its first document, each code and each form.

    The last entry of `forms` is what stands for the mark of mixed postings. New numbers of forms may be in another
    order.
    """

    first_document: int
    codes: NDArray[np.uint32]
    forms: NDArray[Any]


class Part(NamedTuple):
    """Postings by term, the new number of each term, each once and in any order, and what gives all else its own."""

    postings: Postings
    ranks: Counts
    numbering: Numbering


def merge(parts: Sequence[Part], terms: int) -> Postings:
    """Parts whose documents follow each other → one, with all `terms` numbers from 0.

    Documents of a later part are all higher than those of an earlier one; new numbers of forms are of one dtype.
    """
    document_counts, position_counts = np.zeros(terms, np.int64), np.zeros(terms, np.int64)
    for part in parts:
        document_counts[part.ranks] += part.postings.document_counts
        position_counts[part.ranks] += part.postings.position_counts
    positions = np.empty(int(position_counts.sum()), np.result_type(*(part.postings.positions for part in parts)))
    loops = [made for part in parts if (made := _Loops.ready(part, positions)) is not None]
    if len(loops) < len(parts):
        return _merge_by_arrays(parts, document_counts, position_counts, positions)
    return _merge_by_loops(loops, parts, document_counts, position_counts, positions)


class _Loops(NamedTuple):
    """What merging is made of where it is compiled, for the types of one part."""

    count_mixed: Callable[..., None]
    move_mixed: Callable[..., None]
    move_postings: Callable[..., None]
    move_positions: Callable[..., None]

    @classmethod
    def ready(cls, part: Part, positions: NDArray[Any]) -> _Loops | None:
        """All of them, or nothing; `positions` is where positions go."""
        found, forms = part.postings, part.numbering.forms
        made: tuple[Callable[..., None] | None, ...] = (
            merge_loops.count_mixed.ready(),
            merge_loops.move_mixed.ready(found.mixed.pair_codes, forms, forms, forms),
            merge_loops.move_postings.ready(found.documents, found.codes, forms, forms),
            merge_loops.move_positions.ready(found.positions, positions),
        )
        compiled = [each for each in made if each is not None]
        return cls(*compiled) if len(compiled) == len(made) else None


def _mixed_counts(loops: Sequence[_Loops], parts: Sequence[Part], terms: int) -> tuple[Counts, Counts, Counts]:
    """Of each term: mixed postings, their pairs, and their positions."""
    mixed, pairs, positions = (np.zeros(terms, np.int64) for _ in range(3))
    for made, (found, ranks, _) in zip(loops, parts, strict=True):
        of_part = found.mixed
        made.count_mixed(
            of_part.places, of_part.pair_counts, of_part.position_counts, found.document_counts, ranks,
            mixed, pairs, positions,
        )  # fmt: skip
    return mixed, pairs, positions


def _merge_by_loops(
    loops: Sequence[_Loops],
    parts: Sequence[Part],
    document_counts: Counts,
    position_counts: Counts,
    positions: NDArray[Any],
) -> Postings:
    """All postings, by the loops of each part; `positions` is filled."""
    terms, form = len(document_counts), parts[0].numbering.forms.dtype
    counts = document_counts, position_counts, *_mixed_counts(loops, parts, terms)
    # Where the next of each term goes.
    by_document, by_position, by_mixed, by_pair, by_form = cursors = [pointers(each) for each in counts]
    postings, _, mixed_postings, pairs, mixed_positions = (int(each[-1]) for each in cursors)
    documents, codes, forms = (np.empty(postings, dtype) for dtype in (np.uint32, np.uint32, form))
    mixed = MixedPostings(
        places=np.empty(mixed_postings, np.int64),
        pair_counts=np.empty(mixed_postings, np.int64),
        pair_forms=np.empty(pairs, form),
        pair_codes=np.empty(pairs, np.uint32),
        position_counts=np.empty(mixed_postings, np.int64),
        position_forms=np.empty(mixed_positions, form),
    )
    for made, (found, ranks, numbering) in zip(loops, parts, strict=True):
        of_part = found.mixed
        made.move_mixed(
            of_part.places, of_part.pair_counts, of_part.position_counts,
            of_part.pair_forms, of_part.pair_codes, of_part.position_forms, numbering.codes, numbering.forms,
            found.document_counts, ranks, by_document, by_mixed, by_pair, by_form,
            mixed.places, mixed.pair_counts, mixed.position_counts,
            mixed.pair_forms, mixed.pair_codes, mixed.position_forms,
        )  # fmt: skip
        made.move_postings(
            found.documents, found.codes, found.forms, numbering.first_document, numbering.codes, numbering.forms,
            found.document_counts, ranks, by_document, documents, codes, forms,
        )  # fmt: skip
        made.move_positions(found.positions, found.position_counts, ranks, by_position, positions)
    every = np.arange(terms, dtype=np.int64)
    return Postings(every, document_counts, position_counts, documents, codes, forms, positions, mixed)


def _merge_by_arrays(
    parts: Sequence[Part], document_counts: Counts, position_counts: Counts, positions: NDArray[Any]
) -> Postings:
    """All postings, by numpy; `positions` is filled."""
    postings = int(document_counts.sum())
    form = parts[0].numbering.forms.dtype
    documents, codes, forms = (np.empty(postings, dtype) for dtype in (np.uint32, np.uint32, form))
    document_cursors, position_cursors = pointers(document_counts)[:-1], pointers(position_counts)[:-1]
    places, all_mixed = [], []
    for part in parts:
        found, ranks = _renumbered(part.postings, part.numbering), part.ranks
        targets = ranges(document_cursors.take(ranks), found.document_counts)
        documents[targets], codes[targets], forms[targets] = found.documents, found.codes, found.forms
        places.append(targets.take(found.mixed.places))
        positions[ranges(position_cursors.take(ranks), found.position_counts)] = found.positions
        document_cursors[ranks] += found.document_counts
        position_cursors[ranks] += found.position_counts
        all_mixed.append(found.mixed)
    mixed = _join_mixed(all_mixed, np.concatenate(places))
    terms = np.arange(len(document_counts), dtype=np.int64)
    return Postings(terms, document_counts, position_counts, documents, codes, forms, positions, mixed)


def _join_mixed(parts: Sequence[MixedPostings], places: Counts) -> MixedPostings:
    """Mixed postings of several parts, in the order of their new places."""

    def joined(name: str) -> NDArray[Any]:
        return np.concatenate([getattr(part, name) for part in parts])

    names = "pair_counts", "pair_forms", "pair_codes", "position_counts", "position_forms"
    order = np.argsort(places)
    return MixedPostings(places, *map(joined, names)).take(order, places.take(order))


def _renumbered(postings: Postings, numbering: Numbering) -> Postings:
    """The same postings with other numbers."""
    mixed, forms = postings.mixed, numbering.forms
    pair_forms = forms.take(mixed.pair_forms)
    owners = np.arange(len(mixed.places)).repeat(mixed.pair_counts)
    order = order_of(owners, pair_forms)
    return replace(
        postings,
        documents=postings.documents + np.uint32(numbering.first_document),
        codes=numbering.codes.take(postings.codes),
        # The mark of mixed postings lies above all numbers: clipped, it is the last entry.
        forms=forms.take(postings.forms, mode="clip"),
        mixed=replace(
            mixed,
            pair_forms=pair_forms.take(order),
            pair_codes=numbering.codes.take(mixed.pair_codes.take(order)),
            position_forms=forms.take(mixed.position_forms),
        ),
    )
