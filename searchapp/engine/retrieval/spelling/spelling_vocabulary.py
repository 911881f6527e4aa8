"""The words of an archive by what letters they are made of, so that words spelt alike are found without an index."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.retrieval.core.snapshot import Snapshot
from searchapp.engine.storage.pointers import narrow, ranges, run_starts
from searchapp.engine.storage.segment import Segment
from searchapp.frozen import dataclass

LARGE_ARCHIVE: Final = 1_000
"""From so many documents on, a word of one document only is no word to offer: half of those are slips themselves."""
COMPARED: Final = 1_000
"""How many words of like letters are compared in full, the likeliest ones: some 2 ms."""
ODDS: Final = 8.0
"""How much more frequent a word must be, for each letter more that differs, to be compared before another."""
SMALL: Final = 1 << 17
"""What is known of the words of a segment that has no more of them is made anew in ten milliseconds at most."""
BLOCK: Final = 1 << 16
"""Words whose letters are gathered at a time, some 12 MB, and that are told apart by two bytes."""


def _bits() -> NDArray[np.uint64]:
    """For each byte of UTF-8, the bit of the letter that it stands for: the lower half are those of most words.

    The last bytes of the Arabic letters differ in their lowest six bits and take 37 of the bits; the Latin letters take
    26 of the others, and all digits the last one. First bytes of two or more say little and have none.
    """
    arabic = [*range(0x80, 0x8B), *range(0xA1, 0xBB)]
    free = sorted({*range(0x80, 0xC0)} - {*arabic})
    usual = [*range(0x81, 0x89), 0x8A, 0xA1, 0xA4, 0xA6, 0xA7, 0xA8, *range(0xAA, 0xBB), free[-1]]
    order = usual + sorted({*range(0x80, 0xC0)} - {*usual})
    stands_for = {**dict(zip(range(0x61, 0x7B), free, strict=False)), **dict.fromkeys(range(0x30, 0x3A), free[-1])}
    bits = np.zeros(256, np.uint64)
    bits[order] = np.uint64(1) << np.arange(64, dtype=np.uint64)
    bits[[*stands_for]] = bits[[*stands_for.values()]]
    return bits


_VOCABULARY: Final = "vocabulary"
_BITS: Final = _bits()
_HALF_BITS: Final = np.uint64(32)
_HALF: Final = np.uint64((1 << 32) - 1)
_NONE: Final = np.empty(0, np.int64), np.empty(0, np.uint8)
"""No words: their numbers, and in how many letters they differ."""


@dataclass(frozen=True, slots=True)
class _Words:
    """The words that may be offered of a segment's from number `first` on: each set of letters once, with its words.

    `usual` is the lower half of each set as bits, `unusual` the upper one of the last sets; the others have no such
    letters. The words of a set lie between its `pointers`: their numbers, counted from `first`, and lengths. Two or
    three words have the same set, so that all this takes half of what letters a word would.
    """

    first: int
    usual: NDArray[np.uint32]
    unusual: NDArray[np.uint32]
    pointers: NDArray[Any]
    numbers: NDArray[np.uint16]
    lengths: NDArray[np.uint8]

    def alike(self, letters: np.uint64, length: int, edits: int) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
        """The numbers of words that so many edits may lead to, and in how many letters they differ."""
        usual, unusual = np.uint32(letters & _HALF), np.uint32(letters >> _HALF_BITS)
        differing = np.bitwise_count(self.usual ^ usual)
        without = len(differing) - len(self.unusual)
        differing[:without] += np.bitwise_count(unusual)
        differing[without:] += np.bitwise_count(self.unusual ^ unusual)
        sets = np.flatnonzero(differing <= 2 * edits)
        starts = self.pointers.take(sets).astype(np.int64)
        counts = self.pointers.take(sets + 1) - starts
        places = ranges(starts, counts)
        fitting = np.abs(self.lengths.take(places).astype(np.int64) - length) <= edits
        return self.numbers.take(places[fitting]) + np.int64(self.first), differing.take(sets).repeat(counts)[fitting]


class Vocabulary:
    """The exact forms of a snapshot. It is made at first use: some 80 ms a million forms."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._segments = [part.segment for part in snapshot.parts]
        make = _all_words if snapshot.documents < LARGE_ARCHIVE else _common_words
        self._words = [segment.derived(make.__name__, make) for segment in self._segments]

    @classmethod
    def of(cls, snapshot: Snapshot) -> Vocabulary:
        """The vocabulary of a snapshot."""
        return snapshot.derived(_VOCABULARY, lambda: cls(snapshot))

    @staticmethod
    def rest(snapshot: Snapshot) -> None:
        """Forget what is quickly made anew, which is what each commit adds to: the words of small segments."""
        snapshot.let_go(_VOCABULARY)
        for part in snapshot.parts:
            if len(part.segment.exact.dictionary) <= SMALL:
                for make in (_all_words, _common_words):
                    part.segment.let_go(make.__name__)

    def frequency(self, form: str) -> int:
        """In how many documents a form stands."""
        encoded = form.encode("utf-8", "surrogatepass")
        return sum(segment.exact.ordinal(encoded)[1] for segment in self._segments)

    def alike(self, form: str, edits: int) -> dict[str, int]:
        """Forms that so many edits may lead to, and some others, with their frequencies: the likeliest ones."""
        encoded = np.frombuffer(form.encode("utf-8", "surrogatepass"), np.uint8)
        letters, length = np.bitwise_or.reduce(_BITS.take(encoded), initial=np.uint64(0)), len(form)
        found: Counter[bytes] = Counter()
        for segment, blocks in zip(self._segments, self._words, strict=True):
            each = [words.alike(letters, length, edits) for words in blocks]
            numbers, differing = (np.concatenate(parts) for parts in zip(_NONE, *each, strict=True))
            order = numbers.argsort()
            kept, differing = numbers.take(order), differing.take(order)
            frequencies = segment.exact.counts_of(kept)
            if len(kept) > COMPARED:
                likelihood = frequencies / ODDS**differing
                first = np.argpartition(-likelihood, COMPARED)[:COMPARED]
                kept, frequencies = kept.take(first), frequencies.take(first)
            term = segment.exact.dictionary.term
            for number, frequency in zip(kept.tolist(), frequencies.tolist(), strict=True):
                found[term(number)] += frequency
        return {term.decode("utf-8", "surrogatepass"): count for term, count in found.items()}


def _all_words(segment: Segment) -> list[_Words]:
    return list(_words(segment, 1))


def _common_words(segment: Segment) -> list[_Words]:
    return list(_words(segment, 2))


def _words(segment: Segment, least: int) -> Iterator[_Words]:
    exact = segment.exact
    frequencies = exact.document_counts(0, len(exact.dictionary))
    text, offsets = segment.column("exact/bytes"), segment.column("exact/offsets")
    for first in range(0, len(frequencies), BLOCK):
        numbers = np.flatnonzero(frequencies[first : first + BLOCK] >= least)
        letters, lengths = _letters(text, offsets[first : first + BLOCK + 1])
        numbers = numbers.take(letters.take(numbers).argsort(kind="stable"))
        sets = letters.take(numbers)
        starts = run_starts(sets)
        different = sets.take(starts)
        halves = (different & _HALF).astype(np.uint32), (different[different > _HALF] >> _HALF_BITS).astype(np.uint32)
        bounds = narrow(np.append(starts, len(sets)))
        yield _Words(first, *halves, bounds, numbers.astype(np.uint16), lengths.take(numbers))


def _letters(text: NDArray[np.uint8], offsets: NDArray[Any]) -> tuple[NDArray[np.uint64], NDArray[np.uint8]]:
    """The letters as bits, and the lengths (255 for more), of the words between the offsets; none of them is empty."""
    first, last = int(offsets[0]), int(offsets[-1])
    starts = offsets[:-1].astype(np.int64) - first
    held = text[first:last]
    letters = np.bitwise_or.reduceat(_BITS.take(held), starts)
    lengths = np.add.reduceat(((held & 0xC0) != 0x80).astype(np.uint32), starts)
    return letters, np.minimum(lengths, 255).astype(np.uint8)
