"""Terms as a segment stores them, one by one, as a compiled loop: see `vocabulary.py`."""

from __future__ import annotations

import numpy as np

from searchapp.compiled import Bytes, Int64s, UInt32s, loop


@loop(writes=("text", "sizes", "hashes"))
def encode_terms(
    points: UInt32s, begins: Int64s, lengths: Int64s, order: Int64s, table: UInt32s, text: Bytes, sizes: Int64s,
    hashes: UInt32s,
) -> None:  # fmt: skip
    """Encode terms in UTF-8 in their order, and find the crc32 of each.

    Args:
        points: the terms' code points.
        begins: where each term's begin.
        lengths: of the terms.
        order: the terms, as they are to stand.
        table: byte → checksum.
        text: becomes the bytes, end to end; of just as many.
        sizes: become the bytes of each, in the order.
        hashes: become the checksums, in the order.
    """
    end = 0
    for at in range(len(order)):
        term = order[at]
        begin, checksum = end, np.int64(0xFFFFFFFF)
        for place in range(begins[term], begins[term] + lengths[term]):
            point = np.int64(points[place])
            size = 1 + (point >= 0x80) + (point >= 0x800) + (point >= 0x10000)
            for further in range(size):
                # The first byte says how many follow; each of these has six bits.
                byte = (point >> (6 * (size - 1 - further))) & 0x3F | 0x80
                if further == 0:
                    byte = point if size == 1 else (0xF00 >> size) & 0xFF | (point >> (6 * (size - 1)))
                text[end] = byte
                end += 1
                checksum = np.int64(table[(checksum ^ byte) & 0xFF]) ^ (checksum >> 8)
        sizes[at] = end - begin
        hashes[at] = checksum ^ 0xFFFFFFFF
