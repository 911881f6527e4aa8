"""Choosing the hashes that sketches and fingerprints keep of texts, in one compiled pass (`searchapp.compiled`)."""

from __future__ import annotations

from typing import Final

import numpy as np

from searchapp.compiled import Flags, Int32s, Int64s, UInt64s, Varying, loop, part

SAMPLE_SHIFT: Final = np.uint64(16)
"""The bits of a hash above these choose what a sketch keeps, and 16 of them are kept."""
SAMPLE_MASK: Final = np.uint64((1 << 16) - 1)
SELECTING_BITS: Final = 28
"""By so many low bits of its hash a shingle is chosen as a fingerprint; the others are the fingerprint."""
HEADER: Final = 6
"""16-bit numbers before a sketch's hashes: three of twice as many bits."""
_HASH_WORDS: Final = 1 << 10
"""64-bit words that say which hashes of 16 bits are there."""
SEEN_WORDS: Final = _HASH_WORDS + (_HASH_WORDS >> 6)
"""With those behind them that say which of these are not empty."""

_SELECTING: Final = np.uint64((1 << SELECTING_BITS) - 1)
_SELECTING_SHIFT: Final = np.uint64(SELECTING_BITS)
_ONE: Final = np.uint64(1)
_WORD_BITS: Final = np.uint64(6)
_BIT: Final = np.uint64(63)
_DE_BRUIJN: Final = np.uint64(0x03F79D71B4CB0A89)
"""Each power of two times it has other bits at the top, by which is told which power it was."""
_BIT_SHIFT: Final = np.uint64(58)
_BIT_OF: Final = np.array(
    [at for _, at in sorted((((int(_DE_BRUIJN) << at) & (1 << 64) - 1) >> int(_BIT_SHIFT), at) for at in range(64))],
    np.int64,
)
_HALF: Final = 16
_HALF_MASK: Final = (1 << 16) - 1


@part
def _note(seen: UInt64s, sample: np.uint64, is_kept: np.uint64) -> None:
    """Note that a hash was seen, or, where `is_kept` is 0 and not 1, nothing."""
    word = sample >> _WORD_BITS
    seen[word] |= is_kept << (sample & _BIT)
    seen[np.uint64(_HASH_WORDS) + (word >> _WORD_BITS)] |= is_kept << (word & _BIT)


@part
def _write_out(seen: UInt64s, sketches: Varying, at: int) -> int:
    """Write the hashes that were seen, in order, and forget them; where what follows them begins."""
    for group in range(_HASH_WORDS >> 6):
        words = seen[_HASH_WORDS + group]
        seen[_HASH_WORDS + group] = 0
        while words != 0:
            lowest_word = words & (~words + _ONE)
            words ^= lowest_word
            word = 64 * group + _BIT_OF[(lowest_word * _DE_BRUIJN) >> _BIT_SHIFT]
            left = seen[word]
            seen[word] = 0
            while left != 0:
                lowest = left & (~left + _ONE)
                sketches[at] = 64 * word + _BIT_OF[(lowest * _DE_BRUIJN) >> _BIT_SHIFT]
                at += 1
                left ^= lowest
    return at


@loop(writes=("seen", "sketches", "sketch_ends", "prints", "print_ends"), usual=(("u2",),))
def sample_texts(
    shingles: UInt64s,
    words: Int32s,
    lemmas: Int32s,
    pointers: Int64s,
    telling: Flags,
    lemma_hashes: UInt64s,
    limits: Int64s,
    print_limits: Int64s,
    shingle_words: int,
    beginning: int,
    seen: UInt64s,
    sketches: Varying,
    sketch_ends: Int64s,
    prints: UInt64s,
    print_ends: Int64s,
) -> int:
    """Write the sketch of each text as `sketches.make_sketches` does, and its fingerprints as they come.

    `telling` is by word, `lemma_hashes` by lemma; `limits` and `print_limits` are what a text's samples and the
    selecting bits of its fingerprints must be below. Of so many shingles at its `beginning` the sample is kept twice.
    `seen` must be `SEEN_WORDS` of 0. Returns how many fingerprints there are.
    """
    at = found = 0
    for text in range(len(pointers) - 1):
        begin, end = pointers[text], pointers[text + 1]
        limit, print_limit = np.uint64(limits[text]), np.uint64(print_limits[text])
        head = at
        last = end - shingle_words + 1
        for place in range(begin, last):
            # No jumps, which nobody could foretell: what is not wanted is written as nothing, or written over.
            sample = (shingles[place] >> SAMPLE_SHIFT) & SAMPLE_MASK
            _note(seen, sample, np.uint64(sample < limit))
            prints[found] = shingles[place] >> _SELECTING_SHIFT
            found += (shingles[place] & _SELECTING) < print_limit
        of_shingles = _write_out(seen, sketches, head + HEADER)
        for place in range(begin, end):
            sample = (lemma_hashes[lemmas[place]] >> SAMPLE_SHIFT) & SAMPLE_MASK
            _note(seen, sample, np.uint64(telling[words[place]] & (sample < limit)))
        of_lemmas = _write_out(seen, sketches, of_shingles)
        for place in range(begin, min(begin + beginning, last)):
            sample = (shingles[place] >> SAMPLE_SHIFT) & SAMPLE_MASK
            _note(seen, sample, np.uint64(sample < limit))
        at = _write_out(seen, sketches, of_lemmas)
        for field, count in enumerate((end - begin, of_shingles - head - HEADER, of_lemmas - of_shingles)):
            sketches[head + 2 * field] = count & _HALF_MASK
            sketches[head + 2 * field + 1] = count >> _HALF
        sketch_ends[text], print_ends[text] = at, found
    return found
