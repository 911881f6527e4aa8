"""Analysis of many texts at once into arrays: the path that indexing takes.

It gives the tokens of `analyzer.default_analyzer`, to the character and the letter, about thirty times as fast once the
words have been seen. Everything about a token but its place follows from its surface, and the surfaces of an archive
repeat: each is analysed once, beside all others that are new, and remembered (`surface_numbers`). It is always the
whole surface that is compared, so no word is ever taken for another.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from threading import Lock
from typing import Final

import numpy as np
from numpy.typing import NDArray

from searchapp.analysis import token_loops
from searchapp.analysis.code_page import Codes, encode, shared_codes
from searchapp.analysis.coded_words import KEY_CODES
from searchapp.analysis.compound_batch import CompoundNumbers, SpelledTexts
from searchapp.analysis.growing_arrays import ScratchArrays
from searchapp.analysis.spelled_terms import NumberedTerms
from searchapp.analysis.surface_numbers import DROPPED, LONGEST_CODED, SECOND_BITS, FoundTokens, SurfaceNumbers
from searchapp.analysis.surface_table import Words
from searchapp.analysis.tokenizer import TOKEN_CHARACTERS
from searchapp.analysis.word_spans import Places, Spans, word_spans

SURFACES_KEPT: Final = 1 << 21
"""What the shared analyzer may know before it is replaced by an empty one: about half a gigabyte."""

_MOST_CODES: Final = (1 << 31) - 1
"""Of texts whose tokens are found by a compiled loop: their places have four bytes."""

# No token holds it. A text may hold it too: it is lengths that say where texts end.
_TEXT_SEPARATOR: Final = "\0"


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
        self._surfaces, self._scratch = SurfaceNumbers(), ScratchArrays()
        self._compounds = CompoundNumbers(self._surfaces)
        self._turn = Lock()

    @property
    def exact_terms(self) -> NumberedTerms:
        """Number → exact form. It grows with each call of `analyze`; numbers that were given out stay."""
        return self._surfaces.terms.exact

    @property
    def lemma_terms(self) -> NumberedTerms:
        """Number → lemma. It grows as `exact_terms` does."""
        return self._surfaces.terms.lemmas

    @property
    def surfaces(self) -> int:
        """How many surfaces and exact forms are remembered. Memory grows by about 200 bytes with each."""
        return len(self._surfaces)

    def lemmas_of(self, exact: NDArray[np.int32]) -> NDArray[np.int32]:
        """The numbers of the lemmas of exact forms that a call of `analyze` has met."""
        with self._turn:
            return self._surfaces.terms.lemmas_of(exact)

    def all_lemmas(self) -> NDArray[np.int32]:
        """The number of the lemma of each exact form that a call of `analyze` has met; there may be room for more."""
        with self._turn:
            return self._surfaces.terms.lemma_of_exact()

    def numbers_of(self, exact_forms: Sequence[str]) -> NDArray[np.int32]:
        """The numbers of exact forms, such as another analyzer of the same words gave; none is empty."""
        with self._turn:
            return self._surfaces.number_exact(exact_forms).astype(np.int32)

    def analyze(self, texts: Sequence[str]) -> TokenBatch:
        """The tokens of these texts, any strings, as the readable analyzer gives them."""
        text = _TEXT_SEPARATOR.join(("", *texts, ""))
        begins = np.fromiter(accumulate((len(each) + 1 for each in texts), initial=1), np.int64, len(texts) + 1)
        return self.analyze_codes(encode(text, padding=LONGEST_CODED), begins, _OneText(text))

    def analyze_codes(self, codes: Codes, begins: Places, texts: SpelledTexts) -> TokenBatch:
        """The tokens of texts that are given as codes, each behind a gap.

        Args:
            codes: with a gap at the end, and padded by `LONGEST_CODED` more.
            begins: where each text begins, and where one more would.
            texts: spell out what stands somewhere.
        """
        finding, numbering = token_loops.find_tokens.ready(), token_loops.number_tokens.ready()
        if finding is not None and numbering is not None and len(codes) < _MOST_CODES:
            return self._analyze_compiled(finding, numbering, codes, begins, texts)
        spans = word_spans(codes)
        with self._turn:
            values = self._look_up(codes, spans, texts)
            self._compounds.join(values, spans.starts, spans.lengths, begins, texts)
            if int(values.max(initial=0)) >= DROPPED:
                kept = np.flatnonzero(values != DROPPED)
                spans, values = self._part(spans.take(kept), values.take(kept))
            exact = values.astype(np.int32)
            lemma = self._surfaces.terms.lemmas_of(exact)
        pointers = np.searchsorted(spans.starts, begins)
        starts = spans.starts - np.repeat(begins[:-1], np.diff(pointers))
        return TokenBatch(pointers, starts, spans.lengths, exact, lemma)

    def _analyze_compiled(
        self,
        finding: Callable[..., int],
        numbering: Callable[..., int],
        codes: Codes,
        begins: Places,
        texts: SpelledTexts,
    ) -> TokenBatch:
        """As `analyze_codes`, token by token."""
        words = codes[: len(codes) // KEY_CODES * KEY_CODES].view("<u8")
        most = len(codes) // 2 + 1
        with self._turn:
            scratch, surfaces = self._scratch, self._surfaces
            edges = scratch.array("edges", len(codes) + 1, np.int32)
            starts, lengths = (scratch.array(name, most, np.int32) for name in ("starts", "lengths"))
            keys = scratch.array("keys", most, np.uint64)
            count = finding(
                codes, words, token_loops.kinds(), TOKEN_CHARACTERS, LONGEST_CODED, edges, starts, lengths, keys
            )
            found = FoundTokens(starts[:count], lengths[:count], keys[:count])
            values = surfaces.of_tokens(codes, found, scratch.array("values", count, np.uint64), texts.spelled)
            self._compounds.join(values, found.starts, found.lengths, begins, texts)
            room = count + np.count_nonzero(values > DROPPED)
            pointers, new_starts, new_lengths = (np.empty(size, np.int64) for size in (len(begins), room, room))
            exact, lemma = np.empty(room, np.int32), np.empty(room, np.int32)
            count = numbering(
                values, found.starts, found.lengths, begins, DROPPED, surfaces.seams.values, surfaces.seconds.values,
                surfaces.terms.lemma_of_exact(), pointers, new_starts, new_lengths, exact, lemma,
            )  # fmt: skip
        return TokenBatch(pointers, new_starts[:count], new_lengths[:count], exact[:count], lemma[:count])

    def _look_up(self, codes: Codes, spans: Spans, texts: SpelledTexts) -> Words:
        """The value of each token's surface; what is new is analysed and remembered."""
        others = _not_spelled(codes, spans)
        values = self._surfaces.of_codes(codes, spans, others)
        if len(others):
            values[others] = self._surfaces.of_texts(texts.spelled(spans.take(others)))
        return values

    def _part(self, spans: Spans, values: Words) -> tuple[Spans, Words]:
        """Make two tokens of each surface that is two words."""
        glued = values >> np.uint64(SECOND_BITS)
        places = np.flatnonzero(glued)
        if not len(places):
            return spans, values
        which = glued.take(places).astype(np.int64) - 1
        seams = self._surfaces.seams.values.take(which)
        firsts = places + np.arange(len(places))  # where the first parts come to stand
        counts = np.ones(len(values), np.int64)
        counts[places] = 2
        starts, lengths = np.repeat(spans.starts, counts), np.repeat(spans.lengths, counts)
        numbers = np.repeat(values, counts)
        starts[firsts + 1] += seams
        lengths[firsts + 1] -= seams
        lengths[firsts] = seams
        numbers[firsts] &= np.uint64(DROPPED)
        numbers[firsts + 1] = self._surfaces.seconds.values.take(which)
        return Spans(starts, lengths), numbers


@dataclass(frozen=True, slots=True)
class _OneText:
    """`SpelledTexts` as one text."""

    text: str

    def spelled(self, spans: Spans) -> list[str]:
        return list(spans.slices(self.text))

    def points(self, places: Places) -> NDArray[np.uint32]:
        return np.fromiter((ord(self.text[place]) for place in places.tolist()), np.uint32, len(places))


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


def _not_spelled(codes: Codes, spans: Spans) -> Places:
    """The tokens that are not known by their codes.

    A character between two tokens counts to the one before it. That does no harm: any surface may be looked up as text.
    """
    is_other = spans.lengths > LONGEST_CODED
    owners = np.searchsorted(spans.starts, np.flatnonzero(shared_codes(codes)), side="right") - 1
    is_other[owners[owners >= 0]] = True
    return np.flatnonzero(is_other)
