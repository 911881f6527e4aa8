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
_0, _1, _7, _8, _56, _58, _63 = (np.uint64(number) for number in (0, 1, 7, 8, 56, 58, 63))


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


@loop(writes=("edges", "starts", "lengths", "keys"))
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
    count = 0
    for edge in range(0, find_edges(codes, words, kinds, edges) - 1, 2):
        start, end = np.int64(edges[edge]), np.int64(edges[edge + 1])
        while start < end and not kinds[codes[start]] & _START:
            start += 1
        while start < end:
            stop = min(end, start + most)
            word, bits = start >> 3, np.uint64((start & 7) * 8)
            key = (words[word] >> bits) | ((words[word + 1] << _1) << (_63 - bits))
            if stop - start <= _KEY_CODES:
                key &= _ALL_BITS >> np.uint64(8 * (_KEY_CODES - (stop - start)))
                if has_shared(key):
                    key = np.uint64(OTHER)
            else:
                key = np.uint64(LONG)
                if stop - start > longest:
                    key = np.uint64(OTHER)
                else:
                    for at in range(start, stop):
                        if kinds[codes[at]] & _SHARED:
                            key = np.uint64(OTHER)
            starts[count], lengths[count], keys[count] = start, stop - start, key
            count += 1
            start = stop
    return count


@loop(writes=("pointers", "new_starts", "new_lengths", "exact", "lemma"))
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
    count = text = 0
    texts = len(begins) - 1
    begin = 0
    for token in range(len(values)):
        value = np.int64(values[token])
        start, length = np.int64(starts[token]), np.int64(lengths[token])
        while text < texts and begins[text] <= start:
            pointers[text] = count
            begin = begins[text]
            text += 1
        if value == dropped:
            continue
        glued = value >> 32
        number = value & 0xFFFFFFFF
        if glued:
            seam = seams[glued - 1]
            new_starts[count], new_lengths[count] = start - begin, seam
            exact[count], lemma[count] = number, lemmas[number]
            count += 1
            start, length, number = start + seam, length - seam, seconds[glued - 1]
        new_starts[count], new_lengths[count] = start - begin, length
        exact[count], lemma[count] = number, lemmas[number]
        count += 1
    for at in range(text, texts + 1):
        pointers[at] = count
    return count
