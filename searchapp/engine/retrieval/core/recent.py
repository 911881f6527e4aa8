"""What was made or asked for of late, in a bounded number of bytes."""

from __future__ import annotations

import threading
from collections.abc import Hashable
from itertools import islice
from typing import Final, Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

_FORGOTTEN_AT_ONCE: Final = 4
_ROOM: Final = 16
"""The how manieth part is made free when all is full."""


class Recent(Generic[Key, Value]):
    """A dictionary that forgets what has not been asked for the longest. It may be used from many threads.

    A dictionary keeps the order of its entries: what is asked for is taken out and put in again behind all others.
    Each of both is one step, so that of two threads one may not find what the other is just putting back, and makes it
    again; nothing else can go wrong.
    """

    def __init__(self, size: int) -> None:
        """`size` is about how much is kept, in the unit of `put`."""
        self._most, self._size = size, 0
        self._kept: dict[Key, tuple[Value, int]] = {}
        self._putting = threading.Lock()

    def get(self, key: Key) -> Value | None:
        """What is kept under a key, None for nothing."""
        found = self._kept.pop(key, None)
        if found is None:
            return None
        self._kept[key] = found
        return found[0]

    def put(self, key: Key, value: Value, size: int) -> None:
        """Keep a value; one that would take the place of many others is not kept."""
        if size > self._most // 4:
            return
        with self._putting:
            before = self._kept.pop(key, None)
            self._kept[key] = value, size
            self._size += size - (before[1] if before else 0)
            if self._size > self._most:
                self._forget()

    def clear(self) -> None:
        """Forget all."""
        with self._putting:
            self._kept.clear()
            self._size = 0

    def _forget(self) -> None:
        """Make some room, so that it need not be made for each value anew."""
        # While something is taken out to be put in again, another thread may put it in, too: it then counts twice.
        self._size = sum([size for _, size in list(self._kept.values())])
        while self._kept and self._size > self._most - self._most // _ROOM:
            for key in list(islice(self._kept, _FORGOTTEN_AT_ONCE)):
                gone = self._kept.pop(key, None)
                self._size -= gone[1] if gone else 0
