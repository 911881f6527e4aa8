"""Words as rows of codes (`code_page`): spelled out, their exact forms, and which of them may be two glued words.

What `analyzer.exact_forms` does to a word of the commonest characters is told of each character alone: a letter becomes
a letter, a mark goes. So it is one look-up for all characters of all words. Words with one of the few characters that
act on their neighbours, or become several, are left to the readable rules.

A row has eight codes or a multiple of it, with gaps behind the word's end. Seen as 64-bit words, it is the word's key.
"""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from functools import cache
from typing import Final
from unicodedata import normalize

import numpy as np
from numpy.typing import NDArray

from searchapp.analysis import glued_words
from searchapp.analysis.analyzer import exact_forms
from searchapp.analysis.code_page import CHARACTERS, FIRST_DIGIT, GAP, Codes
from searchapp.analysis.glued_words import (
    FINALS,
    INITIALS,
    LETTER_RANGES,
    LETTERS_AROUND,
    LETTERS_BEFORE_INITIAL,
    NOT_AFTER_FINAL,
    WORD_BESIDE_NUMBER,
)
from searchapp.analysis.learning_loops import ARTICLE, DRAWING, FINAL, HAMZA, INITIAL, JOINING, LAM, LETTER

KEY_CODES: Final = 8
"""Codes that fill one word of a key."""
_KEY_WORD: Final = np.dtype("<u8")

Rows = NDArray[np.uint8]
Keys = NDArray[np.uint64]


def rows_of(keys: Sequence[Keys]) -> Rows:
    """Keys, an array for each of their words, as rows."""
    return np.stack(keys, axis=1).astype(_KEY_WORD, copy=False).view(np.uint8)


def keys_of(rows: Rows) -> list[Keys]:
    """Rows as keys: an array for each of their words."""
    words = np.ascontiguousarray(rows).view(_KEY_WORD)
    return [np.ascontiguousarray(words[:, place]) for place in range(words.shape[1])]


def spelled_out(rows: Rows) -> list[str]:
    """The words of rows, none of them empty, of characters that have codes of their own."""
    if not len(rows):
        return []
    spelled = b"\0".join(np.ascontiguousarray(rows).view(f"S{rows.shape[1]}").ravel().tolist())
    return codecs.charmap_decode(spelled, "strict", CHARACTERS)[0].split("\0")


def exact_rows(rows: Rows) -> tuple[Rows, NDArray[np.bool_]]:
    """The exact forms of words, and which of them mean nothing, as the readable rules must be asked."""
    found = folded().take(rows)
    # Where a character has gone, those behind it move up.
    moved = np.flatnonzero(((found == GAP) & (rows != GAP)).any(1))
    if len(moved):
        holed = found.take(moved, axis=0)
        found[moved] = np.take_along_axis(holed, (holed == GAP).argsort(axis=1, kind="stable"), axis=1)
    return found, np.any(kinds().take(rows) & JOINING, axis=1)


def may_be_glued(rows: Rows) -> NDArray[np.int64]:
    """The words in which `glued_words.MAY_BE_GLUED` finds something, and a few more."""
    found_kinds = kinds().take(rows)
    found = (found_kinds & DRAWING).any(1)
    are_digits = rows >= FIRST_DIGIT
    letters = np.count_nonzero((rows != GAP) & ~are_digits, axis=1)
    found |= are_digits.any(1) & ((letters >= WORD_BESIDE_NUMBER) | (found_kinds & JOINING).any(1))
    last = rows.shape[1] - LETTERS_AROUND
    for kind, before in ((FINAL, LETTERS_AROUND), (INITIAL, LETTERS_BEFORE_INITIAL)):
        found |= ((found_kinds[:, before:last] & kind).astype(bool) & (rows[:, before + LETTERS_AROUND :] != GAP)).any(
            1
        )
    return np.flatnonzero(found)


@cache
def folded() -> Codes:
    """Code → the code of the character that it becomes, a gap where it goes or becomes several."""
    code_of = {character: code for code, character in _coded()}
    table = np.zeros(len(CHARACTERS), np.uint8)
    for code, character in _coded():
        table[code] = code_of.get(exact_forms([character])[0], GAP)
    return table


@cache
def kinds() -> Codes:
    """Code → bits that tell what must be looked at more closely, and of which words (`learning_loops.py`)."""
    joining = {normalize("NFD", character)[1:] for _, character in _coded()}
    of_seams = (
        (DRAWING, glued_words.DRAWING),
        (FINAL, FINALS),
        (INITIAL, INITIALS),
        (LETTER, [chr(point) for first, last in LETTER_RANGES for point in range(first, last + 1)]),
        (HAMZA, NOT_AFTER_FINAL),
        (ARTICLE, glued_words.ARTICLE),
        (LAM, glued_words.ARTICLE[-1]),
    )
    table = np.zeros(len(CHARACTERS), np.uint8)
    for code, character in _coded():
        if character in joining or len(exact_forms([character])[0]) > 1:
            table[code] |= JOINING
        for bit, characters in of_seams:
            if character in characters:
                table[code] |= bit
    return table


@cache
def characters() -> NDArray[np.uint32]:
    """Code → the code point of the character that has it alone."""
    return np.array(list(map(ord, CHARACTERS)), np.uint32)


def _coded() -> list[tuple[int, str]]:
    """The codes that stand for one character each, and these."""
    return [(code, character) for code, character in enumerate(CHARACTERS) if character not in "\0\ufffe"]
