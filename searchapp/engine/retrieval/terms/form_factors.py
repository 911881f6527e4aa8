"""What the exact forms of a word count beside its lemma, in all of a lemma's postings or in some."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from searchapp.compiled import Loop
from searchapp.engine.retrieval.core.matches import Scores
from searchapp.engine.retrieval.terms.list_loops import score_all, score_some
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
        found = self._by_loop(score_all, table, codes)
        if found is not None:
            return found
        forms = self.lemmas.forms(self.start, self.stop)
        if self.kept is not None:
            forms = forms.take(self.kept)
        places, pair_forms, pair_codes = self.lemmas.mixed.pairs(self.start, self.stop)
        rows = places.astype(np.int64)
        rows -= self.start
        if self.kept is not None:
            at = np.searchsorted(self.kept, rows)
            standing = np.flatnonzero(self.kept.take(at, mode="clip") == rows) if len(self.kept) else at[:0]
            rows, pair_forms, pair_codes = at.take(standing), pair_forms.take(standing), pair_codes.take(standing)
        return self._by_form(table.take(codes), forms, rows, pair_forms, table.take(pair_codes))

    def scores_at(self, rows: NDArray[np.intp], table: Scores, codes: NDArray[Any]) -> Scores:
        """As `scores`, of some postings; `codes` are those of all."""
        found = self._by_loop(score_some, table, codes, rows)
        if found is not None:
            return found
        of_lemma = rows if self.kept is None else self.kept.take(rows)
        forms = self.lemmas.forms(self.start, self.stop).take(of_lemma)
        (mixed,) = (forms == self.lemmas.mixed_mark).nonzero()
        places = self.start + of_lemma.take(mixed)
        owners, pair_forms, pair_codes = self.lemmas.mixed.pairs_of(self.start, self.stop, places)
        return self._by_form(
            table.take(codes.take(rows)), forms, mixed.take(owners), pair_forms, table.take(pair_codes)
        )

    def _by_loop(
        self, loop: Loop[..., int], table: Scores, codes: NDArray[Any], *rows: NDArray[np.intp]
    ) -> Scores | None:
        """The scores of all postings, or of those at some rows, if the loop is compiled and all postings are left."""
        if self.kept is not None:
            return None
        forms = self.lemmas.forms(self.start, self.stop)
        pairs = self.lemmas.mixed.pairs(self.start, self.stop)
        made = loop.ready(codes, forms, *pairs)
        if made is None:
            return None
        scores: Scores = np.empty(len(rows[0]) if rows else len(codes), np.float32)
        made(codes, forms, *pairs, self.start, table, self.by_ordinal, self.light, *rows, scores)
        return scores

    def _by_form(
        self, whole: Scores, forms: NDArray[Any], rows: NDArray[np.int64], pair_forms: NDArray[Any], each: Scores
    ) -> Scores:
        """The scores of postings by their forms.

        `whole` is what all occurrences of each posting give. Of each pair of a mixed posting, the posting's row, its
        form, and what the form's occurrences give.
        """
        # The mark of mixed postings lies above all ordinals: clipped, it is the last entry.
        scores = self.by_ordinal.take(forms, mode="clip")
        scores *= whole
        if len(rows):
            gains = (self.by_ordinal - self.by_ordinal[-1]).take(pair_forms)
            if self.light:
                # For all postings at once: where none of a posting's forms gains, this is not above nothing.
                beyond = _sums(each * (gains != 0), rows, len(scores))
                beyond -= whole
                np.maximum(beyond, 0, out=beyond)
                beyond *= np.float32(self.light)
                added = _sums(gains * each, rows, len(scores))
                added -= beyond
                scores += added
            else:
                scores += _sums(gains * each, rows, len(scores))
        return scores


def _sums(values: Scores, owners: NDArray[np.int64], count: int) -> Scores:
    """The sum of each owner's values; `reduceat` takes ten times as long where owners have few each."""
    sums = np.zeros(count, np.float32)
    np.add.at(sums, owners, values)
    return sums
