"""Names in Latin letters as Arabic news write them: from Wikidata's labels, else letter by letter.

`latin_names.tsv.gz` holds single names of Wikidata's labels (CC0 1.0), each in Latin letters, folded to ASCII, with the
Arabic ones that stand in the same place of the same people's labels, the most frequent first. It is written by
`tools/latin_names.py`.
"""

from __future__ import annotations

import gzip
import re
from functools import cache
from pathlib import Path
from typing import Final

from searchapp.analysis.analyzer import default_analyzer

NAMES_FILE: Final = Path(__file__).with_name("latin_names.tsv.gz")

# The longest that fits is taken. Short vowels in the middle of a word are not written.
_ANYWHERE: Final = {
    "sch": "ش", "tch": "تش", "ch": "تش", "sh": "ش", "kh": "خ", "gh": "غ", "th": "ث", "dh": "ذ", "ph": "ف", "ck": "ك",
    "zh": "ج", "qu": "كو", "oo": "و", "ou": "و", "ow": "او", "ee": "ي", "ea": "ي", "ie": "ي", "ei": "اي", "ai": "اي",
    "ay": "اي", "au": "او", "eu": "و", "ce": "س", "ci": "سي", "cy": "سي", "a": "ا", "b": "ب", "c": "ك", "d": "د",
    "e": "", "f": "ف", "g": "غ", "h": "ه", "i": "ي", "j": "ج", "k": "ك", "l": "ل", "m": "م", "n": "ن", "o": "و",
    "p": "ب", "q": "ق", "r": "ر", "s": "س", "t": "ت", "u": "و", "v": "ف", "w": "و", "x": "كس", "y": "ي", "z": "ز",
}  # fmt: skip
_AT_THE_START: Final = {"e": "ا", "i": "اي", "o": "او", "u": "او", "ee": "اي", "ei": "اي", "oo": "او", "ou": "او"}
_PIECE: Final = re.compile("|".join(sorted(_ANYWHERE, key=len, reverse=True)))
_DOUBLED: Final = re.compile(r"([b-df-hj-np-tv-z])\1")


def folded(name: str) -> str:
    """A name in small ASCII letters, without accents; what has no such letter is left out."""
    return "".join(letter for letter in default_analyzer().forms(name).exact if "a" <= letter <= "z")


def arabic_names(name: str) -> tuple[str, ...]:
    """How people of this name are called in Arabic, the most frequent first; nothing for an unknown name."""
    names, key = _names(), f"\n{folded(name)}\t".encode()
    at = names.find(key) if len(key) > 2 else -1
    if at < 0:
        return ()
    start = at + len(key)
    return tuple(names[start : names.index(b"\n", start)].decode().split())


def transliterated(name: str) -> str:
    """A name letter by letter, in the folded letters of exact forms: close to how it is written, seldom just so."""
    letters = _DOUBLED.sub(r"\1", folded(name))
    first = _PIECE.match(letters)
    if first is None:
        return ""
    start = _AT_THE_START.get(first.group(), _ANYWHERE[first.group()])
    return start + "".join(_ANYWHERE[piece] for piece in _PIECE.findall(letters, first.end()))


def spellings(name: str) -> tuple[str, ...]:
    """What a name may be in Arabic, the likeliest first: as it is known, and letter by letter.

    Of a final a, both ways to write it: غزة and كندا. Where nothing is known, that is all there is to go by.
    """
    spoken = transliterated(name)
    ways = [spoken, f"{spoken[:-1]}ه"] if spoken.endswith("ا") else [spoken]
    return tuple(dict.fromkeys((*arabic_names(name)[:1], *(way for way in ways if way))))


@cache
def _names() -> bytes:
    """The file as lines, the first of which is a comment; searching it takes a tenth of a millisecond."""
    return gzip.decompress(NAMES_FILE.read_bytes())
