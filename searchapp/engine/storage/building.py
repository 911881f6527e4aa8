"""From batches of documents to one segment file: runs are inverted as they fill, and merged when it is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from searchapp.analysis.batch import BatchAnalyzer
from searchapp.engine.storage.codes import CodeAssigner
from searchapp.engine.storage.container import Array, write_segment_file
from searchapp.engine.storage.contents import SegmentContents, segment_arrays
from searchapp.engine.storage.dictionary import encode_terms
from searchapp.engine.storage.documents import DocumentBatch
from searchapp.engine.storage.pointers import sizes
from searchapp.engine.storage.postings import Postings, TokenStream, invert, merge
from searchapp.engine.storage.text_store import join_texts
from searchapp.engine.storage.token_offsets import join_offsets

RUN_TOKENS: Final = 1 << 20
"""Tokens inverted at once: the sort's working set stays in the processor's cache."""
SEGMENT_TOKENS: Final = 24 << 20
"""Tokens held before a segment has to be written: about 600 MB while it is made."""


@dataclass
class SegmentBuilder:
    """Collects documents of one segment to come."""

    analyzer: BatchAnalyzer
    batches: list[DocumentBatch] = field(default_factory=list)
    documents: int = 0
    tokens: int = 0
    _codes: CodeAssigner = field(default_factory=CodeAssigner)
    _waiting: list[DocumentBatch] = field(default_factory=list)
    _waiting_tokens: int = 0
    _exact: list[Postings] = field(default_factory=list)
    _stem: list[Postings] = field(default_factory=list)

    def add(self, batch: DocumentBatch) -> None:
        """Take documents in; they get the next numbers."""
        self.batches.append(batch)
        self._waiting.append(batch)
        self._waiting_tokens += len(batch.exact.terms)
        self.tokens += len(batch.exact.terms)
        if self._waiting_tokens >= RUN_TOKENS:
            self._invert()

    def is_full(self) -> bool:
        """True when the segment should be written before more is added."""
        return self.tokens >= SEGMENT_TOKENS

    def _invert(self) -> None:
        for form, runs in (("exact", self._exact), ("stem", self._stem)):
            stream = _join_streams([getattr(batch, form) for batch in self._waiting])
            runs.append(invert(stream, self.documents, self._codes))
        self.documents += sum(len(batch.numbers) for batch in self._waiting)
        self._waiting, self._waiting_tokens = [], 0

    def write(self, path: Path, meta: dict[str, Any]) -> dict[str, Any]:
        """Write the segment; returns its meta as stored."""
        if self._waiting:
            self._invert()
        batches = self.batches
        outlets, outlet_codes = _number_outlets([name for batch in batches for name in batch.copy_outlets])
        contents = SegmentContents(
            numbers=np.concatenate([batch.numbers for batch in batches]),
            sequences=np.concatenate([batch.sequences for batch in batches]),
            records=[record for batch in batches for record in batch.records],
            texts=join_texts([batch.texts for batch in batches]),
            offsets=join_offsets([batch.offsets for batch in batches]),
            lengths=np.concatenate([batch.lengths for batch in batches], axis=1),
            copies=np.concatenate([sizes(batch.copy_pointers) for batch in batches]),
            copy_outlets=outlet_codes,
            copy_dates=np.concatenate([batch.copy_dates for batch in batches]),
            outlets=outlets,
            codes=self._codes.table(),
        )
        arrays, facts = segment_arrays(contents, self._form("exact"), self._form("stem"))
        facts.update(meta)
        write_segment_file(path, facts, arrays)
        return facts

    def _form(self, form: str) -> tuple[dict[str, Array], Postings]:
        """The dictionary and merged postings of one form, its terms sorted by their bytes."""
        runs: list[Postings] = getattr(self, f"_{form}")
        names: list[str] = getattr(self.analyzer, f"{form}_terms")
        used = np.zeros(len(names), bool)
        for run in runs:
            used[run.terms] = True
        spelled = {number: names[number].encode("utf-8", "surrogatepass") for number in np.flatnonzero(used).tolist()}
        order = sorted(spelled, key=spelled.__getitem__)
        rank = np.zeros(len(names), np.int64)
        rank[order] = np.arange(len(order))
        merged = merge(runs, [rank.take(run.terms) for run in runs], len(order))
        runs.clear()
        return encode_terms([spelled[number] for number in order]), merged


def _join_streams(streams: Sequence[TokenStream]) -> TokenStream:
    bases = np.cumsum([0, *(len(stream.terms) for stream in streams)])
    pointers = [stream.pointers[1:] + base for stream, base in zip(streams, bases, strict=False)]
    return TokenStream(
        np.concatenate([stream.terms for stream in streams]),
        np.concatenate([stream.positions for stream in streams]),
        np.concatenate([stream.fields for stream in streams]),
        np.concatenate([[0], *pointers]),
        np.concatenate([stream.norms_title for stream in streams]),
        np.concatenate([stream.norms_body for stream in streams]),
    )


def _number_outlets(names: Sequence[str]) -> tuple[list[str], NDArray[np.int64]]:
    """Distinct names sorted, and each name's number among them."""
    outlets = sorted(set(names))
    number = {name: at for at, name in enumerate(outlets)}
    return outlets, np.fromiter((number[name] for name in names), np.int64, len(names))
