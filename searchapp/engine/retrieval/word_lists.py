"""The postings of one word of a query in one segment, scored by all forms of the word in one pass.

A posting's score is table[code] · factor[form]: the table says what its frequencies and lengths give, the factor what
the exact form that stands there counts beside the lemma. In a mixed posting, where several exact forms stand, each form
that counts more than the lemma adds what its own occurrences give: forms of one light stem never more together than if
they were one form, or BM25 would take a repeated word for several.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.storage.terms import LemmaTerms

Scores = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class FormFactors:
    """What the forms of a lemma count in its postings [start, stop).

    `by_ordinal` (F + 1) is the factor of each of its F exact forms; the last entry is that of the lemma alone, and
    serves mixed postings. `light` is what a form of the same light stem counts more. `kept` are the rows that are left
    of the postings, None for all.
    """

    lemmas: LemmaTerms
    start: int
    stop: int
    by_ordinal: Scores
    light: float
    kept: NDArray[np.int64] | None

    def of(self, rows: NDArray[np.intp] | None) -> Scores:
        """The factors of some postings; None for all."""
        forms = self.lemmas.forms(self.start, self.stop)
        if self.kept is not None:
            forms = forms.take(self.kept)
        if rows is not None:
            forms = forms.take(rows)
        # The mark of mixed postings lies above all ordinals: clipped, it is the last entry.
        factors: Scores = self.by_ordinal.take(forms, mode="clip")
        return factors

    def of_mixed(self, table: Scores, codes: NDArray[Any]) -> tuple[NDArray[np.int64], Scores]:
        """Rows of mixed postings, rising, and what the forms add there; `codes` are those of all rows."""
        places, forms, form_codes = self.lemmas.mixed.pairs(self.start, self.stop)
        gains = self.by_ordinal.take(forms) - self.by_ordinal[-1]
        counting = np.flatnonzero(gains)
        rows = places.take(counting).astype(np.int64) - self.start
        if self.kept is not None and len(counting):
            at = np.searchsorted(self.kept, rows)
            standing = np.flatnonzero(self.kept.take(at, mode="clip") == rows) if len(self.kept) else at[:0]
            rows, counting = at.take(standing), counting.take(standing)
        if not len(counting):
            return rows, gains[:0]
        each = table.take(form_codes.take(counting))
        first = np.flatnonzero(np.concatenate([[True], rows[1:] != rows[:-1]]))
        rows = rows.take(first)
        added = np.add.reduceat(gains.take(counting) * each, first)
        if self.light:
            beyond = np.add.reduceat(each, first) - table.take(codes.take(rows))
            added -= np.float32(self.light) * beyond.clip(min=0)
        return rows, added


@dataclass(frozen=True, slots=True)
class Source:
    """Where the positions of a word are read: postings of a lemma, and which of its forms is meant (None: all)."""

    lemmas: LemmaTerms
    first: int
    documents: NDArray[Any]
    kept: NDArray[np.int64] | None
    ordinal: int | None = None

    def rows_in(self, local: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Places of the postings of some documents (rising), and which of the documents they are of."""
        if not len(self.documents):
            return local[:0], local[:0]
        rows = self.documents.searchsorted(local.astype(self.documents.dtype))
        has = np.flatnonzero(self.documents.take(rows, mode="clip") == local)
        rows = rows.take(has)
        return self.first + (rows if self.kept is None else self.kept.take(rows)), has

    def rows_of(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """The rows of the postings at these places."""
        rows = places - self.first
        return rows if self.kept is None else self.kept.searchsorted(rows)


@dataclass(frozen=True)
class WordList:
    """A word's postings in one segment; `base` is the number of the segment's first document.

    `table` is code → score at weight 1; each posting counts `weight`, or what `factors` says of its form.
    """

    documents: NDArray[Any]
    codes: NDArray[Any]
    base: int
    table: Scores
    weight: float
    source: Source
    factors: FormFactors | None = None

    def __len__(self) -> int:
        return len(self.documents)

    @property
    def sources(self) -> tuple[Source, ...]:
        """Where its positions are read."""
        return (self.source,)

    def scores(self) -> Scores:
        """The score of every posting."""
        scores = self.table.take(self.codes)
        if self.factors is None:
            scores *= np.float32(self.weight)
            return scores
        scores *= self.factors.of(None)
        rows, gains = self.factors.of_mixed(self.table, self.codes)
        scores[rows] += gains
        return scores

    def scores_at(self, rows: NDArray[np.intp]) -> Scores:
        """The scores of some postings, rising."""
        scores = self.table.take(self.codes.take(rows))
        if self.factors is None:
            scores *= np.float32(self.weight)
            return scores
        scores *= self.factors.of(rows)
        mixed, gains = self.factors.of_mixed(self.table, self.codes)
        if len(mixed) and len(rows):
            at = rows.searchsorted(mixed)
            hit = np.flatnonzero(rows.take(at, mode="clip") == mixed)
            scores[at.take(hit)] += gains.take(hit)
        return scores


@dataclass(frozen=True)
class UnitedList:
    """One word in several spellings: each document once, with the sum of what they give. The word as asked is first."""

    parts: Sequence[WordList]
    base: int

    def __len__(self) -> int:
        return len(self.documents)

    @property
    def sources(self) -> tuple[Source, ...]:
        """Where its positions are read."""
        return tuple(part.source for part in self.parts)

    @cached_property
    def _united(self) -> tuple[NDArray[Any], Scores]:
        every = np.concatenate([part.documents for part in self.parts])
        scores = np.concatenate([part.scores() for part in self.parts])
        documents, owners = np.unique(every, return_inverse=True)
        return documents, np.bincount(owners, weights=scores, minlength=len(documents)).astype(np.float32)

    @property
    def documents(self) -> NDArray[Any]:
        """The documents, rising."""
        return self._united[0]

    def scores(self) -> Scores:
        """The score of every document."""
        return self._united[1].copy()

    def scores_at(self, rows: NDArray[np.intp]) -> Scores:
        """The scores of some documents."""
        return self._united[1].take(rows)


AnyList = WordList | UnitedList
