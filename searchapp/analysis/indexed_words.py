"""The words of stories that were just indexed, kept by number: who learns from the same texts need not analyse them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from searchapp.analysis.batch import BatchAnalyzer, default_batch_analyzer

Words = NDArray[np.int32]

WORDS_KEPT: Final = 10_000_000
"""Of the stories that came last, in 40 MB: some 34,000 of Arabic news."""


class WordsElsewhere(NamedTuple):
    """Words that another process keeps: those of each story, end to end between the bounds, as places in `forms`."""

    sequences: list[int]
    words: Words
    bounds: NDArray[np.int64]
    forms: list[str]


class IndexedWords:
    """Title and body of stories as numbers of exact forms, by the archive's sequence number of the story's change."""

    def __init__(self, most: int = WORDS_KEPT) -> None:
        self.analyzer: BatchAnalyzer | None = None
        self._most = most
        self._count = 0
        self._kept = OrderedDict[int, Words]()  # a plain one is slow to find its oldest entry
        self._elsewhere: list[WordsElsewhere] = []

    def keep(self, analyzer: BatchAnalyzer, sequences: Sequence[int], words: Words, bounds: NDArray[np.int64]) -> None:
        """Keep the words of stories, which lie end to end between the bounds, and let the oldest go.

        Numbers of another analyzer mean nothing beside those of this one, and are forgotten.
        """
        if analyzer is not self.analyzer:
            self.clear()
            self.analyzer = analyzer
        for sequence, (start, stop) in zip(sequences, pairwise(bounds.tolist()), strict=True):
            self._count += stop - start - len(self._kept.pop(sequence, ()))
            self._kept[sequence] = words[start:stop]
        while self._count > self._most:
            self._count -= len(self._kept.popitem(last=False)[1])

    def of(self, sequences: Sequence[int]) -> list[Words] | None:
        """The words of these stories, as they are since these changes; None where those of one are not kept."""
        self._number_those_elsewhere()
        found = [self._kept[sequence] for sequence in sequences if sequence in self._kept]
        return found if len(found) == len(sequences) else None

    def handed_over(self) -> WordsElsewhere:
        """All of them, for another process."""
        bounds = np.cumsum([0, *map(len, self._kept.values())])
        words = np.concatenate([np.empty(0, np.int32), *self._kept.values()])
        is_met = np.zeros(int(words.max(initial=-1)) + 1, bool)
        is_met[words] = True
        met = np.flatnonzero(is_met)
        places = np.cumsum(is_met, dtype=np.int32) - np.int32(1)
        names = self.analyzer.exact_terms.of(met).strings() if self.analyzer is not None else []
        return WordsElsewhere(list(self._kept), places.take(words), bounds, names)

    def take_over(self, words: WordsElsewhere) -> None:
        """Keep the words of another process, too. They are numbered when words are first asked for."""
        self.analyzer = self.analyzer or default_batch_analyzer()
        self._elsewhere.append(words)

    def _number_those_elsewhere(self) -> None:
        while self._elsewhere and self.analyzer is not None:
            sequences, words, bounds, forms = self._elsewhere.pop()
            self.keep(self.analyzer, sequences, self.analyzer.numbers_of(forms).take(words), bounds)

    def clear(self) -> None:
        """Forget them all."""
        self._kept.clear()
        self._elsewhere.clear()
        self._count = 0
