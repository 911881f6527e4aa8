"""The shortest way through the parser, for what readers mostly type: words and spaces, and nothing else.

It changes nothing but the time that parsing takes: whatever is plain here, `parser.parse_in_full` reads as the same
words side by side and writes out with one space between them.
"""

from __future__ import annotations

import re
from typing import Final

from searchapp.query.lexer import OPERATORS

# Letters and digits, of shape `a` and `0`: ASCII, Arabic, and those that Persian and Urdu add. Other scripts go the
# long way.
_LETTERS: Final = "0-9A-Za-z\u0620-\u063f\u0641-\u064a\u0660-\u0669\u0671-\u06d3\u06f0-\u06f9"
# The tatweel and the vowel marks, of shape `m`: only behind a letter, because alone they are no word.
_MARKS: Final = "\u0640\u064b-\u065f\u0670"
_PLAIN: Final = re.compile(rf" *+(?:[{_LETTERS}][{_LETTERS}{_MARKS}]*+(?: ++|\Z))+")


def plain_words(text: str) -> list[str] | None:
    """The words of a query that is plain words and spaces only.

    Returns:
        The words as typed, one or more, or None when the query has anything else in it (an operator, a sign,
        punctuation, a rare script) or nothing at all.
    """
    if not _PLAIN.fullmatch(text):
        return None
    words = text.split()
    return words if OPERATORS.keys().isdisjoint(words) else None
