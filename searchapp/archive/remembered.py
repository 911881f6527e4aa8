"""What is known of articles as bytes, the latest in memory, those before them in a file for the time of a run."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from searchapp.archive.scratch import SCRATCH_BYTES, Scratch

Places = NDArray[np.int64]
Bytes = NDArray[np.uint8]

_SIZE_BITS: Final = 20
_LONGEST: Final = (1 << _SIZE_BITS) - 1
"""Longer entries are not kept."""
_MOST_OF_MEMORY: Final = 4
"""Nor those that would take more than this part of the memory."""


class Entries(NamedTuple):
    """What is kept of some articles: of each its number, and where in `data` its bytes begin and how many they are."""

    numbers: Places
    starts: Places
    sizes: Places
    data: Bytes

    def and_these(self, numbers: Sequence[int], entries: Sequence[bytes]) -> Entries:
        """With those of other articles, all in the order of the numbers."""
        if not numbers:
            return self
        sizes = np.fromiter(map(len, entries), np.int64, len(entries))
        all_numbers = np.append(self.numbers, np.array(numbers, np.int64))
        starts = np.append(self.starts, len(self.data) + np.cumsum(sizes) - sizes)
        data = np.append(self.data, np.frombuffer(b"".join(entries), np.uint8))
        order = np.argsort(all_numbers)
        return Entries(all_numbers.take(order), starts.take(order), np.append(self.sizes, sizes).take(order), data)


class Remembered:
    """Bytes by the numbers of articles, in a ring of memory of so many bytes, and when that is full, in a file.

    Where they are takes eight bytes an article. What is in neither any more is not found.
    """

    def __init__(self, memory: int, directory: Path, most: int = SCRATCH_BYTES) -> None:
        self._memory = memory
        self._scratch = Scratch(directory, most // memory * memory)
        self._longest = min(_LONGEST, memory // _MOST_OF_MEMORY)
        self.clear()

    def clear(self) -> None:
        """Forget all."""
        self._scratch.clear()
        self._places: Places = np.zeros(1, np.int64)
        """Where an article's bytes begin, counted from the first that were ever put in, and how many they are."""
        self._ring: Bytes = np.empty(0, np.uint8)
        self._end = 0
        self._part_ends = deque[int]()
        """Of the parts that were put in and are not in the file yet; they go there whole."""

    def forget(self, number: int) -> None:
        """An article is gone or has another text."""
        if number < len(self._places):
            self._places[number] = 0

    def put(self, numbers: Sequence[int], entries: Sequence[bytes]) -> None:
        """Keep these, in the place of what was kept of the same articles."""
        if not numbers:
            return
        of = np.array(numbers, np.int64)
        self._grow(int(of.max()))
        self._places[of] = 0
        sizes = np.fromiter(map(len, entries), np.int64, len(entries))
        ends = np.cumsum(np.where(sizes <= self._longest, sizes, 0))
        kept = [entry if len(entry) <= self._longest else b"" for entry in entries]
        first = done = 0
        while done < ends[-1]:
            last = int(np.searchsorted(ends, done + self._room, side="right"))
            if last > first:
                begins = self._end + ends[first:last] - sizes[first:last] - done
                fits = (sizes[first:last] > 0) & (sizes[first:last] <= self._longest)
                self._places[of[first:last][fits]] = (begins << _SIZE_BITS | sizes[first:last])[fits]
                self._append(b"".join(kept[first:last]))
                first, done = last, int(ends[last - 1])
            else:
                self._append(bytes(self._room))  # no entry reaches over the ring's end

    def of(self, numbers: Places) -> Entries:
        """What is kept of these articles, in their order."""
        places = np.where(numbers < len(self._places), self._places.take(numbers, mode="clip"), 0)
        kept = np.flatnonzero(places)
        places = places.take(kept)
        begins, sizes = places >> _SIZE_BITS, places & _LONGEST
        is_in_memory = begins >= self._scratch.end
        in_memory, in_file = np.flatnonzero(is_in_memory), np.flatnonzero(~is_in_memory)
        there, data = self._scratch.read(begins.take(in_file), sizes.take(in_file))
        there = np.concatenate([in_file[there], in_memory])
        data += self._in_memory(begins.take(in_memory), sizes.take(in_memory))
        order = np.argsort(there)
        sizes = sizes.take(there)
        starts = np.cumsum(sizes) - sizes
        return Entries(
            numbers.take(kept.take(there.take(order))),
            starts.take(order),
            sizes.take(order),
            np.frombuffer(data, np.uint8),
        )

    def _in_memory(self, begins: Places, sizes: Places) -> bytes:
        """What stands at places that are in memory, end to end."""
        places = begins % self._memory
        return b"".join(map(self._ring.data.__getitem__, map(slice, places.tolist(), (places + sizes).tolist())))

    @property
    def _room(self) -> int:
        """How many bytes there are to the end of the ring."""
        return self._memory - self._end % self._memory

    def _append(self, data: bytes) -> None:
        """Put in a part that does not reach over the ring's end, and before that into the file what stood there."""
        if not len(self._ring):
            self._ring = np.empty(self._memory, np.uint8)
        while self._scratch.end < self._end + len(data) - self._memory:
            part_end = self._part_ends.popleft()
            begin, size = self._scratch.end % self._memory, part_end - self._scratch.end
            self._scratch.write(self._ring.data[begin : begin + size])
        place = self._end % self._memory
        self._ring[place : place + len(data)] = np.frombuffer(data, np.uint8)
        self._end += len(data)
        self._part_ends.append(self._end)

    def _grow(self, number: int) -> None:
        """Have a place for an article. Room that is not written to takes no memory."""
        if number >= len(self._places):
            places = np.zeros(number + (number >> 1) + 1, np.int64)
            places[: len(self._places)] = self._places
            self._places = places
