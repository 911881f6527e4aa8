"""A sample of each text, small enough to be kept, that tells of most pairs that they are no copies.

A sketch holds the shingles and the lemmas of content words whose hash is below a limit: a quarter of them, or of a
short text more. The choice is nested: what a short text keeps, a longer one keeps only if its hash is below the
longer one's lower limit; so below that limit both have all, and the shares of it are those of the whole texts, but
for chance.

Of a hash 16 bits are kept. By chance, one in 250 of another text's hashes is among those of a text of 270 words, which
makes texts look a little more alike than they are; that costs a judgement now and then, and loses no copy.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from searchapp.dedupe.judgement import (
    LEAST_CONTAINMENT,
    LEAST_WORDS,
    LONGER_BY,
    REWORDING_FREE,
    REWORDING_MOST,
    REWORDING_SLOPE,
)
from searchapp.dedupe.sampling_loops import HEADER, SAMPLE_SHIFT
from searchapp.dedupe.sketch_loops import SEEN_WORDS, count_below, count_both
from searchapp.dedupe.textset import Places, is_first, ranges

Samples = NDArray[np.uint16]
Limits = NDArray[np.int64]
Shares = NDArray[np.float64]

RATE: Final = 1 / 4
LEAST_KEPT: Final = 64
"""Of this many words on average the shingles and lemmas are kept at least."""
BEGINNING_LEAST: Final = 8
"""Of a longer text so many hashes of its beginning must be known to say that a shorter one has nothing of it."""
DEVIATIONS: Final = 1.0
"""Standard deviations by which a share of the sample is taken to err. More would cost a judgement of many pairs that
are none, for copies of which nearly all are less than half alike: with 1.3 of them, 0.2 % more articles are folded."""

HASH_BITS: Final = 16
"""Of the bits that choose, the highest."""
_KIND_BITS: Final = 2
_ROWS: Final = 16
"""Sketches that are spread out at once, a byte for each possible hash: together they fit into a processor's cache."""


def sampled(hashes: NDArray[np.uint64]) -> Samples:
    """The part of hashes by which they are chosen, and of which is kept what is chosen."""
    return (hashes >> SAMPLE_SHIFT).astype(np.uint16)


def limits(words: Places) -> Limits:
    """Below which hash a text of so many words keeps its shingles and lemmas."""
    rates = np.maximum(RATE, np.minimum(LEAST_KEPT / np.maximum(words, 1), 1.0))
    return (rates * (1 << HASH_BITS)).astype(np.int64)


def make_sketches(words: Places, kinds: Sequence[tuple[Places, Samples]]) -> list[bytes]:
    """The sketches of texts with so many words, as the archive keeps them.

    `kinds` are the shingles, the lemmas and the shingles at the beginning that are kept, each hash with its text.
    """
    packed = np.concatenate(
        [((owners << _KIND_BITS | kind) << HASH_BITS) | hashes for kind, (owners, hashes) in enumerate(kinds)]
    )
    packed.sort()
    packed = packed[is_first(packed)]
    groups = packed >> HASH_BITS
    counts = np.bincount(groups, minlength=len(words) << _KIND_BITS).reshape(-1, 1 << _KIND_BITS)
    flat = np.empty(len(packed) + HEADER * len(words), "<u2")
    flat[np.arange(len(packed)) + HEADER * ((groups >> _KIND_BITS) + 1)] = packed & ((1 << HASH_BITS) - 1)
    sizes = counts.sum(axis=1) + HEADER
    starts = np.cumsum(sizes) - sizes
    header = np.stack([words, counts[:, 0], counts[:, 1]], axis=1).astype("<u4")
    flat[starts[:, np.newaxis] + np.arange(HEADER)] = header.view("<u2")
    data = flat.tobytes()
    return [data[start:end] for start, end in pairwise([*(starts * 2).tolist(), len(data)])]


class _Part(NamedTuple):
    """Where one kind of hashes begins in each sketch, and how many there are."""

    starts: Places
    counts: Places


class SketchSet:
    """Sketches end to end, as the archive keeps them, so that one pass over arrays compares all their pairs."""

    def __init__(self, data: NDArray[np.uint8], starts: Places, sizes: Places) -> None:
        """`starts` says where in the data a sketch begins, `sizes` how many bytes it has."""
        starts, sizes = starts >> 1, sizes >> 1
        self._hashes = data.view("<u2")
        header = self._hashes.take(starts[:, np.newaxis] + np.arange(HEADER)).view("<u4").astype(np.int64)
        self.words, shingles, lemmas = np.ascontiguousarray(header.T)
        starts = starts + HEADER
        self._shingles = _Part(starts, shingles)
        self._lemmas = _Part(starts + shingles, lemmas)
        self._beginning = _Part(starts + shingles + lemmas, sizes - HEADER - shingles - lemmas)

    @cached_property
    def _table(self) -> NDArray[np.bool_]:
        return np.zeros(_ROWS << HASH_BITS, bool)

    def likeness(self, pairs: Places) -> Shares:
        """The containment that each pair (P × 2) speaks for; below 0 where it speaks against a copy."""
        one, other = pairs.T
        swap = self.words.take(one) > self.words.take(other)
        short, long = np.where(swap, other, one), np.where(swap, one, other)
        limit = limits(self.words.take(long))
        counts = self._below(self._shingles, short, limit)
        containment = self._shared(self._shingles, self._shingles, pairs, limit) / np.maximum(counts, 1)
        most = containment + _error(containment, counts)
        left = np.flatnonzero((most >= LEAST_CONTAINMENT) & (self.words.take(short) >= LEAST_WORDS))
        left = left[~self._is_reworded(pairs[left], short.take(left), limit.take(left), most.take(left))]
        left = left[~self._begins_otherwise(pairs[left], long.take(left), limit.take(left))]
        found = np.full(len(pairs), -1.0)
        found[left] = containment.take(left)
        return found

    def _is_reworded(self, pairs: Places, short: Places, limit: Limits, most: Shares) -> NDArray[np.bool_]:
        """Whether too many lemmas are the shorter text's own; `most` is the containment that a pair has at most."""
        telling = self._below(self._lemmas, short, limit)
        own = 1 - self._shared(self._lemmas, self._lemmas, pairs, limit) / np.maximum(telling, 1)
        allowed = np.minimum((most - REWORDING_FREE) * REWORDING_SLOPE, REWORDING_MOST)
        reworded: NDArray[np.bool_] = own - _error(own, telling) > allowed
        return reworded

    def _begins_otherwise(self, pairs: Places, long: Places, limit: Limits) -> NDArray[np.bool_]:
        """Whether the shorter text has nothing of what a much longer one begins with."""
        words = self.words.take(pairs)
        begun = self._below(self._beginning, long, limit)
        otherwise: NDArray[np.bool_] = (words.max(axis=1) > LONGER_BY * words.min(axis=1)) & (begun >= BEGINNING_LEAST)
        for kinds, at_first in (((self._beginning, self._shingles), True), ((self._shingles, self._beginning), False)):
            which = np.flatnonzero(otherwise & ((pairs[:, 0] == long) == at_first))
            otherwise[which] = self._shared(*kinds, pairs[which], limit.take(which)) == 0
        return otherwise

    def _below(self, part: _Part, which: Places, limit: Limits) -> Places:
        """How many hashes of sketches are below a limit each, by bisection: they are in order."""
        if (made := count_below.ready(self._hashes)) is not None:
            below = np.empty(len(which), np.int64)
            made(self._hashes, *part, which, limit, below)
            return below
        low, high = np.zeros_like(which), part.counts.take(which)
        starts = part.starts.take(which)
        for _ in range(int(high.max(initial=0)).bit_length()):
            middle = (low + high) >> 1
            is_below = (self._hashes.take(starts + middle, mode="clip") < limit) & (middle < high)
            low, high = np.where(is_below, middle + 1, low), np.where(is_below, high, middle)
        return low

    def _shared(self, mine: _Part, theirs: _Part, pairs: Places, limit: Limits) -> Places:
        """How many hashes below a limit the first sketch of each pair has in one part and the second in another.

        The first ones are spread out over a table, in which those of the second ones are looked up; a compiled loop
        does so with one of the first at a time.
        """
        if (made := count_both.ready(self._hashes)) is not None:
            one, other = np.ascontiguousarray(pairs.T)
            both = np.empty(len(pairs), np.int64)
            made(self._hashes, *mine, *theirs, one, other, limit, np.zeros(SEEN_WORDS, np.uint64), both)
            return both
        shared = np.zeros(len(pairs), np.int64)
        firsts, row = np.unique(pairs[:, 0], return_inverse=True)
        order = np.argsort(row, kind="stable")
        bounds = np.searchsorted(row.take(order), np.arange(0, len(firsts) + _ROWS, _ROWS))
        for first, (start, end) in zip(range(0, len(firsts), _ROWS), pairwise(bounds.tolist()), strict=True):
            some = firsts[first : first + _ROWS]
            hashes, counts = self._of(mine, some)
            spread = np.repeat(np.arange(len(some)) << HASH_BITS, counts) | hashes
            self._table[spread] = True
            which = order[start:end]
            hashes, counts = self._of(theirs, pairs[which, 1])
            is_found = self._table.take(np.repeat((row.take(which) - first) << HASH_BITS, counts) | hashes)
            is_found &= hashes < np.repeat(limit.take(which), counts)
            shared[which] = _sums(is_found, counts)
            self._table[spread] = False
        return shared

    def _of(self, part: _Part, which: Places) -> tuple[Samples, Places]:
        """The hashes of some sketches end to end, and how many each has."""
        counts = part.counts.take(which)
        return self._hashes.take(ranges(part.starts.take(which), counts)), counts


def _sums(is_found: NDArray[np.bool_], counts: Places) -> Places:
    """How many are found in each part, which are so many long."""
    found = np.zeros(len(is_found) + 1, np.int64)
    np.cumsum(is_found, out=found[1:])
    ends = np.cumsum(counts)
    sums: Places = found.take(ends) - found.take(ends - counts)
    return sums


def resemblance(containment: Shares, words: Places) -> Shares:
    """The Jaccard index that follows from the containment of pairs of texts with so many words (P × 2)."""
    shared = containment * words.min(axis=1)
    index: Shares = shared / np.maximum(words.sum(axis=1) - shared, 1)
    return index


def _error(share: Shares, counts: Places) -> Shares:
    """How far a share of so many may be from the true one; of a share near 0 or 1 a bit further than it looks."""
    smoothed = (share * counts + 1) / (counts + 2)
    error: Shares = DEVIATIONS * np.sqrt(smoothed * (1 - smoothed) / np.maximum(counts, 1))
    return error
