"""Analysis of many texts at once into arrays: the path that indexing takes.

It gives the tokens of `analyzer.default_analyzer`, to the character and the letter, about thirty times as fast once the
words have been seen. Everything about a token but its place follows from its surface, and the surfaces of an archive
repeat: each is analysed once, beside all others that are new, and remembered.

A surface of up to 24 characters that each have a code of their own (`code_page`) is known by these codes, packed into
64-bit words; others, one token in three thousand of Arabic news, are looked up one by one in a dictionary. Either way
it is the whole surface that is compared, so no word is ever taken for another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from threading import Lock
from typing import Final

import numpy as np
from numpy.typing import NDArray

from searchapp.analysis.analyzer import exact_forms
from searchapp.analysis.code_page import Codes, encode, shared_codes
from searchapp.analysis.glued_words import MAY_BE_GLUED, GluedWords
from searchapp.analysis.lemmatizer import default_lemmatizer
from searchapp.analysis.surface_table import SurfaceTable, Words
from searchapp.analysis.term_numbers import TermNumbers
from searchapp.analysis.word_spans import Spans, word_spans

SURFACES_KEPT: Final = 1 << 21
"""What the shared analyzer may know before it is replaced by an empty one: about half a gigabyte."""

# No token holds it. A text may hold it too: it is lengths that say where texts end.
_TEXT_SEPARATOR: Final = "\0"
_SHORT: Final = 8
"""Characters whose codes fill one 64-bit word."""
_LONG: Final = 3 * _SHORT
_LOW_BYTES: Final = np.array([(1 << 8 * count) - 1 for count in range(_SHORT + 1)], np.uint64)
_HALF: Final = 32
_DROPPED: Final = (1 << _HALF) - 1
"""Instead of an exact form's number: nothing is left of the surface."""


@dataclass(frozen=True, slots=True)
class TokenBatch:
    """The tokens of T texts, end to end.

    `pointers` (T + 1) bound each text's; `starts` and `lengths` count characters within their own text; `exact` and
    `lemma` number the terms in the analyzer's two term lists. A lemma depends on nothing but the exact form.
    """

    pointers: NDArray[np.int64]
    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]
    exact: NDArray[np.int32]
    lemma: NDArray[np.int32]


class BatchAnalyzer:
    """Analyses texts and numbers their terms. It may be used from many threads; they take turns.

    It remembers every surface that it has met, and forgets none, as its term numbers are in use: see `surfaces`.
    Numbers of two analyzers have nothing in common.
    """

    def __init__(self) -> None:
        self._terms = TermNumbers()
        self._glued_words = GluedWords(default_lemmatizer())
        self._seams: list[int] = []
        self._seconds: list[int] = []
        self._short, self._long = SurfaceTable(1), SurfaceTable(_LONG // _SHORT)
        self._others: dict[str, int] = {}
        self._turn = Lock()

    @property
    def exact_terms(self) -> list[str]:
        """Number → exact form. It grows with each call of `analyze`; numbers that were given out stay."""
        return self._terms.exact.names

    @property
    def lemma_terms(self) -> list[str]:
        """Number → lemma. It grows as `exact_terms` does."""
        return self._terms.lemmas.names

    @property
    def surfaces(self) -> int:
        """How many distinct surfaces are remembered. Memory grows by about 250 bytes with each."""
        return len(self._short) + len(self._long) + len(self._others)

    def analyze(self, texts: Sequence[str]) -> TokenBatch:
        """The tokens of these texts, any strings, as the readable analyzer gives them."""
        text = _TEXT_SEPARATOR.join(("", *texts, ""))
        codes = encode(text, padding=_LONG)
        spans = word_spans(codes)
        with self._turn:
            values = self._look_up(text, codes, spans)
        kept = values != _DROPPED
        if not kept.all():
            spans, values = spans.take(np.flatnonzero(kept)), values[kept]
        spans, values = self._part(spans, values)
        begins = np.fromiter(accumulate((len(each) + 1 for each in texts), initial=1), np.int64, len(texts) + 1)
        pointers = np.searchsorted(spans.starts, begins)
        starts = spans.starts - np.repeat(begins[:-1], np.diff(pointers))
        exact = values.astype(np.int32)
        return TokenBatch(pointers, starts, spans.lengths, exact, self._terms.lemmas_of(exact))

    def _look_up(self, text: str, codes: Codes, spans: Spans) -> Words:
        """The value of each token's surface; what is new is analysed and remembered."""
        spelled = _spelled(codes, spans)
        short = spans.lengths <= _SHORT
        values = np.empty(len(spans.starts), np.uint64)
        for table, chosen in ((self._short, spelled & short), (self._long, spelled & ~short)):
            places = np.flatnonzero(chosen)
            values[places] = self._look_up_in(table, text, codes, spans.take(places))
        others = np.flatnonzero(~spelled)
        values[others] = self._look_up_others(list(spans.take(others).slices(text)))
        return values

    def _look_up_in(self, table: SurfaceTable, text: str, codes: Codes, spans: Spans) -> Words:
        keys = [_key_word(codes, spans, first) for first in range(0, table.words * _SHORT, _SHORT)]
        values, unknown = table.find(keys)
        if len(unknown):
            met: dict[str, int] = {}
            for surface, place in zip(spans.take(unknown).slices(text), unknown.tolist(), strict=True):
                met.setdefault(surface, place)
            places = np.fromiter(met.values(), np.int64, len(met))
            table.add([word.take(places) for word in keys], self._learn(list(met)))
            values[unknown], _ = table.find([word.take(unknown) for word in keys])
        return values

    def _look_up_others(self, surfaces: list[str]) -> Words:
        new = [surface for surface in dict.fromkeys(surfaces) if surface not in self._others]
        self._others.update(zip(new, self._learn(new).tolist(), strict=True))
        return np.array([self._others[surface] for surface in surfaces], np.uint64)

    def _learn(self, surfaces: Sequence[str]) -> Words:
        """The values of surfaces that have not been met before: the number of the exact form, or `_DROPPED`."""
        forms = exact_forms(surfaces)
        values = np.array(self._terms.number(forms), np.uint64)
        values[[place for place, form in enumerate(forms) if not form]] = _DROPPED
        for place, surface in enumerate(surfaces):
            if MAY_BE_GLUED.search(surface) and (seam := self._glued_words.seam(surface)):
                values[place] = self._glue(surface, seam)
        return values

    def _glue(self, surface: str, seam: int) -> int:
        """The value of two glued words: the first's number, and in the high half their place in the lists, from 1."""
        first, second = self._terms.number(exact_forms([surface[:seam], surface[seam:]]))
        self._seams.append(seam)
        self._seconds.append(second)
        return first | len(self._seams) << _HALF

    def _part(self, spans: Spans, values: Words) -> tuple[Spans, Words]:
        """Make two tokens of each surface that is two words."""
        glued = values >> np.uint64(_HALF)
        places = np.flatnonzero(glued)
        if not len(places):
            return spans, values
        which = glued.take(places).astype(np.int64) - 1
        seams = np.array(self._seams, np.int64).take(which)
        firsts = places + np.arange(len(places))  # where the first parts come to stand
        counts = np.ones(len(values), np.int64)
        counts[places] = 2
        starts, lengths = np.repeat(spans.starts, counts), np.repeat(spans.lengths, counts)
        numbers = np.repeat(values, counts)
        starts[firsts + 1] += seams
        lengths[firsts + 1] -= seams
        lengths[firsts] = seams
        numbers[firsts] &= np.uint64(_DROPPED)
        numbers[firsts + 1] = np.array(self._seconds, np.uint64).take(which)
        return Spans(starts, lengths), numbers


@cache
def _shared_analyzer() -> BatchAnalyzer:
    return BatchAnalyzer()


def default_batch_analyzer() -> BatchAnalyzer:
    """The analyzer that the writers of this process share, so that each word is analysed once.

    One that knows more than `SURFACES_KEPT` is left to those that hold it, and a new one takes its place. So ask for it
    when something is begun that needs one numbering of terms from its beginning to its end, such as a segment.
    """
    if _shared_analyzer().surfaces > SURFACES_KEPT:
        _shared_analyzer.cache_clear()
    return _shared_analyzer()


def _spelled(codes: Codes, spans: Spans) -> NDArray[np.bool_]:
    """Which tokens are known by their codes.

    A character between two tokens counts to the one before it. That does no harm: the dictionary may hold any surface.
    """
    spelled: NDArray[np.bool_] = spans.lengths <= _LONG
    owners = np.searchsorted(spans.starts, np.flatnonzero(shared_codes(codes)), side="right") - 1
    spelled[owners[owners >= 0]] = False
    return spelled


def _key_word(codes: Codes, spans: Spans, first: int) -> Words:
    """Eight codes of each token from its character `first` on, the first the lowest byte; zeros beyond its end."""
    loads = np.ndarray(len(codes) - first - _SHORT + 1, "<u8", codes, offset=first, strides=(1,))
    words = loads[spans.starts]
    words &= _LOW_BYTES.take(spans.lengths - first, mode="clip")
    return words
