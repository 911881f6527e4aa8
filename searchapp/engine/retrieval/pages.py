"""The hits of one page: what is stored of each story, its best window, and the words that are marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from searchapp.engine.retrieval.copies import Condition, CopyColumns
from searchapp.engine.retrieval.marks import PageMarks
from searchapp.engine.retrieval.shown_text import ShownText
from searchapp.engine.retrieval.snapshot import Snapshot
from searchapp.model import UNKNOWN_OUTLET, Copy, DateOrigin, Hit, Snippet


@dataclass(frozen=True, slots=True)
class Found:
    """One story of the page: its document, score, and whether it lacks some of the words."""

    rank: int
    document: int
    score: float
    relaxed: bool


@dataclass(frozen=True, slots=True)
class PageMaker:
    """Makes the hits of one page. Without `marks`, hits have plain titles and no snippets.

    `passing` says which copies pass the filters, None for all; `worths` says of each word that may be marked how much
    showing it is worth.
    """

    snapshot: Snapshot
    columns: CopyColumns
    passing: Condition | None
    marks: PageMarks | None
    worths: Sequence[int]

    def make(self, found: Found) -> Hit:
        """One hit."""
        part, local = self.snapshot.locate(found.document)
        segment = part.segment
        title_length, inferred, records = segment.record(local)
        copies, passing = self._copies(found.document, records)
        day, origin = _earliest(passing)
        text = ShownText(segment, local, title_length, inferred)
        title, snippet = self._shown(text, found.document)
        return Hit(
            rank=found.rank,
            id=copies[0].id,
            story=segment.column("story/numbers").item(local),
            score=found.score,
            title=title,
            title_inferred=inferred is not None,
            outlets=tuple(dict.fromkeys([copy.outlet for copy, _ in passing if copy.outlet])),
            date=day,
            date_origin=origin,
            url=copies[0].url,
            snippet=snippet,
            copies=copies,
            relaxed=found.relaxed,
        )

    def _copies(self, document: int, records: Sequence[Any]) -> tuple[tuple[Copy, ...], list[tuple[Copy, DateOrigin]]]:
        """All copies of a document, and those that pass the filters with where their dates come from."""
        columns = self.columns
        copies, passing = [], []
        first = columns.first_copy(document)
        flags = None if self.passing is None else self.passing(np.arange(first, first + len(records)))
        for at, (identifier, origin, url) in enumerate(records, start=first):
            name, day = columns.outlet_names[columns.outlets.item(at)], columns.days.item(at)
            outlet = None if name == UNKNOWN_OUTLET else name
            copy = Copy(identifier, outlet, date.fromordinal(day) if day else None, url)
            copies.append(copy)
            if flags is None or flags[at - first]:
                passing.append((copy, origin))
        return tuple(copies), passing

    def _shown(self, text: ShownText, document: int) -> tuple[Snippet | None, Snippet | None]:
        if self.marks is None:
            return text.plain_title(), None
        return text.show(*self.marks.of_document(document), self.worths)


def _earliest(copies: Sequence[tuple[Copy, DateOrigin]]) -> tuple[date | None, DateOrigin]:
    """The earliest date of some copies, and where it comes from."""
    day: date | None = None
    found: DateOrigin = "none"
    for copy, origin in copies:
        if copy.date is not None and (day is None or copy.date < day):
            day, found = copy.date, origin
    return day, found
