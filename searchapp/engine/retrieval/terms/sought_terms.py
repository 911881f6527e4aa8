"""What is looked up of a query's words, and what is found: postings segment by segment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.retrieval.terms.flat_postings import FlatPostings
from searchapp.engine.storage.segment import Segment
from searchapp.engine.storage.terms import TermPostings
from searchapp.frozen import dataclass


@dataclass(frozen=True, slots=True)
class PlacedPostings:
    """A term's postings in one segment; `base` is the number of the segment's first document.

    Of a lemma, `flat` are all postings, these or those that these are of. `picked` are the postings; None for all of
    the lemma, which loops read without them.
    """

    segment: Segment
    base: int
    flat: FlatPostings | None
    picked: TermPostings | None

    @property
    def postings(self) -> TermPostings:
        """The postings."""
        if self.picked is not None:
            return self.picked
        flat = cast(FlatPostings, self.flat)  # then they are a lemma's
        return flat.lemmas.postings(flat.start, flat.stop)

    def documents(self) -> NDArray[np.intp]:
        """The documents, numbered through."""
        found = self.postings.documents.astype(np.intp)
        if self.base:
            found += self.base
        return found


@dataclass(frozen=True, slots=True)
class TermList:
    """One term of one form. `frequency` is its document frequency, `idf` follows from it."""

    parts: tuple[PlacedPostings, ...]
    frequency: int
    idf: float

    def documents(self) -> NDArray[np.intp]:
        """The documents that have the term, rising."""
        return join([part.documents() for part in self.parts])


class KnownForm(NamedTuple):
    """Which of its lemma's forms an exact form is in each segment, by the segment's first document (−1: none).

    `idf` follows from its document frequency in all of them.
    """

    ordinals: Mapping[int, int]
    idf: float


class PhraseWeights(NamedTuple):
    """What scores of phrases are made of (`phrase_loops.NUMBERS`) where all idfs are 1, and what all fields give."""

    numbers: NDArray[np.float64]
    fields: float


class SoughtWord(NamedTuple):
    """A word to be looked up by all its forms. `variants` are other spellings: their lemmas, and how much like it."""

    exact: str
    lemma: str
    light: str
    variants: tuple[tuple[str, float], ...] = ()


def join(arrays: Sequence[NDArray[np.intp]]) -> NDArray[np.intp]:
    """Arrays one after the other."""
    if len(arrays) == 1:
        return arrays[0]
    return np.concatenate(arrays) if arrays else np.empty(0, np.intp)
