"""Analysis of many texts at once into arrays: the path that indexing takes.

It gives the tokens of `analyzer.default_analyzer`, to the character and the letter, about thirty times as fast once the
words have been seen. Everything about a token but its place follows from its surface, and the surfaces of an archive
repeat: each is analysed once, by the readable analyzer, and remembered.

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

from searchapp.analysis.analyzer import ArabicAnalyzer
from searchapp.analysis.code_page import Codes, encode, shared_codes
from searchapp.analysis.surface_table import SurfaceTable, Words
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
"""The packed numbers of a surface of which nothing is left."""


@dataclass(frozen=True, slots=True)
class TokenBatch:
    """The tokens of T texts, end to end.

    `pointers` (T + 1) bound each text's; `starts` and `lengths` count characters within their own text; `exact` and
    `stem` number the terms in the analyzer's two term lists.
    """

    pointers: NDArray[np.int64]
    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]
    exact: NDArray[np.int32]
    stem: NDArray[np.int32]


class _Terms:
    """Numbers terms in the order in which they are first seen."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self._numbers: dict[str, int] = {}

    def number(self, term: str) -> int:
        number = self._numbers.setdefault(term, len(self.names))
        if number == len(self.names):
            self.names.append(term)
        return number


class BatchAnalyzer:
    """Analyses texts and numbers their terms. It may be used from many threads; they take turns.

    It remembers every surface that it has met, and forgets none, as its term numbers are in use: see `surfaces`.
    Numbers of two analyzers have nothing in common.
    """

    def __init__(self) -> None:
        # Each surface is asked for once, so nothing is gained by remembering it there too.
        self._forms = ArabicAnalyzer(memo_entries=0).forms
        self._exact, self._stem = _Terms(), _Terms()
        self._short, self._long = SurfaceTable(1), SurfaceTable(_LONG // _SHORT)
        self._others: dict[str, int] = {}
        self._turn = Lock()

    @property
    def exact_terms(self) -> list[str]:
        """Number → exact form. It grows with each call of `analyze`; numbers that were given out stay."""
        return self._exact.names

    @property
    def stem_terms(self) -> list[str]:
        """Number → stem. It grows as `exact_terms` does."""
        return self._stem.names

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
        begins = np.fromiter(accumulate((len(each) + 1 for each in texts), initial=1), np.int64, len(texts) + 1)
        pointers = np.searchsorted(spans.starts, begins)
        starts = spans.starts - np.repeat(begins[:-1], np.diff(pointers))
        return TokenBatch(pointers, starts, spans.lengths, *_unpack(values))

    def _look_up(self, text: str, codes: Codes, spans: Spans) -> Words:
        """The packed term numbers of each token; what is new is analysed and remembered."""
        spelled = _spelled(codes, spans)
        short = spans.lengths <= _SHORT
        values = np.empty(len(spans.starts), np.uint64)
        for table, chosen in ((self._short, spelled & short), (self._long, spelled & ~short)):
            places = np.flatnonzero(chosen)
            values[places] = self._look_up_in(table, text, codes, spans.take(places))
        others = np.flatnonzero(~spelled)
        values[others] = [self._other(surface) for surface in spans.take(others).slices(text)]
        return values

    def _look_up_in(self, table: SurfaceTable, text: str, codes: Codes, spans: Spans) -> Words:
        keys = [_key_word(codes, spans, first) for first in range(0, table.words * _SHORT, _SHORT)]
        values, unknown = table.find(keys)
        if len(unknown):
            met: dict[str, int] = {}
            for surface, place in zip(spans.take(unknown).slices(text), unknown.tolist(), strict=True):
                met.setdefault(surface, place)
            places = np.fromiter(met.values(), np.int64, len(met))
            learnt = np.fromiter(map(self._analyze_surface, met), np.uint64, len(met))
            table.add([word.take(places) for word in keys], learnt)
            values[unknown], _ = table.find([word.take(unknown) for word in keys])
        return values

    def _other(self, surface: str) -> int:
        value = self._others.get(surface)
        if value is None:
            value = self._others[surface] = self._analyze_surface(surface)
        return value

    def _analyze_surface(self, surface: str) -> int:
        """The numbers of its terms, packed: the exact form's in the low half, the stem's in the high half."""
        exact, stem, *_ = self._forms(surface)
        return self._exact.number(exact) | self._stem.number(stem) << _HALF if exact else _DROPPED


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


def _unpack(values: Words) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    return values.astype(np.uint32).view(np.int32), (values >> np.uint64(_HALF)).astype(np.int32)
