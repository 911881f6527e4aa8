"""What is found out of a union of words by loops: sums and counts.

`unions.py` does the same in numpy's way, which is taken where one of the loops is not compiled: then the answer here is
None. A thread's marks are as they were before afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from searchapp.compiled import Loop
from searchapp.engine.retrieval.boolean.union_loops import add, count_new, unmark
from searchapp.engine.retrieval.core.matches import NOTHING, Documents, Scores
from searchapp.engine.retrieval.core.snapshot import Snapshot
from searchapp.engine.retrieval.facets.copies import NO_FLAGS
from searchapp.engine.retrieval.terms.picked_lists import Postings

_SEARCHED: Final = 8
"""The marks of so many times more documents than there are postings are set back posting by posting."""
NO_VALUES: Final = np.empty(0, np.uint16)


def ready(wanted: Loop[..., int], lists: Sequence[Postings], *others: NDArray[Any]) -> list[Callable[..., int]] | None:
    """The loop for the documents of each list."""
    found = []
    for one in lists:
        made = wanted.ready(one.documents, *others)
        if made is None:
            return None
        found.append(made)
    return found


def add_all(lists: Sequence[Postings], sums: Scores) -> bool:
    """Add what the lists give, one after the other, to the sums of all documents; whether that could be done."""
    loops = ready(add, lists)
    if loops is None:
        return False
    for made, one in zip(loops, lists, strict=True):
        made(one.documents, one.scores(), one.base, sums)
    return True


def counts(
    lists: Sequence[Postings],
    snapshot: Snapshot,
    live: NDArray[np.bool_] | None,
    values: NDArray[Any] = NO_VALUES,
    width: int = 0,
) -> tuple[int, NDArray[np.int64]] | None:
    """How many live documents the lists have, and how many of them have each value in [0, width)."""
    found = np.zeros(width, np.int64)
    marked = _marked(lists, snapshot, live, values, found)
    return None if marked is None else (marked[0], found)


def documents_of(lists: Sequence[Postings], snapshot: Snapshot, live: NDArray[np.bool_] | None) -> Documents | None:
    """The live documents that the lists have, rising."""
    marked = _marked(lists, snapshot, live, NO_VALUES, np.zeros(0, np.int64), wanted=True)
    return None if marked is None else marked[1]


def _marked(
    lists: Sequence[Postings],
    snapshot: Snapshot,
    live: NDArray[np.bool_] | None,
    values: NDArray[Any],
    found: NDArray[np.int64],
    *,
    wanted: bool = False,
) -> tuple[int, Documents] | None:
    """How many live documents the lists have, and these, rising, if they are wanted. `found` counts values."""
    counting, cleaning = ready(count_new, lists, values), ready(unmark, lists)
    if counting is None or cleaning is None:
        return None
    marks, total, rising = snapshot.marks(), 0, NOTHING.documents
    flags = NO_FLAGS if live is None else live
    try:
        for made, one in zip(counting, lists, strict=True):
            total += made(one.documents, one.base, flags, values, marks, found)
        if wanted:
            (rising,) = (marks if live is None else marks & live).nonzero()
        if sum(map(len, lists)) * _SEARCHED > len(marks):
            marks.fill(False)
        else:
            for made, one in zip(cleaning, lists, strict=True):
                made(one.documents, one.base, marks)
    except BaseException:
        snapshot.spoilt()
        raise
    return total, rising
