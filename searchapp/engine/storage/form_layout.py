"""What readers and writers of postings agree on beside the arrays themselves (`form_arrays.py`)."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

SKIP: Final = 32
MIXED_SKIP: Final = 1024
"""So that a look-up reads the pairs of about so many postings beside those that it is after."""


def mixed_mark(ordinals: NDArray[Any]) -> int:
    """What stands in place of an ordinal in a mixed posting."""
    return int(np.iinfo(ordinals.dtype).max)
