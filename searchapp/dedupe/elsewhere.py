"""Articles prepared in another process, whose analyzer numbers words in its own way.

With each batch come the words that are new there, by their letters, so that each is sent once.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from searchapp.analysis.batch import BatchAnalyzer, default_batch_analyzer
from searchapp.analysis.growing_arrays import GrowingArray
from searchapp.dedupe.preparation import PreparedText, Preparer
from searchapp.dedupe.words import Hashes, Words
from searchapp.frozen import dataclass
from searchapp.model import Article

_BETWEEN_TERMS: Final = "\0"


@dataclass(frozen=True, slots=True)
class TextElsewhere:
    """A `PreparedText` whose words are numbered by `analyzer`."""

    analyzer: BatchAnalyzer
    key: bytes
    words: Words
    sketch: bytes
    fingerprints: Hashes


@dataclass(frozen=True, slots=True)
class TextsElsewhere:
    """Prepared texts on their way from one process to another, and the words that are new there.

    `names` are the exact forms with the numbers from `first` on. `words` and `fingerprints` are those of all texts end
    to end, with the places where each text's begin and the last one's end.
    """

    first: int
    names: bytes
    keys: Sequence[bytes]
    words: bytes
    word_bounds: Sequence[int]
    sketches: Sequence[bytes]
    fingerprints: bytes
    fingerprint_bounds: Sequence[int]


class PreparerElsewhere:
    """Prepares articles for another process, which knows the first so many words by the same numbers."""

    def __init__(self, known: int) -> None:
        self._preparer = Preparer()
        self._analyzer = self._preparer.analyzer
        self._told = known

    def prepare(self, articles: Sequence[Article]) -> TextsElsewhere:
        """Prepare articles, in their order."""
        self._preparer.refresh()
        if self._preparer.analyzer is not self._analyzer:
            self._analyzer, self._told = self._preparer.analyzer, 0
        prepared = self._preparer.prepare(articles)
        first, names = self._told, self._analyzer.exact_terms[self._told :]
        self._told += len(names)
        return TextsElsewhere(
            first,
            _BETWEEN_TERMS.join(names).encode("utf-8", "surrogatepass") if names else b"",
            [each.key for each in prepared],
            b"".join([each.text.words.tobytes() for each in prepared]),
            _bounds([len(each.text) for each in prepared]),
            [each.sketch for each in prepared],
            b"".join([each.fingerprints.tobytes() for each in prepared]),
            _bounds([len(each.fingerprints) for each in prepared]),
        )

    def tell_all(self) -> None:
        """Tell all words anew with the next texts: the other process numbers them by another analyzer now."""
        self._told = 0


class WordsElsewhere:
    """The numbers that the words of one other process have here."""

    def __init__(self, known: int) -> None:
        """The first so many words have the same numbers."""
        self._analyzer = default_batch_analyzer()
        self._numbers = GrowingArray(np.int32)
        self._numbers.extend(np.arange(known, dtype=np.int32))

    @property
    def are_current(self) -> bool:
        """Whether they are numbered by the analyzer that this process uses now."""
        return self._analyzer is default_batch_analyzer()

    def begin_anew(self) -> None:
        """Number them by the analyzer that this process uses now; the next texts bring all words."""
        self._analyzer, self._numbers = default_batch_analyzer(), GrowingArray(np.int32)

    def texts(self, given: TextsElsewhere) -> list[TextElsewhere]:
        """The texts with words as they are numbered here; to be called for all texts of that process, in order."""
        if given.first == 0:
            self._numbers = GrowingArray(np.int32)
        if given.names:
            names = given.names.decode("utf-8", "surrogatepass").split(_BETWEEN_TERMS)
            self._numbers.extend(self._analyzer.numbers_of(names))
        words = self._numbers.values.take(np.frombuffer(given.words, np.int32))
        fingerprints = np.frombuffer(given.fingerprints, np.uint64)
        spans, prints = pairwise(given.word_bounds), pairwise(given.fingerprint_bounds)
        return [
            TextElsewhere(self._analyzer, key, words[slice(*span)], sketch, fingerprints[slice(*its_prints)])
            for key, span, sketch, its_prints in zip(given.keys, spans, given.sketches, prints, strict=True)
        ]


def adopt(given: TextElsewhere, preparer: Preparer) -> PreparedText | None:
    """The text as one of this preparer's; None where that numbers words by another analyzer."""
    if given.analyzer is not preparer.analyzer:
        return None
    return PreparedText(preparer.text(given.key, given.words), given.sketch, given.fingerprints)


def _bounds(lengths: Sequence[int]) -> list[int]:
    bounds = [0]
    for length in lengths:
        bounds.append(bounds[-1] + length)
    return bounds
