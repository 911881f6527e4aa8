"""Which articles share fingerprints with a new one: sorted runs in the archive, found in without reading articles.

An entry is a fingerprint and an article's number in one 64-bit word. Each batch of articles adds a sorted run; as soon
as `RUNS_A_LEVEL` runs of a level are there, they are merged into one of the next, so that writing an entry costs a
logarithm of the archive and all writes are of whole chunks. A run's filter says which of its fingerprints may be there;
it is held in memory (about 35 bytes an article). The entries of small runs are held there too, those of large ones in
files that are mapped (`mapped_entries`); of others only chunks that are likely to hold something are read.

Entries are never taken back: whoever finds an article by an old fingerprint reads it and sees. All rows can be made
anew from the articles.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from searchapp.archive.fingerprint_loops import (
    FIRST_MULTIPLIER,
    PROBE_SHIFT,
    SECOND_MULTIPLIER,
    THIRD_MULTIPLIER,
    find_fingerprints,
    note_fingerprints,
)
from searchapp.archive.mapped_entries import mapped
from searchapp.archive.schema import checksum_of, insert_row_statement
from searchapp.dedupe.sampling import FINGERPRINT_BITS
from searchapp.dedupe.textset import is_first, ranges
from searchapp.memory import release

Entries = NDArray[np.uint64]

ARTICLE_BITS: Final = 64 - FINGERPRINT_BITS
"""An archive may number 268 million articles."""
CHUNK_ENTRIES: Final = 496
"""As many as one page of the archive's file holds in a row. Larger chunks make each look-up read more, the more the
larger the archive is; smaller ones are more rows."""
HELD_ENTRIES: Final = 1 << 23
"""Of the runs written or much read lately so many are kept in memory too, 64 MB: all of the small ones, and where large
ones cannot be mapped, those of half a million articles."""
MAPPED_ENTRIES: Final = 1 << 27
"""Of the large ones so many are mapped, 1 GB on disk: those of eight million articles."""
CHUNKS_AT_ONCE: Final = 10_000
"""Chunks that one statement names."""
CHUNKS_HELD_AT_ONCE: Final = 500
"""Chunks that are read at once of a run that is to be kept in memory."""
RUNS_A_LEVEL: Final = 8
MERGED_AT_ONCE: Final = 1 << 20
"""Entries that a merge holds in memory."""
FILTER_BITS_AN_ENTRY: Final = 12
"""With as many, and as many probes as there are multipliers, one fingerprint in a hundred is looked for in vain."""

_NO_ENTRIES: Final = np.empty(0, np.uint64)
ENTRIES_A_START: Final = 16
"""Among so many entries that are held a fingerprint is looked for."""

_ARTICLE: Final = np.uint64((1 << ARTICLE_BITS) - 1)
_SHIFT: Final = np.uint64(ARTICLE_BITS)
_PROBE_MULTIPLIERS: Final = (FIRST_MULTIPLIER, SECOND_MULTIPLIER, THIRD_MULTIPLIER)


@dataclass(slots=True, eq=False)
class _Run:
    """A run and what is held of it: its filter, where its chunks begin, and mostly all entries."""

    number: int
    level: int
    entries: int
    filter: NDArray[np.uint8]
    firsts: Entries
    held: Entries | None = None
    starts: NDArray[np.int64] = field(default_factory=lambda: _starts(_NO_ENTRIES))
    """Where those of the entries that are held begin whose highest bits are 0, 1, 2…."""
    read: int = 0
    """Chunks that were read from the archive."""
    is_mapped: bool = False

    def hold(self, entries: Entries, *, is_mapped: bool = False) -> None:
        """Keep its entries, in memory or in a file that is mapped."""
        self.held, self.starts, self.is_mapped = entries, _starts(entries), is_mapped

    def may_hold(self, fingerprints: Entries) -> NDArray[np.int64]:
        """The places of the fingerprints that may be in this run."""
        found = np.arange(len(fingerprints))
        for multiplier in _PROBE_MULTIPLIERS:
            places = _probes(fingerprints.take(found), multiplier, len(self.filter))
            found = found[(self.filter.take(places >> 3) >> (places & 7).astype(np.uint8) & 1).astype(bool)]
        return found


class Matches(NamedTuple):
    """Fingerprints that are known, by their places among those that were asked for.

    The entries of each are those between `begins` and `ends`; the lower bits of an entry number its article.
    """

    entries: Entries
    places: NDArray[np.int64]
    begins: NDArray[np.int64]
    ends: NDArray[np.int64]

    @property
    def counts(self) -> NDArray[np.int64]:
        """How many articles have each fingerprint."""
        counts: NDArray[np.int64] = self.ends - self.begins
        return counts

    @property
    def articles(self) -> NDArray[np.int64]:
        """The articles that have the fingerprints, those of one after those of another."""
        found = self.entries.take(ranges(self.begins, self.counts)) & _ARTICLE
        return found.astype(np.int64)


class FingerprintIndex:
    """The fingerprints of an archive. Changes belong to the transaction that is open; after a rollback, `reload`."""

    def __init__(self, connection: sqlite3.Connection, directory: Path | None = None) -> None:
        """Large runs are held in files in `directory`, if there is one."""
        self._connection = connection
        self._directory = directory
        self._runs: list[_Run] | None = None

    def reload(self) -> None:
        """Forget what is held in memory."""
        self._runs = None

    def find(self, fingerprints: Entries) -> list[Matches]:
        """Those of the fingerprints (distinct, sorted) that are known; one may be in several of the answers."""
        found = []
        room = [np.empty(len(fingerprints), np.int64) for _ in range(3)]
        for run in self._loaded():
            self._hold_if_much_read(run)
            likely, matches = _look_up(run, fingerprints, room)
            if matches is None and len(likely):
                matches = self._matches(run, fingerprints, likely)
            if matches is not None and len(matches.places):
                found.append(matches)
        return found

    def add(self, fingerprints: Entries, articles: NDArray[np.int64]) -> None:
        """Put in fingerprints, each with the number of its article, in any order."""
        if not len(fingerprints):
            return
        runs = self._loaded()
        entries = (fingerprints << _SHIFT) | articles.astype(np.uint64)
        entries.sort()
        runs.append(self._write(0, iter([entries]), len(entries), []))
        level = 0
        while len(group := [run for run in runs if run.level == level]) >= RUNS_A_LEVEL:
            merged = self._write(level + 1, self._merged(group), sum(run.entries for run in group), group)
            for run in group:
                self._remove(run)
                runs.remove(run)
            runs.append(merged)
            if merged.entries > MERGED_AT_ONCE:
                del group, run
                release()  # of what the runs held, in whose place comes what the merged one holds
                self._hold_if_room(merged)
            level += 1

    def _has_room(self, entries: int, instead_of: Sequence[_Run] = (), *, is_mapped: bool = False) -> bool:
        """Whether so many entries more may be kept in memory, or in files, when these runs are not any more."""
        others = [run for run in self._runs or () if run.is_mapped == is_mapped and run not in instead_of]
        kept = sum(len(run.held) for run in others if run.held is not None)
        return kept + entries <= (MAPPED_ENTRIES if is_mapped else HELD_ENTRIES)

    def _hold_if_much_read(self, run: _Run) -> None:
        """Keep the entries of a run of which as many chunks were read as it has, if there is room."""
        if run.read > len(run.firsts):
            self._hold_if_room(run)

    def _hold_if_room(self, run: _Run) -> None:
        """Read a run from the archive to keep its entries, a large one's in a file if one can be written."""
        if run.held is not None:
            return
        is_large = run.entries > MERGED_AT_ONCE
        if is_large and self._directory is not None and self._has_room(run.entries, is_mapped=True):
            entries = mapped(self._directory, self._pieces(run))
            if entries is not None:
                run.hold(entries, is_mapped=True)
                return
        if self._has_room(run.entries):
            held, count = np.empty(run.entries, np.uint64), 0
            for part in self._pieces(run):
                held[count : count + len(part)] = part
                count += len(part)
            run.hold(held[:count])

    def _pieces(self, run: _Run) -> Iterator[Entries]:
        """The entries of a run in the archive, in order, some chunks at a time."""
        for first in range(0, len(run.firsts), CHUNKS_HELD_AT_ONCE):
            yield self._chunks(run.number, np.arange(first, min(first + CHUNKS_HELD_AT_ONCE, len(run.firsts))))

    def clear(self) -> None:
        """Take out everything."""
        self._connection.execute("DELETE FROM fingerprints")
        self._connection.execute("DELETE FROM fingerprint_runs")
        self.reload()

    def _loaded(self) -> list[_Run]:
        if self._runs is None:
            self._runs = [
                _Run(number, level, entries, np.frombuffer(bits, np.uint8), self._firsts(number))
                for number, level, entries, bits in self._connection.execute(
                    "SELECT number, level, entries, filter FROM fingerprint_runs ORDER BY number"
                )
            ]
        return self._runs

    def _firsts(self, run: int) -> Entries:
        rows = self._connection.execute("SELECT first FROM fingerprints WHERE run = ? ORDER BY chunk", (run,))
        return np.array([first for (first,) in rows], np.int64).view(np.uint64)

    def _matches(self, run: _Run, fingerprints: Entries, likely: NDArray[np.int64]) -> Matches:
        """As `find`, in one run, of the fingerprints at these places; their entries may reach over a chunk's end."""
        low = fingerprints.take(likely) << _SHIFT
        entries = self._around(run, low) if run.held is None else run.held
        begins, ends = np.searchsorted(entries, low), np.searchsorted(entries, low | _ARTICLE, side="right")
        there = np.flatnonzero(ends > begins)
        return Matches(entries, likely.take(there), begins.take(there), ends.take(there))

    def _around(self, run: _Run, low: Entries) -> Entries:
        """The entries of the chunks in which those are that begin with one of these fingerprints."""
        from_chunk = np.maximum(np.searchsorted(run.firsts, low, side="right") - 1, 0)
        to_chunk = np.searchsorted(run.firsts, low | _ARTICLE, side="right")
        reaching = np.flatnonzero(to_chunk - from_chunk > 2)
        inner = [np.arange(from_chunk[at], to_chunk[at]) for at in reaching.tolist()]
        chunks = np.concatenate([from_chunk, np.maximum(to_chunk - 1, 0), *inner])
        chunks.sort()
        chunks = chunks[is_first(chunks)]
        run.read += len(chunks)
        return self._chunks(run.number, chunks)

    def _chunks(self, run: int, chunks: NDArray[np.int64]) -> Entries:
        """The entries of some chunks, which come in order, end to end."""
        found = [b""]
        for start in range(0, len(chunks), CHUNKS_AT_ONCE):
            listed = ", ".join(map(str, chunks[start : start + CHUNKS_AT_ONCE].tolist()))
            rows = self._connection.execute(
                f"SELECT entries FROM fingerprints WHERE run = ? AND chunk IN ({listed}) ORDER BY chunk",  # noqa: S608
                (run,),
            )
            found += [entries for (entries,) in rows]
        return np.frombuffer(b"".join(found), "<u8")

    def _merged(self, runs: list[_Run]) -> Iterator[Entries]:
        """The entries of runs in one order, in pieces of bounded size: fingerprints are spread evenly."""
        pieces = max(1, sum(run.entries for run in runs) // MERGED_AT_ONCE)
        bounds = [(piece << 64) // pieces for piece in range(pieces + 1)]
        for low, high in pairwise(bounds):
            parts = [self._between(run, low, high) for run in runs]
            merged = np.concatenate(parts)
            merged.sort(kind="stable")
            yield merged

    def _between(self, run: _Run, low: int, high: int) -> Entries:
        first = max(int(np.searchsorted(run.firsts, np.uint64(low), side="right")) - 1, 0)
        last = int(np.searchsorted(run.firsts, np.uint64(high - 1), side="right"))
        entries = self._chunks(run.number, np.arange(first, last)) if run.held is None else run.held
        begin, end = (
            np.searchsorted(entries, np.uint64(low)),
            np.searchsorted(entries, np.uint64(high - 1), side="right"),
        )
        return entries[begin:end]

    def _write(self, level: int, pieces: Iterator[Entries], count: int, instead_of: Sequence[_Run]) -> _Run:
        """Write a run of so many entries, which come in order, in the place of others."""
        (number,) = self._connection.execute("SELECT coalesce(max(number), 0) + 1 FROM fingerprint_runs").fetchone()
        bits = np.zeros(_filter_bytes(count), np.uint8)
        firsts: list[int] = []
        # Of many, the ones in the place of which they come are let go of first.
        is_held = count <= MERGED_AT_ONCE and self._has_room(count, instead_of)
        held, done = np.empty(count, np.uint64) if is_held else None, 0
        # The run's row comes first, for the chunks refer to it; its filter is complete only after them.
        self._connection.execute(
            "INSERT INTO fingerprint_runs (number, level, entries, filter, checksum) VALUES (?, ?, ?, x'', x'')",
            (number, level, count),
        )
        for piece in pieces:
            _set_bits(bits, piece)
            if held is not None:
                held[done : done + len(piece)] = piece
            done += len(piece)
            rows = []
            for start in range(0, len(piece), CHUNK_ENTRIES):
                chunk = piece[start : start + CHUNK_ENTRIES]
                first = int(chunk[:1].view(np.int64)[0])
                row = (number, len(firsts), first, chunk.astype("<u8", copy=False).tobytes())
                rows.append((*row, checksum_of(row)))
                firsts.append(first)
            self._connection.executemany(_INSERT_CHUNK, rows)
        row = (number, level, count, bits.tobytes())
        self._connection.execute(
            "UPDATE fingerprint_runs SET filter = ?, checksum = ? WHERE number = ?", (row[3], checksum_of(row), number)
        )
        run = _Run(number, level, count, bits, np.array(firsts, np.int64).view(np.uint64))
        if held is not None:
            run.hold(held)
        return run

    def _remove(self, run: _Run) -> None:
        self._connection.execute("DELETE FROM fingerprints WHERE run = ?", (run.number,))
        self._connection.execute("DELETE FROM fingerprint_runs WHERE number = ?", (run.number,))


_INSERT_CHUNK: Final = insert_row_statement("fingerprints")


def _filter_bytes(entries: int) -> int:
    return min(max(8, entries * FILTER_BITS_AN_ENTRY // 8), 1 << 29)


def _starts(entries: Entries) -> NDArray[np.int64]:
    """Where the entries begin whose highest bits are 0, 1, 2…, and where the last of them end."""
    bits = max(1, (len(entries) // ENTRIES_A_START).bit_length())
    firsts = np.arange(1 << bits, dtype=np.uint64) << np.uint64(64 - bits)
    return np.append(np.searchsorted(entries, firsts), len(entries))


def _look_up(
    run: _Run, fingerprints: Entries, room: Sequence[NDArray[np.int64]]
) -> tuple[NDArray[np.int64], Matches | None]:
    """The places of the fingerprints that may be in a run; of one that holds its entries, what it has of them.

    By a compiled loop, in `room` for as many numbers; else only the places.
    """
    if (made := find_fingerprints.ready()) is None:
        return run.may_hold(fingerprints), None
    shift = 64 - (len(run.starts) - 2).bit_length()
    entries = _NO_ENTRIES if run.held is None else run.held
    found = made(fingerprints, run.filter, entries, run.starts, shift, ARTICLE_BITS, run.held is not None, *room)
    places, begins, ends = (column[:found].copy() for column in room)
    return places, None if run.held is None else Matches(run.held, places, begins, ends)


def _probes(fingerprints: Entries, multiplier: np.uint64, size: int) -> NDArray[np.int64]:
    """The bit of a filter of `size` bytes, of half a gigabyte at most, that a multiplier gives each fingerprint."""
    mixed = (fingerprints * multiplier) >> PROBE_SHIFT
    return ((mixed * np.uint64(size * 8)) >> PROBE_SHIFT).astype(np.int64)


def _set_bits(bits: NDArray[np.uint8], entries: Entries) -> None:
    if (made := note_fingerprints.ready()) is not None:
        made(bits, entries, ARTICLE_BITS)
        return
    for multiplier in _PROBE_MULTIPLIERS:
        places = _probes(entries >> _SHIFT, multiplier, len(bits))
        np.bitwise_or.at(bits, places >> 3, np.left_shift(1, places & 7).astype(np.uint8))
