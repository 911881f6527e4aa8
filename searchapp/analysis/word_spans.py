"""Where the tokens of a coded text begin and end: `tokenizer.Tokenizer` over arrays, with the same result."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from searchapp.analysis.code_page import (
    FIRST_BODY,
    FIRST_DIGIT,
    FIRST_INVISIBLE,
    FIRST_MARK,
    FIRST_SEPARATOR,
    FIRST_START,
    Codes,
)
from searchapp.analysis.tokenizer import TOKEN_CHARACTERS

Places = NDArray[np.int64]


def _class(first: int, end: int = 256) -> bytes:
    """The codes from `first` up to but without `end`, as a regular expression's character class."""
    return b"[\\x%02x-\\x%02x]" % (first, end - 1)


_START: Final = re.compile(_class(FIRST_START))
_HIDDEN_THEN_DIGIT: Final = re.compile(_class(FIRST_INVISIBLE, FIRST_MARK) + b"++" + _class(FIRST_DIGIT))


@dataclass(frozen=True, slots=True)
class Spans:
    """Places in a text, in order: where each starts and how many characters it has."""

    starts: Places
    lengths: Places

    def take(self, places: Places) -> Spans:
        """Some of them."""
        return Spans(self.starts.take(places), self.lengths.take(places))

    def slices(self, text: str) -> Iterator[str]:
        """What stands there."""
        for start, end in zip(self.starts.tolist(), (self.starts + self.lengths).tolist(), strict=True):
            yield text[start:end]


def word_spans(codes: Codes) -> Spans:
    """The tokens of a coded text that begins and ends with a gap."""
    body = codes >= FIRST_BODY
    _join_numbers(codes, body)
    edges = np.flatnonzero(body[1:] != body[:-1])
    edges += 1
    starts, ends = _begin_with_letters(codes, edges[0::2].copy(), edges[1::2])
    return _cut(starts, ends - starts)


def _join_numbers(codes: Codes, body: NDArray[np.bool_]) -> None:
    """Make separators between digits part of a token, also where invisible characters follow them."""
    digits = codes >= FIRST_DIGIT
    # Unsigned: a gap wraps round to 255, far above the separators.
    candidates = (codes[1:-1] - np.uint8(FIRST_SEPARATOR)) < FIRST_INVISIBLE - FIRST_SEPARATOR
    candidates &= digits[:-2]
    body[1:-1] |= candidates & digits[2:]
    candidates &= (codes[2:] - np.uint8(FIRST_INVISIBLE)) < FIRST_MARK - FIRST_INVISIBLE
    for place in (np.flatnonzero(candidates) + 1).tolist():
        body[place] = _HIDDEN_THEN_DIGIT.match(codes.data, place + 1) is not None


def _begin_with_letters(codes: Codes, starts: Places, ends: Places) -> tuple[Places, Places]:
    """Take marks and invisible characters off the tokens' beginnings; what is nothing else is no token."""
    drawn = np.flatnonzero(codes.take(starts) < FIRST_START)
    if not len(drawn):
        return starts, ends
    found = [
        _START.search(codes.data, *span) for span in zip(starts[drawn].tolist(), ends[drawn].tolist(), strict=True)
    ]
    starts[drawn] = [-1 if letter is None else letter.start() for letter in found]
    kept = starts >= 0
    return starts[kept], ends[kept]


def _cut(starts: Places, lengths: Places) -> Spans:
    """Cut tokens of more than `TOKEN_CHARACTERS` into pieces of that length and a rest."""
    if lengths.max(initial=0) <= TOKEN_CHARACTERS:
        return Spans(starts, lengths)
    pieces = -(-lengths // TOKEN_CHARACTERS)
    first = np.cumsum(pieces) - pieces
    skipped = (np.arange(int(pieces.sum())) - np.repeat(first, pieces)) * TOKEN_CHARACTERS
    left = np.repeat(lengths, pieces) - skipped
    return Spans(np.repeat(starts, pieces) + skipped, np.minimum(left, TOKEN_CHARACTERS))
