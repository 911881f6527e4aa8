"""Names of two words in tokens of many texts made one token each: `compound_names` over arrays."""

from __future__ import annotations

from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from searchapp.analysis.compound_names import COMPOUNDS, compound_name
from searchapp.analysis.surface_numbers import DROPPED, SECOND_BITS, SurfaceNumbers
from searchapp.analysis.surface_table import Words
from searchapp.analysis.word_spans import Places, Spans

_SPACE: Final = ord(" ")
_Ints = NDArray[np.signedinteger[Any]]


class SpelledTexts(Protocol):
    """What texts are, of which codes are known."""

    def spelled(self, spans: Spans) -> list[str]:
        """What stands somewhere."""

    def points(self, places: Places) -> NDArray[np.uint32]:
        """The code points of single characters."""


class CompoundNumbers:
    """The pairs of exact forms that are one name, by their numbers. It forgets nothing; not safe for threads."""

    def __init__(self, surfaces: SurfaceNumbers) -> None:
        self._surfaces = surfaces
        # The first words are numbered before any text is, so that none of them has a high number.
        firsts = surfaces.number_exact(list(COMPOUNDS)).astype(np.int64)
        self._is_first = np.zeros(int(firsts.max()) + 1, bool)
        self._is_first[firsts] = True
        self._names: dict[int, int] = {}

    def join(self, values: Words, starts: _Ints, lengths: _Ints, begins: Places, texts: SpelledTexts) -> None:
        """Make the first token of each name the whole name, and drop the second.

        Args:
            values: the tokens' values, as `surface_numbers` has them; written to.
            starts: where the tokens start, rising.
            lengths: how many characters they have; written to.
            begins: where the texts begin.
            texts: what stands between tokens.
        """
        places = np.flatnonzero(values < len(self._is_first))
        places = places[self._is_first.take(values.take(places).astype(np.int64))]
        places = places[places + 1 < len(values)]
        names = self._names_of(values.take(places), values.take(places + 1))
        found = np.flatnonzero(names != DROPPED)
        places, names = places.take(found), names.take(found)
        found = _are_neighbours(places, starts, lengths, begins, texts)
        found = found[_do_not_overlap(places.take(found))]
        firsts, seconds = places.take(found), places.take(found) + 1
        lengths[firsts] = starts.take(seconds) + lengths.take(seconds) - starts.take(firsts)
        values[firsts] = names.take(found)
        values[seconds] = DROPPED

    def _names_of(self, firsts: Words, seconds: Words) -> Words:
        """The exact forms' numbers of names, `DROPPED` where two words are none."""
        # A second word that is no word or two glued ones is as good as no token.
        pairs = firsts << np.uint64(SECOND_BITS) | np.minimum(seconds, DROPPED)
        if new := set(pairs.tolist()).difference(self._names):
            self._names.update(zip(new, self._learn(np.array(list(new), np.uint64)).tolist(), strict=True))
        return np.array(list(map(self._names.__getitem__, pairs.tolist())), np.uint64)

    def _learn(self, pairs: Words) -> Words:
        """As `_names_of`, of pairs that have not been met before."""
        words = [(pairs >> np.uint64(SECOND_BITS)).astype(np.int64), (pairs & np.uint64(DROPPED)).astype(np.int64)]
        found = np.full(len(pairs), DROPPED, np.uint64)
        are_words = np.flatnonzero(words[1] != DROPPED)
        spelled = [self._surfaces.terms.exact.of(each.take(are_words)).strings() for each in words]
        names = list(map(compound_name, *spelled))
        are_names = [at for at, name in enumerate(names) if name]
        found[are_words.take(are_names)] = self._surfaces.number_exact([names[at] for at in are_names])
        return found


def _are_neighbours(places: Places, starts: _Ints, lengths: _Ints, begins: Places, texts: SpelledTexts) -> Places:
    """Which of some tokens have nothing but white space between them and the next, in one text."""
    ends = (starts.take(places) + lengths.take(places)).astype(np.int64)
    following = starts.take(places + 1).astype(np.int64)
    found = begins.searchsorted(ends, side="right") == begins.searchsorted(following, side="right")
    gaps = Spans(ends, following - ends)
    white = (gaps.lengths == 1) & (texts.points(gaps.starts) == _SPACE)
    others = np.flatnonzero(~white)
    white[others] = list(map(str.isspace, texts.spelled(gaps.take(others))))
    return np.flatnonzero(found & white)


def _do_not_overlap(places: Places) -> Places:
    """Of names that begin at these tokens those that share no word with one before, from left to right."""
    if not (np.diff(places) == 1).any():
        return np.arange(len(places))
    kept: list[int] = []
    for at, place in enumerate(places.tolist()):
        if not kept or place > places.item(kept[-1]) + 1:
            kept.append(at)
    return np.array(kept)
