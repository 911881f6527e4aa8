"""Pairs of texts compared word by word in compiled loops (`searchapp.compiled`): `judgement` says what they look for.

A table of shingles has a power of two of places, at least twice as many as it can be given. A shingle stands in the
first free place from its hash on, as its place in the text, counted from 1; 0 is a free one. So what `textset.TextSet`
finds by sorting the shingles of all texts is looked up.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from searchapp.compiled import Bytes, Flags, Float64s, Int32s, Int64s, UInt64s, loop, part
from searchapp.dedupe.words import SHINGLE_WORDS

DROPPED_BITS: Final = np.uint64(20)
"""Of a shingle's hash that are not compared, as in `textset`."""
LEFT: Final = 0
LITTLE_IN_COMMON: Final = 1
INSIDE_ANOTHER: Final = 2
REWORDED: Final = 3
"""What speaks against a pair; of those that are `LEFT`, nothing yet."""


@part
def _fill_table(shingles: UInt64s, begin: int, count: int, table: Int32s, firsts: Int32s, is_repeated: Flags) -> int:
    """Put a text's shingles into a table, which is empty; how many distinct ones there are.

    Of each place is written where its shingle stands first, and of these places whether it stands there alone.
    """
    mask = np.int64(len(table) - 1)
    distinct = 0
    for place in range(count):
        tag = shingles[begin + place] >> DROPPED_BITS
        slot = np.int64(tag & np.uint64(mask))
        while table[slot] != 0 and shingles[begin + table[slot] - 1] >> DROPPED_BITS != tag:
            slot = (slot + 1) & mask
        if table[slot] == 0:
            table[slot] = place + 1
            is_repeated[place] = False
            distinct += 1
        else:
            is_repeated[table[slot] - 1] = True
        firsts[place] = table[slot] - 1
    return distinct


@part
def _find_shared(
    shingles: UInt64s,
    mine: int,
    count: int,
    theirs: int,
    table: Int32s,
    others: Int32s,
    hits: Int32s,
    hit: int,
    found: Int32s,
) -> int:
    """Write where the longer text of a pair has each shingle of the shorter first, from 1; how many distinct it lacks.

    `others` is empty; `hits` is set to `hit` where the longer text has a shingle of the shorter first.
    """
    mask, mask_of_others = np.int64(len(table) - 1), np.int64(len(others) - 1)
    lacking = 0
    for place in range(count):
        tag = shingles[mine + place] >> DROPPED_BITS
        slot = np.int64(tag & np.uint64(mask))
        while table[slot] != 0 and shingles[theirs + table[slot] - 1] >> DROPPED_BITS != tag:
            slot = (slot + 1) & mask
        found[place] = table[slot]
        if table[slot] != 0:
            hits[table[slot] - 1] = hit
            continue
        slot = np.int64(tag & np.uint64(mask_of_others))
        while others[slot] != 0 and shingles[mine + others[slot] - 1] >> DROPPED_BITS != tag:
            slot = (slot + 1) & mask_of_others
        if others[slot] == 0:
            others[slot] = place + 1
            lacking += 1
    return lacking


@part
def _begins_alike(firsts: Int32s, count: int, hits: Int32s, hit: int, in_a_row: int) -> bool:
    """Whether so many in a row of the first shingles of the longer text were hit."""
    run = 0
    for place in range(count):
        run = run + 1 if hits[firsts[place]] == hit else 0
        if run >= in_a_row:
            return True
    return False


@part
def _mark_lemmas(words: Int32s, lemma_of: Int32s, marks: Int32s, mark: int) -> None:
    for word in words:
        marks[lemma_of[word]] = mark


@part
def _find_own(
    words: Int32s,
    lemma_of: Int32s,
    is_telling: Flags,
    text: tuple[int, int],
    marks: Int32s,
    mark: int,
    before: tuple[int, int],
    own_pair: Int64s,
    own_place: Int64s,
) -> tuple[int, int]:
    """Write which content words of a text, given by its begin and length, have lemmas without the mark.

    `before` are the number of the pair and how many words were written of those before it. Returns how many such words
    there are, of how many content words.
    """
    begin, length = text
    pair, found = before
    own = telling = 0
    for place in range(length):
        word = words[begin + place]
        if is_telling[word]:
            telling += 1
            if marks[lemma_of[word]] != mark:
                own_pair[found + own], own_place[found + own] = pair, place
                own += 1
    return own, telling


@part
def _find_gaps(
    pair: int,
    gaps: int,
    count: int,
    length: int,
    their_count: int,
    their_length: int,
    found: Int32s,
    firsts: Int32s,
    is_repeated: Flags,
    gap_pair: Int64s,
    start_short: Int64s,
    end_short: Int64s,
    start_long: Int64s,
    end_long: Int64s,
) -> int:
    """Write what lies before, between and after the shared passages of a pair, as `alignment.align`.

    `gaps` is how many there are of the pairs before; returns how many there are then.
    """
    # Where the passages so far end, in either text; the last shared shingle, and how much further on it stands.
    short_end = long_end = 0
    last = -1
    last_shift = 0
    for place in range(count):
        if found[place] == 0:
            continue
        first = int(found[place]) - 1
        shift = first - place
        if shift != last_shift and is_repeated[first]:
            there = place + last_shift
            if 0 <= there < their_count and firsts[there] == first:
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
    if length > short_end or their_length != long_end:
        gap_pair[gaps] = pair
        start_short[gaps], end_short[gaps] = short_end, length
        start_long[gaps], end_long[gaps] = long_end, their_length
        gaps += 1
    return gaps


@part
def _size(count: int) -> int:
    """How large a table for so many shingles is."""
    size = 2
    while size < 2 * count:
        size <<= 1
    return size


@loop(
    writes=(
        *("tables", "places", "is_repeated", "marks", "fates", "shared", "short_keys", "long_keys", "own_counts"),
        *("content", "own_pair", "own_place", "gap_pair", "start_short", "end_short", "start_long", "end_long", "ends"),
    )
)
def compare_pairs(
    shingles: UInt64s,
    starts: Int64s,
    lengths: Int64s,
    words: Int32s,
    lemma_of: Int32s,
    is_telling: Flags,
    short: Int64s,
    long: Int64s,
    bounds: Float64s,
    first_shingles: int,
    in_a_row: int,
    tables: Int32s,
    places: Int32s,
    is_repeated: Flags,
    marks: Int32s,
    first_mark: int,
    fates: Bytes,
    shared: Int64s,
    short_keys: Int64s,
    long_keys: Int64s,
    own_counts: Int64s,
    content: Int64s,
    own_pair: Int64s,
    own_place: Int64s,
    gap_pair: Int64s,
    start_short: Int64s,
    end_short: Int64s,
    start_long: Int64s,
    end_long: Int64s,
    ends: Int64s,
) -> int:
    """Compare pairs as far as nothing speaks against them, in their order; those of one longer text come together.

    `lemma_of` and `is_telling` are by word. `bounds` are the least containment, by how much longer a text is that may
    hold others, and three of rewording: what is free, its slope, the most. Of each pair are written its fate, how many
    distinct shingles both have (`shared`) and each has (`short_keys`, `long_keys`), of those that came so far how many
    of its content words are its own, and of those that are `LEFT` these words, and the gaps as `alignment.align` has
    them, numbered by the pairs that are left: `ends` says how many words and gaps there are. `tables` have room for two
    tables and `places` for three numbers of each place of the longest text; `marks` is as `Vocabulary.marks` gives it.
    Returns how many pairs are left.
    """
    most, longest = len(tables) >> 1, len(is_repeated)
    firsts, hits, found = places[:longest], places[longest : 2 * longest], places[2 * longest : 3 * longest]
    hits[:] = 0
    known = -1
    mark = first_mark - 1
    is_marked = False
    table = tables[:2]
    their_count = their_keys = 0
    left = own_end = gaps = 0
    for pair in range(len(short)):
        one, other = short[pair], long[pair]
        mine, theirs = starts[one], starts[other]
        if other != known:
            known, is_marked = other, False
            their_count = max(int(lengths[other]) - SHINGLE_WORDS + 1, 0)
            table = tables[: _size(their_count)]
            table[:] = 0
            their_keys = _fill_table(shingles, theirs, their_count, table, firsts, is_repeated)
        count = max(int(lengths[one]) - SHINGLE_WORDS + 1, 0)
        others = tables[most : most + _size(count)]
        others[:] = 0
        lacking = _find_shared(shingles, mine, count, theirs, table, others, hits, pair + 1, found)
        both = 0
        for place in range(their_count):
            both += hits[place] == pair + 1
        shared[pair], short_keys[pair], long_keys[pair] = both, both + lacking, their_keys
        own_counts[pair] = content[pair] = 0
        containment = both / max(both + lacking, 1)
        if containment < bounds[0]:
            fates[pair] = LITTLE_IN_COMMON
            continue
        if lengths[other] > bounds[1] * lengths[one] and not _begins_alike(
            firsts, min(their_count, first_shingles), hits, pair + 1, in_a_row
        ):
            fates[pair] = INSIDE_ANOTHER
            continue
        if not is_marked:
            is_marked = True
            mark += 1
            _mark_lemmas(words[theirs : theirs + lengths[other]], lemma_of, marks, mark)
        before, of_text = (left, own_end), (mine, lengths[one])
        own, telling = _find_own(words, lemma_of, is_telling, of_text, marks, mark, before, own_pair, own_place)
        own_counts[pair], content[pair] = own, telling
        if own / max(telling, 1) > min((containment - bounds[2]) * bounds[3], bounds[4]):
            fates[pair] = REWORDED
            continue
        fates[pair] = LEFT
        own_end += own
        of_texts = count, int(lengths[one]), their_count, int(lengths[other])
        columns = gap_pair, start_short, end_short, start_long, end_long
        gaps = _find_gaps(left, gaps, *of_texts, found, firsts, is_repeated, *columns)
        left += 1
    ends[0], ends[1] = own_end, gaps
    return left


@loop(writes=("marks", "own_pair", "own_place", "counts", "content"))
def find_own_words(
    words: Int32s,
    lemma_of: Int32s,
    is_telling: Flags,
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

    `lemma_of` and `is_telling` are by word. `marks` has a place for each lemma, in which numbers from `first_mark` on,
    as many as there are pairs, stand nowhere yet. Of each pair is told how many its own words are (`counts`), and its
    `content` words altogether.
    """
    found = 0
    known, mark = -1, first_mark - 1
    for pair in range(len(mine)):
        one, other = mine[pair], theirs[pair]
        if other != known:
            known, mark = other, mark + 1
            _mark_lemmas(words[starts[other] : starts[other] + lengths[other]], lemma_of, marks, mark)
        before, of_text = (pair, found), (starts[one], lengths[one])
        own, content[pair] = _find_own(words, lemma_of, is_telling, of_text, marks, mark, before, own_pair, own_place)
        counts[pair] = own
        found += own
    return found


@loop(writes=("is_wanted", "keys", "codes"))
def find_numbers(
    words: Int32s,
    value_of: Int32s,
    starts: Int64s,
    lengths: Int64s,
    wanted: Int64s,
    is_wanted: Flags,
    place_bits: int,
    keys: Int64s,
    codes: Int32s,
) -> int:
    """Write text and place, packed, and code of each number in the wanted texts, in order; how many they are.

    `value_of` is the code of each word, 0 for one that says no number; `is_wanted` is of each text, and all False.
    """
    for text in wanted:
        is_wanted[text] = True
    found = 0
    for text in range(len(starts)):
        if not is_wanted[text]:
            continue
        for place in range(lengths[text]):
            code = value_of[words[starts[text] + place]]
            keys[found], codes[found] = (text << place_bits) + place, code
            found += code != 0
    return found
