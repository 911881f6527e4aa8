"""Texts as hits show them, on one line each: their codes for the analysis and their bytes for the store in one pass.

`on_one_line` is the rule; `OneLineTexts` does the same to all texts of a batch at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from searchapp.analysis.code_page import Codes, Points, code_higher, code_points, code_table, codes_of_higher
from searchapp.analysis.surface_numbers import LONGEST_CODED
from searchapp.analysis.word_spans import Spans
from searchapp.engine.storage import one_line_loops
from searchapp.engine.storage.text_store import ESCAPE, PAGE, StoredTexts, byte_table

SPACES: Final = "\n\t\r\xa0"
"""Shown as a space."""
_SPACE: Final = PAGE.index(" ")
_BYTE_BITS: Final = 8
_AT_ONCE: Final = 1 << 15
"""Characters whose places stay in the processor's cache."""
_BASIC: Final = np.dtype("<u2")
_HIGHEST: Final = 0xFFFF
"""Of the basic plane; what is above is read as this one, which is no character."""
_FEW: Final = 64
"""Where of so many characters less than one goes, the others are copied run by run."""

Places = NDArray[np.int64]


def on_one_line(text: str) -> str:
    """Line breaks, tabs and runs of spaces as one space: hits are shown so; the archive keeps what was published."""
    for spaces in SPACES:
        text = text.replace(spaces, " ")
    # News has few runs of more than two; replacing is faster than splitting and joining.
    while "  " in text:
        text = text.replace("  ", " ")
    return text.strip()


class JoinedTexts(NamedTuple):
    """Texts as code points, a space before each and one behind the last, and how many each has."""

    points: Points
    lengths: Places

    @classmethod
    def of(cls, texts: Sequence[str]) -> JoinedTexts:
        """These texts."""
        return cls(code_points(" ".join(("", *texts, ""))), np.fromiter(map(len, texts), np.int64, len(texts)))

    def bounds(self) -> Places:
        """Where each begins, and where one more would."""
        return np.concatenate([[1], np.cumsum(self.lengths + 1) + 1])

    def split(self) -> list[str]:
        """The texts."""
        return self.picked(range(len(self.lengths)))

    def picked(self, places: Sequence[int]) -> list[str]:
        """The texts in these places."""
        starts = self.bounds().take(places)
        stops = starts + self.lengths.take(places)
        return [_spelled(self.points[start:stop]) for start, stop in zip(starts.tolist(), stops.tolist(), strict=True)]


class OneLineTexts:
    """T texts on one line each, end to end, with a space before each and one behind the last.

    `codes` are their codes, padded for look-ups, `bytes` their stored bytes; `bounds` (T + 1) are where each begins;
    it ends a character before the next one.
    """

    def __init__(self, given: JoinedTexts) -> None:
        self._read(given)
        if escaped := self._ends_escaped():
            texts = given.picked(escaped)
            unstripped = {
                place
                for place, text in zip(escaped, texts, strict=True)
                if len(on_one_line(text)) != self.lengths[place]
            }
            if unstripped:  # of spaces of other scripts, which are rare
                stripped = [on_one_line(text) if at in unstripped else text for at, text in enumerate(given.split())]
                self._read(JoinedTexts.of(stripped))

    def _read(self, given: JoinedTexts) -> None:
        self._points, bounds = given.points, given.bounds()
        basic = self._points if self._points.dtype == _BASIC else np.minimum(self._points, _HIGHEST).astype(_BASIC)
        if (made := one_line_loops.on_one_line.ready()) is not None:
            self._read_compiled(made, basic, bounds)
            return
        codes, stored = _read_points(self._points)
        self._dropped = _superfluous(stored == _SPACE, bounds - 1)
        self.codes: Codes = np.concatenate([_without(codes, self._dropped), np.zeros(LONGEST_CODED, np.uint8)])
        self.bytes: NDArray[np.uint8] = _without(stored, self._dropped)
        self.bounds: Places = bounds - self._dropped.searchsorted(bounds)
        self.lengths: Places = np.diff(self.bounds) - 1

    def _read_compiled(self, made: Callable[..., tuple[int, int]], basic: Points, bounds: Places) -> None:
        """As `_read`, in one pass."""
        count = len(basic)
        codes, stored = np.empty(count + LONGEST_CODED, np.uint8), np.empty(count, np.uint8)
        dropped = np.empty(count, np.int64)
        self.bounds = np.empty(len(bounds), np.int64)
        kept, gone = made(basic, _table(), bounds, _SPACE, codes, stored, self.bounds, dropped)
        self._dropped = dropped[:gone].copy()
        if basic is not self._points:
            higher = np.flatnonzero(self._points > _HIGHEST)
            codes[higher - self._dropped.searchsorted(higher)] = codes_of_higher(self._points.take(higher))
        self.codes, self.bytes = codes[: kept + LONGEST_CODED], stored[:kept]
        self.lengths = np.diff(self.bounds) - 1

    def _ends_escaped(self) -> list[int]:
        """The texts that may begin or end with a space that is none of `SPACES`."""
        firsts, lasts = self.bytes.take(self.bounds[:-1]), self.bytes.take(self.bounds[1:] - 2)
        found: list[int] = np.flatnonzero((firsts == ESCAPE) | (lasts == ESCAPE)).tolist()
        return found

    def spelled(self, spans: Spans) -> list[str]:
        """What stands there, in tokens."""
        starts = self._as_given(spans.starts)
        points = self._points
        return [
            _spelled(points[start : start + length])
            for start, length in zip(starts.tolist(), spans.lengths.tolist(), strict=True)
        ]

    def points(self, places: Places) -> NDArray[np.uint32]:
        """The code points of single characters."""
        return self._points.take(self._as_given(places)).astype(np.uint32)

    def _as_given(self, places: Places) -> Places:
        """Where characters stand in the texts as they were given."""
        return places + (self._dropped - np.arange(len(self._dropped))).searchsorted(places, side="right")

    def stored(self, firsts: Places, lasts: Places) -> StoredTexts:
        """Several texts in a row as one: from each of the first to the one before each of the last."""
        starts, stops = self.bounds.take(firsts), self.bounds.take(lasts) - 1
        data, places = self._gathered(starts, stops)
        pointers = np.concatenate([[0], np.cumsum(stops - starts)])
        owners = pointers.searchsorted(places, side="right") - 1
        origins = self._as_given(places + (starts - pointers[:-1]).take(owners))
        return StoredTexts(data, pointers, places, self._points.take(origins).astype(np.uint32))

    def _gathered(self, starts: Places, stops: Places) -> tuple[NDArray[np.uint8], Places]:
        """The stored bytes of some parts, one after the other, and where escapes are among them."""
        if (made := one_line_loops.gather.ready()) is None:
            bounds = zip(starts.tolist(), stops.tolist(), strict=True)
            data = np.concatenate([np.empty(0, np.uint8), *(self.bytes[start:stop] for start, stop in bounds)])
            return data, np.flatnonzero(data == ESCAPE)
        size = int((stops - starts).sum())
        data, places = np.empty(size, np.uint8), np.empty(size, np.int64)
        return data, places[: made(self.bytes, starts, stops, ESCAPE, data, places)].copy()


def _spelled(points: Points) -> str:
    return points.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")


@cache
def _table() -> NDArray[np.uint16]:
    """Code point of the basic plane → code, and above it the stored byte."""
    stored = byte_table().astype(np.uint16)
    stored[list(map(ord, SPACES))] = _SPACE
    stored <<= _BYTE_BITS
    stored |= code_table()
    return stored


def _read_points(points: Points) -> tuple[Codes, NDArray[np.uint8]]:
    """The codes and the stored bytes of characters."""
    codes, stored = np.empty(len(points), np.uint8), np.empty(len(points), np.uint8)
    table = _table()
    for start in range(0, len(points), _AT_ONCE):
        stop = start + _AT_ONCE
        # "clip" reads points above the basic plane as its last one, which is no character.
        both = table.take(points[start:stop], mode="clip")
        codes[start:stop] = both
        stored[start:stop] = both >> _BYTE_BITS
    code_higher(points, codes)
    return codes, stored


def _superfluous(is_space: NDArray[np.bool_], gaps: Places) -> Places:
    """The spaces that go: those that follow another one, and those before the gaps between texts, which stay."""
    goes = np.zeros(len(is_space), bool)
    np.logical_and(is_space[1:], is_space[:-1], out=goes[1:])
    goes[gaps] = False
    # The first of several before a gap follows none.
    before = gaps[1:] - 1
    before = before[is_space.take(before)]
    if len(before):
        goes_on = goes.take(before)
        dropped = np.flatnonzero(goes)
        starts = dropped[np.diff(dropped, prepend=-2) != 1]
        before[goes_on] = starts.take(starts.searchsorted(before[goes_on], side="right") - 1) - 1
        goes[before] = True
        goes[gaps] = False
    return np.flatnonzero(goes)


def _without(array: NDArray[np.uint8], dropped: Places) -> NDArray[np.uint8]:
    """What is left of an array without some places."""
    if len(dropped) * _FEW > len(array):
        return np.delete(array, dropped)
    starts, stops = [0, *(dropped + 1).tolist()], [*dropped.tolist(), len(array)]
    return np.concatenate([array[start:stop] for start, stop in zip(starts, stops, strict=True)])
