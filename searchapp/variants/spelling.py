"""How far two spellings are from one another, told as the habits of Arabic writers rather than as an edit distance.

A word is read as consonants with slots between them, which hold what writers put or leave out: long vowels and hamzas.
Two words may be spellings of one another only where their consonants are of the same classes, in order; then they are
aligned, and the rest is looking up how each pair of consonants and each pair of slots differs.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

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

ARABIC_LETTERS: Final = "".join(map(chr, (*range(0x621, 0x63B), *range(0x641, 0x64B)))) + "ڤپچ"
"""What a word is made of that may have another spelling."""

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
