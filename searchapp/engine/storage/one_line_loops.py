"""Texts put on one line each in one pass over their characters, as a compiled loop: see `one_line.py`."""

from __future__ import annotations

from typing import Final

import numpy as np

from searchapp.compiled import Bytes, Int64s, UInt16s, loop

_ALL_POINTS: Final = 1 << 16
"""How many numbers of two bytes there are."""
_0, _1 = np.uint64(0), np.uint64(1)


@loop(writes=("codes", "stored", "bounds", "dropped"), bounded=True)
def on_one_line(
    points: UInt16s, table: UInt16s, begins: Int64s, space: int, codes: Bytes, stored: Bytes, bounds: Int64s,
    dropped: Int64s,
) -> tuple[int, int]:  # fmt: skip
    """Leave out spaces that follow another one, and those at the texts' ends.

    Args:
        points: the code points of T texts; a character before each, and one behind the last.
        table: code point → its code, and above that the stored byte; for all of the basic plane.
        begins: (T + 1) where each text begins, and where one more would.
        space: the stored byte of a space.
        codes: becomes the codes of what is left, and then gaps up to its end.
        stored: becomes the stored bytes of what is left.
        bounds: (T + 1) becomes where each text begins then.
        dropped: becomes the places of the characters that go, rising.

    Returns:
        How many characters are left, and how many go.
    """
    count, texts = len(points), len(begins) - 1
    if len(table) < _ALL_POINTS or min(len(codes), len(stored), len(dropped)) < count or len(bounds) < len(begins):
        raise IndexError("an array is too short")
    if texts < 0 or not 1 <= begins[0] <= count:
        raise IndexError("texts begin beyond their characters")
    gone = _0
    for text in range(texts):
        # So texts follow each other, and fewer characters go than lie before.
        if not begins[text] < begins[text + 1] <= count:
            raise IndexError("a text ends beyond its characters, or before it begins")
        begin, end = np.uint64(begins[text]), np.uint64(begins[text + 1]) - _1
        # What stands before a text is a space, so that no text begins with one.
        codes[begin - _1 - gone] = 0
        stored[begin - _1 - gone] = space
        was_space = np.int64(1)
        bounds[text] = begin - gone
        gone_before, to = gone, begin - gone
        for place in range(begin, end):
            both = np.int64(table[points[place]])
            byte = both >> 8
            codes[to] = both & 255
            stored[to] = byte
            to += _1
            is_space = np.int64(byte == space)
            # One condition that seldom holds is foretold better than two that often do.
            if is_space & was_space:
                dropped[gone] = place
                gone += _1
                to -= _1
            was_space = is_space
        if was_space and end - gone > np.uint64(bounds[text]):
            # The first of the spaces at the end goes, too: those behind it follow each other.
            last = end - _1
            at = gone
            while at > gone_before and np.uint64(dropped[at - _1]) == last:
                dropped[at] = last
                at -= _1
                last -= _1
            dropped[at] = last
            gone += _1
    left = np.uint64(begins[texts]) - gone
    bounds[texts] = left
    codes[left - _1] = 0
    stored[left - _1] = space
    for place in range(left, np.uint64(len(codes))):
        codes[place] = 0
    return int(left), int(gone)


@loop(writes=("target", "places"), bounded=True)
def gather(source: Bytes, starts: Int64s, stops: Int64s, escape: int, target: Bytes, places: Int64s) -> int:
    """Copy the parts [start, stop) of an array, one after the other; returns how many of the bytes are escapes.

    Args:
        source: the array.
        starts: of the parts.
        stops: of the parts.
        escape: the byte that is one.
        target: becomes the parts.
        places: become where in `target` escapes are; there must be room for one of each byte.
    """
    if len(stops) < len(starts) or len(places) < len(target):
        raise IndexError("an array is too short")
    end = count = _0
    for part in range(len(starts)):
        start, stop = starts[part], stops[part]
        if not (0 <= start <= stop <= len(source) and stop - start <= len(target) - np.int64(end)):
            raise IndexError("a part ends beyond the array, or there is no room for it")
        begin, first = end, np.uint64(start)
        end += np.uint64(stop - start)
        for to in range(begin, end):
            target[to] = source[first + (to - begin)]
        # To count all at once takes less than to ask each; few parts have any.
        escapes = np.int64(0)
        for to in range(begin, end):
            escapes += np.int64(target[to] == escape)
        if escapes:
            for to in range(begin, end):
                if target[to] == escape:
                    places[count] = to
                    count += _1
    return int(count)
