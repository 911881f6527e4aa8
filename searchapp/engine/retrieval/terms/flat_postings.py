"""The postings of a word as loops read them: stretches of the flat arrays of a segment."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from searchapp.compiled import Float32s, Float64s, Int64s
from searchapp.engine.retrieval.boolean.intersection_loops import add_scores
from searchapp.engine.storage.terms import LemmaTerms


class FlatPostings:
    """The postings [start, stop) of a lemma among all of its segment; their documents and codes are checked.

    What else is read of them is checked when it is first asked for.
    """

    __slots__ = ("_mixed", "lemmas", "start", "stop")

    def __init__(self, lemmas: LemmaTerms, start: int, stop: int) -> None:
        self.lemmas, self.start, self.stop = lemmas, start, stop
        self._mixed: tuple[int, int] | None = None

    def mixed(self) -> tuple[int, int]:
        """Where its mixed postings lie; all that loops read of it is checked then, but not the positions."""
        if self._mixed is None:
            self.lemmas.forms(self.start, self.stop)
            self.lemmas.check_skips(self.start, self.stop)
            self._mixed = self.lemmas.mixed.bounds(self.start, self.stop)
        return self._mixed


class FlatWord:
    """A word by all postings of its lemma in a segment, and what its forms count.

    `table` is code → score at weight 1, `by_form` the factors of its forms by ordinal, and the lemma's alone at the
    end; `light` is what a form of the same light stem counts more, `most` what several forms count together at
    most. `best` are the highest score of its postings and the lowest of the best of them (`word_lists.Head`), once
    these have been found.
    """

    __slots__ = ("_by_form", "_known", "_light", "best", "count", "lemmas", "most", "start", "table")

    def __init__(
        self, lemmas: LemmaTerms, bounds: tuple[int, int], table: Float32s, by_form: Float32s, light: float, most: float
    ) -> None:
        self.lemmas, self.start, self.table, self.most = lemmas, bounds[0], table, most
        self.count = bounds[1] - bounds[0]
        self._by_form, self._light = by_form, light
        self._known: Float64s | None = None
        self.best: tuple[float, float] | None = None

    def known(self) -> Float64s:
        """What loops are to know of it, as `intersection_loops` says; what they read is checked."""
        if self._known is None:
            stop = self.start + self.count
            self.lemmas.forms(self.start, stop)
            pairs = self.lemmas.mixed.pair_bounds(self.start, stop)
            numbers = np.array([self.start, stop, *pairs, len(self._by_form) - 1], np.float64)
            self._known = np.concatenate([numbers, self._by_form, np.array([self._light], np.float32)])
        return self._known

    def scores_at(self, places: Int64s) -> Float32s | None:
        """The scores of the postings at some places, rising; None where no loop is to be had."""
        arrays = self.lemmas.arrays.scored[1:]
        made: Callable[..., int] | None = add_scores.ready(*arrays)
        if made is None:
            return None
        scores = np.zeros(len(places), np.float32)
        made(*arrays, self.table, self.known(), places, scores)
        return scores
