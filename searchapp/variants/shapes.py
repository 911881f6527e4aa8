"""Words taken apart into consonants and slots, as `spelling` calls them: arrays over many words at once.

Of a word of C consonants there are C + 1 slots, the last of them behind the last consonant. Consonants and slots are
numbers that say all about them, so that equal ones have equal numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from searchapp.variants.spelling import (
    ARABIC_LETTERS,
    CONSONANT_CLASSES,
    CONSONANTS,
    FINAL_HEH,
    HELPED,
    SLOT_LENGTH,
    SLOT_LETTERS,
    Consonant,
    Place,
    Slot,
)

Ids = NDArray[np.int64]

_LETTERS: Final = SLOT_LETTERS + "".join(letter for letter in ARABIC_LETTERS if letter not in SLOT_LETTERS)
"""A letter's code is its place here, from 1; those of slots come first."""
_FIRST_CONSONANT: Final = len(SLOT_LETTERS) + 1
_ENDING, _BREAK = 62, 63
"""The codes of a heh at a word's end, and of what parts two words. 0 is no letter."""
_CODES: Final = np.zeros(max(map(ord, _LETTERS)) + 2, np.uint8)
_CODES[[ord(letter) for letter in _LETTERS]] = np.arange(1, len(_LETTERS) + 1)
_CODES[ord("\n")] = _BREAK
_NOON, _HEH = (_LETTERS.index(letter) + 1 for letter in ("ن", FINAL_HEH))
_HELPED: Final = [_LETTERS.index(letter) + 1 for letter in HELPED]
_CLASSES: Final = np.arange(_BREAK + 1, dtype=np.int64)
for _letters in CONSONANT_CLASSES:
    _CLASSES[[_LETTERS.index(letter) + 1 for letter in _letters]] = _LETTERS.index(_letters[0]) + 1
_CLASS_BITS: Final = 6

_LETTER_BITS: Final = 3
_FILLING_BITS: Final = SLOT_LENGTH * _LETTER_BITS
_PLACES: Final[tuple[Place, ...]] = ("start", "inside", "before last noon", "end")
_INSIDE, _BEFORE_NOON, _END = (place << _FILLING_BITS for place in range(1, 4))
_CLUSTER: Final = 1 << _FILLING_BITS + 2
_WITH_HEH: Final = 1 << _FILLING_BITS + 3
_DOUBLED: Final = 1 << _CLASS_BITS
_FIRST: Final = 2 << _CLASS_BITS


@dataclass(frozen=True, slots=True)
class Shapes:
    """W words: `counts` of consonants, which begin at `starts` in `consonants`, and at `starts` + word in `slots`.

    `skeletons` are equal for words whose consonants are of the same classes, in order. Only what is said of words in
    `usable` means anything: Arabic words that writers may spell in two ways.
    """

    usable: NDArray[np.bool_]
    skeletons: Ids
    counts: Ids
    starts: Ids
    consonants: Ids
    slots: Ids


def shapes_of(words: Sequence[str]) -> Shapes:
    """Take words apart; none has a line break."""
    text = "\n".join(("", *words, ""))
    codes = _CODES.take(np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32), mode="clip")
    breaks = np.flatnonzero(codes == _BREAK)
    ends = breaks[1:] - (codes.take(breaks[1:] - 1) == _HEH)
    with_heh = ends < breaks[1:]
    codes[ends[with_heh]] = _ENDING
    heads, doubled = _heads(codes)
    owners = np.searchsorted(breaks, heads) - 1
    counts = np.bincount(owners, minlength=len(words))
    starts = np.cumsum(counts) - counts
    ranks = np.arange(len(heads)) - starts.take(owners)
    widths = _slot_letters_before(codes)
    widths, last_widths = widths.take(heads), widths.take(ends)
    usable = (counts > 0) & (counts <= CONSONANTS) & (last_widths <= SLOT_LENGTH)
    usable[owners[widths > SLOT_LENGTH]] = False
    usable[np.searchsorted(breaks, np.flatnonzero(codes == 0)) - 1] = False
    letters = codes.take(heads).astype(np.int64)
    is_first = ranks == 0
    slots = np.empty(len(heads) + len(words), np.int64)
    inside = _fillings(codes, heads, widths) + np.where(is_first, 0, _INSIDE)
    is_clustered = is_first & (counts.take(owners) > 1) & np.isin(letters, _HELPED)
    is_clustered[:-1] &= widths[1:] == 0
    is_last = ranks == counts.take(owners) - 1
    before_noon = is_last & ~is_first & (letters == _NOON) & (last_widths.take(owners) == 0)
    inside += is_clustered * _CLUSTER + before_noon * (_BEFORE_NOON - _INSIDE)
    slots[np.arange(len(heads)) + owners] = inside
    slots[starts + counts + np.arange(len(words))] = _fillings(codes, ends, last_widths) + _END + with_heh * _WITH_HEH
    consonants = letters + doubled * _DOUBLED + (is_first & (widths == 0)) * _FIRST
    return Shapes(usable, _skeletons(letters, owners, ranks, len(words)), counts, starts, consonants, slots)


def _heads(codes: NDArray[np.uint8]) -> tuple[Ids, NDArray[np.bool_]]:
    """Where consonants stand, one that is written twice counting as one, and which are written twice."""
    is_consonant = (codes >= _FIRST_CONSONANT) & (codes < _ENDING)
    again = is_consonant.copy()
    again[1:] &= codes[1:] == codes[:-1]
    places = np.arange(len(codes))
    runs = np.maximum.accumulate(np.where(again, 0, places))
    heads = np.flatnonzero(is_consonant & ((places - runs) % 2 == 0))
    return heads, again.take(heads + 1)


def _slot_letters_before(codes: NDArray[np.uint8]) -> Ids:
    """How many letters of slots stand right before each place."""
    places = np.arange(len(codes))
    others = np.maximum.accumulate(np.where((codes > 0) & (codes < _FIRST_CONSONANT), 0, places))
    return np.concatenate([[0], (places - others)[:-1]])


def _fillings(codes: NDArray[np.uint8], places: Ids, widths: Ids) -> Ids:
    """The letters of slots right before places, the last one lowest."""
    found = np.zeros(len(places), np.int64)
    for back in range(SLOT_LENGTH):
        letters = codes.take(places - back - 1, mode="clip").astype(np.int64)
        found += np.where(widths > back, letters << back * _LETTER_BITS, 0)
    return found


def _skeletons(letters: Ids, owners: Ids, ranks: Ids, words: int) -> Ids:
    """The classes of each word's consonants, the first one lowest."""
    skeletons = np.zeros(words, np.int64)
    for rank in range(CONSONANTS):
        at = np.flatnonzero(ranks == rank)
        skeletons[owners.take(at)] += _CLASSES.take(letters.take(at)) << rank * _CLASS_BITS
    return skeletons


def slot_of(number: int) -> Slot:
    """The slot with this number."""
    digits = [(number >> at * _LETTER_BITS) & ((1 << _LETTER_BITS) - 1) for at in reversed(range(SLOT_LENGTH))]
    letters = "".join(_LETTERS[digit - 1] for digit in digits if digit)
    place = _PLACES[(number >> _FILLING_BITS) & (len(_PLACES) - 1)]
    return Slot(letters + (FINAL_HEH if number & _WITH_HEH else ""), place, bool(number & _CLUSTER))


def consonant_of(number: int) -> Consonant:
    """The consonant with this number."""
    letter = _LETTERS[(number & ((1 << _CLASS_BITS) - 1)) - 1]
    return Consonant(letter, bool(number & _DOUBLED), bool(number & _FIRST))
