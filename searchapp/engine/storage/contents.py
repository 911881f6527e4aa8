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
| `code/…` | code | `codes.py`; `code/frequencies` are in how many positions a posting with it stands |
| `lemma/…`, `exact/…`, `mixed/…` | term, posting, position | both forms' dictionaries and postings (`form_arrays.py`) |
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from searchapp.engine.storage.codes import COLUMNS, FIELDS, FREQUENCIES, CodeTable
from searchapp.engine.storage.dictionary import encode_terms
from searchapp.engine.storage.file_writing import SegmentFileWriter
from searchapp.engine.storage.pointers import narrow, narrowest
from searchapp.engine.storage.sources import DocumentPiece, DocumentTotals


def facts(totals: DocumentTotals) -> dict[str, Any]:
    """The meta part of a segment file."""
    return {
        "documents": totals.documents,
        "lengths": dict(zip(FIELDS, totals.field_words.tolist(), strict=True)),
        "with_field": dict(zip(FIELDS, totals.with_field.tolist(), strict=True)),
    }


class ContentWriter:
    """Writes the arrays of everything but the postings, piece by piece of the documents."""

    def __init__(self, totals: DocumentTotals, outlets: Sequence[str], codes: CodeTable) -> None:
        self._totals = totals
        names = encode_terms([name.encode("utf-8", "surrogatepass") for name in outlets])
        self._known = {
            **{f"outlet/{name}": array for name, array in names.items()},
            **{f"code/{name}": narrow(getattr(codes, name)) for name in COLUMNS},
            # It follows from the others; as it is asked for in every search, all processes read it from one map.
            FREQUENCIES: codes.frequencies(),
        }
        self._highest_outlet = max(len(outlets) - 1, 0)
        self._ends = dict.fromkeys(("record", "copy", "text", "token"), 0)

    def sizes(self) -> dict[str, tuple[DTypeLike, int]]:
        """The arrays' dtypes and lengths."""
        totals = self._totals
        documents, copies = totals.documents, totals.copies
        return {
            **{name: (array.dtype, len(array)) for name, array in self._known.items()},
            "story/numbers": (np.int64, documents),
            "story/sequences": (np.int64, documents),
            "story/records": (np.uint8, totals.record_bytes),
            "story/record_pointers": (narrowest(totals.record_bytes), documents + 1),
            "copy/pointers": (narrowest(copies), documents + 1),
            "copy/outlets": (narrowest(self._highest_outlet), copies),
            "copy/dates": (np.int32, copies),
            "copy/months": (np.uint32, copies),
            **{
                f"length/{name}": (narrowest(longest), documents)
                for name, longest in zip(FIELDS, totals.longest.tolist(), strict=True)
            },
            "text/data": (np.uint8, totals.characters),
            "text/pointers": (narrowest(totals.characters), documents + 1),
            "text/escape_places": (np.int64, totals.escapes),
            "text/escape_characters": (np.uint32, totals.escapes),
            "token/steps": (np.uint8, totals.tokens),
            "token/lengths": (np.uint8, totals.tokens),
            "token/pointers": (narrowest(totals.tokens), documents + 1),
            "token/wide_tokens": (np.int64, totals.wide_tokens),
            "token/wide_steps": (np.uint32, totals.wide_tokens),
            "token/wide_lengths": (np.uint32, totals.wide_tokens),
        }

    def begin(self, file: SegmentFileWriter) -> None:
        """Write what is known before the documents."""
        for name, array in self._known.items():
            file.append(name, array)
        for name in ("story/record_pointers", "copy/pointers", "text/pointers", "token/pointers"):
            file.append(name, np.zeros(1, np.int64))

    def add(self, file: SegmentFileWriter, piece: DocumentPiece, outlets: NDArray[np.int64]) -> None:
        """Write the next documents; `outlets` are the numbers of the outlets by those of the source."""
        characters, tokens = self._ends["text"], self._ends["token"]
        shown = piece.lengths[:2].sum(axis=0, dtype=np.int64)
        columns = {
            "story/numbers": piece.numbers,
            "story/sequences": piece.sequences,
            "story/records": piece.records,
            "story/record_pointers": self._pointers("record", piece.record_lengths),
            "copy/pointers": self._pointers("copy", piece.copies),
            "copy/outlets": outlets.take(piece.outlets),
            "copy/dates": piece.dates,
            "copy/months": _months(piece.dates),
            **{f"length/{name}": row for name, row in zip(FIELDS, piece.lengths, strict=True)},
            "text/data": piece.texts.data,
            "text/pointers": self._pointers("text", np.diff(piece.texts.pointers)),
            "text/escape_places": piece.texts.escape_places + characters,
            "text/escape_characters": piece.texts.escape_characters,
            "token/steps": piece.offsets.steps,
            "token/lengths": piece.offsets.lengths,
            "token/pointers": self._pointers("token", shown),
            "token/wide_tokens": piece.offsets.wide_tokens + tokens,
            "token/wide_steps": piece.offsets.wide_steps,
            "token/wide_lengths": piece.offsets.wide_lengths,
        }
        for name, array in columns.items():
            file.append(name, array)

    def _pointers(self, name: str, counts: NDArray[np.int64]) -> NDArray[np.int64]:
        """Where each of the next parts ends."""
        ends = np.cumsum(counts) + self._ends[name]
        self._ends[name] = int(ends[-1]) if len(ends) else self._ends[name]
        return ends


def _months(days: NDArray[np.int32]) -> NDArray[np.uint32]:
    """Day ordinals → year × 12 + month − 1; 0 for the undated."""
    distinct, inverse = np.unique(days, return_inverse=True)
    dates = [date.fromordinal(day) if day else None for day in distinct.tolist()]
    months = np.array([day.year * 12 + day.month - 1 if day else 0 for day in dates], np.uint32)
    return months.take(inverse)
