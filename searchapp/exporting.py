"""Writing an archive out as records, one JSON object a line, from which `index` makes the same archive again."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

import zstandard

from searchapp.archive.directory import DataDirectory, replacing
from searchapp.archive.reading import ArchiveReader
from searchapp.archive.transfer import archive_records
from searchapp.errors import UsageError
from searchapp.ingest.formats import format_named

GZIP_LEVEL: Final = 6
"""Two thirds of the time of the strongest level, for 1 % more bytes."""


@dataclass(frozen=True, slots=True)
class ExportSummary:
    """What was written: how many articles and deletions."""

    articles: int
    deleted: int


def export(directory: Path, output: Path | BinaryIO, *, with_raw: bool = False) -> ExportSummary:
    """Write all articles of an archive, compressed as the file's name says (.gz, .bz2, .xz, .zst).

    A file is there whole or not at all. What is written is one state of the archive; others may write to it meanwhile.

    Raises:
        IndexMissing: there is no archive.
        IndexBroken: it cannot be read, or is damaged.
        UsageError: the file is one of the data directory's own, or its folder is missing.
        OSError: the file cannot be written.
    """
    data = DataDirectory(directory)
    data.require_archive()
    if isinstance(output, Path):
        _require_writable(output, data)
    articles = deleted = 0
    with ArchiveReader(data.archive) as archive, ExitStack() as closing:
        stream = closing.enter_context(_compressing(output)) if isinstance(output, Path) else output
        for record in archive_records(archive, with_raw=with_raw):
            stream.write(_encoded(record))
            articles += record.get("kind") == "article"
            deleted += record.get("kind") == "deleted"
    return ExportSummary(articles, deleted)


def _encoded(record: dict[str, Any]) -> bytes:
    """A line; half a character, which broken input may carry and UTF-8 cannot, is written as an escape."""
    try:
        return json.dumps(record, ensure_ascii=False).encode() + b"\n"
    except UnicodeEncodeError:
        return json.dumps(record).encode() + b"\n"


def _require_writable(path: Path, data: DataDirectory) -> None:
    if data.owns(path):
        raise UsageError(f"{path} is part of the archive itself; write to another file")
    if not path.parent.is_dir():
        raise UsageError(f"{path.parent}: no such folder; make it, or write to another one")


def _opened(path: Path) -> AbstractContextManager[BinaryIO]:
    """A file that is put in its place when it is written to the end; of a link, the file that it leads to.

    A device or a named pipe is written to: a file in its place would be no device any more.
    """
    return replacing(path.resolve()) if path.is_file() or not path.exists() else path.open("wb")


@contextmanager
def _named_in_errors(path: Path) -> Iterator[None]:
    """Where a write fails, the system does not say which file it was."""
    try:
        yield
    except OSError as error:
        error.filename = error.filename or str(path)
        raise


@contextmanager
def _compressing(path: Path) -> Iterator[BinaryIO]:
    """What is written to it goes into a file, compressed as its name says."""
    _, compression = format_named(path.name)
    with _named_in_errors(path), _opened(path) as file, ExitStack() as closing:
        if compression == "gzip":
            yield cast(BinaryIO, closing.enter_context(gzip.GzipFile("", "wb", GZIP_LEVEL, file, mtime=0)))
        elif compression == "bzip2":
            yield cast(BinaryIO, closing.enter_context(bz2.BZ2File(file, "wb")))
        elif compression == "xz":
            yield cast(BinaryIO, closing.enter_context(lzma.LZMAFile(file, "wb")))
        elif compression == "zstd":
            yield closing.enter_context(zstandard.ZstdCompressor().stream_writer(file, closefd=False))
        else:
            yield file
