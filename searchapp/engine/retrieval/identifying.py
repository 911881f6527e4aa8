"""Which stories were found, by the names that others know them by."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.retrieval.pages import Found
from searchapp.engine.retrieval.snapshot import Snapshot
from searchapp.engine.storage.segment import Segment
from searchapp.model import RankedStory


def ranked_stories(snapshot: Snapshot, found: Sequence[Found]) -> tuple[RankedStory, ...]:
    """The stories of a page, in the order given."""
    if not found:
        return ()
    documents = np.array([one.document for one in found])
    numbers = snapshot.column("story/numbers").take(documents).tolist()
    ranks, scores = [one.rank for one in found], [one.score for one in found]
    return tuple(map(RankedStory, ranks, _identifiers(snapshot, documents), numbers, scores))


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
    return [copies[0][0] for _, _, copies in segment.records(documents)]
