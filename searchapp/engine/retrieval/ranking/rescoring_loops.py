"""The compiled loop of `rescoring.py`: how the words of a query stand in the best documents, and what that gives.

D documents of a segment, rising, are looked at, for W words. A word is read from one source or more, its own or of
kindred words: stretches of the segment's postings, given as (start, stop, word) one after the other. The postings that
S sources have of the documents are `places` (S × D) in the flat arrays, −1 for none.

All is one loop and its parts, since from Python each step costs as much as all that is done in it for fifty documents.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from searchapp.compiled import Bytes, Flags, Float32s, Float64s, Int64s, UInt32s, Varying, loop, part

WORD_BITS: Final = 6
DOCUMENT_SHIFT: Final = 32 + WORD_BITS
"""An occurrence is document << 38 | position << 6 | word: one number, so that sorting occurrences sorts all of it."""
REACH: Final = 15
"""Words apart in the document."""
LEAST: Final = 1e-9
_WORD: Final = (1 << WORD_BITS) - 1
_BLOCK_SHIFT: Final = 16
"""Log2 of `container.BLOCK`."""

LAYOUT: Final = ("codes", "skips", "positions", "skip", "skip_width", "position_width", "length_width")
"""What is told of a segment, in this order: the bytes of the file's data at which three arrays begin, how many postings
there are to a skip, and the bytes of a skip, a position and a length."""
_CODES, _SKIPS, _POSITIONS, _SKIP, _SKIP_WIDTH, _POSITION_WIDTH, _LENGTH_WIDTH = range(len(LAYOUT))

PARAMETERS: Final = ("average", "k1", "b", "proximity", "kindred")
"""What is told of scoring, in this order, before the rarity of each word: the average length of a body, and weights."""
_AVERAGE, _K1, _B, _OF_PROXIMITY, _OF_KINDRED = range(len(PARAMETERS))

COLUMNS: Final = 4
"""What is noted of a document beside the nearness of each pair: that of occurrences that are no pair, and these."""
_SHARE, _KINDRED, _LENGTH = 1, 2, 3
"""Behind the pairs: the rarity of its words in sum, what kindred words give, and its length."""

LACKING, UNCHECKED, FOUND = range(3)
"""In `state`: a bit for each word that is lacking somewhere, if kindred words are to be asked for; how many blocks are
to be checked, which follow behind these three; and how many of the documents are of the segment."""
STATE: Final = 3
_OWN, _KIN = 1, 2
"""How a word stands in a document: itself, or only a kindred one. What stands nowhere has 0."""


@loop(
    writes=("rows", "gains", "local", "several", "state"),
    usual=(("u2", "u2", "u2"), ("u4", "u2", "u2"), ("u4", "u4", "u2")),
)
def read_words(
    documents: Varying,
    codes: Varying,
    positions: Varying,
    skips: Bytes,
    body_lengths: Bytes,
    by_code: UInt32s,
    layout: Int64s,
    unseen: Flags,
    best: Int64s,
    base: int,
    sources: Int64s,
    kin: Int64s,
    table: Float32s,
    ask_for_kin: bool,
    is_last: bool,
    parameters: Float64s,
    pairs: Int64s,
    pair_weights: Float64s,
    nearness: Float64s,
    rows: Float64s,
    gains: Float64s,
    local: Int64s,
    several: Flags,
    state: Int64s,
) -> Int64s:
    """Look at those of the `best` documents, numbered through and in any order, that are of the segment at `base`.

    Returns the occurrences of their words, rising, as `rescoring.Read` has them, with `local` and `several`; of each
    document it notes its row (D × pairs and `COLUMNS`). From the rows of all segments, the last makes what `Together`
    has: `gains` (3 × D) are proximity, kindred words and share.

    Where a word is lacking and `ask_for_kin`, nothing is done, nor where blocks of the file are `unseen`: as `state`
    says it then, it is to be asked again, with kindred words (`kin`, whose codes give what `table` says), or when these
    blocks have been checked. What is checked before anything is read here are the documents and codes of the sources.
    """
    width = layout[_LENGTH_WIDTH]
    at = np.empty(len(best), np.int64)
    count = _of_segment(best, base, len(body_lengths) // width, local, at)
    words = len(parameters) - _OF_KINDRED - 1
    own, every = len(sources) // 3, (len(sources) + len(kin)) // 3
    places, standing = np.empty(every * count, np.int64), np.zeros(count * words, np.uint8)
    lacking = _find(documents, sources, local, count, _OWN, places[: own * count], standing)
    state[LACKING], state[UNCHECKED], state[FOUND] = lacking if ask_for_kin else 0, 0, count
    if state[LACKING]:
        return places[:0]
    _find(documents, kin, local, count, _KIN, places[own * count :], standing)
    for number in range(count):
        standing_here = 0
        for word in range(words):
            standing_here += standing[number * words + word] != 0
        # Where one of the words stands alone there is no pair.
        several[number] = standing_here > 1
    starts, counts = np.zeros(len(places), np.int64), np.zeros(len(places), np.int64)
    state[UNCHECKED] = _find_positions(
        codes, skips, by_code, layout, unseen, places, several[:count], starts, counts, state[STATE:]
    )
    if state[UNCHECKED]:
        return places[:0]
    columns = len(pair_weights) + COLUMNS
    for number in range(count):
        length = np.int64(0)
        for byte in range(width):
            length |= np.int64(body_lengths[local[number] * width + byte]) << np.int64(8 * byte)
        rows[at[number] * columns + len(pair_weights) + _LENGTH] = length
    _note_words(codes, table, kin, places[own * count :], standing, parameters, rows, at[:count], columns)
    found, bounds = np.empty(counts.sum(), np.int64), np.zeros(count + 1, np.int64)
    _merge(positions, sources, kin, starts, counts, found, bounds)
    _add_nearness(found, bounds, pairs, nearness, rows, at, columns)
    if is_last:
        _weigh(rows, columns, pair_weights, parameters, gains)
    return found[: _without_kin(found, bounds, standing)] if len(kin) else found


@part
def _of_segment(best: Int64s, base: int, documents: int, local: Int64s, at: Int64s) -> int:
    """Put the documents of a segment into `local`, rising, and where each was given into `at`; how many there are."""
    count = 0
    for number in range(len(best)):
        document = best[number] - base
        if 0 <= document < documents:
            to = count
            while to > 0 and local[to - 1] > document:
                local[to], at[to] = local[to - 1], at[to - 1]
                to -= 1
            local[to], at[to] = document, number
            count += 1
    return count


@part
def _find(
    documents: Varying, sources: Int64s, wanted: Int64s, count: int, how: int, places: Int64s, standing: Bytes
) -> int:
    """Find the wanted documents in each source, and note `how` words stand there; a bit for each that lacks somewhere.

    A kindred word counts only where neither the word itself stands nor one of its kin before it.
    """
    words = len(standing) // max(count, 1)
    for source in range(len(sources) // 3):
        low, stop, word = sources[3 * source], sources[3 * source + 1], sources[3 * source + 2]
        for number in range(count):
            places[source * count + number] = -1
            if how == _KIN and standing[number * words + word]:
                continue
            # Wanted documents rise: the next is sought from here on, in steps that double, then between the last two.
            step = 1
            while low + step <= stop and documents[low + step - 1] < wanted[number]:
                low += step
                step *= 2
            high = min(low + step - 1, stop)
            while low < high:
                middle = (low + high) // 2
                if documents[middle] < wanted[number]:
                    low = middle + 1
                else:
                    high = middle
            if low < stop and documents[low] == wanted[number]:
                places[source * count + number] = low
                standing[number * words + word] = how
    lacking = 0
    for number in range(count):
        for word in range(words):
            if not standing[number * words + word]:
                lacking |= 1 << word
    return lacking


@part
def _find_positions(  # noqa: PLR0912 (its steps share a dozen arrays)
    codes: Varying,
    skips: Bytes,
    by_code: UInt32s,
    layout: Int64s,
    unseen: Flags,
    places: Int64s,
    several: Flags,
    starts: Int64s,
    counts: Int64s,
    blocks: Int64s,
) -> int:
    """Find where the positions of postings begin, and how many there are; how many `blocks` must be checked before.

    Of each so many postings, a skip says where its positions begin; between them, each has as many as `by_code` says.
    """
    documents, width, shift = len(several), layout[_SKIP_WIDTH], 0
    # Dividing takes ten times as long as shifting, and there are hundreds of postings.
    while 1 << shift < layout[_SKIP]:
        shift += 1
    unchecked = 0
    # Memory is asked for all skips before the first is needed: it answers many at once.
    for first_cell in range(0, len(places), max(documents, 1)):
        for number in range(documents):
            cell = first_cell + number
            if places[cell] < 0 or not several[number] or unchecked > len(blocks) - 2:
                continue
            skip = places[cell] >> shift
            of_codes = (layout[_CODES] + (skip << shift) * codes.itemsize) >> _BLOCK_SHIFT
            of_skips = (layout[_SKIPS] + skip * width) >> _BLOCK_SHIFT
            if unseen[of_codes] or unseen[of_skips]:
                blocks[unchecked], blocks[unchecked + 1] = of_codes, of_skips
                unchecked += 2
            start = np.int64(0)
            for byte in range(width):
                start |= np.int64(skips[skip * width + byte]) << np.int64(8 * byte)
            starts[cell] = start
    if unchecked:
        return unchecked
    for first_cell in range(0, len(places), max(documents, 1)):
        for number in range(documents):
            cell = first_cell + number
            place = places[cell]
            if place < 0 or not several[number]:
                continue
            start, count = starts[cell], np.int64(by_code[codes[place]])
            for code in codes[place >> shift << shift : place]:
                start += np.int64(by_code[code])
            starts[cell], counts[cell] = start, count
            first = (layout[_POSITIONS] + start * layout[_POSITION_WIDTH]) >> _BLOCK_SHIFT
            last = (layout[_POSITIONS] + (start + count) * layout[_POSITION_WIDTH] - 1) >> _BLOCK_SHIFT
            for block in range(first, last + 1):
                if unseen[block] and unchecked < len(blocks):
                    blocks[unchecked] = block
                    unchecked += 1
    return unchecked


@part
def _note_words(
    codes: Varying,
    table: Float32s,
    kin: Int64s,
    places: Int64s,
    standing: Bytes,
    parameters: Float64s,
    rows: Float64s,
    at: Int64s,
    columns: int,
) -> None:
    """Note which of the words stand in each document, by their rarities, and what kindred words (at `places`) give."""
    words = len(parameters) - _OF_KINDRED - 1
    for number in range(len(at)):
        share = 0.0
        for word in range(words):
            how = standing[number * words + word]
            if how:
                rarity = parameters[_OF_KINDRED + 1 + word]
                share += rarity if how == _OWN else rarity * parameters[_OF_KINDRED]
        rows[(at[number] + 1) * columns - COLUMNS + _SHARE] = share
    for source in range(len(kin) // 3):
        rarity = parameters[_OF_KINDRED + 1 + kin[3 * source + 2]]
        for number in range(len(at)):
            place = places[source * len(at) + number]
            if place >= 0:
                rows[(at[number] + 1) * columns - COLUMNS + _KINDRED] += rarity * table[codes[place]]


@part
def _merge(
    positions: Varying, sources: Int64s, kin: Int64s, starts: Int64s, counts: Int64s, found: Int64s, bounds: Int64s
) -> None:
    """Put all occurrences into `found`, rising, and where those of each document end into `bounds`, behind a 0."""
    documents = len(bounds) - 1
    asked = np.int64(0)
    for cell in range(len(starts)):
        if counts[cell]:
            asked += np.int64(positions[starts[cell]])
    bounds[0] = asked  # as of skips; what is never used, the compiler would not ask for
    end = 0
    for number in range(documents):
        begin = end
        of_word = -1
        for cell in range(number, len(counts), documents):
            of_word += 3
            if not counts[cell]:
                continue
            word = sources[of_word] if of_word < len(sources) else kin[of_word - len(sources)]
            # What is there and what comes rises: merged from behind, nothing is written over.
            before, end = end - 1, end + counts[cell]
            to = end - 1
            for at in range(starts[cell] + counts[cell] - 1, starts[cell] - 1, -1):
                occurrence = number << DOCUMENT_SHIFT | np.int64(positions[at]) << WORD_BITS | word
                while before >= begin and found[before] > occurrence:
                    found[to] = found[before]
                    before -= 1
                    to -= 1
                found[to] = occurrence
                to -= 1
        bounds[number + 1] = end
    bounds[0] = 0


@part
def _add_nearness(
    found: Int64s, bounds: Int64s, pairs: Int64s, nearness: Float64s, rows: Float64s, at: Int64s, columns: int
) -> None:
    """Add the nearness of all pairs of occurrences within reach, by their distance."""
    for number in range(len(bounds) - 1):
        end = bounds[number + 1]
        for first in range(bounds[number], end):
            reach = (found[first] | _WORD) + (REACH << WORD_BITS)
            of_first = (found[first] & _WORD) * (REACH + 1) << WORD_BITS
            for second in range(first + 1, end):
                if found[second] > reach:
                    break
                pair = pairs[of_first + (found[second] & _WORD)]
                distance = (found[second] >> WORD_BITS) - (found[first] >> WORD_BITS)
                rows[at[number] * columns + pair] += nearness[distance]


@part
def _without_kin(found: Int64s, bounds: Int64s, standing: Bytes) -> int:
    """Take the occurrences of kindred words out; how many are left."""
    kept = 0
    for number in range(len(bounds) - 1):
        words = len(standing) // (len(bounds) - 1)
        for one in range(bounds[number], bounds[number + 1]):
            if standing[number * words + (found[one] & _WORD)] != _KIN:
                found[kept] = found[one]
                kept += 1
    return kept


@part
def _weigh(rows: Float64s, columns: int, pair_weights: Float64s, parameters: Float64s, gains: Float64s) -> None:
    """Make of the rows of D documents what these gain."""
    documents, pairs = len(gains) // 3, len(pair_weights)
    worth = np.empty(pairs)
    for pair in range(pairs):
        having = 0
        for number in range(documents):
            having += rows[number * columns + pair] > 0
        worth[pair] = pair_weights[pair] * math.log(1 + (documents - having + 0.5) / (having + 0.5))
    whole = parameters[_OF_KINDRED + 1 :].sum()
    for number in range(documents):
        end = number * columns + pairs
        relative = rows[end + _LENGTH] / parameters[_AVERAGE]
        floor = parameters[_K1] * (1 - parameters[_B] + parameters[_B] * relative)
        near = 0.0
        for pair in range(pairs):
            frequency = rows[number * columns + pair]
            near += worth[pair] * frequency / max(frequency + floor, LEAST)
        gains[number] = parameters[_OF_PROXIMITY] * near
        gains[documents + number] = parameters[_OF_KINDRED] * rows[end + _KINDRED]
        gains[2 * documents + number] = rows[end + _SHARE] / (whole if whole else 1.0)
