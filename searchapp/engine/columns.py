"""What filters, facets and sorting read of every story and copy, as numpy columns; built once when an index opens."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from searchapp.engine.postings import BoolArray, IntArray
from searchapp.model import UNKNOWN_OUTLET

UNDATED: Final = 0
"""The ordinal of a copy without date; `date.toordinal` counts from 1."""
_DELETED: Final = (-1, -1)  # in place of story number and sequence


@dataclass(frozen=True, slots=True)
class StoryRow:
    """One story as the columns see it; `copies` are (outlet, ordinal of the date) in the order of the copies."""

    number: int
    sequence: int
    copies: tuple[tuple[str | None, int], ...]


def ordinal(day: date | None) -> int:
    """A date as a number that sorts; `UNDATED` for none."""
    return UNDATED if day is None else day.toordinal()


@dataclass(frozen=True, slots=True)
class Columns:
    """Arrays by document number (`live`, `stories`, `sequences`) and by copy (the others).

    Copies are in the order of their documents. `outlets` are codes into `outlet_names`; an unknown outlet is
    `UNKNOWN_OUTLET`. `ordinals` are `date.toordinal` or `UNDATED`. A deleted document has no copies.
    """

    live: BoolArray
    stories: IntArray
    sequences: IntArray
    documents: IntArray
    outlets: IntArray
    ordinals: IntArray
    outlet_names: tuple[str, ...]

    @classmethod
    def build(cls, rows: Iterable[StoryRow | None]) -> Columns:
        """One row for each document number in order, None for a deleted document."""
        codes: dict[str, int] = {}
        stories: list[tuple[int, int]] = []
        copies: list[tuple[int, int, int]] = []
        for document, row in enumerate(rows):
            stories.append((row.number, row.sequence) if row else _DELETED)
            for outlet, day in row.copies if row else ():
                copies.append((document, codes.setdefault(outlet or UNKNOWN_OUTLET, len(codes)), day))
        by_story = np.array(stories, dtype=np.int64).reshape(-1, 2).T.copy()
        by_copy = np.array(copies, dtype=np.int64).reshape(-1, 3).T.copy()
        return cls(
            live=by_story[0] != _DELETED[0],
            stories=by_story[0],
            sequences=by_story[1],
            documents=by_copy[0],
            outlets=by_copy[1],
            ordinals=by_copy[2],
            outlet_names=tuple(codes),
        )

    @property
    def document_count(self) -> int:
        """How many document numbers there are, deleted ones included."""
        return len(self.live)

    def documents_of(self, copies: BoolArray) -> BoolArray:
        """Which documents have at least one of the copies."""
        found = np.zeros(self.document_count, dtype=np.bool_)
        found[self.documents[copies]] = True
        return found

    def outlet_codes(self, names: Iterable[str]) -> IntArray:
        """The codes of those outlets that occur at all."""
        wanted = set(names)
        return np.array([code for code, name in enumerate(self.outlet_names) if name in wanted], dtype=np.int64)

    def earliest(self, copies: BoolArray) -> IntArray:
        """For each document the ordinal of the earliest dated one of these copies, else `UNDATED`."""
        dated = copies & (self.ordinals != UNDATED)
        latest = np.iinfo(np.int64).max
        days = np.full(self.document_count, latest, dtype=np.int64)
        np.minimum.at(days, self.documents[dated], self.ordinals[dated])
        days[days == latest] = UNDATED
        return days
