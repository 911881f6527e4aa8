"""Patterns that find words in a text as it was published, whatever their spelling."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache, cached_property
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
_LOOKED_AT: Final = 96
"""Characters at a line's beginning."""
_MANY_LETTERS: Final = re.compile(r"(?:[\W\d_]*[^\W\d_]){32}")
"""More than any phrase has; behind them none begins a line. Marks in their shapes are no letters."""
_PLAIN: Final = frozenset(map(chr, (*range(0x621, 0x640), *range(0x641, 0x64B), 0x671, 0x6A9, 0x6CC, *b" 0123456789")))
"""What stands for itself, or for other letters as in `_VARIANTS`, whatever mark follows."""
_ONE_FORM: Final = str.maketrans({letter: letters[1] for letter, letters in _VARIANTS.items() if letter != " "})
_MARK, _UNSEEN, _STEERING, _OF_NO_MEANING = map(chr, range(0xE000, 0xE004))
"""Stand for what stands between letters: as a rule, where it is a blank too, where it may stand before a label. Unicode
leaves such characters to private use; the last stands for those that a text has itself."""
_SHAPES: Final = (
    dict.fromkeys(range(0xE000, 0xE003), _OF_NO_MEANING)
    | dict.fromkeys((0x640, *range(0x64B, 0x660), 0x670, 0x2060, 0xFEFF), _MARK)
    | dict.fromkeys(range(0x200B, 0x2010), _UNSEEN)
    | {0x61C: _STEERING}
    | {ord(letter): letters[1] for name, letters in _VARIANTS.items() if name != " " for letter in letters[1:-1]}
)


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
        self._others: set[str] = set()
        """First letters that were seen and begin none."""

    def may_begin(self, line: str) -> bool:
        """Whether a trimmed line may begin with one of the phrases, also behind signs."""
        if not self._may_begin_so(line[:_TOLD_BY]):
            return False
        unsigned = line.lstrip(SIGNS_BEFORE)
        return len(unsigned) == len(line) or self._may_begin_so(unsigned[:_TOLD_BY])

    def unknown(self, lines: Sequence[str]) -> list[str]:
        """The lines but for those that begin as others did that none of the phrases begins; mostly none are left."""
        heads = [line[:_TOLD_BY] for line in lines]
        if self._others.issuperset(heads):
            return []
        return [line for line, head in zip(lines, heads, strict=True) if head not in self._others]

    def _may_begin_so(self, head: str) -> bool:
        if head in self._others:
            return False
        if not _PLAIN.issuperset(head) or head.replace(" ", "").translate(_ONE_FORM) in self._beginnings:
            return True
        if len(self._others) >= _BEGINNINGS_KEPT:
            self._others.clear()
        self._others.add(head)
        return False


class Spellings:
    """A pattern made of `spelled` phrases, matched against a text in which each letter and mark has one shape.

    That says the same at the same places. As it is, such a pattern takes a tenth of a second to compile.
    """

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern

    @cached_property
    def _of_shapes(self) -> re.Pattern[str]:
        pattern = self._pattern.replace(_IGNORED, f"[{_MARK}-{_STEERING}]*+")
        for name, letters in _VARIANTS.items():
            if name != " ":
                pattern = pattern.replace(letters, letters[1])
        return compiled(pattern.replace(r"\u200b-\u200f", _UNSEEN).replace(r"\u061c", _STEERING))

    def match(self, text: str) -> re.Match[str] | None:
        """What matches at the beginning; its groups are written in shapes."""
        return self._of_shapes.match(text.translate(_SHAPES))

    def fullmatch(self, text: str) -> bool:
        """Whether all of a text matches."""
        return self._of_shapes.fullmatch(text.translate(_SHAPES)) is not None

    def may_match(self, text: str) -> bool:
        """Whether a text may match at its beginning, told by no more of it than is needed as a rule."""
        head = text[:_LOOKED_AT].translate(_SHAPES)
        if self._of_shapes.match(head):
            return True
        return len(text) > _LOOKED_AT and not _MANY_LETTERS.match(head)


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """Return the pattern compiled, letters of either case being one.

    Some of the patterns take a tenth of a second to compile, so that it is done where one is used for the first time.
    """
    return re.compile(pattern, re.IGNORECASE)
