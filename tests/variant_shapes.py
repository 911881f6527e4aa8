"""A readable model of `searchapp.variants.shapes`: one word at a time, by regular expressions."""

from __future__ import annotations

import re
from typing import NamedTuple

from searchapp.variants.spelling import (
    ARABIC_LETTERS,
    CONSONANT_CLASSES,
    CONSONANTS,
    FINAL_HEH,
    HELPED,
    SLOT_LENGTH,
    SLOT_LETTERS,
    Consonant,
    Slot,
)

_CLASSES = str.maketrans({letter: letters[0] for letters in CONSONANT_CLASSES for letter in letters})
_ARABIC = re.compile(f"[{ARABIC_LETTERS}]+")
_PARTS = re.compile(rf"([{SLOT_LETTERS}]*)(?:([^{SLOT_LETTERS}])(\2?))?")


class Shape(NamedTuple):
    """A word taken apart: its consonants' classes, its consonants, and its slots, one more than consonants."""

    skeleton: str
    consonants: tuple[Consonant, ...]
    slots: tuple[Slot, ...]


def shape(word: str) -> Shape | None:
    """The parts of an exact form; None for what is not an Arabic word, or is no word that writers spell in two ways."""
    if not _ARABIC.fullmatch(word):
        return None
    body, ending = (word[:-1], word[-1]) if word.endswith(FINAL_HEH) else (word, "")
    parts = _PARTS.findall(body)
    if len(parts) > 1 and not parts[-2][1]:
        del parts[-1]  # a match of nothing follows the vowels at the end
    fillings, letters, twice = zip(*parts, strict=True)
    last = len(letters) - 1
    if not 0 < last <= CONSONANTS or len(max(fillings, key=len)) > SLOT_LENGTH:
        return None
    before = last - 1 if letters[last - 1] == "ن" and not fillings[last] else last
    slots = [Slot(fillings[0], "start", last > 1 and letters[0] in HELPED and not fillings[1])]
    slots += [Slot(fillings[at], "before last noon" if at == before else "inside", False) for at in range(1, last)]
    slots.append(Slot(fillings[last] + ending, "end", False))
    consonants = [Consonant(letters[at], bool(twice[at]), at == 0 and not fillings[0]) for at in range(last)]
    return Shape("".join(letters).translate(_CLASSES), tuple(consonants), tuple(slots))
