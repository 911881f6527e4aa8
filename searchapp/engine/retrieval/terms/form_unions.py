"""Many exact forms of one segment at once: lemma by lemma, since the postings of a lemma's forms are one list."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.retrieval.terms.word_lists import Source
from searchapp.engine.storage.segment import Segment
from searchapp.engine.storage.terms import LemmaTerms
from searchapp.frozen import dataclass


@dataclass(frozen=True, slots=True)
class LemmaForms:
    """Some of a lemma's exact forms, by ordinal, and where the lemma's postings lie. `forms` counts all its forms."""

    lemmas: LemmaTerms
    start: int
    stop: int
    ordinals: tuple[int, ...]
    forms: int

    def documents(self) -> NDArray[Any]:
        """The documents that have one of the forms, in no order; one may come again."""
        every = self.lemmas.postings(self.start, self.stop).documents
        if len(self.ordinals) == self.forms:
            return every
        # The mark of mixed postings lies above all ordinals: clipped, it is the last entry.
        wanted = np.zeros(self.forms + 1, bool)
        wanted[list(self.ordinals)] = True
        plain = np.flatnonzero(wanted.take(self.lemmas.forms(self.start, self.stop), mode="clip"))
        places, forms, _ = self.lemmas.mixed.pairs(self.start, self.stop)
        mixed = places[wanted.take(forms)].astype(np.int64) - self.start
        return every.take(np.concatenate([plain, mixed]))

    def sources(self) -> list[Source]:
        """Where the positions of each of the forms are read."""
        every = self.lemmas.postings(self.start, self.stop).documents
        return [Source(self.lemmas, self.start, every, None, ordinal) for ordinal in self.ordinals]


def lemma_forms(segment: Segment, terms: Iterable[bytes]) -> list[LemmaForms]:
    """Those of the exact forms that a segment has, by their lemmas."""
    numbers = [number for number in map(segment.exact.dictionary.find, terms) if number >= 0]
    lemmas, ordinals = (segment.file.touched(f"exact/{part}").take(numbers).tolist() for part in ("lemmas", "ordinals"))
    by_lemma: dict[int, list[int]] = defaultdict(list)
    for lemma, ordinal in zip(lemmas, ordinals, strict=True):
        by_lemma[lemma].append(ordinal)
    return [
        LemmaForms(segment.lemma, *segment.lemma.bounds_of(lemma), tuple(found), len(segment.lemma.forms_of(lemma)[0]))
        for lemma, found in by_lemma.items()
    ]
