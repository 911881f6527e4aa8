"""The hits of one page: what is stored of each story, its best window, and the words that are marked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import islice
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.retrieval.core.construction import fast_constructor
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
_hit: Final = fast_constructor(Hit)


class Found(NamedTuple):
    """One story of the page: its document, score, and whether it lacks some of the words."""

    rank: int
    document: int
    score: float
    relaxed: bool


@dataclass(frozen=True, slots=True)
class PageMaker:
    """Makes the hits of one page. Without `marks`, hits have plain titles and no snippets.

    `passing` says which copies pass the filters, None for all.
    """

    snapshot: Snapshot
    columns: CopyColumns
    passing: Condition | None
    marks: PageMarks | None

    def make(self, found: Sequence[Found]) -> tuple[Hit, ...]:
        """The hits, in the order given."""
        documents = np.array([one[1] for one in found], np.int64)
        stored = self._read(documents)
        if self.columns.documents is None:
            return tuple(map(_hit_of_one_copy, found, stored))
        copies = self._copies(documents, [one[0] for one in stored])
        return tuple(map(_hit_of_copies, found, stored, copies))

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


def _hit_of_one_copy(found: Found, stored: Stored) -> Hit:
    """A hit whose only copy passes the filters, or its document would not have been found."""
    rank, _, score, relaxed = found
    record, title, snippet, story, outlet, ordinal = stored
    ((identifier, origin, url),) = record[2]
    day = day_at(ordinal) if ordinal else None
    return _hit(
        rank=rank,
        id=identifier,
        story=story,
        score=score,
        title=title,
        title_inferred=record[1] is not None,
        outlets=(outlet,) if outlet else (),
        date=day,
        date_origin=origin if day else "none",
        url=url,
        snippet=snippet,
        copies=(_copy(identifier, outlet, day, url),),
        relaxed=relaxed,
    )


def _hit_of_copies(found: Found, stored: Stored, of_copies: _Copies) -> Hit:
    """A hit with its copies, one or several."""
    rank, _, score, relaxed = found
    record, title, snippet, story, _, _ = stored
    copies, outlets, day, origin = of_copies
    return _hit(
        rank=rank,
        id=copies[0].id,
        story=story,
        score=score,
        title=title,
        title_inferred=record[1] is not None,
        outlets=outlets,
        date=day,
        date_origin=origin,
        url=copies[0].url,
        snippet=snippet,
        copies=copies,
        relaxed=relaxed,
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
