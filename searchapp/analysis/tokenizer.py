"""The tokenizer: where words begin and end in a text as published.

The rules follow Unicode's word boundaries (UAX #29) as Lucene's StandardTokenizer applies them to Arabic and Latin
text: a token begins with a letter or a digit and runs over letters, digits, marks, tatweel and invisible characters;
letters and digits side by side are one token (كوفيد19). Deliberate differences, all for readers' sake:

* An underscore splits, so that each word of a hashtag is found.
* A full stop, colon or apostrophe between letters splits: in news it mostly stands where a space was forgotten.
* Between digits only `NUMBER_SEPARATORS` join; UAX #29 also knows the Arabic comma and the semicolon there.
* A zero-width space inside a word does not split it: in crawled pages it stands there by accident.
* Symbols and pictures make no token; Chinese and Japanese characters in a row make one token.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Final
from unicodedata import category

from pyarabic import araby

from searchapp.analysis.char_filters import INVISIBLE_RANGES

NUMBER_SEPARATORS: Final = f".,{araby.DECIMAL}{araby.THOUSANDS}"

# Lucene's StandardTokenizer cuts there too. It keeps a term, and what is remembered of it, small on hostile input.
TOKEN_CHARACTERS: Final = 255

# Unicode general categories: letters (L*), letter numbers (Nl, as Ⅷ) and decimal digits (Nd) begin a token.
START_CATEGORIES: Final = frozenset({"Lu", "Ll", "Lt", "Lm", "Lo", "Nl", "Nd"})
BODY_CATEGORIES: Final = START_CATEGORIES | {"Mn", "Mc", "Me"}  # … and marks

BASIC_PLANE: Final = range(0x10000)
# Planes 1 to 3 and the variation selectors of plane 14; no other plane has letters or marks.
HIGHER_PLANES: Final = (*range(0x10000, 0x40000), *range(0xE0000, 0xE1000))

_INVISIBLE: Final = frozenset(point for first, last in INVISIBLE_RANGES for point in range(first, last + 1))
_HIGHER: Final = re.compile("[\U00010000-\U0010ffff]")


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
        for match in _pattern(_HIGHER.search(text) is not None).finditer(text):
            start, end = match.span()
            while end - start > TOKEN_CHARACTERS:
                yield start, start + TOKEN_CHARACTERS
                start += TOKEN_CHARACTERS
            yield start, end


@cache
def _pattern(higher: bool) -> re.Pattern[str]:
    """The token pattern. Most texts need no letters above the basic plane, and without them it is ten times faster."""
    points = (*BASIC_PLANE, *HIGHER_PLANES) if higher else BASIC_PLANE
    start, body = _characters(starts_token, points), _characters(continues_token, points)
    invisible = _characters(_INVISIBLE.__contains__, BASIC_PLANE)
    separator = rf"(?<=\d)[{NUMBER_SEPARATORS}][{invisible}]*+(?=\d)"
    return re.compile(f"[{start}][{body}]*+(?:{separator}[{body}]++)*")


def _characters(belongs: Callable[[int], bool], points: Iterable[int]) -> str:
    """The inside of a regular expression's character class for the points that belong, as ranges."""
    ranges: list[list[int]] = []
    for point in filter(belongs, points):
        if ranges and ranges[-1][1] == point - 1:
            ranges[-1][1] = point
        else:
            ranges.append([point, point])
    return "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in ranges)
