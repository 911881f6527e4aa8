"""A text as the words that judging compares, and what is known of each word."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from searchapp.analysis.token_filters import STOP_WORDS_FILE, LetterFoldingFilter
from searchapp.dedupe.numbers import number_value
from searchapp.frozen import dataclass

Words = NDArray[np.int32]

SHINGLE_WORDS: Final = 5
"""Words in a row that count as one shared passage."""
TELLING_WORDS: Final = 20
"""From this length on a body says alone what an article is, whatever title an outlet put over it."""
_PARTICLE_LETTERS: Final = 2
"""Words of so many letters are prepositions and initials: they tell nothing of what a text is about."""


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


class Vocabulary:
    """What is known of exact forms by their numbers, in arrays that grow with the list of names."""

    def __init__(self, names: Sequence[str]) -> None:
        """`names` gives a number's exact form; it may grow."""
        self._names = names
        self._values: dict[str | None, int] = {None: 0}
        self.value_names: list[str | None] = [None]
        """The number that a word says, by the code in `values`; code 0 is of words that say none."""
        self._value_codes = np.empty(0, np.int32)
        self._telling = np.empty(0, bool)

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
    """A body as words. `words` and `lemmas` number them, `shingles` has a hash for each five of them in a row.

    A text of fewer words than that has no shingles. `key` is that of exact copies (`preparation`). Numbers mean
    something only among texts of one vocabulary.
    """

    key: bytes
    words: Words
    lemmas: Words
    shingles: NDArray[np.uint64]
    vocabulary: Vocabulary

    def __len__(self) -> int:
        """How many words it has."""
        return len(self.words)


@cache
def _stop_words() -> frozenset[str]:
    """The stop list as exact forms."""
    fold = LetterFoldingFilter().filter
    return frozenset(map(fold, STOP_WORDS_FILE.read_text(encoding="utf-8").split()))
