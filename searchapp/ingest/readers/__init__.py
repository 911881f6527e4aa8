"""Reading input files: each page or record comes out as it stands (`RawPage`), or as a `Reject` that says why not.

Nothing that a file holds makes a reader raise, and no more of a file is in memory than one page or record. A module
for each format; `streams` decompresses, `fields` knows what records call their fields.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from importlib import import_module
from typing import Any, BinaryIO, Final, cast

from searchapp.config import LIMITS, Limits
from searchapp.errors import MissingPackage
from searchapp.ingest.encodings import CODE_PAGES, Recoded, encoding_of, in_utf8
from searchapp.ingest.formats import UNREADABLE, Layout, layout_of, looks_like_text
from searchapp.ingest.readers.fields import FieldMapping
from searchapp.ingest.readers.inputs import BROKEN, Input, Item, Reader, Start, Unread
from searchapp.ingest.readers.put_off import PutOffReader, may_put_off
from searchapp.ingest.readers.standard_input import Piped, piped_in
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
                piped_in()
                if source.path == STANDARD_INPUT
                else closing.enter_context(source.path.open("rb", CHUNK_BYTES))
            )
            yield from read_input(_opened(source, stored, mapping, limits, puts_off=puts_off), start)
    except OSError as error:
        reason = f"the file cannot be opened: {error.strerror or error}"
        yield Reject(source.named, None, start.offset, start.offset, 0, reason, retry=True)


def _opened(
    source: SourceFile, stored: BinaryIO | Piped, mapping: FieldMapping, limits: Limits, *, puts_off: bool
) -> Input:
    """A file, before anything of it is decompressed."""
    if isinstance(stored, Piped):
        meter = Meter(limits, lambda: stored.count)
        head, stream = forward(stored)
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
        encoding=None if source.layout == "page" or compression_of(head) != "none" else encoding_of(head),
        seekable=stream is stored,
        puts_off=puts_off,
    )


def read_input(opened: Input, start: Start) -> Iterator[Item]:
    """The items of an input, whatever its format."""
    for _ in range(_COMPRESSED_AT_MOST):
        compression = compression_of(opened.head) if opened.compression == "none" else opened.compression
        if compression == "none":
            break
        opened = opened.with_stream(*decompressed(opened.stream, compression, opened.meter))
    opened, layout = _told(opened)
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


def _told(opened: Input) -> tuple[Input, Layout | None]:
    """An input with its encoding and layout. What readers need in UTF-8, and may read as such, they are given so."""
    layout = layout_of(opened.head, opened.layout)
    if layout in _BINARY:
        return opened, layout
    if layout == "page" and _may_be_utf8(opened.head):
        return opened, _layout_within(opened.head, layout)  # decoding will tell
    encoding = opened.encoding or encoding_of(opened.head)
    head = in_utf8(opened.head, encoding)
    if head is not opened.head:
        layout = layout_of(head, opened.layout)
    if layout in {None, "page"}:
        layout = _layout_within(head, layout)
    if encoding and head is not opened.head and layout in (_RECODED if encoding in CODE_PAGES else _WIDE):
        opened, encoding = opened.with_stream(*forward(Recoded(opened.stream, encoding))), "utf-8"
    return (opened if encoding == opened.encoding else replace(opened, encoding=encoding)), layout


def _may_be_utf8(head: bytes) -> bool:
    """Whether a page may be in UTF-8, by its first line and by what no text has."""
    if b"\0" in head or b"\x06" in head:
        return False
    try:
        head.partition(b"\n")[0].decode()
    except UnicodeDecodeError:
        return False
    return True


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


_BINARY: Final = frozenset({"parquet", "warc", "zip", "tar"})
_RECODED: Final = frozenset({"feed"})
"""What is read by a library that knows UTF-8 best; bytes of the ASCII signs in other formats mean the same."""

_WIDE: Final = _RECODED | {"jsonl", "json", "table"}
"""What is read piece by piece, so that UTF-16 has to be recoded first; pages are kept as they were published."""

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
