"""What is to be done with each page by itself, before it is compared with others and written, and who does it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from searchapp.archive.reading import SourceIdentity
from searchapp.errors import RejectedInput
from searchapp.frozen import dataclass
from searchapp.ingest.extraction import extract
from searchapp.ingest.outlets import OutletTable
from searchapp.ingest.readers import FieldMapping, PutOffReader, Unread
from searchapp.ingest.sources import SourceFile
from searchapp.model import ExtractedPage, RawPage, Reject

TakenPage = tuple[RawPage, ExtractedPage]
"""A page, and what was read out of it."""


@dataclass(frozen=True, slots=True)
class BeginSource:
    """What comes next is of this source."""

    source: SourceFile
    identity: SourceIdentity


Step = BeginSource | RawPage | Unread | Reject
"""What reading gives, one after the other."""
Done = BeginSource | TakenPage | Reject
"""What becomes of it."""


class Work(Protocol):
    """Does what is to be done with pages by themselves. `reads_later` says whether it wants what was put off."""

    reads_later: bool

    def done(self, steps: Iterator[Step]) -> Iterator[Done]:
        """What becomes of these, in their order. More of them may be taken than are given out yet."""

    def note(self, articles: int, changed: int) -> None:
        """Of so many articles that were given out, so many were new or changed; the archive has the others already."""


class PageWork:
    """Reads pages, where that was put off, and extracts their articles; `mapping` is that of the input."""

    def __init__(self, mapping: FieldMapping, outlets: OutletTable) -> None:
        self.mapping, self.outlets = mapping, outlets
        self._reader = PutOffReader(mapping)

    def take(self, item: RawPage | Unread) -> TakenPage | Reject:
        """A page with its articles; a reject of what holds none, or cannot be read."""
        page = self._reader.read(item) if isinstance(item, Unread) else item
        if isinstance(page, Reject):
            return page
        try:
            return page, extract(page, self.outlets)
        except RejectedInput as error:
            return Reject(page.path, page.line, page.offset, page.end_offset, page.consumed, str(error))


class OneByOne:
    """Implements `Work` in this process, each page when its turn comes."""

    reads_later = False

    def __init__(self, work: PageWork) -> None:
        self._work = work

    def done(self, steps: Iterator[Step]) -> Iterator[Done]:
        """As `Work.done`."""
        for step in steps:
            yield self._work.take(step) if isinstance(step, RawPage) else step  # type: ignore[misc]

    def note(self, articles: int, changed: int) -> None:
        """Nothing is done otherwise for that."""
