"""Whether two texts are copies of one story: shared passages, then what tells a template or a round-up from a copy.

The judgement is of the two bodies alone, the same whichever comes first and whatever else the archive holds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from searchapp.dedupe.alignment import Gaps, Overlap, align, begins_alike, overlap, within
from searchapp.dedupe.names import OwnWords, names_alone, other_names, own_words
from searchapp.dedupe.numbers import may_be_same
from searchapp.dedupe.textset import Pairs, Places, TextSet
from searchapp.dedupe.words import TELLING_WORDS, Text
from searchapp.frozen import dataclass

LEAST_WORDS: Final = TELLING_WORDS
"""Shorter bodies are copies only of the same words: too little stands in them to tell a template from a copy."""
LEAST_CONTAINMENT: Final = 0.3
"""Share of the shorter text's shingles that a copy has in the longer one at least."""
REWORDING_FREE: Final = 0.2
REWORDING_SLOPE: Final = 0.6
REWORDING_MOST: Final = 0.3
"""Content words of the shorter text that the longer lacks: at most (containment - 0.2) × 0.6, and never over 0.3."""
LATE_START: Final = 60
LONGER_BY: Final = 1.2
"""In a text that is longer by this factor, a copy's shared passages begin within the first 60 words: an abridged text
keeps the lead, an item inside a round-up stands behind others."""
ANCHOR_SHINGLES: Final = 4
"""So many shared shingles in a row, eight words, are no chance phrase."""
MUCH_SHARED: Final = 0.75
NAMES_AMONG_MUCH: Final = 2
"""From this containment on, so many words on each side must have been put in the place of others: one alone may be an
outlet's own word for the same thing."""
SEVERAL: Final = 2
AGREEING_FOR_ONE: Final = 1 / 3
"""Two numbers that stand in the place of others make another story where no more than six agree; one, where at most one
does."""
OWN_NAMES: Final = 0.09
OWN_NAME_REPEATED: Final = 3
"""Words that the shorter text repeats and the longer lacks, if they are so large a share of its words and one stands so
often: whom a telegram is for. Between two telegrams other names stand in their place; in a round-up of several they may
stand anywhere. From `MUCH_SHARED` on they count for nothing."""
HALF_SHARED: Final = 0.55
OWN_NUMBERS: Final = 0.5
"""Below this containment, more than half of the numbers (and two of them) that only the shorter text has are of
another day or case."""
SHOWN: Final = 3
"""Differences that a reason names."""
WORDS_AT_ONCE: Final = 1 << 20
"""Words of shorter texts that are compared in one pass, by which its memory is bounded: about 100 bytes each."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether two texts are copies. `similarity` is the Jaccard index of their shingles, 0 to 1; `reason` a phrase."""

    is_copy: bool
    similarity: float
    reason: str


SAME_TEXT: Final = "same text"


def judge_all(texts: Sequence[Text], pairs: Sequence[tuple[int, int]]) -> list[Judgement]:
    """Judge pairs of texts of one vocabulary, by their places, all in the same passes over arrays."""
    judged = dict[int, Judgement]()
    waiting: list[tuple[int, int, int]] = []
    order = [(len(text), text.key) for text in texts]
    for which, (one, other) in enumerate(pairs):
        short, long = (one, other) if order[one] <= order[other] else (other, one)
        words, key = order[short]
        if key == order[long][1]:
            judged[which] = Judgement(True, 1.0, SAME_TEXT)
        elif words < LEAST_WORDS:
            judged[which] = Judgement(False, 0.0, f"fewer than {LEAST_WORDS} words")
        else:
            waiting.append((which, short, long))
    for part in _parts(waiting, texts):
        judged.update(_judge_part(part, texts))
    return [judged[which] for which in range(len(pairs))]


def _parts(waiting: Sequence[tuple[int, int, int]], texts: Sequence[Text]) -> Iterable[list[tuple[int, int, int]]]:
    part: list[tuple[int, int, int]] = []
    words = 0
    for each in waiting:
        part.append(each)
        words += len(texts[each[1]])
        if words >= WORDS_AT_ONCE:
            yield part
            part, words = [], 0
    if part:
        yield part


def _judge_part(part: Sequence[tuple[int, int, int]], texts: Sequence[Text]) -> dict[int, Judgement]:
    """Judge some pairs; given and returned with the place of each among all."""
    columns = np.array(part, np.int64)
    used, numbers = np.unique(columns[:, 1:], return_inverse=True)
    short, long = np.ascontiguousarray(numbers.reshape(-1, 2).T)
    comparison = _Comparison(TextSet([texts[at] for at in used.tolist()]), Pairs(short, long))
    return dict(zip(columns[:, 0].tolist(), comparison.judgements(), strict=True))


class _Comparison:
    """Pairs of texts, and what speaks against taking them for copies."""

    def __init__(self, texts: TextSet, pairs: Pairs) -> None:
        self._texts, self._pairs = texts, pairs
        self._shared: Overlap = overlap(texts, pairs)
        self._containment = self._shared.shared / self._shared.counts
        self._against: dict[int, str] = {}

    def judgements(self) -> list[Judgement]:
        """The judgement of each pair."""
        texts, pairs = self._texts, self._pairs
        self._object(np.flatnonzero(self._containment < LEAST_CONTAINMENT), "little in common")
        self._object_to_round_ups()
        left = self._left()
        own = own_words(texts, pairs.take(left))
        self._object_to_rewording(left, own)
        kept = np.array([at for at, pair in enumerate(left.tolist()) if pair not in self._against], np.int64)
        left, own = left.take(kept), own.of(kept).repeated()
        if not len(left):
            return self._told()
        gaps = align(texts, pairs, self._shared, left)
        self._object_to_numbers(left, gaps)
        much = self._containment.take(left) >= MUCH_SHARED
        least = np.where(much, np.inf, OWN_NAMES * texts.lengths.take(pairs.short.take(left)))
        for pair, own_names in names_alone(texts.vocabulary, own, least, OWN_NAME_REPEATED).items():
            self._against.setdefault(int(left[pair]), f"names of its own: {', '.join(own_names[:SHOWN])}")
        for pair, names in other_names(texts, pairs.take(left), gaps.replacements(), own).items():
            kinds = min(len(set(side)) for side in zip(*names, strict=True))
            if kinds >= NAMES_AMONG_MUCH or not much[pair]:
                shown = ", ".join(f"{one}/{other}" for one, other in names[:SHOWN])
                self._against.setdefault(int(left[pair]), f"other names: {shown}")
        return self._told()

    def _told(self) -> list[Judgement]:
        shared, counts = self._shared.shared, self._texts.key_counts
        all_of_both = counts.take(self._pairs.short) + counts.take(self._pairs.long) - shared
        similarities = (shared / all_of_both).tolist()
        lengths = self._texts.lengths
        abridged = lengths.take(self._pairs.long) > LONGER_BY * lengths.take(self._pairs.short)
        told = []
        for pair, (similarity, containment) in enumerate(zip(similarities, self._containment.tolist(), strict=True)):
            against = self._against.get(pair)
            kind = "abridged" if abridged[pair] else "reused"
            reason = against or f"{kind}: {containment:.0%} of the shorter text"
            told.append(Judgement(against is None, similarity, reason))
        return told

    def _left(self) -> Places:
        """The pairs that nothing speaks against yet."""
        return np.array([pair for pair in range(len(self._pairs)) if pair not in self._against], np.int64)

    def _object(self, pairs: Places, reason: str) -> None:
        for pair in pairs.tolist():
            share = f"{reason}: {self._containment[pair]:.0%} of the shorter text"
            self._against.setdefault(pair, share)

    def _object_to_round_ups(self) -> None:
        """The longer text begins with something else."""
        left = self._left()
        lengths = self._texts.lengths
        pairs = self._pairs.take(left)
        longer = np.flatnonzero(lengths.take(pairs.long) > LONGER_BY * lengths.take(pairs.short))
        alike = begins_alike(self._texts, pairs.take(longer), LATE_START + ANCHOR_SHINGLES, ANCHOR_SHINGLES)
        for pair in left.take(longer[~alike]).tolist():
            self._against[pair] = f"inside another text, beyond its first {LATE_START} words"

    def _object_to_rewording(self, left: Places, own: OwnWords) -> None:
        """Too many content words of the shorter text are its own."""
        containment = self._containment.take(left)
        allowed = np.minimum((containment - REWORDING_FREE) * REWORDING_SLOPE, REWORDING_MOST)
        shares = own.counts / np.maximum(own.telling, 1)
        for at in np.flatnonzero(shares > allowed).tolist():
            reason = f"much reworded: {shares[at]:.0%} of the content words are its own"
            self._against[int(left[at])] = reason

    def _object_to_numbers(self, left: Places, gaps: Gaps) -> None:
        """Numbers that stand in each other's place outweigh those that agree, or most numbers are the text's own."""
        keys, codes = self._texts.numbers
        pairs = self._pairs.take(left)
        numbers = np.arange(len(self._texts.lengths))
        bounds = within(keys, numbers, np.zeros_like(numbers), self._texts.lengths)
        counts = (bounds[1] - bounds[0]).take(pairs.short)
        here = within(keys, pairs.short.take(gaps.pair), gaps.start_short, gaps.end_short)
        in_gaps = np.bincount(gaps.pair, weights=here[1] - here[0], minlength=len(left))
        agreeing = counts - in_gaps
        conflicts = self._conflicts(pairs, gaps.replacements())
        for pair, (disagreeing, shown) in conflicts.items():
            agree = int(agreeing[pair])
            if disagreeing >= (1 if not agree else min(agree, max(SEVERAL, AGREEING_FOR_ONE * agree))):
                self._against[int(left[pair])] = f"other numbers: {', '.join(shown[:SHOWN])}"
        for pair in np.flatnonzero((counts > 1) & (self._containment.take(left) < HALF_SHARED)).tolist():
            (first, last), (begin, end) = (
                [bound[text] for bound in bounds] for text in (pairs.short[pair], pairs.long[pair])
            )
            elsewhere, mine = set(codes[begin:end].tolist()), codes[first:last].tolist()
            own = [value for value in mine if value not in elsewhere]
            if len(own) > 1 and len(own) > OWN_NUMBERS * len(mine):
                shown = self._texts.said(own[:SHOWN])
                self._against.setdefault(int(left[pair]), f"other numbers: {', '.join(shown)}")

    def _conflicts(self, pairs: Pairs, gaps: Gaps) -> dict[int, tuple[int, list[str]]]:
        """How many numbers of the shorter text have others in their place, and which, of each pair that has any."""
        keys, codes = self._texts.numbers
        here = within(keys, pairs.short.take(gaps.pair), gaps.start_short, gaps.end_short)
        there = within(keys, pairs.long.take(gaps.pair), gaps.start_long, gaps.end_long)
        both = np.flatnonzero((here[1] > here[0]) & (there[1] > there[0]))
        columns = (column.take(both).tolist() for column in (gaps.pair, *here, *there))
        disagreeing = defaultdict[int, int](int)
        shown = defaultdict[int, list[str]](list)
        for pair, first, last, begin, end in zip(*columns, strict=True):
            numbers = codes[first:last].tolist(), codes[begin:end].tolist()
            if not set(numbers[0]).isdisjoint(numbers[1]):
                continue
            mine, theirs = map(self._texts.said, numbers)
            if not may_be_same(mine, theirs):
                disagreeing[pair] += len(mine)
                shown[pair].append(f"{' '.join(mine)}/{' '.join(theirs)}")
        return {pair: (count, shown[pair]) for pair, count in disagreeing.items()}
