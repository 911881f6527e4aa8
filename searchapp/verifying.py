"""Checking a data directory: the archive by its checksums, and the index against the archive."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path

from searchapp.archive.directory import DataDirectory
from searchapp.archive.reading import ArchiveReader
from searchapp.archive.renaming import is_named_by
from searchapp.archive.verification import damage
from searchapp.engine.backend import SegmentBackend
from searchapp.engine.protocol import EngineBackend, IndexReader
from searchapp.errors import IndexBroken, UsageError
from searchapp.ingest.outlets import load_outlets
from searchapp.variants.refresh import are_followed
from searchapp.variants.table import VariantTable


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What was checked, and a sentence for each thing that is wrong: none when all is sound.

    `notes` has a sentence for each file that is not there or not what it was, without anything being wrong.
    """

    articles: int
    stories: int
    problems: tuple[str, ...]
    notes: tuple[str, ...] = ()


def verify(directory: Path, *, backend: EngineBackend | None = None) -> VerifyReport:
    """Check every row of the archive against its checksum, and the index against the archive. Writes nothing.

    It may run while another process writes; what that one has not indexed yet is no problem then.

    Raises:
        IndexMissing: there is no archive.
        IndexBroken: it is so damaged that it cannot be opened, or of another version.
    """
    data = DataDirectory(directory)
    data.require_archive()
    with ArchiveReader(data.archive) as archive, ExitStack() as opened:
        problems: list[str] = []
        notes: list[str] = []
        index: tuple[IndexReader, int] | None = None
        try:  # before the snapshot of the archive, so that the index is never the newer of the two
            index = _open_index(data, backend or SegmentBackend())
            opened.callback(index[0].close)
        except IndexBroken as error:
            problems.append(f"index: {error}")
        with archive.snapshot() as connection:
            problems += damage(connection)
            articles, stories = _counts(connection)
            being_written = data.is_being_written()
            problems += _variants_damage(data, stories, being_written=being_written)
            if index is not None:
                problems += [f"index: {problem}" for problem in index[0].damage()]
                notes += index[0].absent_files()
            # What cannot be read of the archive is told already.
            with suppress(IndexBroken, sqlite3.DatabaseError) if problems else nullcontext():
                if index is not None:
                    problems += _disagreements(archive, *index, being_written=being_written)
                notes += _changed_files(data, archive, connection)
    return VerifyReport(articles, stories, tuple(problems), tuple(notes))


def _counts(connection: sqlite3.Connection) -> tuple[int, int]:
    """How many articles and stories there are; as far as that can be read."""
    counts = "SELECT count(*), count(DISTINCT story) FROM articles WHERE story IS NOT NULL"
    try:
        articles, stories = connection.execute(counts).fetchone()
    except sqlite3.DatabaseError:
        return 0, 0
    return articles, stories


def _variants_damage(data: DataDirectory, stories: int, *, being_written: bool) -> list[str]:
    """What is wrong with the spelling variants. Each run that writes makes them at its end, where there are stories."""
    if data.variants.is_file() or not stories or being_written:
        return [f"variants: {problem}" for problem in VariantTable.damage(data.path)]
    if data.variants.is_dir():
        mended = f"move it away, then run: searchapp rebuild --index {data.path}"
        return [f"variants: {data.variants} is a folder, where a file must be; {mended}"]
    return [
        f"variants: {data.variants} is not there, as a stopped run leaves it, and searches find no other spellings; "
        "index again, or rebuild"
    ]


def _changed_files(data: DataDirectory, archive: ArchiveReader, connection: sqlite3.Connection) -> Iterator[str]:
    """A sentence for each file that the next run will make anew, or take in as it is now."""
    if not data.rejects.exists() and next(archive.rejects(), None) is not None:
        yield f"{data.rejects} is not there; the archive has its content, and the next searchapp index writes it anew"
    yield from _changed_by_user(data.user_variants, lambda: are_followed(data.path))
    yield from _changed_by_user(data.outlets, lambda: is_named_by(connection, load_outlets(data.path)))


def _changed_by_user(path: Path, is_as_before: Callable[[], bool]) -> Iterator[str]:
    """A sentence where a file that the user writes has another content than at the last run, or an error."""
    try:
        if not is_as_before():
            change = "has changed" if path.exists() else "has gone"
            yield f"{path} {change} since the last run; the next searchapp index or rebuild goes by what is there then"
    except UsageError as error:
        yield str(error)


def _open_index(data: DataDirectory, backend: EngineBackend) -> tuple[IndexReader, int]:
    """The current index, and the sequence number up to which it is complete at least."""
    _, path = data.current_index()
    complete = backend.archive_sequence(path)
    return backend.open_reader(path), complete


def _disagreements(archive: ArchiveReader, reader: IndexReader, complete: int, *, being_written: bool) -> Iterator[str]:
    """Where the index does not hold what the archive does, as far as the index says that it is complete."""
    indexed = reader.story_sequences()
    behind = 0
    for number, sequence, alive in archive.story_states():
        held = indexed.pop(number, None)
        if sequence > complete:
            behind += 1
        elif alive and held is None:
            yield f"index: story {number} is missing"
        elif alive and held != sequence:
            yield f"index: story {number} is stale (holds change {held}, the archive {sequence})"
        elif not alive and held is not None:
            yield f"index: story {number} is there, but has ended"
    for number in indexed:
        yield f"index: story {number} is there, but not in the archive"
    if behind and not being_written:
        yield f"index: lacks the last {behind} changed stories, as a stopped run leaves it; index again, or rebuild"
