"""Compiled: where words stand in the few documents of a page, from the bytes of a segment in one pass."""

from __future__ import annotations

from typing import Final

import numpy as np

from searchapp.compiled import Bytes, Flags, Int64s, UInt32s, loop, part

# Where `facts` says what of a segment. A column has two facts: where it begins in the data, and the bytes an entry.
DOCUMENTS: Final = 0
CODES: Final = 2
SKIPS: Final = 4
POSITIONS: Final = 6
# What is kept of loops does not change with other modules: they are told.
BLOCK: Final = 8
SKIP: Final = 9
FACTS: Final = 10

_WORD_BITS: Final = 6
_DOCUMENT_BITS: Final = 38


@part
def entry(data: Bytes, facts: Int64s, column: int, at: int) -> int:
    """An entry of a column; all are little-endian."""
    width = facts[column + 1]
    first, found = facts[column] + at * width, 0
    for place in range(width):
        found |= int(np.int64(data[first + place])) << (8 * place)
    return found


@part
def posting_of(data: Bytes, facts: Int64s, start: int, stop: int, document: int) -> int:
    """The place of the posting of a document among those at [start, stop); −1 for none."""
    low, high = start, stop
    while low < high:
        middle = (low + high) // 2
        if entry(data, facts, DOCUMENTS, middle) < document:
            low = middle + 1
        else:
            high = middle
    return low if low < stop and entry(data, facts, DOCUMENTS, low) == document else -1


@part
def unseen_block(unseen: Flags, facts: Int64s, column: int, start: int, stop: int) -> int:
    """The first block under entries [start, stop) of a column that has not been checked; −1 for none."""
    first = facts[column] + start * facts[column + 1]
    last = facts[column] + stop * facts[column + 1] - 1
    for block in range(first // facts[BLOCK], last // facts[BLOCK] + 1):
        if unseen[block]:
            return block
    return -1


@loop(writes=("bounds",))
def find_marks(
    data: Bytes,
    unseen: Flags,
    facts: Int64s,
    frequencies: UInt32s,
    sources: Int64s,
    documents: Int64s,
    bounds: Int64s,
) -> int:
    """Where the positions of words in some documents begin and end; how many there are of all.

    `data`, `unseen` and `facts` are the segment's, `frequencies` says how many positions a posting of each code has.
    Words are read from `sources`: (start, stop, word), stretches of the segment's postings that have been checked.
    `bounds` (D × S × 2) are those of each source in each document. Of each `SKIP`-th posting it is known where its
    positions begin; between these, they are counted.

    In place of the number, −1 − a block of the data that has first to be checked.
    """
    count, total = len(sources) // 3, 0
    for cell in range(len(documents) * count):
        source = cell % count
        place = posting_of(data, facts, sources[3 * source], sources[3 * source + 1], documents[cell // count])
        start, stop = 0, 0
        if place >= 0:
            known = place // facts[SKIP]
            block = max(
                unseen_block(unseen, facts, SKIPS, known, known + 1),
                unseen_block(unseen, facts, CODES, known * facts[SKIP], place + 1),
            )
            if block >= 0:
                return -1 - block
            start = entry(data, facts, SKIPS, known)
            for before in range(known * facts[SKIP], place):
                start += int(np.int64(frequencies[entry(data, facts, CODES, before)]))
            stop = start + int(np.int64(frequencies[entry(data, facts, CODES, place)]))
            block = unseen_block(unseen, facts, POSITIONS, start, stop)
            if block >= 0:
                return -1 - block
        bounds[2 * cell], bounds[2 * cell + 1] = start, stop
        total += stop - start
    return total


@loop(writes=("marks",))
def read_marks(data: Bytes, facts: Int64s, sources: Int64s, documents: int, bounds: Int64s, marks: Int64s) -> int:
    """Read the positions that `find_marks` found, as occurrences in so many documents; how many there are.

    They rise: those of one source do, and each run is merged into what is there of the document, from behind.
    """
    count, end = len(sources) // 3, 0
    for number in range(documents):
        begin = end
        for source in range(count):
            cell = 2 * (number * count + source)
            base = number << _DOCUMENT_BITS | sources[3 * source + 2]
            before, end = end - 1, end + bounds[cell + 1] - bounds[cell]
            to = end - 1
            for at in range(bounds[cell + 1] - 1, bounds[cell] - 1, -1):
                mark = base | entry(data, facts, POSITIONS, at) << _WORD_BITS
                while before >= begin and marks[before] > mark:
                    marks[to] = marks[before]
                    before -= 1
                    to -= 1
                marks[to] = mark
                to -= 1
    return end
