"""What has all of several words, by a loop: the documents that the words have in common, and their scores."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from searchapp.engine.retrieval.boolean.intersection_loops import all_of
from searchapp.engine.retrieval.core.matches import Matches
from searchapp.engine.retrieval.core.snapshot import Snapshot
from searchapp.engine.retrieval.terms.word_lists import AnyList


def with_all(lists: Sequence[AnyList], snapshot: Snapshot) -> Matches | None:
    """The documents of one segment that have all words, with their scores; None where no loop is to be had for them."""
    words = [one.whole for one in lists]
    first = words[0]
    if first is None:
        return None
    flat = [one for one in words if one is not None and one.table is first.table]
    arrays = first.lemmas.arrays.scored
    made: Callable[..., int] | None = all_of.ready(*arrays)
    if made is None or len(flat) < len(words):
        return None
    shortest = min([one.count for one in flat])
    documents, scores = np.empty(shortest, np.int64), np.empty(shortest, np.float32)
    known = np.concatenate([one.known() for one in flat])
    marks = snapshot.marks()
    try:
        count = made(*arrays, first.table, known, len(flat), lists[0].base, marks, documents, scores)
    except IndexError:
        marks.fill(False)
        raise
    return Matches(documents[:count], scores[:count])
