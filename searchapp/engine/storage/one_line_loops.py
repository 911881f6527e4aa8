"""Texts put on one line each in one pass over their characters, as a compiled loop: see `one_line.py`."""

from __future__ import annotations

import numpy as np

from searchapp.compiled import Bytes, Int64s, Varying, loop


@loop(writes=("codes", "stored", "bounds", "dropped"), usual=[("u2", "u2")])
def on_one_line(
    points: Varying, table: Varying, begins: Int64s, space: int, codes: Bytes, stored: Bytes, bounds: Int64s,
    dropped: Int64s,
) -> tuple[int, int]:  # fmt: skip
    """Leave out spaces that follow another one, and those at the texts' ends.

    Args:
        points: the code points of T texts, none above the table's; a character before each, and one behind the last.
        table: code point → its code, and above that the stored byte.
        begins: (T + 1) where each text begins, and where one more would.
        space: the stored byte of a space.
        codes: becomes the codes of what is left, and then gaps up to its end.
        stored: becomes the stored bytes of what is left.
        bounds: (T + 1) becomes where each text begins then.
        dropped: becomes the places of the characters that go, rising.

    Returns:
        How many characters are left, and how many go.
    """
    gone = 0
    for text in range(len(begins) - 1):
        begin, end = begins[text], begins[text + 1] - 1
        # What stands before a text is a space, so that no text begins with one.
        codes[begin - 1 - gone] = 0
        stored[begin - 1 - gone] = space
        was_space = np.int64(1)
        bounds[text] = begin - gone
        gone_before = gone
        # An index without a sign is not asked whether it counts from the end.
        to = np.uint64(begin - gone)
        for place in range(begin, end):
            both = np.int64(table[points[place]])
            byte = both >> 8
            codes[to] = both & 255
            stored[to] = byte
            to += np.uint64(1)
            is_space = np.int64(byte == space)
            # One condition that seldom holds is foretold better than two that often do.
            if is_space & was_space:
                dropped[gone] = place
                gone += 1
                to -= np.uint64(1)
            was_space = is_space
        if was_space and end - gone > bounds[text]:
            # The first of the spaces at the end goes, too: those behind it follow each other.
            last = end - 1
            at = gone
            while at > gone_before and dropped[at - 1] == last:
                dropped[at] = last
                at -= 1
                last -= 1
            dropped[at] = last
            gone += 1
    end = begins[len(begins) - 1]
    bounds[len(begins) - 1] = end - gone
    codes[end - 1 - gone] = 0
    stored[end - 1 - gone] = space
    for place in range(end - gone, len(codes)):
        codes[place] = 0
    return end - gone, gone
