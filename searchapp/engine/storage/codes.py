"""What one posting says of frequency and length, folded into one small number, so that scoring is one table look-up.

A posting's *code* numbers a row of the segment's code table: how often the term stands in each field of the document
and in the body's lead, and the coded lengths (`norms`) of the two fields whose length counts (0 where the term does not
stand). BM25F of a row
is computed for the table once for each set of weights, not once a posting, which leaves k1, b and the weights free at
query time. News yields some ten thousand rows in a segment; nothing is capped, a segment with more than 65,536 rows
stores wider codes.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from searchapp.frozen import dataclass

if TYPE_CHECKING:
    from searchapp.engine.storage.row_table import Row, RowTable

FIELDS: Final = ("title", "body", "keywords", "copies")
"""The fields of a document's one stream of tokens, in this order. `copies` holds words of the other copies only."""
TITLE, BODY, KEYWORDS, COPIES = range(len(FIELDS))
FIELD_GAP: Final = 64
"""Positions left free between fields: more than `config.Limits.phrase_slop`."""
LEAD: Final = len(FIELDS)
"""The field of a token of the body that is one of its first `LEAD_TOKENS`: counted in the body and once more apart."""
LEAD_TOKENS: Final = 30
"""News says in its first sentence what it is about; the value is from tuning on news titles (docs/relevance.md)."""
COLUMNS: Final = ("tf_title", "tf_body", "tf_keywords", "tf_copies", "tf_lead", "norm_title", "norm_body")
FREQUENCIES: Final = "code/frequencies"
"""The array of a segment that has `CodeTable.frequencies`; segments made before there was one lack it."""
_DIRECT: Final = 256
"""Body frequencies below this are looked up in a plain table."""
_DIRECT_LEAD: Final = 4
"""And lead frequencies below this."""


@dataclass(frozen=True, slots=True)
class CodeTable:
    """The rows that codes stand for: seven u4 arrays of equal length. `tf_lead` is part of `tf_body`."""

    tf_title: NDArray[np.uint32]
    tf_body: NDArray[np.uint32]
    tf_keywords: NDArray[np.uint32]
    tf_copies: NDArray[np.uint32]
    tf_lead: NDArray[np.uint32]
    norm_title: NDArray[np.uint32]
    norm_body: NDArray[np.uint32]

    def __len__(self) -> int:
        return len(self.tf_body)

    def frequencies(self) -> NDArray[np.uint32]:
        """Code → how many positions a posting with it has."""
        return np.asarray(self.tf_title + self.tf_body + self.tf_keywords + self.tf_copies, np.uint32)

    def columns(self) -> tuple[NDArray[np.uint32], ...]:
        """The columns in the order of `COLUMNS`."""
        return tuple(getattr(self, name) for name in COLUMNS)


class CodeAssigner:
    """Gives each distinct row a code, the first seen the lowest."""

    PLAIN: Final = _DIRECT
    """Postings that stand fewer times, and in the body after its lead only, are plain."""

    def __init__(self) -> None:
        self._codes: dict[Row, int] = {}
        self._table: RowTable | None = None
        # Most postings have body occurrences only: frequency and length code, one plain table.
        self.direct = np.full(_DIRECT_LEAD * _DIRECT * 256, -1, np.int32)

    def assign_plain(
        self, frequencies: NDArray[np.int64], norms: NDArray[np.uint8], is_special: NDArray[np.bool_]
    ) -> NDArray[np.uint32]:
        """The codes of postings that stand in the body after its lead only; those of special ones mean nothing."""
        slots = frequencies << 8
        slots |= norms
        if is_special.any():
            # No row is made for them: they take the place of one that is plain.
            first = int(is_special.argmin())
            if is_special[first]:
                return np.zeros(len(slots), np.uint32)
            slots[is_special] = slots[first]
        return self._direct_codes(slots)

    def _direct_codes(self, slots: NDArray[np.int64]) -> NDArray[np.uint32]:
        met = np.zeros(len(self.direct), bool)
        met[slots] = True
        missing = np.flatnonzero(met & (self.direct < 0))
        self.direct[missing] = [self._number(_direct_row(slot)) for slot in missing.tolist()]
        return self.direct.take(slots).astype(np.uint32)

    def assign(self, columns: tuple[NDArray[Any], ...]) -> NDArray[np.uint32]:
        """Seven integer arrays of P postings, in the order of `COLUMNS` → P codes."""
        tf_title, tf_body, tf_keywords, tf_copies, tf_lead, _, norm_body = columns
        direct = (tf_title | tf_keywords | tf_copies) == 0
        direct &= tf_body < _DIRECT
        direct &= tf_lead < _DIRECT_LEAD
        slots = (tf_lead * _DIRECT + tf_body) << 8
        slots |= norm_body
        slots[~direct] = 0
        codes = self._direct_codes(slots)
        other = np.flatnonzero(~direct)
        if len(other):
            rows = np.stack([column.take(other).astype(np.int64) for column in columns], axis=1)
            rows[:, 5] *= rows[:, 0] > 0
            rows[:, 6] *= rows[:, 1] > 0
            distinct, inverse = _unique_rows(rows)
            codes[other] = np.array([self._number(tuple(row)) for row in distinct.tolist()], np.uint32).take(inverse)
        return codes

    def codes_of(self, code_rows: Callable[..., int], rows: NDArray[np.int64]) -> NDArray[np.uint32] | None:
        """The codes of packed rows by a compiled loop; None where too many of them are new."""
        from searchapp.engine.storage.row_table import RowTable  # noqa: PLC0415 - readers need none of it

        table = self._table = self._table or RowTable(code_rows)
        table.add(list(islice(self._codes, len(table), None)))
        found = table.codes(rows)
        if found is None:
            return None
        codes, new = found
        for row in new:
            code = self._number(row)
            if not (row[0] or row[2] or row[3]) and row[1] < _DIRECT and row[4] < _DIRECT_LEAD:
                self.direct[((row[4] * _DIRECT + row[1]) << 8) | row[6]] = code
        return codes

    def _number(self, row: Row) -> int:
        return self._codes.setdefault(row, len(self._codes))

    def table(self) -> CodeTable:
        """The rows so far."""
        rows = np.array(list(self._codes), np.uint32).reshape(-1, len(COLUMNS))
        return CodeTable(*(np.ascontiguousarray(column) for column in rows.T))


def _direct_row(slot: int) -> Row:
    """The row of a slot of the plain table."""
    lead, rest = divmod(slot, _DIRECT * 256)
    return 0, rest >> 8, 0, 0, lead, 0, rest & 255


def _unique_rows(rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Distinct rows and, for each row, which of them it is. One sort of one key where the values are small enough."""
    widths = [max(int(column.max()).bit_length(), 1) for column in rows.T]
    if sum(widths) > 63:
        distinct, inverse = np.unique(rows, axis=0, return_inverse=True)
        return distinct, inverse.reshape(-1)
    key = np.zeros(len(rows), np.int64)
    for column, width in zip(rows.T, widths, strict=True):
        key <<= width
        key |= column
    _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
    return rows.take(first, axis=0), inverse
