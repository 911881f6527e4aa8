"""The compiled loop of `rescoring.py`: how the words of a query stand in the best documents, and what that gives.

D documents of a segment, rising, are looked at, for W words. A word is read from one source or more, its own or of
kindred words: stretches of the segment's postings, given as (start, stop, word) one after the other. The postings that
S sources have of the documents are `places` (S × D) in the flat arrays, −1 for none.

All is one loop and its parts, since from Python each step costs as much as all that is done in it for fifty documents.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from searchapp.compiled import Bytes, Flags, Float32s, Float64s, Int32s, Int64s, UInt32s, Varying, loop, part

WORD_BITS: Final = 6
DOCUMENT_SHIFT: Final = 32 + WORD_BITS
"""An occurrence is document << 38 | position << 6 | word: one number, so that sorting occurrences sorts all of it."""
REACH: Final = 15
"""Words apart in the document."""
LEAST: Final = 1e-9
_WORD: Final = (1 << WORD_BITS) - 1
_BLOCK_SHIFT: Final = 16
"""Log2 of `container.BLOCK`."""

LAYOUT: Final = (
    *("codes", "skips", "positions", "lengths"),
    *("skip", "skip_width", "position_width", "length_width", "documents"),
)
"""What is told of a segment, in this order, before what is asked of it: the bytes of the file's data at which four
arrays begin, how many postings there are to a skip, the bytes of a skip, a position and a length, and how many
documents there are."""
_CODES, _SKIPS, _POSITIONS, _LENGTHS, _SKIP, _SKIP_WIDTH, _POSITION_WIDTH, _LENGTH_WIDTH, _DOCUMENTS = range(
    len(LAYOUT)
)
ASKED: Final = ("base", "words", "own", "kin")
"""What is told behind it: the segment's first document, how many words there are, and how many numbers their own
sources take, and those of kindred words; these follow."""
_BASE, _WORDS, _SOURCES_OF_OWN, _SOURCES_OF_KIN = range(len(LAYOUT), len(LAYOUT) + len(ASKED))
_ALL_ASKED: Final = len(LAYOUT) + len(ASKED)

PARAMETERS: Final = ("average", "k1", "b", "proximity", "kindred", "coverage", "ngrams")
"""What is told of scoring, in this order: the average length of a body, and weights. Behind it follow the rarity of
each word, the weight of each pair of words, and what two occurrences at each distance up to `REACH` give."""
_AVERAGE, _K1, _B, _OF_PROXIMITY, _OF_KINDRED, _OF_COVERAGE, _OF_NGRAMS = range(len(PARAMETERS))
_RARITIES: Final = len(PARAMETERS)

COLUMNS: Final = 4
"""What is noted of a document beside the nearness of each pair: that of occurrences that are no pair, and these."""
_SHARE, _KINDRED, _LENGTH = 1, 2, 3
"""Behind the pairs: the rarity of its words in sum, what kindred words give, and its length."""
GAINS: Final = 3
"""Behind the rows of all documents: what each gains by the nearness of words and by kindred words, and the share."""
NOTED: Final = COLUMNS + GAINS + 1
"""So many numbers are noted of each document in all, beside the nearness of each pair; the last are the scores."""

DONE, LACKING, UNCHECKED, FULL = range(4)
"""What is answered: all is found; or words are lacking somewhere and kindred words are to be asked for, blocks are to
be checked, or there is too little room. Then the first number found is a bit for each word, or how many blocks it is,
which follow, or how many occurrences there are."""
KNOWN, OCCURRENCES, BEGIN = range(3)
"""What is found begins with these: how many documents are of the segment, how many occurrences there are, and where
these begin. Behind them stand the documents, rising; then for each 1 if it has several of the words, or else 0."""
HEAD: Final = 3
_OWN, _KIN = 1, 2
"""How a word stands in a document: itself, or only a kindred one. What stands nowhere has 0."""


@loop(writes=("noted", "found"), usual=(("u2", "u2", "u2"), ("u4", "u2", "u2"), ("u4", "u4", "u2")))
def read_words(
    documents: Varying,
    codes: Varying,
    positions: Varying,
    data: Bytes,
    by_code: UInt32s,
    unseen: Flags,
    best: Int64s,
    asked: Int64s,
    table: Float32s,
    pairs: Int64s,
    parameters: Float64s,
    ask_for_kin: bool,
    is_last: bool,
    scores: Float32s,
    letters: Float64s,
    days: Int32s,
    stories: Int64s,
    noted: Float64s,
    found: Int64s,
) -> int:
    """Look at those of the `best` documents, numbered through and in any order, that are of a segment; see `DONE`.

    `asked` is what `LAYOUT` and `ASKED` say, and `parameters` what `PARAMETERS` says. From what is `noted` of the
    documents of all segments (`NOTED`; zeros before the first), the last makes the gains and, unless there are no
    `scores`, the last order, as `rank_together` has it.

    What is `found` is what `KNOWN` and so on say, and the occurrences of the words, rising, as `rescoring.Read` has
    them; behind room for the documents and what is told of them, the best in their last order stand before these.

    Where a word is lacking and `ask_for_kin`, nothing is done, nor where blocks of the file are `unseen`, nor where
    `found` is too short: it is to be asked again, with kindred words (whose codes give what `table` says), when these
    blocks have been checked, or with more room. What is checked before anything is read here are the documents and
    codes of the sources, and the lengths.
    """
    own_end = _ALL_ASKED + asked[_SOURCES_OF_OWN]
    sources, kin = asked[_ALL_ASKED:own_end], asked[own_end : own_end + asked[_SOURCES_OF_KIN]]
    words, size = asked[_WORDS], len(best)
    at, local = np.empty(size, np.int64), np.empty(size, np.int64)
    count = _of_segment(best, asked[_BASE], asked[_DOCUMENTS], local, at)
    own, every = len(sources) // 3, (len(sources) + len(kin)) // 3
    places, standing = np.empty(every * count, np.int64), np.zeros(count * words, np.uint8)
    lacking = _find(documents, sources, local, count, _OWN, places[: own * count], standing)
    if lacking and ask_for_kin:
        found[0] = lacking
        return LACKING
    _find(documents, kin, local, count, _KIN, places[own * count :], standing)
    several = np.empty(count, np.int64)
    for number in range(count):
        standing_here = 0
        for word in range(words):
            standing_here += standing[number * words + word] != 0
        # Where one of the words stands alone there is no pair.
        several[number] = standing_here > 1
    starts, counts = np.zeros(len(places), np.int64), np.zeros(len(places), np.int64)
    found[0] = _find_positions(codes, data, by_code, asked, unseen, places, several[:count], starts, counts, found[1:])
    if found[0]:
        return UNCHECKED
    order_at = HEAD + 2 * size
    begin, total = order_at + size, counts.sum()
    if begin + total > len(found):
        found[0] = total
        return FULL
    rarities = parameters[_RARITIES : _RARITIES + words]
    pair_weights = parameters[_RARITIES + words : len(parameters) - REACH - 1]
    columns = len(pair_weights) + COLUMNS
    rows, gains = noted[: size * columns], noted[size * columns : size * (columns + GAINS)]
    width = asked[_LENGTH_WIDTH]
    for number in range(count):
        length, length_at = np.int64(0), asked[_LENGTHS] + local[number] * width
        for byte in range(width):
            length |= np.int64(data[length_at + byte]) << np.int64(8 * byte)
        rows[at[number] * columns + len(pair_weights) + _LENGTH] = length
    of_kindred = parameters[_OF_KINDRED]
    _note_words(codes, table, kin, places[own * count :], standing, rarities, of_kindred, rows, at[:count], columns)
    occurrences, bounds = found[begin : begin + total], np.zeros(count + 1, np.int64)
    _merge(positions, sources, kin, starts, counts, occurrences, bounds)
    _add_nearness(occurrences, bounds, pairs, parameters[len(parameters) - REACH - 1 :], rows, at, columns)
    found[KNOWN], found[BEGIN] = count, begin
    found[OCCURRENCES] = _without_kin(occurrences, bounds, standing) if len(kin) else total
    for number in range(count):
        found[HEAD + number], found[HEAD + count + number] = local[number], several[number]
    if is_last:
        _weigh(rows, columns, pair_weights, rarities, parameters, gains)
        if len(scores):
            rank(
                *(best, scores, gains, parameters[_OF_COVERAGE], letters, parameters[_OF_NGRAMS], days, stories),
                *(found[order_at:begin], noted[len(noted) - size :]),
            )
    return DONE


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
    data: Bytes,
    by_code: UInt32s,
    layout: Int64s,
    unseen: Flags,
    places: Int64s,
    several: Int64s,
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
                start |= np.int64(data[layout[_SKIPS] + skip * width + byte]) << np.int64(8 * byte)
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
    rarities: Float64s,
    of_kindred: float,
    rows: Float64s,
    at: Int64s,
    columns: int,
) -> None:
    """Note which of the words stand in each document, by their rarities, and what kindred words (at `places`) give."""
    words = len(rarities)
    for number in range(len(at)):
        share = 0.0
        for word in range(words):
            how = standing[number * words + word]
            if how:
                share += rarities[word] if how == _OWN else rarities[word] * of_kindred
        rows[(at[number] + 1) * columns - COLUMNS + _SHARE] = share
    for source in range(len(kin) // 3):
        rarity = rarities[kin[3 * source + 2]]
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
def _weigh(
    rows: Float64s, columns: int, pair_weights: Float64s, rarities: Float64s, parameters: Float64s, gains: Float64s
) -> None:
    """Make of the rows of D documents what these gain."""
    documents, pairs = len(gains) // GAINS, len(pair_weights)
    worth = np.empty(pairs)
    for pair in range(pairs):
        having = 0
        for number in range(documents):
            having += rows[number * columns + pair] > 0
        worth[pair] = pair_weights[pair] * math.log(1 + (documents - having + 0.5) / (having + 0.5))
    whole = rarities.sum()
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


@part
def rank(
    documents: Int64s,
    scores: Float32s,
    gains: Float64s,
    coverage: float,
    letters: Float64s,
    ngrams: float,
    days: Int32s,
    stories: Int64s,
    first: Int64s,
    final: Float64s,
) -> None:
    """As `rank_together`."""
    count = len(documents)
    for number in range(count):
        added = scores[number] + gains[number] + gains[count + number]
        score = np.float32(added * (1 + coverage * gains[2 * count + number]))
        if len(letters):
            score = np.float32(score * np.float32(1 + ngrams * letters[number]))
        to = number
        while to > 0 and _is_before(documents[number], score, first[to - 1], final[to - 1], days, stories):
            first[to], final[to] = first[to - 1], final[to - 1]
            to -= 1
        first[to], final[to] = documents[number], score


@part
def _is_before(document: int, score: Any, other: int, other_score: float, days: Int32s, stories: Int64s) -> bool:
    """Whether a document comes before another: by score, then the newest, then by story number."""
    if score != other_score:
        return bool(score > other_score)
    if days[document] != days[other]:
        return bool(days[document] > days[other])
    return bool(stories[document] < stories[other])


@loop(writes=("first", "final"))
def rank_together(
    documents: Int64s,
    scores: Float32s,
    gains: Float64s,
    coverage: float,
    letters: Float64s,
    ngrams: float,
    days: Int32s,
    stories: Int64s,
    first: Int64s,
    final: Float64s,
) -> None:
    """Put D documents into `first`, best first, and their scores by all, which are of 32 bits, into `final`.

    `scores` are those by the words alone, `gains` (3 × D) are as `rescoring.Together` has them and `letters` (D, or
    none) as `ngram_shares`; `coverage` and `ngrams` are weights. `days` and `stories` have one entry a document.
    """
    rank(documents, scores, gains, coverage, letters, ngrams, days, stories, first, final)
