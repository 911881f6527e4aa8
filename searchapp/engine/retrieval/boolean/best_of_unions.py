"""The best documents of a union of words, by loops.

Where there are many postings, the words that cannot lift a document among the best by themselves are only asked for the
documents that the others give (MaxScore, as in `unions.py`). How high the best are at least is known, from the best
postings of each word, before any other is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise
from typing import Any, Final, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.retrieval.boolean.best_loops import best_and_counts, best_of_words, keep_best
from searchapp.engine.retrieval.boolean.union_loops import add, add_to_chosen, rows_from
from searchapp.engine.retrieval.core.matches import NOTHING, Matches, Scores
from searchapp.engine.retrieval.core.snapshot import Snapshot
from searchapp.engine.retrieval.facets.copies import NO_FLAGS
from searchapp.engine.retrieval.terms.flat_postings import known_of
from searchapp.engine.retrieval.terms.picked_lists import PickedList, Postings
from searchapp.engine.retrieval.terms.word_lists import HEAD, AnyList, Head

MOST_KEPT: Final = 1 << 10
"""The best of more are found in numpy's way."""
SKIPPED_FROM: Final = 1 << 14
"""With fewer postings, adding all up is faster than finding out which of them need not be looked at."""
_ROOM: Final = 1 << 9
"""How many documents more than four times the best may be kept meanwhile, and at the end where many score the same."""
_LESS: Final = 1 - 1e-5
_MORE: Final = 1 + 1e-5
"""By less and more than the rounding of a few sums."""
_LEAST: Final = float(np.finfo(np.float32).tiny)
"""Less than any word gives."""

AnyPostings = TypeVar("AnyPostings", bound=Postings)


class _Loops(NamedTuple):
    """The loops for lists whose documents are of one width."""

    add: Callable[..., int]
    keep: Callable[..., int]
    find: Callable[..., int]
    add_to_chosen: Callable[..., int]

    @classmethod
    def of(cls, documents: NDArray[Any]) -> _Loops | None:
        """The loops for documents of such a width; None unless there are all."""
        found: list[Callable[..., int]] = []
        for one in (add, keep_best, rows_from, add_to_chosen):
            made = one.ready(documents)
            if made is None:
                return None
            found.append(made)
        return cls(*found)


Found = tuple[Matches, NDArray[np.int64] | None]
"""The best matches, in any order, and, where they were found out with them, counts of all, their number last."""


class FlatLists:
    """The lists of all words, word by word, as `best_and_counts` takes them: stretches of `documents`.

    Of lists that are stretches of one segment, it takes little memory, and may be kept with what was asked.
    """

    __slots__ = ("_lists", "_lowest", "bounds", "documents", "length")

    def __init__(
        self, lists: Sequence[Postings], documents: NDArray[Any], stretches: Sequence[tuple[int, int]]
    ) -> None:
        self._lists, self.documents = lists, documents
        starts, stops = zip(*stretches, strict=True)
        self.bounds = np.array([*starts, *stops, *[one.base for one in lists]], np.int64)
        self.length = sum(stops) - sum(starts)
        self._lowest = 0, 0.0

    @classmethod
    def of_segment(cls, lists: Sequence[AnyList]) -> FlatLists | None:
        """Those of one segment; None for others, and where a list is not all postings of its lemma."""
        words = [one.whole for one in lists if one.whole is not None]
        if not words or len(words) < len(lists) or any(one.base != lists[0].base for one in lists):
            return None
        stretches = [(one.start, one.start + one.count) for one in words]
        return cls(lists, words[0].lemmas.arrays.scored[0], stretches)

    @classmethod
    def joined(cls, lists: Sequence[Postings]) -> FlatLists:
        """Any lists: their documents, one after the other."""
        every = [one.documents for one in lists]
        documents = every[0] if len(every) == 1 else np.concatenate(every)
        return cls(lists, documents, list(pairwise(accumulate(map(len, every), initial=0))))

    def likely_lowest(self, count: int) -> float:
        """As `_likely_lowest`, found once."""
        known = self._lowest  # threads share it
        if known[0] != count:
            self._lowest = known = count, _likely_lowest(self._lists, count)
        return known[1]

    def scores(self) -> Scores:
        """The scores of all postings, one list after the other."""
        every = [one.scores() for one in self._lists]
        return every[0] if len(every) == 1 else np.concatenate(every)


def best(
    lists: Sequence[Postings],
    snapshot: Snapshot,
    live: NDArray[np.bool_] | None,
    count: int,
    values: NDArray[Any],
    width: int,
    flat: FlatLists | None = None,
) -> Found | None:
    """All documents whose sum is not below the `count`-th highest, of the lists of all words, word by word.

    None where one of the loops is not compiled, or where more are asked for, or score the same, than there is room for.
    `values` with their `width` are what is likely to be counted of all documents. `flat` are the same lists, if that
    is known.
    """
    if not lists:
        return NOTHING, np.zeros(width + 1, np.int64)
    made: Callable[..., int] | None = None
    if count <= MOST_KEPT:
        made = best_and_counts.ready(lists[0].documents, values)
    if made is not None and flat is None and sum(map(len, lists)) <= SKIPPED_FROM:
        flat = FlatLists.joined(lists)
        made = best_and_counts.ready(flat.documents, values)
    if made is None:
        return None
    lowest = 0.0
    if live is None and count <= HEAD:
        lowest = _likely_lowest(lists, count) if flat is None else flat.likely_lowest(count)
    try:
        if flat is not None and flat.length <= SKIPPED_FROM:
            return _at_once(made, flat, snapshot, live, count, lowest, values, width)
        if (of_words := _of_words(lists, live, count, lowest)) is not None:
            return of_words, None
        found = _Best(snapshot, live, count)
        return (found.matches(), None) if all(map(found.look_at, by_segment(lists))) else None
    except BaseException:
        snapshot.spoilt()
        raise


def _likely_lowest(lists: Sequence[Postings], count: int) -> float:
    """What the `count` best have at least: as many have no less by one of the words alone. 0 where it is not known."""
    lowest = 0.0
    for one in lists:
        if len(one) < count or isinstance(one, PickedList):
            continue
        whole = one.whole
        known = one.bounds() if whole is None or whole.best is None else whole.best
        lowest = max(lowest, known[1])
    return lowest


def by_segment(lists: Sequence[AnyPostings]) -> list[list[AnyPostings]]:
    """The lists of each segment."""
    bases = dict.fromkeys([one.base for one in lists])
    return [list(lists)] if len(bases) == 1 else [[one for one in lists if one.base == base] for base in bases]


def _of_words(lists: Sequence[Postings], live: NDArray[np.bool_] | None, count: int, lowest: float) -> Matches | None:
    """As `best`, of words by all postings of their lemmas; None for others. Nothing `lowest` or above is left out."""
    most, flags, parts, least = 4 * count + _ROOM, NO_FLAGS if live is None else live, [], np.array([lowest])
    for of_segment in by_segment(lists):
        words = [one.whole for one in of_segment]
        flat = [one for one in words if one is not None]
        if len(flat) < len(words):
            return None
        arrays, table = flat[0].lemmas.arrays.scored, flat[0].table
        made: Callable[..., int] | None = best_of_words.ready(*arrays)
        if made is None or not all(one.table is table for one in flat):
            return None
        known = known_of(flat)
        highest = np.array([one.bounds()[0] for one in of_segment if not isinstance(one, PickedList)])
        factors = np.array([one.most * _MORE for one in flat], np.float32)
        found, scores = np.empty(most, np.int64), np.empty(most, np.float32)
        kept = made(
            *(*arrays, table, known, highest * _MORE, factors, of_segment[0].base, flags),
            *(count, _LESS, least, found, scores),
        )
        if kept < 0:
            return None
        parts.append(Matches(found[:kept], scores[:kept]))
    if len(parts) == 1:
        return parts[0]
    return Matches(np.concatenate([one.documents for one in parts]), np.concatenate([one.scores for one in parts]))


def _at_once(
    made: Callable[..., int],
    lists: FlatLists,
    snapshot: Snapshot,
    live: NDArray[np.bool_] | None,
    count: int,
    lowest: float,
    values: NDArray[Any],
    width: int,
) -> Found | None:
    """As `best`, and all counts, of few postings: finding out which need not be looked at would take as long."""
    most, counts, sums, flags = 4 * count + _ROOM, np.zeros(width + 1, np.int64), snapshot.sums(), live
    found, scores = np.empty(most, np.int64), np.empty(most, np.float32)
    if flags is None:
        flags = NO_FLAGS
    kept = made(
        *(lists.documents, lists.scores(), lists.bounds, flags, count, lowest, sums, found, scores, values, counts)
    )
    if kept < 0:
        sums.fill(0)
        return None
    return Matches(found[:kept], scores[:kept]), counts


class _Best:
    """What was found so far, segment by segment. The thread's array of sums is 0 whenever a step is done."""

    def __init__(self, snapshot: Snapshot, live: NDArray[np.bool_] | None, count: int) -> None:
        self._live, self._sums = NO_FLAGS if live is None else live, snapshot.sums()
        self._count, self._lowest = count, np.zeros(1)
        self._parts: list[Matches] = []

    def matches(self) -> Matches:
        """Those that were found."""
        if len(self._parts) == 1:
            return self._parts[0]
        documents = np.concatenate([NOTHING.documents, *(part.documents for part in self._parts)])
        scores = np.concatenate([NOTHING.scores, *(part.scores for part in self._parts)])
        (kept,) = (scores >= self._lowest.item(0)).nonzero()
        return Matches(documents.take(kept), scores.take(kept))

    def look_at(self, lists: Sequence[Postings]) -> bool:
        """Look at the lists of a segment, which are of one width; whether that could be done."""
        loops = _Loops.of(lists[0].documents)
        if loops is None:
            return False
        if sum(map(len, lists)) > SKIPPED_FROM // 2:
            heads = [(one.head(), one) for one in lists if not isinstance(one, PickedList)]
            floor = self._floor([head for head, _ in heads]) if len(heads) == len(lists) else 0.0
            if floor > min([head.highest for head, _ in heads], default=0.0) * _MORE:
                return self._look_where_needed(lists, heads, floor, loops)
        for one in lists:
            loops.add(one.documents, one.scores(), one.base, self._sums)
        return self._keep(loops, lists)

    def _keep(self, loops: _Loops, lists: Sequence[Postings], slack: float = 1.0) -> bool:
        """Make a part of the best documents of lists, if there is room. Their sums are 0 afterwards."""
        most, kept, last = 4 * self._count + _ROOM, 0, len(lists) - 1
        found, scores, room = np.empty(most, np.int64), np.empty(most, np.float32), np.empty(most, np.float32)
        count, live, sums, lowest = self._count, self._live, self._sums, self._lowest
        for at, one in enumerate(lists):
            kept = loops.keep(
                one.documents, one.base, live, count, slack, at == last, sums, lowest, found, scores, room, kept
            )
            if kept < 0:
                sums.fill(0)
                return False
        self._parts.append(Matches(found[:kept], scores[:kept]))
        return True

    def _floor(self, heads: Sequence[Head]) -> float:
        """What the best have at least: those among the best postings of each word have no less."""
        documents = np.concatenate([head.matches.documents for head in heads], dtype=np.uint32, casting="unsafe")
        loops = _Loops.of(documents)
        if loops is None:
            return 0.0
        loops.add(documents, np.concatenate([head.matches.scores for head in heads]), 0, self._sums)
        most, lowest = len(documents), self._lowest.copy()
        found, scores, room = np.empty(most, np.int64), np.empty(most, np.float32), np.empty(most, np.float32)
        loops.keep(documents, 0, self._live, self._count, _LESS, True, self._sums, lowest, found, scores, room, 0)
        return lowest.item(0)

    def _look_where_needed(
        self, lists: Sequence[Postings], heads: Sequence[tuple[Head, AnyList]], floor: float, loops: _Loops
    ) -> bool:
        """As `look_at`, but lists that can lift nothing among the best are only asked for what the others give."""
        left = sum(head.highest for head, _ in heads)
        looked: dict[int, tuple[NDArray[Any], Scores]] = {}
        whole: list[AnyList] = []
        for head, one in sorted(heads, key=lambda pair: -pair[0].highest):
            if left * _MORE >= floor:
                whole.append(one)
                found = one.documents, one.scores()
            else:
                rows = np.empty(len(one), np.int64)
                least = max(floor - left * _MORE, _LEAST)
                rows = rows[: loops.find(one.documents, one.base, self._sums, least, rows)]
                found = one.documents.take(rows), one.scores_at(rows)
            looked[id(one)] = found
            loops.add(*found, one.base, self._sums)
            left -= head.highest
        self._lowest[0] = max(self._lowest[0], floor)
        if not self._keep(loops, whole, _LESS):
            return False
        # Sums of floats depend on the order: that is the one in which words were asked for, here as elsewhere.
        chosen = np.sort(self._parts.pop().documents)
        sums = np.zeros(len(chosen), np.float32)
        for each in lists:
            loops.add_to_chosen(*looked[id(each)], each.base, chosen, sums)
        self._parts.append(Matches(chosen, sums))
        return True
