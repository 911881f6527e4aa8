"""Deleting articles, and taking that back: `delete` and `undelete`. The index follows at once."""

from __future__ import annotations

import json
import os
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Final

from searchapp.archive.directory import DataDirectory
from searchapp.archive.intake import Intake, Progress, identify
from searchapp.archive.page_work import OneByOne, PageWork
from searchapp.archive.reading import ArchiveReader
from searchapp.archive.store import Archive, Dedupe, ReadPage, Stored
from searchapp.engine.backend import SegmentBackend
from searchapp.engine.protocol import EngineBackend
from searchapp.errors import ArticleNotFound, UsageError
from searchapp.following import follow_archive
from searchapp.indexing import full_disk_named
from searchapp.ingest.outlets import OutletTable, load_outlets
from searchapp.ingest.readers import FieldMapping
from searchapp.ingest.sources import find_sources
from searchapp.model import ExtractedPage
from searchapp.restoring import is_export, merge_export

IDS_AT_ONCE: Final = 200
"""Deleted in one transaction."""


@dataclass(frozen=True, slots=True)
class DeletionSummary:
    """What became of the ids: how many articles were deleted, and the ids that no article has."""

    deleted: int
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UndeletionSummary:
    """What became of the ids: how many articles are back; ids that were not deleted; and those that stay away.

    `absent` says of each of the last, which are deleted no more, what must be done to have them back.
    """

    restored: int
    unknown: tuple[str, ...]
    absent: tuple[tuple[str, str], ...]


def delete(
    directory: Path,
    ids: Iterable[str],
    progress: Progress,
    *,
    dry_run: bool = False,
    backend: EngineBackend | None = None,
) -> DeletionSummary:
    """Delete articles for good: their texts leave the archive and the index, and their ids stay deleted.

    Copies of them in other outlets stay. With `dry_run` nothing is written.

    Raises:
        IndexMissing: there is no archive.
        IndexBusy: another process is writing.
        IndexBroken: the archive or index cannot be read or is of another version.
    """
    data, wanted = DataDirectory(directory), list(dict.fromkeys(ids))
    if dry_run:
        data.require_archive()
        with ArchiveReader(data.archive) as reader:
            known = {article_id for part in _parts(wanted) for article_id in reader.bodies(part)}
        return DeletionSummary(len(known), tuple(one for one in wanted if one not in known))
    unknown: list[str] = []
    with full_disk_named(directory), data.writing(create=False), Archive(data.archive) as archive:
        for part in _parts(wanted):
            with archive.transaction():
                unknown += [article_id for article_id in part if not _deleted(archive, article_id)]
        follow_archive(data, backend or SegmentBackend(), archive, progress)
    return DeletionSummary(len(wanted) - len(unknown), tuple(unknown))


def undelete(
    directory: Path,
    ids: Iterable[str],
    progress: Progress,
    *,
    dry_run: bool = False,
    backend: EngineBackend | None = None,
) -> UndeletionSummary:
    """Take deletions back: the articles are read anew from their sources, as far as these are still there.

    With `dry_run` nothing is read or written; `restored` counts what would be asked of the sources then.

    Raises:
        As `delete`; UsageError: the table of outlets cannot be read.
    """
    data, wanted = DataDirectory(directory), list(dict.fromkeys(ids))
    outlets = load_outlets(directory)
    if dry_run:
        data.require_archive()
        with ArchiveReader(data.archive) as reader:
            unknown = tuple(one for one in wanted if not reader.is_deleted(one))
        return UndeletionSummary(len(wanted) - len(unknown), unknown, ())
    with full_disk_named(directory), data.writing(create=False), Archive(data.archive) as archive:
        sources, missing = _forgotten(archive, wanted)
        index = follow_archive(data, backend or SegmentBackend(), archive, progress)
        wanted_pages = _WantedPages(archive, sources)
        for number in sorted({number for number in sources.values() if number is not None}):
            _read_again(wanted_pages, number, outlets, progress)
        index.catch_up()
        absent = tuple(_absent(archive, sources))
    return UndeletionSummary(len(sources) - len(absent), tuple(missing), absent)


def _parts(ids: Sequence[str]) -> Iterable[list[str]]:
    waiting = iter(ids)
    return iter(lambda: list(islice(waiting, IDS_AT_ONCE)), [])


def _deleted(archive: Archive, article_id: str) -> bool:
    try:
        archive.delete(article_id)
    except ArticleNotFound:
        return False
    return True


def _forgotten(archive: Archive, ids: Sequence[str]) -> tuple[dict[str, int | None], list[str]]:
    """Forget deletions; returns the source of each, and the ids that were not deleted."""
    sources: dict[str, int | None] = {}
    unknown = []
    for part in _parts(ids):
        with archive.transaction():
            for article_id in part:
                try:
                    sources[article_id] = archive.undelete(article_id)
                except ArticleNotFound:
                    unknown.append(article_id)
    return sources, unknown


class _WantedPages:
    """An archive that takes no page of a source but those with a wanted article.

    What else a source holds may have come anew from another one since, and must not become older again.
    """

    def __init__(self, archive: Archive, wanted: Container[str]) -> None:
        self.archive, self._wanted = archive, wanted
        self.reached, self.begin_source = archive.reached, archive.begin_source
        self.reach, self.add_reject = archive.reach, archive.add_reject

    def add_pages(self, pages: Sequence[ReadPage], dedupe: Dedupe) -> list[tuple[Stored, ...]]:
        """As `Archive.add_pages`, of those that are wanted."""
        return self.archive.add_pages([page for page in pages if self._is_wanted(page[2])], dedupe)

    def _is_wanted(self, page: ExtractedPage) -> bool:
        return any(article.id in self._wanted for article in (page.article, *page.related))


def _read_again(pages: _WantedPages, number: int, outlets: OutletTable, progress: Progress) -> None:
    """Read a source from its start, with the field names that it was read with, if it is still there."""
    known = pages.archive.source(number)
    mapping = FieldMapping(**json.loads(known.mapping)) if known.mapping else FieldMapping()
    try:
        (source,) = find_sources([Path(os.fsdecode(known.path))])
    except (UsageError, ValueError):
        return
    source = replace(source, named=known.named)
    progress.start(source.size)

    def checkpoint() -> None:
        pages.archive.commit()
        pages.archive.begin()

    intake = Intake(pages, mapping, "near", progress, checkpoint, OneByOne(PageWork(mapping, outlets)))
    pair = source, identify(source, mapping)
    with pages.archive.transaction():
        if is_export(source):
            merge_export(pages, pair, "near", progress, intake.tally, checkpoint)
        else:
            intake.take_all([pair])


def _absent(archive: Archive, sources: dict[str, int | None]) -> Iterable[tuple[str, str]]:
    """The ids that are not back, each with what is to be done."""
    for part in _parts(list(sources)):
        back = archive.bodies(part)
        for article_id in part:
            if article_id not in back:
                number = sources[article_id]
                named = archive.source(number).named if number is not None else None
                where = f"{named} is not there or has it no more" if named else "its source is not on record"
                yield article_id, f"{where}; it comes back when a source that has it is indexed"
