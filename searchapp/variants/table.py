"""The table of variants: one memory-mapped, checksummed file that a search looks terms up in.

It is a file of named arrays (`engine.storage.container`):

| arrays | content |
| --- | --- |
| `word_bytes`, `word_bounds` | W words and terms in UTF-8, sorted by their bytes, end to end; bounds are W + 1 |
| `link_bounds`, `link_words`, `link_similarities` | each term's variants, by falling similarity |
| `pair_first`, `pair_second`, `pair_first_term`, `pair_second_term` | all judged pairs of words, and their terms |
| `pair_…` for each name of `VERDICTS`, `CHANGES`, `MEASURES` | the pairs' verdicts and the evidence |

What its meta says: `stories` that the archive had when the pairs were learnt, and `user_pairs`, the checksum of the
user's file that the links follow.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from searchapp.archive.directory import VARIANTS
from searchapp.engine.storage.container import SegmentFile
from searchapp.errors import IndexBroken
from searchapp.variants.spelling import Changes

VERSION: Final = 1
Columns = dict[str, NDArray[Any]]

CHANGES: Final = tuple(f"changed_{kind}" for kind in Changes._fields)
"""Columns of judged pairs: how often each kind of change occurs."""
MEASURES: Final = ("first_count", "second_count", "frames", "narrow_frames", "cosine", "gain")
"""Columns of judged pairs: what was counted and measured, as `judging.Evidence` has it."""
NAMED: Final = ("first", "second", "first_term", "second_term")
"""Columns of judged pairs: words and their terms, by number."""
VERDICTS: Final = ("accepted", "similarities", "known")
"""Columns of judged pairs. `known` is 1 where the lexicon has the first word, 2 for the second, 3 for both."""


class PairRows(NamedTuple):
    """Judged pairs as columns of equal length: `names` has those of `NAMED`, `numbers` all others."""

    names: dict[str, list[str]]
    numbers: Columns


class VariantTable:
    """Which terms are spellings of one another. It may be used from many threads; a table without a file is empty."""

    def __init__(self, path: Path) -> None:
        """Map the file, if there is one.

        Raises:
            IndexBroken: it is damaged or of another version; the message says how to make it anew.
        """
        self._file = SegmentFile(path) if path.is_file() else None
        if self._file is not None and self._file.meta.get("version") != VERSION:
            raise IndexBroken(f"{path}: is of another version; run searchapp rebuild")

    @classmethod
    def in_directory(cls, directory: Path) -> Self:
        """The table of a data directory; raises as the constructor does."""
        return cls(directory / VARIANTS)

    @classmethod
    def damage(cls, directory: Path) -> list[str]:
        """Read all of the table of a data directory; a sentence for each piece that does not fit its checksum."""
        try:
            table = cls.in_directory(directory)
        except IndexBroken as error:
            return [str(error)]
        return table._file.verify() if table._file else []

    @property
    def stories(self) -> int:
        """How many stories the archive had when the pairs were learnt."""
        return int(self._file.meta["stories"]) if self._file else 0

    @property
    def user_pairs_checksum(self) -> int:
        """Of the user's file that the links follow; 0 without one."""
        return int(self._file.meta["user_pairs"]) if self._file else 0

    def __len__(self) -> int:
        """How many pairs of terms are linked."""
        return len(self._array("link_words")) // 2 if self._file else 0

    def variants(self, term: str) -> tuple[tuple[str, float], ...]:
        """The other spellings of a term with their similarities, 0 to 1, the most similar first; four at most.

        If it gives b for a, it gives a for b, with the same similarity.

        Raises:
            IndexBroken: what is read does not fit its checksum.
        """
        number = self._find(term)
        if number is None:
            return ()
        start, stop = self._array("link_bounds")[number : number + 2].tolist()
        words = self._array("link_words")[start:stop].tolist()
        similarities = self._array("link_similarities")[start:stop].tolist()
        return tuple((self._word(word), round(value, 4)) for word, value in zip(words, similarities, strict=True))

    def links(self) -> dict[tuple[str, str], float]:
        """All pairs of terms that are linked."""
        return {
            (term, other): similarity
            for term in map(self._word, range(self._words))
            for other, similarity in self.variants(term)
            if term < other
        }

    def pairs(self) -> PairRows:
        """All judged pairs, in the order in which they were judged."""
        words = [self._word(number) for number in range(self._words)]
        columns = self._columns()
        names = {name: [words[number] for number in columns.pop(name).tolist()] for name in NAMED if columns}
        return PairRows(names, columns)

    def _columns(self) -> Columns:
        """The judged pairs' arrays, of equal length, by their names without `pair_`; none without a file."""
        names = (*NAMED, *VERDICTS, *CHANGES, *MEASURES)
        return {name: self._array(f"pair_{name}") for name in names} if self._file else {}

    def pairs_of(self, words: Sequence[str]) -> Iterator[dict[str, Any]]:
        """The judged pairs that hold one of these words or terms: a field for each column, names instead of numbers."""
        columns = self._columns()
        numbers = [number for word in set(words) if (number := self._find(word)) is not None]
        if not numbers:
            return
        held = np.any([np.isin(columns[name], numbers) for name in NAMED], axis=0)
        for place in np.flatnonzero(held).tolist():
            row = {name: column[place].item() for name, column in columns.items()}
            yield row | {name: self._word(row[name]) for name in NAMED}

    @property
    def _words(self) -> int:
        return len(self._array("word_bounds")) - 1 if self._file else 0

    def _array(self, name: str) -> NDArray[Any]:
        if self._file is None:
            raise KeyError(name)
        return self._file.touched(name)

    def _word(self, number: int) -> str:
        return self._bytes(number).decode()

    def _bytes(self, number: int) -> bytes:
        start, stop = self._array("word_bounds")[number : number + 2].tolist()
        return self._array("word_bytes")[start:stop].tobytes()

    def _find(self, word: str) -> int | None:
        if not self._words:
            return None
        sought = word.encode("utf-8", "surrogatepass")
        # Each word of a query is sought: the arrays are taken once, not for each of the twenty comparisons.
        bounds, letters = self._array("word_bounds"), self._array("word_bytes").data

        def word_at(number: int) -> bytes:
            return letters[bounds.item(number) : bounds.item(number + 1)].tobytes()

        number = bisect_left(range(self._words), sought, key=word_at)
        return number if number < self._words and word_at(number) == sought else None
