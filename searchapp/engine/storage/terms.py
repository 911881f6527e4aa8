"""The terms of an open segment and their postings: lemmas as they are stored, exact forms picked out of them."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from searchapp.compiled import type_numbers
from searchapp.engine.storage.container import SegmentFile
from searchapp.engine.storage.dictionary import TermDictionary
from searchapp.engine.storage.form_layout import MIXED_SKIP, SKIP, mixed_mark
from searchapp.engine.storage.pointers import ranges, sizes
from searchapp.engine.storage.posting_arrays import PostingArrays
from searchapp.frozen import dataclass

_PLACES_AT_ONCE: Final = 1 << 14
_NARROW: Final = 1 << 32
"""Of fewer positions, each is counted in four bytes."""

Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class TermPostings:
    """One term's postings in one segment: `documents` (rising) and `codes`.

    `first` is the place of its lemma's first posting in the flat arrays, and `kept` says which of the lemma's postings
    these are, None for all. Of an exact form, `ordinal` is which of the lemma's forms it is.
    """

    source: LemmaTerms
    documents: NDArray[Any]
    codes: NDArray[Any]
    first: int
    kept: NDArray[np.int64] | None = None
    ordinal: int | None = None

    def __len__(self) -> int:
        return len(self.documents)

    def only(self, wanted: NDArray[np.bool_]) -> TermPostings:
        """Those of the postings that are wanted."""
        kept = np.flatnonzero(wanted)
        places = kept if self.kept is None else self.kept.take(kept)
        documents, codes = self.documents.take(kept), self.codes.take(kept)
        return TermPostings(self.source, documents, codes, self.first, places, self.ordinal)

    def positions(self, indices: NDArray[np.int64]) -> tuple[Counts, NDArray[np.int64]]:
        """How many positions some of these postings have, and the positions, one posting after the other."""
        return self.source.positions(self.places(indices), self.ordinal)

    def places(self, indices: NDArray[np.int64]) -> NDArray[np.int64]:
        """The places of some of these postings in the flat arrays."""
        return self.first + (indices if self.kept is None else self.kept.take(indices))


class LemmaTerms:
    """The lemmas' dictionary and postings."""

    def __init__(self, file: SegmentFile, frequencies: NDArray[np.uint32]) -> None:
        """`frequencies` is code → positions a posting."""
        self._file, self._frequencies = file, frequencies
        self.dictionary = TermDictionary.in_file(file, "lemma")
        self._pointers, self._skips = file.array("lemma/document_pointers"), file.array("lemma/position_skips")
        self._guard_pointers, self._guard_skips = (
            file.guard("lemma/document_pointers"),
            file.guard("lemma/position_skips"),
        )
        self._documents, self._codes = file.array("lemma/documents"), file.array("lemma/codes")
        self._forms, self._positions = file.array("lemma/forms"), file.array("lemma/positions")
        self._guard_documents, self._guard_codes, self._guard_forms, self._guard_positions = (
            file.guard(f"lemma/{part}") for part in ("documents", "codes", "forms", "positions")
        )
        self._form_pointers, self._form_numbers, self._form_lights = (
            file.array(f"lemma/{part}") for part in ("form_pointers", "form_numbers", "form_lights")
        )
        self._guard_form_pointers, self._guard_form_numbers, self._guard_form_lights = (
            file.guard(f"lemma/{part}") for part in ("form_pointers", "form_numbers", "form_lights")
        )
        self.document_type = self._documents.dtype
        self.mixed_mark = mixed_mark(self._forms)
        self.mixed = Mixed(file)
        own, (pairs, mixed) = (self._documents, self._codes, self._forms), self.mixed.arrays()
        scored, placed = (*own, *pairs), (*own, self._positions, self._skips, *mixed)
        self.arrays = PostingArrays(scored, placed, frequencies, type_numbers(*scored))

    def bounds(self, term: bytes) -> tuple[int, int]:
        """Where a lemma's postings lie in the flat arrays; (0, 0) for an unknown one."""
        number = self.dictionary.find(term)
        return self.bounds_of(number) if number >= 0 else (0, 0)

    def bounds_of(self, number: int) -> tuple[int, int]:
        """Where the postings of a lemma lie, by its number."""
        self._guard_pointers(number, number + 2)
        start, stop = self._pointers[number : number + 2].tolist()
        return start, stop

    def find(self, term: bytes) -> TermPostings | None:
        """The postings of a lemma; None for an unknown one.

        Raises:
            IndexBroken: a block of them does not fit its checksum.
        """
        start, stop = self.bounds(term)
        return self.postings(start, stop) if start < stop else None

    def postings(self, start: int, stop: int) -> TermPostings:
        """The postings in [start, stop) of the flat arrays."""
        self._guard_documents(start, stop)
        self._guard_codes(start, stop)
        return TermPostings(self, self._documents[start:stop], self._codes[start:stop], start)

    def forms(self, start: int, stop: int) -> NDArray[Any]:
        """The ordinals of the exact forms of the postings in [start, stop), `mixed_mark` for mixed ones."""
        self._guard_forms(start, stop)
        return self._forms[start:stop]

    def forms_of(self, number: int) -> tuple[NDArray[Any], NDArray[np.uint32]]:
        """The exact forms of a lemma by ordinal: their numbers, and the hashes of their light stems."""
        self._guard_form_pointers(number, number + 2)
        start, stop = self._form_pointers[number : number + 2].tolist()
        self._guard_form_numbers(start, stop)
        self._guard_form_lights(start, stop)
        return self._form_numbers[start:stop], self._form_lights[start:stop]

    def document_counts(self, start: int, stop: int) -> Counts:
        """The document frequencies of the lemmas numbered [start, stop)."""
        self._guard_pointers(start, stop + 1)
        return sizes(self._pointers[start : stop + 1])

    def positions(self, places: NDArray[np.int64], ordinal: int | None) -> tuple[Counts, NDArray[np.int64]]:
        """How many positions the postings at some places have (of one exact form only), and the positions."""
        if not len(places):
            return places, places
        starts, counts = self.position_bounds(places)
        positions = self.positions_within(starts, counts)
        if ordinal is None:
            return counts, positions
        kept = self.are_of_form(places, counts, ordinal)
        owners = np.arange(len(places)).repeat(counts)[kept]
        return np.bincount(owners, minlength=len(places)), positions[kept]

    def are_of_form(self, places: NDArray[np.int64], counts: Counts, ordinal: int) -> NDArray[np.bool_]:
        """Which of the positions of the postings at some places, which have so many, are of an exact form."""
        self._guard_forms.pieces(places, places + 1)
        forms = self._forms.take(places)
        kept: NDArray[np.bool_] = (forms == ordinal).repeat(counts)
        is_mixed = forms == self.mixed_mark
        if is_mixed.any():
            kept[is_mixed.repeat(counts)] = self.mixed.position_forms(places[is_mixed]) == ordinal
        return kept

    def are_at_form(
        self, places: NDArray[np.int64], counts: Counts, within: NDArray[np.int64], ordinal: int
    ) -> NDArray[np.bool_]:
        """Whether single positions are of an exact form.

        Of each, the place of its posting, how many positions that has, and which of them it is, from 0.
        """
        self._guard_forms.pieces(places, places + 1)
        forms = self._forms.take(places)
        found: NDArray[np.bool_] = forms == ordinal
        (mixed,) = (forms == self.mixed_mark).nonzero()
        if len(mixed):
            counts = counts.take(mixed)
            at = counts.cumsum() - counts + within.take(mixed)
            found[mixed] = self.mixed.position_forms(places.take(mixed)).take(at) == ordinal
        return found

    def positions_within(self, starts: NDArray[np.int64], counts: Counts) -> NDArray[np.int64]:
        """The positions of postings by where they begin and how many there are, one posting after the other."""
        self.check_positions(starts, starts + counts)
        return self.positions_at(starts, counts)

    def check_positions(self, starts: NDArray[np.int64], stops: NDArray[np.int64]) -> None:
        """Check some stretches of positions before they are read. Raises `IndexBroken`."""
        self._guard_positions.pieces(starts, stops)

    def unseen_positions(self) -> tuple[NDArray[np.bool_], int]:
        """The flags of the file's blocks that have not been checked, and where in its bytes the positions begin."""
        return self._file.unseen_flags, self._guard_positions.begin

    def check_blocks(self, first: int, last: int) -> None:
        """Check the blocks [first, last) of the file. Raises `IndexBroken`."""
        self._file.touch(first, last)

    def check_skips(self, start: int, stop: int) -> None:
        """Check what says where the positions of the postings in [start, stop) begin or end. Raises `IndexBroken`."""
        first, last = start // SKIP, (stop - 1) // SKIP + 1
        self._guard_skips(first, min(last + 1, len(self._skips)))
        self._guard_codes(first * SKIP, min(last * SKIP, len(self._codes)))

    def positions_at(self, starts: NDArray[np.int64], counts: Counts) -> NDArray[np.int64]:
        """As `positions_within`, of positions that have been checked."""
        return self._positions.take(ranges(starts, counts)).astype(np.int64)

    def position_starts(self, places: NDArray[np.int64]) -> Counts:
        """Where the positions of postings begin, at rising places; the place behind the last is where all end."""
        found = np.full(len(places), len(self._positions), np.int64)
        before = np.flatnonzero(places < len(self._codes))
        for start in range(0, len(before), _PLACES_AT_ONCE):
            chosen = before[start : start + _PLACES_AT_ONCE]
            found[chosen] = self._scattered_bounds(places.take(chosen))[0]
        return found

    def all_position_bounds(self, start: int, stop: int) -> NDArray[Any]:
        """Where the positions of all the postings in [start, stop) begin, and where those of the last end.

        The positions are checked, and may then be read by `positions_at`.
        """
        first = start // SKIP * SKIP
        self._guard_skips(first // SKIP, first // SKIP + 1)
        self._guard_codes(first, stop)
        width = np.dtype(np.uint32 if len(self._positions) < _NARROW else np.int64)
        bounds: NDArray[Any] = np.empty(stop - first + 1, width)
        bounds[0] = 0
        self._frequencies.take(self._codes[first:stop]).cumsum(dtype=width, out=bounds[1:])
        bounds += width.type(self._skips.item(first // SKIP))
        bounds = bounds[start - first :]
        self._guard_positions(bounds.item(0), bounds.item(-1))
        return bounds

    def position_bounds(self, places: NDArray[np.int64]) -> tuple[NDArray[np.int64], Counts]:
        """Where the positions of postings begin, and how many there are."""
        first, last = int(places.min()) // SKIP * SKIP, int(places.max()) + 1
        if last - first > len(places) * SKIP:
            return self._scattered_bounds(places)
        self._guard_codes(first, last)
        frequencies = self._frequencies.take(self._codes[first:last])
        ends = frequencies.cumsum(dtype=np.int64)
        self._guard_skips(first // SKIP, first // SKIP + 1)
        places = places - first
        counts = frequencies.take(places).astype(np.int64)
        starts = ends.take(places)
        starts -= counts
        starts += int(self._skips[first // SKIP])
        return starts, counts

    def _scattered_bounds(self, places: NDArray[np.int64]) -> tuple[NDArray[np.int64], Counts]:
        """As `position_bounds`, for places far apart: each is counted up to from the skip before it."""
        blocks = places // SKIP
        firsts = blocks * SKIP
        self._guard_skips.pieces(blocks, blocks + 1)
        self._guard_codes.pieces(firsts, places + 1)
        lengths = places - firsts
        lengths += 1
        frequencies = self._frequencies.take(self._codes.take(ranges(firsts, lengths)))
        ends = lengths.cumsum()
        counts = frequencies.take(ends - 1).astype(np.int64)
        starts = np.add.reduceat(frequencies, ends - lengths, dtype=np.int64) - counts
        starts += self._skips.take(blocks)
        return starts, counts


class Mixed:
    """The postings whose occurrences have more than one exact form."""

    def __init__(self, file: SegmentFile) -> None:
        self._skips, self._pair_skips = (_Guarded(file, f"mixed/{part}") for part in ("skips", "pair_skips"))
        self._places, self._bounds, self._position_forms = (
            _Guarded(file, f"mixed/{part}") for part in ("places", "position_pointers", "position_forms")
        )
        self._pair_places, self._forms, self._codes = (
            _Guarded(file, f"mixed/{part}") for part in ("pair_places", "pair_forms", "pair_codes")
        )

    def arrays(self) -> tuple[tuple[NDArray[Any], ...], tuple[NDArray[Any], ...]]:
        """For loops: the places, forms and codes of pairs; places, pointers and positions' forms of mixed postings."""
        pairs = self._pair_places.all, self._forms.all, self._codes.all
        return pairs, (self._places.all, self._bounds.all, self._position_forms.all)

    def pair_bounds(self, start: int, stop: int) -> tuple[int, int]:
        """Where the pairs of the postings in [start, stop) lie; they are checked."""
        first, last = _found(self._pair_places, self._pair_skips, start, stop)
        for part in (self._pair_places, self._forms, self._codes):
            part.read(first, last)
        return first, last

    def bounds(self, start: int, stop: int) -> tuple[int, int]:
        """Where the mixed ones of the postings in [start, stop) lie; they are checked, with their positions' forms."""
        first, last = _found(self._places, self._skips, start, stop)
        bounds = self._bounds.read(first, last + 1)
        self._places.read(first, last)
        self._position_forms.read(bounds.item(0), bounds.item(-1))
        return first, last

    def with_form(self, start: int, stop: int, ordinal: int) -> tuple[NDArray[np.int64], NDArray[Any]]:
        """Those of the postings in [start, stop) that have a form among others: counted from `start`, and its code."""
        places, forms, codes = self.pairs(start, stop)
        at = np.flatnonzero(forms == ordinal)
        return places.take(at).astype(np.int64) - start, codes.take(at)

    def pairs(self, start: int, stop: int) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
        """The pairs of the postings in [start, stop): their postings' places, rising, ordinals and codes."""
        first, last = _found(self._pair_places, self._pair_skips, start, stop)
        return self._pair_places.read(first, last), self._forms.read(first, last), self._codes.read(first, last)

    def pairs_of(
        self, start: int, stop: int, places: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[Any], NDArray[Any]]:
        """The pairs of some of the postings in [start, stop), rising: which of these they are of, ordinals, codes."""
        known, forms, codes = self.pairs(start, stop)
        wanted = places.astype(known.dtype)
        begin = known.searchsorted(wanted)
        counts = known.searchsorted(wanted, side="right") - begin
        at = ranges(begin, counts)
        return np.arange(len(places)).repeat(counts), forms.take(at), codes.take(at)

    def within(self, start: int, stop: int) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
        """The mixed ones of the postings in [start, stop): places, position counts, forms of all positions."""
        first, last = _found(self._places, self._skips, start, stop)
        bounds = self._bounds.read(first, last + 1).astype(np.int64)
        return self._places.read(first, last), np.diff(bounds), self._position_forms.read(*bounds[[0, -1]].tolist())

    def position_forms(self, places: NDArray[np.int64]) -> NDArray[Any]:
        """The ordinals of the forms at each position of some mixed postings, one posting after the other."""
        lowest, highest = int(places.min()), int(places.max())
        first, last = _found(self._places, self._skips, lowest, highest + 1)
        known = self._places.read(first, last)
        # A needle of another width would have numpy convert the whole haystack.
        at = known.searchsorted(places.astype(known.dtype))
        bounds = self._bounds.read(first, last + 1).astype(np.int64)
        starts, begin = bounds.take(at), int(bounds[0])
        forms = self._position_forms.read(begin, int(bounds[-1]))
        return forms.take(ranges(starts - begin, bounds.take(at + 1) - starts))


class _Guarded:
    """An array of which only what is read is checked."""

    def __init__(self, file: SegmentFile, name: str) -> None:
        self.all, self._guard = file.array(name), file.guard(name)

    def read(self, start: int, stop: int) -> NDArray[Any]:
        """The entries [start, stop)."""
        self._guard(start, stop)
        return self.all[start:stop]

    def item(self, at: int) -> int:
        """One entry."""
        self._guard(at, at + 1)
        entry: int = self.all.item(at)
        return entry


def _found(places: _Guarded, skips: _Guarded, start: int, stop: int) -> tuple[int, int]:
    """Which entries of rising places lie in [start, stop); `skips` says how many lie before each `MIXED_SKIP`."""
    if start >= stop:
        return 0, 0
    first = skips.item(start // MIXED_SKIP)
    near = places.read(first, skips.item(stop // MIXED_SKIP + 1))
    # A needle of another width would have numpy convert the whole haystack.
    begin, end = near.searchsorted(np.array((start, stop), near.dtype)).tolist()
    return first + begin, first + end


class ExactTerms:
    """The exact forms' dictionary; their postings are part of their lemmas'."""

    def __init__(self, file: SegmentFile, lemmas: LemmaTerms) -> None:
        self.dictionary = TermDictionary.in_file(file, "exact")
        self._source = lemmas
        self._lemmas, self._ordinals, self._document_counts = (
            _Guarded(file, f"exact/{part}") for part in ("lemmas", "ordinals", "document_counts")
        )

    def ordinal(self, term: bytes) -> tuple[int, int]:
        """Which of its lemma's forms this is, and in how many documents it stands; (-1, 0) for an unknown one."""
        number = self.dictionary.find(term)
        if number < 0:
            return -1, 0
        return self._ordinals.item(number), self._document_counts.item(number)

    def find(self, term: bytes) -> TermPostings | None:
        """The postings of an exact form; None for an unknown one. Raises as `LemmaTerms.find`."""
        number = self.dictionary.find(term)
        if number < 0:
            return None
        start, stop = self._source.bounds_of(self._lemmas.item(number))
        ordinal = self._ordinals.item(number)
        whole = self._source.postings(start, stop)
        plain = np.flatnonzero(self._source.forms(start, stop) == ordinal)
        mixed, mixed_codes = self._source.mixed.with_form(start, stop, ordinal)
        kept, codes = plain, whole.codes.take(plain)
        if len(mixed):
            kept = np.concatenate([plain, mixed])
            order = np.argsort(kept)
            kept, codes = kept.take(order), np.concatenate([codes, mixed_codes]).take(order)
        return TermPostings(self._source, whole.documents.take(kept), codes, start, kept, ordinal)

    def count_of(self, numbers: NDArray[Any]) -> int:
        """The sum of some forms' document frequencies."""
        return sum([self._document_counts.item(number) for number in numbers.tolist()])

    def counts_of(self, numbers: NDArray[Any]) -> NDArray[Any]:
        """The document frequencies of some forms, where those of all have been checked."""
        return self._document_counts.all.take(numbers)

    def document_counts(self, start: int, stop: int) -> Counts:
        """The document frequencies of the forms numbered [start, stop)."""
        return self._document_counts.read(start, stop).astype(np.int64)
