"""Which stories were found, by the names that others know them by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import count
from typing import Final

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.retrieval.core.snapshot import Snapshot
from searchapp.engine.retrieval.highlighting.pages import Found
from searchapp.engine.retrieval.highlighting.planned_hits import ids_of
from searchapp.engine.storage.segment import Segment
from searchapp.model import RankedStory

_ranked: Final[Callable[[tuple[int, str, int, float]], RankedStory]] = partial(tuple.__new__, RankedStory)
"""As the class makes them, in one step."""


def ranked_stories(snapshot: Snapshot, found: Found) -> tuple[RankedStory, ...]:
    """The stories of a page, in this order."""
    first, documents, scores, _ = found
    if not scores:
        return ()
    return tuple(map(_ranked, zip(count(first), *_identifiers(snapshot, documents), scores)))


def _identifiers(snapshot: Snapshot, documents: NDArray[np.int64]) -> tuple[Sequence[str], Sequence[int]]:
    """The id of each document's representative article, and its story's number."""
    if len(snapshot.parts) == 1:
        return _in_segment(snapshot.parts[0].segment, documents)
    named: dict[int, tuple[str, int]] = {}
    for part, base in zip(snapshot.parts, snapshot.bases, strict=False):
        inside = documents[(documents >= base) & (documents < base + part.segment.documents)]
        if len(inside):
            named.update(zip(inside.tolist(), zip(*_in_segment(part.segment, inside - base), strict=True), strict=True))
    ids, stories = zip(*[named[document] for document in documents.tolist()], strict=True)
    return ids, stories


def _in_segment(segment: Segment, documents: NDArray[np.int64]) -> tuple[Sequence[str], Sequence[int]]:
    found = ids_of(segment, documents)
    if found is not None:
        return found
    ids = [copies[0][0] for _, _, copies in segment.records(documents)]
    return ids, segment.column("story/numbers").take(documents).tolist()
