"""How the words of a query stand in the best documents, by the compiled loop; `rescoring.py` says what it is for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from searchapp.compiled import is_prepared, type_numbers
from searchapp.engine.retrieval.core.matches import Matches, Scores
from searchapp.engine.retrieval.core.snapshot import Snapshot
from searchapp.engine.retrieval.core.weights import Weights
from searchapp.engine.retrieval.ranking.proximity import BY_DISTANCE, Pairs
from searchapp.engine.retrieval.ranking.rescoring_loops import (
    COLUMNS,
    DONE,
    FULL,
    GAINS,
    HEAD,
    LACKING,
    NOTED,
    read_words,
)
from searchapp.engine.retrieval.ranking.together import Read, Together
from searchapp.engine.retrieval.terms.words import WordMatcher
from searchapp.engine.storage.form_layout import SKIP
from searchapp.engine.storage.segment import Segment

Numbers = NDArray[np.int64]
ALL_WORDS: Final = -1
"""As a set of words, one bit each."""
_ROOM: Final = 12
"""For so many occurrences of each word in each document there is room at first: more than most have in all."""


LastOrder = tuple[Scores, NDArray[np.float64], NDArray[np.int32], NDArray[Any]]
"""What the last order of documents is made of beside what words give together: their scores by the words alone;
`ngram_shares` of them, none for none; and the days and the story numbers of all documents."""
_NO_ORDER: Final = np.empty(0, np.float32), np.empty(0), np.empty(0, np.int32), np.empty(0, np.int64)


class Asked:
    """Some words as loops are asked what these give together, for one set of weights: the same for all documents.

    `kindred` says what is asked with the kindred words of all of them, segment by segment, once that was asked: a few
    numbers for each word; and so does `plain` without them.
    """

    __slots__ = ("_weights", "kindred", "may_loop", "pairs", "parameters", "plain", "words")

    def __init__(self, snapshot: Snapshot, words: Sequence[WordMatcher], weights: Weights) -> None:
        self.words = words
        picked = [one for word in words for one in word.lists if one.whole is None]
        self.may_loop = not picked or all(one.stretches() is not None for one in picked)
        """False where a word is sought in one of its forms or in some fields only, as its postings are no stretch."""
        self.kindred: dict[int, _Question | None] = {}
        self.plain: dict[int, _Question] = {}
        self.pairs, self._weights = Pairs.of(len(words)), weights
        of_words = snapshot.average_lengths["body"] or 1.0, weights.k1_proximity, weights.b_body
        by_weight = weights.proximity, weights.kindred, weights.coverage, weights.ngrams
        rarities = [word.rarity for word in words]
        self.parameters = np.array([*of_words, *by_weight, *rarities, *self.pairs.weights, *BY_DISTANCE], np.float64)

    def without_kin(self, segment: Segment, base: int) -> _Question:
        """What is asked of a segment when no kindred words are to be read."""
        found = self.plain.get(base)
        if found is None:
            found = self.plain[base] = self._question(segment, base, (), _NO_TABLE)
        return found

    def with_kin(self, segment: Segment, base: int, lacking: int) -> _Question | None:
        """The same with those of the words that are lacking, one bit each; None where these are no stretch.

        Kept for all words, which every union asks for, and not for each choice of them.
        """
        if lacking != ALL_WORDS:
            return self._make_with_kin(segment, base, lacking)
        if base not in self.kindred:
            self.kindred[base] = self._make_with_kin(segment, base, lacking)
        return self.kindred[base]

    def _make_with_kin(self, segment: Segment, base: int, lacking: int) -> _Question | None:
        found: list[int] = []
        table = _NO_TABLE
        for number, word in enumerate(self.words):
            if not lacking >> number & 1:
                continue
            stretches = word.kindred.stretches
            if stretches is None:
                return None
            if base in stretches:
                bounds, table = stretches[base]
                for at in range(0, len(bounds), 2):
                    found += bounds[at], bounds[at + 1], number
        return self._question(segment, base, found, table)

    def _question(self, segment: Segment, base: int, kin: Sequence[int], table: Scores) -> _Question:
        own: list[int] = []
        for number, word in enumerate(self.words):
            for one in word.lists:
                if one.base == base:
                    for start, stop in one.stretches() or ():
                        own += start, stop, number
        sizes = base, len(self.words), len(own), len(kin)
        asked = np.array([*_layout(segment), *sizes, *own, *kin], np.int64)
        return asked, table, self.pairs.numbers, self.parameters


_Question = tuple[Numbers, Scores, Numbers, NDArray[np.float64]]
"""What the loop is asked of a segment, code → what kindred words give, and the pairs and parameters."""
_NO_TABLE: Final = np.empty(0, np.float32)


def standing_words(
    snapshot: Snapshot,
    asked: Asked,
    documents: NDArray[np.intp],
    weights: Weights,
    likely_lacking: bool,
    order: LastOrder | None = None,
) -> Together | None:
    """What words give together to D documents, in any order, and if that is wanted these in the last order.

    None where the compiled loop is not to be had, not even for such words. Where words are `likely_lacking`, kindred
    words are looked up before it is known.

    Raises:
        IndexBroken: what is to be read does not fit its checksum.
    """
    if not asked.may_loop or not is_prepared():
        return None
    best, count, ask = np.ascontiguousarray(documents, np.int64), len(documents), weights.kindred != 0
    rows = count * (len(asked.pairs.weights) + COLUMNS)
    noted = np.zeros(rows + count * (NOTED - COLUMNS))
    read: list[Read] = []
    found: Numbers | None = None
    for segment, base, is_last in _segments(snapshot, best):
        found = _found(asked, segment, base, best, ask, likely_lacking, is_last, order or _NO_ORDER, noted)
        if found is None:
            return None
        read.append(Read(segment, found))
    gains_end, ranked = rows + GAINS * count, None
    if order is not None and found is not None:
        at = HEAD + 2 * count
        ranked = Matches(found[at : at + count], noted[gains_end:].astype(np.float32))
    return Together(noted[rows:gains_end], read, ranked)


def _segments(snapshot: Snapshot, documents: Numbers) -> Iterable[tuple[Segment, int, bool]]:
    """The segments that some documents are of, where each begins, and whether it is the last."""
    if len(snapshot.parts) == 1:
        return ((snapshot.parts[0].segment, 0, True),)
    numbers = sorted(set(np.searchsorted(snapshot.bases, documents, side="right").tolist()))
    return [(snapshot.parts[one - 1].segment, snapshot.bases[one - 1], one == numbers[-1]) for one in numbers]


def _arrays(segment: Segment) -> tuple[tuple[NDArray[Any], ...], tuple[int, ...]]:
    """What is read of a segment, as the loop has it, and what that is chosen by; they hold no memory of their own."""
    file = segment.file
    segment.column("length/body")
    varying = [file.array(f"lemma/{name}") for name in ("documents", "codes", "positions")]
    return (*varying, file.data, segment.frequencies, file.unseen_flags), type_numbers(*varying)


def _layout(segment: Segment) -> Sequence[int]:
    """What the loop is told of a segment, as `rescoring_loops.LAYOUT` says."""
    places = map(segment.file.place, ("lemma/codes", "lemma/position_skips", "lemma/positions", "length/body"))
    begins, (_, *widths) = zip(*places, strict=True)
    return [*begins, SKIP, *widths, segment.documents]


def _found(
    asked: Asked,
    segment: Segment,
    base: int,
    documents: Numbers,
    ask: bool,
    likely_lacking: bool,
    is_last: bool,
    order: LastOrder,
    noted: NDArray[np.float64],
) -> Numbers | None:
    """What is found in those of the documents that are of one segment; None where the loop could not do it.

    Whether to `ask` for kindred words is known from the weights.
    """
    arrays, types = segment.derived("arrays of postings", _arrays)
    read: Callable[..., int] | None = read_words.ready_for(types)
    if read is None:
        return None
    question: _Question | None
    if ask and likely_lacking:
        question, ask = asked.with_kin(segment, base, ALL_WORDS), False
    else:
        question = asked.without_kin(segment, base)
    room = HEAD + (3 + _ROOM * len(asked.words)) * len(documents)
    found = np.empty(room, np.int64)
    while question is not None:
        answer = read(*arrays, documents, *question, ask, is_last, *order, noted, found)
        if answer == DONE:
            return found
        number = found.item(0)
        if answer == LACKING:
            question, ask = asked.with_kin(segment, base, number), False
        elif answer == FULL:
            found = np.empty(room + number, np.int64)
        else:
            segment.file.touch_each(found[1 : 1 + number].tolist())
    return None
