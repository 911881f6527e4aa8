"""From source files into the archive: what is read, taken in, rejected and counted, in transactions of bounded size."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from time import monotonic
from typing import Final, Protocol

from searchapp.archive.reading import ArchiveReader, Reached, SourceIdentity
from searchapp.archive.records import content_digest, encode_article
from searchapp.archive.store import Dedupe, ReadPage, Stored
from searchapp.config import LIMITS
from searchapp.dedupe.preparation import Preparer
from searchapp.errors import RejectedInput
from searchapp.ingest.extraction import extract
from searchapp.ingest.outlets import OutletTable
from searchapp.ingest.readers import FieldMapping, read
from searchapp.ingest.sources import SourceFile
from searchapp.model import Article, RawPage, Reject

HEAD_BYTES: Final = 4096
"""How much of a file's beginning is compared, besides its size and time, to see whether it is the same file."""

ITEMS_PER_REPORT: Final = 50
"""How often progress is told."""
COMMIT_SECONDS: float = 1.0
"""What was taken in is committed each time that so much time has passed: a killed run must do no more again. To commit
each batch by itself would write the pages of the archive that all of them change many times as often."""
BATCH_BYTES: Final = 1 << 24
"""Pages that wait to be taken in, at most."""


class Progress(Protocol):
    """Told how far a run is."""

    def start(self, total_bytes: int) -> None:
        """The input files that will be read hold this many bytes as stored."""

    def advance(self, consumed_bytes: int, articles: int) -> None:
        """So many bytes and articles more are done since the last call."""

    def phase(self, name: str, done: int, total: int) -> None:
        """A step after reading, such as "index": so many of its stories are done."""


class Sink(Protocol):
    """Where an intake puts what it reads: `archive.store.Archive`, or `DryRun`."""

    def begin_source(self, source: SourceIdentity) -> tuple[int, Reached]:
        """Number a source and say where to read on."""

    def reach(self, number: int, source: SourceIdentity, reached: Reached) -> None:
        """Record how far a source is read."""

    def add_pages(self, pages: Sequence[ReadPage], dedupe: Dedupe) -> list[tuple[Stored, ...]]:
        """Take in the articles of pages."""

    def add_reject(self, source: int, reject: Reject) -> None:
        """Put on record what was not taken."""


@dataclass(slots=True)
class Tally:
    """What a run has done so far; the fields are those of `indexing.IndexSummary`."""

    read: int = 0
    accepted: int = 0
    updated: int = 0
    unchanged: int = 0
    folded: int = 0
    undated: int = 0
    rejected: int = 0

    @property
    def changed(self) -> int:
        """Articles that the index does not have as they are now."""
        return self.accepted + self.updated

    def count(self, stored: Stored) -> None:
        """Add one article."""
        setattr(self, stored.outcome, getattr(self, stored.outcome) + 1)
        self.folded += stored.folded
        self.undated += stored.outcome != "unchanged" and stored.article.date is None


class Intake:
    """Reads sources into a sink. `checkpoint` is called at each point where what was taken in may be committed."""

    def __init__(
        self,
        sink: Sink,
        mapping: FieldMapping,
        outlets: OutletTable,
        dedupe: Dedupe,
        progress: Progress,
        checkpoint: Callable[[], None],
    ) -> None:
        self.tally = Tally()
        self._sink = sink
        self._mapping = mapping
        self._outlets = outlets
        self._dedupe = dedupe
        self._progress = progress
        self._checkpoint = checkpoint
        self._since_checkpoint = 0
        self._committed = monotonic()
        self._waiting: list[ReadPage] = []
        self._waiting_bytes = 0

    def take_all(self, sources: Sequence[tuple[SourceFile, SourceIdentity]]) -> None:
        """Read these sources to their ends. The caller has told the progress how large they are."""
        for source, identity in sources:
            self._take_source(source, identity)
        self._put_waiting()

    def _take_source(self, source: SourceFile, identity: SourceIdentity) -> None:
        number, reached = self._sink.begin_source(identity)
        told = articles = 0
        last: RawPage | Reject | None = None
        retry_at: Reached | None = None
        for item in read(source, self._mapping, offset=reached.offset, line=reached.line):
            articles += self._take(number, source.named, item)
            last = item
            if isinstance(item, Reject) and item.retry:
                retry_at = retry_at or Reached(item.offset, item.line or 1)
            self._since_checkpoint += 1
            if not self._since_checkpoint % ITEMS_PER_REPORT:
                self._progress.advance(max(item.consumed - told, 0), articles)
                told, articles = max(item.consumed, told), 0
            if self._since_checkpoint >= LIMITS.batch_articles:
                self._check_in(number, identity, _after(item))
        if last is not None:
            reached = _after(last)
        self._sink.reach(number, identity, retry_at or replace(reached, complete=True))
        self._progress.advance(max(source.size - told, 0), articles)

    def _take(self, source: int, named: str, item: RawPage | Reject) -> int:
        """Take in or reject one page or record of a source; returns how many articles it holds."""
        self.tally.read += 1
        if isinstance(item, RawPage):
            try:
                extracted = extract(item, self._outlets)
            except RejectedInput as error:
                item = Reject(item.path, item.line, item.offset, item.end_offset, item.consumed, str(error))
            else:
                self._waiting.append((source, item, extracted))
                self._waiting_bytes += len(item.raw)
                if self._waiting_bytes >= BATCH_BYTES:
                    self._put_waiting()
                return 1 + len(extracted.related)
        self.tally.rejected += 1
        member = item.path.removeprefix(named).lstrip("/")
        self._sink.add_reject(source, replace(item, reason=f"{member}: {item.reason}") if member else item)
        return 0

    def _put_waiting(self) -> None:
        """Hand over what was read, so many pages at once: comparing and writing them one by one takes far longer."""
        waiting, self._waiting, self._waiting_bytes = self._waiting, [], 0
        for stored in self._sink.add_pages(waiting, self._dedupe):
            for one in stored:
                self.tally.count(one)

    def _check_in(self, number: int, identity: SourceIdentity, reached: Reached) -> None:
        """Have all that was read so far taken in, and where the source is read to; commit that now and then."""
        self._since_checkpoint = 0
        self._put_waiting()
        self._sink.reach(number, identity, reached)
        if monotonic() - self._committed >= COMMIT_SECONDS:
            self._checkpoint()
            self._committed = monotonic()


def _after(item: RawPage | Reject) -> Reached:
    """Where reading goes on after an item."""
    return Reached(item.end_offset, (item.line or 0) + 1)


class DryRun:
    """Says what would become of articles, by an archive that is only read, or by none. It remembers keys alone.

    Of copies it knows the exact ones; which articles are alike otherwise, only indexing finds out.
    """

    def __init__(self, archive: ArchiveReader | None) -> None:
        self._archive = archive
        self._preparer = Preparer()
        self._keys: set[bytes] = set()

    def begin_source(self, source: SourceIdentity) -> tuple[int, Reached]:
        """As `Archive.begin_source`."""
        return 0, self._archive.reached(source) if self._archive else Reached()

    def reach(self, number: int, source: SourceIdentity, reached: Reached) -> None:
        """Nothing is recorded."""

    def add_pages(self, pages: Sequence[ReadPage], dedupe: Dedupe) -> list[tuple[Stored, ...]]:
        """As `Archive.add_pages`; an id that comes twice in one dry run counts twice."""
        return [
            tuple(self._judge(article, dedupe) for article in (extracted.article, *extracted.related))
            for _, _, extracted in pages
        ]

    def add_reject(self, source: int, reject: Reject) -> None:
        """Nothing is recorded."""

    def _judge(self, article: Article, dedupe: Dedupe) -> Stored:
        known = self._archive.is_known(article.id, content_digest(encode_article(article))) if self._archive else None
        if known:
            return Stored(article, "unchanged")
        return Stored(article, "accepted" if known is None else "updated", dedupe != "off" and self._folds(article))

    def _folds(self, article: Article) -> bool:
        (prepared,) = self._preparer.prepare([article])
        seen = prepared.key in self._keys or (self._archive is not None and self._archive.has_fold_key(prepared.key))
        self._keys.add(prepared.key)
        return seen


def identify(source: SourceFile, mapping: FieldMapping) -> SourceIdentity:
    """What the archive knows a source by."""
    mapped = json.dumps(asdict(mapping), sort_keys=True, ensure_ascii=True) if source.layout != "page" else ""
    path = os.fsencode(source.path.resolve())
    return SourceIdentity(path, source.named, source.size, source.modified_ns, _head(source), mapped)


def _head(source: SourceFile) -> bytes:
    """A fingerprint of the file's beginning; of nothing when it cannot be read, which reading it will report."""
    try:
        with source.path.open("rb") as file:
            beginning = file.read(HEAD_BYTES)
    except OSError:
        beginning = b""
    return hashlib.blake2b(beginning, digest_size=16).digest()
