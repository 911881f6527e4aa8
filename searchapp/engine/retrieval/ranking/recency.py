"""Recency as a signal of ranking, for those who ask for it: of two stories that fit alike, the newer comes first.

score · (1 + w · 2^(−age / half-life)), age = max(0, day − day of the story)

in days. The day is one that the request names, or else that of the newest copy in the index that is not dated after
today (today itself where all are): one article with a date in the future must not make all others old. What is newer
than that day counts as of that day. So a story of that day counts 1 + w times, one a half-life older 1 + w / 2 times,
and a very old one keeps its score (after the exponential decay of Li and Croft, "Time-based language models", 2003, as
a factor on the score). A story without a date keeps its score, too. With several copies, the day of a story is that of
the earliest, as in the order by date. Today is the day of the machine's own time zone.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from searchapp.engine.retrieval.core.matches import Scores
from searchapp.engine.retrieval.facets.copies import UNDATED
from searchapp.frozen import dataclass

_HALF_LIVES: Final = 64
"""After so many, what a story gains is lost in rounding,"""
_HEAVIEST: Final = 1000.0
"""if the weight is less than this: 1 + 1000 · 2^(−64) is 1."""


def today() -> date:
    """The day that it is."""
    return date.today()


@dataclass(frozen=True, slots=True)
class Recency:
    """How much newer stories count. `today` is the day from which ages count, as `date.toordinal` numbers days."""

    half_life: int
    today: int
    weight: float

    @classmethod
    def of(cls, half_life: int, day: date | None, days: NDArray[np.int32], weight: float) -> Recency:
        """Ages in half-lives of so many days, from a day or, without one, from the newest of `days` up to today."""
        return cls(half_life, day.toordinal() if day else _newest(days, today().toordinal()), weight)

    def factors(self, days: NDArray[np.int32]) -> Scores:
        """What the scores of stories of these days are multiplied by."""
        oldest = _HALF_LIVES * self.half_life
        if len(days) > oldest and self.today > oldest and self.weight < _HEAVIEST:
            # What has no date is taken for as old as its day 0 is: it keeps its score, as what is very old does.
            return _of_ages(self.half_life, self.weight).take(np.clip(self.today - days, 0, oldest))
        ages = np.maximum(self.today - days.astype(np.int64), 0)
        factors = 1 + self.weight * np.exp2(-ages / self.half_life)
        return np.where(days == UNDATED, 1.0, factors).astype(np.float32)


@lru_cache(8)
def _of_ages(half_life: int, weight: float) -> Scores:
    """The factor of each age in days, up to the one at which no difference is left."""
    ages = np.arange(_HALF_LIVES * half_life + 1)
    return (1 + weight * np.exp2(-ages / half_life)).astype(np.float32)


def _newest(days: NDArray[np.int32], today: int) -> int:
    """The newest of some days that is not after today; today where there is none."""
    newest = int(days.max(initial=UNDATED))
    if newest > today:
        newest = int(days[days <= today].max(initial=UNDATED))
    return newest if newest != UNDATED else today
