"""Whether two texts are copies of one story: shared passages, then what tells a template or a round-up from a copy.

The judgement is of the two bodies alone, the same whichever comes first and whatever else the archive holds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import starmap
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from searchapp.dedupe.alignment import Gaps, align, begins_alike, overlap, within
from searchapp.dedupe.countries import are_other_countries
from searchapp.dedupe.names import OwnWords, names_alone, other_names, own_words
from searchapp.dedupe.numbers import may_be_same
from searchapp.dedupe.pair_loops import INSIDE_ANOTHER, LEFT, LITTLE_IN_COMMON, REWORDED
from searchapp.dedupe.pair_tables import Bounds
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
"""From this containment on, so many words on each side must have been put in the place of others, or a country in that
of another one: one word alone may be an outlet's own for the same thing."""
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
_REASONS: Final = {
    LITTLE_IN_COMMON: "little in common: {containment:.0%} of the shorter text",
    INSIDE_ANOTHER: f"inside another text, beyond its first {LATE_START} words",
    REWORDED: "much reworded: {own:.0%} of the content words are its own",
}


def judge_all(texts: Sequence[Text], pairs: Sequence[tuple[int, int]]) -> list[Judgement]:
    """Judge pairs of texts of one vocabulary, by their places, all in the same passes over arrays."""
    judged = dict[int, Judgement]()
    waiting: list[tuple[int, int, int]] = []
    order = [(len(text.words), text.key) for text in texts]
    for which, (one, other) in enumerate(pairs):
        short, long = (one, other) if order[one] <= order[other] else (other, one)
        words, key = order[short]
        if key == order[long][1]:
            judged[which] = Judgement(True, 1.0, SAME_TEXT)
        elif words < LEAST_WORDS:
            judged[which] = Judgement(False, 0.0, f"fewer than {LEAST_WORDS} words")
        else:
            waiting.append((which, short, long))
    for part in _parts(waiting, [words for words, _ in order]):
        judged.update(_judge_part(part, texts))
    return [judged[which] for which in range(len(pairs))]


def _parts(waiting: Sequence[tuple[int, int, int]], lengths: Sequence[int]) -> Iterable[list[tuple[int, int, int]]]:
    """Pairs whose shorter texts have so many words that they are compared in one pass; `lengths` are of all texts."""
    part: list[tuple[int, int, int]] = []
    words = 0
    for each in waiting:
        part.append(each)
        words += lengths[each[1]]
        if words >= WORDS_AT_ONCE:
            yield part
            part, words = [], 0
    if part:
        yield part


def _judge_part(part: Sequence[tuple[int, int, int]], texts: Sequence[Text]) -> dict[int, Judgement]:
    """Judge some pairs; given and returned with the place of each among all."""
    columns = np.array(part, np.int64)
    used, numbers = np.unique(columns[:, 1:], return_inverse=True)
    order = np.argsort(numbers.reshape(-1, 2)[:, 1], kind="stable")
    columns = columns.take(order, axis=0)
    short, long = np.ascontiguousarray(numbers.reshape(-1, 2).take(order, axis=0).T)
    comparison = _Comparison(TextSet([texts[at] for at in used.tolist()]), Pairs(short, long))
    return dict(zip(columns[:, 0].tolist(), comparison.judgements(), strict=True))


class _FirstLook(NamedTuple):
    """Pairs as far as the texts have enough in common, in the order and the words of one.

    Of each pair what speaks against it (`fates`, as in `pair_loops`), how many distinct shingles both have and each
    has, and the share of the shorter text's content words that are its own, where it came so far. `left` are the pairs
    that nothing speaks against; `own` and `gaps` are theirs.
    """

    fates: NDArray[np.uint8]
    shared: Places
    short_keys: Places
    long_keys: Places
    own_shares: NDArray[np.float64]
    left: Places
    own: OwnWords
    gaps: Gaps


_BOUNDS: Final = Bounds(
    LEAST_CONTAINMENT,
    LONGER_BY,
    REWORDING_FREE,
    REWORDING_SLOPE,
    REWORDING_MOST,
    LATE_START + ANCHOR_SHINGLES,
    ANCHOR_SHINGLES,
)


def _first_look(texts: TextSet, pairs: Pairs) -> _FirstLook:
    """Look at pairs; those of one longer text come together."""
    if texts.tables is None:
        return _first_look_by_sorting(texts, pairs)
    found = texts.tables.compare(pairs.short, pairs.long, _BOUNDS)
    left = np.flatnonzero(found.fates == LEFT)
    pair, place = found.own
    words = texts.words.take(texts.word_starts.take(pairs.short.take(left.take(pair))) + place)
    own = OwnWords(pair, place, words, found.own_counts.take(left), found.content.take(left))
    shares = found.own_counts / np.maximum(found.content, 1)
    counts = found.shared, found.short_keys, found.long_keys
    return _FirstLook(found.fates, *counts, shares, left, own, Gaps(*found.gaps))


def _first_look_by_sorting(texts: TextSet, pairs: Pairs) -> _FirstLook:
    common = overlap(texts, pairs)
    containment = common.shared / common.counts
    fates = np.where(containment < LEAST_CONTAINMENT, LITTLE_IN_COMMON, LEFT).astype(np.uint8)
    left = np.flatnonzero(fates == LEFT)
    lengths = texts.lengths.take(pairs.short.take(left)), texts.lengths.take(pairs.long.take(left))
    longer = left[lengths[1] > LONGER_BY * lengths[0]]
    fates[longer[~begins_alike(texts, pairs.take(longer), LATE_START + ANCHOR_SHINGLES, ANCHOR_SHINGLES)]] = (
        INSIDE_ANOTHER
    )
    left = np.flatnonzero(fates == LEFT)
    own = own_words(texts, pairs.take(left))
    shares = np.zeros(len(pairs))
    shares[left] = own.counts / np.maximum(own.telling, 1)
    allowed = np.minimum((containment - REWORDING_FREE) * REWORDING_SLOPE, REWORDING_MOST)
    fates[left[(shares > allowed)[left]]] = REWORDED
    own = own.of(np.flatnonzero(fates.take(left) == LEFT))
    left = np.flatnonzero(fates == LEFT)
    gaps = align(texts, pairs, common, left)
    long_keys = texts.key_counts.take(pairs.long)
    return _FirstLook(fates, common.shared, common.counts, long_keys, shares, left, own, gaps)


class _Comparison:
    """Pairs of texts, and what speaks against taking them for copies."""

    def __init__(self, texts: TextSet, pairs: Pairs) -> None:
        self._texts, self._pairs = texts, pairs
        self._look = _first_look(texts, pairs)
        self._containment = self._look.shared / self._look.short_keys
        self._against: dict[int, str] = {}

    def judgements(self) -> list[Judgement]:
        """The judgement of each pair."""
        texts, pairs, look = self._texts, self._pairs, self._look
        self._object(np.flatnonzero(look.fates != LEFT))
        left, own = look.left, look.own.repeated()
        if not len(left):
            return self._told()
        self._object_to_numbers(left, look.gaps)
        much = self._containment.take(left) >= MUCH_SHARED
        least = np.where(much, np.inf, OWN_NAMES * texts.lengths.take(pairs.short.take(left)))
        for pair, own_names in names_alone(texts.vocabulary, own, least, OWN_NAME_REPEATED).items():
            self._against.setdefault(int(left[pair]), f"names of its own: {', '.join(own_names[:SHOWN])}")
        for pair, names in other_names(texts, pairs.take(left), look.gaps.replacements(), own).items():
            kinds = min(len(set(side)) for side in zip(*names, strict=True))
            if kinds >= NAMES_AMONG_MUCH or not much[pair] or any(starmap(are_other_countries, names)):
                shown = ", ".join(f"{one}/{other}" for one, other in names[:SHOWN])
                self._against.setdefault(int(left[pair]), f"other names: {shown}")
        return self._told()

    def _told(self) -> list[Judgement]:
        look = self._look
        similarities = (look.shared / (look.short_keys + look.long_keys - look.shared)).tolist()
        lengths = self._texts.lengths
        abridged = lengths.take(self._pairs.long) > LONGER_BY * lengths.take(self._pairs.short)
        told = []
        for pair, (similarity, containment) in enumerate(zip(similarities, self._containment.tolist(), strict=True)):
            against = self._against.get(pair)
            kind = "abridged" if abridged[pair] else "reused"
            reason = against or f"{kind}: {containment:.0%} of the shorter text"
            told.append(Judgement(against is None, similarity, reason))
        return told

    def _object(self, pairs: Places) -> None:
        """Say of pairs that the first look cleared why it did."""
        shares = zip(self._containment.take(pairs).tolist(), self._look.own_shares.take(pairs).tolist(), strict=True)
        for pair, fate, (containment, own) in zip(
            pairs.tolist(), self._look.fates.take(pairs).tolist(), shares, strict=True
        ):
            self._against[pair] = _REASONS[fate].format(containment=containment, own=own)

    def _object_to_numbers(self, left: Places, gaps: Gaps) -> None:
        """Numbers that stand in each other's place outweigh those that agree, or most numbers are the text's own."""
        pairs = self._pairs.take(left)
        keys, codes = self._numbers = self._texts.numbers(np.concatenate([pairs.short, pairs.long]))
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
        keys, codes = self._numbers
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
