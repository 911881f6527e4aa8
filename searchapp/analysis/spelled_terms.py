"""Terms as their code points, end to end: a tenth of the work that as many Python strings are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, Self, overload

import numpy as np
from numpy.typing import NDArray

from searchapp.analysis.growing_arrays import GrowingArray

Points = NDArray[np.uint32]
Places = NDArray[np.int64]

_ENCODING: Final = "utf-32-le"
_SURROGATES: Final = "surrogatepass"


@dataclass(frozen=True, slots=True)
class SpelledTerms:
    """Some terms: the code points of all, end to end, and how many each has."""

    points: Points
    lengths: Places

    @classmethod
    def of(cls, terms: Sequence[str]) -> Self:
        """Any strings."""
        points = np.frombuffer("".join(terms).encode(_ENCODING, _SURROGATES), np.dtype("<u4"))
        return cls(points.astype(np.uint32, copy=False), np.fromiter(map(len, terms), np.int64, len(terms)))

    def __len__(self) -> int:
        return len(self.lengths)

    @property
    def text(self) -> str:
        """All of them end to end."""
        return _text_of(self.points)

    def begins(self) -> Places:
        """Where each begins among the points."""
        return self.lengths.cumsum() - self.lengths

    def strings(self) -> list[str]:
        """One by one."""
        text, ends = self.text, self.lengths.cumsum()
        return [text[begin:end] for begin, end in zip((ends - self.lengths).tolist(), ends.tolist(), strict=True)]

    def take(self, places: Places) -> SpelledTerms:
        """Those at some places."""
        return _picked(self.points, self.begins().take(places), self.lengths.take(places))


def _text_of(points: Points) -> str:
    return points.astype("<u4", copy=False).tobytes().decode(_ENCODING, _SURROGATES)


def _picked(points: Points, begins: Places, lengths: Places) -> SpelledTerms:
    """The terms of these lengths that begin there among the points."""
    places: Places = (begins + lengths - lengths.cumsum()).repeat(lengths)
    places += np.arange(len(places))
    return SpelledTerms(points.take(places), lengths)


@cache
def end_to_end(affixes: tuple[str, ...]) -> tuple[Points, Places]:
    """The letters of some affixes, and where each begins and the last one ends."""
    terms = SpelledTerms.of(affixes)
    return terms.points, np.append(0, terms.lengths.cumsum())


class NumberedTerms(Sequence[str]):
    """Terms by their numbers. It is added to at its end; what is there stays, so that others may read meanwhile."""

    def __init__(self, terms: Sequence[str] = ()) -> None:
        self._points, self._ends = GrowingArray(np.uint32), GrowingArray(np.int64)
        self.add(SpelledTerms.of(terms))

    def __len__(self) -> int:
        return len(self._ends)

    @overload
    def __getitem__(self, at: int) -> str: ...

    @overload
    def __getitem__(self, at: slice) -> list[str]: ...

    def __getitem__(self, at: int | slice) -> str | list[str]:
        numbers = range(len(self))[at]
        if isinstance(numbers, int):
            ends = self._ends.values  # before the points, which are there before their ends
            begin = ends.item(numbers - 1) if numbers else 0
            return _text_of(self._points.values[begin : ends.item(numbers)])
        if numbers.step == 1:
            return self.between(numbers.start, numbers.stop).strings()
        return [self[number] for number in numbers]

    def between(self, first: int, last: int) -> SpelledTerms:
        """The terms numbered [first, last)."""
        ends = self._ends.values  # before the points, which are there before their ends
        begin = ends.item(first - 1) if first else 0
        lengths = np.diff(ends[first:last], prepend=begin)
        return SpelledTerms(self._points.values[begin : begin + int(lengths.sum())], lengths)

    def of(self, numbers: Places) -> SpelledTerms:
        """The terms with these numbers."""
        ends = self._ends.values  # before the points, which are there before their ends
        begins = np.where(numbers > 0, ends.take(numbers - 1), 0)
        return _picked(self._points.values, begins, ends.take(numbers) - begins)

    def add(self, terms: SpelledTerms) -> int:
        """Number more terms, one after the other; returns the first number."""
        first, points = len(self._ends), len(self._points)
        self._points.extend(terms.points)
        self._ends.extend(terms.lengths.cumsum() + points)
        return first

    def room(self, terms: int, points: int) -> tuple[Points, Places]:
        """The points and ends of all terms, for a loop to write so many more behind them."""
        return self._points.room(points), self._ends.room(terms)

    def wrote(self, terms: int) -> None:
        """A loop has written so many more."""
        count = len(self._ends) + terms
        if terms:
            self._points.keep(self._ends.room(terms).item(count - 1))
            self._ends.keep(count)
