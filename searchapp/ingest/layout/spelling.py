"""Patterns that find words in a text as it was published, whatever their spelling."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Final

_IGNORED: Final = "[\u0640\u064b-\u065f\u0670\u200b-\u200f\u2060\u061c\ufeff]*+"
"""Tatweel, marks, and characters that print nothing: between any two letters of a word."""

_VARIANTS: Final = {
    **dict.fromkeys("اأإآٱ", "[اأإآٱ]"),
    **dict.fromkeys("يىی", "[يىی]"),
    **dict.fromkeys("كک", "[كک]"),
    **dict.fromkeys("هة", "[هةہۀ]"),
    " ": r"[\s\u200b-\u200f]*+",
}

SIGNS_BEFORE: Final = ' ([{«"“•▪*|#>-–—'
"""What may stand before the label of a marked line, besides what prints nothing."""
_TOLD_BY: Final = 5
_BEGINNINGS_KEPT: Final = 1 << 15
_PLAIN: Final = frozenset(map(chr, (*range(0x621, 0x640), *range(0x641, 0x64B), 0x671, 0x6A9, 0x6CC, *b" 0123456789")))
"""What stands for itself, or for other letters as in `_VARIANTS`, whatever mark follows."""
_ONE_FORM: Final = str.maketrans({letter: letters[1] for letter, letters in _VARIANTS.items() if letter != " "})


def spelled(pattern: str) -> str:
    """Return a regular expression with its Arabic letters open to variants, marks and tatweel, and blanks optional.

    Anything but Arabic letters and blanks stays as it is.
    """
    return "".join(_VARIANTS.get(character, character) + _after(character) for character in pattern)


def _after(character: str) -> str:
    return _IGNORED if "\u0621" <= character <= "\u06d3" else ""


def any_of(*phrases: str) -> str:
    """Return a regular expression for any of these phrases in any spelling."""
    return "(?:" + "|".join(map(spelled, phrases)) + ")"


class Beginnings:
    """Tells quickly, by a line's first letters, that none of some phrases can begin it; most lines go no further."""

    def __init__(self, phrases: Iterable[str]) -> None:
        """`phrases` are as for `any_of`; those of another script need not be among them."""
        letters = [phrase.replace(" ", "")[:_TOLD_BY].translate(_ONE_FORM) for phrase in phrases]
        self._beginnings = frozenset(each[:end] for each in letters for end in range(1, len(each) + 1))
        self._may_begin_so = lru_cache(maxsize=_BEGINNINGS_KEPT)(self._may_begin_so_uncached)

    def may_begin(self, line: str) -> bool:
        """Whether a trimmed line may begin with one of the phrases, also behind signs."""
        if not self._may_begin_so(line[:_TOLD_BY]):
            return False
        unsigned = line.lstrip(SIGNS_BEFORE)
        return len(unsigned) == len(line) or self._may_begin_so(unsigned[:_TOLD_BY])

    def _may_begin_so_uncached(self, head: str) -> bool:
        return not _PLAIN.issuperset(head) or head.replace(" ", "").translate(_ONE_FORM) in self._beginnings


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """Return the pattern compiled, letters of either case being one.

    Some of the patterns take a tenth of a second to compile, so that it is done where one is used for the first time.
    """
    return re.compile(pattern, re.IGNORECASE)
