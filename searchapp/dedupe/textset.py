"""Many texts end to end, so that one pass over arrays compares all their pairs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from searchapp.dedupe.pair_loops import DROPPED_BITS
from searchapp.dedupe.pair_tables import PairTables, pair_loops
from searchapp.dedupe.words import SHINGLE_WORDS, Text, shingles_of_numbers

Places = NDArray[np.int64]
Keys = NDArray[np.uint64]

_HASH_BITS: Final = 64 - int(DROPPED_BITS)
"""Of a shingle's hash that are compared, beside the number of its text: of a billion pairs, none errs by that."""
HASH: Final = np.uint64((1 << _HASH_BITS) - 1)
"""The part of a key that is the hash."""
_PLACE_BITS: Final = 32


class Pairs(NamedTuple):
    """Pairs of texts by their numbers in a set, the shorter and the longer one of each."""

    short: Places
    long: Places

    def take(self, which: Places) -> Pairs:
        """Some of them."""
        return Pairs(self.short.take(which), self.long.take(which))

    def __len__(self) -> int:
        return len(self.short)


class TextSet:
    """Texts of one vocabulary, no more than the bits that a hash leaves can number: a million.

    `hashes` are the shingles; `keys` are the distinct ones of each text, sorted, with the text's number before the
    hash; of each key `firsts` is the place in its text where it stands first and `repeats` how often it does; `key_of`
    is the key of each shingle. `starts` and `key_starts` say where a text's shingles and keys begin. Where compiled
    loops are taken, none of these is made; `tables` stands in their place.
    """

    def __init__(self, texts: Sequence[Text]) -> None:
        self.texts = texts
        self.vocabulary = texts[0].vocabulary
        self.lengths = np.array([len(text) for text in texts], np.int64)
        self.word_starts = _starts(self.lengths)
        self.words = np.concatenate([text.words for text in texts])
        self.counts = np.maximum(self.lengths - SHINGLE_WORDS + 1, 0)
        hashes = shingles_of_numbers(self.words)
        loops = pair_loops()
        self.tables: PairTables | None = None
        if loops is not None:
            self.tables = PairTables(loops, self.vocabulary, self.words, hashes, self.word_starts, self.lengths)
            return
        self.lemmas = self.vocabulary.lemmas(self.words)
        self.telling = self.vocabulary.telling(self.words)
        self.starts = _starts(self.counts)
        self.hashes = (hashes >> DROPPED_BITS).take(ranges(self.word_starts, self.counts))
        self._sort_keys()

    def _sort_keys(self) -> None:
        owners = np.repeat(np.arange(len(self.texts)), self.counts)
        packed = self.with_text(owners, self.hashes)
        order = np.argsort(packed)
        ordered = packed.take(order)
        is_new = is_first(ordered)
        heads = np.flatnonzero(is_new)
        self.keys: Keys = ordered.take(heads)
        self.repeats = np.diff(np.append(heads, len(ordered)))
        firsts = np.minimum.reduceat(order, heads) if len(heads) else heads
        self.firsts: Places = firsts - self.starts.take(owners.take(firsts))
        self.key_of = np.empty(len(ordered), np.int64)
        self.key_of[order] = np.cumsum(is_new) - 1
        self.key_counts = np.bincount(owners.take(order.take(heads)), minlength=len(self.texts))
        self.key_starts = _starts(self.key_counts)

    @staticmethod
    def with_text(texts: Places, hashes: Keys) -> Keys:
        """Hashes as keys of these texts."""
        packed: Keys = (texts.astype(np.uint64) << np.uint64(_HASH_BITS)) | hashes
        return packed

    def find(self, texts: Places, hashes: Keys) -> Places:
        """Which key each hash is in this text; -1 where the text does not have it."""
        wanted = self.with_text(texts, hashes)
        found = np.searchsorted(self.keys, wanted)
        np.minimum(found, len(self.keys) - 1, out=found)
        found[self.keys.take(found) != wanted] = -1
        return found

    @cached_property
    def _lemma_keys(self) -> Places:
        owners = np.repeat(np.arange(len(self.texts)), self.lengths)
        keys = at_place(owners, self.lemmas)
        keys.sort()
        return keys

    def lacks(self, texts: Places, lemmas: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Which of these lemmas occur nowhere in the text beside them."""
        wanted = at_place(texts, lemmas)
        order = np.argsort(wanted)  # in order they are found in half the time
        wanted = wanted.take(order)
        lacking = np.empty(len(wanted), bool)
        places = np.searchsorted(self._lemma_keys, wanted)
        lacking[order] = self._lemma_keys.take(places, mode="clip") != wanted
        return lacking

    def numbers(self, texts: Places) -> tuple[Places, NDArray[np.int32]]:
        """The numbers in these texts: text and place of each, packed (`at_place`) and in order, and its code."""
        if self.tables is not None:
            return self.tables.numbers(texts, _PLACE_BITS)
        is_wanted = np.zeros(len(self.texts), bool)
        is_wanted[texts] = True
        codes = self.vocabulary.values(self.words)
        found = np.flatnonzero((codes != 0) & np.repeat(is_wanted, self.lengths))
        owners = np.searchsorted(self.word_starts, found, side="right") - 1
        # Of texts without words that begin at the same place, the last one is the one that has the word.
        return at_place(owners, found - self.word_starts.take(owners)), codes.take(found)

    def said(self, codes: Iterable[int]) -> list[str]:
        """What numbers with these codes say."""
        names = self.vocabulary.value_names
        return [names[code] or "" for code in codes]


def is_first(ordered: NDArray[Any]) -> NDArray[np.bool_]:
    """Which of ordered values are other than those before them. What `np.unique` does, without its hash table."""
    first = np.ones(len(ordered), bool)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return first


def distinct(values: Places) -> Places:
    """The distinct ones of values, in order. What `np.unique` does, without its hash table."""
    ordered = np.sort(values)
    return ordered[is_first(ordered)]


def at_place(texts: Places, places: NDArray[np.int32] | Places) -> Places:
    """A text or pair, and a place in it, as one number that sorts by both."""
    packed: Places = (texts << _PLACE_BITS) + places
    return packed


def ranges(starts: Places, counts: Places) -> Places:
    """The numbers from each start on, so many of them, end to end."""
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    places: Places = np.arange(total) + np.repeat(starts - (ends - counts), counts)
    return places


def _starts(counts: Places) -> Places:
    starts: Places = np.cumsum(counts) - counts
    return starts
