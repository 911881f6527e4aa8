"""From input files to a searchable archive, and keeping the two sound: `index_paths`, `rebuild`, `verify`.

The archive is written first, in transactions, and then the index is brought up to the archive's sequence number. A run
may end at any moment, by whatever cause; the next one goes on from the last transaction.
"""

from __future__ import annotations

import errno
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import asdict, dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Final, Literal

from searchapp.archive.directory import DataDirectory, replace_file
from searchapp.archive.intake import DryRun, Intake, Progress, Tally, identify
from searchapp.archive.reading import ArchiveReader, SourceIdentity
from searchapp.archive.schema import no_space
from searchapp.archive.store import Archive, FoldKey
from searchapp.archive.verification import damage
from searchapp.engine.backend import SegmentBackend
from searchapp.engine.protocol import EngineBackend, IndexReader
from searchapp.errors import IndexBroken, UsageError
from searchapp.ingest.dedupe import content_key
from searchapp.ingest.readers import FieldMapping
from searchapp.ingest.sources import SourceFile, find_sources
from searchapp.variants.refresh import refresh_variants, user_pairs
from searchapp.variants.table import VariantTable

__all__ = [
    "IndexOptions",
    "IndexSummary",
    "Progress",
    "RebuildSummary",
    "VerifyReport",
    "index_paths",
    "optimize",
    "rebuild",
    "verify",
]

STORIES_PER_COMMIT: Final = 100_000
"""Changed stories that one commit of the index holds: what a killed run must index again, half a minute's work."""
STORIES_PER_REPORT: Final = 200
"""How often progress is told while indexing."""

Dedupe = Literal["near", "exact", "off"]
_FOLD_KEYS: Final[dict[Dedupe, FoldKey]] = {"exact": content_key, "off": lambda _: None}
_Pending = list[tuple[SourceFile, SourceIdentity]]


@dataclass(frozen=True, slots=True)
class IndexOptions:
    """How to index. `dedupe` holds for the articles that this run takes in; earlier ones stay as they are.

    With `dry_run` everything is read and judged and nothing is written, not even the directory.
    """

    mapping: FieldMapping = field(default_factory=FieldMapping)
    dedupe: Dedupe = "exact"
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexSummary:
    """What a run did.

    `read` counts pages and records, those rejected in this run included. `accepted` (new), `updated`, `unchanged`,
    `folded` (of the first two, those that joined another article's story) and `undated` (of the first two) count
    articles, of which a page may hold several. `rejected` counts the rejects on record for the sources named, also
    from earlier runs. `stories` is what the archive holds now. `rejects_file` is None when no reject is on record.
    """

    read: int
    accepted: int
    updated: int
    unchanged: int
    folded: int
    undated: int
    rejected: int
    files: int
    files_skipped: int
    stories: int
    seconds: float
    articles_per_second: float
    rejects_file: Path | None


@dataclass(frozen=True, slots=True)
class RebuildSummary:
    """What a rebuild did: `stories` indexed, in `seconds`, into the index directory with this `number`."""

    stories: int
    seconds: float
    number: int


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What was checked, and a sentence for each thing that is wrong: none when all is sound."""

    articles: int
    stories: int
    problems: tuple[str, ...]


def default_backend() -> EngineBackend:
    """The engine that indexes are made with unless the caller brings another."""
    return SegmentBackend()


def index_paths(
    directory: Path,
    paths: Sequence[Path],
    options: IndexOptions,
    progress: Progress,
    *,
    backend: EngineBackend | None = None,
) -> IndexSummary:
    """Take the articles of these files and folders into the archive, and index them.

    Sources that are done are skipped, one that was not finished is read on, one whose file has changed is read anew.

    Raises:
        UsageError: a path is missing, an option is not available, or `directory` cannot be the data directory.
        IndexBusy: another process is writing to it.
        IndexBroken: the archive or index cannot be read or is of another version.
    """
    if options.dedupe == "near":
        raise UsageError("--dedupe near is not available yet; use exact or off")
    began = time.monotonic()
    sources = [(source, identify(source, options.mapping)) for source in find_sources(paths)]
    data = DataDirectory(directory)
    if options.dry_run:
        return _dry_run(data, sources, options, progress)
    with _full_disk_named(directory), data.writing(create=True), Archive(data.archive) as archive:
        user_pairs(data.path)  # an error in the reader's own file is told before anything is done
        index = _open_or_create_index(data, backend or default_backend(), archive, progress)
        pending = _pending(archive, sources)
        tally = _take_in(archive, pending, options, progress, index)
        index.catch_up()
        refresh_variants(data.path, archive)
        rejects_file = _write_rejects(archive, data.rejects)
        tally.rejected = sum(archive.count_rejects(identity.path) for _, identity in sources)
        stories = archive.statistics(0).stories
    return replace(
        _summary(tally, (len(sources), len(pending)), stories, time.monotonic() - began), rejects_file=rejects_file
    )


def rebuild(directory: Path, progress: Progress, *, backend: EngineBackend | None = None) -> RebuildSummary:
    """Make the index anew from the archive, beside the one that serves, and swap it in when it is complete.

    Raises:
        IndexMissing: there is no archive.
        IndexBusy: another process is writing.
        IndexBroken: the archive cannot be read or is of another version.
    """
    began = time.monotonic()
    backend = backend or default_backend()
    data = DataDirectory(directory)
    with _full_disk_named(directory), data.writing(create=False), Archive(data.archive) as archive:
        number, path = data.new_index()
        backend.create(path)
        # Nobody reads it before it is complete, and one commit leaves the fewest segments.
        _Index(backend, path, archive, progress).catch_up(per_commit=max(archive.sequence, 1))
        data.swap(number)
        refresh_variants(data.path, archive, force=True)
        stories = archive.statistics(0).stories
    return RebuildSummary(stories, time.monotonic() - began, number)


def optimize(directory: Path, *, backend: EngineBackend | None = None) -> float:
    """Merge all segments of the index into one, without what was deleted; returns the seconds that it took.

    Raises:
        IndexMissing: there is no archive or no index.
        IndexBusy: another process is writing.
        IndexBroken: the index cannot be read or is of another version.
    """
    began = time.monotonic()
    backend = backend or default_backend()
    data = DataDirectory(directory)
    with _full_disk_named(directory), data.writing(create=False):
        _, path = data.current_index()
        writer = backend.open_writer(path)
        try:
            writer.optimize()
            writer.commit(backend.archive_sequence(path))
        except BaseException:
            writer.cancel()
            raise
    return time.monotonic() - began


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
            index = _open_index(data, backend or default_backend())
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


@dataclass(frozen=True, slots=True)
class _Index:
    """The index of one directory, and the archive that it follows."""

    backend: EngineBackend
    path: Path
    archive: Archive
    progress: Progress

    def catch_up(self, per_commit: int = STORIES_PER_COMMIT) -> None:
        """Bring the index up to the archive's last change, in commits of so many stories at most."""
        done, latest = self.backend.archive_sequence(self.path), self.archive.sequence
        if done > latest:
            raise IndexBroken(
                f"the index {self.path} is newer than the archive {self.archive.path}, as if an older archive had been "
                f"put in its place; make the index anew with: searchapp rebuild --index {self.archive.path.parent}"
            )
        total, told = self.archive.changes_after(done), 0
        while done < latest:
            done, written = self._commit_next(done, per_commit, told, total)
            told += written

    def _commit_next(self, after: int, stories: int, told: int, total: int) -> tuple[int, int]:
        """One commit; returns the sequence number that it reached, and how many stories it took."""
        writer = self.backend.open_writer(self.path)
        written = 0
        try:
            for story in islice(self.archive.stories(after), stories):
                writer.replace(story)
                after = story.sequence
                written += 1
                if written % STORIES_PER_REPORT == 0:
                    self.progress.phase("index", told + written, total)
            writer.commit(after)
        except BaseException:
            writer.cancel()
            raise
        self.progress.phase("index", told + written, total)
        return after, written


def _open_or_create_index(data: DataDirectory, backend: EngineBackend, archive: Archive, progress: Progress) -> _Index:
    """The current index, caught up with what a killed run left undone; on the first run, an empty one."""
    if data.current() is None:
        number, path = data.new_index()
        backend.create(path)
        data.swap(number)
    index = _Index(backend, data.current_index()[1], archive, progress)
    index.catch_up()
    return index


def _pending(archive: ArchiveReader | None, sources: _Pending) -> _Pending:
    """The sources that are not read to their ends, or have changed since."""
    if archive is None:
        return sources
    return [pair for pair in sources if not archive.reached(pair[1]).complete]


def _take_in(archive: Archive, pending: _Pending, options: IndexOptions, progress: Progress, index: _Index) -> Tally:
    """Read the sources into the archive; the index follows every so many articles, so that little is ever undone."""
    indexed = 0

    def checkpoint() -> None:
        nonlocal indexed
        archive.commit()
        if intake.tally.changed - indexed >= STORIES_PER_COMMIT:
            index.catch_up()
            indexed = intake.tally.changed
        archive.begin()

    intake = Intake(archive, options.mapping, _FOLD_KEYS[options.dedupe], progress, checkpoint)
    with archive.transaction():
        intake.take_all(pending)
    return intake.tally


def _dry_run(data: DataDirectory, sources: _Pending, options: IndexOptions, progress: Progress) -> IndexSummary:
    """Read and judge everything that a run would read."""
    began = time.monotonic()
    with ArchiveReader(data.archive) if data.archive.is_file() else nullcontext() as archive:
        pending = _pending(archive, sources)
        intake = Intake(DryRun(archive), options.mapping, _FOLD_KEYS[options.dedupe], progress, lambda: None)
        intake.take_all(pending)
        stories = archive.statistics(0).stories if archive else 0
    return _summary(intake.tally, (len(sources), len(pending)), stories, time.monotonic() - began)


def _summary(tally: Tally, files: tuple[int, int], stories: int, seconds: float) -> IndexSummary:
    """`files` are how many there are and how many of them were read."""
    found, taken = files
    return IndexSummary(
        **asdict(tally),
        files=found,
        files_skipped=found - taken,
        stories=stories,
        seconds=seconds,
        articles_per_second=(tally.changed + tally.unchanged) / max(seconds, 1e-9),
        rejects_file=None,
    )


def _write_rejects(archive: Archive, path: Path) -> Path | None:
    """Write the rejects on record, one JSON object a line; without any, there is no such file."""
    lines = [json.dumps(asdict(reject), ensure_ascii=False) + "\n" for reject in archive.rejects()]
    if not lines:
        path.unlink(missing_ok=True)
        return None
    replace_file(path, "".join(lines).encode())
    return path


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


@contextmanager
def _full_disk_named(directory: Path) -> Iterator[None]:
    """An index that finds no room raises what the archive raises."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise no_space(directory) from error
        raise
