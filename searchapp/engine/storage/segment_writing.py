"""One segment out of several sources, written range by range, so that memory hardly grows with the segment."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.storage.codes import CodeAssigner
from searchapp.engine.storage.contents import ContentWriter, facts
from searchapp.engine.storage.file_writing import SegmentFileWriter
from searchapp.engine.storage.form_arrays import FormWriter
from searchapp.engine.storage.form_layout import mixed_mark
from searchapp.engine.storage.posting_merge import Numbering, Part, merge
from searchapp.engine.storage.postings import Postings
from searchapp.engine.storage.sources import PostingSource, PostingTotals, Source, sum_documents
from searchapp.engine.storage.vocabulary import FormPlaces, Ranks, unite

RANGE_POSITIONS: Final = 3 << 19
"""Positions that are merged at once: some 75 MB. Of the commonest word all are, about 30 bytes each."""
SYNCED_AHEAD: Final = 1 << 23
"""Bytes of documents that the disk writes while postings are merged; for fewer, one wait for it in the end is less."""

_Range = tuple[int, int, list[tuple[int, int]]]
"""The first lemma, the one behind the last, and where each part has them."""


def write_segment(path: Path, sources: Sequence[Source], threads: int = 1) -> None:
    """Write a segment of the documents of all sources, in their order, and sync it to disk.

    It takes the room of the segment on the disk, less what sources give back meanwhile, and memory for one range of
    postings, one piece of the documents, and some 100 bytes for each exact form.

    Raises:
        OSError: the disk is full or cannot be written to.
        IndexBroken: a source is a segment that does not fit its checksums.
    """
    _SegmentWriting(sources).write(path, threads)


@dataclass(frozen=True, slots=True)
class _NumberedSource:
    """A source of postings, and what turns its numbers into those of the segment.

    `lemmas` are the segment's numbers of its lemmas, in its order.
    """

    postings: PostingSource
    lemmas: NDArray[np.int64]
    numbering: Numbering

    def read(self, first: int, last: int, first_lemma: int) -> Part:
        """The postings of some of its terms that occur, with these terms' numbers from that of the first lemma on."""
        postings, ranks = self.postings.read(first, last), self.lemmas[first:last] - first_lemma
        if not (kept := ranks >= 0).all():
            postings, ranks = _only(postings, kept), ranks[kept]
        return Part(postings, ranks, self.numbering)


class _SegmentWriting:
    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = sources
        lemmas, lemma_ranks = unite([source.lemmas for source in sources])
        exact, exact_ranks = unite([source.exact for source in sources])
        self._places, lights = _forms(sources, lemma_ranks, exact_ranks, len(lemmas), len(exact))
        assigner = CodeAssigner()
        recoding = [assigner.assign(tuple(map(_wide, source.codes.columns()))) for source in sources]
        codes = assigner.table()
        self._frequencies = codes.frequencies()
        self._documents = sum_documents(source.documents for source in sources)
        postings = _sum_postings([each.totals for source in sources for each in source.postings])
        self._outlets = sorted(set().union(*(source.outlets for source in sources)))
        self._contents = ContentWriter(self._documents, self._outlets, codes)
        self._forms = FormWriter(lemmas, exact, self._places, lights, postings)
        self._sizes = {
            **self._contents.sizes(),
            **self._forms.sizes(self._documents.documents, max(len(codes) - 1, 0)),
        }
        self._parts = list(self._make_parts(lemma_ranks, exact_ranks, recoding))

    def _make_parts(
        self, lemma_ranks: Sequence[Ranks], exact_ranks: Sequence[Ranks], recoding: Sequence[NDArray[np.uint32]]
    ) -> Iterator[_NumberedSource]:
        first, ordinals = 0, self._places.ordinals
        mark = np.array([mixed_mark(ordinals)], ordinals.dtype)
        for source, lemmas, exact, codes in zip(self._sources, lemma_ranks, exact_ranks, recoding, strict=True):
            # A form that occurs no more has no number; what is read of its ordinal is never used.
            numbers = exact.take(source.form_numbers, mode="clip") if len(exact) else exact
            known = ordinals.take(numbers, mode="clip") if len(ordinals) else np.zeros(len(numbers), ordinals.dtype)
            forms = np.concatenate([known, mark])
            for postings in source.postings:
                yield _NumberedSource(postings, lemmas.take(postings.lemmas), Numbering(first, codes, forms))
            first += source.documents.documents

    def write(self, path: Path, threads: int) -> None:
        with (
            SegmentFileWriter(path, facts(self._documents), self._sizes) as file,
            ThreadPoolExecutor(max(threads - 1, 1)) as pool,
        ):
            if threads == 1:
                self._write_documents(file)
                syncing = pool.submit(file.sync) if file.written >= SYNCED_AHEAD else None
                self._write_postings(file, map(self._merged, self._ranges()))
                if syncing is not None:
                    syncing.result()
            else:
                documents = pool.submit(self._write_documents, file)
                self._write_postings(file, _ahead(pool, self._merged, self._ranges(), threads - 1))
                documents.result()
            file.finish()

    def _write_documents(self, file: SegmentFileWriter) -> None:
        self._contents.begin(file)
        number = {name: at for at, name in enumerate(self._outlets)}
        for source in self._sources:
            outlets = np.array([number[name] for name in source.outlets], np.int64)
            for piece in source.pieces():
                self._contents.add(file, piece, outlets)

    def _write_postings(self, file: SegmentFileWriter, merged: Iterable[tuple[int, Postings]]) -> None:
        self._forms.begin(file)
        for first, postings in merged:
            self._forms.add(file, first, postings, self._frequencies)
        self._forms.end(file)

    def _merged(self, lemmas: _Range) -> tuple[int, Postings]:
        """The postings of a range of lemmas, and the first of these."""
        first, last, bounds = lemmas
        parts = [part.read(*each, first) for part, each in zip(self._parts, bounds, strict=True)]
        return first, merge(parts, last - first)

    def _ranges(self) -> Iterator[_Range]:
        """Ranges of lemmas with no more than `RANGE_POSITIONS`, or one lemma, and where each part has them.

        A part may order its terms by their beginnings alone, so that a range ends where all parts agree.
        """
        count = len(self._places.pointers) - 1
        positions = np.zeros(count, np.int64)
        crossed = np.zeros(count + 1, np.int64)
        tops = []
        for part in self._parts:
            alive = part.lemmas >= 0
            positions[part.lemmas[alive]] += part.postings.position_counts[alive]
            top = np.maximum.accumulate(part.lemmas)
            below = np.minimum.accumulate(np.where(alive, part.lemmas, count)[::-1])[::-1]
            # Where a higher lemma comes before a lower one, no range may end between the two.
            out_of_order = np.flatnonzero(below[1:] < top[:-1])
            crossed += np.bincount(below[1:].take(out_of_order), minlength=count + 1)
            crossed -= np.bincount(top[:-1].take(out_of_order), minlength=count + 1)
            tops.append(top)
        ends = np.cumsum(crossed[:count]) == 0
        total = np.cumsum(positions)
        first = 0
        while first < count:
            before = int(total[first - 1]) if first else 0
            last = max(int(np.searchsorted(total, before + RANGE_POSITIONS, side="right")), first + 1)
            allowed = np.flatnonzero(ends[first:last])
            last = first + int(allowed[-1]) + 1 if len(allowed) else last + int(ends[last - 1 :].argmax())
            yield first, last, [(int(np.searchsorted(top, first)), int(np.searchsorted(top, last))) for top in tops]
            first = last


def _ahead(
    pool: ThreadPoolExecutor, work: Callable[[_Range], tuple[int, Postings]], ranges: Iterator[_Range], ahead: int
) -> Iterator[tuple[int, Postings]]:
    """What `work` makes of each range, in order; so many are worked on while one is used."""
    waiting: deque[Future[tuple[int, Postings]]] = deque()
    for one in ranges:
        waiting.append(pool.submit(work, one))
        if len(waiting) > ahead:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _only(postings: Postings, keep: NDArray[np.bool_]) -> Postings:
    """Without terms that occur no more: they have no number, and no postings."""
    return replace(
        postings,
        terms=postings.terms[keep],
        document_counts=postings.document_counts[keep],
        position_counts=postings.position_counts[keep],
    )


def _wide(column: NDArray[Any]) -> NDArray[np.int64]:
    return column.astype(np.int64)


def _forms(
    sources: Sequence[Source], lemma_ranks: Sequence[Ranks], exact_ranks: Sequence[Ranks], lemmas: int, exact: int
) -> tuple[FormPlaces, NDArray[np.uint32]]:
    """Where each exact form stands among those of its lemma, and the hash of its light stem."""
    lemma_of, lights = np.zeros(exact, np.int64), np.zeros(exact, np.uint32)
    for source, of_lemmas, numbers in zip(sources, lemma_ranks, exact_ranks, strict=True):
        used = np.flatnonzero(numbers >= 0)
        lemma_of[numbers.take(used)] = of_lemmas.take(source.lemma_of_exact.take(used))
        lights[numbers.take(used)] = source.lights.take(used)
    return FormPlaces.of(lemma_of, lemmas), lights


def _sum_postings(totals: Sequence[PostingTotals]) -> PostingTotals:
    return PostingTotals(
        sum(each.postings for each in totals),
        sum(each.positions for each in totals),
        max((each.position for each in totals), default=0),
        sum(each.mixed for each in totals),
        sum(each.pairs for each in totals),
        sum(each.mixed_positions for each in totals),
    )
