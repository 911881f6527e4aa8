"""The shape of a text: for each character, what it is to the query language.

The lexer matches its patterns on the shape and cuts the words out of the text, which is as long. So full-width signs,
digits of any script and the Arabic star are read like their ASCII sisters, while the words stay as they were typed.

| shape | stands for |
| --- | --- |
| `a` | a letter (Unicode categories L and Nl) |
| `m` | a mark, or the tatweel: part of a word, but no word by itself |
| `0` | a decimal digit of any script |
| space | white space, control characters and lone surrogates |
| `"` `«` `»` `“` `”` `„` `‟` `‹` `›` | a quotation mark |
| other ASCII punctuation | itself and its sisters in `_SISTERS` |
| `;` | everything else, the Arabic question mark among it |
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from searchapp.analysis.char_filters import INVISIBLE_RANGES

QUOTES: Final = '"«»“”„‟‹›'
TATWEEL: Final = "ـ"

# Characters that mean the same as an ASCII character: full-width and small forms, mathematical look-alikes, and what
# Arabic keyboards type (U+066D star, U+066B and U+066C separators of digits).
_SISTERS: Final = {
    **dict.fromkeys("＂″", '"'),
    **dict.fromkeys("（﹙", "("),
    **dict.fromkeys("）﹚", ")"),
    **dict.fromkeys("＋﹢", "+"),
    **dict.fromkeys("－﹣−‐‑", "-"),
    **dict.fromkeys("＝﹦", "="),
    **dict.fromkeys("：﹕", ":"),
    **dict.fromkeys("＊﹡∗٭", "*"),
    **dict.fromkeys("～∼˜", "~"),
    **dict.fromkeys("？﹖", "?"),
    **dict.fromkeys("٫٬", ","),
    "’": "'",
    "｜": "|",
    "＆": "&",
}

SHAPES_KEPT: Final = 2048
"""Characters whose shapes are remembered: all that a few languages write with, and never so many as to fill memory."""

WORD: Final = r"(?=m*[a0])[am0]++(?:(?<=0)[.,](?=0)[am0]++)*"
"""Pattern on a shape: what the analyzer's tokenizer takes for one word, and marks before it."""

_WORD: Final = re.compile(WORD)
# Marks before nothing are passed over at once: asked of each whether a letter follows, thousands take a second.
_WORDS: Final = re.compile(f"({WORD})|m++")
_INVISIBLE: Final = re.compile("[" + "".join(f"{chr(first)}-{chr(last)}" for first, last in INVISIBLE_RANGES) + "]")


class _Shapes(dict[int, str]):
    """A table for `str.translate`, from code points to shapes, that learns each one when it is first met."""

    def __missing__(self, point: int) -> str:
        if len(self) >= SHAPES_KEPT:
            self.clear()
        self[point] = shape = _shape_of(chr(point))
        return shape


_SHAPES: Final = _Shapes()


def _shape_of(character: str) -> str:
    if character in QUOTES:
        return character
    if character == TATWEEL:
        return "m"
    category = unicodedata.category(character)
    if character.isspace() or category in ("Cc", "Cs"):
        return " "
    if category == "Nd":
        return "0"
    if category[0] in "LM" or category == "Nl":
        return "m" if category[0] == "M" else "a"
    return _SISTERS.get(character, character if character.isascii() else ";")


def visible(text: str) -> str:
    """The text without bidi marks, joiners and soft hyphens, which the analyzer takes out as well."""
    return _INVISIBLE.sub("", text)


def shape_of(text: str) -> str:
    """The shape of a text: one character for each of its characters (see the module)."""
    return text.translate(_SHAPES)


def words_of(text: str, shape: str, start: int, end: int) -> list[str]:
    """The words of `text[start:end]`, as typed; `shape` is the shape of the whole text."""
    return [text[match.start() : match.end()] for match in _WORDS.finditer(shape, start, end) if match[1]]


def is_word(text: str) -> bool:
    """Whether the whole text is one word."""
    return _WORD.fullmatch(shape_of(text)) is not None
