"""How the words of a query stand in the best documents, by the compiled loop; `rescoring.py` says what it is for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from searchapp.compiled import is_prepared
from searchapp.engine.retrieval.core.snapshot import Snapshot
from searchapp.engine.retrieval.core.weights import Weights
from searchapp.engine.retrieval.ranking.proximity import BY_DISTANCE, Pairs
from searchapp.engine.retrieval.ranking.rescoring_loops import COLUMNS, STATE, read_words
from searchapp.engine.retrieval.terms.words import WordMatcher
from searchapp.engine.storage.form_layout import SKIP
from searchapp.engine.storage.segment import Segment

Numbers = NDArray[np.int64]
Occurrences = tuple[Segment, Numbers, NDArray[np.bool_], Numbers]
"""What was read of one segment, as `rescoring.Read` has it."""
Stretches = dict[int, list[int]]
"""By the first document of each segment, where words are read there: (start, stop, word), one after the other."""

_READ: Final = ("lemma/codes", "lemma/position_skips", "lemma/positions")
ALL_WORDS: Final = -1
"""As a set of words, one bit each."""
_BLOCKS: Final = 256
"""How many blocks of a file are checked before it is looked again which must be."""


class Asked:
    """Some words as loops are asked what these give together, for one set of weights: the same for all documents.

    `sources` are None where a word is sought in one of its forms or in some fields only: its postings are no stretch of
    the segment's then. `kindred` says where kindred words of all of them are read, segment by segment, once that was
    asked: a few numbers for each word.
    """

    __slots__ = ("kindred", "parameters", "sources", "words")

    def __init__(self, snapshot: Snapshot, words: Sequence[WordMatcher], weights: Weights) -> None:
        self.words, found = words, _sources(words)
        self.kindred: dict[int, _Kindred | None] = {}
        self.sources = None if found is None else {base: np.array(one, np.int64) for base, one in found.items()}
        lengths = snapshot.average_lengths["body"] or 1.0, weights.k1_proximity, weights.b_body
        rarities = [word.rarity for word in words]
        self.parameters = np.array([*lengths, weights.proximity, weights.kindred, *rarities], np.float64)


def standing_words(
    snapshot: Snapshot,
    asked: Asked,
    documents: NDArray[np.intp],
    weights: Weights,
    pairs: Pairs,
    likely_lacking: bool,
) -> tuple[NDArray[np.float64], list[Occurrences]] | None:
    """What words give together to D documents, in any order (proximity, kindred words and share, 3 × D), and all read.

    None where the compiled loop is not to be had, not even for such words. Where words are `likely_lacking`, kindred
    words are looked up before it is known.

    Raises:
        IndexBroken: what is to be read does not fit its checksum.
    """
    if not is_prepared() or (sources := asked.sources) is None:
        return None
    best = np.ascontiguousarray(documents, np.int64)
    looked = _Looked(asked, best, weights, pairs, likely_lacking)
    if len(snapshot.parts) == 1:
        found = looked.at(snapshot.parts[0].segment, 0, sources.get(0, _NO_KIN.sources), True)
        return (looked.gains, looked.read) if found else None
    for segment, base, is_last in _segments(snapshot, best):
        if not looked.at(segment, base, sources.get(base, _NO_KIN.sources), is_last):
            return None
    return looked.gains, looked.read


def _sources(words: Sequence[WordMatcher]) -> Stretches | None:
    found: Stretches = {}
    for number, word in enumerate(words):
        for one in word.lists:
            of_segment = found.get(one.base)
            if of_segment is None:
                of_segment = found[one.base] = []
            if (whole := one.whole) is not None:
                of_segment += whole.start, whole.start + whole.count, number
                continue
            for source in one.sources:
                if source.ordinal is not None or source.kept is not None:
                    return None
                of_segment += source.first, source.first + len(source.documents), number
    return found


def _segments(snapshot: Snapshot, documents: Numbers) -> Iterator[tuple[Segment, int, bool]]:
    """The segments that some documents are of, where each begins, and whether it is the last."""
    numbers = sorted(set(np.searchsorted(snapshot.bases, documents, side="right").tolist()))
    for number in numbers:
        yield snapshot.parts[number - 1].segment, snapshot.bases[number - 1], number == numbers[-1]


class _Arrays(NamedTuple):
    """What is read of a segment, as the loop has it; `skips` and `lengths` are bytes."""

    documents: NDArray[Any]
    codes: NDArray[Any]
    positions: NDArray[Any]
    skips: NDArray[np.uint8]
    lengths: NDArray[np.uint8]
    by_code: NDArray[np.uint32]
    layout: Numbers
    unseen: NDArray[np.bool_]

    @classmethod
    def of(cls, segment: Segment) -> _Arrays:
        """Those of one; they hold no memory of their own."""
        file, lengths = segment.file, segment.column("length/body")
        codes, skips, positions = map(file.array, _READ)
        begins = [file.place(name)[0] for name in _READ]
        layout = np.array([*begins, SKIP, skips.itemsize, positions.itemsize, lengths.itemsize])
        wide = skips.view(np.uint8), lengths.view(np.uint8)
        return cls(
            file.array("lemma/documents"), codes, positions, *wide, segment.frequencies, layout, file.unseen_flags
        )


class _Kindred(NamedTuple):
    """Where kindred words are read, as `Stretches` has it, and code → what they give."""

    sources: Numbers
    table: NDArray[np.float32]


_NO_KIN: Final = _Kindred(np.empty(0, np.int64), np.empty(0, np.float32))


class _Looked:
    """What was found of D documents and W words, segment by segment."""

    def __init__(
        self,
        asked: Asked,
        documents: Numbers,
        weights: Weights,
        pairs: Pairs,
        likely_lacking: bool,
    ) -> None:
        self._asked, self._documents, self._pairs = asked, documents, pairs
        self._with_kindred = weights.kindred != 0
        self._likely = ALL_WORDS if self._with_kindred and likely_lacking else 0
        count = len(documents)
        self._rows = np.zeros(count * (len(pairs.weights) + COLUMNS))
        self._state = np.empty(STATE + _BLOCKS, np.int64)
        self.gains = np.empty(3 * count)
        self.read: list[Occurrences] = []

    def at(self, segment: Segment, base: int, own: Numbers, is_last: bool) -> bool:
        """Look at those of the documents that are of one segment; whether the loop could do it."""
        arrays = segment.derived("arrays of postings", _Arrays.of)
        read: Callable[..., Numbers] | None = read_words.ready(arrays.documents, arrays.codes, arrays.positions)
        if read is None:
            return False
        local, several = np.empty(len(self._documents), np.int64), np.empty(len(self._documents), bool)
        kin, ask, state = _NO_KIN, self._with_kindred, self._state
        if self._likely:
            looked_up, ask = _kindred(self._asked, base, self._likely), False
            if looked_up is None:
                return False
            kin = looked_up
        while True:
            occurrences = read(
                *arrays,
                self._documents,
                base,
                own,
                kin.sources,
                kin.table,
                ask,
                is_last,
                self._asked.parameters,
                self._pairs.numbers,
                self._pairs.weights,
                BY_DISTANCE,
                self._rows,
                self.gains,
                local,
                several,
                state,
            )
            lacking, unchecked, found = state[:STATE].tolist()
            if lacking:
                found_kin, ask = _kindred(self._asked, base, lacking), False
                if found_kin is None:
                    return False
                kin = found_kin
            elif unchecked:
                segment.file.touch_each(state[STATE : STATE + unchecked].tolist())
            else:
                self.read.append((segment, local[:found], several[:found], occurrences))
                return True


def _kindred(asked: Asked, base: int, lacking: int) -> _Kindred | None:
    """Where kindred words are read of those that are lacking, one bit each; None where that is no stretch.

    Kept for all words, which every union asks for, and not for each choice of them.
    """
    if lacking != ALL_WORDS:
        return _find_kindred(asked, base, lacking)
    if base not in asked.kindred:
        asked.kindred[base] = _find_kindred(asked, base, lacking)
    return asked.kindred[base]


def _find_kindred(asked: Asked, base: int, lacking: int) -> _Kindred | None:
    found: list[int] = []
    table = _NO_KIN.table
    for number, word in enumerate(asked.words):
        if not lacking >> number & 1:
            continue
        stretches = word.kindred.stretches
        if stretches is None:
            return None
        if base in stretches:
            bounds, table = stretches[base]
            for start, stop in bounds:
                found += start, stop, number
    return _Kindred(np.array(found, np.int64), table) if found else _NO_KIN
