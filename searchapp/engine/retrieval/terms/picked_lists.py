"""The postings of a list whose documents pass a condition, scored only where they are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.retrieval.boolean.union_loops import pick_and_count, rows_passing
from searchapp.engine.retrieval.core.matches import Condition, Documents, Scores
from searchapp.engine.retrieval.core.snapshot import Snapshot
from searchapp.engine.retrieval.facets.copies import NO_FLAGS, PlainCondition
from searchapp.engine.retrieval.terms.word_lists import AnyList

AT_ONCE_UP_TO: Final = 1 << 13
"""So many postings are picked and counted at once; of more, each list by itself, which is then as fast or faster."""


class PickedList:
    """Some postings of a list; `base` is the number of the segment's first document."""

    base: int
    whole: None = None

    def __init__(self, of: AnyList | PickedList, rows: NDArray[np.intp]) -> None:
        """`rows` are their places in the list, rising."""
        self._of, self._rows, self.base = of, rows, of.base
        self.documents: NDArray[Any] = of.documents.take(rows)

    def __len__(self) -> int:
        return len(self._rows)

    @cached_property
    def _scores(self) -> Scores:
        return self._of.scores_at(self._rows)

    def scores(self) -> Scores:
        """The score of every posting; not to be changed."""
        return self._scores

    def scores_at(self, rows: NDArray[np.intp]) -> Scores:
        """The scores of some postings, rising."""
        return self._scores.take(rows) if "_scores" in self.__dict__ else self._of.scores_at(self._rows.take(rows))


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


def picked_and_counted(
    lists: Sequence[Postings],
    condition: PlainCondition,
    wider: PlainCondition | None,
    snapshot: Snapshot,
    live: NDArray[np.bool_] | None,
    values: NDArray[Any],
    width: int,
) -> tuple[list[Postings], NDArray[np.int64]] | None:
    """As `picked`, and how many live documents that pass a wider condition have each value in [0, width), and all.

    Without a width, nothing is counted. None where the loop is not compiled, or where there are too many postings.
    """
    lengths = [len(one) for one in lists]
    if not lists or sum(lengths) > AT_ONCE_UP_TO:
        return None
    every = [one.documents for one in lists]
    documents = every[0] if len(every) == 1 else np.concatenate(every)
    columns = condition.columns
    made = pick_and_count.ready(documents, columns.outlets, values)
    if made is None:
        return None
    counted = wider or PlainCondition(columns)
    bounds, bases = np.array([0, *accumulate(lengths)]), np.array([one.base for one in lists])
    rows, ends = np.empty(len(documents), np.int64), np.empty(len(lists), np.int64)
    counts = np.zeros(width + 1 if width else 0, np.int64)
    try:
        made(
            documents,
            bounds,
            bases,
            columns.days,
            condition.first,
            condition.last,
            columns.outlets,
            _flags(condition.allowed),
            counted.first,
            counted.last,
            _flags(counted.allowed),
            _flags(live),
            values,
            rows,
            ends,
            snapshot.marks(),
            counts,
        )
    except BaseException:
        snapshot.spoilt()
        raise
    found: list[Postings] = []
    begin = 0
    for one, length, end in zip(lists, lengths, ends.tolist(), strict=True):
        if end > begin:
            found.append(one if end - begin == length else PickedList(one, rows[begin:end]))
        begin = end
    return found, counts


def _flags(flags: NDArray[np.bool_] | None) -> NDArray[np.bool_]:
    return NO_FLAGS if flags is None else flags


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
