"""Tokens found, looked up and numbered in one pass each, as compiled loops: see `batch.py`.

They do what `word_spans`, `surface_numbers` and `BatchAnalyzer` do with arrays. What a code is to the tokenizer is told
by `kinds`, so that no rule is written down twice.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np

from searchapp.analysis.code_page import (
    FIRST_BODY,
    FIRST_DIGIT,
    FIRST_INVISIBLE,
    FIRST_MARK,
    FIRST_SEPARATOR,
    FIRST_START,
    OTHER_DIGIT,
    OTHER_LETTER,
    OTHER_MARK,
    Codes,
    shared_codes,
)
from searchapp.compiled import Bytes, Int32s, Int64s, UInt64s, loop, part

_START: Final = 1
_HIDDEN: Final = 2
_SHARED: Final = 4
_DIGIT: Final = 8
_KEY_CODES: Final = 8
_ALL_BITS: Final = np.uint64(0xFFFFFFFFFFFFFFFF)
LONG: Final = 0
"""Instead of the key of a surface that is known by more codes than a key has; no key is as low."""
OTHER: Final = 1
"""Instead of the key of a surface that is known as a text."""

# Eight codes in a word are compared at once: added to what is missing, those that reach a bound carry into their
# highest bit. Codes of characters that continue a token are low, those of digits have that bit.
_EACH: Final = 0x0101010101010101
_HIGHEST: Final = np.uint64(_EACH << 7)
_LOWER: Final = np.uint64(_EACH * 0x7F)
_TO_BODY: Final = np.uint64(_EACH * (0x80 - FIRST_BODY))
_TO_SEPARATOR: Final = np.uint64(_EACH * (0x80 - FIRST_SEPARATOR))
_TO_DIGIT: Final = np.uint64(_EACH * (0x100 - FIRST_DIGIT))
_TO_SHARED: Final = np.uint64(_EACH * (0x80 - OTHER_MARK))
_TO_LETTERS: Final = np.uint64(_EACH * (0x80 - OTHER_LETTER - 1))
_TO_SHARED_DIGIT: Final = np.uint64(_EACH * (0x100 - OTHER_DIGIT))
_GATHER: Final = np.uint64(0x0102040810204080)
"""Times the lowest bits of eight bytes, it has them side by side in its highest byte."""
_WORDS_AT_ONCE: Final = 8
"""Whose 64 characters have a bit each."""
_DE_BRUIJN: Final = np.uint64(0x03F79D71B4CB0A89)
_PLACES: Final = np.zeros(64, np.uint8)
_PLACES[[(0x03F79D71B4CB0A89 << bit & (1 << 64) - 1) >> 58 for bit in range(64)]] = range(64)
"""Where the only bit of a word stands, by the highest six bits of its product with a de Bruijn sequence."""
_0, _1, _3, _7, _8, _32, _56, _58, _63 = (np.uint64(number) for number in (0, 1, 3, 7, 8, 32, 56, 58, 63))
_LOW_HALF: Final = np.uint64(0xFFFFFFFF)
_ALL_CODES: Final = 256
_NEVER: Final = np.int64(1 << 62)
"""Beyond all texts."""


@cache
def kinds() -> Codes:
    """Code → bits that tell what the character is."""
    codes = np.arange(256, dtype=np.uint8)
    found = np.zeros(256, np.uint8)
    found[FIRST_START:] |= _START
    found[FIRST_DIGIT:] |= _DIGIT
    found[FIRST_INVISIBLE:FIRST_MARK] |= _HIDDEN
    found[shared_codes(codes)] |= _SHARED
    return found


@part
def joins(codes: Bytes, kinds: Bytes, at: int) -> bool:
    """Whether a separator behind a digit stands within a number, also before invisible characters."""
    following = at + 1
    while kinds[codes[following]] & _HIDDEN:
        following += 1
    return bool(kinds[codes[following]] & _DIGIT)


@part
def find_edges(codes: Bytes, words: UInt64s, kinds: Bytes, edges: Int32s) -> int:
    """Write where runs of characters that may be tokens begin and end; returns how many these places are.

    Only what is rare is decided by branches: where a word ends cannot be foretold.
    """
    # An index without a sign is not asked whether it counts from the end.
    count = before = last_digit = _0
    for first in range(0, len(words), _WORDS_AT_ONCE):
        bits = _0
        for at in range(first, min(first + _WORDS_AT_ONCE, len(words))):
            word = words[at]
            lower = word & _LOWER
            body = ((lower + _TO_BODY) | word) & _HIGHEST
            digits = (lower + _TO_DIGIT) & word & _HIGHEST
            separators = ((lower + _TO_SEPARATOR) | word) & ~body & ((digits << _8) | last_digit) & _HIGHEST
            last_digit = digits >> _56
            if separators:
                for place in range(_KEY_CODES):
                    bit = np.uint64(0x80) << np.uint64(8 * place)
                    if separators & bit and joins(codes, kinds, at * _KEY_CODES + place):
                        body |= bit
            bits |= (((body >> _7) * _GATHER) >> _56) << np.uint64(_KEY_CODES * (at - first))
        changes = bits ^ (bits << _1) ^ before
        before = bits >> _63
        while changes:
            lowest = changes & (~changes + _1)
            edges[count] = np.uint64(first * _KEY_CODES) + np.uint64(_PLACES[(lowest * _DE_BRUIJN) >> _58])
            count += _1
            changes ^= lowest
    return int(count)


@part
def has_shared(word: np.uint64) -> bool:
    """Whether one of eight codes is not that of one character alone."""
    lower = word & _LOWER
    others = (lower + _TO_SHARED) & ~(lower + _TO_LETTERS) & ~word
    return bool((others | ((lower + _TO_SHARED_DIGIT) & word)) & _HIGHEST)


@part
def long_key(codes: Bytes, kinds: Bytes, start: np.uint64, length: np.uint64, longest: int) -> np.uint64:
    """What stands instead of the key of a token that has none."""
    if length > np.uint64(longest):
        return np.uint64(OTHER)
    for at in range(start, start + length):
        if kinds[codes[at]] & _SHARED:
            return np.uint64(OTHER)
    return np.uint64(LONG)


@loop(writes=("edges", "starts", "lengths", "keys"), bounded=True)
def find_tokens(
    codes: Bytes, words: UInt64s, kinds: Bytes, most: int, longest: int, edges: Int32s, starts: Int32s,
    lengths: Int32s, keys: UInt64s,
) -> int:  # fmt: skip
    """Find the tokens of coded texts with a gap at the end.

    Args:
        codes: of the texts, in which gaps part one from the next; padded by gaps, sixteen at least.
        words: the same, eight by eight.
        kinds: those above.
        most: characters of a token; what is longer is cut.
        longest: characters of a token that is known by its codes.
        edges: is written to; of one entry more than there are codes.
        starts: become where tokens start.
        lengths: become how many characters they have.
        keys: become the codes of each token, the first the lowest byte, or `LONG`, or `OTHER`.

    Returns:
        How many tokens there are. The arrays must have room for one of every two characters, and one more.
    """
    size = np.uint64(len(words)) << _3
    if np.uint64(len(codes)) < size or len(kinds) < _ALL_CODES or np.uint64(len(edges)) <= size:
        raise IndexError("an array is too short")
    if most < 2 or np.uint64(min(len(starts), len(lengths), len(keys))) <= size >> _1:
        raise IndexError("there may be more tokens than there is room for")
    if not size or words[len(words) - 1] or codes[len(codes) - 1] or kinds[0] & (_START | _HIDDEN):
        raise IndexError("the texts do not end with gaps")
    # So each run that begins ends before the last word, and what is hidden is followed by something that is not.
    count = _0
    for edge in range(_0, np.uint64(find_edges(codes, words, kinds, edges)), np.uint64(2)):
        start, end = np.uint64(edges[edge]), np.uint64(edges[edge + _1])
        while start < end and not kinds[codes[start]] & _START:
            start += _1
        while start < end:
            length = min(end - start, np.uint64(most))
            word, bits = start >> _3, (start & _7) << _3
            key = (words[word] >> bits) | ((words[word + _1] << _1) << (_63 - bits))
            if length <= _8:
                key &= _ALL_BITS >> ((_8 - length) << _3)
                if has_shared(key):
                    key = np.uint64(OTHER)
            else:
                key = long_key(codes, kinds, start, length, longest)
            starts[count], lengths[count], keys[count] = start, length, key
            count += _1
            start += length
    return int(count)


@loop(writes=("pointers", "new_starts", "new_lengths", "exact", "lemma"), bounded=True)
def number_tokens(
    values: UInt64s, starts: Int32s, lengths: Int32s, begins: Int64s, dropped: int, seams: Int64s, seconds: Int64s,
    lemmas: Int32s, pointers: Int64s, new_starts: Int64s, new_lengths: Int64s, exact: Int32s, lemma: Int32s,
) -> int:  # fmt: skip
    """Turn the values of tokens into the numbers of their terms; returns how many tokens there are then.

    Args:
        values: of the tokens' surfaces, as `surface_numbers` has them.
        starts: of the tokens, rising.
        lengths: of the tokens.
        begins: where texts begin, and where one more would.
        dropped: the value of what is no token.
        seams: of glued words, where the second one begins.
        seconds: of glued words, the second one's number.
        lemmas: exact form's number → its lemma's.
        pointers: become the bounds of the texts' tokens.
        new_starts: become the starts of tokens within their texts.
        new_lengths: become their lengths.
        exact: become the numbers of their exact forms.
        lemma: become the numbers of their lemmas.
    """
    if len(begins) == 0 or len(pointers) < len(begins) or min(len(starts), len(lengths)) < len(values):
        raise IndexError("an array is too short")
    texts, gone = np.uint64(len(begins) - 1), np.uint64(dropped)
    room = np.uint64(min(len(new_starts), len(new_lengths), len(exact), len(lemma)))
    forms, parted = np.uint64(len(lemmas)), np.uint64(min(len(seams), len(seconds)))
    count = text = _0
    begin = np.int64(0)
    next_begin = begins[_0] if texts else _NEVER
    for token in range(np.uint64(len(values))):
        value = values[token]
        start, length = np.int64(starts[token]), np.int64(lengths[token])
        while next_begin <= start:
            pointers[text] = count
            begin = next_begin
            text += _1
            next_begin = begins[text] if text < texts else _NEVER
        if value == gone:
            continue
        number = value & _LOW_HALF
        if value > _LOW_HALF:
            glued = (value >> _32) - _1
            if glued >= parted or number >= forms or count >= room:
                raise IndexError("a glued word has no parts, or there is no room for it")
            seam = seams[glued]
            new_starts[count], new_lengths[count] = start - begin, seam
            exact[count], lemma[count] = number, lemmas[number]
            count += _1
            start, length, number = start + seam, length - seam, np.uint64(seconds[glued])
        if number >= forms or count >= room:
            raise IndexError("a form has no lemma, or there is no room for it")
        new_starts[count], new_lengths[count] = start - begin, length
        exact[count], lemma[count] = number, lemmas[number]
        count += _1
    for at in range(text, texts + _1):
        pointers[at] = count
    return int(count)
