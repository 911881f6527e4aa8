"""Lemmas of words that the lexicon does not know, and numbers for lemmas, one by one, as compiled loops.

See `unknown_words.py` and `term_numbers.py`.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from searchapp.compiled import Bytes, Int32s, Int64s, UInt32s, UInt64s, loop, part

ARABIC: Final = 1
"""Bits of kinds of characters: a word of such ones only is Arabic."""
DIGIT: Final = 2
"""A word that is not Arabic and has one is left to the readable rules."""


@part
def stands_at(points: UInt32s, begin: np.int64, affixes: UInt32s, first: np.int64, size: np.int64) -> bool:
    """Whether one of some affixes, which lie end to end, stands somewhere."""
    same = True
    for at in range(size):
        same &= points[begin + at] == affixes[first + at]
    return same


@loop(writes=("found", "sizes"))
def find_unknown(
    points: UInt32s, lengths: Int64s, kinds: Bytes, spellings: UInt32s, articles: UInt32s, article_bounds: Int64s,
    endings: UInt32s, ending_bounds: Int64s, relative: int, left: int, left_without_article: int, found: UInt32s,
    sizes: Int64s,
) -> int:  # fmt: skip
    """Write what stands for the lemma of each word; returns how many characters that is.

    Args:
        points: the words' code points, end to end.
        lengths: of the words.
        kinds: code point → the bits above; those above all have none.
        spellings: code point → how it is spelled in lemmas.
        articles: end to end, the longest first.
        article_bounds: theirs.
        endings: of the relative adjective, end to end.
        ending_bounds: theirs.
        relative: what stands for each of these endings.
        left: letters after an article, or before an ending behind one.
        left_without_article: letters before an ending of other words.
        found: become the lemmas, end to end; of as many entries as there are points.
        sizes: become their lengths, -1 for words that the readable rules must be asked about.
    """
    begin, written = np.int64(0), np.int64(0)
    for word in range(len(lengths)):
        start, end = begin, begin + lengths[word]
        begin = end
        is_arabic, has_digit = True, False
        for at in range(start, end):
            kind = kinds[points[at]] if points[at] < len(kinds) else np.uint8(0)
            is_arabic &= kind == ARABIC
            has_digit |= kind == DIGIT
        if not is_arabic and has_digit:
            sizes[word] = -1
            continue
        first = written
        if not is_arabic:
            for at in range(start, end):
                found[written] = points[at]
                written += 1
            sizes[word] = written - first
            continue
        least = left_without_article
        for article in range(len(article_bounds) - 1):
            size = article_bounds[article + 1] - article_bounds[article]
            if end - start >= size + left and stands_at(points, start, articles, article_bounds[article], size):
                start += size
                least = left
                break
        is_relative = False
        for ending in range(len(ending_bounds) - 1):
            size = ending_bounds[ending + 1] - ending_bounds[ending]
            if end - start >= size + least and stands_at(points, end - size, endings, ending_bounds[ending], size):
                end -= size
                is_relative = True
                break
        for at in range(start, end):
            found[written] = spellings[points[at]]
            written += 1
        if is_relative:
            found[written] = relative
            written += 1
        sizes[word] = written - first
    return int(written)


@part
def slot_of_term(
    points: UInt32s, begin: np.int64, end: np.int64, slots: Int32s, bits: int, multiplier: UInt64s, known: UInt32s,
    ends: Int64s,
) -> np.int64:  # fmt: skip
    """The slot that holds the number of a term, or the vacant one where it would go."""
    mixed = np.uint64(1)
    for at in range(begin, end):
        mixed = (mixed ^ np.uint64(points[at])) * multiplier[0]
        mixed ^= mixed >> np.uint64(32)
    slot = np.int64((mixed * multiplier[0]) >> np.uint64(64 - bits))
    while slots[slot]:
        number = np.int64(slots[slot]) - 1
        first = ends[number - 1] if number > 0 else np.int64(0)
        alike = np.int64(0)
        if ends[number] - first == end - begin:
            while begin + alike < end and known[first + alike] == points[begin + alike]:
                alike += 1
            if begin + alike == end:
                break
        slot = (slot + 1) & ((1 << bits) - 1)
    return slot


@loop(writes=("slots", "known", "ends", "numbers"))
def number_terms(
    points: UInt32s, lengths: Int64s, slots: Int32s, bits: int, multiplier: UInt64s, entered: int, count: int,
    known: UInt32s, ends: Int64s, numbers: Int32s,
) -> int:  # fmt: skip
    """Write the number of each term; those that have none get the next ones. Returns how many have numbers then.

    Args:
        points: the terms' code points, end to end.
        lengths: of the terms.
        slots: a hash table of 2 to the power of `bits` entries, more than half of them vacant in the end: numbers,
            from 1, and 0.
        bits: see there.
        multiplier: an odd number drawn at random, so that nobody can write words that all fall on one slot.
        entered: so many of the terms that have numbers are in the table.
        count: so many terms have numbers.
        known: their code points, end to end, with room for all that may be new.
        ends: of each of them, with room, too.
        numbers: become the numbers.
    """
    begin = ends[entered - 1] if entered else np.int64(0)
    for number in range(entered, count):
        slots[slot_of_term(known, begin, ends[number], slots, bits, multiplier, known, ends)] = number + 1
        begin = ends[number]
    written = ends[count - 1] if count else np.int64(0)
    begin = np.int64(0)
    for term in range(len(lengths)):
        end = begin + lengths[term]
        slot = slot_of_term(points, begin, end, slots, bits, multiplier, known, ends)
        if slots[slot] == 0:
            for at in range(begin, end):
                known[written] = points[at]
                written += 1
            ends[count] = written
            count += 1
            slots[slot] = count
        numbers[term] = slots[slot] - 1
        begin = end
    return count
