"""Many exact forms of one segment at once: stem by stem, since the postings of a stem's forms are one list."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.retrieval.word_lists import Source
from searchapp.engine.storage.segment import Segment
from searchapp.engine.storage.terms import StemTerms


@dataclass(frozen=True, slots=True)
class StemForms:
    """Some of a stem's exact forms, by ordinal, and where the stem's postings lie. `forms` counts all its forms."""

    stems: StemTerms
    start: int
    stop: int
    ordinals: tuple[int, ...]
    forms: int

    def documents(self) -> NDArray[Any]:
        """The documents that have one of the forms, in no order; one may come again."""
        every = self.stems.postings(self.start, self.stop).documents
        if len(self.ordinals) == self.forms:
            return every
        # The mark of mixed postings lies above all ordinals: clipped, it is the last entry.
        wanted = np.zeros(self.forms + 1, bool)
        wanted[list(self.ordinals)] = True
        plain = np.flatnonzero(wanted.take(self.stems.forms(self.start, self.stop), mode="clip"))
        places, forms, _ = self.stems.mixed.pairs(self.start, self.stop)
        mixed = places[wanted.take(forms)].astype(np.int64) - self.start
        return every.take(np.concatenate([plain, mixed]))

    def sources(self) -> list[Source]:
        """Where the positions of each of the forms are read."""
        every = self.stems.postings(self.start, self.stop).documents
        return [Source(self.stems, self.start, every, None, ordinal) for ordinal in self.ordinals]


def stem_forms(segment: Segment, terms: Iterable[bytes]) -> list[StemForms]:
    """Those of the exact forms that a segment has, by their stems."""
    numbers = [number for number in map(segment.exact.dictionary.find, terms) if number >= 0]
    stems, ordinals = (segment.file.touched(f"exact/{part}").take(numbers).tolist() for part in ("stems", "ordinals"))
    by_stem: dict[int, list[int]] = defaultdict(list)
    for stem, ordinal in zip(stems, ordinals, strict=True):
        by_stem[stem].append(ordinal)
    return [
        StemForms(segment.stem, *segment.stem.bounds_of(stem), tuple(found), len(segment.stem.forms_of(stem)[0]))
        for stem, found in by_stem.items()
    ]
