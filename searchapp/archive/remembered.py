"""What is known of articles as bytes, kept in memory for those that were asked for last."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Final

_BESIDE_DATA: Final = 160
"""Bytes that an entry takes beside what it holds."""


class Remembered:
    """Bytes by the numbers of articles. They are let go by `trim` alone: until then all that is put in is there."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._bytes = 0
        self._kept = OrderedDict[int, bytes]()

    def __len__(self) -> int:
        """How many are kept."""
        return len(self._kept)

    def put(self, entries: Mapping[int, bytes]) -> None:
        """Keep these, in the place of what was kept of the same articles."""
        for number, data in entries.items():
            self.forget(number)
            self._kept[number] = data
            self._bytes += len(data) + _BESIDE_DATA

    def of(self, numbers: Iterable[int]) -> dict[int, bytes]:
        """What is kept of these articles."""
        kept, found = self._kept, dict[int, bytes]()
        for number in numbers:
            data = kept.get(number)
            if data is not None:
                found[number] = data
                kept.move_to_end(number)
        return found

    def forget(self, number: int) -> None:
        """An article is gone or has another text."""
        data = self._kept.pop(number, None)
        if data is not None:
            self._bytes -= len(data) + _BESIDE_DATA

    def trim(self) -> None:
        """Let those go that were asked for least lately, down to so many bytes."""
        while self._bytes > self._most:
            _, data = self._kept.popitem(last=False)
            self._bytes -= len(data) + _BESIDE_DATA

    def clear(self) -> None:
        """Forget all."""
        self._kept.clear()
        self._bytes = 0
