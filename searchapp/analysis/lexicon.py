"""The lexicon: Arabic stems with their classes and lemmas, found by their letters.

A stem of up to `LONGEST_STEM` letters is its own key: five bits a letter, packed into one integer. Keys stand in hash
slots with linear probing, so that one stem, or an array of many, is looked up without a Python object for each entry.

The key is made from the exact form of a word, and takes one more difference of spelling away, the seats of hamza: ؤ and
ئ are ء there (مسؤول and مسئول, شؤون and شئون, وزراؤه and وزرائه).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from searchapp.analysis.affixes import PREFIXES, SUFFIXES, StemClass
from searchapp.analysis.lexicon_file import DamagedLexicon, LexiconFile, open_lexicon_file

LEXICON_FILE: Final = Path(__file__).with_name("data") / "arabic_lexicon.bin"

KEY_LETTERS: Final = "ءابتثجحخدذرزسشصضطظعغفقكلمنهوي"
"""The letters of keys; a letter's code is its place here, from 1."""
LETTER_BITS: Final = 5
LONGEST_STEM: Final = 12

LETTER_CODES: Final[dict[str, int]] = {letter: code for code, letter in enumerate(KEY_LETTERS, 1)}
LETTER_CODES.update(dict.fromkeys("ؤئ", LETTER_CODES["ء"]))

# 2**64 divided by the golden ratio: multiplying by it spreads keys that differ little (Knuth, The Art of Computer
# Programming, volume 3, section 6.4).
HASH_MULTIPLIER: Final = 0x9E3779B97F4A7C15
_WORD_BITS: Final = 64
_WORD_MASK: Final = (1 << _WORD_BITS) - 1
NO_KEY: Final = 0

Keys = NDArray[np.uint64]


class Entry(NamedTuple):
    """One reading of a stem: its class, the number of its lemma, and its weight with and without affixes.

    `weight` is for a word that stands as the dictionary has it, `affixed_weight` for others, 0 if it may have none.
    """

    stem_class: StemClass
    lemma: int
    weight: float
    affixed_weight: float


def key_of(stem: str) -> int:
    """The key of a stem in exact form, or `NO_KEY` when it is empty, too long, or not of `KEY_LETTERS`."""
    if len(stem) > LONGEST_STEM:
        return NO_KEY
    key = 0
    for letter in stem:
        code = LETTER_CODES.get(letter)
        if code is None:
            return NO_KEY
        key = key << LETTER_BITS | code
    return key


def keys_of(stems: Sequence[str]) -> Keys:
    """The key of each of many stems, as `key_of` gives it."""
    lengths = np.fromiter(map(len, stems), np.int64, len(stems))
    points = np.frombuffer("".join(stems).encode("utf-32-le", "surrogatepass"), "<u4")
    codes = np.concatenate([_letter_codes().take(points, mode="clip"), np.zeros(LONGEST_STEM, np.uint64)])
    begins = np.cumsum(lengths) - lengths
    keys = np.zeros(len(stems), np.uint64)
    is_key = lengths <= LONGEST_STEM
    for place in range(min(int(lengths.max(initial=0)), LONGEST_STEM)):
        letters = codes.take(begins + place, mode="clip")
        is_inside = lengths > place
        is_key &= ~is_inside | (letters > 0)
        keys = np.where(is_inside, keys << np.uint64(LETTER_BITS) | letters, keys)
    keys[~is_key] = NO_KEY
    return keys


@cache
def _letter_codes() -> Keys:
    """Code point → the letter's code, 0 for what is in no key, as is the last one, which stands for all above."""
    codes = np.zeros(max(map(ord, LETTER_CODES)) + 2, np.uint64)
    codes[list(map(ord, LETTER_CODES))] = list(LETTER_CODES.values())
    return codes


def hash_slots(keys: Keys, bits: int) -> NDArray[np.int64]:
    """Where the search for each key begins in a table of 2**bits slots."""
    return ((keys * np.uint64(HASH_MULTIPLIER)) >> np.uint64(_WORD_BITS - bits)).view(np.int64)


class Lexicon:
    """The arrays of a lexicon file. It keeps no state of its own and may be used from many threads.

    Arrays: `slot_keys` and `slot_entries` (the first entry of the key) by slot; by entry `entry_classes`,
    `entry_lemmas`, `entry_weights`, `entry_affixed_weights` and `entry_last` (whether it is its key's last);
    `lemma_bytes` with `lemma_bounds`; `combinations` with `combination_factors`: prefix, suffix and class that go
    together, as one number each, and their probability; `kindred_keys` (rising, of lemmas) with `kindred_bounds` and
    `kindred_lemmas`: the numbers of the lemmas that are kindred to each.
    """

    def __init__(self, file: LexiconFile) -> None:
        arrays = file.arrays
        if file.about["prefixes"] != list(PREFIXES) or file.about["suffixes"] != list(SUFFIXES):
            raise DamagedLexicon("the lexicon was built for other affixes; run make lexicon")
        self.about = file.about
        self.slot_keys, self.slot_entries = arrays["slot_keys"], arrays["slot_entries"]
        self.entry_classes, self.entry_lemmas = arrays["entry_classes"], arrays["entry_lemmas"]
        self.entry_weights, self.entry_affixed_weights = arrays["entry_weights"], arrays["entry_affixed_weights"]
        self.entry_last = arrays["entry_last"]
        self.lemma_bytes, self.lemma_bounds = arrays["lemma_bytes"], arrays["lemma_bounds"]
        self.combinations, self.combination_factors = arrays["combinations"], arrays["combination_factors"]
        self._kindred_keys, self._kindred_bounds = arrays["kindred_keys"].data, arrays["kindred_bounds"].data
        self._kindred_lemmas = arrays["kindred_lemmas"].data
        self.bits = len(self.slot_keys).bit_length() - 1
        self._keys, self._firsts = self.slot_keys.data, self.slot_entries.data

    def first_entry(self, key: int) -> int:
        """The number of the first entry of a key, or -1."""
        keys, mask = self._keys, len(self._keys) - 1
        slot = (key * HASH_MULTIPLIER & _WORD_MASK) >> _WORD_BITS - self.bits
        while held := keys[slot]:
            if held == key:
                return self._firsts[slot]
            slot = slot + 1 & mask
        return -1

    def first_entries(self, keys: Keys) -> NDArray[np.int32]:
        """The number of the first entry of each key, or -1."""
        slots = hash_slots(keys, self.bits)
        held = self.slot_keys.take(slots)
        found: NDArray[np.int32] = np.where(held == keys, self.slot_entries.take(slots), np.int32(-1))
        seeking = np.flatnonzero((held != keys) & (held != NO_KEY))
        slots = slots.take(seeking)
        while len(seeking):
            slots = (slots + 1) & (len(self.slot_keys) - 1)
            held = self.slot_keys.take(slots)
            same = held == keys.take(seeking)
            found[seeking[same]] = self.slot_entries.take(slots[same])
            going = ~same & (held != NO_KEY)
            seeking, slots = seeking[going], slots[going]
        return found

    def entries(self, first: int) -> Iterator[Entry]:
        """The entries of the key whose first entry this is."""
        while True:
            yield self.entry(first)
            if self.entry_last[first]:
                return
            first += 1

    def entry(self, number: int) -> Entry:
        """One entry."""
        return Entry(
            StemClass(int(self.entry_classes[number])),
            int(self.entry_lemmas[number]),
            float(self.entry_weights[number]),
            float(self.entry_affixed_weights[number]),
        )

    def lemma(self, number: int) -> str:
        """A lemma by its number: a word in exact form."""
        begin, end = self.lemma_bounds[number : number + 2].tolist()
        return bytes(self.lemma_bytes[begin:end]).decode()

    def lemmas(self, numbers: NDArray[np.int32]) -> list[str]:
        """Many lemmas by their numbers."""
        text = self.lemma_bytes.data
        begins, ends = (self.lemma_bounds.take(numbers + after).tolist() for after in (0, 1))
        return [str(text[begin:end], "utf-8") for begin, end in zip(begins, ends, strict=True)]

    def kindred(self, lemma: str) -> tuple[str, ...]:
        """The lemmas of the same root and kin: of a verb its noun of action and participles, of a name its adjective.

        `lemma` is in exact form; one that the lexicon does not have has none.
        """
        key = key_of(lemma)
        at = bisect_left(self._kindred_keys, key)
        if at == len(self._kindred_keys) or self._kindred_keys[at] != key:
            return ()
        begin, end = self._kindred_bounds[at], self._kindred_bounds[at + 1]
        return tuple(map(self.lemma, self._kindred_lemmas[begin:end]))

    @property
    def lemma_count(self) -> int:
        """How many lemmas there are."""
        return len(self.lemma_bounds) - 1


@cache
def default_lexicon() -> Lexicon:
    """The lexicon that is installed with the package, opened at the first call and shared by all of this process."""
    return Lexicon(open_lexicon_file(LEXICON_FILE))
