"""One opened input, or one member of a packed one, and how its items are made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import BinaryIO, Final, Protocol

from searchapp.config import Limits
from searchapp.frozen import dataclass
from searchapp.ingest.formats import Compression, Layout
from searchapp.ingest.readers.fields import FieldMapping
from searchapp.ingest.readers.streams import DamagedStream, Meter
from searchapp.model import RawPage, Reject

BROKEN: Final = (DamagedStream, OSError)
"""What reading from an input's stream may raise."""


@dataclass(frozen=True, slots=True)
class Unread:
    """One item as its reader found it; positions as in `RawPage`, `base` as in `Input`.

    Of a page in HTML, `known` is what was known of it beforehand, and `charset` what a server said of it. `values` are
    the fields of a record, where these were read. An item with neither is a record in JSON.
    """

    path: str
    name: str
    base: int
    offset: int
    end_offset: int
    consumed: int
    line: int | None
    raw: bytes
    known: Mapping[str, str] | None = None
    charset: str = ""
    values: Mapping[str, str] | None = None


Item = RawPage | Reject | Unread


@dataclass(frozen=True, slots=True)
class Start:
    """Where reading begins: 0 and 1, or the `end_offset` of an item that came before and the line after it."""

    offset: int = 0
    line: int = 1


@dataclass(frozen=True, slots=True)
class Input:
    """An open input: what it holds, uncompressed, and what is known of it.

    `head` are the first bytes of `stream`, which stands before them. `base` is the position in the whole input where
    this member of it begins. `encoding` is that of its text, None where its beginning leaves it open; texts are then
    read as UTF-8. `depth` is how many packed files this one is inside of. `puts_off` has items come out as `Unread`,
    where that can be.
    """

    path: str
    name: str
    stream: BinaryIO
    head: bytes
    meter: Meter
    mapping: FieldMapping
    limits: Limits
    layout: Layout | None = None
    compression: Compression = "none"
    encoding: str | None = None
    seekable: bool = False
    base: int = 0
    depth: int = 0
    puts_off: bool = False

    def page(
        self,
        place: tuple[int, int],
        line: int | None,
        raw: bytes,
        text: str,
        declared: Mapping[str, str] = MappingProxyType({}),
        consumed: int | None = None,
    ) -> RawPage:
        """An item; `place` is where it starts in this input and where the next one does.

        The file is asked how much of it was read, which takes a call of the system, unless `consumed` says so.
        """
        start, end = place
        if consumed is None:
            consumed = self.meter.consumed()
        return RawPage(
            self.path, self.name, start, self.base + end, consumed, line, raw, text, MappingProxyType(dict(declared))
        )

    def unread(
        self,
        place: tuple[int, int],
        line: int | None,
        raw: bytes,
        known: Mapping[str, str] | None = None,
        charset: str = "",
        values: Mapping[str, str] | None = None,
        consumed: int | None = None,
    ) -> Unread:
        """An item that is to be read later; places as in `page`."""
        start, end = place
        if consumed is None:
            consumed = self.meter.consumed()
        places = self.base, start, self.base + end
        return Unread(self.path, self.name, *places, consumed, line, raw, known, charset, values)

    def reject(self, reason: str, place: tuple[int, int], line: int | None = None, *, retry: bool = False) -> Reject:
        """An item that is not taken."""
        start, end = place
        return Reject(self.path, line, self.base + start, self.base + end, self.meter.consumed(), reason, retry)

    def broken(self, error: Exception, position: int, line: int | None = None) -> Reject:
        """The rest of the input, which cannot be read; the next run tries again unless it must not be read."""
        over_limit = isinstance(error, DamagedStream) and error.over_limit
        reason = str(error) if isinstance(error, DamagedStream) else f"the file cannot be read: {error}"
        return self.reject(reason, (position, position), line, retry=not over_limit)

    def with_stream(self, head: bytes, stream: BinaryIO, *, seekable: bool = False) -> Input:
        """The same input, read through another stream."""
        return replace(self, head=head, stream=stream, seekable=seekable, compression="none", encoding=None)


class Reader(Protocol):
    """Reads one format."""

    def __call__(self, opened: Input, start: Start, /) -> Iterator[Item]:
        """The items from a position on."""


def too_large(limit: str, value: int) -> str:
    """The reason for rejecting an item above a limit of `config.Limits`."""
    return f"larger than the limit {limit} = {value:,}"
