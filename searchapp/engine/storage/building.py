"""From batches of documents to one segment file: runs are inverted as they fill, and merged when it is written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from searchapp.analysis.batch import BatchAnalyzer
from searchapp.analysis.token_filters import LightStemmer
from searchapp.engine.storage.codes import CodeAssigner
from searchapp.engine.storage.container import write_segment_file
from searchapp.engine.storage.contents import SegmentContents, segment_arrays
from searchapp.engine.storage.documents import DocumentBatch
from searchapp.engine.storage.form_arrays import light_hash
from searchapp.engine.storage.pointers import sizes
from searchapp.engine.storage.postings import MIXED, Postings, TokenStream, invert, merge, renumber_forms
from searchapp.engine.storage.text_store import join_texts
from searchapp.engine.storage.token_offsets import join_offsets

RUN_TOKENS: Final = 1 << 20
"""Tokens inverted at once: the sort's working set stays in the processor's cache."""
SEGMENT_TOKENS: Final = 24 << 20
"""Tokens held before a segment has to be written: about 2.4 GB at the most while it is made (bench/results)."""


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
    _runs: list[Postings] = field(default_factory=list)

    def add(self, batch: DocumentBatch) -> None:
        """Take documents in; they get the next numbers."""
        self.batches.append(batch)
        self._waiting.append(batch)
        self._waiting_tokens += len(batch.tokens.stem)
        self.tokens += len(batch.tokens.stem)
        if self._waiting_tokens >= RUN_TOKENS:
            self._invert()

    def is_full(self) -> bool:
        """True when the segment should be written before more is added."""
        return self.tokens >= SEGMENT_TOKENS

    def _invert(self) -> None:
        stream = _join_streams([batch.tokens for batch in self._waiting])
        self._runs.append(invert(stream, self.documents, self._codes))
        self.documents += sum(len(batch.numbers) for batch in self._waiting)
        self._waiting, self._waiting_tokens = [], 0

    def write(self, path: Path) -> None:
        """Write the segment and sync it to disk."""
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
        write_segment_file(path, *segment_arrays(contents, *self._postings()))

    def _postings(self) -> tuple[Postings, list[bytes], list[bytes], NDArray[np.uint32]]:
        """The merged postings, the stems and exact forms that they number, sorted by their bytes, and light hashes."""
        stems, stem_rank = _sorted_terms(self.analyzer.stem_terms, (run.terms for run in self._runs))
        plain = (run.forms[run.forms != MIXED] for run in self._runs)
        mixed = (run.mixed.pair_forms for run in self._runs)
        exact, exact_rank = _sorted_terms(self.analyzer.exact_terms, chain(plain, mixed))
        merged = merge(self._runs, [stem_rank.take(run.terms).astype(np.int64) for run in self._runs], len(stems))
        self._runs.clear()
        return renumber_forms(merged, exact_rank), stems, exact, light_hashes(exact)


def light_hashes(exact: Sequence[bytes]) -> NDArray[np.uint32]:
    """The crc32 of each exact form's light stem."""
    light = LightStemmer().filter
    hashes = (light_hash(light(form.decode("utf-8", "surrogatepass"))) for form in exact)
    return np.fromiter(hashes, np.uint32, len(exact))


def _sorted_terms(names: Sequence[str], used: Iterable[NDArray[Any]]) -> tuple[list[bytes], NDArray[np.uint32]]:
    """The terms that are used, sorted by their bytes, and each old number's new one."""
    is_used = np.zeros(len(names), bool)
    for numbers in used:
        is_used[numbers] = True
    spelled = {number: names[number].encode("utf-8", "surrogatepass") for number in np.flatnonzero(is_used).tolist()}
    order = sorted(spelled, key=spelled.__getitem__)
    rank = np.zeros(len(names), np.uint32)
    rank[order] = np.arange(len(order))
    return [spelled[number] for number in order], rank


def _join_streams(streams: Sequence[TokenStream]) -> TokenStream:
    bases = np.cumsum([0, *(len(stream.stem) for stream in streams)])
    pointers = [stream.pointers[1:] + base for stream, base in zip(streams, bases, strict=False)]
    return TokenStream(
        np.concatenate([stream.exact for stream in streams]),
        np.concatenate([stream.stem for stream in streams]),
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
