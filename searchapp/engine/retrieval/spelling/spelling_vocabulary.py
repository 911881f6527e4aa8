"""The words of an archive by what letters they are made of, so that words spelt alike are found without an index."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.retrieval.core.snapshot import Snapshot
from searchapp.engine.storage.pointers import narrow
from searchapp.engine.storage.segment import Segment
from searchapp.frozen import dataclass

LARGE_ARCHIVE: Final = 1_000
"""From so many documents on, a word of one document only is no word to offer: half of those are slips themselves."""
COMPARED: Final = 1_000
"""How many words of like letters are compared in full, the likeliest ones: some 2 ms."""
ODDS: Final = 8.0
"""How much more frequent a word must be, for each letter more that differs, to be compared before another."""
BLOCK: Final = 1 << 18
"""Words whose letters are gathered at a time: some 50 MB."""


def _bits() -> NDArray[np.uint64]:
    """For each byte of UTF-8, the bit of the letter that it stands for.

    The last bytes of the Arabic letters differ in their lowest six bits and take 37 of them; the Latin letters take 26
    of the others, and all digits the last one. First bytes of two or more say little and have none.
    """
    bits = np.zeros(256, np.uint64)
    arabic = [*range(0x80, 0x8B), *range(0xA1, 0xBB)]
    free = sorted(set(range(64)) - {byte & 63 for byte in arabic})
    places = {**{byte: byte & 63 for byte in range(0x80, 0xC0)}, **dict(zip(range(0x61, 0x7B), free, strict=False))}
    for byte, place in {**places, **dict.fromkeys(range(0x30, 0x3A), free[-1])}.items():
        bits[byte] = np.uint64(1 << place)
    return bits


_BITS: Final = _bits()


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of one segment that may be offered: their numbers, letters as bits, and lengths."""

    numbers: NDArray[Any]
    letters: NDArray[np.uint64]
    lengths: NDArray[np.uint8]


class Vocabulary:
    """The exact forms of a snapshot. It is made at first use: some 50 ms a million forms."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._segments = [part.segment for part in snapshot.parts]
        make = _all_words if snapshot.documents < LARGE_ARCHIVE else _common_words
        self._words = [segment.derived(make.__name__, make) for segment in self._segments]

    @classmethod
    def of(cls, snapshot: Snapshot) -> Vocabulary:
        """The vocabulary of a snapshot."""
        return snapshot.derived("vocabulary", lambda: cls(snapshot))

    def frequency(self, form: str) -> int:
        """In how many documents a form stands."""
        encoded = form.encode("utf-8", "surrogatepass")
        return sum(segment.exact.ordinal(encoded)[1] for segment in self._segments)

    def alike(self, form: str, edits: int) -> dict[str, int]:
        """Forms that so many edits may lead to, and some others, with their frequencies: the likeliest ones."""
        encoded = np.frombuffer(form.encode("utf-8", "surrogatepass"), np.uint8)
        letters, length = np.bitwise_or.reduce(_BITS.take(encoded), initial=np.uint64(0)), len(form)
        found: Counter[bytes] = Counter()
        for segment, words in zip(self._segments, self._words, strict=True):
            differing = np.bitwise_count(words.letters ^ letters)
            kept = np.flatnonzero(differing <= 2 * edits)
            kept = kept[np.abs(words.lengths.take(kept).astype(np.int64) - length) <= edits]
            frequencies = segment.exact.counts_of(words.numbers.take(kept))
            if len(kept) > COMPARED:
                likelihood = frequencies / ODDS ** differing.take(kept)
                first = np.argpartition(-likelihood, COMPARED)[:COMPARED]
                kept, frequencies = kept.take(first), frequencies.take(first)
            term = segment.exact.dictionary.term
            for number, frequency in zip(words.numbers.take(kept).tolist(), frequencies.tolist(), strict=True):
                found[term(number)] += frequency
        return {term.decode("utf-8", "surrogatepass"): count for term, count in found.items()}


def _all_words(segment: Segment) -> _Words:
    return _words(segment, 1)


def _common_words(segment: Segment) -> _Words:
    return _words(segment, 2)


def _words(segment: Segment, least: int) -> _Words:
    exact = segment.exact
    frequencies = exact.document_counts(0, len(exact.dictionary))
    numbers = np.flatnonzero(frequencies >= least)
    text, offsets = segment.column("exact/bytes"), segment.column("exact/offsets")
    pieces = [_letters(text, offsets[start : start + BLOCK + 1]) for start in range(0, len(frequencies), BLOCK)]
    letters = np.concatenate([np.empty(0, np.uint64), *(piece[0] for piece in pieces)])
    lengths = np.concatenate([np.empty(0, np.uint8), *(piece[1] for piece in pieces)])
    return _Words(narrow(numbers), letters.take(numbers), lengths.take(numbers))


def _letters(text: NDArray[np.uint8], offsets: NDArray[Any]) -> tuple[NDArray[np.uint64], NDArray[np.uint8]]:
    """The letters as bits, and the lengths (255 for more), of the words between the offsets; none of them is empty."""
    first, last = int(offsets[0]), int(offsets[-1])
    starts = offsets[:-1].astype(np.int64) - first
    held = text[first:last]
    letters = np.bitwise_or.reduceat(_BITS.take(held), starts)
    lengths = np.add.reduceat(((held & 0xC0) != 0x80).astype(np.uint32), starts)
    return letters, np.minimum(lengths, 255).astype(np.uint8)
