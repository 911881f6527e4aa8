"""The first of many matches in the order that was asked for."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.retrieval.copies import LATEST, UNDATED
from searchapp.engine.retrieval.matches import Matches, not_below
from searchapp.model import Sort


def best(matches: Matches, days: NDArray[np.int32], stories: NDArray[Any], sort: Sort, count: int) -> Matches:
    """The first `count` of the matches, best first; `days` and `stories` have one entry a document.

    By relevance: score, then the newest. By date: the undated last both ways, then score. What is still equal goes by
    story number, so that pages never overlap.
    """
    if sort == "relevance":
        highest = matches.highest(count)
        return highest.take(in_order(highest.documents, highest.scores, days, stories)[:count])
    day = days.take(matches.documents)
    key = day if sort == "newest" else -np.where(day == UNDATED, LATEST, day)
    kept = not_below(key, count)
    first = matches.take(kept)
    return first.take(np.lexsort((stories.take(first.documents), -first.scores, -key.take(kept)))[:count])


def in_order(
    documents: NDArray[np.intp], scores: NDArray[np.float32], days: NDArray[np.int32], stories: NDArray[Any]
) -> NDArray[np.intp]:
    """The order of hits by relevance."""
    falling = -scores
    order = falling.argsort()
    ordered = falling.take(order)
    # Two hits seldom score the same: sorting by three keys takes several times as long as by one.
    if (ordered[1:] != ordered[:-1]).all():
        return order
    return np.lexsort((stories.take(documents), -days.take(documents), falling))
