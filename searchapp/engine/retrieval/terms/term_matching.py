"""Which terms of a dictionary a wildcard or a fuzzy word stands for, all terms compared side by side.

The terms lie by length in arrays of letters, one row a place in the word: comparing the third letter of all terms of
seven letters is one operation. Before that, the sets of letters are compared, as 64 bits a term; few terms are left.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from searchapp.frozen import dataclass

Numbers = NDArray[np.intp]
Letters = NDArray[Any]

_BITS: Final = 64
_LEAD: Final = 0xC0
_CONTINUES: Final = 0x80
"""In UTF-8, the bytes of a character behind its first are 10xxxxxx."""


@dataclass(frozen=True, slots=True)
class _Length:
    """The terms of one length: their numbers, rising; letters[place, term]; the set of each term's letters."""

    numbers: NDArray[np.uint32]
    letters: Letters
    sets: NDArray[np.uint64]


class TermLetters:
    """The letters of a dictionary's terms. Some 25 bytes a term of Arabic news."""

    def __init__(self, text: bytes, offsets: NDArray[Any]) -> None:
        """Take the arrays of a dictionary: its terms' UTF-8 end to end, no term empty, and where they begin and end."""
        points = np.frombuffer(text.decode("utf-8", "surrogatepass").encode("utf-32-le", "surrogatepass"), np.uint32)
        seen = np.zeros(int(points.max(initial=0)) + 1, bool)
        seen[points] = True
        self._alphabet = np.flatnonzero(seen)
        table = np.zeros(len(seen), np.min_scalar_type(len(self._alphabet)))
        table[self._alphabet] = np.arange(len(self._alphabet))
        # A letter that no term has is one beyond the alphabet.
        self._bits = np.uint64(1) << (np.arange(len(self._alphabet) + 1) % _BITS).astype(np.uint64)
        self._by_length = dict(self._grouped(table.take(points), _lengths(text, offsets)))

    @classmethod
    def of_words(cls, words: list[str]) -> Self:
        """The letters of some words, none of them empty, numbered in this order."""
        encoded = [word.encode("utf-8", "surrogatepass") for word in words]
        return cls(b"".join(encoded), np.cumsum([0, *map(len, encoded)]))

    def _grouped(self, letters: Letters, lengths: NDArray[np.int64]) -> Iterator[tuple[int, _Length]]:
        starts = np.cumsum(lengths) - lengths
        order = lengths.argsort(kind="stable")
        for terms in np.split(order, np.flatnonzero(np.diff(lengths.take(order))) + 1) if len(order) else ():
            length = int(lengths[terms[0]])
            rows = np.empty((length, len(terms)), letters.dtype)
            sets = np.zeros(len(terms), np.uint64)
            for place in range(length):
                letters.take(starts.take(terms) + place, out=rows[place])
                sets |= self._bits.take(rows[place])
            yield length, _Length(terms.astype(np.uint32), rows, sets)

    @property
    def nbytes(self) -> int:
        """Bytes of memory that the arrays take."""
        arrays = (array for one in self._by_length.values() for array in (one.numbers, one.letters, one.sets))
        return sum(array.nbytes for array in arrays)

    def like_wildcard(self, pattern: str) -> Numbers:
        """The numbers, rising, of the terms that fit a pattern: `*` is any letters or none, `?` is one letter."""
        first, *others = (self._coded(part) for part in pattern.split("*"))
        least = len(first) + sum(map(len, others))
        wanted = self._set(set(pattern) - {"*", "?"})
        found = []
        for length, of_length in self._by_length.items():
            if length == least or (others and length > least):
                has_all = np.flatnonzero((of_length.sets & wanted) == wanted)
                fitting = _fitting(of_length.letters, has_all, first, others)
                found.append(of_length.numbers.take(fitting))
        return _joined(found)

    def like_word(self, word: str, edits: int) -> Numbers:
        """The numbers, rising, of the terms so many edits away from a word, or fewer.

        An edit puts in, takes out or changes one letter, or swaps two neighbours, and none touches what another has
        (the optimal string alignment distance).
        """
        codes, wanted = self._coded(word), self._set(set(word))
        found = []
        for length in range(len(word) - edits, len(word) + edits + 1):
            of_length = self._by_length.get(length)
            if of_length is not None:
                near = _nearly_as_many(of_length.sets, wanted, edits)
                distances = _distances(of_length.letters.take(near, axis=1), codes, edits)
                found.append(of_length.numbers.take(near[distances <= edits]))
        return _joined(found)

    def _coded(self, letters: str) -> list[int]:
        """The places of some letters in the alphabet; -1 for a question mark."""
        return [-1 if letter == "?" else self._code(letter) for letter in letters]

    def _code(self, letter: str) -> int:
        place = int(self._alphabet.searchsorted(ord(letter)))
        known = place < len(self._alphabet) and self._alphabet.item(place) == ord(letter)
        return place if known else len(self._alphabet)

    def _set(self, letters: set[str]) -> np.uint64:
        bits = self._bits.take([self._code(letter) for letter in letters])
        return np.uint64(np.bitwise_or.reduce(bits, initial=np.uint64(0)))


def _lengths(text: bytes, offsets: NDArray[Any]) -> NDArray[np.int64]:
    """How many characters each term has."""
    if len(offsets) < 2:
        return np.empty(0, np.int64)
    begins = (np.frombuffer(text, np.uint8) & _LEAD) != _CONTINUES
    return np.add.reduceat(begins, offsets[:-1].astype(np.intp), dtype=np.int64)


def _fitting(letters: Letters, terms: Numbers, first: list[int], others: list[list[int]]) -> Numbers:
    """Those of the terms that fit a pattern's parts, which stand in this order; the first and the last at the ends."""
    length = len(letters)
    *between, last = others or [[]]
    for begin, part in ((0, first), (length - len(last), last)):
        for place, code in enumerate(part, start=begin):
            if code >= 0:
                terms = terms[letters[place].take(terms) == code]
    if not between or not len(terms):
        return terms
    letters = letters[len(first) : length - len(last)].take(terms, axis=1)
    return terms[_in_order(letters, between)]


def _in_order(letters: Letters, parts: list[list[int]]) -> NDArray[np.bool_]:
    """Which terms have the parts one after the other: each taken as far to the left as it stands."""
    behind = np.zeros(letters.shape[1], np.intp)
    fitting = np.ones(letters.shape[1], bool)
    for at, part in enumerate(parts):
        places = len(letters) - len(part) + 1
        stands = np.arange(places)[:, None] >= behind if at else np.ones((places, letters.shape[1]), bool)
        for offset, code in enumerate(part):
            if code >= 0:
                stands &= letters[offset : offset + places] == code
        fitting &= stands.any(axis=0)
        if at + 1 < len(parts):
            behind = stands.argmax(axis=0) + len(part)
    return fitting


def _nearly_as_many(sets: NDArray[np.uint64], wanted: np.uint64, edits: int) -> Numbers:
    """The terms that lack no more of the letters, and have no more others, than edits could put in or take out."""
    lacking = np.bitwise_count(wanted & ~sets) <= edits
    lacking &= np.bitwise_count(sets & ~wanted) <= edits
    return np.flatnonzero(lacking)


def _distances(letters: Letters, word: list[int], edits: int) -> NDArray[np.uint8]:
    """How many edits each term is away from a word; any number above `edits` for all that are further.

    Row by row of the table that dynamic programming fills, and of each row only what is so near the diagonal.
    """
    length, terms = letters.shape
    same = {code: letters == code for code in set(word)}
    beyond = np.full(terms, edits + 1, np.uint8)
    above: dict[int, NDArray[np.uint8]] = {}
    row = {place: np.full(terms, place, np.uint8) for place in range(min(edits, length) + 1)}
    for at, code in enumerate(word, start=1):
        before, above, row = above, row, {}
        for place in range(max(at - edits, 0), min(at + edits, length) + 1):
            if place == 0:
                row[place] = np.full(terms, at, np.uint8)
                continue
            best = above[place - 1] + ~same[code][place - 1]
            np.minimum(best, above.get(place, beyond) + np.uint8(1), out=best)
            np.minimum(best, row.get(place - 1, beyond) + np.uint8(1), out=best)
            if at > 1 and place > 1 and place - 2 in before:
                swapped = same[code][place - 2] & same[word[at - 2]][place - 1]
                np.minimum(best, before[place - 2] + np.uint8(1), out=best, where=swapped)
            row[place] = best
    return row.get(length, beyond)


def _joined(found: list[NDArray[np.uint32]]) -> Numbers:
    return np.sort(np.concatenate(found)).astype(np.intp) if found else np.empty(0, np.intp)
