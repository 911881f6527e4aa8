"""What is known of articles as bytes, kept in memory for those that were asked for last."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Final

from searchapp.archive.scratch import Scratch

_BESIDE_DATA: Final = 160
"""Bytes that an entry takes beside what it holds."""


class Remembered:
    """Bytes by the numbers of articles. They are let go by `trim` alone: until then all that is put in is there.

    What memory lets go is found in `scratch` for longer, where there is one.
    """

    def __init__(self, most: int, scratch: Scratch | None = None) -> None:
        self._most = most
        self._scratch = scratch
        self._bytes = 0
        self._kept = OrderedDict[int, bytes]()
        self._read_again = dict[int, bytes]()
        """Out of `scratch` since the last `trim`."""

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
        kept, found, missing = self._kept, dict[int, bytes](), list[int]()
        for number in numbers:
            data = kept.get(number)
            if data is not None:
                found[number] = data
                kept.move_to_end(number)
            elif (data := self._read_again.get(number)) is not None:
                found[number] = data
            else:
                missing.append(number)
        if missing and self._scratch is not None:
            again = self._scratch.of(missing)
            self._read_again |= again
            found |= again
        return found

    def forget(self, number: int) -> None:
        """An article is gone or has another text."""
        data = self._kept.pop(number, None)
        if data is not None:
            self._bytes -= len(data) + _BESIDE_DATA
        self._read_again.pop(number, None)
        if self._scratch is not None:
            self._scratch.forget(number)

    def trim(self) -> None:
        """Let those go that were asked for least lately, down to so many bytes."""
        self._read_again.clear()
        let_go = dict[int, bytes]()
        while self._bytes > self._most:
            number, data = self._kept.popitem(last=False)
            self._bytes -= len(data) + _BESIDE_DATA
            let_go[number] = data
        if let_go and self._scratch is not None:
            self._scratch.put(let_go)

    def clear(self) -> None:
        """Forget all."""
        self._kept.clear()
        self._read_again.clear()
        self._bytes = 0
        if self._scratch is not None:
            self._scratch.clear()
