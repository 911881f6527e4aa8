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
    Codes,
    shared_codes,
)
from searchapp.compiled import Bytes, Int32s, Int64s, UInt64s, loop, part

_BODY: Final = 1
_START: Final = 2
_HIDDEN: Final = 4
_SHARED: Final = 8
_DIGIT_BIT: Final = 4
_DIGIT: Final = 1 << _DIGIT_BIT
_SEPARATOR_BIT: Final = 5
# The same in a byte, in which the compiled loop counts.
_BODY_BIT: Final = np.uint8(_BODY)
_SHARED_BIT: Final = np.uint8(_SHARED)
_SEPARATOR: Final = np.uint8(1 << _SEPARATOR_BIT)
_TO_SEPARATOR: Final = np.uint8(_SEPARATOR_BIT - _DIGIT_BIT)
"""From the bit of a digit to that of a separator."""
_KEY_CODES: Final = 8
_ALL_BITS: Final = np.uint64(0xFFFFFFFFFFFFFFFF)
LONG: Final = 0
"""Instead of the key of a surface that is known by more codes than a key has; no key is as low."""
OTHER: Final = 1
"""Instead of the key of a surface that is known as a text."""


@cache
def kinds() -> Codes:
    """Code → bits that tell what the character is."""
    codes = np.arange(256, dtype=np.uint8)
    found = np.zeros(256, np.uint8)
    found[FIRST_BODY:] |= _BODY
    found[FIRST_START:] |= _START
    found[FIRST_DIGIT:] |= _DIGIT
    found[FIRST_SEPARATOR:FIRST_INVISIBLE] |= 1 << _SEPARATOR_BIT
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
def find_edges(codes: Bytes, kinds: Bytes, edges: Int32s, shared: Int32s) -> int:
    """Write where runs of characters that may be tokens begin and end, and where characters of shared codes are.

    Only what is rare is decided by branches: where a word ends cannot be foretold.
    """
    others = 0
    # An index without a sign is not asked whether it counts from the end.
    count = np.uint64(0)
    kind = before = np.uint8(0)
    for at in range(len(codes)):
        last, kind = kind, kinds[codes[at]]
        body = kind & _BODY_BIT
        behind_digit = kind & (last << _TO_SEPARATOR) & _SEPARATOR
        if behind_digit | (kind & _SHARED_BIT):
            if behind_digit and joins(codes, kinds, at):
                body = _BODY_BIT
            if kind & _SHARED_BIT:
                shared[others] = at
                others += 1
        edges[count] = at
        count += np.uint64(body ^ before)
        before = body
    shared[others] = len(codes)
    return int(count)


@loop(writes=("edges", "shared", "starts", "lengths", "keys"))
def find_tokens(
    codes: Bytes, words: UInt64s, kinds: Bytes, most: int, longest: int, edges: Int32s, shared: Int32s,
    starts: Int64s, lengths: Int64s, keys: UInt64s,
) -> int:  # fmt: skip
    """Find the tokens of coded texts with a gap at the end.

    Args:
        codes: of the texts, in which gaps part one from the next; padded by gaps, sixteen at least.
        words: the same, eight by eight.
        kinds: those above.
        most: characters of a token; what is longer is cut.
        longest: characters of a token that is known by its codes.
        edges: is written to; of one entry more than there are codes.
        shared: is written to; of the same length.
        starts: become where tokens start.
        lengths: become how many characters they have.
        keys: become the codes of each token, the first the lowest byte, or `LONG`, or `OTHER`.

    Returns:
        How many tokens there are. The arrays must have room for one of every two characters, and one more.
    """
    count = other = 0
    for edge in range(0, find_edges(codes, kinds, edges, shared) - 1, 2):
        start, end = np.int64(edges[edge]), np.int64(edges[edge + 1])
        while start < end and not kinds[codes[start]] & _START:
            start += 1
        while start < end:
            stop = min(end, start + most)
            while shared[other] < start:
                other += 1
            starts[count], lengths[count] = start, stop - start
            if stop - start > longest or shared[other] < stop:
                keys[count] = np.uint64(OTHER)
            elif stop - start > _KEY_CODES:
                keys[count] = np.uint64(LONG)
            else:
                word, bits = start >> 3, np.uint64((start & 7) * 8)
                both = (words[word] >> bits) | ((words[word + 1] << np.uint64(1)) << (np.uint64(63) - bits))
                keys[count] = both & (_ALL_BITS >> np.uint64(8 * (_KEY_CODES - (stop - start))))
            count += 1
            start = stop
    return count


@loop(writes=("pointers", "new_starts", "new_lengths", "exact", "lemma"))
def number_tokens(
    values: UInt64s, starts: Int64s, lengths: Int64s, begins: Int64s, dropped: int, seams: Int64s, seconds: Int64s,
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
        start, length = starts[token], lengths[token]
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
