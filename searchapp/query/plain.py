"""The shortest way through the parser, for most of what is asked.

That is words side by side, words joined by one operator, and a phrase, with spaces between the words and nothing else.

It changes nothing but the time that parsing takes: whatever is plain here, `parser.parse_in_full` reads as the same
tree and writes out with one space between the words.
"""

from __future__ import annotations

import re
from typing import Final

from searchapp.query.tree import OPERATOR_NAMES, And, Expression, Or, Phrase, Word, Words

# Letters and digits, of shape `a` and `0`: ASCII, Arabic, and those that Persian and Urdu add. Other scripts go the
# long way.
_LETTERS: Final = "0-9A-Za-z\u0620-\u063f\u0641-\u064a\u0660-\u0669\u0671-\u06d3\u06f0-\u06f9"
# The tatweel and the vowel marks, of shape `m`: only behind a letter, because alone they are no word.
_MARKS: Final = "\u0640\u064b-\u065f\u0670"
_PLAIN: Final = re.compile(rf" *+(?:[{_LETTERS}][{_LETTERS}{_MARKS}]*+(?: ++|\Z))+")


_GROUPS: Final[dict[str, type[And | Or]]] = {"AND": And, "OR": Or}


def plain_query(text: str, most: int) -> tuple[Expression, str] | None:
    """A plain query of at most so many words, and its canonical form; None for one that is not plain."""
    if text.startswith('"'):
        return _phrase(text, most)
    if not _PLAIN.fullmatch(text):
        return None
    words = text.split()
    if OPERATOR_NAMES.isdisjoint(words):
        return side_by_side(words) if len(words) <= most else None
    return _group(words[::2], words[1::2], most)


def side_by_side(words: list[str]) -> tuple[Expression, str]:
    """Words side by side, and their canonical form."""
    members = tuple(map(Word, words))
    return (members[0] if len(members) == 1 else Words(members)), " ".join(words)


def _phrase(text: str, most: int) -> tuple[Expression, str] | None:
    inner = text[1:-1]
    if not text.endswith('"') or inner.startswith(" ") or not _PLAIN.fullmatch(inner):
        return None
    words = inner.split()
    written = " ".join(words)
    return (Phrase(written), f'"{written}"') if len(words) <= most else None


def _group(words: list[str], operators: list[str], most: int) -> tuple[Expression, str] | None:
    """Words with the same operator between all of them."""
    if len(set(operators)) != 1 or len(operators) != len(words) - 1 or len(words) > most:
        return None
    group = _GROUPS.get(operators[0])
    if group is None or not OPERATOR_NAMES.isdisjoint(words):
        return None
    return group(tuple(map(Word, words))), f" {operators[0]} ".join(words)
