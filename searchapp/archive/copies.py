"""Finding the copies of new articles among all that the archive holds, without reading more than a few of them.

Shared fingerprints say which articles may be alike; their sketches, a few hundred bytes each, clear most of these; only
the rest is read and judged.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from searchapp.archive.candidates import Candidates, Found, NewText
from searchapp.archive.folding import CLOSE, SAME, Folding
from searchapp.archive.lone import LoneArticles
from searchapp.archive.records import decode_article, decode_body, decompress
from searchapp.archive.remembered import Entries, Remembered
from searchapp.archive.schema import checksum_of, insert_row_statement
from searchapp.dedupe.judgement import Judgement, judge_all
from searchapp.dedupe.preparation import PreparedText, Preparer
from searchapp.dedupe.sketches import SketchSet, resemblance
from searchapp.dedupe.textset import distinct, is_first
from searchapp.dedupe.words import Text, pack

MOST_COMPARED: Final = 6
"""Articles that one is judged with, those most like it by their sketches."""
WEAK: Final = 0.55
MOST_WEAK: Final = 3
"""Below this likeness an article is judged with no more than so many: texts made out of others share half with many."""
NEARLY_CLOSE: Final = CLOSE / SAME - 0.12
"""What a sketch must say at least of articles that are nearly the same, of which it errs by 0.06."""
TEXT_BYTES: Final = 16 << 20
"""Of texts that are remembered in memory, some 12,000: copies mostly come within days."""
SKETCH_BYTES: Final = 16 << 20
"""Likewise of sketches, some 40,000."""
NUMBERS_AT_ONCE: Final = 10_000
"""Articles that one statement names."""

_NOBODY: Final = -1
_INSERT_SKETCH: Final = insert_row_statement("sketches").replace("INSERT", "INSERT OR REPLACE")

Pair = tuple[int, int]


class Likely(NamedTuple):
    """Pairs of articles that may be copies, as columns: the one that is compared, and another.

    `length` is of the first one's body, `leading` of the second (`leading.LeadingLengths.of`); `is_close` says whether
    they may be nearly the same.
    """

    number: NDArray[np.int64]
    other: NDArray[np.int64]
    length: NDArray[np.int64]
    leading: NDArray[np.int32]
    is_close: NDArray[np.bool_]

    def take(self, which: NDArray[np.int64]) -> Likely:
        """Some of them."""
        number, other, length, leading, is_close = self
        return Likely(
            number.take(which), other.take(which), length.take(which), leading.take(which), is_close.take(which)
        )


@dataclass(frozen=True, slots=True)
class Copy:
    """Two articles, by their numbers, that were judged copies."""

    low: int
    high: int
    judgement: Judgement


class CopyFinder:
    """Compares articles with those before them. Changes belong to the transaction that is open.

    What memory has no room for is kept in files without names in `directory`.
    """

    def __init__(self, connection: sqlite3.Connection, preparer: Preparer, directory: Path) -> None:
        self._connection = connection
        self._preparer = preparer
        self._known = Candidates(connection, directory)
        self.lone = LoneArticles()
        self._texts, self._recent = Remembered(TEXT_BYTES, directory), Remembered(SKETCH_BYTES, directory)
        self._generation = preparer.generation
        self._unjudged: dict[int, list[int]] = {}

    def reload(self) -> None:
        """Forget what is held in memory, as after a rollback."""
        self._known.reload()
        self.lone.clear()
        self._texts.clear()
        self._recent.clear()
        self._unjudged.clear()

    def forget(self, number: int) -> None:
        """An article is gone or has another text."""
        self._texts.forget(number)
        self._recent.forget(number)
        self._connection.execute("DELETE FROM sketches WHERE article = ?", (number,))

    def note_places(self, folding: Folding) -> None:
        """Take in the places of articles as folding left them, and which have exact copies."""
        self._known.leading.note(folding.members.values())
        self.lone.note(folding)

    def compare(self, new: Sequence[NewText]) -> list[Copy]:
        """Put the fingerprints and sketches of new articles on record, and return their copies among all that are.

        What cannot change the stories is left out: see `leading`, and `unfinished`.
        """
        self._renew()
        self._texts.put([each.number for each in new], pack([each.prepared.text for each in new]))
        sketched = [each for each in new if len(each.prepared.fingerprints)]
        self._recent.put([each.number for each in sketched], [each.prepared.sketch for each in sketched])
        put_sketches(self._connection, [(each.number, each.prepared) for each in new])
        return self._copies(new, self._known.find(new, is_new=True))

    def compare_again(self, lengths: Mapping[int, int]) -> list[Copy]:
        """The copies of articles that are on record, given with the lengths of their bodies."""
        if not lengths:
            return []
        self._renew()
        known = self._read_whole(lengths)
        return self._copies(known, self._known.find(known, is_new=False))

    def unfinished(self) -> list[int]:
        """The articles that have a better one to go with, and were therefore not held against the lesser ones."""
        return list(self._unjudged)

    def finish(self, numbers: Iterable[int]) -> list[Copy]:
        """Their copies among the others that they may be copies of."""
        return self._judge([(number, other) for number in numbers for other in self._unjudged.pop(number)])

    def leave_unfinished(self) -> None:
        """They all have their places."""
        self._unjudged.clear()

    def _renew(self) -> None:
        """Forget texts whose words were numbered by an analyzer that has been replaced."""
        if self._generation != self._preparer.generation:
            self._texts.clear()
            self._generation = self._preparer.generation

    def _copies(self, compared: Sequence[NewText], candidates: Found) -> list[Copy]:
        """The copies of articles. An article that has found one to go with is held against no lesser ones."""
        copies = list[Copy]()
        lengths = {each.number: each.length for each in compared}
        waiting = self._turns(self._likely(compared, candidates))
        while waiting:
            found = self._judge([(number, other) for number, turns in waiting.items() for other in turns[0]])
            copies += found
            settled = self._followers(found, lengths)
            left = {number: turns[1:] for number, turns in waiting.items() if len(turns) > 1}
            waiting = {number: turns for number, turns in left.items() if number not in settled}
            for number in left.keys() & settled:
                self._unjudged[number] = [other for turn in left[number] for other in turn]
        return copies

    def _turns(self, likely: Likely) -> dict[int, list[list[int]]]:
        """Whom each article is held against, turn by turn.

        First those that may be nearly the same, or are new as well, and the longest article that leads; then the other
        longer ones that lead; then the rest.
        """
        begins = np.flatnonzero(is_first(likely.number))
        counts = np.diff(np.append(begins, len(likely.number)))
        longest = np.repeat(np.minimum.reduceat(likely.leading, begins), counts) if len(begins) else likely.leading
        leads = likely.leading < -likely.length
        comes_first = likely.is_close | (likely.leading == 0) | (leads & (likely.leading == longest))
        turn = np.where(comes_first, 0, np.where(leads, 1, 2))
        turns = defaultdict[int, dict[int, list[int]]](lambda: {0: [], 1: [], 2: []})
        columns = likely.number.tolist(), likely.other.tolist(), turn.tolist()
        for number, other, at in zip(*columns, strict=True):
            turns[number][at].append(other)
        return {number: list(filter(None, parts.values())) for number, parts in turns.items()}

    def _followers(self, copies: Sequence[Copy], lengths: Mapping[int, int]) -> set[int]:
        """The articles that go with another one, as far as can be told before all have their places."""
        pairs = [(copy.low, copy.high) for copy in copies] + [(copy.high, copy.low) for copy in copies]
        alike = [copy.judgement.similarity >= CLOSE / SAME for copy in copies] * 2
        leading = self._known.leading.of(np.array([other for _, other in pairs], np.int64)).tolist()
        return {
            number
            for (number, _), is_close, length in zip(pairs, alike, leading, strict=True)
            if number in lengths and (-length > lengths[number] or (is_close and length > lengths[number]))
        }

    def _judge(self, pairs: Sequence[Pair]) -> list[Copy]:
        pairs = sorted({_ordered(*pair) for pair in pairs})
        return _copies(pairs, self._read({number for pair in pairs for number in pair}))

    def _likely(self, compared: Sequence[NewText], candidates: Found) -> Likely:
        """Of the candidates of each article those that are worth judging, the most like it first."""
        numbers = np.array([each.number for each in compared], np.int64).take(candidates.place)
        sketches = self._sketches(distinct(np.concatenate([numbers, candidates.other])))
        wanted = np.stack([numbers, candidates.other], axis=1)
        pairs = np.searchsorted(sketches.numbers, wanted)
        kept = np.flatnonzero((np.append(sketches.numbers, _NOBODY).take(pairs) == wanted).all(axis=1))
        lengths = np.array([each.length for each in compared], np.int64).take(candidates.place.take(kept))
        other = candidates.other.take(kept)
        likely = Likely(numbers.take(kept), other, lengths, self._known.leading.of(other), np.zeros(len(kept), bool))
        return _most_alike(SketchSet(sketches.data, sketches.starts, sketches.sizes), pairs[kept], likely)

    def _sketches(self, numbers: NDArray[np.int64]) -> Entries:
        """The sketches of these articles, which are in order; those that are not compared any more have none."""
        found = self._recent.of(numbers)
        read = dict(self._rows("SELECT article, data FROM sketches WHERE article IN", _others(numbers, found.numbers)))
        self._recent.put(list(read), list(read.values()))
        return found.and_these(list(read), list(read.values()))

    def _read(self, numbers: set[int]) -> dict[int, Text]:
        """The texts of these articles; those that are gone or are not compared any more are left out."""
        wanted = np.array(sorted(numbers), np.int64)
        found = self._texts.of(wanted)
        rows = self._rows(
            "SELECT number, fold_key, data FROM articles WHERE state = 'live' AND compared AND number IN",
            _others(wanted, found.numbers),
        )
        if rows:
            bodies = [decode_body(decompress(data)) for _, _, data in rows]
            read = [number for number, _, _ in rows]
            packed = pack(self._preparer.read(bodies, [key for _, key, _ in rows]))
            self._texts.put(read, packed)
            found = found.and_these(read, packed)
        texts = self._preparer.unpack(found.data, found.starts, found.sizes)
        return dict(zip(found.numbers.tolist(), texts, strict=True))

    def _read_whole(self, lengths: Mapping[int, int]) -> list[NewText]:
        """Articles that are on record, by number, prepared as they were when they came."""
        rows = self._rows("SELECT number, data FROM articles WHERE state = 'live' AND compared AND number IN", lengths)
        prepared = self._preparer.prepare([decode_article(decompress(data)) for _, data in rows])
        return [NewText(number, text, lengths[number]) for (number, _), text in zip(rows, prepared, strict=True)]

    def _rows(self, statement: str, numbers: Iterable[int]) -> list[tuple[Any, ...]]:
        """What a statement that ends in IN finds for these articles."""
        ordered = sorted(numbers)
        found = []
        for start in range(0, len(ordered), NUMBERS_AT_ONCE):
            listed = ", ".join(map(str, ordered[start : start + NUMBERS_AT_ONCE]))
            found += self._connection.execute(f"{statement} ({listed})").fetchall()
        return found


def put_sketches(connection: sqlite3.Connection, texts: Iterable[tuple[int, PreparedText]]) -> None:
    """Put the sketches of articles on record; those too short to be compared have none."""
    rows = [(number, text.sketch) for number, text in texts if len(text.fingerprints)]
    connection.executemany(_INSERT_SKETCH, [(*row, checksum_of(row)) for row in rows])


def _copies(pairs: Sequence[Pair], texts: Mapping[int, Text]) -> list[Copy]:
    there = [pair for pair in pairs if pair[0] in texts and pair[1] in texts]
    used = sorted({number for pair in there for number in pair})
    place = {number: at for at, number in enumerate(used)}
    judgements = judge_all([texts[number] for number in used], [(place[low], place[high]) for low, high in there])
    return [Copy(*pair, judgement) for pair, judgement in zip(there, judgements, strict=True) if judgement.is_copy]


def _most_alike(sketches: SketchSet, pairs: NDArray[np.int64], likely: Likely) -> Likely:
    """Those that their sketches do not clear, of each article the most like it first; `pairs` are their sketches."""
    scores = sketches.likeness(pairs)
    is_close = resemblance(scores, sketches.words.take(pairs)) >= NEARLY_CLOSE
    kept = np.flatnonzero((scores >= 0) & (is_close | (likely.leading <= likely.length)))
    kept = kept.take(np.lexsort((-scores.take(kept), likely.number.take(kept))))
    numbers = likely.number.take(kept)
    ranks = np.arange(len(kept)) - np.searchsorted(numbers, numbers)
    best = kept[ranks < np.where(scores.take(kept) >= WEAK, MOST_COMPARED, MOST_WEAK)]
    return likely._replace(is_close=is_close).take(best)


def _others(wanted: NDArray[np.int64], found: NDArray[np.int64]) -> list[int]:
    """Those of the wanted articles that were not found; both in order."""
    return [] if len(found) == len(wanted) else sorted(set(wanted.tolist()).difference(found.tolist()))


def _ordered(one: int, other: int) -> Pair:
    return (one, other) if one < other else (other, one)
