"""Where each token stands in its document's text: two bytes a token, exact for every text.

A token's *step* is how far it starts after the token before it (after the document's beginning for the first), its
*length* how many characters it has. Both are stored in one byte; where either needs more, both are 255 there and stand
in side arrays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.storage.pointers import sizes

_WIDE: Final = 255


@dataclass(frozen=True, slots=True)
class TokenOffsets:
    """`steps` and `lengths` (u1, one a token); `wide_tokens` are those whose true values are in the side arrays."""

    steps: NDArray[np.uint8]
    lengths: NDArray[np.uint8]
    wide_tokens: NDArray[np.int64]
    wide_steps: NDArray[np.uint32]
    wide_lengths: NDArray[np.uint32]

    def arrays(self) -> dict[str, NDArray[Any]]:
        """By their names in a segment file."""
        return {
            "token/steps": self.steps,
            "token/lengths": self.lengths,
            "token/wide_tokens": self.wide_tokens,
            "token/wide_steps": self.wide_steps,
            "token/wide_lengths": self.wide_lengths,
        }


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


def join_offsets(parts: list[TokenOffsets]) -> TokenOffsets:
    """Offsets of documents one after the other."""
    bases = np.cumsum([0, *(len(part.steps) for part in parts)])
    return TokenOffsets(
        np.concatenate([part.steps for part in parts]),
        np.concatenate([part.lengths for part in parts]),
        np.concatenate([part.wide_tokens + base for part, base in zip(parts, bases, strict=False)]),
        np.concatenate([part.wide_steps for part in parts]),
        np.concatenate([part.wide_lengths for part in parts]),
    )


def decode_offsets(stored: TokenOffsets, start: int, stop: int) -> tuple[Sequence[int], Sequence[int]]:
    """Starts and lengths of tokens [start, stop), which must begin with a document's first token."""
    # A snippet reads some fifty tokens: for so few, bytes and plain sums are faster than arrays.
    steps: Sequence[int] = stored.steps[start:stop].tobytes()
    lengths: Sequence[int] = stored.lengths[start:stop].tobytes()
    if _WIDE in steps:
        first, last = stored.wide_tokens.searchsorted((start, stop)).tolist()
        places = (stored.wide_tokens[first:last] - start).tolist()
        steps, lengths = list(steps), list(lengths)
        wide = zip(stored.wide_steps[first:last].tolist(), stored.wide_lengths[first:last].tolist(), strict=True)
        for place, (step, length) in zip(places, wide, strict=True):
            steps[place], lengths[place] = step, length
    return list(accumulate(steps)), lengths
