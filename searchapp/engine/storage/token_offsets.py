"""Where each token stands in its document's text: two bytes a token, exact for every text.

A token's *step* is how far it starts after the token before it (after the document's beginning for the first), its
*length* how many characters it has. Both are stored in one byte; where either needs more, both are 255 there and stand
in side arrays.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.storage.pointers import sizes
from searchapp.frozen import dataclass

_WIDE: Final = 255
_NARROW: Final = (1 << 31) // _WIDE
"""The steps of fewer tokens add up in four bytes."""


@dataclass(frozen=True, slots=True)
class TokenOffsets:
    """`steps` and `lengths` (u1, one a token); `wide_tokens` are those whose true values are in the side arrays."""

    steps: NDArray[np.uint8]
    lengths: NDArray[np.uint8]
    wide_tokens: NDArray[np.int64]
    wide_steps: NDArray[np.uint32]
    wide_lengths: NDArray[np.uint32]


def encode_offsets(starts: NDArray[np.int64], lengths: NDArray[np.int64], pointers: NDArray[np.int64]) -> TokenOffsets:
    """Starts and lengths of all tokens, counted from their document's beginning, documents bounded by `pointers`."""
    steps = np.diff(starts, prepend=0)
    first = pointers[:-1][sizes(pointers) > 0]
    steps[first] = starts.take(first)
    wide = np.flatnonzero((steps >= _WIDE) | (lengths >= _WIDE))
    small_steps, small_lengths = steps.astype(np.uint8), lengths.astype(np.uint8)
    small_steps[wide] = small_lengths[wide] = _WIDE
    return TokenOffsets(
        small_steps, small_lengths, wide, steps.take(wide).astype(np.uint32), lengths.take(wide).astype(np.uint32)
    )


def decode_offsets(stored: TokenOffsets, bounds: Sequence[tuple[int, int]]) -> tuple[Sequence[int], Sequence[int]]:
    """Sums of steps, and lengths, of the tokens [start, stop) for each of the bounds, one run after the other.

    Both begin with a zero, and so have one entry more than there are tokens. Where a run begins with a document's first
    token, a token starts where its sum, less the sum before the run, says.
    """
    steps, lengths = (
        b"".join([b"\0", *[array.data[start:stop] for start, stop in bounds]])
        for array in (stored.steps, stored.lengths)
    )
    if _WIDE in steps:
        return _with_wide(stored, bounds, steps, lengths)
    # Of so many sums few are looked at: a view gives each of them out as a plain number.
    width = np.int32 if len(steps) < _NARROW else np.int64
    return np.frombuffer(steps, np.uint8).cumsum(dtype=width).data, lengths


def _with_wide(
    stored: TokenOffsets, bounds: Sequence[tuple[int, int]], small_steps: bytes, small_lengths: bytes
) -> tuple[Sequence[int], Sequence[int]]:
    """With the true values of tokens that do not fit into a byte."""
    steps, lengths = (np.frombuffer(small, np.uint8).astype(np.int64) for small in (small_steps, small_lengths))
    at = 1
    for start, stop in bounds:
        first, last = stored.wide_tokens.searchsorted((start, stop)).tolist()
        places = stored.wide_tokens[first:last].astype(np.int64) - start + at
        steps[places], lengths[places] = stored.wide_steps[first:last], stored.wide_lengths[first:last]
        at += stop - start
    return steps.cumsum().data, lengths.data
