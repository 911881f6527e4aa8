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

from searchapp.engine.retrieval.matches import AddedUp, Condition, Documents, LateMatches, Matches, Scores, lower_bound
from searchapp.engine.retrieval.snapshot import Snapshot
from searchapp.engine.retrieval.word_lists import HEAD, AnyList

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

    __slots__ = ("_all", "_lists", "_repeated", "_snapshot")

    def __init__(self, lists: Sequence[AnyList], snapshot: Snapshot) -> None:
        """`lists` are those of all words, word by word."""
        super().__init__()
        self._lists, self._snapshot = lists, snapshot
        self._all: AddedUp | None = None
        self._repeated: list[Documents] | None = None

    def __len__(self) -> int:
        return sum(map(len, self._lists)) - sum(map(len, self._again()))

    def _find_documents(self) -> Documents:
        return self._added_up().documents

    def _find_scores(self) -> Scores:
        return self._added_up().scores

    def _added_up(self) -> AddedUp:
        if self._all is None:
            sums = np.zeros(self._snapshot.documents, np.float32)
            for one in self._lists:
                np.add.at(sums, numbered_through(one), one.scores())
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
        return self._added_up().that_pass(condition)

    def count(self, values: NDArray[Any], width: int) -> NDArray[np.int64]:
        """How many of them have each value in [0, width), of which every document has one."""
        counts = np.zeros(width, np.int64)
        for one in self._lists:
            counts += one.count(values, width)
        for documents in self._again():
            counts -= np.bincount(values.take(documents), minlength=width)
        return counts

    def highest(self, count: int) -> Matches:
        """All whose score is not below the `count`-th highest, and maybe some more."""
        if self._all is None and count <= HEAD and any(map(_may_skip, self._by_segment())):
            parts = [_best(lists, count) for lists in self._by_segment()]
            return parts[0] if len(parts) == 1 else _joined(parts)
        return self._added_up().highest(count)

    def _by_segment(self) -> list[list[AnyList]]:
        bases = dict.fromkeys([one.base for one in self._lists])
        return [[one for one in self._lists if one.base == base] for base in bases]


def numbered_through(part: AnyList) -> Documents:
    """The documents of a list by their numbers among those of all segments."""
    documents: Documents = part.documents.astype(np.intp)
    if part.base:
        documents += part.base
    return documents


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
