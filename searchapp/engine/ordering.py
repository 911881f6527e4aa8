"""The order of hits."""

from __future__ import annotations

import numpy as np

from searchapp.engine.columns import UNDATED
from searchapp.engine.postings import BoolArray, IntArray
from searchapp.engine.weights import FloatArray
from searchapp.model import Sort


def order(scores: FloatArray, days: IntArray, stories: IntArray, partial: BoolArray, sort: Sort) -> IntArray:
    """The indices of hits, best first; all arguments have one entry a hit.

    By relevance: hits with all the words before `partial` ones, then score, then the newest. By date: the undated
    last both ways, then score. What is still equal goes by story number, so that pages never overlap.
    """
    keys: list[IntArray | FloatArray | BoolArray] = [stories]
    if sort == "relevance":
        keys += [-days, -scores, partial]
    elif sort == "newest":
        keys += [-scores, -days]
    else:
        keys += [-scores, np.where(days == UNDATED, np.iinfo(np.int64).max, days)]
    result: IntArray = np.lexsort(keys)
    return result
