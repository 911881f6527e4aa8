"""Taking in a file that `export` wrote. Its articles are taken as they are, without extraction.

Into an empty archive everything comes back as it was, stories and deletions too, in one transaction. Into one that
holds articles, or from a file that is damaged, the articles are compared with those that are there, as any others.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

from searchapp.archive.intake import Progress, Sink, Tally
from searchapp.archive.reading import Reached, SourceIdentity
from searchapp.archive.store import Archive, Dedupe, ReadPage
from searchapp.archive.transfer import MARK, VERSION, article_of, raw_of
from searchapp.config import LIMITS
from searchapp.errors import ArticleNotFound, UsageError
from searchapp.ingest.formats import Compression
from searchapp.ingest.readers.records import next_line
from searchapp.ingest.readers.standard_input import Ahead, Piped, piped_in
from searchapp.ingest.readers.streams import DamagedStream, Meter, compression_of, decompressed, forward, spooled
from searchapp.ingest.sources import STANDARD_INPUT, SourceFile
from searchapp.model import ExtractedPage, RawPage, Reject

LINE_BYTES: Final = 4 * LIMITS.article_bytes
"""A record holds an article, or a page in base64."""
_HEAD_BYTES: Final = 1 << 10
_BROKEN: Final = (ValueError, TypeError, KeyError, ArithmeticError, RecursionError, DamagedStream, OSError)
"""What a file that is no whole export may raise; UnicodeDecodeError and JSONDecodeError are ValueErrors."""


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of an export, with its number (from 1) and position; `consumed` bytes of the file were read for it."""

    number: int
    offset: int
    end: int
    consumed: int
    raw: bytes

    def record(self) -> dict[str, Any]:
        record = json.loads(self.raw.decode("utf-8"))
        if not isinstance(record, dict):
            raise TypeError("not a JSON object")
        return record


def is_export(source: SourceFile) -> bool:
    """Whether a file begins as an export does.

    Raises:
        UsageError: it is an export in a version that this program does not read.
    """
    if source.layout not in {"jsonl", "json", None}:
        return False
    try:
        if source.path == STANDARD_INPUT:
            head = json.loads(_unpacked(Ahead(piped_in()))[0].readline(_HEAD_BYTES))
        else:
            with _opened(source) as (stream, _):
                head = json.loads(stream.readline(_HEAD_BYTES))
    except _BROKEN:
        return False
    if not isinstance(head, dict) or MARK not in head:
        return False
    if head[MARK] != VERSION:
        raise UsageError(
            f"{source.named}: an export in version {head[MARK]} of the format, this program reads version {VERSION}; "
            "use the program that wrote it, or a newer one"
        )
    return True


def take_export(
    archive: Archive, source: tuple[SourceFile, SourceIdentity], dedupe: Dedupe, progress: Progress, tally: Tally
) -> None:
    """Take in an export: an empty archive becomes what it was, another one gets the articles that it lacks.

    What is piped into an empty archive is kept in a temporary file: where it is damaged, it is read twice.
    """

    def checkpoint() -> None:
        archive.commit()
        archive.begin()

    with ExitStack() as closing:
        stored = None
        if archive.is_empty():
            if source[0].path == STANDARD_INPUT:
                stored = closing.enter_context(_kept(source[0]))
            if _restored(archive, source, progress, tally, stored):
                return
        with archive.transaction():
            merge_export(archive, source, dedupe, progress, tally, checkpoint, stored)


def _kept(source: SourceFile) -> BinaryIO:
    """What is piped in, in a temporary file."""
    try:
        return spooled(piped_in(), LIMITS)
    except DamagedStream as error:
        raise UsageError(f"{source.named}: {error}; write the export to a file and index that") from error


def _restored(
    archive: Archive,
    pair: tuple[SourceFile, SourceIdentity],
    progress: Progress,
    tally: Tally,
    stored: BinaryIO | None,
) -> bool:
    """Restore from an export that is whole; False, and nothing done, for another."""
    source, identity = pair
    consumed = 0
    try:
        with archive.restoration() as restoration:
            number, _ = archive.begin_source(identity)
            for line in _lines(source, stored):
                before = restoration.articles
                restoration.take(line.record(), number, line.number, line.offset, line.raw)
                progress.advance(line.consumed - consumed, restoration.articles - before)
                consumed = line.consumed
            archive.reach(number, identity, Reached(line.end, line.number + 1, complete=True))
    except _BROKEN:
        progress.advance(-consumed, 0)
        return False
    tally.read += restoration.articles
    tally.accepted += restoration.articles
    tally.folded += restoration.folded
    tally.undated += restoration.undated
    return True


def merge_export(
    sink: Sink,
    source: tuple[SourceFile, SourceIdentity],
    dedupe: Dedupe,
    progress: Progress,
    tally: Tally,
    checkpoint: Callable[[], None],
    stored: BinaryIO | None = None,
) -> None:
    """Take the articles of an export as those of any other file, but as they are; then its splits and deletions.

    `stored` are the bytes of a file that cannot be opened again.
    """
    file, identity = source
    number, _ = sink.begin_source(identity)
    merge = _Merge(sink, number, file, dedupe, tally)
    consumed, reached = 0, Reached()
    try:
        for line in _lines(file, stored):
            merge.take(line)
            progress.advance(line.consumed - consumed, 1)
            consumed, reached = line.consumed, Reached(line.end, line.number + 1)
            if line.number % LIMITS.batch_articles == 0:
                merge.put_waiting()
                checkpoint()
        merge.put_waiting()
        if not merge.is_complete:
            merge.reject(reached, "the export breaks off here; export again, or copy the file again")
    except (DamagedStream, OSError) as error:
        merge.put_waiting()
        merge.reject(reached, f"the file cannot be read: {error}")
    sink.reach(number, identity, Reached(reached.offset, reached.line, complete=True))
    progress.advance(max(file.size - consumed, 0), 0)


class _Merge:
    """The records of one export on their way into an archive that has others."""

    def __init__(self, sink: Sink, source: int, file: SourceFile, dedupe: Dedupe, tally: Tally) -> None:
        self.is_complete = False
        self._sink = sink
        self._archive = sink if isinstance(sink, Archive) else None
        self._source, self._file, self._dedupe, self._tally = source, file, dedupe, tally
        self._waiting: list[ReadPage] = []
        self._page: tuple[object, bytes] = None, b""

    def take(self, line: _Line) -> None:
        """Take one record; one that is broken is put on record as a reject."""
        try:
            record = line.record()
            kind = record.get("kind")
            if kind == "article":
                self._take_article(record, line)
            elif kind == "page":
                self._page = record["page"], raw_of(record)
            elif kind in {"deleted", "split"} and self._archive is not None:
                self.put_waiting()
                self._apply(self._archive, record)
            elif kind == "end":
                self.is_complete = True
        except (ValueError, TypeError, KeyError, ArithmeticError) as error:
            self.reject(Reached(line.offset, line.number), f"not a record of an export: {error}", line.end)

    def _take_article(self, record: dict[str, Any], line: _Line) -> None:
        article = article_of(record)
        self._tally.read += 1
        raw = self._page[1] if self._page[0] == record.get("page") else line.raw
        page = RawPage(
            self._file.named, self._file.name, line.offset, line.end, line.consumed, line.number, raw, article.body
        )
        self._waiting.append((self._source, page, ExtractedPage(article)))

    def _apply(self, archive: Archive, record: dict[str, Any]) -> None:
        with suppress(ArticleNotFound, UsageError):
            if record["kind"] == "split":
                archive.split(*map(str, record["ids"]))
            else:
                archive.keep_deleted(str(record["id"]))

    def put_waiting(self) -> None:
        """Hand over the articles that were read."""
        waiting, self._waiting = self._waiting, []
        for stored in self._sink.add_pages(waiting, self._dedupe):
            for one in stored:
                self._tally.count(one)

    def reject(self, at: Reached, reason: str, end: int | None = None) -> None:
        """Put on record what was not taken."""
        self._tally.rejected += 1
        end = at.offset if end is None else end
        self._sink.add_reject(self._source, Reject(self._file.named, at.line, at.offset, end, 0, reason))


def _lines(source: SourceFile, stored: BinaryIO | None) -> Iterator[_Line]:
    """The lines of a file, without blank ones.

    Raises:
        DamagedStream, OSError: it cannot be read on.
    """
    with _opened(source, stored) as (stream, meter):
        number, offset = 0, 0
        while True:
            raw, length = next_line(stream, LINE_BYTES)
            if not length:
                return
            number += 1
            if raw is None:
                raise DamagedStream(f"line {number} is longer than any record")
            if raw.strip():
                yield _Line(number, offset, offset + length, meter.consumed(), raw.rstrip(b"\r\n"))
            offset += length


@contextmanager
def _opened(source: SourceFile, stored: BinaryIO | None = None) -> Iterator[tuple[BinaryIO, Meter]]:
    """A file, uncompressed."""
    if stored is not None:
        stored.seek(0)
        yield _uncompressed(stored, source.compression)
    elif source.path == STANDARD_INPUT:
        yield _unpacked(piped_in())
    else:
        with source.path.open("rb") as file:
            yield _uncompressed(file, source.compression)


def _uncompressed(stored: BinaryIO, compression: Compression) -> tuple[BinaryIO, Meter]:
    meter = Meter(LIMITS, stored.tell)
    if compression == "none":
        compression = compression_of(stored.read(_HEAD_BYTES))
        stored.seek(0)
    return (stored if compression == "none" else decompressed(stored, compression, meter)[1]), meter


def _unpacked(piped: Piped | Ahead) -> tuple[BinaryIO, Meter]:
    """What is piped in, uncompressed."""
    meter = Meter(LIMITS, lambda: piped.count)
    compression = compression_of(piped_in().look(0, _HEAD_BYTES))
    return (forward(piped) if compression == "none" else decompressed(piped, compression, meter))[1], meter
