"""What was made or asked for of late, in a bounded number of bytes."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Recent(Generic[Key, Value]):
    """A dictionary that forgets what has not been asked for in a while. It may be used from many threads.

    It has two halves: what is asked for moves to the younger one, and when that is full, the older one is dropped and
    the younger becomes the older. Every step is one operation of a dictionary: two threads may both make a value, or
    one may be forgotten early, and nothing else can go wrong.
    """

    def __init__(self, size: int) -> None:
        """`size` is about how much is kept, in the unit of `put`."""
        self._half, self._size = size // 2, 0
        self._young: dict[Key, tuple[Value, int]] = {}
        self._old: dict[Key, tuple[Value, int]] = {}

    def get(self, key: Key) -> Value | None:
        """What is kept under a key, None for nothing."""
        found = self._young.get(key)
        if found is None:
            found = self._old.get(key)
            if found is None:
                return None
            self.put(key, *found)
        return found[0]

    def put(self, key: Key, value: Value, size: int) -> None:
        """Keep a value; one that would take the place of most others is not kept."""
        if size > self._half // 2:
            return
        self._size += size
        if self._size > self._half:
            self._old, self._young, self._size = self._young, {}, size
        self._young[key] = value, size
