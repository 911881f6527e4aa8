"""A text as the words that judging compares, and what is known of each word."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from hashlib import blake2b
from typing import Final

import numpy as np
from numpy.typing import NDArray

from searchapp.analysis.batch import BatchAnalyzer
from searchapp.analysis.token_filters import STOP_WORDS_FILE, LetterFoldingFilter
from searchapp.dedupe.numbers import number_value
from searchapp.frozen import dataclass

Words = NDArray[np.int32]
Hashes = NDArray[np.uint64]

SHINGLE_WORDS: Final = 5
"""Words in a row that count as one shared passage."""
TELLING_WORDS: Final = 20
"""From this length on a body says alone what an article is, whatever title an outlet put over it."""
_PARTICLE_LETTERS: Final = 2
"""Words of so many letters are prepositions and initials: they tell nothing of what a text is about."""
_MULTIPLIERS: Final = np.array(
    [0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x27D4EB2F165667C5, 0x85EBCA77C2B2AE63], np.uint64
)
_MIXER: Final = np.uint64(0xD6E8FEB86659FD93)

# What an outlet that prints a day later changes in a copy: today, yesterday, tomorrow, last, next, current.
_DAY_OF_PRINTING: Final = frozenset(
    [
        "اليوم",
        "امس",
        "الامس",
        "غدا",
        "غد",
        "الغد",
        "يوم",
        "مساء",
        "صباح",
        "الماضي",
        "الماضيه",
        "المقبل",
        "المقبله",
        "القادم",
        "القادمه",
        "الجاري",
        "الحالي",
    ]
)


class TermHashes:
    """The hash of each term of a list that grows, by its letters."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._hashes = np.empty(0, np.uint64)

    def of(self, terms: Words) -> Hashes:
        """The hashes of these terms, by their numbers."""
        known = len(self._hashes)
        if len(self._names) > known:
            digests = (
                blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest() for name in self._names[known:]
            )
            self._hashes = np.concatenate([self._hashes, np.frombuffer(b"".join(digests), "<u8")])
        return self._hashes.take(terms)


class Vocabulary:
    """What is known of exact forms by their numbers, in arrays that grow with the analyzer's list of them."""

    def __init__(self, analyzer: BatchAnalyzer) -> None:
        self._analyzer = analyzer
        self._names = analyzer.exact_terms
        self._hashes = TermHashes(analyzer.exact_terms)
        self._lemma_hashes = TermHashes(analyzer.lemma_terms)
        self._values: dict[str | None, int] = {None: 0}
        self.value_names: list[str | None] = [None]
        """The number that a word says, by the code in `values`; code 0 is of words that say none."""
        self._value_codes = np.empty(0, np.int32)
        self._telling = np.empty(0, bool)

    def hashes(self, words: Words) -> Hashes:
        """The hash of each word, by its letters."""
        return self._hashes.of(words)

    def lemmas(self, words: Words) -> Words:
        """The number of each word's lemma."""
        return self._analyzer.lemmas_of(words)

    def lemma_hashes(self, words: Words) -> Hashes:
        """The hash of each word's lemma, by its letters."""
        return self._lemma_hashes.of(self.lemmas(words))

    def values(self, words: Words) -> Words:
        """The code of the number that each word says."""
        self._catch_up()
        return self._value_codes.take(words)

    def telling(self, words: Words) -> NDArray[np.bool_]:
        """Which are content words: no numbers, stop words or particles."""
        self._catch_up()
        return self._telling.take(words)

    def name(self, word: int) -> str:
        """The exact form itself."""
        return self._names[word]

    def is_name(self, word: int) -> bool:
        """Whether this content word may name what a text is about; words that follow the day of printing do not."""
        return self._names[word] not in _DAY_OF_PRINTING

    def _catch_up(self) -> None:
        names = self._names[len(self._telling) :]
        if not names:
            return
        codes = np.fromiter(map(self._code, names), np.int32, len(names))
        stop_words = _stop_words()
        telling = np.fromiter(
            (len(name) > _PARTICLE_LETTERS and name not in stop_words for name in names), bool, len(names)
        )
        self._value_codes = np.concatenate([self._value_codes, codes])
        self._telling = np.concatenate([self._telling, telling & (codes == 0)])

    def _code(self, name: str) -> int:
        value = number_value(name)
        code = self._values.get(value)
        if code is None:
            code = self._values[value] = len(self.value_names)
            self.value_names.append(value)
        return code


@dataclass(frozen=True, slots=True)
class Text:
    """A body as words, which `words` numbers. `key` is that of exact copies (`preparation`).

    Numbers mean something only among texts of one vocabulary.
    """

    key: bytes
    words: Words
    vocabulary: Vocabulary

    def __len__(self) -> int:
        """How many words it has."""
        return len(self.words)


def shingles(hashes: Hashes) -> Hashes:
    """One hash for each five words in a row of a batch; those that reach into the next text are there too."""
    count = max(len(hashes) - SHINGLE_WORDS + 1, 0)
    mixed = np.zeros(count, np.uint64)
    for at, multiplier in enumerate(_MULTIPLIERS):
        mixed += hashes[at : at + count] * multiplier
    mixed ^= mixed >> np.uint64(32)
    mixed *= _MIXER
    mixed ^= mixed >> np.uint64(29)
    return mixed


@cache
def _stop_words() -> frozenset[str]:
    """The stop list as exact forms."""
    fold = LetterFoldingFilter().filter
    return frozenset(map(fold, STOP_WORDS_FILE.read_text(encoding="utf-8").split()))
