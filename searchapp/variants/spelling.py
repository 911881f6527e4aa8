"""How far two spellings are from one another, told as the habits of Arabic writers rather than as an edit distance.

A word is read as consonants with slots between them, which hold what writers put or leave out: long vowels and hamzas.
Two words may be spellings of one another only where their consonants are of the same classes, in order; then they are
aligned, and the rest is looking up how each pair of consonants and each pair of slots differs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Final, Literal, NamedTuple, TypeVar

# Consonants that writers use for one another in words of other languages. The first of each stands for its class.
CONSONANT_CLASSES: Final = ("غجقكخ", "تط", "دض", "ذظ", "سصزث", "فڤ", "بپ", "شچ")
FOREIGN_G: Final = "غجقك"
VOWELS: Final = "اوي"
HAMZAS: Final = "ءئؤ"
SLOT_LETTERS: Final = VOWELS + HAMZAS
HELPED: Final = "سش"
"""Where a word of another language begins with one of these and a second consonant, an alef may help to speak them."""
FINAL_HEH: Final = "ه"
"""At a word's end it is mostly a folded teh marbuta, and so a matter of spelling; elsewhere it is a consonant."""

SLOT_LENGTH: Final = 3
"""Longer runs of vowels and hamzas are typing errors, cries or other languages."""
CONSONANTS: Final = 10

_CLASS_OF: Final = {letter: letters[0] for letters in CONSONANT_CLASSES for letter in letters}
_ARABIC: Final = re.compile("[\u0621-\u063a\u0641-\u064aڤپچ]+")
_PARTS: Final = re.compile(rf"([{SLOT_LETTERS}]*)(?:([^{SLOT_LETTERS}])(\2?))?")
_SORTS: Final = str.maketrans(_CLASS_OF)
_BARE: Final = dict.fromkeys(map(ord, SLOT_LETTERS)) | _SORTS
_TWICE: Final = re.compile(r"([^\n])\1+")


Key = TypeVar("Key")
Part = TypeVar("Part")
Place = Literal["start", "inside", "before last noon", "end"]


class Slot(NamedTuple):
    """What stands before, between or after consonants. `cluster`: two follow that an alef may help to speak."""

    letters: str
    place: Place
    cluster: bool


class Consonant(NamedTuple):
    """A consonant as written, whether it is written twice, and whether the word begins with it."""

    letter: str
    doubled: bool
    first: bool


class Shape(NamedTuple):
    """A word taken apart: its consonants' classes, its consonants, and its slots, one more than consonants."""

    skeleton: str
    consonants: tuple[Consonant, ...]
    slots: tuple[Slot, ...]


class Changes(NamedTuple):
    """What tells two spellings apart, counted by kind.

    `hamza`: its seat (شؤون, شئون); `doubling`: a letter written once or twice (أبولو, أبوللو); `length`: a long vowel
    written or left out (تشلسي, تشيلسي); `vowel`: one vowel for another (جازان, جيزان); `consonant`: one for another of
    its class (فوربس, فوربز), `g` where both are letters for a foreign g (غالانت, جالانت); `ending`: ا for ه at the end
    (سوريا, سورية).
    """

    hamza: int = 0
    doubling: int = 0
    length: int = 0
    vowel: int = 0
    g: int = 0
    consonant: int = 0
    ending: int = 0


SAME: Final = Changes()


def crude_skeletons(words: Sequence[str]) -> list[str]:
    """The consonants' classes of many words at once, doubled ones once: equal wherever skeletons are."""
    text = "\n".join(word.removesuffix(FINAL_HEH) for word in words).translate(_BARE)
    return _TWICE.sub(r"\1", text).split("\n") if words else []


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
    slots = [_INSIDE[filling] for filling in fillings[1:last]]
    if 0 < before < last:
        slots[-1] = _BEFORE_NOON[fillings[before]]
    slots.insert(0, _slot(fillings[0], "start", last > 1 and letters[0] in HELPED and not fillings[1]))
    slots.append(_ENDS[fillings[last] + ending])
    consonants = [_CONSONANTS[pair] for pair in zip(letters[:last], twice[:last], strict=True)]
    if not fillings[0]:
        consonants[0] = _consonant(letters[0], twice[0] != "", True)
    return Shape("".join(letters).translate(_SORTS), tuple(consonants), tuple(slots))


class _Made(dict[Key, Part]):
    """Parts by their letters, made when they are first asked for: a few hundred occur, and every word has a dozen."""

    def __init__(self, make: Callable[[Key], Part]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, key: Key) -> Part:
        return self.setdefault(key, self._make(key))


_slot = cache(Slot)
_consonant = cache(Consonant)
_INSIDE: Final[_Made[str, Slot]] = _Made(lambda letters: _slot(letters, "inside", False))
_BEFORE_NOON: Final[_Made[str, Slot]] = _Made(lambda letters: _slot(letters, "before last noon", False))
_ENDS: Final[_Made[str, Slot]] = _Made(lambda letters: _slot(letters, "end", False))
_CONSONANTS: Final[_Made[tuple[str, str], Consonant]] = _Made(lambda pair: _consonant(pair[0], pair[1] != "", False))


def consonant_changes(first: Consonant, second: Consonant) -> Changes | None:
    """How one consonant differs from another of its class; None where a prefix doubles the first letter (تتم, وورد)."""
    doubling = first.doubled != second.doubled
    if doubling and first.first:
        return None
    differ = first.letter != second.letter
    g = differ and first.letter in FOREIGN_G and second.letter in FOREIGN_G
    return Changes(doubling=int(doubling), g=int(g), consonant=int(differ and not g))


def slot_changes(one: Slot, other: Slot) -> Changes | None:
    """How one slot differs from another at the same place; None for what makes another word.

    At a word's start a letter more is a prefix, at its end a letter more is an ending, and a vowel changes before a
    last ن in dual and plural: all this is grammar, not spelling. Only an alef that helps to speak two consonants may
    come or go at the start (استوديو, ستوديو).
    """
    if one.letters == other.letters:
        return SAME
    shorter, longer = sorted((one.letters, other.letters), key=len)
    if len(longer) - len(shorter) > 1:
        return None
    if len(shorter) == len(longer):
        return _exchanged(shorter, longer, one.place)
    return _inserted(shorter, longer, one.place, helped=one.place == "start" and one.cluster and other.cluster)


def _exchanged(first: str, second: str, place: Place) -> Changes | None:
    """Two slots of equal length: exactly one letter may differ."""
    differing = [at for at in range(len(first)) if first[at] != second[at]]
    if len(differing) != 1:
        return None
    (at,) = differing
    pair = {first[at], second[at]}
    outermost = (place == "start" and at == 0, place == "end" and at == len(first) - 1)
    if pair & set(HAMZAS):
        return Changes(hamza=1) if pair <= {*HAMZAS, "ا"} and not outermost[0] else None
    if outermost[1]:
        return Changes(ending=1) if pair == {"ا", FINAL_HEH} else None
    return None if outermost[0] or place == "before last noon" else Changes(vowel=1)


def _inserted(shorter: str, longer: str, place: Place, helped: bool) -> Changes | None:
    """The longer slot has one letter more."""
    places = [at for at in range(len(longer)) if longer[:at] + longer[at + 1 :] == shorter]
    if not places or longer[places[0]] in HAMZAS:
        return None
    letter = longer[places[0]]
    if letter == "ا" and longer[places[-1] + 1 : places[-1] + 2] == "ئ":
        return Changes(hamza=1)  # مئة, مائة
    if place == "end":
        return Changes(doubling=1) if len(places) > 1 and len(shorter) > 1 else None
    if place == "start" and places[0] == 0:
        return Changes(length=1) if helped and longer == "ا" else None
    if len(places) > 1:
        return Changes(doubling=1)
    return Changes(length=1)
