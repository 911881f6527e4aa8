"""Finding the copies of new articles among all that the archive holds, without reading more than a few of them.

Shared fingerprints say which articles may be alike; their sketches, a few hundred bytes each, clear most of these; only
the rest is read and judged.
"""

from __future__ import annotations

import sqlite3
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from searchapp.archive.fingerprints import FingerprintIndex
from searchapp.archive.records import decode_article, decompress
from searchapp.archive.schema import insert_row_statement, with_checksum
from searchapp.dedupe.judgement import Judgement, judge_all
from searchapp.dedupe.preparation import PreparedText, Preparer
from searchapp.dedupe.sketches import Sketch, likeness

LEAST_SHARED: Final = 2
"""Fingerprints that two articles must share to be compared: of pairs that are copies, 0.4 % share fewer."""
MOST_SKETCHED: Final = 16
"""Articles whose sketches one is held against, those that share the most fingerprints first."""
MOST_COMPARED: Final = 12
"""Articles that one is judged with, those most like it by their sketches, and the leading articles of their stories."""
WEAK: Final = 0.55
MOST_WEAK: Final = 3
"""Below this likeness an article is judged with no more than so many: texts made out of others share half with many."""
HOT: Final = 32
"""A fingerprint that so many articles have is put on record for no more: it is a template's or a site's furniture."""
TEXTS_KEPT: Final = 1 << 13
"""Prepared articles that are remembered, about 6 KB each: copies mostly come within days."""
NUMBERS_AT_ONCE: Final = 10_000
"""Articles that one statement names."""

_NUMBER_BITS: Final = 32
_INSERT_SKETCH: Final = insert_row_statement("sketches").replace("INSERT", "INSERT OR REPLACE")

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Copy:
    """Two articles, by their numbers, that were judged copies."""

    low: int
    high: int
    judgement: Judgement


class CopyFinder:
    """Compares articles with those before them. Changes belong to the transaction that is open."""

    def __init__(self, connection: sqlite3.Connection, preparer: Preparer) -> None:
        self._connection = connection
        self._preparer = preparer
        self._index = FingerprintIndex(connection)
        self._texts = OrderedDict[int, PreparedText]()
        self._generation = preparer.generation

    def reload(self) -> None:
        """Forget what is held in memory, as after a rollback."""
        self._index.reload()
        self._texts.clear()

    def forget(self, number: int) -> None:
        """An article is gone or has another text."""
        self._texts.pop(number, None)
        self._connection.execute("DELETE FROM sketches WHERE article = ?", (number,))

    def compare(self, new: Sequence[tuple[int, PreparedText]]) -> list[Copy]:
        """Put the fingerprints and sketches of new articles on record, and return their copies among all that are."""
        if self._generation != self._preparer.generation:
            self._texts.clear()
            self._generation = self._preparer.generation
        self._texts.update(new)
        put_sketches(self._connection, new)
        pairs = self._likely(dict(new), self._candidates(new))
        texts = self._read({number for pair in pairs for number in pair})
        while len(self._texts) > TEXTS_KEPT:
            self._texts.popitem(last=False)
        return _copies(pairs, texts)

    def _candidates(self, new: Sequence[tuple[int, PreparedText]]) -> dict[int, list[int]]:
        """For each new article those that it shares the most fingerprints with; its own are put on record."""
        numbers = np.array([number for number, _ in new], np.int64)
        sizes = [len(text.fingerprints) for _, text in new]
        prints = np.concatenate([np.empty(0, np.uint64), *(text.fingerprints for _, text in new)])
        order = np.argsort(prints, kind="stable")
        prints, owners = prints.take(order), np.repeat(np.arange(len(new)), sizes).take(order)
        distinct, first = np.unique(prints, return_index=True)
        bounds = np.append(first, len(prints))
        places, known = self._index.find(distinct)
        is_cold = np.bincount(places, minlength=len(distinct)) < HOT
        kept = np.repeat(is_cold, np.diff(bounds))
        self._index.add(prints[kept], numbers.take(owners[kept]))
        shared = np.concatenate([_with_known(places, known, bounds, owners), _among(bounds, owners, numbers)])
        return _most_shared(numbers, *np.unique(shared, return_counts=True))

    def _likely(self, new: Mapping[int, PreparedText], candidates: Mapping[int, list[int]]) -> list[Pair]:
        """The pairs that are worth judging, each once, lower number first."""
        sketches = self._sketches({*new, *(other for others in candidates.values() for other in others)})
        likely = _most_alike(sketches, [(one, other) for one, others in candidates.items() for other in others])
        crowded = {one: others for one, others in likely.items() if len(others) > MOST_COMPARED}
        best = {_ordered(one, other) for one, others in likely.items() for other in others[:MOST_COMPARED]}
        if crowded:
            leaders = self._leaders({other for others in crowded.values() for other in others[:MOST_COMPARED]})
            best.update(
                _ordered(one, leaders[other])
                for one, others in crowded.items()
                for other in others[:MOST_COMPARED]
                if leaders.get(other, one) != one
            )
        return sorted(best)

    def _sketches(self, numbers: set[int]) -> dict[int, Sketch]:
        """The sketches of these articles; those that are not compared any more have none."""
        found = {number: self._texts[number].sketch for number in numbers if number in self._texts}
        rows = self._rows("SELECT article, data FROM sketches WHERE article IN", numbers - found.keys())
        return found | {number: Sketch.from_bytes(data) for number, data in rows}

    def _leaders(self, numbers: Iterable[int]) -> dict[int, int]:
        """The leading article of the story of each of these articles."""
        statement = (
            "SELECT a.number, l.number FROM articles a JOIN articles l ON l.story = a.story AND l.leads "
            "WHERE a.number IN"
        )
        return dict(self._rows(statement, numbers))

    def _read(self, numbers: set[int]) -> dict[int, PreparedText]:
        """These articles, prepared; those that are gone or are not compared any more are left out."""
        found = {number: self._texts[number] for number in numbers if number in self._texts}
        rows = self._rows(
            "SELECT number, data FROM articles WHERE state = 'live' AND compared AND number IN",
            numbers - found.keys(),
        )
        if rows:
            prepared = self._preparer.prepare([decode_article(decompress(data)) for _, data in rows])
            read = dict(zip((number for number, _ in rows), prepared, strict=True))
            self._texts.update(read)
            found |= read
        return found

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
    connection.executemany(
        _INSERT_SKETCH,
        [
            with_checksum("sketches", {"article": number, "data": text.sketch.to_bytes()})
            for number, text in texts
            if len(text.fingerprints)
        ],
    )


def _copies(pairs: Sequence[Pair], texts: Mapping[int, PreparedText]) -> list[Copy]:
    there = [pair for pair in pairs if pair[0] in texts and pair[1] in texts]
    used = sorted({number for pair in there for number in pair})
    place = {number: at for at, number in enumerate(used)}
    judgements = judge_all([texts[number].text for number in used], [(place[low], place[high]) for low, high in there])
    return [Copy(*pair, judgement) for pair, judgement in zip(there, judgements, strict=True) if judgement.is_copy]


def _most_shared(
    numbers: NDArray[np.int64], pairs: NDArray[np.int64], counts: NDArray[np.int64]
) -> dict[int, list[int]]:
    """The known articles that each new one shares the most fingerprints with, out of packed pairs with their counts."""
    enough = np.flatnonzero(counts >= LEAST_SHARED)
    pairs, counts = pairs.take(enough), counts.take(enough)
    owners = pairs >> _NUMBER_BITS
    order = np.lexsort((pairs, -counts, owners))
    owners = owners.take(order)
    others = pairs.take(order) & ((1 << _NUMBER_BITS) - 1)
    ranks = np.arange(len(owners)) - np.searchsorted(owners, owners)
    found = defaultdict[int, list[int]](list)
    kept = np.flatnonzero((ranks < MOST_SKETCHED) & (numbers.take(owners) != others))
    for owner, other in zip(numbers.take(owners.take(kept)).tolist(), others.take(kept).tolist(), strict=True):
        found[owner].append(other)
    return found


def _most_alike(sketches: Mapping[int, Sketch], pairs: Iterable[Pair]) -> dict[int, list[int]]:
    """For the first article of each pair the second ones that its sketch does not clear, the most like it first."""
    there = [pair for pair in pairs if pair[0] in sketches and pair[1] in sketches]
    place = {number: at for at, number in enumerate(sketches)}
    scores = likeness(list(sketches.values()), [(place[one], place[other]) for one, other in there])
    found = defaultdict[int, list[int]](list)
    for at in np.argsort(-scores, kind="stable").tolist():
        if scores[at] < 0:
            break
        others = found[there[at][0]]
        if scores[at] >= WEAK or len(others) < MOST_WEAK:
            others.append(there[at][1])
    return found


def _ordered(one: int, other: int) -> Pair:
    return (one, other) if one < other else (other, one)


def _with_known(
    places: NDArray[np.int64], known: NDArray[np.int64], bounds: NDArray[np.int64], owners: NDArray[np.int64]
) -> NDArray[np.int64]:
    """New article (its place) and known article, packed, for each fingerprint that both have."""
    counts = np.diff(bounds).take(places)
    ranks = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
    mine = owners.take(np.repeat(bounds.take(places), counts) + ranks)
    packed: NDArray[np.int64] = (mine << _NUMBER_BITS) | np.repeat(known, counts)
    return packed


def _among(bounds: NDArray[np.int64], owners: NDArray[np.int64], numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """The same among the new articles; of a fingerprint that many have, among the first of them."""
    packed = []
    for at in np.flatnonzero(np.diff(bounds) > 1).tolist():
        group = sorted(set(owners[bounds[at] : min(bounds[at + 1], bounds[at] + HOT)].tolist()))
        packed += [
            (one << _NUMBER_BITS) | int(numbers[other]) for rank, other in enumerate(group) for one in group[rank + 1 :]
        ]
    return np.array(packed, np.int64)
