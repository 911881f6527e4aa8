"""How shorter texts lie in longer ones: the passages that they share, and what stands in their place between."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from searchapp.dedupe.textset import HASH, Pairs, Places, TextSet, at_place, is_first, ranges
from searchapp.dedupe.words import SHINGLE_WORDS

REPLACED_WORDS: Final = 40
"""Two passages in the same place that are both shorter than this are taken for one put in the other's place."""


class Overlap(NamedTuple):
    """Which distinct shingles of the shorter text the longer has, pair by pair.

    `found` has for each of them its key in the longer text, or -1; `starts` says where a pair's begin; `shared` and
    `counts` are how many were found, and how many there are.
    """

    found: Places
    starts: Places
    shared: Places
    counts: Places


class Gaps(NamedTuple):
    """Words of shorter texts that are in no shared passage, and what the longer has there, in the order of `pair`.

    `end_long` is below `start_long` where the passages around stand in another order in the longer text.
    """

    pair: Places
    start_short: Places
    end_short: Places
    start_long: Places
    end_long: Places

    def replacements(self) -> Gaps:
        """Those where a short passage stands in the place of another."""
        short, long = self.end_short - self.start_short, self.end_long - self.start_long
        kept = (short > 0) & (short <= REPLACED_WORDS) & (long > 0) & (long <= REPLACED_WORDS)
        return self.take(np.flatnonzero(kept))

    def take(self, which: Places) -> Gaps:
        """Some of them."""
        return Gaps(*(column.take(which) for column in self))


class _Blocks(NamedTuple):
    """Shared passages: from `begin` to before `end` in the shorter text, and so much further on in the longer."""

    pair: Places
    begin: Places
    end: Places
    shift: Places


def overlap(texts: TextSet, pairs: Pairs) -> Overlap:
    """What pairs share, whatever the order."""
    counts = texts.key_counts.take(pairs.short)
    owners = np.repeat(np.arange(len(pairs)), counts)
    wanted = texts.keys.take(ranges(texts.key_starts.take(pairs.short), counts))
    found = texts.find(pairs.long.take(owners), wanted & HASH)
    shared = np.bincount(owners[found >= 0], minlength=len(pairs))
    return Overlap(found, np.cumsum(counts) - counts, shared, counts)


def align(texts: TextSet, pairs: Pairs, shared: Overlap, which: Places) -> Gaps:
    """The gaps between the shared passages of some of the pairs that `shared` is of; `Gaps.pair` counts these.

    A shingle that the longer text has more than once counts where the passage goes on, else where it stands first.
    """
    if not len(which):
        return Gaps(*(np.empty(0, np.int64) for _ in range(5)))
    pairs = pairs.take(which)
    counts = texts.counts.take(pairs.short)
    flat = ranges(texts.starts.take(pairs.short), counts)
    moved = shared.starts.take(which) - texts.key_starts.take(pairs.short)
    found = shared.found.take(texts.key_of.take(flat) + np.repeat(moved, counts))
    at = np.flatnonzero(found >= 0)
    found = found.take(at)
    pair = np.repeat(np.arange(len(pairs)), counts).take(at)
    place = flat.take(at) - texts.starts.take(pairs.short.take(pair))
    shift = texts.firsts.take(found) - place
    _go_on(texts, pairs, np.flatnonzero(texts.repeats.take(found) > 1), pair, place, shift)
    lengths = texts.lengths.take(pairs.short), texts.lengths.take(pairs.long)
    return _between(_blocks(pair, place, shift), *lengths)


def _go_on(texts: TextSet, pairs: Pairs, repeated: Places, pair: Places, place: Places, shift: Places) -> None:
    """Let repeated shingles lie as far off as what comes before them, where they stand there too."""
    is_repeated = np.zeros(len(pair) + 1, bool)
    is_repeated[repeated] = True
    # Where one lies as far off as the one before it, there is nothing to do until that one is moved.
    expected = np.where(is_first(pair), 0, np.roll(shift, 1))
    for which in repeated[shift.take(repeated) != expected.take(repeated)].tolist():
        while is_repeated[which] and _goes_on(texts, pairs, which, pair, place, shift):
            which += 1  # noqa: PLW2901 - on to the one that follows


def _goes_on(texts: TextSet, pairs: Pairs, which: int, pair: Places, place: Places, shift: Places) -> bool:
    """Move one repeated shingle, if it must be moved and stands there; whether it was moved."""
    each, here = int(pair[which]), int(place[which])
    before = int(shift[which - 1]) if which and pair[which - 1] == each else 0
    short, long = int(pairs.short[each]), int(pairs.long[each])
    there = here + before
    if before == shift[which] or not 0 <= there < texts.counts[long]:
        return False
    if texts.hashes[texts.starts[long] + there] != texts.hashes[texts.starts[short] + here]:
        return False
    shift[which] = before
    return True


def _blocks(pair: Places, place: Places, shift: Places) -> _Blocks:
    """Passages as long as they go, each without what the one before it has already."""
    is_break = np.ones(len(pair), bool)
    is_break[1:] = (pair[1:] != pair[:-1]) | (place[1:] - place[:-1] > SHINGLE_WORDS) | (shift[1:] != shift[:-1])
    heads = np.flatnonzero(is_break)
    ends = place.take(np.append(heads[1:], len(place)) - 1) + SHINGLE_WORDS
    begins, owners = place.take(heads), pair.take(heads)
    same = owners[1:] == owners[:-1]
    begins[1:][same] = np.maximum(begins[1:], ends[:-1])[same]
    return _Blocks(owners, begins, ends, shift.take(heads))


def _between(blocks: _Blocks, short: Places, long: Places) -> Gaps:
    """What lies before, between and after passages, where either text has words there; the texts have so many words."""
    count = len(short)
    at = np.arange(len(blocks.pair)) + blocks.pair
    last = np.cumsum(np.bincount(blocks.pair, minlength=count) + 1) - 1
    pair, end_short, end_long, next_short, next_long = (np.empty(len(at) + count, np.int64) for _ in range(5))
    pair[at], pair[last] = blocks.pair, np.arange(count)
    end_short[at], end_short[last] = blocks.begin, short
    end_long[at], end_long[last] = blocks.begin + blocks.shift, long
    next_short[at], next_short[last] = blocks.end, 0
    next_long[at], next_long[last] = blocks.end + blocks.shift, 0
    # What follows a text's last words is the beginning of the next pair.
    start_short, start_long = np.roll(next_short, 1), np.roll(next_long, 1)
    kept = np.flatnonzero((end_short > start_short) | (end_long != start_long))
    return Gaps(pair, start_short, end_short, start_long, end_long).take(kept)


def begins_alike(texts: TextSet, pairs: Pairs, shingles: int, in_a_row: int) -> NDArray[np.bool_]:
    """Whether, among so many shingles at the longer text's beginning, some in a row are the shorter's too."""
    counts = np.minimum(texts.counts.take(pairs.long), shingles)
    owners = np.repeat(np.arange(len(pairs)), counts)
    flat = ranges(texts.starts.take(pairs.long), counts)
    is_shared = texts.find(pairs.short.take(owners), texts.hashes.take(flat)) >= 0
    runs = is_shared.copy()
    for back in range(1, in_a_row):
        runs[back:] &= is_shared[:-back] & (owners[back:] == owners[:-back])
        runs[:back] = False
    return np.bincount(owners[runs], minlength=len(pairs)) > 0


def within(keys: Places, owners: Places, starts: Places, ends: Places) -> tuple[Places, Places]:
    """Where, among sorted `at_place` keys, those of each owner from `starts` to before `ends` begin and end."""
    return np.searchsorted(keys, at_place(owners, starts)), np.searchsorted(keys, at_place(owners, ends))
