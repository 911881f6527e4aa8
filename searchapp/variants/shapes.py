"""Words taken apart into consonants and slots, as `spelling` calls them: arrays over many words at once.

Of a word of C consonants there are C + 1 slots, the last of them behind the last consonant. Consonants and slots are
numbers that say all about them, so that equal ones have equal numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from searchapp.variants.shape_loops import read_parts
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
    parts = _parts(codes, breaks[:-1] + 1, ends)
    letters, owners, widths, last_widths = parts.letters, parts.owners, parts.widths, parts.last_widths
    counts = np.bincount(owners, minlength=len(words))
    starts = np.cumsum(counts) - counts
    ranks = np.arange(len(letters)) - starts.take(owners)
    usable = (counts > 0) & (counts <= CONSONANTS) & (last_widths <= SLOT_LENGTH) & ~parts.broken
    usable[owners[widths > SLOT_LENGTH]] = False
    is_first = ranks == 0
    slots = np.empty(len(letters) + len(words), np.int64)
    inside = parts.fillings + np.where(is_first, 0, _INSIDE)
    is_clustered = is_first & (counts.take(owners) > 1) & np.isin(letters, _HELPED)
    is_clustered[:-1] &= widths[1:] == 0
    is_last = ranks == counts.take(owners) - 1
    before_noon = is_last & ~is_first & (letters == _NOON) & (last_widths.take(owners) == 0)
    inside += is_clustered * _CLUSTER + before_noon * (_BEFORE_NOON - _INSIDE)
    slots[np.arange(len(letters)) + owners] = inside
    slots[starts + counts + np.arange(len(words))] = parts.last_fillings + _END + with_heh * _WITH_HEH
    consonants = letters + parts.doubled * _DOUBLED + (is_first & (widths == 0)) * _FIRST
    return Shapes(usable, _skeletons(letters, owners, ranks, len(words)), counts, starts, consonants, slots)


@dataclass(frozen=True, slots=True)
class _Parts:
    """All consonants, one that is written twice counting as one, their words, and the slots before them.

    Of slots the numbers of letters and the last `SLOT_LENGTH` of these; of each word the slot before its end, and
    whether it holds what is no Arabic letter.
    """

    letters: Ids
    owners: Ids
    doubled: NDArray[np.bool_]
    widths: Ids
    fillings: Ids
    last_widths: Ids
    last_fillings: Ids
    broken: NDArray[np.bool_]


def _parts(codes: NDArray[np.uint8], begins: Ids, ends: Ids) -> _Parts:
    """The parts of words, whose letters lie from `begins` to `ends`."""
    if (read := read_parts.ready()) is not None:
        return _parts_by_loop(codes, begins, ends, read)
    heads, doubled = _heads(codes)
    widths = _slot_letters_before(codes)
    widths, last_widths = widths.take(heads), widths.take(ends)
    fillings, last_fillings = _fillings(codes, heads, widths), _fillings(codes, ends, last_widths)
    broken = np.zeros(len(ends), np.bool_)
    broken[np.searchsorted(begins, np.flatnonzero(codes == 0), side="right") - 1] = True
    owners = np.searchsorted(begins, heads, side="right") - 1
    letters = codes.take(heads).astype(np.int64)
    return _Parts(letters, owners, doubled, widths, fillings, last_widths, last_fillings, broken)


def _parts_by_loop(codes: NDArray[np.uint8], begins: Ids, ends: Ids, read: Callable[..., int]) -> _Parts:
    letters, owners, widths, fillings = (np.empty(len(codes), np.int64) for _ in range(4))
    doubled, broken = np.empty(len(codes), np.bool_), np.empty(len(ends), np.bool_)
    last_widths, last_fillings = np.empty(len(ends), np.int64), np.empty(len(ends), np.int64)
    parts = _Parts(letters, owners, doubled, widths, fillings, last_widths, last_fillings, broken)
    found = read(
        *(codes, begins, ends, _FIRST_CONSONANT, _ENDING, SLOT_LENGTH, _LETTER_BITS),
        *(letters, owners, doubled, widths, fillings, last_widths, last_fillings, broken),
    )
    of_consonants = {
        name: getattr(parts, name)[:found] for name in ("letters", "owners", "doubled", "widths", "fillings")
    }
    return replace(parts, **of_consonants)


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
