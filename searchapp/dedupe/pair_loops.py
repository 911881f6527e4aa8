"""Comparing pairs of texts by tables of their shingles, in compiled loops (`searchapp.compiled`).

Texts stand end to end; `starts` and `counts` say where the shingles of each begin and how many they are. Each text has
a table of twice as many slots as it has shingles or more, a power of two, from `table_starts` on. In the first free
slot from where a shingle's lower bits say stands its place in the text, counted from 1; 0 is a free one. So what
`textset.TextSet` finds by sorting the shingles of all texts is looked up. All look-ups are written out where they are
made: calls take longer.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from searchapp.compiled import Flags, Int32s, Int64s, UInt64s, loop
from searchapp.dedupe.words import SHINGLE_WORDS

DROPPED_BITS: Final = np.uint64(20)
"""Of a shingle's hash that are not compared, as in `textset`."""


@loop(writes=("tables", "is_first", "is_repeated", "distinct"))
def fill_tables(
    shingles: UInt64s,
    starts: Int64s,
    counts: Int64s,
    table_starts: Int64s,
    tables: Int32s,
    is_first: Flags,
    is_repeated: Flags,
    distinct: Int64s,
) -> int:
    """Put each text's shingles into its table, which is empty; returns the number of texts.

    Where the same one stands more than once, the first is found. Of each shingle is told whether it `is_first`, and, at
    the first one, whether it `is_repeated`; of each text, how many are `distinct`.
    """
    for text in range(len(starts)):
        table = tables[table_starts[text] : table_starts[text + 1]]
        begin, mask = starts[text], len(table) - 1
        found = 0
        for place in range(counts[text]):
            tag = shingles[begin + place] >> DROPPED_BITS
            slot = np.int64(tag & np.uint64(mask))
            for _ in range(mask):
                if table[slot] == 0 or shingles[begin + table[slot] - 1] >> DROPPED_BITS == tag:
                    break
                slot = (slot + 1) & mask
            is_new = table[slot] == 0
            is_first[begin + place] = is_new
            if is_new:
                table[slot] = place + 1
                is_repeated[begin + place] = False
                found += 1
            else:
                is_repeated[begin + table[slot] - 1] = True
        distinct[text] = found
    return len(starts)


@loop(writes=("shared",))
def count_shared(
    shingles: UInt64s,
    starts: Int64s,
    counts: Int64s,
    table_starts: Int64s,
    tables: Int32s,
    is_first: Flags,
    short: Int64s,
    long: Int64s,
    shared: Int64s,
) -> int:
    """Write how many distinct shingles of its shorter text the longer one of each pair has."""
    for pair in range(len(short)):
        table = tables[table_starts[long[pair]] : table_starts[long[pair] + 1]]
        begin, theirs, mask = starts[short[pair]], starts[long[pair]], len(table) - 1
        found = 0
        for at in range(begin, begin + (counts[short[pair]] if mask > 0 else 0)):
            if is_first[at]:
                tag = shingles[at] >> DROPPED_BITS
                slot = np.int64(tag & np.uint64(mask))
                for _ in range(mask):
                    if table[slot] == 0 or shingles[theirs + table[slot] - 1] >> DROPPED_BITS == tag:
                        break
                    slot = (slot + 1) & mask
                found += table[slot] != 0
        shared[pair] = found
    return len(short)


@loop(writes=("alike",))
def begin_alike(
    shingles: UInt64s,
    starts: Int64s,
    counts: Int64s,
    table_starts: Int64s,
    tables: Int32s,
    short: Int64s,
    long: Int64s,
    first_shingles: int,
    in_a_row: int,
    alike: Flags,
) -> int:
    """Write of which pairs the longer text has, among its first shingles, so many in a row that the shorter has."""
    for pair in range(len(short)):
        table = tables[table_starts[short[pair]] : table_starts[short[pair] + 1]]
        begin, theirs, mask = starts[long[pair]], starts[short[pair]], len(table) - 1
        run = 0
        for at in range(begin, begin + (min(counts[long[pair]], first_shingles) if mask > 0 else 0)):
            tag = shingles[at] >> DROPPED_BITS
            slot = np.int64(tag & np.uint64(mask))
            for _ in range(mask):
                if table[slot] == 0 or shingles[theirs + table[slot] - 1] >> DROPPED_BITS == tag:
                    break
                slot = (slot + 1) & mask
            run = run + 1 if table[slot] != 0 else 0
            if run >= in_a_row:
                break
        alike[pair] = run >= in_a_row
    return len(short)


@loop(writes=("gap_pair", "start_short", "end_short", "start_long", "end_long"))
def find_gaps(
    shingles: UInt64s,
    starts: Int64s,
    counts: Int64s,
    lengths: Int64s,
    table_starts: Int64s,
    tables: Int32s,
    is_repeated: Flags,
    short: Int64s,
    long: Int64s,
    gap_pair: Int64s,
    start_short: Int64s,
    end_short: Int64s,
    start_long: Int64s,
    end_long: Int64s,
) -> int:
    """Write what lies before, between and after the shared passages of pairs, as `alignment.align`; how many they are.

    There must be room for one more than its shorter text has shingles for each pair.
    """
    gaps = 0
    for pair in range(len(short)):
        one, other = short[pair], long[pair]
        table = tables[table_starts[other] : table_starts[other + 1]]
        mine, theirs, mask = starts[one], starts[other], len(table) - 1
        # Where the passages so far end, in either text; the last shared shingle, and how much further on it stands.
        short_end = long_end = 0
        last = -1
        last_shift = 0
        for place in range(counts[one] if mask > 0 else 0):
            tag = shingles[mine + place] >> DROPPED_BITS
            slot = np.int64(tag & np.uint64(mask))
            for _ in range(mask):
                if table[slot] == 0 or shingles[theirs + table[slot] - 1] >> DROPPED_BITS == tag:
                    break
                slot = (slot + 1) & mask
            if table[slot] == 0:
                continue
            first = int(table[slot]) - 1
            shift = first - place
            if shift != last_shift and is_repeated[theirs + first]:
                there = place + last_shift
                if 0 <= there < counts[other] and shingles[theirs + there] >> DROPPED_BITS == tag:
                    shift = last_shift
            if last < 0 or place - last > SHINGLE_WORDS or shift != last_shift:
                if last >= 0:
                    short_end = last + SHINGLE_WORDS
                    long_end = short_end + last_shift
                begin = max(place, short_end)
                if begin > short_end or begin + shift != long_end:
                    gap_pair[gaps] = pair
                    start_short[gaps], end_short[gaps] = short_end, begin
                    start_long[gaps], end_long[gaps] = long_end, begin + shift
                    gaps += 1
            last, last_shift = place, shift
        if last >= 0:
            short_end = last + SHINGLE_WORDS
            long_end = short_end + last_shift
        if lengths[one] > short_end or lengths[other] != long_end:
            gap_pair[gaps] = pair
            start_short[gaps], end_short[gaps] = short_end, lengths[one]
            start_long[gaps], end_long[gaps] = long_end, lengths[other]
            gaps += 1
    return gaps


@loop(writes=("marks", "own_pair", "own_place", "counts", "content"))
def find_own_words(
    lemmas: Int32s,
    telling: Flags,
    starts: Int64s,
    lengths: Int64s,
    mine: Int64s,
    theirs: Int64s,
    marks: Int32s,
    first_mark: int,
    own_pair: Int64s,
    own_place: Int64s,
    counts: Int64s,
    content: Int64s,
) -> int:
    """Write which content words of the first text of each pair the second lacks in all forms; how many they are.

    `marks` has a place for each lemma, in which numbers from `first_mark` on, as many as there are pairs, stand nowhere
    yet. Of each pair is told how many its own words are (`counts`), and its `content` words altogether.
    """
    found = 0
    known, mark = -1, np.int64(first_mark) - 1
    for pair in range(len(mine)):
        other = theirs[pair]
        if other != known:
            known, mark = other, mark + 1
            for at in range(starts[other], starts[other] + lengths[other]):
                marks[lemmas[at]] = mark
        before, words = found, 0
        begin = starts[mine[pair]]
        for place in range(lengths[mine[pair]]):
            if telling[begin + place]:
                words += 1
                if marks[lemmas[begin + place]] != mark:
                    own_pair[found], own_place[found] = pair, place
                    found += 1
        counts[pair], content[pair] = found - before, words
    return found
