"""Compiled: where the ids of representative articles stand in the records of a segment."""

from __future__ import annotations

from typing import Final

import numpy as np

from searchapp.compiled import Bytes, Flags, Int64s, loop, part

# Where `facts` says what of a segment. A column has two facts: where it begins in the data, and the bytes an entry.
RECORDS: Final = 0
RECORD_POINTERS: Final = 2
STORIES: Final = 4
# What is kept of loops does not change with other modules: they are told.
BLOCK: Final = 6
FACTS: Final = 7

# What is answered where not all is found; far from all blocks.
OTHERWISE: Final = -(1 << 62)
FULL: Final = OTHERWISE - 1

_LINE_END: Final = 10
_SPACE: Final = 32
_COMMA: Final = 44
_QUOTE: Final = 34
_BRACKET: Final = 91
_BACKSLASH: Final = 92


@part
def entry(data: Bytes, facts: Int64s, column: int, at: int) -> int:
    """An entry of a column; all are little-endian."""
    width = facts[column + 1]
    first, found = facts[column] + at * width, 0
    for place in range(width):
        found |= int(np.int64(data[first + place])) << (8 * place)
    return found


@part
def unseen_block(unseen: Flags, facts: Int64s, column: int, start: int, stop: int) -> int:
    """The first block under bytes [start, stop) of a column that has not been checked; −1 for none."""
    if start < stop:
        for block in range((facts[column] + start) // facts[BLOCK], (facts[column] + stop - 1) // facts[BLOCK] + 1):
            if unseen[block]:
                return block
    return -1


@part
def first_id(data: Bytes, at: int, end: int) -> int:
    """Where the first id of the record at [at, end) begins, behind its quotation mark; `end` where it is not found."""
    while at < end and data[at] != _COMMA:
        at += 1
    at += 1
    if at < end and data[at] == _QUOTE:
        at += 1
        while at < end and data[at] != _QUOTE:
            at += 2 if data[at] == _BACKSLASH else 1
    while at < end and data[at] != _BRACKET:
        at += 1
    return min(at + 3, end)


@loop(writes=("found", "copied"))
def find_ids(data: Bytes, unseen: Flags, facts: Int64s, documents: Int64s, found: Int64s, copied: Bytes) -> int:
    """Copy the ids of some documents' first articles, each with a line's end behind it; where the last ends.

    `found` (D) takes the numbers of the documents' stories. Where there is too little room, `FULL`, and `OTHERWISE`
    where an id is written otherwise than it is read; −1 − a block of the data that has to be checked.
    """
    end = 0
    for at in range(len(documents)):
        start = entry(data, facts, RECORD_POINTERS, documents[at])
        stop = entry(data, facts, RECORD_POINTERS, documents[at] + 1)
        block = unseen_block(unseen, facts, RECORDS, start, stop)
        if block >= 0:
            return -1 - block
        stop += facts[RECORDS]
        place = first_id(data, facts[RECORDS] + start, stop)
        if place >= stop or data[place - 1] != _QUOTE:
            return OTHERWISE
        while place < stop and data[place] != _QUOTE:
            # Of what JSON writes as it is, nothing ends a line.
            if data[place] == _BACKSLASH or data[place] < _SPACE:
                return OTHERWISE
            if end + 1 >= len(copied):
                return FULL
            copied[end] = data[place]
            end += 1
            place += 1
        if place == stop or end == len(copied):
            return OTHERWISE if place == stop else FULL
        copied[end] = _LINE_END
        end += 1
        found[at] = entry(data, facts, STORIES, documents[at])
    return end
