"""The content words that texts have for themselves, and names among them that stand in each other's place."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import product

import numpy as np
from numpy.typing import NDArray

from searchapp.dedupe.alignment import Gaps, within
from searchapp.dedupe.spellings import are_spellings
from searchapp.dedupe.textset import Pairs, Places, TextSet, at_place, is_first, ranges
from searchapp.dedupe.words import Vocabulary, Words
from searchapp.frozen import dataclass

NamePair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class OwnWords:
    """Content words of one text of each pair that the other lacks, in all forms of their lemmas.

    `pair`, `place` and `word` are of each such word, in order; `counts` is how many a pair has, and `telling` how many
    content words that text has.
    """

    pair: Places
    place: Places
    word: Words
    counts: Places
    telling: Places

    def of(self, pairs: Places) -> OwnWords:
        """Those of some pairs, in order; they are numbered anew."""
        number = np.full(len(self.counts), -1)
        number[pairs] = np.arange(len(pairs))
        renumbered = number.take(self.pair)
        kept = np.flatnonzero(renumbered >= 0)
        return OwnWords(
            renumbered.take(kept),
            self.place.take(kept),
            self.word.take(kept),
            self.counts.take(pairs),
            self.telling.take(pairs),
        )

    def repeated(self) -> OwnWords:
        """Those that a text has more than once."""
        keys = at_place(self.pair, self.word)
        order = np.argsort(keys, kind="stable")
        is_same = np.zeros(len(keys) + 1, bool)  # which is the same as the one before it
        np.equal(keys[order[1:]], keys[order[:-1]], out=is_same[1:-1])
        kept = order[is_same[1:] | is_same[:-1]]
        kept.sort()
        return OwnWords(self.pair.take(kept), self.place.take(kept), self.word.take(kept), self.counts, self.telling)


def own_words(texts: TextSet, pairs: Pairs) -> OwnWords:
    """What the shorter text of each pair has and the longer lacks."""
    return _own(texts, pairs.short, pairs.long)


def _own(texts: TextSet, mine: Places, theirs: Places) -> OwnWords:
    if texts.tables is not None:
        pair, place, counts, content = texts.tables.own_words(mine, theirs)
        words = texts.words.take(texts.word_starts.take(mine.take(pair)) + place)
        return OwnWords(pair, place, words, counts, content)
    lengths = texts.lengths.take(mine)
    flat = ranges(texts.word_starts.take(mine), lengths)
    telling = np.flatnonzero(texts.telling.take(flat))
    pair, flat = np.repeat(np.arange(len(mine)), lengths).take(telling), flat.take(telling)
    lacking = np.flatnonzero(texts.lacks(theirs.take(pair), texts.lemmas.take(flat)))
    own, at = pair.take(lacking), flat.take(lacking)
    return OwnWords(
        own,
        at - texts.word_starts.take(mine.take(own)),
        texts.words.take(at),
        np.bincount(own, minlength=len(mine)),
        np.bincount(pair, minlength=len(mine)),
    )


def other_names(texts: TextSet, pairs: Pairs, gaps: Gaps, own: OwnWords) -> dict[int, list[NamePair]]:
    """Words that stand more than once in each other's place, in the pairs that have such, sorted.

    `gaps` are those where one passage stands in another's place; `own` are the shorter texts' own words that they
    repeat.
    """
    begin, end = within(at_place(own.pair, own.place), gaps.pair, gaps.start_short, gaps.end_short)
    gaps = gaps.take(np.flatnonzero(end > begin))
    concerned = gaps.pair[is_first(gaps.pair)]
    if not len(concerned):
        return {}
    theirs = _own(texts, pairs.long.take(concerned), pairs.short.take(concerned)).repeated()
    there = within(at_place(concerned.take(theirs.pair), theirs.place), gaps.pair, gaps.start_long, gaps.end_long)
    here = within(at_place(own.pair, own.place), gaps.pair, gaps.start_short, gaps.end_short)
    replaced = defaultdict[int, Counter[NamePair]](Counter)
    for at in np.flatnonzero(there[1] > there[0]).tolist():
        one, other = own.word[here[0][at] : here[1][at]], theirs.word[there[0][at] : there[1][at]]
        names = (set(texts.vocabulary.names(words.tolist())) for words in (one, other))
        replaced[int(gaps.pair[at])].update(_replaced(*names))
    repeated = {pair: sorted(names for names, count in each.items() if count > 1) for pair, each in replaced.items()}
    return {pair: names for pair, names in repeated.items() if names}


def names_alone(vocabulary: Vocabulary, own: OwnWords, least: NDArray[np.float64], often: int) -> dict[int, list[str]]:
    """The words that stand more than once in the shorter text and not in the longer, the most frequent first.

    `own` are those that it repeats. Of the pairs in which they stand in `least` places or more, and one of them so
    often.
    """
    found = {}
    for pair in np.flatnonzero(np.bincount(own.pair, minlength=len(least)) >= np.maximum(least, 1)).tolist():
        names = Counter(vocabulary.names(own.word[own.pair == pair].tolist()))
        ordered = sorted(names.items(), key=lambda item: (-item[1], item[0]))
        if names.total() >= least[pair] and ordered[0][1] >= often:
            found[pair] = [name for name, _ in ordered]
    return found


def _replaced(here: set[str], there: set[str]) -> Iterator[NamePair]:
    """The words that stand for each other, without those that the other side has in another spelling."""
    spelled = [(one, other) for one in here for other in there if are_spellings(one, other)]
    mine = here - {one for one, _ in spelled}
    theirs = there - {other for _, other in spelled}
    return product(mine, theirs)
