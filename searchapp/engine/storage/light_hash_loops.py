"""The hashes of light stems, word by word, as a compiled loop: see `light_hashes.py`."""

from __future__ import annotations

import numpy as np

from searchapp.compiled import Int64s, UInt32s, loop


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
        table: byte → checksum.
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
            point = np.int64(points[at])
            size = 1 + (point >= 0x80) + (point >= 0x800) + (point >= 0x10000)
            for place in range(size):
                # The first byte says how many follow; each of these has six bits.
                byte = (point >> (6 * (size - 1 - place))) & 0x3F | 0x80
                if place == 0:
                    byte = point if size == 1 else (0xF00 >> size) & 0xFF | (point >> (6 * (size - 1)))
                checksum = np.int64(table[(checksum ^ byte) & 0xFF]) ^ (checksum >> 8)
        found[word] = checksum ^ 0xFFFFFFFF
