"""The postings of a list whose documents pass a condition, scored only where they are asked for."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.retrieval.copies import NO_FLAGS, PlainCondition
from searchapp.engine.retrieval.matches import Condition, Documents, Scores
from searchapp.engine.retrieval.union_loops import rows_passing
from searchapp.engine.retrieval.word_lists import AnyList


class PickedList:
    """Some postings of a list; `base` is the number of the segment's first document."""

    base: int

    def __init__(self, whole: AnyList | PickedList, rows: NDArray[np.intp]) -> None:
        """`rows` are their places in the list, rising."""
        self._whole, self._rows, self.base = whole, rows, whole.base
        self.documents: NDArray[Any] = whole.documents.take(rows)

    def __len__(self) -> int:
        return len(self._rows)

    @cached_property
    def _scores(self) -> Scores:
        return self._whole.scores_at(self._rows)

    def scores(self) -> Scores:
        """The score of every posting; not to be changed."""
        return self._scores

    def scores_at(self, rows: NDArray[np.intp]) -> Scores:
        """The scores of some postings, rising."""
        return self._scores.take(rows) if "_scores" in self.__dict__ else self._whole.scores_at(self._rows.take(rows))


Postings = AnyList | PickedList


def numbered_through(part: Postings) -> Documents:
    """The documents of a list by their numbers among those of all segments."""
    documents: Documents = part.documents.astype(np.intp)
    if part.base:
        documents += part.base
    return documents


def picked(lists: list[Postings], condition: Condition) -> list[Postings]:
    """What is left of lists: the documents that pass a condition. Lists of which nothing is left are left out."""
    found: list[Postings] = []
    for one in lists:
        rows = _rows(one, condition)
        if len(rows):
            found.append(one if len(rows) == len(one) else PickedList(one, rows))
    return found


def _rows(of: Postings, condition: Condition) -> NDArray[np.intp]:
    if isinstance(condition, PlainCondition):
        days, outlets = condition.columns.days, condition.columns.outlets
        made = rows_passing.ready(of.documents, outlets)
        if made is not None:
            rows = np.empty(len(of), np.intp)
            allowed = NO_FLAGS if condition.allowed is None else condition.allowed
            count = made(of.documents, of.base, days, condition.first, condition.last, outlets, allowed, rows)
            return rows[:count]
    return condition(numbered_through(of)).nonzero()[0]
