"""Which articles of an archive may be copies of a new one, by the fingerprints that they share."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from searchapp.archive.fingerprint_loops import count_pairs, pair_articles
from searchapp.archive.fingerprints import ARTICLE_BITS, FingerprintIndex, Matches
from searchapp.archive.leading import LeadingLengths
from searchapp.dedupe.preparation import PreparedText
from searchapp.dedupe.textset import is_first, ranges

LEAST_SHARED: Final = 2
"""Fingerprints that two articles must share to be compared: of pairs that are copies, 0.4 % share fewer."""
NEARLY_ALL: Final = 0.5
"""Share of an article's fingerprints that one has which is nearly the same (`folding.CLOSE`): 0.7 of its shingles at
least, and 16 fingerprints or more err by 0.1."""
MOST_SKETCHED: Final = 6
"""Articles whose sketches one is held against, those that share the most fingerprints first."""
MOST_NEARLY_ALL: Final = 16
"""So many, where they share `NEARLY_ALL`."""
HOT: Final = 32
"""A fingerprint that so many articles have is put on record for no more: it is a template's or a site's furniture."""
_NUMBER_BITS: Final = 32
_COUNT_BITS: Final = 32
_PLACE: Final = np.uint64((1 << ARTICLE_BITS) - 1)


class NewText(NamedTuple):
    """An article that is compared: its number, its text, and how many characters its body has."""

    number: int
    prepared: PreparedText
    length: int


class Found(NamedTuple):
    """Pairs of an article that is compared, by its place among those, and one of its candidates, by its number.

    They are in the order of the places, and of each article those come first that it shares the most with.
    """

    place: NDArray[np.int64]
    other: NDArray[np.int64]


class Candidates:
    """What is known of all articles to find those that matter. Changes belong to the transaction that is open."""

    def __init__(self, connection: sqlite3.Connection, directory: Path) -> None:
        """What memory has no room for is kept in files without names in `directory`."""
        self._index = FingerprintIndex(connection, directory)
        self.leading = LeadingLengths(connection)

    def reload(self) -> None:
        """Forget what is held in memory, as after a rollback."""
        self._index.reload()
        self.leading.reload()

    def find(self, compared: Sequence[NewText], *, is_new: bool) -> Found:
        """Each of these articles with those that it shares the most fingerprints with; new ones' are put on record."""
        numbers = np.array([each.number for each in compared], np.int64)
        sizes = np.array([len(each.prepared.fingerprints) for each in compared], np.int64)
        prints = np.concatenate([np.empty(0, np.uint64), *(each.prepared.fingerprints for each in compared)])
        packed = (prints << np.uint64(ARTICLE_BITS)) | np.repeat(np.arange(len(compared), dtype=np.uint64), sizes)
        packed.sort()
        prints, owners = packed >> np.uint64(ARTICLE_BITS), (packed & _PLACE).astype(np.int64)
        first = np.flatnonzero(is_first(prints))
        distinct, bounds = prints.take(first), np.append(first, len(prints))
        known = self._index.find(distinct)
        shared = np.concatenate([np.empty(0, np.int64), *(_with_known(matches, bounds, owners) for matches in known)])
        if is_new:
            counts = np.zeros(len(distinct), np.int64)
            for matches in known:
                counts[matches.places] += matches.counts
            is_cold = counts < HOT
            kept = np.repeat(is_cold, np.diff(bounds))
            self._index.add(prints[kept], numbers.take(owners[kept]))
            shared = np.concatenate([shared, _among(bounds, owners, numbers)])
        lengths = np.array([each.length for each in compared], np.int64)
        return self._most_shared(numbers, lengths, NEARLY_ALL * sizes, *_counted(shared, len(compared)))

    def _most_shared(
        self,
        numbers: NDArray[np.int64],
        lengths: NDArray[np.int64],
        nearly_all: NDArray[np.floating],
        pairs: NDArray[np.int64],
        counts: NDArray[np.int64],
    ) -> Found:
        """The known articles that each one shares the most fingerprints with, out of packed pairs with their counts."""
        owners, others = pairs >> _NUMBER_BITS, pairs & ((1 << _NUMBER_BITS) - 1)
        matters = (counts >= nearly_all.take(owners)) | (self.leading.of(others) <= lengths.take(owners))
        kept = np.flatnonzero((numbers.take(owners) != others) & matters)
        owners, others, counts = owners.take(kept), others.take(kept), counts.take(kept)
        # They come by owner and other: a stable order by falling count within each owner leaves these as they are.
        order = np.argsort((owners << _COUNT_BITS) - counts, kind="stable")
        owners, others, counts = owners.take(order), others.take(order), counts.take(order)
        ranks = np.arange(len(owners)) - np.searchsorted(owners, owners)
        is_near = counts >= nearly_all.take(owners)
        best = np.flatnonzero(ranks < np.where(is_near, MOST_NEARLY_ALL, MOST_SKETCHED))
        return Found(owners.take(best), others.take(best))


def _with_known(matches: Matches, bounds: NDArray[np.int64], owners: NDArray[np.int64]) -> NDArray[np.int64]:
    """New article (its place) and known article, packed, for each fingerprint that both have."""
    places, counts = matches.places, matches.counts
    if (made := pair_articles.ready()) is not None:
        packed = np.empty(int((counts * np.diff(bounds).take(places)).sum()), np.int64)
        made(*matches, bounds, owners, ARTICLE_BITS, _NUMBER_BITS, packed)
        return packed
    places, known = np.repeat(places, counts), matches.articles
    counts = np.diff(bounds).take(places)
    mine = owners.take(ranges(bounds.take(places), counts))
    pairs: NDArray[np.int64] = (mine << _NUMBER_BITS) | np.repeat(known, counts)
    return pairs


def _counted(shared: NDArray[np.int64], owners: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The pairs that come `LEAST_SHARED` times at least, in order, and how often, of packed pairs of so many owners."""
    if (made := count_pairs.ready()) is not None:
        # Room that is not written to takes no memory.
        pairs, counts, grouped = (np.empty(len(shared), np.int64) for _ in range(3))
        table, counted = (np.empty(4 * len(shared) + 4, np.int64) for _ in range(2))
        begins = np.empty(owners + 2, np.int64)
        found = made(shared, _NUMBER_BITS, LEAST_SHARED, begins, grouped, table, counted, pairs, counts)
        return pairs[:found], counts[:found]
    pairs, counts = np.unique(shared, return_counts=True)
    often = np.flatnonzero(counts >= LEAST_SHARED)
    return pairs.take(often), counts.take(often)


def _among(bounds: NDArray[np.int64], owners: NDArray[np.int64], numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """The same among the new articles; of a fingerprint that many have, among the first of them."""
    packed = []
    for at in np.flatnonzero(np.diff(bounds) > 1).tolist():
        group = sorted(set(owners[bounds[at] : min(bounds[at + 1], bounds[at] + HOT)].tolist()))
        packed += [
            (one << _NUMBER_BITS) | int(numbers[other]) for rank, other in enumerate(group) for one in group[rank + 1 :]
        ]
    return np.array(packed, np.int64)
