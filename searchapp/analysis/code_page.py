"""A text as one byte a character, numbered so that one comparison tells what a character is to the tokenizer.

The codes run: gap (no token holds it), number separators, invisible characters, marks, letters, digits. Characters that
are frequent in Arabic news have a code each, so that a word's bytes spell it. All other characters of a class share one
code: enough to find where words begin and end, too little to tell one word from another.

What class a character is in is asked of `tokenizer`, so its rules are told once.
"""

from __future__ import annotations

import string
from functools import cache
from itertools import repeat
from typing import Final
from unicodedata import category

import numpy as np
from numpy.typing import NDArray

from searchapp.analysis.char_filters import INVISIBLE_RANGES, LETTER_MAP
from searchapp.analysis.tokenizer import (
    BASIC_PLANE,
    BODY_CATEGORIES,
    DIGIT_CATEGORY,
    NUMBER_SEPARATORS,
    START_CATEGORIES,
)


def _characters(*ranges: tuple[int, int]) -> str:
    """The characters of inclusive ranges of code points."""
    return "".join(chr(point) for first, last in ranges for point in range(first, last + 1))


INVISIBLE: Final = _characters(*INVISIBLE_RANGES)
MARKS: Final = _characters((0x064B, 0x0655), (0x0670, 0x0670))
# Arabic letters and tatweel; what other keyboards have in their place; letters of loan words; common ligatures; English
# and French.
LETTERS: Final = (
    _characters((0x0620, 0x064A))
    + "".join(LETTER_MAP)
    + "پچژگڤ"
    + "ﷲﷺﻻﻷﻹﻵ"
    + string.ascii_letters
    + "àâäçéèêëîïôöùûüœÀÇÉÈÊÎÔÖÜ"
)
DIGITS: Final = string.digits + _characters((0x0660, 0x0669), (0x06F0, 0x06F9))

GAP: Final = 0
FIRST_SEPARATOR: Final = 1
FIRST_INVISIBLE: Final = FIRST_SEPARATOR + len(NUMBER_SEPARATORS)
FIRST_MARK: Final = FIRST_INVISIBLE + len(INVISIBLE)
OTHER_MARK: Final = FIRST_MARK + len(MARKS)
OTHER_LETTER: Final = OTHER_MARK + 1
FIRST_DIGIT: Final = OTHER_LETTER + 1 + len(LETTERS)
OTHER_DIGIT: Final = FIRST_DIGIT + len(DIGITS)

_OWN: Final = (
    (FIRST_SEPARATOR, NUMBER_SEPARATORS),
    (FIRST_INVISIBLE, INVISIBLE),
    (FIRST_MARK, MARKS),
    (OTHER_LETTER + 1, LETTERS),
    (FIRST_DIGIT, DIGITS),
)
"""Characters that have a code each, from the first one's on."""


def _page() -> str:
    page = ["\ufffe"] * 256
    page[GAP] = "\0"
    for first, characters in _OWN:
        page[first : first + len(characters)] = characters
    return "".join(page)


CHARACTERS: Final = _page()
"""Code → the character that has it alone; U+FFFE, which is none, for others, and U+0000 for a gap."""

FIRST_BODY: Final = FIRST_INVISIBLE
"""Codes from here on continue a token."""
FIRST_START: Final = OTHER_LETTER
"""Codes from here on may begin a token."""

# Of characters that have no code of their own, by their general category.
_CLASS_CODES: Final = {
    **dict.fromkeys(BODY_CATEGORIES, OTHER_MARK),
    **dict.fromkeys(START_CATEGORIES, OTHER_LETTER),
    DIGIT_CATEGORY: OTHER_DIGIT,
}
_HIGHEST_BASIC: Final = BASIC_PLANE[-1]
# numpy widens indices to eight bytes each; so many at a time stay in the processor's cache.
_STEP: Final = 1 << 15

_BASIC_BYTES: Final = 2

Codes = NDArray[np.uint8]
Points = NDArray[np.uint16] | NDArray[np.uint32]


def code_points(text: str) -> Points:
    """The code points of any string, lone surrogates too: in two bytes each where all are of the basic plane."""
    narrow = text.encode("utf-16-le", "surrogatepass")
    if len(narrow) == 2 * len(text):
        return np.frombuffer(narrow, "<u2")
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")


def encode(text: str, padding: int) -> Codes:
    """The codes of a text's characters, any string, then `padding` gaps."""
    points = code_points(text)
    codes = np.zeros(len(points) + padding, np.uint8)
    table = code_table()
    for start in range(0, len(points), _STEP):
        step = points[start : start + _STEP]
        # "clip" reads points above the basic plane as its last one, U+FFFF, which is no character: a gap.
        table.take(step, out=codes[start : start + len(step)], mode="clip")
    code_higher(points, codes)
    return codes


def code_higher(points: Points, codes: Codes) -> None:
    """Put in the codes of characters above the basic plane."""
    if points.dtype.itemsize > _BASIC_BYTES:
        higher = np.flatnonzero(points > _HIGHEST_BASIC)
        codes[higher] = codes_of_higher(points.take(higher))


def codes_of_higher(points: Points) -> Codes:
    """The codes of characters above the basic plane."""
    distinct, which = np.unique(points, return_inverse=True)
    return np.array([_class_code(point) for point in distinct.tolist()], np.uint8).take(which)


def shared_codes(codes: Codes) -> NDArray[np.bool_]:
    """Which characters have a code that is not theirs alone (gaps aside)."""
    shared: NDArray[np.bool_] = codes == OTHER_LETTER
    shared |= codes == OTHER_MARK
    shared |= codes == OTHER_DIGIT
    return shared


def _class_code(point: int) -> int:
    return _CLASS_CODES.get(category(chr(point)), GAP)


@cache
def code_table() -> Codes:
    """Code point of the basic plane → code."""
    categories = map(category, map(chr, BASIC_PLANE))
    table = np.frombuffer(bytearray(map(_CLASS_CODES.get, categories, repeat(GAP))), np.uint8)
    for first, characters in _OWN:
        table[list(map(ord, characters))] = np.arange(first, first + len(characters), dtype=np.uint8)
    return table
