"""The best of many matches, without sorting them all."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.retrieval.copies import LATEST, UNDATED
from searchapp.engine.retrieval.words import Matches
from searchapp.model import Sort

BLOCK: Final = 128
"""The maximum of every so many values is enough to find a threshold below which none of the best can lie."""


def best(matches: Matches, days: NDArray[np.int32], stories: NDArray[Any], sort: Sort, count: int) -> NDArray[np.intp]:
    """The places in `matches` of the first `count` hits, best first; `days` and `stories` have one entry a document.

    By relevance: score, then the newest. By date: the undated last both ways, then score. What is still equal goes by
    story number, so that pages never overlap.
    """
    documents, scores = matches.documents, matches.scores
    if sort == "relevance":
        kept = _at_least_threshold(scores, count)
        documents, scores = documents.take(kept), scores.take(kept)
        return kept.take(in_order(documents, scores, days, stories)[:count])
    day = days.take(documents)
    key = day if sort == "newest" else -np.where(day == UNDATED, LATEST, day)
    kept = _at_least_threshold(key, count)
    order = np.lexsort((stories.take(documents.take(kept)), -scores.take(kept), -key.take(kept)))
    return kept.take(order[:count])


def in_order(
    documents: NDArray[np.intp], scores: NDArray[np.float32], days: NDArray[np.int32], stories: NDArray[Any]
) -> NDArray[np.intp]:
    """The order of hits by relevance."""
    return np.lexsort((stories.take(documents), -days.take(documents), -scores))


def _at_least_threshold(key: NDArray[Any], count: int) -> NDArray[np.intp]:
    """The indices of all values that are not below the `count`-th highest, and maybe some more."""
    if len(key) <= max(4 * count, 64):
        return np.arange(len(key))
    whole = len(key) // BLOCK * BLOCK
    maxima = key[:whole].reshape(-1, BLOCK).max(axis=1) if whole // BLOCK > 4 * count else key
    threshold = np.partition(maxima, len(maxima) - count)[len(maxima) - count]
    kept = np.flatnonzero(key >= threshold)
    if len(kept) > 4 * count and maxima is not key:
        values = key.take(kept)
        threshold = np.partition(values, len(values) - count)[len(values) - count]
        kept = kept[values >= threshold]
    return kept
