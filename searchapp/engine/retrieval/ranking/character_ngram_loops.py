"""Compiled loops of `character_ngrams.py`: the n-grams of a query, where texts have each first, and what that gives.

A text is read in steps over all of its beginning, since a processor does each by itself without a guess that may fail:
what is left out is left out by not moving on, and so are places where no wanted n-gram may stand.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from searchapp.compiled import Bytes, Flags, Float64s, Int32s, Int64s, UInt32s, Varying, loop, part, widths

SPACE: Final = 1
"""Code of a space. Letters have higher ones; what is left out has 0."""
SIZE: Final = 4
"""Letters of an n-gram; spaces between words are among them. 3 and 5 are as good."""
BEGINNING: Final = 800
"""Characters of title and body that are looked at."""
HASHES: Final = 1 << 12
_HASH_SHIFT: Final = np.uint32(32 - 12)
_HASH_MULTIPLIER: Final = np.uint32(0x9E3779B1)
_ROOM: Final = 1024
"""A power of two above `BEGINNING`, the spaces around it and an n-gram: what is in it is in arrays of that size."""
_WITHIN: Final = np.uint64(_ROOM - 1)
_LINE: Final = 64
"""Bytes that a processor reads at once."""
_BLOCK_SHIFT: Final = 16
"""Log2 of `container.BLOCK`."""


@part
def hash_of(ngram: np.uint32) -> np.uint32:
    """The number below `HASHES` under which an n-gram is looked up."""
    return np.uint32(np.uint32(ngram * _HASH_MULTIPLIER) >> _HASH_SHIFT)


@loop(writes=("first", "shares", "blocks"), usual=widths(1))
def share_ngrams(
    points: UInt32s,
    page: Bytes,
    letters: Bytes,
    documents: Int64s,
    base: int,
    pointers: Varying,
    data: Bytes,
    unseen: Flags,
    begin: int,
    is_first: bool,
    is_last: bool,
    nearness: Float64s,
    first: Int32s,
    shares: Float64s,
    blocks: Int64s,
) -> int:
    """Look for the n-grams of a query in those of some documents that are of the segment at `base`.

    The query is given as code points; `page` is code point → byte of the text store, and `letters` byte → code. What is
    found of each segment is noted in `first` (D × one more than points), from the first segment on, and the last makes
    the `shares` (D) of it; `nearness` is what an n-gram gives by its place. Where blocks of the file must be checked
    before (`unseen`; the text store begins at byte `begin`), nothing is done: they are put into `blocks` (2 × D), how
    many there are is returned, and it is to be asked again.
    """
    bounds = np.zeros(2 * len(documents), np.int64)
    unchecked = _find_beginnings(documents, base, pointers, unseen, begin, bounds, blocks)
    if unchecked:
        return unchecked
    if is_first:
        first[:] = len(nearness) - 1
    ngrams, others = np.empty(len(points) + 1, np.uint32), np.empty(len(points) + 1, np.int32)
    heads = np.zeros(HASHES, np.int32)
    count = _spell(points, page, letters, ngrams, heads, others)
    if count and bounds.any():
        # Memory answers many at once who ask for all before they need any; the sum is there so that the compiler asks.
        for at in range(len(documents)):
            for place in range(bounds[2 * at], bounds[2 * at + 1], _LINE):
                blocks[0] += data[place]
        _note_first_places(data, bounds, letters, ngrams[:count], heads, others, first)
    if is_last:
        _add_up(first, count, nearness, shares)
    return 0


@part
def _find_beginnings(
    documents: Int64s, base: int, pointers: Varying, unseen: Flags, begin: int, bounds: Int64s, blocks: Int64s
) -> int:
    """Put where the beginnings of texts lie into `bounds`, starts and stops; how many blocks must be checked before."""
    count = 0
    for at in range(len(documents)):
        document = documents[at] - base
        if 0 <= document < len(pointers) - 1:
            start = np.int64(pointers[document])
            stop = min(np.int64(pointers[document + 1]), start + BEGINNING)
            bounds[2 * at], bounds[2 * at + 1] = start, stop
            if start < stop:
                for block in ((begin + start) >> _BLOCK_SHIFT, (begin + stop - 1) >> _BLOCK_SHIFT):
                    if unseen[block]:
                        blocks[count] = block
                        count += 1
    return count


@part
def _spell(points: UInt32s, page: Bytes, letters: Bytes, ngrams: UInt32s, heads: Int32s, others: Int32s) -> int:
    """Find the distinct n-grams of a query; how many there are.

    `heads` (`HASHES`, zeros) gets the last n-gram of each hash, numbered from 1, and `others` for each the one of this
    hash that was met before it.
    """
    count, last, ngram = 0, np.int64(SPACE), np.uint32(SPACE << 24)
    for at in range(len(points) + 1):
        code = np.int64(SPACE)
        if at < len(points):
            code = np.int64(letters[page[points[at]] if points[at] < len(page) else 0])
        # Several spaces are one, as they mostly are in a text that was published.
        if code == 0 or code == last == SPACE:
            continue
        last = code
        ngram = np.uint32(ngram >> np.uint32(8) | np.uint32(code << 24))
        known = heads[hash_of(ngram)]
        while known > 0 and ngrams[known - 1] != ngram:
            known = others[known - 1]
        if not known and ngram & np.uint32(255):
            ngrams[count], others[count] = ngram, heads[hash_of(ngram)]
            count += 1
            heads[hash_of(ngram)] = count
    return count


@part
def _note_first_places(
    data: Bytes, bounds: Int64s, letters: Bytes, ngrams: UInt32s, heads: Int32s, others: Int32s, first: Int32s
) -> None:
    """Note the first place of each n-gram in each beginning of a text, where that is before what is noted."""
    # Of arrays whose length is plain, the compiler need not ask at each step whether it is exceeded.
    candidates, at_place = np.empty(_ROOM, np.int32), np.empty(_ROOM, np.uint32)
    table, shifts, wanted = np.empty(256, np.uint32), np.empty(256, np.uint32), np.zeros(HASHES, np.uint8)
    for byte in range(256):
        table[byte] = np.uint32(letters[byte]) << np.uint32(24)
        shifts[byte] = np.uint32(8) if letters[byte] else np.uint32(0)
    for ngram in ngrams:
        wanted[hash_of(ngram)] = 1
    for at in range(len(bounds) // 2):
        # An n-gram that is met before there are `SIZE` letters has a 0 in it, which none that is wanted has.
        last, place, found = np.uint32(SPACE << 24), np.int64(1 - SIZE), np.uint64(0)
        for byte in data[bounds[2 * at] : bounds[2 * at + 1]]:
            last = np.uint32(np.uint32(last >> shifts[byte]) | table[byte])
            place += np.int64(shifts[byte] != 0)
            candidates[found & _WITHIN] = place
            at_place[found & _WITHIN] = last
            found += np.uint64(wanted[hash_of(last)])
        last = np.uint32(np.uint32(last >> np.uint32(8)) | np.uint32(SPACE << 24))
        candidates[found & _WITHIN] = place + 1
        at_place[found & _WITHIN] = last
        found += np.uint64(wanted[hash_of(last)])
        for one in range(np.int64(found)):
            place = np.int64(candidates[one])
            number = heads[hash_of(at_place[one])]
            while number > 0 and ngrams[number - 1] != at_place[one]:
                number = others[number - 1]
            if number and place < first[at * len(others) + number - 1]:
                first[at * len(others) + number - 1] = place


@part
def _add_up(first: Int32s, count: int, nearness: Float64s, shares: Float64s) -> None:
    """What the first places of so many n-grams give to each document."""
    documents = len(shares)
    whole = 0.0
    shares[:] = 0
    for number in range(count):
        having = 0
        for document in range(documents):
            having += first[document * (len(first) // documents) + number] < len(nearness) - 1
        rarity = math.log(1 + (documents - having + 0.5) / (having + 0.5))
        whole += rarity
        for document in range(documents):
            shares[document] += rarity * nearness[first[document * (len(first) // documents) + number]]
    for document in range(documents):
        shares[document] /= whole if count else 1.0
