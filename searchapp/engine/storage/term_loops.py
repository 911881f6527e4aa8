"""Terms as a segment stores them, and the hashes of light stems, word by word: see `vocabulary.py`, `light_hashes.py`.

`table` gives the checksum of each byte, then of each byte and one 0 behind it.
"""

from __future__ import annotations

import numpy as np

from searchapp.compiled import Bytes, Int64s, UInt32s, loop, part


@part
def checksum_with(checksum: np.int64, point: np.int64, table: UInt32s) -> np.int64:
    """The crc32 of some bytes and of a character behind them in UTF-8, both less what begins and ends it."""
    if point < 0x80:
        return np.int64(table[(checksum ^ point) & 0xFF]) ^ (checksum >> 8)
    if point < 0x800:
        first, second = 0xC0 | (point >> 6), 0x80 | (point & 0x3F)
        # Two bytes at once: so do nearly all terms have them (Kounavis and Berry, "Novel table lookup-based algorithms
        # for high-performance CRC generation").
        found = np.int64(table[0x100 + ((checksum ^ first) & 0xFF)])
        return found ^ np.int64(table[((checksum >> 8) ^ second) & 0xFF]) ^ (checksum >> 16)
    size = 3 if point < 0x10000 else 4
    for place in range(size):
        # The first byte says how many follow; each of these has six bits.
        byte = (point >> (6 * (size - 1 - place))) & 0x3F | 0x80
        if place == 0:
            byte = (0xF00 >> size) & 0xFF | (point >> (6 * (size - 1)))
        checksum = np.int64(table[(checksum ^ byte) & 0xFF]) ^ (checksum >> 8)
    return checksum


@part
def write_character(point: np.int64, text: Bytes, at: np.int64) -> np.int64:
    """Write a character in UTF-8; returns the place behind it."""
    if point < 0x80:
        text[at] = point
        return at + 1
    if point < 0x800:
        text[at], text[at + 1] = 0xC0 | (point >> 6), 0x80 | (point & 0x3F)
        return at + 2
    if point >= 0x10000:
        text[at] = 0xF0 | (point >> 18)
        at += 1
        text[at] = 0x80 | ((point >> 12) & 0x3F)
    else:
        text[at] = 0xE0 | (point >> 12)
    text[at + 1], text[at + 2] = 0x80 | ((point >> 6) & 0x3F), 0x80 | (point & 0x3F)
    return at + 3


@loop(writes=("text", "begins", "sizes", "hashes"))
def encode_terms(
    points: UInt32s, lengths: Int64s, order: Int64s, table: UInt32s, text: Bytes, begins: Int64s, sizes: Int64s,
    hashes: UInt32s,
) -> None:  # fmt: skip
    """Encode terms in UTF-8 and find the crc32 of each.

    They are gone through as they lie in memory, and written to where they belong: to wait for what is read takes long.

    Args:
        points: the terms' code points, end to end.
        lengths: of the terms.
        order: that sorts them.
        table: that of checksums.
        text: becomes the bytes, end to end in that order; of just as many.
        begins: become where each term's bytes begin.
        sizes: become the bytes of each term.
        hashes: become the checksums.
    """
    end = 0
    for term in range(len(lengths)):
        begin = end
        end += lengths[term]
        sizes[term] = lengths[term]
        for at in range(begin, end):
            sizes[term] += (points[at] >= 0x80) + (points[at] >= 0x800) + (points[at] >= 0x10000)
    at = 0
    for term in order:
        begins[term] = at
        at += sizes[term]
    end = 0
    for term in range(len(lengths)):
        begin = end
        end += lengths[term]
        checksum, place = np.int64(0xFFFFFFFF), begins[term]
        for at in range(begin, end):
            point = np.int64(points[at])
            checksum = checksum_with(checksum, point, table)
            place = write_character(point, text, place)
        hashes[term] = checksum ^ 0xFFFFFFFF


@loop(writes=("found",))
def find_hashes(
    points: UInt32s, lengths: Int64s, prefixes: UInt32s, prefix_bounds: Int64s, suffixes: UInt32s,
    suffix_bounds: Int64s, left: int, left_after_one: int, table: UInt32s, found: UInt32s,
) -> None:  # fmt: skip
    """Take the affixes off words and find the crc32 of what is left, in UTF-8.

    Args:
        points: the words' code points, end to end.
        lengths: of the words.
        prefixes: end to end, of which the first that fits is taken off.
        prefix_bounds: theirs.
        suffixes: end to end, of which each that fits is taken off.
        suffix_bounds: theirs.
        left: letters that must be left.
        left_after_one: letters that must be left after a prefix of one letter.
        table: that of checksums.
        found: becomes the checksums.
    """
    begin = 0
    for word in range(len(lengths)):
        start, end = begin, begin + lengths[word]
        begin = end
        for prefix in range(len(prefix_bounds) - 1):
            first = prefix_bounds[prefix]
            size = prefix_bounds[prefix + 1] - first
            fits = end - start >= size + (left_after_one if size == 1 else left)
            at = 0
            while fits and at < size:
                fits = points[start + at] == prefixes[first + at]
                at += 1
            if fits:
                start += size
                break
        for suffix in range(len(suffix_bounds) - 1):
            first = suffix_bounds[suffix]
            size = suffix_bounds[suffix + 1] - first
            fits = end - start >= size + left
            at = 0
            while fits and at < size:
                fits = points[end - size + at] == suffixes[first + at]
                at += 1
            if fits:
                end -= size
        checksum = np.int64(0xFFFFFFFF)
        for at in range(start, end):
            checksum = checksum_with(checksum, np.int64(points[at]), table)
        found[word] = checksum ^ 0xFFFFFFFF
