"""What is known of each surface, in arrays: a hash table that is asked for many keys at once."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

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
        self._multipliers = [np.uint64(secrets.randbits(_WORD_BITS) | 1) for _ in range(words)]
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
        self._words = [np.zeros(1 << bits, np.uint64) for _ in self._multipliers]
        self._values = np.zeros(1 << bits, np.uint64)

    def find(self, keys: Sequence[Words]) -> tuple[Words, Places]:
        """The values of keys, and the places among them of those that are not known (their values mean nothing)."""
        slots = self._slots(keys)
        values = self._values.take(slots)
        seeking = np.flatnonzero(self._differ(slots, keys))
        slots = slots.take(seeking)
        unknown = []
        while len(seeking):
            vacant = self._words[0].take(slots) == _VACANT
            unknown.append(seeking[vacant])
            seeking, slots = seeking[~vacant], self._next(slots[~vacant])
            differ = self._differ(slots, [word.take(seeking) for word in keys])
            values[seeking[~differ]] = self._values.take(slots[~differ])
            seeking, slots = seeking[differ], slots[differ]
        # In order, so that what is numbered as it is met gets the same numbers under all multipliers.
        return values, np.sort(np.concatenate([seeking, *unknown]))

    def add(self, keys: Sequence[Words], values: Words) -> None:
        """Put in keys that are not known yet, each once."""
        self._count += len(values)
        bits = max(self._bits, (2 * self._count - 1).bit_length())
        if bits > self._bits:
            # What was met first is met most often, and has the lowest value: the last in order gets its own slot.
            held = np.flatnonzero(self._words[0])
            held = held.take(self._values.take(held).argsort()[::-1])
            old = [word.take(held) for word in self._words], self._values.take(held)
            self._allocate(bits)
            self._place(*old)
        self._place(keys, values)

    def _place(self, keys: Sequence[Words], values: Words) -> None:
        slots = self._slots(keys)
        while len(slots):
            vacant = np.flatnonzero(self._words[0].take(slots) == _VACANT)
            # Of several keys that take one slot, it is the last one's in all the arrays.
            taken = slots.take(vacant)
            for held, word in zip(self._words, keys, strict=True):
                held[taken] = word.take(vacant)
            differ = self._differ(slots, keys)
            placed = ~differ
            self._values[slots[placed]] = values[placed]
            keys, values, slots = [word[differ] for word in keys], values[differ], self._next(slots[differ])

    def _slots(self, keys: Sequence[Words]) -> Places:
        """The slot where the search for each key begins."""
        mixed = keys[0] * self._multipliers[0]
        for word, multiplier in zip(keys[1:], self._multipliers[1:], strict=True):
            mixed += word * multiplier
        # The highest bits of a product depend on all bits of both factors.
        mixed >>= np.uint64(_WORD_BITS - self._bits)
        return mixed.view(np.int64)

    def _next(self, slots: Places) -> Places:
        return (slots + 1) & ((1 << self._bits) - 1)

    def _differ(self, slots: Places, keys: Sequence[Words]) -> NDArray[np.bool_]:
        """Whether what is held in each slot is another key, or none."""
        differ: NDArray[np.bool_] = self._words[0].take(slots) != keys[0]
        for held, word in zip(self._words[1:], keys[1:], strict=True):
            differ |= held.take(slots) != word
        return differ
