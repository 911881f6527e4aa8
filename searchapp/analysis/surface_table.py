"""What is known of each surface, in arrays: a hash table that is asked for many keys at once."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from searchapp.analysis import surface_loops

Words = NDArray[np.uint64]
Places = NDArray[np.int64]

_FIRST_BITS: Final = 12
_WORD_BITS: Final = 64
_VACANT: Final = 0


class SurfaceTable:
    """Maps keys of one or more 64-bit words to values of 64 bits. It grows and forgets nothing.

    Keys are compared whole, so two keys are never taken for one another. Open addressing with linear probing, at
    most half full: 32 to 64 bytes for a key of one word, 64 to 128 for one of three. The hash multiplies by odd numbers
    drawn at random for each table, so that nobody can write texts whose words all fall on one place.

    A key is as many arrays as it has words, of equal length, one entry a key. The first word of a key is never 0.
    Not safe for threads.
    """

    def __init__(self, words: int) -> None:
        self._multipliers = _multipliers(words)
        self._width = words + 1
        self._count = 0
        self._allocate(_FIRST_BITS)

    @property
    def words(self) -> int:
        """Of how many words a key is."""
        return len(self._multipliers)

    def __len__(self) -> int:
        return self._count

    def _allocate(self, bits: int) -> None:
        self._bits = bits
        # A slot is the words of a key and its value, side by side.
        self._held = np.zeros((self.words + 1) << bits, np.uint64)

    def find(self, keys: Sequence[Words]) -> tuple[Words, Places]:
        """The values of keys, and the places among them of those that are not known (their values mean nothing)."""
        if (made := surface_loops.find_keys.ready()) is not None:
            values, places = np.empty(len(keys[0]), np.uint64), np.empty(len(keys[0]), np.int64)
            missing = made(self._held, self._bits, self._multipliers, np.concatenate(keys), values, places)
            return values, places[:missing]
        return self._find(keys)

    def find_short(self, keys: Words, lowest: int, values: Words) -> Places:
        """As `find`, of keys of one word, into `values`; those below `lowest` are none, and are not known."""
        if (made := surface_loops.find_short.ready()) is not None:
            places = np.empty(len(keys), np.int64)
            missing = made(self._held, self._bits, self._multipliers, keys, lowest, values, places)
            return places[:missing].copy()
        is_key = keys >= lowest
        chosen = np.flatnonzero(is_key)
        values[chosen], unknown = self._find([keys.take(chosen)])
        is_key[chosen.take(unknown)] = False
        return np.flatnonzero(~is_key)

    def _find(self, keys: Sequence[Words]) -> tuple[Words, Places]:
        slots = self._slots(keys)
        values = self._values_in(slots)
        seeking = np.flatnonzero(self._differ(slots, keys))
        slots = slots.take(seeking)
        unknown = []
        while len(seeking):
            vacant = self._held.take(slots * self._width) == _VACANT
            unknown.append(seeking[vacant])
            seeking, slots = seeking[~vacant], self._next(slots[~vacant])
            differ = self._differ(slots, [word.take(seeking) for word in keys])
            values[seeking[~differ]] = self._values_in(slots[~differ])
            seeking, slots = seeking[differ], slots[differ]
        # In order, so that what is numbered as it is met gets the same numbers under all multipliers.
        return values, np.sort(np.concatenate([seeking, *unknown]))

    def add(self, keys: Sequence[Words], values: Words) -> None:
        """Put in keys that are not known yet, each once."""
        self._count += len(values)
        self._make_room(self._count)
        self._place(keys, values)

    def slots(self) -> tuple[Words, int, Words]:
        """What loops look keys up in, and put them in: the slots, the bits of their number, and the multipliers."""
        return self._held, self._bits, self._multipliers

    def wrote(self, count: int) -> None:
        """A loop has put in keys, so that there are so many now. There is room for two more at least."""
        self._count = count
        self._make_room(count + 2)

    def _make_room(self, count: int) -> None:
        bits = max(self._bits, (2 * count - 1).bit_length())
        if bits > self._bits:
            # From slot to slot: so they come to lie one behind the other, too, and few of them take another's.
            old = self._held.reshape(-1, self._width)
            *keys, values = np.ascontiguousarray(old[old[:, 0] != _VACANT].T)
            self._allocate(bits)
            self._place(keys, values)

    def _place(self, keys: Sequence[Words], values: Words) -> None:
        if (made := surface_loops.place_keys.ready()) is not None:
            made(self._held, self._bits, self._multipliers, np.concatenate(keys), values)
            return
        # Of several keys that take one slot, it is the last one's in all the arrays.
        keys, values = [word[::-1] for word in keys], values[::-1]
        slots = self._slots(keys)
        while len(slots):
            vacant = np.flatnonzero(self._held.take(slots * self._width) == _VACANT)
            taken = slots.take(vacant) * self._width
            for at, word in enumerate(keys):
                self._held[taken + at] = word.take(vacant)
            differ = self._differ(slots, keys)
            placed = ~differ
            self._held[slots[placed] * self._width + self.words] = values[placed]
            keys, values, slots = [word[differ] for word in keys], values[differ], self._next(slots[differ])

    def _slots(self, keys: Sequence[Words]) -> Places:
        """The slot where the search for each key begins."""
        mixed = keys[0] * self._multipliers[0]
        for word, multiplier in zip(keys[1:], self._multipliers[1:], strict=True):
            mixed += word * multiplier
        # The highest bits of a product depend on all bits of both factors.
        mixed >>= np.uint64(_WORD_BITS - self._bits)
        slots: Places = mixed.view(np.int64)
        return slots

    def _next(self, slots: Places) -> Places:
        return (slots + 1) & ((1 << self._bits) - 1)

    def _values_in(self, slots: Places) -> Words:
        return self._held.take(slots * self._width + self.words)

    def _differ(self, slots: Places, keys: Sequence[Words]) -> NDArray[np.bool_]:
        """Whether what is held in each slot is another key, or none."""
        places = slots * self._width
        differ: NDArray[np.bool_] = self._held.take(places) != keys[0]
        for word in keys[1:]:
            places += 1
            differ |= self._held.take(places) != word
        return differ


def distinct(keys: Sequence[Words]) -> tuple[Places, Places]:
    """Where each distinct key stands first, in order, and for every key which of these it is."""
    if (made := surface_loops.distinct_keys.ready()) is not None:
        return _distinct_compiled(made, keys)
    order = np.lexsort(keys)
    begins = np.zeros(len(order), bool)
    begins[:1] = True
    for word in keys:
        ordered = word.take(order)
        begins[1:] |= ordered[1:] != ordered[:-1]
    # The order is stable, so that the first of equal keys is the one that stands first.
    first = order[begins]
    rank = np.empty(len(first), np.int64)
    rank[first.argsort()] = np.arange(len(first))
    which = np.empty(len(order), np.int64)
    which[order] = rank.take(begins.cumsum() - 1)
    first.sort()
    return first, which


def _distinct_compiled(made: Callable[..., int], keys: Sequence[Words]) -> tuple[Places, Places]:
    count = len(keys[0])
    bits = (2 * count).bit_length()
    first, which = np.empty(count, np.int64), np.empty(count, np.int64)
    slots = np.zeros(1 << bits, np.int32)
    found = made(np.concatenate(keys), _multipliers(len(keys)), bits, slots, first, which)
    return first[:found], which


def _multipliers(words: int) -> Words:
    """Odd numbers drawn at random, one for each word of a key."""
    return np.array([secrets.randbits(_WORD_BITS) | 1 for _ in range(words)], np.uint64)
