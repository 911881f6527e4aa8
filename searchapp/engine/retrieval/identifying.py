"""Which stories were found, by the names that others know them by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import count
from typing import Final

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.retrieval.core.snapshot import Snapshot
from searchapp.engine.retrieval.highlighting.planned_hits import ids_of
from searchapp.engine.storage.segment import Segment
from searchapp.model import RankedStory

_ranked: Final[Callable[[tuple[int, str, int, float]], RankedStory]] = partial(tuple.__new__, RankedStory)
"""As the class makes them, in one step."""


def ranked_stories(snapshot: Snapshot, first: int, rows: Sequence[tuple[int, float, bool]]) -> tuple[RankedStory, ...]:
    """The stories of a page as `search.RunningSearch.rows` has them, in this order; the first has the rank `first`."""
    if not rows:
        return ()
    of_ranks, scores, _ = zip(*rows, strict=True)
    documents = np.array(of_ranks, np.int64)
    numbers = snapshot.column("story/numbers").take(documents).tolist()
    return tuple(map(_ranked, zip(count(first), _identifiers(snapshot, documents), numbers, scores)))


def _identifiers(snapshot: Snapshot, documents: NDArray[np.int64]) -> list[str]:
    """The id of each document's representative article."""
    if len(snapshot.parts) == 1:
        return _in_segment(snapshot.parts[0].segment, documents)
    named: dict[int, str] = {}
    for part, base in zip(snapshot.parts, snapshot.bases, strict=False):
        inside = documents[(documents >= base) & (documents < base + part.segment.documents)]
        if len(inside):
            named.update(zip(inside.tolist(), _in_segment(part.segment, inside - base), strict=True))
    return [named[document] for document in documents.tolist()]


def _in_segment(segment: Segment, documents: NDArray[np.int64]) -> list[str]:
    found = ids_of(segment, documents)
    return [copies[0][0] for _, _, copies in segment.records(documents)] if found is None else found
