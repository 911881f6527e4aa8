"""From input files to a searchable archive: `index_paths`, `rebuild`, and smaller changes that the index follows.

The archive is written first, in transactions, and then the index is brought up to the archive's sequence number. A run
may end at any moment, by whatever cause; the next one goes on from the last transaction.
"""

from __future__ import annotations

import errno
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from searchapp import compiled
from searchapp.archive.directory import DataDirectory, replace_file
from searchapp.archive.opening import no_space
from searchapp.archive.reading import ArchiveReader
from searchapp.archive.renaming import name_outlets, put_down_names
from searchapp.archive.store import Archive, Dedupe
from searchapp.compiled_runs import prepare_for_articles, prepare_for_input
from searchapp.engine.backend import SegmentBackend
from searchapp.engine.protocol import EngineBackend
from searchapp.following import STORIES_PER_COMMIT, FollowingIndex, follow_archive
from searchapp.ingest.outlets import load_outlets
from searchapp.memory import rarely_collected, release
from searchapp.variants.refresh import refresh_variants, user_pairs
from searchapp.verifying import VerifyReport, verify

# Reading pages takes long to import: only runs that read some do it.
if TYPE_CHECKING:
    from searchapp.archive.intake import Progress, Tally
    from searchapp.archive.page_work import Work
    from searchapp.archive.reading import SourceIdentity
    from searchapp.ingest.outlets import OutletTable
    from searchapp.ingest.readers import FieldMapping
    from searchapp.ingest.sources import SourceFile

__all__ = [
    "STORIES_PER_COMMIT",
    "IndexOptions",
    "IndexSummary",
    "RebuildSummary",
    "VerifyReport",
    "index_paths",
    "index_sources",
    "optimize",
    "rebuild",
    "split",
    "verify",
]

NAMING: Final = "naming outlets"
"""The step in which articles are named by a table of outlets that has changed."""

_Pending = list[tuple["SourceFile", "SourceIdentity"]]


def _no_mapping() -> FieldMapping:
    from searchapp.ingest.readers import FieldMapping  # noqa: PLC0415

    return FieldMapping()


@dataclass(frozen=True, slots=True)
class IndexOptions:
    """How to index. `dedupe` holds for the articles that this run takes in; earlier ones stay as they are.

    With `dry_run` everything is read and judged and nothing is written, not even the directory. So many `processes`
    make pages ready, of which one compares them and writes the archive, and then index words, each of them a segment.
    """

    mapping: FieldMapping = field(default_factory=_no_mapping)
    dedupe: Dedupe = "near"
    dry_run: bool = False
    processes: int = 1


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
        UsageError: a path is missing, `directory` cannot be the data directory, or its table of outlets cannot be
            read.
        IndexBusy: another process is writing to it.
        IndexBroken: the archive or index cannot be read or is of another version.
    """
    from searchapp.ingest.sources import find_sources  # noqa: PLC0415

    return index_sources(directory, find_sources(paths), options, progress, backend=backend)


@compiled.for_a_while()
def index_sources(
    directory: Path,
    files: Sequence[SourceFile],
    options: IndexOptions,
    progress: Progress,
    *,
    backend: EngineBackend | None = None,
) -> IndexSummary:
    """As `index_paths`, of files that were found before."""
    from searchapp.archive.intake import identify  # noqa: PLC0415

    began = time.monotonic()
    sources = [(source, identify(source, options.mapping)) for source in files]
    data, outlets = DataDirectory(directory), load_outlets(directory)
    if options.dry_run:
        return _dry_run(data, sources, options, outlets, progress)
    with rarely_collected(), full_disk_named(directory), data.writing(create=True), Archive(data.archive) as archive:
        user_pairs(data.path)  # an error in the reader's own file is told before anything is done
        name_outlets(archive, outlets, partial(progress.phase, NAMING), always=False)
        index = follow_archive(data, backend or default_backend(), archive, progress, options.processes)
        pending = _pending(archive, sources)
        with index:
            tally = take_in(archive, pending, options, outlets, progress, index)
            archive.let_go()
            index.catch_up()
        refresh_variants(data.path, archive, indexed=index.indexed)
        rejects_file = _write_rejects(archive, data.rejects)
        tally.rejected = sum(archive.count_rejects(identity.path) for _, identity in sources)
        stories = archive.count_stories()
    return replace(
        _summary(tally, (len(sources), len(pending)), stories, time.monotonic() - began), rejects_file=rejects_file
    )


def rebuild(
    directory: Path, progress: Progress, *, processes: int = 1, backend: EngineBackend | None = None
) -> RebuildSummary:
    """Make the index anew from the archive, beside the one that serves, and swap it in when it is complete.

    Every article's outlet is named anew first, as the table of outlets has it now. `processes` as in `IndexOptions`.

    Raises:
        UsageError: the table of outlets cannot be read.
        IndexMissing: there is no archive.
        IndexBusy: another process is writing.
        IndexBroken: the archive cannot be read or is of another version.
    """
    began = time.monotonic()
    backend = backend or default_backend()
    data, outlets = DataDirectory(directory), load_outlets(directory)
    with rarely_collected(), full_disk_named(directory), data.writing(create=False), Archive(data.archive) as archive:
        name_outlets(archive, outlets, partial(progress.phase, NAMING), always=True)
        number, path = data.new_index()
        backend.create(path)
        # Nobody reads it before it is complete, and one commit leaves the fewest segments.
        index = FollowingIndex(backend, path, archive, progress, processes)
        index.catch_up(per_commit=max(archive.sequence, 1))
        data.swap(number)
        refresh_variants(data.path, archive, indexed=index.indexed, force=True)
        stories = archive.count_stories()
    return RebuildSummary(stories, time.monotonic() - began, number)


def split(directory: Path, one: str, other: str, progress: Progress, *, backend: EngineBackend | None = None) -> None:
    """Take two articles of one story apart for good, and index their stories anew.

    Raises:
        ArticleNotFound: one of them is not there.
        UsageError: they are not in one story.
        IndexMissing: there is no archive or no index.
        IndexBusy: another process is writing.
    """
    data = DataDirectory(directory)
    with full_disk_named(directory), data.writing(create=False), Archive(data.archive) as archive:
        with archive.transaction():
            archive.split(one, other)
        follow_archive(data, backend or default_backend(), archive, progress)


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
    with full_disk_named(directory), data.writing(create=False):
        _, path = data.current_index()
        writer = backend.open_writer(path)
        try:
            writer.optimize()
            writer.commit(backend.archive_sequence(path))
        except BaseException:
            writer.cancel()
            raise
    return time.monotonic() - began


def _pending(archive: ArchiveReader | None, sources: _Pending) -> _Pending:
    """The sources that are not read to their ends, or have changed since."""
    if archive is None:
        return sources
    return [pair for pair in sources if not archive.reached(pair[1]).complete]


def take_in(
    archive: Archive,
    pending: _Pending,
    options: IndexOptions,
    outlets: OutletTable,
    progress: Progress,
    index: FollowingIndex,
) -> Tally:
    """Read the sources into the archive; the index follows every so many articles, so that little is ever undone."""
    from searchapp.archive.intake import Intake  # noqa: PLC0415
    from searchapp.restoring import is_export, take_export  # noqa: PLC0415

    indexed = 0

    def checkpoint() -> None:
        nonlocal indexed
        archive.commit()
        release()  # takes a two-hundredth of the time between commits; else what is freed in pieces piles up
        prepare_for_articles(intake.tally.changed)
        if intake.tally.changed - indexed >= STORIES_PER_COMMIT:
            index.catch_up()
            indexed = intake.tally.changed
        elif options.dedupe == "off":  # else copies still to come change stories
            index.build_ahead()
        archive.begin()

    with _page_work(options, outlets) as work:
        intake = Intake(archive, options.mapping, options.dedupe, progress, checkpoint, work)
        exports = [pair for pair in pending if is_export(pair[0])]
        progress.start(sum(source.size for source, _ in pending))
        prepare_for_input(source for source, _ in pending)
        archive.expect(sum(source.unpacked_size for source, _ in pending))
        for pair in exports:
            take_export(archive, pair, options.dedupe, progress, intake.tally)
        with archive.transaction():
            if archive.is_empty():
                put_down_names(archive, outlets)
            intake.take_all([pair for pair in pending if pair not in exports])
    return intake.tally


def _page_work(options: IndexOptions, outlets: OutletTable) -> AbstractContextManager[Work]:
    """Who does what is to be done with each page by itself."""
    from searchapp.archive.page_work import OneByOne, PageWork  # noqa: PLC0415

    work = PageWork(options.mapping, outlets)
    if options.processes == 1:
        return nullcontext(OneByOne(work))
    from searchapp.taking_in.pages_ahead import PagesAhead  # noqa: PLC0415

    return PagesAhead(options.processes, work, prepares=options.dedupe != "off" and not options.dry_run)


def _dry_run(
    data: DataDirectory, sources: _Pending, options: IndexOptions, outlets: OutletTable, progress: Progress
) -> IndexSummary:
    """Read and judge everything that a run would read."""
    from searchapp.archive.intake import DryRun, Intake  # noqa: PLC0415
    from searchapp.restoring import is_export, merge_export  # noqa: PLC0415

    began = time.monotonic()
    with ArchiveReader(data.archive) if data.archive.is_file() else nullcontext() as archive:
        pending = _pending(archive, sources)
        sink = DryRun(archive)
        progress.start(sum(source.size for source, _ in pending))
        prepare_for_input(source for source, _ in pending)
        with _page_work(options, outlets) as work:
            intake = Intake(sink, options.mapping, options.dedupe, progress, lambda: None, work)
            exports = [pair for pair in pending if is_export(pair[0])]
            for pair in exports:
                merge_export(sink, pair, options.dedupe, progress, intake.tally, lambda: None)
            intake.take_all([pair for pair in pending if pair not in exports])
        stories = archive.count_stories() if archive else 0
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


@contextmanager
def full_disk_named(directory: Path) -> Iterator[None]:
    """An index that finds no room raises what the archive raises."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
            raise no_space(directory) from error
        raise
