"""Patterns that find words in a text as it was published, whatever their spelling."""

from __future__ import annotations

import re
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


def compiled(pattern: str) -> re.Pattern[str]:
    """Return the pattern compiled, letters of either case being one."""
    return re.compile(pattern, re.IGNORECASE)
