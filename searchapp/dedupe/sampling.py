"""What is kept of texts to find their copies by: sketches, and fingerprints."""

from __future__ import annotations

from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from searchapp.analysis.batch import TokenBatch
from searchapp.dedupe.judgement import ANCHOR_SHINGLES, LATE_START
from searchapp.dedupe.sampling_loops import HEADER, SEEN_WORDS, SELECTING_BITS, sample_texts
from searchapp.dedupe.sketches import limits, make_sketches, sampled
from searchapp.dedupe.words import SHINGLE_WORDS, TELLING_WORDS, Hashes, Vocabulary

FINGERPRINT_BITS: Final = 64 - SELECTING_BITS
FINGERPRINTS_LEAST: Final = 16
SHINGLES_PER_FINGERPRINT: Final = 16
"""Of a text's shingles one in 16 is a fingerprint, chosen by its hash, but 16 of them at least, or all. The choice is
nested: what a long text keeps of a shared passage, a short one keeps too."""
_BEGINNING: Final = LATE_START + ANCHOR_SHINGLES


class Samples(NamedTuple):
    """Of each text its sketch, as `sketches` writes it, and its fingerprints.

    These are the `FINGERPRINT_BITS` of some of the shingles; none for a body that is too short to compare.
    """

    sketches: list[bytes]
    fingerprints: list[Hashes]


def sample(tokens: TokenBatch, shingles: Hashes, vocabulary: Vocabulary) -> Samples:
    """Sample texts; `shingles` are of their words end to end."""
    words = np.diff(tokens.pointers)
    sketches = np.empty(2 * len(tokens.exact) + (HEADER + _BEGINNING) * len(words), "<u2")
    made = sample_texts.ready(sketches)
    if made is None:
        reaches = _reaches(tokens.pointers)[: len(shingles)]
        return Samples(_sketches(tokens, shingles, reaches, vocabulary), _fingerprints(tokens, shingles, reaches))
    prints = np.empty(len(shingles), np.uint64)
    sketch_ends, print_ends = np.zeros(len(words) + 1, np.int64), np.zeros(len(words) + 1, np.int64)
    made(
        shingles,
        tokens.exact,
        tokens.lemma,
        tokens.pointers,
        vocabulary.all_telling(),
        vocabulary.all_lemma_hashes(),
        limits(words),
        _print_limits(words),
        SHINGLE_WORDS,
        _BEGINNING,
        np.zeros(SEEN_WORDS, np.uint64),
        sketches,
        sketch_ends[1:],
        prints,
        print_ends[1:],
    )
    data = sketches[: sketch_ends[-1]].tobytes()
    return Samples(
        [data[start:end] for start, end in pairwise((2 * sketch_ends).tolist())],
        [prints[start:end] for start, end in pairwise(print_ends.tolist())],
    )


def _sketches(tokens: TokenBatch, shingles: Hashes, reaches: NDArray[np.bool_], vocabulary: Vocabulary) -> list[bytes]:
    words = np.diff(tokens.pointers)
    highest = np.repeat((limits(words) - 1).astype(np.uint16), words)
    owners = np.repeat(np.arange(len(words)), words)
    hashes = sampled(shingles)
    kept = np.flatnonzero((hashes <= highest[: len(hashes)]) & reaches)
    beginning = kept[kept < tokens.pointers.take(owners.take(kept)) + _BEGINNING]
    telling = np.flatnonzero(vocabulary.telling(tokens.exact))
    lemmas = sampled(vocabulary.lemma_hashes(tokens.exact.take(telling)))
    is_kept = lemmas <= highest.take(telling)
    kinds = (
        (owners.take(kept), hashes.take(kept)),
        (owners.take(telling[is_kept]), lemmas[is_kept]),
        (owners.take(beginning), hashes.take(beginning)),
    )
    return make_sketches(words, kinds)


def _fingerprints(tokens: TokenBatch, shingles: Hashes, reaches: NDArray[np.bool_]) -> list[Hashes]:
    """`reaches` says which shingles are of one text."""
    highest = np.repeat(_print_limits(np.diff(tokens.pointers)).astype(np.uint32), np.diff(tokens.pointers))
    selecting = shingles.astype(np.uint32) & np.uint32((1 << SELECTING_BITS) - 1)
    chosen = np.flatnonzero((selecting < highest[: len(shingles)]) & reaches)
    marks = np.searchsorted(chosen, tokens.pointers).tolist()
    fingerprints = shingles.take(chosen) >> np.uint64(SELECTING_BITS)
    return [fingerprints[start:end] for start, end in pairwise(marks)]


def _print_limits(words: NDArray[np.int64]) -> NDArray[np.int64]:
    """Below which of their lowest bits the shingles of texts with so many words are fingerprints."""
    counts = np.maximum(words - SHINGLE_WORDS + 1, 0)
    rates = np.maximum(1 / SHINGLES_PER_FINGERPRINT, FINGERPRINTS_LEAST / np.maximum(counts, 1))
    highest: NDArray[np.int64] = np.minimum(rates * (1 << SELECTING_BITS), 1 << SELECTING_BITS).astype(np.int64)
    highest[words < TELLING_WORDS] = 0
    return highest


def _reaches(pointers: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which words begin a shingle of their own text."""
    inside = np.ones(int(pointers[-1]), bool)
    for back in range(1, SHINGLE_WORDS):
        ends = pointers[1:] - back
        inside[ends[ends >= pointers[:-1]]] = False
    return inside
