"""Words that stand for other words: wildcards (`م*سة`, `غ?زة`) and fuzzy words (`word~`), as a reader types them.

All patterns are matched on a text's shape (`shape.py`). A wildcard word needs two letters or digits, stands where a
word may begin, and is not part of a web address: the question marks of `example.org/a?b=c` and of `a,b!c?d` are
punctuation, and so is one behind a word, «أين?», unless there is another wildcard in the word. A fuzzy word needs four
letters for one edit and six for two, because most words of three letters are one edit from each other.
"""

from __future__ import annotations

import re
from typing import Final

from searchapp.query.shape import QUOTES, is_word
from searchapp.query.tree import WILDCARD_LETTERS, Word

FUZZY_LETTERS: Final = {1: 4, 2: 6}
"""Edits → the fewest letters or digits of a word that may be so many edits away."""

# Behind a hashtag's sign only where that stands at a beginning itself: not in example.org/page#a?b.
_START: Final = rf"(?:(?<![^ ()|&;,_{QUOTES}-])|(?<=[ (][#@])|(?<=^[#@]))"
_LETTERS: Final = rf"(?=(?:[m*?]*+[a0]){{{WILDCARD_LETTERS}}})"
_MEANT: Final = r"(?:\*|\?++[am0*])"
_END: Final = r"(?![=/@:.&'][am0])"

STARTS: Final = re.compile(_START)
"""Where a word with wildcards may begin."""
WILDCARD: Final = re.compile(rf"{_LETTERS}(?=[am0]*+{_MEANT})[am0*?]++{_END}")
"""A word with wildcards, from its first sign to its last."""
FUZZY: Final = re.compile(r"~(0+(?:[.,]0+)?)?(?![am0~])")
"""What follows a fuzzy word. A fraction, as old engines took one for likeness, means nothing here."""
SURE: Final = re.compile(
    rf"{_START}{_LETTERS}(?=[am0*?]++{_END})[*?]*+[am0]++{_MEANT}[am0*?]*+"
    rf"|(?:[a0]m*+){{{FUZZY_LETTERS[1]}}}~(?:0++(?![.,]0))?(?![am0~])"
)
"""A word that is one of these beyond doubt: something stands before its star or tilde, or around its question mark."""
EMPHASIS: Final = re.compile(r"(?<![am0*?])(\*{1,2})(?=[^ *])[^*]*[^ *]\1(?![am0*?])")
"""Words that a chat sets in bold, *so*."""

_STARS: Final = re.compile(r"[*?]*\*[*?]*")


def wildcard_word(text: str, shape: str) -> Word:
    """Read what `WILDCARD` found: a prefix where its only wildcard is the star at its end.

    Wildcards side by side are put in one order, `?` before `*`, and of several stars one is kept.
    """
    letters = "".join(sign if sign in "*?" else letter for letter, sign in zip(text, shape, strict=True))
    pattern = _STARS.sub(lambda found: "?" * found[0].count("?") + "*", letters)
    if pattern.endswith("*") and is_word(pattern[:-1]):
        return Word(pattern[:-1], prefix=True)
    return Word(pattern, wildcard=True)


def fuzzy_distance(digits: str, letters: int) -> int:
    """How many edits a word of so many letters may be away when this was asked for; 0 where it is too short.

    Without digits one is meant; more than two are read as two.
    """
    asked = min(int(digits), 2) if len(digits) == 1 else 2 if digits else 1
    return max((edits for edits, least in FUZZY_LETTERS.items() if edits <= asked and letters >= least), default=0)
