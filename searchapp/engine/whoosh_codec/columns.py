"""Columns for Whoosh's sorting and grouping, one value a document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh import columns

from searchapp.engine.storage.segment import Segment
from searchapp.engine.whoosh_codec.schema import UNDATED


class NumberColumn(columns.ColumnReader):  # type: ignore[misc]
    """Numbers; documents with the value `missing` sort last both ways."""

    def __init__(self, values: NDArray[Any], missing: int | None = None) -> None:
        self._values, self._missing, self._reverse = values, missing, False

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, docnum: int) -> int:
        return int(self._values[docnum])

    def __iter__(self) -> Iterator[int]:
        return iter(self._values.tolist())

    def sort_key(self, docnum: int) -> int:
        """What to sort a document by."""
        value = self[docnum]
        return -value if self._reverse and value != self._missing else value

    def set_reverse(self) -> None:
        """Sort falling."""
        self._reverse = True


class NameColumn(columns.ColumnReader):  # type: ignore[misc]
    """Names by number. Whoosh turns their order round by itself."""

    def __init__(self, numbers: NDArray[Any], names: Sequence[str]) -> None:
        self._numbers = numbers
        self._names = [name.encode("utf-8", "surrogatepass") for name in names]

    def __len__(self) -> int:
        return len(self._numbers)

    def __getitem__(self, docnum: int) -> bytes:
        return self._names[int(self._numbers[docnum])]

    def __iter__(self) -> Iterator[bytes]:
        return map(self._names.__getitem__, self._numbers.tolist())


def story_column(segment: Segment) -> NumberColumn:
    """The stories' numbers."""
    return NumberColumn(segment.column("story/numbers"))


def outlet_column(segment: Segment) -> NameColumn:
    """The outlet of each story's first copy."""
    return NameColumn(segment.column("copy/outlets").take(segment.column("copy/pointers")[:-1]), segment.outlets)


def date_column(segment: Segment) -> NumberColumn:
    """The earliest day of each story's copies, `UNDATED` where none is dated."""
    days = segment.column("copy/dates")
    starts = segment.column("copy/pointers")[:-1].astype(np.intp)
    return NumberColumn(np.minimum.reduceat(np.where(days == 0, UNDATED, days), starts), missing=UNDATED)
