"""What `alignment` and `names` find of pairs of texts, found by compiled loops where the process takes these."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from searchapp.dedupe.pair_loops import begin_alike, count_shared, fill_tables, find_gaps, find_own_words

Places = NDArray[np.int64]
Words = NDArray[np.int32]

_LOOPS: Final = (fill_tables, count_shared, begin_alike, find_gaps, find_own_words)


class PairLoops(NamedTuple):
    """The compiled loops of `pair_loops`."""

    fill_tables: Callable[..., int]
    count_shared: Callable[..., int]
    begin_alike: Callable[..., int]
    find_gaps: Callable[..., int]
    find_own_words: Callable[..., int]


def pair_loops() -> PairLoops | None:
    """All of them, or None where one of them is not to be had, or not yet."""
    ready: list[Any] = [each.ready() for each in _LOOPS]
    return None if None in ready else PairLoops(*ready)


class PairTables:
    """Texts end to end, and a table of the shingles of each.

    `shingles` are the hashes of all, in the place of their first words; `starts` says where a text's words begin,
    `lengths` how many it has, `counts` how many shingles. `distinct` is how many different ones.
    """

    def __init__(
        self, loops: PairLoops, shingles: NDArray[np.uint64], starts: Places, lengths: Places, counts: Places
    ) -> None:
        self._loops = loops
        self._shingles, self._starts, self._lengths, self._counts = shingles, starts, lengths, counts
        sizes = np.where(counts > 0, 2 << np.ceil(np.log2(np.maximum(counts, 1))).astype(np.int64), 0)
        self._table_starts = np.concatenate([[0], np.cumsum(sizes)])
        self._table = np.zeros(int(self._table_starts[-1]), np.int32)
        self._is_first, self._is_repeated = np.empty(len(shingles), bool), np.empty(len(shingles), bool)
        self.distinct = np.empty(len(starts), np.int64)
        loops.fill_tables(*self._tables, self._is_first, self._is_repeated, self.distinct)

    @property
    def _tables(self) -> tuple[NDArray[np.uint64], Places, Places, Places, Words]:
        return self._shingles, self._starts, self._counts, self._table_starts, self._table

    def shared(self, short: Places, long: Places) -> Places:
        """How many distinct shingles of the shorter text of each pair the longer has."""
        shared = np.empty(len(short), np.int64)
        self._loops.count_shared(*self._tables, self._is_first, short, long, shared)
        return shared

    def begin_alike(self, short: Places, long: Places, shingles: int, in_a_row: int) -> NDArray[np.bool_]:
        """As `alignment.begins_alike`."""
        alike = np.empty(len(short), bool)
        self._loops.begin_alike(*self._tables, short, long, shingles, in_a_row, alike)
        return alike

    def gaps(self, short: Places, long: Places) -> list[Places]:
        """The columns of `alignment.Gaps`."""
        most = int(self._counts.take(short).sum()) + len(short)
        columns = [np.empty(most, np.int64) for _ in range(5)]
        shingles, starts, counts, *tables = self._tables
        found = self._loops.find_gaps(
            shingles, starts, counts, self._lengths, *tables, self._is_repeated, short, long, *columns
        )
        return [column[:found].copy() for column in columns]

    def own_words(
        self, lemmas: Words, telling: NDArray[np.bool_], mine: Places, theirs: Places, marks: Words, first_mark: int
    ) -> tuple[Places, Places, Places, Places]:
        """Pair and place of each content word of the one text that the other lacks; how many of how many.

        `marks` are as `Vocabulary.marks` gives them.
        """
        most = int(self._lengths.take(mine).sum())
        pair, place = np.empty(most, np.int64), np.empty(most, np.int64)
        counts, content = np.empty(len(mine), np.int64), np.empty(len(mine), np.int64)
        found = self._loops.find_own_words(
            lemmas, telling, self._starts, self._lengths, mine, theirs, marks, first_mark, pair, place, counts, content
        )
        return pair[:found].copy(), place[:found].copy(), counts, content
