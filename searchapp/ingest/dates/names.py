"""The words of dates: months of five Arabic regions, English and French, the Hijri months, eras, weekdays, labels."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from searchapp.ingest.text import fold

NAMES_FILE: Final = Path(__file__).with_name("names.tsv")

SIGNS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "month": "m",
        "hijri": "h",
        "era": "e",
        "weekday": "",
        "same": "",
        "label": "",
        "filler": "",
        "half": "a",
        "updated": "u",
    }
)
"""What stands for a word of each kind in the text that the grammar of dates reads; its number follows."""


def read_names() -> Mapping[str, str]:
    """Return what each name stands for, the names folded, in lower case, and as they may be parted into words."""
    signs: dict[str, str] = {}
    for line in NAMES_FILE.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            kind, number, names = line.split("\t")
            sign = f" {SIGNS[kind]}{number} " if SIGNS[kind] else " "
            for name in (fold(name).lower() for name in names.split(" | ")):
                # Many names of two words are written as one: «كانونالثاني», «ذوالقعدة».
                signs |= {name: sign, name.replace(" ", ""): sign}
    return MappingProxyType(signs)


_NAMES: Final = read_names()
_JOIN: Final = re.compile("([.-])")
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’.-][^\W\d_]+)*")
_NAME: Final = re.compile(rf"{_WORD.pattern}(?: {_WORD.pattern})*")
_LONGEST_NAME: Final = 3
"""Words."""


def with_signs(text: str) -> str:
    """Return folded lower-case text with every name that dates are written with replaced by the sign of its meaning.

    A name counts where no letter is next to it; a figure may be: «25يونيو2024». Other words are left as they are.
    """
    return _NAME.sub(_signs_of, text)


def _signs_of(run: re.Match[str]) -> str:
    """The signs of a run of words; of several names that begin with a word, the longest counts."""
    words = run[0].split(" ")
    signs, at = "", 0
    while at < len(words):
        for size in range(min(_LONGEST_NAME, len(words) - at), 1, -1):
            sign = _NAMES.get(" ".join(words[at : at + size]))
            if sign is not None:
                break
        else:
            size, sign = 1, _signs_within(words[at])
        signs += f"{sign} "
        at += size
    return signs[:-1]


def _signs_within(word: str) -> str:
    """The signs of names that are joined by hyphens or stops, else the word itself."""
    sign = _NAMES.get(word)
    return sign if sign is not None else "".join(_NAMES.get(part, part) for part in _JOIN.split(word))
