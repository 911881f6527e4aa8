"""New surfaces learnt one by one, as a compiled loop: what `SurfaceNumbers` does with arrays of them.

Surfaces that the readable rules must be asked about are left to it.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from searchapp.analysis.code_page import FIRST_DIGIT
from searchapp.analysis.glued_words import WORD_BESIDE_NUMBER
from searchapp.compiled import Bytes, Int32s, Int64s, UInt32s, UInt64s, loop, part

JOINING: Final = 1
"""Bits of kinds of codes: it changes its neighbours, or becomes several."""
DRAWING: Final = 2
"""It makes no difference to where two glued words part."""
FINAL: Final = 4
"""A letter that ends a word."""
INITIAL: Final = 8
"""A letter that begins a word."""
LETTER: Final = 16
HAMZA: Final = 32
LAM: Final = 64
"""The second letter of the article, …"""
ARTICLE: Final = 128
"""… and those that may stand before it."""

SHORT_KEYS: Final = 0
"""What is counted where in `state`: keys of the table of short surfaces, …"""
LONG_KEYS: Final = 1
"""… of that of long ones, …"""
FORMS: Final = 2
"""… exact forms, …"""
LEFT: Final = 3
"""… and surfaces that are left."""

_KEY_CODES: Final = 8
_MOST_CODES: Final = 24
_LONG_WORDS: Final = 3
_NONE: Final = np.uint64(0)


@part
def slot_of(held: UInt64s, bits: int, multipliers: UInt64s, key: UInt64s) -> np.int64:
    """The slot that holds a key, or the vacant one where it would go."""
    last = (1 << bits) - 1
    if len(multipliers) == 1:
        slot = np.int64((key[0] * multipliers[0]) >> np.uint64(64 - bits))
        while held[2 * slot] != key[0] and held[2 * slot] != 0:
            slot = (slot + 1) & last
        return slot
    mixed = key[0] * multipliers[0] + key[1] * multipliers[1] + key[2] * multipliers[2]
    slot = np.int64(mixed >> np.uint64(64 - bits))
    while held[4 * slot] != 0:
        if held[4 * slot] == key[0] and held[4 * slot + 1] == key[1] and held[4 * slot + 2] == key[2]:
            break
        slot = (slot + 1) & last
    return slot


@part
def value_of(held: UInt64s, bits: int, multipliers: UInt64s, key: UInt64s) -> np.int64:
    """The value of a key, or -1."""
    words = len(multipliers)
    at = slot_of(held, bits, multipliers, key) * (words + 1)
    return np.int64(held[at + words]) if held[at] else np.int64(-1)


@part
def put_in(held: UInt64s, bits: int, multipliers: UInt64s, key: UInt64s, value: np.int64) -> None:
    """Put in a key that is not known yet."""
    words = len(multipliers)
    at = slot_of(held, bits, multipliers, key) * (words + 1)
    for word in range(words):
        held[at + word] = key[word]
    held[at + words] = np.uint64(value)


@part
def may_part(kinds: Bytes, length: np.int64) -> bool:
    """Whether a word of such characters is one of letters that has a seam as `glued_words.SEAM` has it."""
    for at in range(length):
        if not kinds[at] & LETTER:
            return False
    # So many letters stand around a seam as `LETTERS_AROUND` and `LETTERS_BEFORE_INITIAL` say.
    for at in range(3, length - 1):
        if kinds[at - 1] & FINAL and not kinds[at] & HAMZA:
            return True
        is_behind_article = kinds[at - 2] & ARTICLE and kinds[at - 1] & LAM
        if 4 <= at < length - 2 and kinds[at] & INITIAL and not is_behind_article:
            return True
    return False


@loop(writes=("short", "long", "state", "points", "ends", "values", "left"))
def learn_surfaces(  # noqa: PLR0912, PLR0915
    codes: Bytes, starts: Int32s, lengths: Int32s, keys: UInt64s, places: Int64s, first: int,
    folded: Bytes, kinds: Bytes, characters: UInt32s, dropped: int, short: UInt64s, short_bits: int,
    short_multipliers: UInt64s, long: UInt64s, long_bits: int, long_multipliers: UInt64s, state: Int64s,
    points: UInt32s, ends: Int64s, values: UInt64s, left: Int64s,
) -> int:  # fmt: skip
    """Write the values of tokens; surfaces that are new get their exact forms' numbers, and are known from then on.

    Args:
        codes: of texts.
        starts: where each token starts.
        lengths: of tokens.
        keys: the codes of each short token.
        places: the tokens that are looked at, which spell themselves in codes.
        first: the first of these places that is looked at.
        folded: code → what it becomes, 0 where it goes.
        kinds: code → the bits above.
        characters: code → code point.
        dropped: the value of a surface of which nothing is left.
        short: the `SurfaceTable` of keys of one word.
        short_bits: of it.
        short_multipliers: of it.
        long: that of keys of three words.
        long_bits: of it.
        long_multipliers: of it.
        state: how many there are of each of the above.
        points: of the exact forms, end to end.
        ends: of each form's points.
        values: become the values, of tokens that are looked at.
        left: become the tokens that the readable rules must be asked about.

    Returns:
        The first of the places that was not looked at any more, for want of room.
    """
    key, exact, bare = (
        np.zeros(_LONG_WORDS, np.uint64),
        np.zeros(_LONG_WORDS, np.uint64),
        np.zeros(_MOST_CODES, np.uint8),
    )
    for which in range(first, len(places)):
        form = state[FORMS]
        end = ends[form - 1] if form else np.int64(0)
        if 2 * state[SHORT_KEYS] + 4 > 1 << short_bits or 2 * state[LONG_KEYS] + 4 > 1 << long_bits:
            return which
        if form == len(ends) or end + _MOST_CODES > len(points):
            return which
        token = places[which]
        start, length = np.int64(starts[token]), np.int64(lengths[token])
        is_short = length <= _KEY_CODES
        if is_short:
            key[0], key[1], key[2] = keys[token], _NONE, _NONE
            value = value_of(short, short_bits, short_multipliers, key)
        else:
            key[0], key[1], key[2] = _NONE, _NONE, _NONE
            for at in range(length):
                key[at >> 3] |= np.uint64(codes[start + at]) << np.uint64(8 * (at & 7))
            value = value_of(long, long_bits, long_multipliers, key)
        if value >= 0:
            values[token] = value
            continue
        exact[0], exact[1], exact[2] = _NONE, _NONE, _NONE
        bits, size, letters, digits = np.int64(0), np.int64(0), np.int64(0), np.int64(0)
        for at in range(length):
            code = codes[start + at]
            bits |= kinds[code]
            digits += code >= FIRST_DIGIT
            if not kinds[code] & DRAWING:
                bare[letters] = kinds[code]
                letters += 1
            if folded[code]:
                exact[size >> 3] |= np.uint64(folded[code]) << np.uint64(8 * (size & 7))
                size += 1
        becomes_short = size <= _KEY_CODES
        is_beside_number = digits > 0 and letters - digits >= WORD_BESIDE_NUMBER
        if bits & JOINING or is_beside_number or (bits & (FINAL | INITIAL) and may_part(bare, letters)):
            left[state[LEFT]] = token
            state[LEFT] += 1
            continue
        if size == 0:
            value = np.int64(dropped)
        elif becomes_short:
            value = value_of(short, short_bits, short_multipliers, exact)
        else:
            value = value_of(long, long_bits, long_multipliers, exact)
        if value < 0:
            value = form
            for at in range(size):
                points[end + at] = characters[(exact[at >> 3] >> np.uint64(8 * (at & 7))) & np.uint64(0xFF)]
            ends[form] = end + size
            state[FORMS] += 1
            if becomes_short:
                put_in(short, short_bits, short_multipliers, exact, value)
                state[SHORT_KEYS] += 1
            else:
                put_in(long, long_bits, long_multipliers, exact, value)
                state[LONG_KEYS] += 1
        values[token] = value
        if exact[0] != key[0] or exact[1] != key[1] or exact[2] != key[2]:
            if is_short:
                put_in(short, short_bits, short_multipliers, key, value)
                state[SHORT_KEYS] += 1
            else:
                put_in(long, long_bits, long_multipliers, key, value)
                state[LONG_KEYS] += 1
    return len(places)
