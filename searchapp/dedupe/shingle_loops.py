"""Hashes of words and of five words in a row, in one pass each (`searchapp.compiled`)."""

from __future__ import annotations

from typing import Final

import numpy as np

from searchapp.compiled import Int32s, UInt64s, loop

MULTIPLIERS: Final = np.array(
    [0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x27D4EB2F165667C5, 0x85EBCA77C2B2AE63], np.uint64
)
"""One for each word of a shingle, so that their order matters."""
MIXER: Final = np.uint64(0xD6E8FEB86659FD93)
FIRST_SHIFT: Final = np.uint64(32)
LAST_SHIFT: Final = np.uint64(29)

_1, _2, _3, _4, _5 = (np.uint64(multiplier) for multiplier in MULTIPLIERS.tolist())


@loop(writes=("hashes", "shingles"))
def hash_words(words: Int32s, hash_of: UInt64s, hashes: UInt64s, shingles: UInt64s) -> int:
    """Write the hash of each word, and of each word with the four that follow, as `words.shingles` does.

    `hash_of` is the hash of each word of the vocabulary. Returns the number of shingles.
    """
    first = second = third = fourth = np.uint64(0)
    for at in range(len(words)):
        fifth = hash_of[words[at]]
        hashes[at] = fifth
        if at >= 4:
            mixed = first * _1 + second * _2 + third * _3 + fourth * _4 + fifth * _5
            mixed ^= mixed >> FIRST_SHIFT
            mixed *= MIXER
            mixed ^= mixed >> LAST_SHIFT
            shingles[at - 4] = mixed
        first, second, third, fourth = second, third, fourth, fifth
    return len(words) - 4


@loop(writes=("shingles",))
def hash_numbers(words: Int32s, shingles: UInt64s) -> int:
    """Write the hash of the number of each word and of the four that follow, as `words.shingles_of_numbers` does.

    Returns the number of shingles.
    """
    # The mixing stands here once more: as a part that both loops call, it takes four times as long.
    first = second = third = fourth = np.uint64(0)
    for at in range(len(words)):
        fifth = np.uint64(words[at]) * MIXER
        fifth ^= fifth >> FIRST_SHIFT
        if at >= 4:
            mixed = first * _1 + second * _2 + third * _3 + fourth * _4 + fifth * _5
            mixed ^= mixed >> FIRST_SHIFT
            mixed *= MIXER
            mixed ^= mixed >> LAST_SHIFT
            shingles[at - 4] = mixed
        first, second, third, fourth = second, third, fourth, fifth
    return len(words) - 4
