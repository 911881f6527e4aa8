"""The postings of one word of a query in one segment, scored by all forms of the word in one pass.

A posting's score is table[code] · factor[form]: the table says what its frequencies and lengths give, the factor what
the exact form that stands there counts beside the lemma. In a mixed posting, where several exact forms stand, each form
that counts more than the lemma adds what its own occurrences give: forms of one light stem never more together than if
they were one form, or BM25 would take a repeated word for several.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.retrieval.matches import Scores
from searchapp.engine.storage.pointers import distinct, run_starts
from searchapp.engine.storage.terms import LemmaTerms
from searchapp.frozen import dataclass


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

    def scores(self, table: Scores, codes: NDArray[Any]) -> Scores:
        """The scores of all postings; `codes` are theirs."""
        forms = self.lemmas.forms(self.start, self.stop)
        if self.kept is not None:
            forms = forms.take(self.kept)
        scores = self._by_form(table.take(codes), forms)
        places, pair_forms, pair_codes = self.lemmas.mixed.pairs(self.start, self.stop)
        rows = places.astype(np.int64)
        rows -= self.start
        if self.kept is not None:
            at = np.searchsorted(self.kept, rows)
            standing = np.flatnonzero(self.kept.take(at, mode="clip") == rows) if len(self.kept) else at[:0]
            rows, pair_forms, pair_codes = at.take(standing), pair_forms.take(standing), pair_codes.take(standing)
        self._add_mixed(scores, rows, pair_forms, table.take(pair_codes), lambda rows: table.take(codes.take(rows)))
        return scores

    def scores_at(self, rows: NDArray[np.intp], table: Scores, codes: NDArray[Any]) -> Scores:
        """As `scores`, of some postings; `codes` are those of all."""
        of_lemma = rows if self.kept is None else self.kept.take(rows)
        forms, codes = self.lemmas.forms(self.start, self.stop).take(of_lemma), codes.take(rows)
        scores = self._by_form(table.take(codes), forms)
        (mixed,) = (forms == self.lemmas.mixed_mark).nonzero()
        places = self.start + of_lemma.take(mixed)
        owners, pair_forms, pair_codes = self.lemmas.mixed.pairs_of(self.start, self.stop, places)
        owners = mixed.take(owners)
        self._add_mixed(scores, owners, pair_forms, table.take(pair_codes), lambda rows: table.take(codes.take(rows)))
        return scores

    def _by_form(self, scores: Scores, forms: NDArray[Any]) -> Scores:
        # The mark of mixed postings lies above all ordinals: clipped, it is the last entry.
        scores *= self.by_ordinal.take(forms, mode="clip")
        return scores

    def _add_mixed(
        self,
        scores: Scores,
        rows: NDArray[np.int64],
        forms: NDArray[Any],
        each: Scores,
        whole: Callable[[NDArray[np.int64]], Scores],
    ) -> None:
        """Add to mixed postings what the forms add there.

        Of each pair of a posting, the posting's row, rising, its form, and what the form's occurrences give; `whole`
        is what all occurrences of some postings give.
        """
        if not len(rows):
            return
        gains = (self.by_ordinal - self.by_ordinal[-1]).take(forms)
        first = run_starts(rows)
        rows, owners = rows.take(first), np.zeros(len(rows), np.intp)
        owners[first[1:]] = 1
        owners = owners.cumsum()
        added = _sums(gains * each, owners, len(rows))
        if self.light:
            beyond = _sums(each * (gains != 0), owners, len(rows)) - whole(rows)
            added -= np.float32(self.light) * np.maximum(beyond, 0)
        scores[rows] += added


def _sums(values: Scores, owners: NDArray[np.intp], count: int) -> Scores:
    """The sum of each owner's values; `reduceat` takes ten times as long where owners have few each."""
    sums = np.zeros(count, np.float32)
    np.add.at(sums, owners, values)
    return sums


READ_THROUGH: Final = 1 << 13
"""Of a list that is not longer, scores and where positions begin are found out for all postings, and kept, once they
are asked for; of a longer one, only of those postings that are asked for, if these are few."""


@dataclass(frozen=True)
class Source:
    """Where the positions of a word are read: postings of a lemma, and which of its forms is meant (None: all)."""

    lemmas: LemmaTerms
    first: int
    documents: NDArray[Any]
    kept: NDArray[np.int64] | None
    ordinal: int | None = None

    def find(self, local: NDArray[Any]) -> tuple[NDArray[np.bool_], NDArray[np.intp]]:
        """Whether each of some documents, rising, has a posting, and which posting it is where it has."""
        if not len(self.documents):
            return np.zeros(len(local), bool), np.zeros(len(local), np.intp)
        # A needle of another width would have numpy convert the whole haystack.
        rows = self.documents.searchsorted(local.astype(self.documents.dtype, copy=False))
        return self.documents.take(rows, mode="clip") == local, rows

    def places(self, rows: NDArray[np.intp]) -> NDArray[np.int64]:
        """The places of some of the postings among all of the segment."""
        return self.first + (rows if self.kept is None else self.kept.take(rows))

    def rows_in(self, local: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Places of the postings of some documents (rising), and which of the documents they are of."""
        standing, rows = self.find(local)
        (has,) = standing.nonzero()
        return self.places(rows.take(has)), has

    def position_bounds(self, rows: NDArray[np.intp]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Where the positions of some of the postings begin, of all forms, and how many there are."""
        if self.kept is not None or len(self.documents) > READ_THROUGH:
            return self.lemmas.position_bounds(self.places(rows))
        begin, bounds = self._position_bounds
        starts, stops = bounds.take(rows).astype(np.int64), bounds.take(rows + 1)
        return starts + begin, stops - starts

    @cached_property
    def _position_bounds(self) -> tuple[int, NDArray[np.uint32]]:
        return self.lemmas.all_position_bounds(self.first, self.first + len(self.documents))


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

    @cached_property
    def _scores(self) -> Scores:
        if self.factors is None:
            scores: Scores = self.table.take(self.codes)
            scores *= np.float32(self.weight)
        else:
            scores = self.factors.scores(self.table, self.codes)
        scores.flags.writeable = False
        return scores

    def scores(self) -> Scores:
        """The score of every posting; not to be changed."""
        return self._scores

    def scores_at(self, rows: NDArray[np.intp]) -> Scores:
        """The scores of some postings, rising."""
        few = len(self) > READ_THROUGH and len(rows) < len(self) // 4
        if few and self.factors is not None and "_scores" not in self.__dict__:
            return self.factors.scores_at(rows, self.table, self.codes)
        return self._scores.take(rows)


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
        documents = distinct(every)
        sums = np.bincount(documents.searchsorted(every), weights=scores, minlength=len(documents))
        return documents, sums.astype(np.float32)

    @property
    def documents(self) -> NDArray[Any]:
        """The documents, rising."""
        return self._united[0]

    def scores(self) -> Scores:
        """The score of every document; not to be changed."""
        return self._united[1]

    def scores_at(self, rows: NDArray[np.intp]) -> Scores:
        """The scores of some documents."""
        return self._united[1].take(rows)


AnyList = WordList | UnitedList
