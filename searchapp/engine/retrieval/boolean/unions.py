"""What has any of several words: documents, scores and counts, each found only when it is asked for.

A page of hits wants the best, how many there are, and counts over all of them; none of these needs the documents
themselves. Words that cannot lift a document among the best by themselves are looked up in the candidates that the
others give (after Turtle and Flood, "Query evaluation: strategies and optimizations", 1995: MaxScore).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.retrieval.boolean.best_of_unions import FlatLists, best, by_segment
from searchapp.engine.retrieval.boolean.looped_unions import NO_VALUES, add_all, counts, documents_of
from searchapp.engine.retrieval.boolean.union_loops import add
from searchapp.engine.retrieval.core.matches import (
    AddedUp,
    Condition,
    Documents,
    LateMatches,
    Matches,
    Scores,
    lower_bound,
)
from searchapp.engine.retrieval.core.snapshot import Snapshot
from searchapp.engine.retrieval.facets.copies import PlainCondition
from searchapp.engine.retrieval.terms.picked_lists import (
    PickedList,
    Postings,
    numbered_through,
    picked,
    picked_and_counted,
)
from searchapp.engine.retrieval.terms.word_lists import HEAD, AnyList

SKIPPED_FROM: Final = 1 << 14
"""With fewer postings, adding all up is faster than finding out which of them need not be looked at."""
MOST_CANDIDATES: Final = 1 << 12
"""So many are looked up in the lists of the other words."""
_LEAST: Final = float(np.finfo(np.float32).tiny)
"""Less than any word gives."""
_SLACK: Final = 1 + 1e-5
"""More than the rounding of a few sums."""


class Union(LateMatches):
    """The documents that have any of some words, with the sum of what the words give; no word may give nothing."""

    __slots__ = (
        *("_all", "_condition", "_counts", "_flat", "_foreseen", "_length", "_live", "_parent"),
        *("_part", "_picked", "_repeated", "_snapshot"),
    )

    def __init__(
        self,
        lists: Sequence[Postings] | None,
        snapshot: Snapshot,
        live: NDArray[np.bool_] | None = None,
        parent: Union | None = None,
        condition: PlainCondition | None = None,
        flat: FlatLists | None = None,
    ) -> None:
        """`lists` are those of all words, word by word; `live` are the documents that count, None for all.

        `flat` are the same lists for loops, if that is known. Without lists, they are what passes a condition of
        another union's, picked when they are asked for.
        """
        super().__init__()
        self._picked, self._parent, self._condition = None if lists is None else list(lists), parent, condition
        # A part never refers to what it was picked of: both go at once, without the garbage collector.
        self._part: Union | None = None
        self._snapshot, self._live, self._flat = snapshot, live, flat
        self._all: AddedUp | None = None
        self._length: int | None = None
        self._foreseen: tuple[NDArray[Any], int] = NO_VALUES, 0
        self._counts: NDArray[np.int64] | None = None
        self._repeated: list[Documents] | None = None

    @property
    def _lists(self) -> list[Postings]:
        if self._picked is None:
            self._picked = self._pick()
        return self._picked

    def _pick(self) -> list[Postings]:
        """Pick the lists, and find out at once what was foreseen of the union that they are picked of."""
        lists, condition = self._source()
        parent = self._parent
        if condition is None or parent is None:
            return lists
        values, width = parent._wanted()
        wider = parent._source()[1]
        found = picked_and_counted(lists, condition, wider, self._snapshot, self._live, values, width)
        if found is None:
            mine = picked(parent._lists if wider else lists, condition)
        else:
            mine, counted = found
            if width:
                parent._length, parent._counts = counted.item(-1), counted[:-1]
        parent._part, self._parent = self, None
        return mine

    def _source(self) -> tuple[list[Postings], PlainCondition | None]:
        """Lists that were picked already, and what is still to be picked of them, None for all."""
        if self._picked is not None or self._parent is None:
            return self._lists, None
        return self._parent._source()[0], self._condition

    def _wanted(self) -> tuple[NDArray[Any], int]:
        """The values that are foreseen to be counted, with their width, where they are not counted yet."""
        return (NO_VALUES, 0) if self._counts is not None or self._all is not None else self._foreseen

    def __len__(self) -> int:
        if self._length is None:
            self._length = self._counted()
        return self._length

    def _counted(self) -> int:
        if self._all is not None:
            return len(self._all)
        counted = counts(self._lists, self._snapshot, self._live)
        if counted is not None:
            return counted[0]
        if self._live is not None:
            return len(self._added_up())
        return sum(map(len, self._lists)) - sum(map(len, self._again()))

    def _find_documents(self) -> Documents:
        found = None if self._all is not None else documents_of(self._lists, self._snapshot, self._live)
        return self._added_up().documents if found is None else found

    def _find_scores(self) -> Scores:
        return self._added_up().scores

    def _added_up(self) -> AddedUp:
        if self._all is None:
            sums = np.zeros(self._snapshot.documents, np.float32)
            if not add_all(self._lists, sums):
                for one in self._lists:
                    np.add.at(sums, numbered_through(one), one.scores())
            if self._live is not None:
                sums *= self._live
            self._all = AddedUp(sums)
        return self._all

    def _again(self) -> list[Documents]:
        """The documents that a word has and a word before it has, too, word by word."""
        if self._repeated is None:
            every = [numbered_through(one) for one in self._lists]
            marks = self._snapshot.marks()
            self._repeated = []
            for number, documents in enumerate(every):
                if number:
                    self._repeated.append(documents.take(marks.take(documents).nonzero()[0]))
                marks[documents] = True
            for documents in every:
                marks[documents] = False
        return self._repeated

    def take(self, places: NDArray[np.intp]) -> Matches:
        """Those at some places, in the order of these."""
        return self._added_up().take(places)

    def that_pass(self, condition: Condition) -> Matches:
        """Those of which a condition, asked of documents, is true."""
        if self._all is None and self._may_loop():
            if isinstance(condition, PlainCondition):
                return self._that_passes(condition)
            return Union(picked(self._lists, condition), self._snapshot, self._live)
        return self._added_up().that_pass(condition)

    def _that_passes(self, condition: PlainCondition) -> Union:
        own, part = self._condition, self._part
        wanted = condition if own is None else own.joined(condition)
        if own is not None and own.is_same(wanted):
            return self
        if part is not None and part._condition is not None and part._condition.is_same(wanted):
            return part
        return Union(None, self._snapshot, self._live, self, wanted)

    def among(self, flags: NDArray[np.bool_]) -> Matches:
        """Those whose flag is set, of one a document."""
        if self._all is None and self._may_loop():
            live = flags if self._live is None else self._live & flags
            return Union(self._lists, self._snapshot, live, flat=self._flat)
        return super().among(flags)

    def _may_loop(self) -> bool:
        return all(add.ready(one.documents) is not None for one in self._source()[0])

    def foresee(self, values: NDArray[Any], width: int) -> None:
        """That `count` will be asked for these after the highest."""
        if self._counts is None:
            self._foreseen = values, width

    def count(self, values: NDArray[Any], width: int) -> NDArray[np.int64]:
        """How many of them have each value in [0, width), of which every document has one."""
        if self._counts is not None and values is self._foreseen[0]:
            return self._counts
        counted = counts(self._lists, self._snapshot, self._live, values, width)
        if counted is not None:
            self._length, by_value = counted
            return by_value
        by_value = np.zeros(width, np.int64)
        for one in self._lists:
            if self._live is not None or isinstance(one, PickedList):
                return super().count(values, width)
            by_value += one.count(values, width)
        for documents in self._again():
            by_value -= np.bincount(values.take(documents), minlength=width)
        return by_value

    def highest(self, count: int) -> Matches:
        """All whose score is not below the `count`-th highest, and maybe some more, in any order."""
        if self._all is None:
            found = best(self._lists, self._snapshot, self._live, count, *self._foreseen, self._flat)
            if found is not None:
                matches, counted = found
                if counted is not None:
                    self._length, self._counts = counted.item(-1), counted[:-1]
                return matches
            asked = [one for one in self._lists if not isinstance(one, PickedList)]
            if count <= HEAD and self._live is None and len(asked) == len(self._lists):
                segments = by_segment(asked)
                if any(map(_may_skip, segments)):
                    parts = [_best(lists, count) for lists in segments]
                    return parts[0] if len(parts) == 1 else _joined(parts)
        return self._added_up().highest(count)


def _joined(parts: Sequence[Matches]) -> Matches:
    """The matches of several segments; the segments may come in any order."""
    documents = np.concatenate([part.documents for part in parts])
    order = documents.argsort()
    return Matches(documents.take(order), np.concatenate([part.scores for part in parts]).take(order))


def _best(lists: Sequence[AnyList], count: int) -> Matches:
    """Of the lists of one segment, all whose sum is not below the `count`-th highest, and maybe some more."""
    documents = _candidates(lists, count)
    sums = np.zeros(len(documents), np.float32)
    # One after the other as they were asked for: sums of floats depend on the order.
    for one in lists:
        rows = one.documents.searchsorted(documents)
        (standing,) = (one.documents.take(rows, mode="clip") == documents).nonzero()
        sums[standing] += one.scores_at(rows.take(standing))
    return Matches(documents.astype(np.intp) + lists[0].base, sums)


def _falling(lists: Sequence[AnyList]) -> Iterator[tuple[AnyList, float, float]]:
    """The lists, those that can give most first; with each, what the ones behind it can give together at most.

    And a floor of the `HEAD`-th highest sum that is likely to be reached when the list has been added to those before.
    """
    ordered = sorted(((one.head(), one) for one in lists), key=lambda pair: -pair[0].highest)
    left, likely = sum(head.highest for head, _ in ordered), 0.0
    for head, one in ordered:
        left -= head.highest
        likely += head.lowest
        yield one, left, likely


def _may_skip(lists: Sequence[AnyList]) -> bool:
    """Whether many postings are likely not to be needed."""
    postings = sum(map(len, lists))
    if postings > SKIPPED_FROM:
        for one, left, likely in _falling(lists):
            postings -= len(one)
            if left < likely:
                return postings > SKIPPED_FROM
    return False


def _candidates(lists: Sequence[AnyList], count: int) -> NDArray[Any]:
    """The documents of one segment, rising, among which those with the highest sums are.

    What the words added so far give is a floor of the `count`-th highest sum: where the others together cannot reach
    it, only documents that have one of the words so far count.
    """
    sums = np.zeros(1 + max(one.documents.item(-1) for one in lists), np.float32)
    for added, (one, left, likely) in enumerate(_falling(lists), start=1):
        np.add.at(sums, one.documents.astype(np.intp), one.scores())
        if left < likely or added == len(lists):
            floor = float(lower_bound(sums, count)) if len(sums) > count else 0.0
            flags = sums >= np.float32(max(floor / _SLACK - left * _SLACK, _LEAST))
            if added == len(lists) or (floor > left * _SLACK and np.count_nonzero(flags) <= MOST_CANDIDATES):
                break
    return flags.nonzero()[0].astype(lists[0].documents.dtype)
