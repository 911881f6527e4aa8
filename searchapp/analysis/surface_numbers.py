"""What is known of surfaces: the number of the exact form that each becomes, or of two where it is two glued words.

A surface that spells itself in codes (`code_page`) is known by them; the others, one of three thousand in Arabic news,
are looked up one by one in a dictionary. An exact form is a surface of its own: it becomes itself, so that one table
numbers exact forms and knows surfaces.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from searchapp.analysis import learning_loops
from searchapp.analysis.analyzer import exact_forms
from searchapp.analysis.code_page import GAP, Codes, encode, shared_codes
from searchapp.analysis.coded_words import (
    KEY_CODES,
    Rows,
    characters,
    exact_rows,
    folded,
    keys_of,
    kinds,
    may_be_glued,
    rows_of,
    spelled_out,
)
from searchapp.analysis.glued_words import GluedWords, bare_word, fold, seam_beside_number
from searchapp.analysis.growing_arrays import GrowingArray
from searchapp.analysis.lemmatizer import default_lemmatizer
from searchapp.analysis.surface_table import SurfaceTable, Words, distinct
from searchapp.analysis.term_numbers import TermNumbers
from searchapp.analysis.token_loops import LONG, OTHER
from searchapp.analysis.word_spans import Places, Spans

LONGEST_CODED: Final = 3 * KEY_CODES
"""Characters of a surface that may be known by its codes."""
SECOND_BITS: Final = 32
"""A surface's value has an exact form's number in so many low bits, and a glued word's place above them, from 1."""
DROPPED: Final = (1 << SECOND_BITS) - 1
"""Instead of an exact form's number: nothing is left of the surface."""
_LEARNT_AT_ONCE: Final = 1 << 10
"""Exact forms that there is room for, at least, when a loop begins to learn."""
_LOW_BYTES: Final = np.array([(1 << 8 * codes) - 1 for codes in range(KEY_CODES + 1)], np.uint64)


def key_word(codes: Codes, spans: Spans, first: int) -> Words:
    """Eight codes of each span from its character `first` on, the first the lowest byte; zeros beyond its end.

    `codes` go on for `LONGEST_CODED` behind the last span.
    """
    loads = np.ndarray(len(codes) - first - KEY_CODES + 1, "<u8", codes, offset=first, strides=(1,))
    words = loads[spans.starts]
    words &= _LOW_BYTES.take(spans.lengths - first, mode="clip")
    return words


class FoundTokens(NamedTuple):
    """Tokens as `token_loops.find_tokens` writes them."""

    starts: NDArray[np.int32]
    lengths: NDArray[np.int32]
    keys: Words

    def spans(self, places: Places) -> Spans:
        """Where some of them stand."""
        return Spans(self.starts.take(places).astype(np.int64), self.lengths.take(places).astype(np.int64))


class SurfaceNumbers:
    """Values of surfaces. It forgets nothing; not safe for threads.

    `seams` and `seconds` tell of each glued word where the second one begins, and its exact form's number.
    """

    def __init__(self) -> None:
        self.terms = TermNumbers()
        self.seams, self.seconds = GrowingArray(np.int64), GrowingArray(np.int64)
        self._glued_words = GluedWords(default_lemmatizer())
        self._short, self._long = SurfaceTable(1), SurfaceTable(LONGEST_CODED // KEY_CODES)
        self._others: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._short) + len(self._long) + len(self._others)

    def of_codes(self, codes: Codes, spans: Spans, others: Places) -> Words:
        """The values of surfaces that spell themselves in codes, no longer than `LONGEST_CODED`.

        Those at the places of `others` may be any surfaces; their values mean nothing.
        """
        is_apart = spans.lengths > KEY_CODES
        is_apart[others] = False
        long = np.flatnonzero(is_apart)
        is_apart[others] = True
        # Nearly all are short: looked up as they lie, the first of them also where another one stands.
        values = np.empty(len(is_apart), np.uint64)
        if len(long) + len(others) < len(is_apart):
            apart, first = np.flatnonzero(is_apart), int(is_apart.argmin())
            short = Spans(spans.starts.copy(), spans.lengths.copy())
            short.starts[apart], short.lengths[apart] = spans.starts[first], spans.lengths[first]
            values = self._of_keys(self._short, [key_word(codes, short, 0)])
        if len(long):
            part = spans.take(long)
            keys = [key_word(codes, part, first) for first in range(0, LONGEST_CODED, KEY_CODES)]
            values[long] = self._of_keys(self._long, keys)
        return values

    def of_tokens(
        self, codes: Codes, found: FoundTokens, values: Words, spelled: Callable[[Spans], Sequence[str]]
    ) -> Words:
        """Write the values of tokens as `token_loops.find_tokens` finds them; `spelled` spells out some of them."""
        unknown = self._short.find_short(found.keys, OTHER + 1, values)
        if (made := learning_loops.learn_surfaces.ready()) is not None:
            unknown = self._learn_by(made, codes, found, unknown, values)
        kinds = found.keys.take(unknown)
        short, long, others = (unknown[which] for which in (kinds > OTHER, kinds == LONG, kinds == OTHER))
        if len(short):
            values[short] = self._of_keys(self._short, [found.keys.take(short)])
        if len(long):
            part = found.spans(long)
            words = [key_word(codes, part, first) for first in range(0, LONGEST_CODED, KEY_CODES)]
            values[long] = self._of_keys(self._long, words)
        if len(others):
            values[others] = self.of_texts(spelled(found.spans(others)))
        return values

    def _learn_by(
        self, made: Callable[..., int], codes: Codes, found: FoundTokens, unknown: Places, values: Words
    ) -> Places:
        """Write the values of unknown tokens one by one; returns the places of those that are left."""
        is_coded = found.keys.take(unknown) != OTHER
        places, left = unknown[is_coded], np.empty(len(unknown), np.int64)
        state = np.array([len(self._short), len(self._long), len(self.terms.exact), 0])
        begin = 0
        while begin < len(places):
            known = state.item(learning_loops.FORMS)
            begin = made(
                codes, found.starts, found.lengths, found.keys, places, begin, folded(), kinds(),
                characters(), DROPPED, *self._short.slots(), *self._long.slots(), state,
                *self.terms.exact.room(_LEARNT_AT_ONCE, _LEARNT_AT_ONCE * LONGEST_CODED), values, left,
            )  # fmt: skip
            self.terms.exact.wrote(state.item(learning_loops.FORMS) - known)
            self._short.wrote(state.item(learning_loops.SHORT_KEYS))
            self._long.wrote(state.item(learning_loops.LONG_KEYS))
        return np.concatenate([left[: state.item(learning_loops.LEFT)], unknown[~is_coded]])

    def of_texts(self, surfaces: Sequence[str]) -> Words:
        """The values of other surfaces."""
        new = [surface for surface in dict.fromkeys(surfaces) if surface not in self._others]
        if new:
            glued = self._find_glued(new)
            whole = [at for at in range(len(new)) if at not in glued]
            values = np.empty(len(new), np.uint64)
            values[whole] = self.number_exact(exact_forms([new[at] for at in whole]))
            values[list(glued)] = self._number_glued([(new[at], seam) for at, seam in glued.items()])
            self._others.update(zip(new, values.tolist(), strict=True))
        return np.array([self._others[surface] for surface in surfaces], np.uint64)

    def _of_keys(self, table: SurfaceTable, keys: Sequence[Words]) -> Words:
        values, unknown = table.find(keys)
        if len(unknown):
            new = [word.take(unknown) for word in keys]
            first, which = distinct(new)
            values[unknown] = self._learn(table, [word.take(first) for word in new]).take(which)
        return values

    def _learn(self, table: SurfaceTable, keys: Sequence[Words]) -> Words:
        """The values of surfaces that have not been met before, each once; they are known from then on."""
        rows = rows_of(keys)
        exact, is_unsure = exact_rows(rows)
        # An exact form is known as a surface from then on, so those of glued words must not be numbered.
        candidates = may_be_glued(rows)
        surfaces = spelled_out(rows.take(candidates, axis=0))
        seams = self._find_glued(surfaces)
        glued = candidates.take(np.array(list(seams), np.int64))
        is_unsure[glued] = False
        unsure = np.flatnonzero(is_unsure)
        exact[glued] = exact[unsure] = GAP
        values = self._number_rows(exact)
        if len(unsure):
            values[unsure] = self.number_exact(exact_forms(spelled_out(rows.take(unsure, axis=0))))
        values[glued] = self._number_glued([(surfaces[at], seam) for at, seam in seams.items()])
        # Those that are their own exact forms are known by now.
        changed = np.flatnonzero((exact != rows).any(1))
        table.add([word.take(changed) for word in keys], values.take(changed))
        return values

    def _find_glued(self, surfaces: Sequence[str]) -> dict[int, int]:
        """Which surfaces are two words, and where the second one begins."""
        bare = list(map(bare_word, surfaces))
        candidates = [at for at, word in enumerate(bare) if word]
        known = self.terms.lexicon_lemmas([fold(bare[at]) for at in candidates]) >= 0
        unknown = (at for at, is_known in zip(candidates, known.tolist(), strict=True) if not is_known)
        seams = {at: self._glued_words.seam_of_unknown(surfaces[at], bare[at]) for at in unknown}
        seams |= {at: seam_beside_number(surface) for at, surface in enumerate(surfaces) if not bare[at]}
        return {at: seam for at, seam in seams.items() if seam}

    def _number_glued(self, glued: Sequence[tuple[str, int]]) -> Words:
        """The values of surfaces that are two words, each with its seam."""
        if not glued:
            return np.empty(0, np.uint64)
        parts = [part for surface, seam in glued for part in (surface[:seam], surface[seam:])]
        numbers = self.number_exact(exact_forms(parts))
        before = len(self.seconds)
        self.seams.extend(np.array([seam for _, seam in glued], np.int64))
        self.seconds.extend(numbers[1::2].astype(np.int64))
        which = np.arange(before + 1, len(self.seconds) + 1, dtype=np.uint64)
        return numbers[::2] | which << np.uint64(SECOND_BITS)

    def number_exact(self, exact: Sequence[str]) -> Words:
        """The numbers of any exact forms, `DROPPED` for empty ones."""
        codes = encode("".join(exact), padding=LONGEST_CODED)
        lengths = np.fromiter(map(len, exact), np.int64, len(exact))
        spans = Spans(np.cumsum(lengths) - lengths, lengths)
        is_coded = lengths <= LONGEST_CODED
        spaces = np.flatnonzero((shared_codes(codes) | (codes == GAP))[: int(lengths.sum())])
        is_coded[np.searchsorted(spans.starts, spaces, side="right") - 1] = False
        coded, others = np.flatnonzero(is_coded), np.flatnonzero(~is_coded)
        part = spans.take(coded)
        values = np.empty(len(exact), np.uint64)
        values[coded] = self._number_rows(
            rows_of([key_word(codes, part, first) for first in range(0, LONGEST_CODED, KEY_CODES)])
        )
        values[others] = self._number_texts([exact[place] for place in others.tolist()])
        return values

    def _number_rows(self, rows: Rows) -> Words:
        """The numbers of exact forms, `DROPPED` for empty ones; they are known as surfaces from then on."""
        lengths = np.count_nonzero(rows, axis=1)
        values = np.full(len(rows), DROPPED, np.uint64)
        is_short = lengths <= KEY_CODES
        for table, chosen in ((self._short, is_short & (lengths > 0)), (self._long, ~is_short)):
            if chosen.any():
                places = np.flatnonzero(chosen)
                values[places] = self._number_coded(table, rows[places, : table.words * KEY_CODES])
        return values

    def _number_coded(self, table: SurfaceTable, rows: Rows) -> Words:
        keys = keys_of(rows)
        numbers, unknown = table.find(keys)
        if len(unknown):
            first, which = distinct([word.take(unknown) for word in keys])
            new = unknown.take(first)
            start = self.terms.add(spelled_out(rows.take(new, axis=0)))
            given = np.arange(start, start + len(new), dtype=np.uint64)
            table.add([word.take(new) for word in keys], given)
            numbers[unknown] = given.take(which)
        return numbers

    def _number_texts(self, exact: Sequence[str]) -> Words:
        """The numbers of exact forms that do not spell themselves in codes."""
        new = [form for form in dict.fromkeys(exact) if form not in self._others]
        self._others.update(zip(new, count(self.terms.add(new)), strict=False))
        return np.array([self._others[form] for form in exact], np.uint64)
