"""Where a phrase stands in a segment and what it gives, by loops."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from searchapp.compiled import Float32s, Float64s, Int64s
from searchapp.engine.retrieval.boolean.intersection_loops import meet
from searchapp.engine.retrieval.core.budget import Budget
from searchapp.engine.retrieval.core.matches import Documents, Scores
from searchapp.engine.retrieval.phrases.phrase_loops import BLOCK, FOUND, LAST_BLOCK, SPENT, STATE, VERY_SPENT, stand
from searchapp.engine.retrieval.terms.flat_postings import FlatPostings
from searchapp.engine.storage.segment import Segment
from searchapp.frozen import dataclass

_NO_NUMBERS: Final[Int64s] = np.empty(0, np.int64)
NO_SCORES: Final[Float32s] = np.empty(0, np.float32)


@lru_cache(maxsize=1024)
def numbered(words: tuple[str, ...]) -> tuple[Int64s, Int64s]:
    """Which of its different words a phrase has, in its order, and how often it says each of them."""
    said = Counter(words)
    number = {word: at for at, word in enumerate(said)}
    return np.array([number[word] for word in words], np.int64), np.array(list(said.values()), np.int64)


@dataclass(frozen=True, slots=True)
class SoughtPhrase:
    """What is the same in all segments: the words, how far apart, what scores are made of (`phrase_loops.NUMBERS`).

    `places` is what may be read of where words stand, `marks` are as `intersection_loops.meet` takes them.
    """

    words: tuple[str, ...]
    slop: int
    numbers: Float64s
    places: Budget
    marks: NDArray[np.bool_]

    def in_segment(
        self,
        segment: Segment,
        base: int,
        lists: Sequence[FlatPostings],
        forms: Sequence[int],
        very: Sequence[int],
        in_titles: Scores,
    ) -> tuple[Documents, Scores] | None:
        """The documents in which the phrase stands and their scores; None where no loops are to be had.

        Args:
            segment: where it is looked for.
            base: the number of the segment's first document.
            lists: the lemmas of the different words.
            forms: which of its lemma's forms each of the different words is; `ALL` where any may stand.
            very: which of their lemmas' forms the words of the phrase are, where that counts more; else empty.
            in_titles: code → score in titles, where only these are looked at; else empty.
        """
        lemmas = segment.lemma
        arrays = lemmas.arrays
        lengths = segment.column("length/title"), segment.column("length/body"), segment.column("length/keywords")
        placed = *arrays.placed, *lengths
        meeting = meet.ready(placed[0])
        standing: Callable[..., bool] | None = stand.ready(*placed)
        if meeting is None or standing is None:
            return None
        starts, stops = [one.start for one in lists], [one.stop for one in lists]
        mixed = [one.mixed() for one in lists]
        known = np.array([*starts, *stops, *[first for first, _ in mixed], *[last for _, last in mixed], *forms])
        count = len(lists)
        places = np.empty(count * min(map(int.__sub__, stops, starts)), np.int64)
        try:
            candidates = meeting(placed[0], known[:count], known[count : 2 * count], self.marks, places)
        except IndexError:
            self.marks.fill(False)
            raise
        phrase, said = numbered(self.words)
        own = np.array(very, np.int64) if very else _NO_NUMBERS
        rest = places, candidates, known[2 * count :], said, phrase, own, self.numbers, self.slop, lemmas.mixed_mark
        unseen, begin = lemmas.unseen_positions()
        state, found, scores = (
            np.zeros(STATE, np.int64),
            np.empty(candidates, np.int64),
            np.empty(candidates, np.float32),
        )
        while standing(*placed, arrays.frequencies, in_titles, unseen, *rest, begin, base, state, found, scores):
            lemmas.check_blocks(state.item(BLOCK), state.item(LAST_BLOCK))
        self.places.spend(state.item(SPENT))
        self.places.spend(state.item(VERY_SPENT))
        left = state.item(FOUND)
        return found[:left], scores[:left]
