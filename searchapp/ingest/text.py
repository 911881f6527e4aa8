"""Plain text work that every part of ingest shares: lines, edges, characters that no consumer can take, folding."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final

from pyarabic import araby

ZERO_WIDTH: Final = "\u200b\u200c\u200d\u2060\ufeff"
"""Characters that print nothing; a byte order mark is one of them when it stands inside a text."""

DIRECTION_MARKS: Final = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""Characters that only steer the direction of writing (Unicode Standard Annex 9)."""

REPLACEMENT: Final = "\ufffd"

_UNPRINTABLE: Final = re.compile(r"[\x00-\x08\x0e-\x1b\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_INVISIBLE: Final = re.compile(f"[{ZERO_WIDTH}{DIRECTION_MARKS}]")
_EDGES: Final = "".join(filter(str.isspace, map(chr, range(0x3001)))) + ZERO_WIDTH

_FOLDS: Final[tuple[tuple[str, str], ...]] = (
    *((mark, "") for mark in (*araby.TASHKEEL, araby.MINI_ALEF, araby.TATWEEL)),
    *(
        (alef, araby.ALEF)
        for alef in (araby.ALEF_MADDA, araby.ALEF_HAMZA_ABOVE, araby.ALEF_HAMZA_BELOW, araby.ALEF_WASLA)
    ),
    (araby.ALEF_MAKSURA, araby.YEH),
    ("\u06cc", araby.YEH),  # Persian yeh, which Arabic crawls carry in keywords
    ("\u06a9", araby.KAF),  # Persian keheh, likewise
    (araby.TEH_MARBUTA, araby.HEH),
)


def clean(text: str) -> str:
    """Return the text with U+FFFD for every character that breaks a consumer, one for one.

    Those are the C0 controls other than tab and line breaks, DEL, lone surrogates and the noncharacters U+FFFE and
    U+FFFF: SQLite's C interface stops at NUL, UTF-8 has no surrogates, and XML 1.0 (section 2.2) has none of them.
    Nothing shifts, and a reader sees that something unreadable stood there.
    """
    return _UNPRINTABLE.sub(REPLACEMENT, text)


def one_line(text: str) -> str:
    """Return a field's text cleaned, on one line, without space at its edges."""
    return " ".join(line for line in map(trim, clean(text).splitlines()) if line)


def trim(line: str) -> str:
    """Return the line without space, NBSP included, and without zero-width characters at its edges.

    A line that shows nothing at all, direction marks included, becomes empty.
    """
    trimmed = line.strip(_EDGES)
    if trimmed[:1] in DIRECTION_MARKS and not _INVISIBLE.sub("", trimmed).strip():
        return ""
    return trimmed


def printed_lines(text: str) -> Iterator[str]:
    """Yield the lines of a text that show something, trimmed. Every kind of line break counts."""
    return filter(None, map(trim, clean(text).splitlines()))


def without_repeats(paragraphs: Iterable[str]) -> tuple[str, ...]:
    """Return the paragraphs with each kept once, at its first place. Only the width of space may differ."""
    first: dict[str, str] = {}
    for paragraph in paragraphs:
        first.setdefault(" ".join(paragraph.split()), paragraph)
    return tuple(first.values())


def fold(text: str) -> str:
    """Return the text as it is compared: letters folded (`fold_letters`), every run of space made one blank."""
    return " ".join(fold_letters(text).split())


def fold_letters(text: str) -> str:
    """Return the text with compatibility forms, marks, tatweel, invisible characters and letter variants made one.

    Alef with its hamzas, final yeh and teh marbuta fold as Lucene's ArabicNormalizer folds them.
    """
    folded = text if unicodedata.is_normalized("NFKC", text) else unicodedata.normalize("NFKC", text)
    for variant, letter in _FOLDS:
        folded = folded.replace(variant, letter)
    return _INVISIBLE.sub("", folded)
