"""The postings of a word as loops read them: stretches of the flat arrays of a segment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from searchapp.compiled import Float32s, Int64s
from searchapp.engine.retrieval.boolean.intersection_loops import FACTORS, LOWER_BITS, add_scores
from searchapp.engine.storage.terms import LemmaTerms

_LOWER: Final = (1 << LOWER_BITS) - 1


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

    __slots__ = ("_by_form", "_known", "best", "count", "has_forms", "lemmas", "light", "most", "start", "table")

    def __init__(
        self, lemmas: LemmaTerms, bounds: tuple[int, int], table: Float32s, by_form: Float32s, light: float, most: float
    ) -> None:
        self.lemmas, self.start, self.table, self.most = lemmas, bounds[0], table, most
        self.count = bounds[1] - bounds[0]
        self.has_forms, self.light = len(by_form) > 1, light
        # As bytes, of which each takes a hundred less than an array: a server has many words.
        self._by_form: bytes | None = by_form.tobytes()
        self._known: bytes | None = None
        self.best: tuple[float, float] | None = None

    def documents(self) -> NDArray[Any]:
        """The documents, rising, numbered from the segment's first."""
        return self.lemmas.arrays.scored[0][self.start : self.start + self.count]

    def codes(self) -> NDArray[Any]:
        """The code of each posting."""
        return self.lemmas.arrays.scored[1][self.start : self.start + self.count]

    def by_form(self) -> Float32s:
        """The factors of its forms by ordinal, and the lemma's alone at the end."""
        by_form = self._by_form
        if by_form is None:
            return np.frombuffer(self.known(), np.float32)[FACTORS:-1]
        return np.frombuffer(by_form, np.float32)

    def known(self) -> bytes:
        """What loops are to know of it, for `known_of`; what they read is checked."""
        known = self._known
        if known is None:
            stop, by_form = self.start + self.count, self.by_form()
            self.lemmas.forms(self.start, stop)
            pairs = self.lemmas.mixed.pair_bounds(self.start, stop)
            numbers = (self.start, stop, *pairs, len(by_form) - 1)
            halves = [half for number in numbers for half in (number >> LOWER_BITS, number & _LOWER)]
            every = np.concatenate([np.array(halves, np.float32), by_form, np.array([self.light], np.float32)])
            known = self._known = every.tobytes()
            self._by_form = None  # it is in there
        return known

    def scores_at(self, places: Int64s) -> Float32s | None:
        """The scores of the postings at some places, rising; None where no loop is to be had."""
        arrays = self.lemmas.arrays.scored[1:]
        made: Callable[..., int] | None = add_scores.ready(*arrays)
        if made is None:
            return None
        scores = np.zeros(len(places), np.float32)
        made(*arrays, self.table, known_of([self]), places, scores)
        return scores


def known_of(words: Sequence[FlatWord]) -> Float32s:
    """What loops are to know of some words, one after the other, as `intersection_loops` says. Raises as `known`."""
    return np.frombuffer(b"".join([one.known() for one in words]), np.float32)
