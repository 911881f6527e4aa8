"""Reading input files: each page or record comes out as it stands (`RawPage`), or as a `Reject` that says why not.

Nothing that a file holds makes a reader raise, and no more of a file is in memory than one page or record. A module
for each format; `streams` decompresses, `fields` knows what records call their fields.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from importlib import import_module
from typing import Any, BinaryIO, Final, cast

from searchapp.config import LIMITS, Limits
from searchapp.errors import MissingPackage
from searchapp.ingest.formats import UNREADABLE, Layout, layout_of, looks_like_text
from searchapp.ingest.readers.fields import FieldMapping
from searchapp.ingest.readers.inputs import BROKEN, Input, Item, Reader, Start
from searchapp.ingest.readers.put_off import PutOffReader, Unread, may_put_off
from searchapp.ingest.readers.streams import CHUNK_BYTES, HEAD_BYTES, Meter, compression_of, decompressed, forward
from searchapp.ingest.sources import STANDARD_INPUT, SourceFile
from searchapp.model import RawPage, Reject

__all__ = ["FieldMapping", "PutOffReader", "Unread", "read", "read_later"]

_COMPRESSED_AT_MOST: Final = 2
_KNOWN_TO_FAIL: Final = "of no known format"


def read(
    source: SourceFile, mapping: FieldMapping, *, offset: int = 0, line: int = 1, limits: Limits = LIMITS
) -> Iterator[RawPage | Reject]:
    """Yield what a file holds, in its order, from a position on.

    `offset` is 0 or the `end_offset` of an item that was yielded before, and `line` the number of the line there. What
    cannot be entered in its middle, as a compressed file, is read from its start and what lies before is skipped. Blank
    lines between records are skipped silently. Where a file breaks off or is damaged, all before that place is yielded
    and then one `Reject`.
    """
    yield from cast(Iterator[RawPage | Reject], _items(source, mapping, Start(offset, line), limits, puts_off=False))


def read_later(
    source: SourceFile, mapping: FieldMapping, *, offset: int = 0, line: int = 1, limits: Limits = LIMITS
) -> Iterator[RawPage | Reject | Unread]:
    """As `read`, but what takes long and can be done elsewhere is put off: `PutOffReader.read` does it."""
    yield from _items(source, mapping, Start(offset, line), limits, puts_off=may_put_off())


def _items(
    source: SourceFile, mapping: FieldMapping, start: Start, limits: Limits, *, puts_off: bool
) -> Iterator[Item]:
    try:
        with ExitStack() as closing:
            stored = (
                _standard_input()
                if source.path == STANDARD_INPUT
                else closing.enter_context(source.path.open("rb", CHUNK_BYTES))
            )
            yield from read_input(_opened(source, stored, mapping, limits, puts_off=puts_off), start)
    except OSError as error:
        reason = f"the file cannot be opened: {error.strerror or error}"
        yield Reject(source.named, None, start.offset, start.offset, 0, reason, retry=True)


def _standard_input() -> BinaryIO:
    return sys.stdin.buffer


def _opened(source: SourceFile, stored: BinaryIO, mapping: FieldMapping, limits: Limits, *, puts_off: bool) -> Input:
    """A file, before anything of it is decompressed."""
    if source.path == STANDARD_INPUT:
        counted = _Counted(stored)
        meter = Meter(limits, lambda: counted.count)
        head, stream = forward(counted)
    else:
        meter = Meter(limits, stored.tell)
        stream, head = stored, stored.read(HEAD_BYTES)
        stored.seek(0)
    return Input(
        path=source.named,
        name=source.name,
        stream=stream,
        head=head,
        meter=meter,
        mapping=mapping,
        limits=limits,
        layout=source.layout,
        compression=source.compression,
        seekable=stream is stored,
        puts_off=puts_off,
    )


class _Counted:
    """A stream that counts what is read from it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.count = 0

    def read(self, size: int = -1, /) -> bytes:
        data = self._stream.read(size)
        self.count += len(data)
        return data


def read_input(opened: Input, start: Start) -> Iterator[Item]:
    """The items of an input, whatever its format."""
    for _ in range(_COMPRESSED_AT_MOST):
        compression = compression_of(opened.head) if opened.compression == "none" else opened.compression
        if compression == "none":
            break
        opened = opened.with_stream(*decompressed(opened.stream, compression, opened.meter))
    layout = layout_of(opened.head, opened.layout)
    if layout in {None, "page"}:
        layout = _layout_within(opened.head, layout)
    reason = _unreadable(opened, layout)
    if reason or layout is None:
        yield opened.reject(reason or "the file is empty", (0, len(opened.head)))
        return
    try:
        yield from _reader(layout)(opened, start)
    except MissingPackage as error:
        yield opened.reject(str(error), (start.offset, start.offset), start.line, retry=True)
    except BROKEN as error:
        yield opened.broken(error, start.offset, start.line)


def _unreadable(opened: Input, layout: Layout | None) -> str | None:
    """Why an input is not read, if no reader takes it."""
    for magic, what in UNREADABLE:
        if opened.head.startswith(magic):
            return f"{what}, which is not read; hand in its text"
    if compression_of(opened.head) != "none":
        return f"compressed more than {_COMPRESSED_AT_MOST} times over"
    if layout in {"zip", "tar"} and opened.depth:
        return "packed within a packed file; unpack the outer one"
    return None if layout or not opened.head else _KNOWN_TO_FAIL


def _layout_within(head: bytes, named: Layout | None) -> Layout | None:
    """The layout of what the first bytes do not tell for sure, nor a name unless it is that of a page."""
    from searchapp.ingest.readers.tables import is_table  # noqa: PLC0415

    if is_table(head, wholly=named is not None):
        return "table"
    return named or ("page" if looks_like_text(head) else None)


_READERS: Final[dict[Layout, tuple[str, str]]] = {
    "page": ("pages", "read_page"),
    "html": ("web_pages", "read_html_file"),
    "jsonl": ("records", "read_lines"),
    "json": ("records", "read_values"),
    "table": ("tables", "read_table"),
    "parquet": ("parquet", "read_parquet"),
    "warc": ("web_pages", "read_web_archive"),
    "feed": ("feeds", "read_feed"),
    "zip": ("packed", "read_zip"),
    "tar": ("packed", "read_tar"),
}
"""Module and function; a run loads those of the formats that it meets, for all together take a tenth of a second."""


def _reader(layout: Layout) -> Reader:
    module, name = _READERS[layout]
    reader: Any = getattr(import_module(f"{__name__}.{module}"), name)
    made: Reader = partial(reader, read_one=read_input) if layout in {"zip", "tar"} else reader
    return made
