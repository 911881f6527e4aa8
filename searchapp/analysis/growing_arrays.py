"""Arrays that are kept: to be added to, and to be written anew."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import DTypeLike, NDArray

_LEAST_ROOM: Final = 1 << 12
"""Entries that an array has room for when it is made."""
KEPT_BYTES: Final = 1 << 25
"""The largest array that is kept to be written anew: more than half a thousand articles of news need, or a run of
a million tokens."""


class GrowingArray:
    """An array that is added to at its end, with room for more, so that it is seldom copied."""

    def __init__(self, dtype: DTypeLike) -> None:
        self._room = np.empty(_LEAST_ROOM, dtype)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    @property
    def values(self) -> NDArray[Any]:
        """What was put in."""
        return self._room[: self._count]

    def extend(self, values: NDArray[Any]) -> None:
        """Put in more."""
        count = self._count + len(values)
        self.room(len(values))[self._count : count] = values
        self._count = count

    def room(self, more: int) -> NDArray[Any]:
        """What was put in and what there is room for behind it, so many more at least."""
        count = self._count + more
        if count > len(self._room):
            room = np.empty(max(count, len(self._room) + (len(self._room) >> 1)), self._room.dtype)
            room[: self._count] = self.values
            self._room = room
        return self._room

    def keep(self, count: int) -> None:
        """So many are there: more were written into its room."""
        self._count = count


class ScratchArrays:
    """Arrays to write to for a moment, the same ones again and again. Not safe for threads.

    To touch memory that is new takes as long as what is written there.
    """

    def __init__(self) -> None:
        self._held: dict[str, NDArray[Any]] = {}

    def array(self, name: str, size: int, dtype: DTypeLike) -> NDArray[Any]:
        """The array of this name, of so many entries; what was written there before may be in it."""
        held = self._held.get(name)
        if held is None or len(held) < size:
            self._held.pop(name, None)
            held = np.empty(size + (size >> 2), dtype)
            if held.nbytes <= KEPT_BYTES:
                self._held[name] = held
        return held[:size]
