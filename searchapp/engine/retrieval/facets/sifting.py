"""What passes the filters of a request, and what its facets count, both from one look at what matches."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.retrieval.boolean.common_words import ALL_PASS, CommonWords, Passing
from searchapp.engine.retrieval.core.matches import Documents, Matches
from searchapp.engine.retrieval.facets.copies import (
    LATEST,
    NO_FLAGS,
    UNDATED,
    CopyColumns,
    CopyFilter,
    Flags,
    PlainCondition,
)
from searchapp.engine.retrieval.facets.facet_pairs import Pairs
from searchapp.engine.retrieval.facets.facet_rows import Rows
from searchapp.engine.retrieval.facets.sifting_loops import DAYS_OF_MONTH, HEAD, PASSING, sift
from searchapp.frozen import dataclass

_NO_DOCUMENTS: Final = np.empty(0, np.int64)
_NO_SCORES: Final = np.empty(0, np.float32)


class Sifted(NamedTuple):
    """What passes all filters, and what facets count, each without its own filter."""

    passing: Matches
    rows: Rows


_sifted: Final[Callable[[tuple[Matches, Rows]], Sifted]] = partial(tuple.__new__, Sifted)
"""As the class makes them, in one step."""


@dataclass(frozen=True, slots=True)
class Sieve:
    """The filters of a request as the loop takes them: the first four are its arrays.

    `keeps_all` says that nothing is filtered, and `room` how many numbers what is found may be.
    """

    days: NDArray[np.int32]
    pairs: NDArray[Any]
    limits: NDArray[np.int64]
    allowed_pairs: Flags
    passing: Passing
    room: int
    keeps_all: bool

    @classmethod
    def of(cls, filters: CopyFilter, columns: CopyColumns) -> Sieve | None:
        """That of some filters; None where stories may have several copies, or where filters are not as simple."""
        pairs = Pairs.kept(columns) if columns.documents is None else None
        span, when = filters.span or PlainCondition(columns), filters.when or PlainCondition(columns)
        if pairs is None or not (isinstance(span, PlainCondition) and isinstance(when, PlainCondition)):
            return None
        first, last = max(span.first, when.first), min(span.last, when.last)
        allowed_pairs = NO_FLAGS if filters.allowed is None else np.tile(filters.allowed, len(pairs.numbers))
        days = np.ascontiguousarray(columns.days, np.int32)
        passing = Passing(
            ALL_PASS.pairs if filters.allowed is None else pairs.of_copies,
            days if first > UNDATED or last < LATEST else ALL_PASS.days,
            np.array([first, last], np.int64),
            allowed_pairs,
        )
        return cls(
            days,
            pairs.of_copies,
            np.array([span.first, span.last, when.first, when.last, pairs.outlets, *pairs.numbers], np.int64),
            allowed_pairs,
            passing,
            HEAD + 2 * pairs.outlets + 4 * len(pairs.numbers) + 2 * DAYS_OF_MONTH,
            filters.passing() is None,
        )

    @property
    def nbytes(self) -> int:
        """How much memory it has of its own, about."""
        return self.limits.nbytes + self.allowed_pairs.nbytes

    def sift(self, matches: Matches) -> Sifted | None:
        """What passes of some matches, and what facets count of them; None where the loop is not to be had.

        Nor of matches of which the documents are found only when they are asked for: what is wanted of these is found
        without.
        """
        made = sift.ready(self.pairs)
        if made is None or matches.is_late:
            return None
        if self.keeps_all:
            return self._counted(made, matches.documents, matches)
        # Some can leave the rest out before they are scored.
        before = matches.that_are(self.passing) if isinstance(matches, CommonWords) else None
        return self._both(made, matches) if before is None else self._counted(made, *before)

    def _counted(self, made: Callable[..., int], documents: Documents, passing: Matches) -> Sifted:
        """What facets count of all documents, where it is known what passes."""
        found, every = np.empty(self.room, np.int64), np.ascontiguousarray(documents, np.int64)
        end = made(every, _NO_SCORES, *self._arrays, _NO_DOCUMENTS, _NO_SCORES, found)
        return _sifted((passing, Rows.of_numbers(found[:end].tolist())))

    def _both(self, made: Callable[..., int], matches: Matches) -> Sifted:
        documents, scores = (
            np.ascontiguousarray(matches.documents, np.int64),
            np.ascontiguousarray(matches.scores, np.float32),
        )
        passing, passing_scores = np.empty(len(scores), np.int64), np.empty(len(scores), np.float32)
        found = np.empty(self.room, np.int64)
        end = made(documents, scores, *self._arrays, passing, passing_scores, found)
        numbers = found[:end].tolist()
        count = numbers[PASSING]
        return _sifted((Matches(passing[:count], passing_scores[:count]), Rows.of_numbers(numbers)))

    @property
    def _arrays(self) -> tuple[NDArray[Any], ...]:
        return self.days, self.pairs, self.limits, self.allowed_pairs
