"""The copies of all stories as columns, and the filters of a request over them."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.retrieval.core.matches import ALL, Condition, Selection
from searchapp.engine.retrieval.core.snapshot import Snapshot
from searchapp.engine.storage.pointers import narrowest, pointers, sizes
from searchapp.errors import InvalidRequest
from searchapp.frozen import dataclass
from searchapp.model import UNKNOWN_OUTLET, SearchRequest

UNDATED: Final = 0
"""The day of a copy without date; `date.toordinal` counts from 1."""
LATEST: Final = np.iinfo(np.int32).max

_PERIOD: Final = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)

Flags = NDArray[np.bool_]
NO_FLAGS: Final[Flags] = np.empty(0, np.bool_)
"""For loops: all pass."""


@dataclass(frozen=True, slots=True)
class CopyColumns:
    """One entry a copy, documents in order, deleted ones among them.

    `outlets` number `outlet_names`, which are sorted, and also `shown_outlets`, where None stands for an unknown one.

    `documents` is None where every document has exactly one copy, so that a document's number is its copy's.
    """

    snapshot: Snapshot
    outlet_names: tuple[str, ...]
    shown_outlets: tuple[str | None, ...]
    outlets: NDArray[Any]
    days: NDArray[np.int32]
    documents: NDArray[np.int64] | None

    @classmethod
    def of(cls, snapshot: Snapshot) -> CopyColumns:
        """The columns of a snapshot: views on the maps where there is one segment."""
        return snapshot.derived("copies", lambda: cls._make(snapshot))

    @classmethod
    def _make(cls, snapshot: Snapshot) -> CopyColumns:
        segments = [part.segment for part in snapshot.parts]
        names = sorted({name for segment in segments for name in segment.outlets})
        # As wide as those of a single segment: loops are chosen by it.
        code, width = {name: at for at, name in enumerate(names)}, narrowest(len(names) - 1)
        outlets = [
            segment.column("copy/outlets")
            if list(segment.outlets) == names
            else np.array([code[name] for name in segment.outlets], width).take(segment.column("copy/outlets"))
            for segment in segments
        ]
        single = all(segment.single_copies for segment in segments)
        counts = [] if single else [sizes(segment.column("copy/pointers")) for segment in segments]
        return cls(
            snapshot,
            tuple(names),
            tuple(None if name == UNKNOWN_OUTLET else name for name in names),
            outlets[0] if len(outlets) == 1 else np.concatenate(outlets) if outlets else np.empty(0, np.uint16),
            snapshot.joined("copy/dates"),
            None if single else np.repeat(np.arange(snapshot.documents), np.concatenate(counts)),
        )

    @property
    def stories(self) -> NDArray[np.int64]:
        """The number of each document's story."""
        return self.snapshot.column("story/numbers")

    @property
    def months(self) -> NDArray[np.uint32]:
        """The month of each copy: year × 12 + month − 1. Of several segments put together anew: it is seldom asked."""
        return self.snapshot.joined("copy/months")

    def owners(self) -> NDArray[np.int64]:
        """The document of every copy."""
        return np.arange(self.snapshot.documents) if self.documents is None else self.documents

    def outlet_numbers(self, names: Iterable[str]) -> list[int]:
        """The numbers of those outlets that occur at all."""
        known = self.outlet_names
        found = [(bisect_left(known, name), name) for name in names]
        return [number for number, name in found if number < len(known) and known[number] == name]

    def from_outlets(self, names: Iterable[str]) -> Flags:
        """The copies from any of these outlets."""
        is_wanted = np.zeros(len(self.outlet_names) + 1, bool)
        is_wanted[self.outlet_numbers(names)] = True
        return is_wanted.take(self.outlets)

    def within(self, start: date | None, end: date | None) -> Flags:
        """The copies dated from `start` to `end`, both inclusive; with neither, all that have a date."""
        return PlainCondition(self, *_ordinals(start, end))(ALL)

    def documents_of(self, copies: Flags) -> NDArray[np.intp]:
        """The documents that have at least one of the copies, rising."""
        return np.flatnonzero(self.has_any(copies))

    def has_any(self, copies: Flags) -> Flags:
        """For every document, whether it has at least one of the copies."""
        if self.documents is None:
            return copies
        found = np.zeros(self.snapshot.documents, bool)
        found[self.documents[copies]] = True
        return found

    def earliest(self, copies: Flags | None) -> NDArray[np.int32]:
        """For each document the earliest day of its dated copies (of these, or of all), else `UNDATED`."""
        if self.documents is None:
            return self.days
        if copies is None:
            return self.snapshot.derived("earliest", lambda: self._earliest(self.days != UNDATED))
        return self._earliest(copies & (self.days != UNDATED))

    def _earliest(self, copies: Flags) -> NDArray[np.int32]:
        days = np.full(self.snapshot.documents, LATEST, np.int32)
        np.minimum.at(days, self.owners()[copies], self.days[copies])
        days[days == LATEST] = UNDATED
        return days

    def pointers(self) -> NDArray[np.int64]:
        """Where each document's copies begin, and the end."""
        return self.snapshot.derived("copy pointers", self._pointers)

    def _pointers(self) -> NDArray[np.int64]:
        return pointers(np.bincount(self.owners(), minlength=self.snapshot.documents))


@dataclass(frozen=True, slots=True)
class CopyFilter:
    """What copies must be, in parts; None where a part lets all pass.

    `outlet` is for sources and not_sources, `span` for date_from and date_to, `when` for when and undated; apart,
    because a facet leaves out its own part. Conditions are asked of what matches, not of the whole archive.
    `allowed` is what `outlet` lets pass, by the outlet's number.
    """

    outlet: Condition | None
    span: Condition | None
    when: Condition | None
    allowed: Flags | None

    @classmethod
    def of(cls, request: SearchRequest, columns: CopyColumns) -> CopyFilter:
        """The filters of a request.

        Raises:
            InvalidRequest: one of `when` is no date.
        """
        allowed = _allowed(request, columns)
        outlet = None if allowed is None else PlainCondition(columns, allowed=allowed)
        return cls(outlet, _span(request, columns), _when(request, columns), allowed)

    def passing(self) -> Condition | None:
        """All of it together; None where all copies pass."""
        return both(both(self.outlet, self.span), self.when)


@dataclass(frozen=True, slots=True)
class PlainCondition:
    """Copies with a day from `first` to `last`, both inclusive, of the outlets that are `allowed`, None for all.

    Beside doing what any condition does it says what it asks for, so that a loop can ask it posting by posting.
    """

    columns: CopyColumns
    first: int = UNDATED
    last: int = LATEST
    allowed: Flags | None = None

    def __call__(self, copies: Selection) -> Flags:
        """Which of some copies pass."""
        if self.allowed is None:
            return self._in_time(copies)
        passing: Flags = self.allowed.take(self.columns.outlets[copies])
        if self.first > UNDATED or self.last < LATEST:
            passing &= self._in_time(copies)
        return passing

    def _in_time(self, copies: Selection) -> Flags:
        days = self.columns.days[copies]
        passing: Flags = days >= self.first
        if self.last < LATEST:
            passing &= days <= self.last
        return passing

    def is_same(self, other: PlainCondition) -> bool:
        """Whether it asks for the same, as far as that is seen at once."""
        return self.first == other.first and self.last == other.last and self.allowed is other.allowed

    def joined(self, other: PlainCondition) -> PlainCondition:
        """What passes both."""
        allowed = self.allowed if other.allowed is None else other.allowed
        if self.allowed is not None and other.allowed is not None:
            allowed = self.allowed & other.allowed
        return PlainCondition(self.columns, max(self.first, other.first), min(self.last, other.last), allowed)


@dataclass(frozen=True, slots=True)
class InPeriods:
    """Copies with a day in one of several periods, each from a first to a last day."""

    columns: CopyColumns
    periods: tuple[tuple[int, int], ...]

    def __call__(self, copies: Selection) -> Flags:
        """Which of some copies pass."""
        days = self.columns.days[copies]
        found: Flags = np.zeros(len(days), bool)
        for first, last in self.periods:
            found |= (days >= first) & (days <= last)
        return found


def both(left: Condition | None, right: Condition | None) -> Condition | None:
    """What passes two conditions; None for all."""
    if left is None or right is None:
        return right if left is None else left
    if isinstance(left, PlainCondition) and isinstance(right, PlainCondition):
        return left.joined(right)
    return lambda copies: left(copies) & right(copies)


def _allowed(request: SearchRequest, columns: CopyColumns) -> Flags | None:
    if not request.sources and not request.not_sources:
        return None
    allowed = np.full(len(columns.outlet_names), not request.sources)
    allowed[columns.outlet_numbers(request.sources)] = True
    if request.not_sources:
        allowed[columns.outlet_numbers(request.not_sources)] = False
    return allowed


def _span(request: SearchRequest, columns: CopyColumns) -> Condition | None:
    if request.date_from is None and request.date_to is None:
        return None
    return PlainCondition(columns, *_ordinals(request.date_from, request.date_to))


def _ordinals(start: date | None, end: date | None) -> tuple[int, int]:
    """The first and the last day of a time of which one end may be open; what has no date is in none."""
    return start.toordinal() if start else UNDATED + 1, end.toordinal() if end else LATEST


def _when(request: SearchRequest, columns: CopyColumns) -> Condition | None:
    if not request.when and not request.undated:
        return None
    periods = [_ordinals(*period(value)) for value in request.when]
    if request.undated:
        periods.append((UNDATED, UNDATED))
    return PlainCondition(columns, *periods[0]) if len(periods) == 1 else InPeriods(columns, tuple(periods))


@lru_cache(maxsize=1 << 16)
def day_at(ordinal: int) -> date:
    """The day of an ordinal: an archive has few days, and shows them again and again."""
    return date.fromordinal(ordinal)


def period(value: str) -> tuple[date, date]:
    """The first and last day of "2024", "2024-06" or "2024-06-25".

    Raises:
        InvalidRequest: it is none of these, or no such day exists.
    """
    from calendar import monthrange  # noqa: PLC0415

    matched = _PERIOD.fullmatch(value)
    try:
        if matched is None:
            raise ValueError
        year, month, day = (None if part is None else int(part) for part in matched.groups())
        first = date(year or 0, 1 if month is None else month, 1 if day is None else day)
        last_month = 12 if month is None else month
        return first, first.replace(month=last_month, day=day or monthrange(first.year, last_month)[1])
    except ValueError as error:
        message = f"when={value!r} is no date; write 2024, 2024-06 or 2024-06-25"
        raise InvalidRequest("when", message) from error
