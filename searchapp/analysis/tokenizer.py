"""The tokenizer: where words begin and end in a text as published.

The rules follow Unicode's word boundaries (UAX #29) as Lucene's StandardTokenizer applies them to Arabic and Latin
text: a token begins with a letter or a digit and runs over letters, digits, marks, tatweel and invisible characters;
letters and digits side by side are one token (ف16; `glued_words` parts كوفيد19). Deliberate differences, all for
readers' sake:

* An underscore splits, so that each word of a hashtag is found.
* A full stop, colon or apostrophe between letters splits: in news it mostly stands where a space was forgotten.
* Between digits only `NUMBER_SEPARATORS` join; UAX #29 also knows the Arabic comma and the semicolon there.
* A zero-width space inside a word does not split it: in crawled pages it stands there by accident.
* Symbols and pictures make no token; Chinese and Japanese characters in a row make one token.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from unicodedata import category

from searchapp.analysis.char_filters import INVISIBLE_RANGES

NUMBER_SEPARATORS: Final = ".,\N{ARABIC DECIMAL SEPARATOR}\N{ARABIC THOUSANDS SEPARATOR}"

# Lucene's StandardTokenizer cuts there too. It keeps a term, and what is remembered of it, small on hostile input.
TOKEN_CHARACTERS: Final = 255

# Unicode general categories: letters (L*), letter numbers (Nl, as Ⅷ) and decimal digits (Nd) begin a token.
DIGIT_CATEGORY: Final = "Nd"
START_CATEGORIES: Final = frozenset({"Lu", "Ll", "Lt", "Lm", "Lo", "Nl", DIGIT_CATEGORY})
BODY_CATEGORIES: Final = START_CATEGORIES | {"Mn", "Mc", "Me"}  # … and marks

BASIC_PLANE: Final = range(0x10000)

_INVISIBLE: Final = frozenset(point for first, last in INVISIBLE_RANGES for point in range(first, last + 1))
_SEPARATORS: Final = frozenset(map(ord, NUMBER_SEPARATORS))
_LETTER, _DIGIT, _MARK, _HIDDEN, _SEPARATOR, _GAP = "ldmi. "
"""What a character is to the tokenizer."""
_TOKEN: Final = re.compile(r"[ld][ldmi]*+(?:(?<=d)\.i*+(?=d)[ldmi]++)*")


def starts_token(point: int) -> bool:
    """Whether a token may begin with this code point."""
    return category(chr(point)) in START_CATEGORIES


def continues_token(point: int) -> bool:
    """Whether a token that has begun runs on over this code point."""
    return point in _INVISIBLE or category(chr(point)) in BODY_CATEGORIES


class Tokenizer:
    """Finds the tokens of a text. It keeps no state and may be used from many threads."""

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield (start, end) of each token: string indices, in order, not overlapping, never empty.

        Any string is accepted, lone surrogates too. A run longer than `TOKEN_CHARACTERS` is cut into such pieces.
        """
        for match in _TOKEN.finditer(text.translate(_KINDS)):
            start, end = match.span()
            while end - start > TOKEN_CHARACTERS:
                yield start, start + TOKEN_CHARACTERS
                start += TOKEN_CHARACTERS
            yield start, end


class _Kinds(dict[int, str]):
    """Code point → what it is to the tokenizer, told when it is met: a pattern of all letters takes long to make."""

    def __missing__(self, point: int) -> str:
        kind = _kind(point)
        if point in BASIC_PLANE:
            self[point] = kind
        return kind


def _kind(point: int) -> str:
    if starts_token(point):
        return _DIGIT if category(chr(point)) == DIGIT_CATEGORY else _LETTER
    if point in _INVISIBLE:
        return _HIDDEN
    if continues_token(point):
        return _MARK
    return _SEPARATOR if point in _SEPARATORS else _GAP


_KINDS: Final = _Kinds()
