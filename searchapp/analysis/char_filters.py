"""Char filters: the cleaning of characters before anything is compared.

The rules are step 1 of the project's analysis recipe: what only changes how a word is drawn (marks, tatweel, contextual
letter forms, invisible characters) is taken away, and letters and digits of other keyboards become the Arabic letters
and the ASCII digits that they stand for. The letters hamza, alef maqsura and teh marbuta are untouched here; folding
them is the business of `token_filters.LetterFoldingFilter`.

A filter works on a whole text and on a single word alike. Its result has no offsets: those are the tokenizer's, which
reads the text as published.
"""

from __future__ import annotations

import re
from typing import Final, Protocol
from unicodedata import normalize

# Letters and digits of Unicode's blocks Arabic Presentation Forms A and B, Halfwidth and Fullwidth Forms, and the Latin
# ligatures (ﬁ). Symbols in these blocks (ornate brackets, the rial sign) are not letters and stay as they are.
PRESENTATION_FORMS: Final = (
    "\ufb00-\ufb06\ufb50-\ufbb1\ufbd3-\ufd3d\ufd50-\ufd8f\ufd92-\ufdc7\ufdf0-\ufdfb\ufe70-\ufe74\ufe76-\ufefc"
    "\uff10-\uff19\uff21-\uff3a\uff41-\uff5a"
)

# Characters that are not seen: zero-width space, joiners and direction marks, embeddings and isolates, the byte order
# mark, the soft hyphen and the Arabic letter mark. Given as inclusive (first, last) code points, as all ranges here.
INVISIBLE_RANGES: Final = (
    (0x200B, 0x200F),
    (0x202A, 0x202E),
    (0x2060, 0x2069),
    (0xFEFF, 0xFEFF),
    (0x00AD, 0x00AD),
    (0x061C, 0x061C),
)

# Vowel marks, the superscript alef and the signs of Koranic texts: Unicode's Arabic combining marks, with the small
# waw and yeh and the sign of a disputed verse end between them, without the round verse signs (06DD, 06DE, 06E9).
MARK_RANGES: Final = (
    (0x0610, 0x061A),
    (0x064B, 0x065F),
    (0x0670, 0x0670),
    (0x06D6, 0x06DC),
    (0x06DF, 0x06E8),
    (0x06EA, 0x06ED),
    (0x08D3, 0x08FF),
)

# Letters of Persian, Urdu, Kurdish and Uighur keyboards and of the Koran → the Arabic letter that is meant.
LETTER_MAP: Final = {
    "\u06cc\u06d2\u06ce\u06d0": "\N{ARABIC LETTER YEH}",
    "\u06a9\u06aa": "\N{ARABIC LETTER KAF}",
    "\u06c1\u06be\u06d5\u06c0": "\N{ARABIC LETTER HEH}",
    "\u06c3": "\N{ARABIC LETTER TEH MARBUTA}",
    "\u0671": "\N{ARABIC LETTER ALEF}",
    "\u0672": "\N{ARABIC LETTER ALEF WITH HAMZA ABOVE}",
    "\u0673": "\N{ARABIC LETTER ALEF WITH HAMZA BELOW}",
    "\u06c6\u06ca\u06cb": "\N{ARABIC LETTER WAW}",
}


TATWEEL: Final = "\N{ARABIC TATWEEL}"
"""Draws a word out; it is part of no word's spelling."""


class CharFilter(Protocol):
    """One rule set over characters."""

    def filter(self, text: str) -> str:
        """Return the text with the rules applied; any string is accepted."""


class PresentationFormFilter:
    """Turns contextual letter forms, ligatures and full-width letters into plain letters (Unicode's NFKC).

    NFKC is applied to these characters only, so that one of them never changes how the rest of a text is read. The
    spaces that NFKC puts into some of them (ﷺ becomes four words) are left out: one word stays one term.
    """

    _runs = re.compile(f"[{PRESENTATION_FORMS}]+")

    def filter(self, text: str) -> str:
        """Return the text in plain letters."""
        return self._runs.sub(lambda run: normalize("NFKC", run.group()).replace(" ", ""), text)


class InvisibleFilter:
    """Deletes tatweel and the characters of `INVISIBLE_RANGES`."""

    _deleted = dict.fromkeys([ord(TATWEEL), *(p for first, last in INVISIBLE_RANGES for p in range(first, last + 1))])

    def filter(self, text: str) -> str:
        """Return the text without them."""
        return text.translate(self._deleted)


class MarkFilter:
    """Deletes the marks of `MARK_RANGES`; other combining marks, as in Latin words, are composed with their letter.

    The text is composed (NFC) before, so that a separate hamza joins its letter instead of being lost with the marks,
    and after, because deletion may bring a letter and an accent together.
    """

    _deleted = dict.fromkeys(point for first, last in MARK_RANGES for point in range(first, last + 1))

    def filter(self, text: str) -> str:
        """Return the text without the marks, in NFC."""
        return normalize("NFC", normalize("NFC", text).translate(self._deleted))


class LetterMapFilter:
    """Maps the letters of `LETTER_MAP` to the Arabic letters that they stand for."""

    _map = str.maketrans({letter: arabic for letters, arabic in LETTER_MAP.items() for letter in letters})

    def filter(self, text: str) -> str:
        """Return the text with Arabic letters; its length does not change."""
        return text.translate(self._map)


class DigitFilter:
    """Turns decimal digits of every script into ASCII digits, as Lucene's DecimalDigitFilter does."""

    _digit = re.compile(r"[^\D0-9]")

    def filter(self, text: str) -> str:
        """Return the text with ASCII digits; its length does not change."""
        return self._digit.sub(lambda digit: str(int(digit.group())), text)


# In the order in which they must run: presentation forms may turn into tatweel, and a tatweel or a joiner may stand
# between a letter and its hamza.
CHAR_FILTERS: Final[tuple[CharFilter, ...]] = (
    PresentationFormFilter(),
    InvisibleFilter(),
    MarkFilter(),
    LetterMapFilter(),
    DigitFilter(),
)


def clean(text: str) -> str:
    """Apply `CHAR_FILTERS` in order. Cleaning what is clean changes nothing."""
    for char_filter in CHAR_FILTERS:
        text = char_filter.filter(text)
    return text
