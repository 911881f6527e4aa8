"""What `judgement` and `names` look for in pairs of texts, found by compiled loops where the process takes these."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from searchapp.dedupe.pair_loops import compare_pairs, find_numbers, find_own_words
from searchapp.dedupe.words import SHINGLE_WORDS, Vocabulary

Places = NDArray[np.int64]
Words = NDArray[np.int32]

_LOOPS: Final = (compare_pairs, find_own_words, find_numbers)


class PairLoops(NamedTuple):
    """The compiled loops of `pair_loops`."""

    compare_pairs: Callable[..., int]
    find_own_words: Callable[..., int]
    find_numbers: Callable[..., int]


class Bounds(NamedTuple):
    """What pairs are held against, as `judgement` names it."""

    least_containment: float
    longer_by: float
    rewording_free: float
    rewording_slope: float
    rewording_most: float
    first_shingles: int
    in_a_row: int


class ComparedPairs(NamedTuple):
    """What `pair_loops.compare_pairs` writes of pairs; the last two are of those that are left, and number these."""

    fates: NDArray[np.uint8]
    shared: Places
    short_keys: Places
    long_keys: Places
    own_counts: Places
    content: Places
    own: tuple[Places, Places]
    gaps: Sequence[Places]


def pair_loops() -> PairLoops | None:
    """All of them, or None where one of them is not to be had, or not yet."""
    ready: list[Any] = [each.ready() for each in _LOOPS]
    return None if None in ready else PairLoops(*ready)


class PairTables:
    """Texts end to end.

    `words` are those of all, `shingles` their hashes, in the place of their first words; `starts` says where a text's
    words begin, `lengths` how many it has.
    """

    def __init__(
        self,
        loops: PairLoops,
        vocabulary: Vocabulary,
        words: Words,
        shingles: NDArray[np.uint64],
        starts: Places,
        lengths: Places,
    ) -> None:
        self._loops = loops
        self._vocabulary = vocabulary
        self._words, self._shingles = words, shingles
        self._starts, self._lengths = starts, lengths

    @property
    def _known_words(self) -> tuple[Words, Words, NDArray[np.bool_]]:
        return self._words, self._vocabulary.all_lemmas(), self._vocabulary.all_telling()

    def compare(self, short: Places, long: Places, bounds: Bounds) -> ComparedPairs:
        """Compare pairs; those of one longer text come together."""
        pairs, words = len(short), int(self._lengths.take(short).sum())
        longest = max(int(self._lengths.max()), SHINGLE_WORDS)
        fates = np.empty(pairs, np.uint8)
        shared, short_keys, long_keys, own_counts, content = (np.empty(pairs, np.int64) for _ in range(5))
        own = [np.empty(words, np.int64) for _ in range(2)]
        gaps = [np.empty(words + pairs, np.int64) for _ in range(5)]
        ends = np.empty(2, np.int64)
        self._loops.compare_pairs(
            self._shingles,
            self._starts,
            self._lengths,
            *self._known_words,
            short,
            long,
            np.array(bounds[:5], np.float64),
            *bounds[5:],
            np.empty(4 << longest.bit_length(), np.int32),
            np.empty(3 * longest, np.int32),
            np.empty(longest, bool),
            *self._vocabulary.marks(pairs),
            fates,
            shared,
            short_keys,
            long_keys,
            own_counts,
            content,
            *own,
            *gaps,
            ends,
        )
        own_end, gap_end = ends.tolist()
        own_pair, own_place = (column[:own_end].copy() for column in own)
        left_gaps = [column[:gap_end].copy() for column in gaps]
        counts = shared, short_keys, long_keys, own_counts, content
        return ComparedPairs(fates, *counts, (own_pair, own_place), left_gaps)

    def own_words(self, mine: Places, theirs: Places) -> tuple[Places, Places, Places, Places]:
        """Pair and place of each content word of the one text that the other lacks; how many of how many."""
        most = int(self._lengths.take(mine).sum())
        pair, place = np.empty(most, np.int64), np.empty(most, np.int64)
        counts, content = np.empty(len(mine), np.int64), np.empty(len(mine), np.int64)
        of_pairs = mine, theirs, *self._vocabulary.marks(len(mine))
        found = self._loops.find_own_words(
            *self._known_words, self._starts, self._lengths, *of_pairs, pair, place, counts, content
        )
        return pair[:found].copy(), place[:found].copy(), counts, content

    def numbers(self, texts: Places, place_bits: int) -> tuple[Places, Words]:
        """Of the numbers in these texts text and place, packed and in order, and their codes."""
        most = len(self._words) + 1  # one is written and written over where the last word says none
        keys, codes = np.empty(most, np.int64), np.empty(most, np.int32)
        is_wanted = np.zeros(len(self._starts), bool)
        values = self._vocabulary.all_values()
        found = self._loops.find_numbers(
            self._words, values, self._starts, self._lengths, texts, is_wanted, place_bits, keys, codes
        )
        return keys[:found].copy(), codes[:found].copy()
