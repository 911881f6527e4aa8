"""The flat arrays of a segment's postings, as compiled loops read them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray


class PostingArrays(NamedTuple):
    """The flat arrays of all postings of a segment (`form_arrays.py`) for loops; only what was checked may be read.

    `scored` are documents, codes, forms, and of pairs places, forms and codes; `placed` documents, codes, forms,
    positions, skips, and of mixed postings places, pointers and forms. `frequencies` is code → positions a posting.
    `scored_types` is what loops over `scored` are chosen by.
    """

    scored: tuple[NDArray[Any], ...]
    placed: tuple[NDArray[Any], ...]
    frequencies: NDArray[np.uint32]
    scored_types: tuple[int, ...]
