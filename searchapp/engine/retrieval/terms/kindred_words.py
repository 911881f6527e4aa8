"""Words that are kindred to one of a query's: which they are, and where their postings lie."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from searchapp.analysis.lexicon import default_lexicon
from searchapp.engine.retrieval.core.matches import Scores
from searchapp.engine.retrieval.terms.word_lists import Stretch, WordList

KINDRED_REMEMBERED: Final = 1 << 14
"""Lemmas whose kindred are kept at hand: a few megabytes."""

KindredStretch = tuple[int, Stretch, Scores]
"""The first document of a segment, where all postings of a lemma lie among its own, and what their codes give."""


class Kindred(NamedTuple):
    """The postings of `number` kindred words, one counted anew in each segment.

    `stretches` say of each segment, by its first document, where these lie among all its postings, start and stop of
    one after the other, and what their codes give; None where they are picked out of others. `lists` are None where
    loops read the stretches and have no need of them.
    """

    number: int
    lists: Sequence[WordList] | None
    stretches: Mapping[int, tuple[array[int], Scores]] | None

    @classmethod
    def at(cls, stretches: Sequence[KindredStretch], lists: Sequence[WordList] | None = None) -> Kindred:
        """Those that are all postings of their lemmas."""
        found: dict[int, tuple[array[int], Scores]] = {}
        for base, bounds, table in stretches:
            found.setdefault(base, (array("q"), table))[0].extend(bounds)
        return cls(len(stretches), lists, found)

    @classmethod
    def of(cls, lists: Sequence[WordList]) -> Kindred:
        """Those of some lists, which have the same fields."""
        stretches: list[KindredStretch] = []
        for one in lists:
            if (whole := one.whole) is None:
                return cls(len(lists), lists, None)
            stretches.append((one.base, (whole.start, whole.start + whole.count), one.table))
        return cls.at(stretches, lists)


NO_KINDRED: Final = Kindred.of(())


@lru_cache(maxsize=KINDRED_REMEMBERED)
def kindred_terms(lemma: str) -> tuple[str, ...]:
    """The lemmas that are kindred to one."""
    return tuple(default_lexicon().kindred(lemma))
