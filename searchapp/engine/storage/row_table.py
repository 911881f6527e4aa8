"""Rows of the code table packed into numbers, and their codes in a hash table, as `inversion_loops` looks them up."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

NEW_ROWS: Final = 1 << 15
"""Rows that may be new in one run; news has some thousands in its first. With more, numpy's way is taken."""
_WIDTHS: Final = (8, 16, 8, 8, 6, 8, 8)
"""Bits of the columns of a packed row, the last the lowest."""
Row = tuple[int, ...]


class RowTable:
    """The codes of packed rows; `code_rows` is the compiled loop of this name.

    The hash multiplies by a number drawn at random.
    """

    def __init__(self, code_rows: Callable[..., int]) -> None:
        self._code_rows = code_rows
        self._multiplier = np.array([secrets.randbits(64) | 1], np.uint64)
        self._table = np.zeros(0, np.uint64)
        self._rows = np.empty(0, np.int64)
        """By code; what does not fit into a number has one below zero."""

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, rows: Sequence[Row]) -> None:
        """Take in rows that were given the next codes elsewhere, and make room for new ones."""
        known = len(self._rows)
        self._rows = np.concatenate([self._rows, packed(rows, known)])
        size = 1 << (2 * (len(self._rows) + NEW_ROWS)).bit_length()
        if 2 * size > len(self._table):
            self._table, known = np.zeros(2 * size, np.uint64), 0
        self._find(self._rows[known:], known, len(self._rows))

    def codes(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.uint32], list[Row]] | None:
        """The codes of packed rows, and those that are new and have the next codes now; None where these are too many.

        All rows that were given codes elsewhere must have been added.
        """
        found = self._find(rows, len(self._rows), NEW_ROWS)
        if found is None:
            self._table = self._table[:0]
            return None
        codes, new = found
        self._rows = np.concatenate([self._rows, new])
        return codes, unpacked(new)

    def _find(
        self, rows: NDArray[np.int64], first: int, most: int
    ) -> tuple[NDArray[np.uint32], NDArray[np.int64]] | None:
        codes, new = np.empty(len(rows), np.uint32), np.empty(most, np.int64)
        count = self._code_rows(rows, self._multiplier, first, self._table, new, codes)
        return None if count < 0 else (codes, new[:count])


def packed(rows: Sequence[Row], first: int) -> NDArray[np.int64]:
    """Rows that have the codes from `first` on as numbers."""
    columns = np.array(rows, np.int64).reshape(-1, len(_WIDTHS))
    numbers = np.zeros(len(columns), np.int64)
    for column, width in zip(columns.T, _WIDTHS, strict=True):
        numbers = (numbers << width) | column
    too_large = (columns >> np.array(_WIDTHS)).any(axis=1)
    # No posting has the row of zeros, which numpy's way numbers, too; in the table it is what is vacant.
    return np.where(too_large | (numbers == 0), -1 - first - np.arange(len(rows)), numbers)


def unpacked(numbers: NDArray[np.int64]) -> list[Row]:
    """The rows that were packed into numbers."""
    columns = []
    for width in reversed(_WIDTHS):
        columns.append((numbers & ((1 << width) - 1)).tolist())
        numbers = numbers >> width
    return list(zip(*reversed(columns), strict=True))
