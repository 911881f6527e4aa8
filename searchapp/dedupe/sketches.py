"""A sample of each text, small enough to be kept, that tells of most pairs that they are no copies.

A sketch holds the shingles and the lemmas of content words whose hash is below a limit: a quarter of them, or of a
short text more. The choice is nested: what a short text keeps, a longer one keeps only if its hash is below the
longer one's lower limit; so below that limit both have all, and the shares of it are those of the whole texts, but
for chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

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
from searchapp.dedupe.textset import Places, ranges

Samples = NDArray[np.uint32]
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

_HASH_BITS: Final = 32
_HASH: Final = (1 << _HASH_BITS) - 1
_HEADER: Final = 3


@dataclass(frozen=True, slots=True)
class Sketch:
    """One text's sample: the number of its words, and the hashes, sorted and each once.

    `beginning` are those of the shingles with which the text begins.
    """

    words: int
    shingles: Samples
    lemmas: Samples
    beginning: Samples

    def to_bytes(self) -> bytes:
        """As the archive keeps it."""
        header = np.array([self.words, len(self.shingles), len(self.lemmas)], "<u4")
        parts = [header, self.shingles, self.lemmas, self.beginning]
        return np.concatenate(parts).astype("<u4", copy=False).tobytes()

    @staticmethod
    def from_bytes(data: bytes) -> Sketch:
        """The inverse of `to_bytes`."""
        numbers = np.frombuffer(data, "<u4")
        words, shingles, lemmas = numbers[:_HEADER].tolist()
        begin = _HEADER + shingles
        return Sketch(words, numbers[_HEADER:begin], numbers[begin : begin + lemmas], numbers[begin + lemmas :])


def limits(words: Places) -> Limits:
    """Below which hash a text of so many words keeps its shingles and lemmas."""
    rates = np.maximum(RATE, np.minimum(LEAST_KEPT / np.maximum(words, 1), 1.0))
    return (rates * (1 << _HASH_BITS)).astype(np.int64)


def sample(owners: Places, hashes: NDArray[np.uint64], words: Places) -> list[Samples]:
    """The hashes that each text keeps, out of hashes with the text of each; `words` are the texts' lengths."""
    low = hashes & np.uint64(_HASH)
    kept = np.flatnonzero(low.view(np.int64) < limits(words).take(owners))
    packed = (owners.take(kept).astype(np.uint64) << np.uint64(_HASH_BITS)) | low.take(kept)
    packed.sort()  # np.unique hashes, which takes ten times as long
    is_new = np.ones(len(packed), bool)
    is_new[1:] = packed[1:] != packed[:-1]
    packed = packed[is_new]
    bounds = np.searchsorted(packed, np.arange(len(words) + 1, dtype=np.uint64) << np.uint64(_HASH_BITS)).tolist()
    values = packed.astype(np.uint32)
    return [values[start:end] for start, end in pairwise(bounds)]


def likeness(sketches: Sequence[Sketch], pairs: Places) -> Shares:
    """The containment that the sketches of each pair (P × 2) speak for; below 0 where they speak against a copy."""
    if not len(pairs):
        return np.empty(0)
    words = np.array([sketch.words for sketch in sketches], np.int64)
    one, other = pairs.T
    swap = words.take(one) > words.take(other)
    short, long = np.where(swap, other, one), np.where(swap, one, other)
    shingles = _Samples([each.shingles for each in sketches])
    shared, counts = shingles.shared(shingles, short, long, limits(words.take(long)))
    containment = shared / np.maximum(counts, 1)
    most = containment + _error(containment, counts)
    left = np.flatnonzero((most >= LEAST_CONTAINMENT) & (words.take(short) >= LEAST_WORDS))
    short, long = short.take(left), long.take(left)
    against = _speaks_against(sketches, shingles, words, (short, long), most.take(left))
    found = np.full(len(pairs), -1.0)
    found[left[~against]] = containment[left[~against]]
    return found


def _speaks_against(
    sketches: Sequence[Sketch], shingles: _Samples, words: Places, pairs: tuple[Places, Places], most: Shares
) -> NDArray[np.bool_]:
    """Whether too many lemmas are the shorter text's own, or the longer one begins with something else.

    `most` is the containment that each pair has at most.
    """
    short, long = pairs
    limit = limits(words.take(long))
    lemmas = _Samples([each.lemmas for each in sketches])
    found, telling = lemmas.shared(lemmas, short, long, limit)
    own = 1 - found / np.maximum(telling, 1)
    allowed = np.minimum((most - REWORDING_FREE) * REWORDING_SLOPE, REWORDING_MOST)
    begins, begun = _Samples([each.beginning for each in sketches]).shared(shingles, long, short, limit)
    longer = words.take(long) > LONGER_BY * words.take(short)
    against: NDArray[np.bool_] = longer & (begins == 0) & (begun >= BEGINNING_LEAST)
    against |= own - _error(own, telling) > allowed
    return against


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


class _Samples:
    """One kind of hashes of many sketches, end to end: each with its sketch's number before it, in order."""

    def __init__(self, samples: Sequence[Samples]) -> None:
        counts = np.array([len(each) for each in samples], np.int64)
        self._starts = np.cumsum(counts) - counts
        owners = np.repeat(np.arange(len(samples)), counts)
        self._keys = (owners << _HASH_BITS) | np.concatenate(samples).astype(np.int64)

    def shared(self, others: _Samples, mine: Places, theirs: Places, limit: Limits) -> tuple[Places, Places]:
        """How many hashes below a limit of one sketch the other has too, and how many there are, pair by pair."""
        starts = self._starts.take(mine)
        below = np.searchsorted(self._keys, (mine << _HASH_BITS) | np.minimum(limit, _HASH)) - starts
        pair = np.repeat(np.arange(len(mine)), below)
        wanted = self._keys.take(ranges(starts, below)) & _HASH
        wanted |= theirs.take(pair) << _HASH_BITS
        if not len(others._keys):
            return np.zeros_like(below), below
        found = others._keys.take(np.searchsorted(others._keys, wanted), mode="clip") == wanted
        return np.bincount(pair[found], minlength=len(mine)), below
