"""Checking a data directory: the archive by its checksums, and the index against the archive."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from searchapp.archive.directory import DataDirectory
from searchapp.archive.reading import ArchiveReader
from searchapp.archive.verification import damage
from searchapp.engine.backend import SegmentBackend
from searchapp.engine.protocol import EngineBackend, IndexReader
from searchapp.errors import IndexBroken
from searchapp.variants.table import VariantTable


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What was checked, and a sentence for each thing that is wrong: none when all is sound."""

    articles: int
    stories: int
    problems: tuple[str, ...]


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
        index: tuple[IndexReader, int] | None = None
        try:  # before the snapshot of the archive, so that the index is never the newer of the two
            index = _open_index(data, backend or SegmentBackend())
            opened.callback(index[0].close)
        except IndexBroken as error:
            problems.append(f"index: {error}")
        with archive.snapshot() as connection:
            problems += damage(connection)
            if index is not None:
                problems += [f"index: {problem}" for problem in index[0].damage()]
                problems += [f"variants: {problem}" for problem in VariantTable.damage(data.path)]
                problems += _disagreements(archive, *index, being_written=data.is_being_written())
            counts = connection.execute("SELECT count(*), count(DISTINCT story) FROM articles WHERE story IS NOT NULL")
            articles, stories = counts.fetchone()
    return VerifyReport(articles, stories, tuple(problems))


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
