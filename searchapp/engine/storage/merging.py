"""Several segments into one, without their deleted documents; texts are copied as stored, nothing is analysed again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.storage.codes import FIELDS, CodeAssigner
from searchapp.engine.storage.container import write_segment_file
from searchapp.engine.storage.contents import SegmentContents, segment_arrays
from searchapp.engine.storage.dictionary import TermDictionary
from searchapp.engine.storage.pointers import sizes
from searchapp.engine.storage.postings import MIXED, Postings, keep_documents, merge, renumber_forms
from searchapp.engine.storage.segment import Segment
from searchapp.engine.storage.text_store import StoredTexts, join_texts
from searchapp.engine.storage.token_offsets import TokenOffsets, join_offsets

MERGE_FACTOR: Final = 8
"""So many segments of about one size become one: each document is rewritten log8(N) times in its life."""
SMALLEST_LEVEL: Final = 1024
"""Segments up to so many documents count as one size."""


@dataclass(frozen=True, slots=True)
class LiveSegment:
    """A segment and which of its documents are deleted (None: none is)."""

    segment: Segment
    deleted: NDArray[np.bool_] | None

    @property
    def live(self) -> int:
        """How many documents are not deleted."""
        return self.segment.documents - (0 if self.deleted is None else int(self.deleted.sum()))


def choose_merge(sizes: Sequence[int]) -> list[int]:
    """Which segments to merge, by their live sizes: the places of `MERGE_FACTOR` or more of one level, else none."""
    levels: dict[int, list[int]] = {}
    for place, size in enumerate(sizes):
        level = 0
        while size > SMALLEST_LEVEL * MERGE_FACTOR**level:
            level += 1
        levels.setdefault(level, []).append(place)
    return next((places for _, places in sorted(levels.items()) if len(places) >= MERGE_FACTOR), [])


def merge_segments(parts: Sequence[LiveSegment], path: Path) -> None:
    """Write one segment with the live documents of all parts, in their order."""
    kept = [_kept(part) for part in parts]
    renumbering, documents = [], 0
    for keep in kept:
        new = np.cumsum(keep) - 1 + documents
        new[~keep] = -1
        renumbering.append(new)
        documents += int(keep.sum())
    assigner = CodeAssigner()
    recoding = [
        assigner.assign(tuple(column.astype(np.int64) for column in part.segment.codes.columns())) for part in parts
    ]
    merged = _merge_postings(parts, renumbering, recoding)
    outlets, outlet_codes = _merge_outlets(parts, kept)
    contents = SegmentContents(
        numbers=_column(parts, kept, "story/numbers"),
        sequences=_column(parts, kept, "story/sequences"),
        records=[record for part, keep in zip(parts, kept, strict=True) for record in _records(part.segment, keep)],
        texts=join_texts([_texts(part.segment, keep) for part, keep in zip(parts, kept, strict=True)]),
        offsets=join_offsets([_offsets(part.segment, keep) for part, keep in zip(parts, kept, strict=True)]),
        lengths=np.stack([_column(parts, kept, f"length/{name}").astype(np.uint32) for name in FIELDS]),
        copies=np.concatenate([_copy_counts(part.segment)[keep] for part, keep in zip(parts, kept, strict=True)]),
        copy_outlets=outlet_codes,
        copy_dates=np.concatenate(
            [_of_copies(part.segment, keep, "copy/dates") for part, keep in zip(parts, kept, strict=True)]
        ),
        outlets=outlets,
        codes=assigner.table(),
    )
    write_segment_file(path, *segment_arrays(contents, *merged))


def _kept(part: LiveSegment) -> NDArray[np.bool_]:
    return np.ones(part.segment.documents, bool) if part.deleted is None else ~part.deleted


def _column(parts: Sequence[LiveSegment], kept: Sequence[NDArray[np.bool_]], name: str) -> NDArray[Any]:
    return np.concatenate([part.segment.column(name)[keep] for part, keep in zip(parts, kept, strict=True)])


def _merge_postings(
    parts: Sequence[LiveSegment], renumbering: Sequence[NDArray[np.int64]], recoding: Sequence[NDArray[np.uint32]]
) -> tuple[Postings, list[bytes], list[bytes], NDArray[np.uint32]]:
    """The merged postings, the stems and exact forms that they number, sorted by their bytes, and the light hashes."""
    postings, stems, exact, used = [], [], [], []
    for part, new, codes in zip(parts, renumbering, recoding, strict=True):
        segment = part.segment
        left = keep_documents(segment.stem.all_postings(), new, segment.frequencies)
        mixed = replace(left.mixed, pair_codes=codes.take(left.mixed.pair_codes))
        postings.append(replace(left, codes=codes.take(left.codes), mixed=mixed))
        stems.append(_spell(segment.stem.dictionary, left.terms))
        used.append(_forms_in(left))
        exact.append(_spell(segment.exact.dictionary, used[-1]))
    all_stems, stem_ranks = _unite(stems)
    all_exact, exact_ranks = _unite(exact)
    renumbered, lights = [], np.zeros(len(all_exact), np.uint32)
    for part, one, old, forms in zip(parts, postings, used, exact_ranks, strict=True):
        rank = np.zeros(int(old.max(initial=0)) + 1, np.uint32)
        rank[old] = forms
        renumbered.append(renumber_forms(one, rank))
        lights[forms] = part.segment.exact.light_hashes().take(old)
    return merge(renumbered, stem_ranks, len(all_stems)), all_stems, all_exact, lights


def _spell(dictionary: TermDictionary, numbers: NDArray[np.int64]) -> list[bytes]:
    terms = list(dictionary.terms(0, len(dictionary)))
    return [terms[number] for number in numbers.tolist()]


def _forms_in(postings: Postings) -> NDArray[np.int64]:
    """The numbers of the exact forms that occur, rising."""
    plain = postings.forms[postings.forms != MIXED]
    return np.unique(np.concatenate([plain, postings.mixed.pair_forms])).astype(np.int64)


def _unite(spelled: Sequence[list[bytes]]) -> tuple[list[bytes], list[NDArray[np.int64]]]:
    """All terms sorted, and for each list the places of its terms among them."""
    every = sorted(set().union(*spelled))
    rank = {term: number for number, term in enumerate(every)}
    return every, [np.fromiter((rank[term] for term in terms), np.int64, len(terms)) for terms in spelled]


def _copy_counts(segment: Segment) -> NDArray[np.int64]:
    return sizes(segment.column("copy/pointers"))


def _of_copies(segment: Segment, keep: NDArray[np.bool_], name: str) -> NDArray[Any]:
    """A copy column, without the copies of documents that go."""
    return segment.column(name)[np.repeat(keep, _copy_counts(segment))]


def _merge_outlets(
    parts: Sequence[LiveSegment], kept: Sequence[NDArray[np.bool_]]
) -> tuple[list[str], NDArray[np.int64]]:
    outlets = sorted(set().union(*(part.segment.outlets for part in parts)))
    number = {name: at for at, name in enumerate(outlets)}
    codes = []
    for part, keep in zip(parts, kept, strict=True):
        new = np.array([number[name] for name in part.segment.outlets], np.int64)
        codes.append(new.take(_of_copies(part.segment, keep, "copy/outlets")))
    return outlets, np.concatenate(codes)


def _records(segment: Segment, keep: NDArray[np.bool_]) -> list[bytes]:
    data = bytes(segment.column("story/records"))
    bounds = segment.column("story/record_pointers").tolist()
    return [data[bounds[at] : bounds[at + 1]] for at in np.flatnonzero(keep).tolist()]


def _texts(segment: Segment, keep: NDArray[np.bool_]) -> StoredTexts:
    for name in ("data", "pointers", "escape_places", "escape_characters"):
        segment.column(f"text/{name}")
    stored = segment.texts
    lengths = sizes(stored.pointers)
    characters = np.repeat(keep, lengths)
    before = np.concatenate([[0], np.cumsum(characters)])
    escapes = characters.take(stored.escape_places)
    return StoredTexts(
        stored.data[characters],
        np.concatenate([[0], np.cumsum(lengths[keep])]),
        before.take(stored.escape_places[escapes]),
        stored.escape_characters[escapes],
    )


def _offsets(segment: Segment, keep: NDArray[np.bool_]) -> TokenOffsets:
    for name in ("steps", "lengths", "wide_tokens", "wide_steps", "wide_lengths"):
        segment.column(f"token/{name}")
    stored = segment.offsets
    tokens = np.repeat(keep, sizes(segment.column("token/pointers")))
    before = np.concatenate([[0], np.cumsum(tokens)])
    wide = tokens.take(stored.wide_tokens)
    return TokenOffsets(
        stored.steps[tokens],
        stored.lengths[tokens],
        before.take(stored.wide_tokens[wide]),
        stored.wide_steps[wide],
        stored.wide_lengths[wide],
    )
