"""Variable-length parts of flat arrays: counts, the pointers that bound them, and narrow storage for both."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def pointers(counts: NDArray[Any]) -> NDArray[np.int64]:
    """Counts → where each part begins, and the end."""
    bounds = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=bounds[1:])
    return bounds


def sizes(bounds: NDArray[Any]) -> NDArray[np.int64]:
    """Pointers → how long each part is."""
    wide = bounds.astype(np.int64, copy=False)
    return wide[1:] - wide[:-1]


def narrow(numbers: NDArray[Any]) -> NDArray[Any]:
    """The same numbers (none negative) in the narrowest stored width: nothing is ever capped."""
    highest = int(numbers.max(initial=0))
    width = np.uint16 if highest < 1 << 16 else np.uint32 if highest < 1 << 32 else np.uint64
    return numbers.astype(width)
