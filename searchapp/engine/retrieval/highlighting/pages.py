"""The hits of one page: what is stored of each story, its best window, and the words that are marked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import count, islice
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.retrieval.core.construction import constructor_by_place, fast_constructor
from searchapp.engine.retrieval.core.matches import Condition
from searchapp.engine.retrieval.core.snapshot import Snapshot
from searchapp.engine.retrieval.facets.copies import CopyColumns, day_at
from searchapp.engine.retrieval.highlighting.marks import PageMarks
from searchapp.engine.retrieval.highlighting.planned_hits import planned_hits
from searchapp.engine.retrieval.highlighting.shown_text import Record, Stored, marked_texts, plain_titles
from searchapp.engine.storage.pointers import ranges
from searchapp.engine.storage.segment import Segment
from searchapp.frozen import dataclass
from searchapp.model import Copy, DateOrigin, Hit

_COLUMNS: Final = "story/numbers", "copy/outlets", "copy/dates"
"""Of a segment; only where all stories have one copy do the last two have one entry each."""
_copy: Final = fast_constructor(Copy)
_hit: Final = constructor_by_place(Hit)
"""In the order of its fields."""


class Found(NamedTuple):
    """Some stories in their order: their documents, the score of each, and whether it lacks some of the words.

    The first has the rank `first`.
    """

    first: int
    documents: NDArray[np.int64]
    scores: Sequence[float]
    relaxed: Sequence[bool]


@dataclass(frozen=True, slots=True)
class PageMaker:
    """Makes the hits of one page. Without `marks`, hits have plain titles and no snippets.

    `passing` says which copies pass the filters, None for all.
    """

    snapshot: Snapshot
    columns: CopyColumns
    passing: Condition | None
    marks: PageMarks | None

    def make(self, found: Found) -> tuple[Hit, ...]:
        """The hits, in the order given."""
        first, documents, scores, relaxed = found
        stored = self._read(documents)
        if self.columns.documents is None:
            return tuple(map(_hit_of_one_copy, count(first), scores, relaxed, stored))
        copies = self._copies(documents, [one[0] for one in stored])
        return tuple(map(_hit_of_copies, count(first), scores, relaxed, stored, copies))

    def _read(self, documents: NDArray[np.int64]) -> Sequence[Stored]:
        """What is stored of the documents, and their titles and snippets; all documents of a segment in one go."""
        if len(self.snapshot.parts) == 1:
            return self._read_segment(self.snapshot.parts[0].segment, documents)
        found: dict[int, Stored] = {}
        for part, base in zip(self.snapshot.parts, self.snapshot.bases, strict=False):
            local = documents - base
            inside = ((local >= 0) & (local < part.segment.documents)).nonzero()[0]
            if len(inside):
                read = self._read_segment(part.segment, local.take(inside))
                found.update(zip(inside.tolist(), read, strict=True))
        return [found[at] for at in range(len(documents))]

    def _read_segment(self, segment: Segment, documents: NDArray[np.int64]) -> Sequence[Stored]:
        if self.marks is not None and (planned := planned_hits(segment, documents, self.marks)) is not None:
            return planned
        records = segment.records(documents)
        if self.marks is None:
            shown = plain_titles(segment, documents, records)
        else:
            shown = marked_texts(segment, documents, records, self.marks)
        stories, outlets, days = (segment.column(name).take(documents).tolist() for name in _COLUMNS)
        names = segment.shown_outlets
        return [
            (record, title, snippet, story, names[outlet], day)
            for record, (title, snippet), story, outlet, day in zip(records, shown, stories, outlets, days, strict=True)
        ]

    def _copies(self, documents: NDArray[np.int64], records: Sequence[Record]) -> list[_Copies]:
        """All copies of each document, and of those that pass the filters the outlets and the earliest date."""
        counts = [len(record[2]) for record in records]
        numbers = ranges(self.columns.pointers().take(documents), np.array(counts))
        places = iter(self._places(numbers))
        flags = iter([True] * len(numbers) if self.passing is None else self.passing(numbers).tolist())
        found: list[_Copies] = []
        for _, _, stored in records:
            copies = tuple([_copy(identifier, *next(places), url) for identifier, _, url in stored])
            of_these = zip(copies, stored, islice(flags, len(stored)), strict=True)
            passing = [(copy, origin) for copy, (_, origin, _), passes in of_these if passes]
            found.append((copies, _outlets(passing), *_earliest(passing)))
        return found

    def _places(self, numbers: NDArray[np.int64]) -> Iterator[tuple[str | None, date | None]]:
        """The outlet and the day of some copies."""
        columns = self.columns
        outlets = [columns.shown_outlets[outlet] for outlet in columns.outlets.take(numbers).tolist()]
        days = [day_at(day) if day else None for day in columns.days.take(numbers).tolist()]
        return zip(outlets, days, strict=True)


_Copies = tuple[tuple[Copy, ...], tuple[str, ...], date | None, DateOrigin]
"""A hit's copies; and of those that pass the filters, the outlets, and the earliest date with where it comes from."""


def _hit_of_one_copy(rank: int, score: float, relaxed: bool, stored: Stored) -> Hit:
    """A hit whose only copy passes the filters, or its document would not have been found."""
    record, title, snippet, story, outlet, ordinal = stored
    ((identifier, origin, url),) = record[2]
    day = day_at(ordinal) if ordinal else None
    return _hit(
        rank,
        identifier,
        story,
        score,
        title,
        record[1] is not None,
        (outlet,) if outlet else (),
        day,
        origin if day else "none",
        url,
        snippet,
        (_copy(identifier, outlet, day, url),),
        relaxed,
    )


def _hit_of_copies(rank: int, score: float, relaxed: bool, stored: Stored, of_copies: _Copies) -> Hit:
    """A hit with its copies, one or several."""
    record, title, snippet, story, _, _ = stored
    copies, outlets, day, origin = of_copies
    shown = copies[0]
    return _hit(
        rank,
        shown.id,
        story,
        score,
        title,
        record[1] is not None,
        outlets,
        day,
        origin,
        shown.url,
        snippet,
        copies,
        relaxed,
    )


def _outlets(copies: Sequence[tuple[Copy, DateOrigin]]) -> tuple[str, ...]:
    """The outlets of some copies, each once."""
    return tuple(dict.fromkeys([copy.outlet for copy, _ in copies if copy.outlet]))


def _earliest(copies: Iterable[tuple[Copy, DateOrigin]]) -> tuple[date | None, DateOrigin]:
    """The earliest date of some copies, and where it comes from."""
    day: date | None = None
    found: DateOrigin = "none"
    for copy, origin in copies:
        if copy.date is not None and (day is None or copy.date < day):
            day, found = copy.date, origin
    return day, found
