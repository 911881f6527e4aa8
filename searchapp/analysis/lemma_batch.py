"""Lemmas of many words at once: `lemmatizer.Lemmatizer` over arrays, with the same result.

All splits of all words are tried side by side: the letters of a word are packed into integers, so that the key of any
of its stems is one mask away, and the keys of all stems are looked up in one go.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, cached_property
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from searchapp.analysis import lemma_loops
from searchapp.analysis.affixes import (
    LONGEST_PREFIX,
    LONGEST_SUFFIX,
    PREFIXES,
    SUFFIXES,
    StemClass,
    is_lemma_form,
)
from searchapp.analysis.lemmatizer import SHORTEST_STEM
from searchapp.analysis.lexicon import HASH_MULTIPLIER, LETTER_BITS, LETTER_CODES, LONGEST_STEM, Keys, Lexicon, key_of
from searchapp.analysis.spelled_terms import SpelledTerms

LONGEST_ANALYSED: Final = LONGEST_PREFIX + LONGEST_STEM + LONGEST_SUFFIX
"""Letters of a word that may have an analysis."""
WORDS_AT_ONCE: Final = 1 << 13
"""What is computed with then stays in the processor's cache."""

_DIRECT_LETTERS: Final = 3  # affixes of more would need tables of a megabyte and more
_NO_LETTER: Final = (1 << LETTER_BITS) - 1  # in no key and in no affix
_POINTS: Final = 0x700  # the Arabic block ends below
_MASKS: Final = np.array([(1 << LETTER_BITS * length) - 1 for length in range(LONGEST_STEM + 1)], np.uint64)
_CLASSES: Final = len(StemClass)
_KEY_BITS: Final = 64
_MULTIPLIER: Final = np.array([HASH_MULTIPLIER], np.uint64)

Numbers = NDArray[np.int32]
Places = NDArray[np.int64]


class _Splits(NamedTuple):
    """Ways to part words: which word, the number of its affixes (prefix · suffixes + suffix), the key of its stem."""

    words: Places
    affixes: Places
    keys: Keys


class BatchLemmatizer:
    """Finds the lemmas of many words. It keeps no state but tables and may be used from many threads."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._letters = np.full(_POINTS + 1, _NO_LETTER, np.uint8)
        self._letters[[ord(letter) for letter in LETTER_CODES]] = list(LETTER_CODES.values())
        self._factors = np.zeros(len(PREFIXES) * len(SUFFIXES) * _CLASSES)
        self._factors[lexicon.combinations] = lexicon.combination_factors
        self._possible = self._factors.reshape(-1, _CLASSES).any(1)
        self._whole = _whole_words()

    @cached_property
    def _prefixes(self) -> list[_Affixes]:
        return [_Affixes(PREFIXES, length) for length in range(LONGEST_PREFIX + 1)]

    @cached_property
    def _suffixes(self) -> list[_Affixes]:
        return [_Affixes(SUFFIXES, length) for length in range(LONGEST_SUFFIX + 1)]

    @cached_property
    def _ends(self) -> Places:
        """Of each entry of the lexicon, the one behind the last of its key."""
        ends = np.flatnonzero(self._lexicon.entry_last) + 1
        return np.repeat(ends, np.diff(ends, prepend=0))

    def lemma_numbers(self, words: SpelledTerms) -> Numbers:
        """The number of each word's lemma in the lexicon, or -1; words are exact forms."""
        letters = self._letters.take(words.points, mode="clip")
        found = np.full(len(words), -1, np.int32)
        if (made := lemma_loops.find_lemmas.ready()) is not None:
            self._find(made, letters, words.lengths, found)
            return found
        begins = words.begins()
        for start in range(0, len(words), WORDS_AT_ONCE):
            chunk = slice(start, start + WORDS_AT_ONCE)
            lengths = words.lengths[chunk]
            begin = begins.item(start)
            found[chunk] = self._best(letters[begin : begin + int(lengths.sum())], lengths)
        return found

    def _find(self, made: Callable[..., None], letters: NDArray[np.uint8], lengths: Places, found: Numbers) -> None:
        """As `_best`, split by split."""
        lexicon = self._lexicon
        made(
            letters, lengths, SHORTEST_STEM, LONGEST_STEM, LONGEST_ANALYSED, *_tree(PREFIXES, 1), *_tree(SUFFIXES, -1),
            len(SUFFIXES), self._possible, self._factors, self._whole, lexicon.slot_keys, lexicon.slot_entries,
            _MULTIPLIER, _KEY_BITS - lexicon.bits, _CLASSES, self._entries.ravel(),
            self._entries.view(np.float32).ravel(), found,
        )  # fmt: skip

    @cached_property
    def _entries(self) -> Numbers:
        """The lexicon's entries as the compiled loop takes them: side by side, since memory is what takes time."""
        lexicon = self._lexicon
        entries = np.empty((len(lexicon.entry_lemmas), 4), np.int32)
        entries[:, 0] = lexicon.entry_lemmas
        np.left_shift(lexicon.entry_classes, 1, out=entries[:, 1], dtype=np.int32)
        entries[:, 1] |= lexicon.entry_last
        weights = entries.view(np.float32)
        weights[:, 2], weights[:, 3] = lexicon.entry_weights, lexicon.entry_affixed_weights
        return entries

    def _best(self, letters: NDArray[np.uint8], lengths: Places) -> Numbers:
        """The best lemma of each word of a chunk; `letters` are the words' codes, end to end."""
        splits = self._splits(letters, lengths)
        lexicon = self._lexicon
        first = lexicon.first_entries(splits.keys)
        known = np.flatnonzero(first >= 0)
        first = first.take(known)
        counts = self._ends.take(first) - first
        which = np.repeat(known, counts)
        entries = np.arange(len(which)) + np.repeat(first - np.cumsum(counts) + counts, counts)
        combined = splits.affixes.take(which) * _CLASSES + lexicon.entry_classes.take(entries)
        weights = np.where(
            self._whole.take(combined), lexicon.entry_weights.take(entries), lexicon.entry_affixed_weights.take(entries)
        )
        scores = weights.astype(np.float64) * self._factors.take(combined)
        words, lemmas = splits.words.take(which), lexicon.entry_lemmas.take(entries)
        best = np.zeros(len(lengths))
        np.maximum.at(best, words, scores)
        winners = np.flatnonzero((scores == best.take(words)) & (scores > 0))
        no_lemma = np.iinfo(np.int32).max
        found: Numbers = np.full(len(lengths), no_lemma, np.int32)
        np.minimum.at(found, words.take(winners), lemmas.take(winners))
        found[found == no_lemma] = -1
        return found

    def _splits(self, letters: NDArray[np.uint8], lengths: Places) -> _Splits:
        """Every way to part the words into affixes that go together and a stem of a length that may be known."""
        kept = np.flatnonzero((lengths >= SHORTEST_STEM) & (lengths <= LONGEST_ANALYSED))
        begins = (np.cumsum(lengths) - lengths).take(kept)
        lengths = lengths.take(kept)
        packed = _packed(letters, begins, lengths)
        prefixes = np.stack([self._prefix_numbers(packed, lengths, length) for length in range(LONGEST_PREFIX + 1)])
        suffixes = np.stack([self._suffix_numbers(packed, lengths, length) for length in range(LONGEST_SUFFIX + 1)])
        # One entry a length of the prefix, length of the suffix, and word.
        carried = np.flatnonzero((prefixes >= 0)[:, np.newaxis] & (suffixes >= 0))
        affix_lengths, words = np.divmod(carried, max(len(kept), 1))
        begins, ends = np.divmod(affix_lengths, LONGEST_SUFFIX + 1)
        stems = lengths.take(words) - begins - ends
        affixes = prefixes[begins, words] * len(SUFFIXES) + suffixes[ends, words]
        fits = (stems >= SHORTEST_STEM) & (stems <= LONGEST_STEM)
        fits &= self._possible.take(affixes)
        chosen = np.flatnonzero(fits)
        words, stems = words.take(chosen), stems.take(chosen)
        keys = packed[stems + begins.take(chosen), words] & _MASKS.take(stems)
        return _Splits(kept.take(words), affixes.take(chosen), keys)

    def _prefix_numbers(self, packed: Keys, lengths: Places, length: int) -> Places:
        """The number of each word's first letters as a prefix, or -1."""
        return np.where(lengths >= length + SHORTEST_STEM, self._prefixes[length].find(packed[length]), -1)

    def _suffix_numbers(self, packed: Keys, lengths: Places, length: int) -> Places:
        """The number of each word's last letters as a suffix, or -1."""
        ends = packed[lengths, np.arange(len(lengths))] & _MASKS[length]
        return np.where(lengths >= length + SHORTEST_STEM, self._suffixes[length].find(ends), -1)


class _Affixes:
    """The affixes of one length, found by their packed letters: in a table by letters, which five bits each index."""

    def __init__(self, affixes: Sequence[str], length: int) -> None:
        chosen = {key_of(affix): number for number, affix in enumerate(affixes) if len(affix) == length}
        self._direct = length <= _DIRECT_LETTERS
        if self._direct:
            self._table = np.full(1 << LETTER_BITS * length, -1, np.int64)
            self._table[list(chosen)] = list(chosen.values())
        else:
            self._keys = np.array(sorted(chosen), np.uint64)
            self._table = np.array([chosen[key] for key in sorted(chosen)], np.int64)

    def find(self, packed: Keys) -> Places:
        """The number of each affix, or -1."""
        if self._direct:
            return self._table.take(packed.view(np.int64))
        places = np.searchsorted(self._keys, packed)
        places[places == len(self._keys)] = 0
        return np.where(self._keys.take(places) == packed, self._table.take(places), -1)


@cache
def _tree(affixes: Sequence[str], direction: int) -> tuple[Numbers, Numbers]:
    """The tree of affixes, read in one direction, that the compiled loop walks: its nodes, and what ends at each."""
    nodes, numbers = [[-1] * lemma_loops.LETTERS], [-1]
    for number, affix in enumerate(affixes):
        node = 0
        for letter in affix[::direction]:
            following = nodes[node][LETTER_CODES[letter]]
            if following < 0:
                following = nodes[node][LETTER_CODES[letter]] = len(nodes)
                nodes.append([-1] * lemma_loops.LETTERS)
                numbers.append(-1)
            node = following
        numbers[node] = number
    return np.array(nodes, np.int32).ravel(), np.array(numbers, np.int32)


def _packed(letters: NDArray[np.uint8], begins: Places, lengths: Places) -> Keys:
    """Row by row, the first 0, 1, 2, … letters of each word, five bits a letter; the oldest fall off at 64 bits.

    What lies beyond a word's end means nothing.
    """
    longest = int(lengths.max(initial=0))
    packed = np.zeros((max(longest, LONGEST_PREFIX) + 1, len(lengths)), np.uint64)
    padded = np.concatenate([letters, np.zeros(LONGEST_ANALYSED, np.uint8)])
    for place in range(len(packed) - 1):
        np.left_shift(packed[place], np.uint64(LETTER_BITS), out=packed[place + 1])
        packed[place + 1] |= padded.take(begins + place)
    return packed


def _whole_words() -> NDArray[np.bool_]:
    """Whether a word with these affixes, of this class, stands as in the dictionary; by combined number."""
    whole = np.zeros((len(PREFIXES), len(SUFFIXES), _CLASSES), np.bool_)
    for number, suffix in enumerate(SUFFIXES):
        for stem_class in StemClass:
            whole[PREFIXES.index(""), number, stem_class] = is_lemma_form("", suffix, stem_class)
    return whole.reshape(-1)
