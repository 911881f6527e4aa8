"""From source files into the archive: what is read, taken in, rejected and counted, in transactions of bounded size."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from time import monotonic
from typing import Final, Protocol

from searchapp.archive.page_work import BeginSource, Step, TakenPage, Work
from searchapp.archive.reading import ArchiveReader, Reached, SourceIdentity
from searchapp.archive.records import content_digest, encode_article
from searchapp.archive.store import Dedupe, ReadPage, Stored
from searchapp.config import LIMITS
from searchapp.dedupe.preparation import Preparer
from searchapp.ingest.readers import FieldMapping, read, read_later
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

    def reached(self, source: SourceIdentity) -> Reached:
        """Say where to read on in a source."""

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


@dataclass(slots=True)
class _Reading:
    """A source that is being read, its number, and how far it is.

    `told` bytes of it and all but so many `articles` have been reported; `retry_at` is where the next run reads on.
    """

    begun: BeginSource
    number: int
    reached: Reached
    told: int = 0
    articles: int = 0
    retry_at: Reached | None = None


class Intake:
    """Reads sources into a sink. `checkpoint` is called at each point where what was taken in may be committed.

    `work` does what is to be done with each page by itself.
    """

    def __init__(
        self,
        sink: Sink,
        mapping: FieldMapping,
        dedupe: Dedupe,
        progress: Progress,
        checkpoint: Callable[[], None],
        work: Work,
    ) -> None:
        self.tally = Tally()
        self._sink = sink
        self._mapping = mapping
        self._work = work
        self._dedupe = dedupe
        self._progress = progress
        self._checkpoint = checkpoint
        self._since_checkpoint = 0
        self._committed = monotonic()
        self._waiting: list[ReadPage] = []
        self._waiting_bytes = 0

    def take_all(self, sources: Sequence[tuple[SourceFile, SourceIdentity]]) -> None:
        """Read these sources to their ends. The caller has told the progress how large they are."""
        reading: _Reading | None = None
        for step in self._work.done(self._steps(sources)):
            if isinstance(step, BeginSource):
                self._end(reading)
                reading = _Reading(step, *self._sink.begin_source(step.identity))
            elif reading is not None:
                self._take_step(reading, step)
        self._end(reading)
        self._put_waiting()

    def _steps(self, sources: Sequence[tuple[SourceFile, SourceIdentity]]) -> Iterator[Step]:
        """What is read, in its order. It may run ahead of what is taken in, which changes nothing that it asks for."""
        read_source = read_later if self._work.reads_later else read
        for source, identity in sources:
            reached = self._sink.reached(identity)
            yield BeginSource(source, identity)
            yield from read_source(source, self._mapping, offset=reached.offset, line=reached.line)

    def _take_step(self, reading: _Reading, step: TakenPage | Reject) -> None:
        reading.articles += self._take(reading, step)
        item = step if isinstance(step, Reject) else step[0]
        reading.reached = _after(item)
        if isinstance(item, Reject) and item.retry:
            reading.retry_at = reading.retry_at or Reached(item.offset, item.line or 1)
        self._since_checkpoint += 1
        if not self._since_checkpoint % ITEMS_PER_REPORT:
            self._progress.advance(max(item.consumed - reading.told, 0), reading.articles)
            reading.told, reading.articles = max(item.consumed, reading.told), 0
        if self._since_checkpoint >= LIMITS.batch_articles:
            self._check_in(reading)

    def _end(self, reading: _Reading | None) -> None:
        """A source is read to its end."""
        if reading is None:
            return
        reached = reading.retry_at or replace(reading.reached, complete=True)
        self._sink.reach(reading.number, reading.begun.identity, reached)
        self._progress.advance(max(reading.begun.source.size - reading.told, 0), reading.articles)

    def _take(self, reading: _Reading, step: TakenPage | Reject) -> int:
        """Take in or reject one page or record of a source; returns how many articles it holds."""
        self.tally.read += 1
        if not isinstance(step, Reject):
            page, extracted = step
            self._waiting.append((reading.number, page, extracted))
            self._waiting_bytes += len(page.raw)
            if self._waiting_bytes >= BATCH_BYTES:
                self._put_waiting()
            return 1 + len(extracted.related)
        self.tally.rejected += 1
        member = step.path.removeprefix(reading.begun.source.named).lstrip("/")
        told = replace(step, reason=f"{member}: {step.reason}") if member else step
        self._sink.add_reject(reading.number, told)
        return 0

    def _put_waiting(self) -> None:
        """Hand over what was read, so many pages at once: comparing and writing them one by one takes far longer."""
        waiting, self._waiting, self._waiting_bytes = self._waiting, [], 0
        before, articles = self.tally.changed, 0
        for stored in self._sink.add_pages(waiting, self._dedupe):
            articles += len(stored)
            for one in stored:
                self.tally.count(one)
        self._work.note(articles, self.tally.changed - before)

    def _check_in(self, reading: _Reading) -> None:
        """Have all that was read so far taken in, and where the source is read to; commit that now and then."""
        self._since_checkpoint = 0
        self._put_waiting()
        self._sink.reach(reading.number, reading.begun.identity, reading.reached)
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

    def reached(self, source: SourceIdentity) -> Reached:
        """As `Archive.reached`."""
        return self._archive.reached(source) if self._archive else Reached()

    def begin_source(self, source: SourceIdentity) -> tuple[int, Reached]:
        """As `Archive.begin_source`."""
        return 0, self.reached(source)

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
