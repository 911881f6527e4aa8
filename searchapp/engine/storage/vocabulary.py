"""The terms of a segment to come: sorted, each source's numbers mapped to theirs, and ready to be written."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, Self
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from searchapp.analysis.spelled_terms import SpelledTerms
from searchapp.engine.storage import term_loops
from searchapp.engine.storage.dictionary import hash_slots
from searchapp.engine.storage.light_hashes import CHECKSUMS, FIRST_OF
from searchapp.engine.storage.pointers import pointers

UNITED_TERMS: Final = 1 << 15
"""Terms of the largest source that are united with those of the others at once."""

Ranks = NDArray[np.int64]
"""A source's number of a term → the number among all."""


class SortedTerms(Protocol):
    """Terms sorted by their bytes; a `TermDictionary` is one."""

    def __len__(self) -> int: ...

    def term(self, number: int) -> bytes:
        """The bytes of a term."""

    def terms(self, start: int, stop: int) -> Iterator[bytes]:
        """The terms of a range of numbers, in order."""

    def ceiling(self, term: bytes) -> int:
        """The number of the first term that is not before this one; `len` when there is none."""


class JoinedTerms:
    """Sorted terms, their bytes end to end."""

    def __init__(self, encoded: EncodedTerms) -> None:
        self.encoded = encoded
        self._text, self._bounds = encoded.text.tobytes(), pointers(encoded.lengths)

    @classmethod
    def of(cls, terms: SpelledTerms, order: NDArray[np.int64]) -> Self:
        """Terms as they come, none empty, and the order that sorts them."""
        if (made := term_loops.encode_terms.ready()) is None:
            spelled = terms.strings()
            return cls(EncodedTerms.of([spelled[at].encode("utf-8", "surrogatepass") for at in order.tolist()]))
        size = len(terms.points) + sum(int(np.count_nonzero(terms.points >= first)) for first in FIRST_OF)
        text = np.empty(size, np.uint8)
        begins, sizes = np.empty(len(order), np.int64), np.empty(len(order), np.int64)
        hashes = np.empty(len(order), np.uint32)
        made(terms.points, terms.lengths, order, CHECKSUMS, text, begins, sizes, hashes)
        return cls(EncodedTerms(text, sizes.take(order), hashes.take(order)))

    def __len__(self) -> int:
        return len(self._bounds) - 1

    def term(self, number: int) -> bytes:
        """The bytes of a term."""
        return self._text[self._bounds[number] : self._bounds[number + 1]]

    def terms(self, start: int, stop: int) -> Iterator[bytes]:
        """The terms of a range of numbers, in order."""
        bounds = self._bounds[start : stop + 1].tolist()
        return map(self._text.__getitem__, map(slice, bounds[:-1], bounds[1:]))

    def ceiling(self, term: bytes) -> int:
        """The number of the first term that is not before this one; `len` when there is none."""
        return bisect_left(range(len(self)), term, key=self.term)


@dataclass(frozen=True, slots=True)
class UsedTerms:
    """A source's terms, and which of them occur in what is left of it (None: all)."""

    terms: SortedTerms
    used: NDArray[np.bool_] | None = None


@dataclass(frozen=True, slots=True)
class EncodedTerms:
    """Sorted terms as they are stored: their bytes end to end, their lengths, and the crc32 of each."""

    text: NDArray[np.uint8]
    lengths: NDArray[np.int64]
    hashes: NDArray[np.uint32]

    def __len__(self) -> int:
        return len(self.lengths)

    @classmethod
    def of(cls, terms: Sequence[bytes]) -> EncodedTerms:
        """Encode sorted terms."""
        return cls(
            np.frombuffer(b"".join(terms), np.uint8),
            np.fromiter(map(len, terms), np.int64, len(terms)),
            np.fromiter(map(crc32, terms), np.uint32, len(terms)),
        )

    @classmethod
    def join(cls, parts: Sequence[EncodedTerms]) -> EncodedTerms:
        """Several, one after the other."""
        return cls(
            np.concatenate([part.text for part in parts]),
            np.concatenate([part.lengths for part in parts]),
            np.concatenate([part.hashes for part in parts]),
        )

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The arrays of their dictionary, by name."""
        return {"bytes": self.text, "offsets": pointers(self.lengths), "slots": hash_slots(self.hashes)}


def unite(parts: Sequence[UsedTerms]) -> tuple[EncodedTerms, list[Ranks]]:
    """All terms of several sources, and for each source the places of its terms among them; -1 for unused ones.

    Range by range, so that only a part of them is ever held term by term.
    """
    if len(parts) == 1 and parts[0].used is None:
        only = parts[0].terms
        if isinstance(only, JoinedTerms):
            return only.encoded, [np.arange(len(only))]
        encoded = [
            EncodedTerms.of(list(only.terms(start, min(start + UNITED_TERMS, len(only)))))
            for start in range(0, max(len(only), 1), UNITED_TERMS)
        ]
        return EncodedTerms.join(encoded), [np.arange(len(only))]
    ranks = [np.full(len(part.terms), -1, np.int64) for part in parts]
    pieces = [EncodedTerms.of([])]
    count = 0
    starts = [0] * len(parts)
    for stops in _stops([part.terms for part in parts]):
        spelled = [_spelled(part, start, stop) for part, start, stop in zip(parts, starts, stops, strict=True)]
        every = sorted(set().union(*(terms for _, terms in spelled)))
        number = {term: at for at, term in enumerate(every, start=count)}
        for rank, (numbers, terms) in zip(ranks, spelled, strict=True):
            rank[numbers] = np.fromiter(map(number.__getitem__, terms), np.int64, len(terms))
        pieces.append(EncodedTerms.of(every))
        count += len(every)
        starts = stops
    return EncodedTerms.join(pieces), ranks


def _stops(terms: Sequence[SortedTerms]) -> Iterator[list[int]]:
    """Where the ranges end in each source: at the same term in all."""
    largest = max(terms, key=len, default=None)
    if largest is None:
        return
    for place in range(UNITED_TERMS, len(largest), UNITED_TERMS):
        term = largest.term(place)
        yield [each.ceiling(term) for each in terms]
    yield [len(each) for each in terms]


def _spelled(part: UsedTerms, start: int, stop: int) -> tuple[NDArray[np.int64], list[bytes]]:
    """The used terms of a range: their numbers in the source and their bytes."""
    terms = list(part.terms.terms(start, stop))
    numbers = np.arange(start, stop)
    if part.used is not None:
        numbers = numbers[part.used[start:stop]]
        terms = [terms[number - start] for number in numbers.tolist()]
    return numbers, terms


@dataclass(frozen=True, slots=True)
class FormPlaces:
    """The exact forms in the order of their lemmas: one by one their places, F of them.

    `lemmas` (F, by number) are the forms' lemmas, `ordinals` (F, by number) which of the lemma's forms each is;
    `pointers` (lemmas + 1) bound the places of each lemma, `numbers` (F, by place) are the forms that stand there.
    """

    lemmas: NDArray[np.int64]
    ordinals: NDArray[Any]
    pointers: NDArray[np.int64]
    numbers: NDArray[np.int64]

    @classmethod
    def of(cls, lemmas: NDArray[np.int64], count: int) -> FormPlaces:
        """`lemmas` are the lemmas of the exact forms, `count` how many lemmas there are."""
        numbers = lemmas.argsort(kind="stable")
        bounds = pointers(np.bincount(lemmas, minlength=count))
        ordinals = np.empty(len(lemmas), np.int64)
        ordinals[numbers] = np.arange(len(lemmas)) - bounds.take(lemmas.take(numbers))
        # One number of the width must be left over, for mixed postings.
        highest = int(ordinals.max(initial=0))
        width = np.uint8 if highest < 0xFF else np.uint16 if highest < 0xFFFF else np.uint32
        return cls(lemmas, ordinals.astype(width), bounds, numbers)
