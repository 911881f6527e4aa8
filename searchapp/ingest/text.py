"""Plain text work that every part of ingest shares: lines, edges, characters that no consumer can take, folding."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable, Sequence
from html.entities import html5
from typing import Final

from pyarabic import araby

ZERO_WIDTH: Final = "\u200b\u200c\u200d\u2060\ufeff"
"""Characters that print nothing; a byte order mark is one of them when it stands inside a text."""

DIRECTION_MARKS: Final = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""Characters that only steer the direction of writing (Unicode Standard Annex 9)."""

REPLACEMENT: Final = "\ufffd"

_UNPRINTABLE: Final = re.compile(r"[\x00-\x08\x0e-\x1b\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_CONTROLS: Final = bytes({*range(0x20), 0x7F} - {*b"\t\n"})
_ODD_CHARACTERS: Final = ("\x85", "\u2028", "\u2029", "\ufffe", "\uffff")
"""Of what `clean` replaces and what breaks lines, all that a text in UTF-8 can have besides `_CONTROLS`."""

_INVISIBLE: Final = re.compile(f"[{ZERO_WIDTH}{DIRECTION_MARKS}]")
_ENTITY: Final = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_COMPARED: Final = 24
"""How many characters at their beginnings tell two paragraphs apart at first sight."""

_EDGES: Final = "".join(filter(str.isspace, map(chr, range(0x3001)))) + ZERO_WIDTH
_BARE_EDGES: Final = _EDGES + DIRECTION_MARKS

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


def unescaped(text: str) -> str:
    """Return the text with what a crawler left escaped for HTML undone: character references that end in a semicolon.

    What only looks like one (`AT&T;`) is left as it is, and so is an ampersand alone.
    """
    return _ENTITY.sub(_character, text) if "&" in text else text


def _character(reference: re.Match[str]) -> str:
    """What a character reference stands for; itself where its name is none of HTML's."""
    written = reference[0]
    return html.unescape(written) if written[1] == "#" else html5.get(written[1:], written)


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


def bare(line: str) -> str:
    """Return the line trimmed, and without direction marks at its edges too."""
    return line.strip(_BARE_EDGES)


def printed_lines(text: str) -> list[str]:
    """Return the lines of a text that show something, trimmed. Every kind of line break counts."""
    lines = text.split("\n")
    if "".join(lines).isprintable():  # no other line breaks, blanks or invisible characters, in five texts of six
        return [line for line in map(str.strip, lines) if line]
    return list(filter(None, map(trim, lines if _is_plain(text) else clean(text).splitlines())))


def _is_plain(text: str) -> bool:
    """Whether a text is clean and breaks its lines with LF alone, told in a third of the time that cleaning takes."""
    try:
        encoded = text.encode()
    except UnicodeEncodeError:
        return False
    odd = len(encoded.translate(None, _CONTROLS)) != len(encoded)
    return not odd and not any(character in text for character in _ODD_CHARACTERS)


def without_repeats(paragraphs: Iterable[str]) -> tuple[str, ...]:
    """Return the paragraphs with each kept once, at its first place. Space and what prints nothing may differ."""
    listed = tuple(paragraphs)
    if _begin_apart(listed):
        return listed  # as nearly always; comparing them in full takes as long as all else together
    first: dict[str, str] = {}
    for paragraph in listed:
        first.setdefault(" ".join(_INVISIBLE.sub("", paragraph).split()), paragraph)
    return tuple(first.values())


def _begin_apart(paragraphs: Sequence[str]) -> bool:
    """Whether paragraphs are told apart at first sight: by beginnings in which space has one width."""
    beginnings = {paragraph[:_COMPARED] for paragraph in paragraphs}
    together = "|".join(beginnings)
    return len(beginnings) == len(paragraphs) and "  " not in together and together.isprintable()


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
