"""The arrays of a segment by name: the one place that knows what a segment file holds.

| arrays | one entry a | content |
| --- | --- | --- |
| `story/numbers`, `story/sequences` | document | the story, and the archive sequence number of its last change |
| `story/records`, `story/record_pointers` | document | what a hit shows, JSON (`documents.py`) |
| `length/title`, `…/body`, `…/keywords`, `…/copies` | document | words in each field |
| `copy/pointers` | document | where its copies begin |
| `copy/outlets`, `copy/dates`, `copy/months` | copy | outlet number; day ordinal, 0 = undated; year × 12 + month − 1 |
| `outlet/bytes`, `…/offsets`, `…/slots` | outlet | names (`dictionary.py`) |
| `text/…`, `token/…`, `token/pointers` | character, token, document | `text_store.py`, `token_offsets.py` |
| `code/…` | code | `codes.py` |
| `stem/…`, `exact/…` | term, posting, position | the dictionaries of both forms, and the postings (`form_arrays.py`) |
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.storage.codes import COLUMNS, FIELDS, CodeTable
from searchapp.engine.storage.container import Array
from searchapp.engine.storage.dictionary import encode_terms
from searchapp.engine.storage.form_arrays import form_arrays, prefixed
from searchapp.engine.storage.pointers import narrow, pointers
from searchapp.engine.storage.postings import Postings
from searchapp.engine.storage.text_store import StoredTexts
from searchapp.engine.storage.token_offsets import TokenOffsets


@dataclass(frozen=True, slots=True)
class SegmentContents:
    """Everything of a segment but its postings. `lengths` has a row a field; `copies` is the number a document."""

    numbers: NDArray[np.int64]
    sequences: NDArray[np.int64]
    records: Sequence[bytes]
    texts: StoredTexts
    offsets: TokenOffsets
    lengths: NDArray[np.uint32]
    copies: NDArray[np.int64]
    copy_outlets: NDArray[np.int64]
    copy_dates: NDArray[np.int32]
    outlets: Sequence[str]
    codes: CodeTable


def segment_arrays(
    contents: SegmentContents,
    postings: Postings,
    stems: Sequence[bytes],
    exact: Sequence[bytes],
    lights: NDArray[np.uint32],
) -> tuple[dict[str, Any], dict[str, Array]]:
    """The facts for the meta part, and the arrays to be stored; `stems` and `exact` are the sorted terms.

    `lights` are the hashes of the exact forms' light stems.
    """
    shown = contents.lengths[:2].astype(np.int64).sum(axis=0)
    arrays: dict[str, Array] = {
        "story/numbers": contents.numbers,
        "story/sequences": contents.sequences,
        "story/records": np.frombuffer(b"".join(contents.records), np.uint8),
        "story/record_pointers": narrow(pointers(np.fromiter(map(len, contents.records), np.int64))),
        "copy/pointers": narrow(pointers(contents.copies)),
        "copy/outlets": narrow(contents.copy_outlets),
        "copy/dates": contents.copy_dates,
        "copy/months": _months(contents.copy_dates),
        **prefixed("outlet", encode_terms([name.encode("utf-8", "surrogatepass") for name in contents.outlets])),
        **prefixed("length", {name: narrow(row) for name, row in zip(FIELDS, contents.lengths, strict=True)}),
        **prefixed("code", {name: narrow(getattr(contents.codes, name)) for name in COLUMNS}),
        **contents.texts.arrays(),
        **contents.offsets.arrays(),
        "token/pointers": narrow(pointers(shown)),
    }
    arrays["text/pointers"] = narrow(contents.texts.pointers)
    arrays.update(form_arrays(postings, stems, exact, lights, contents.codes.frequencies(), len(contents.numbers)))
    facts = {
        "documents": len(contents.numbers),
        "lengths": {name: int(row.sum(dtype=np.int64)) for name, row in zip(FIELDS, contents.lengths, strict=True)},
        "with_field": {name: int(np.count_nonzero(row)) for name, row in zip(FIELDS, contents.lengths, strict=True)},
    }
    return facts, arrays


def _months(days: NDArray[np.int32]) -> NDArray[np.uint32]:
    """Day ordinals → year × 12 + month − 1; 0 for the undated."""
    distinct, inverse = np.unique(days, return_inverse=True)
    dates = [date.fromordinal(day) if day else None for day in distinct.tolist()]
    months = np.array([day.year * 12 + day.month - 1 if day else 0 for day in dates], np.uint32)
    return months.take(inverse)
