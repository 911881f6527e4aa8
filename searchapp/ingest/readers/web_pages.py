"""Web pages: files in HTML, and the pages in web archives (WARC and ARC)."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from searchapp.errors import MissingPackage, RejectedInput
from searchapp.ingest.html_text import decoded_page, read_html
from searchapp.ingest.readers.arc import ARC_MARK, ArcAsWarc
from searchapp.ingest.readers.inputs import BROKEN, Input, Item, Start, too_large
from searchapp.ingest.readers.pages import whole
from searchapp.ingest.readers.streams import DamagedStream, forward
from searchapp.model import RawPage, Reject

if TYPE_CHECKING:
    from fastwarc.warc import WarcRecord

_HTML_TYPES: Final = frozenset({"text/html", "application/xhtml+xml"})
_TEXT_TYPE: Final = "text/plain"
_ARABIC: Final = re.compile(r"[\u0621-\u064a]")
_LETTER: Final = re.compile(r"[^\W\d_]")


def read_html_file(opened: Input, start: Start) -> Iterator[Item]:
    """The one page of a file in HTML, unless it has been read already."""
    if start.offset:
        return
    raw = whole(opened, "html_bytes")
    if not isinstance(raw, bytes):
        yield raw
        return
    yield _page(opened, raw, (0, len(raw)), None, {})


def _page(
    opened: Input, raw: bytes, place: tuple[int, int], line: int | None, known: dict[str, str], charset: str = ""
) -> Item:
    """A page in HTML; what is `known` of it beforehand gives way to what it says itself."""
    if opened.puts_off:
        return opened.unread(place, line, raw, known, charset)
    return html_page(opened, raw, place, line, known, charset)


def html_page(
    opened: Input, raw: bytes, place: tuple[int, int], line: int | None, known: dict[str, str], charset: str
) -> RawPage | Reject:
    """As `_page`, read at once."""
    try:
        text, declared = read_html(raw, url=known.get("url"), charset=charset)
    except RejectedInput as rejected:
        return opened.reject(str(rejected), place, line)
    return opened.page(place, line, raw, text, {**known, **declared})


def read_web_archive(opened: Input, start: Start) -> Iterator[Item]:
    """The pages in HTML that a web archive holds, of those that were fetched successfully, and those in plain text.

    Texts that a crawler took out of pages (WET files) are pages, too; what a server sent as plain text is one if it is
    in Arabic, since web archives hold other texts for machines (robots.txt). Positions are in the uncompressed archive;
    responses, resources and conversions are numbered from 1 in place of lines.
    """
    try:
        from fastwarc.warc import ArchiveIterator, WarcRecordType  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise MissingPackage("web archives", "warc") from error
    is_arc = opened.head.startswith(ARC_MARK)
    _, stream = forward(ArcAsWarc(opened.stream, opened.limits.article_bytes)) if is_arc else (b"", opened.stream)
    kinds = WarcRecordType.response | WarcRecordType.resource | WarcRecordType.conversion
    begun, number = start.offset, start.line - 1
    pending: Item | None = None
    try:
        stream.seek(start.offset)
        watched = _Watched(stream)
        for record in ArchiveIterator(
            watched, record_types=kinds, auto_decode="none", stream_detect=False, fsspec_args=False
        ):
            begun = record.stream_pos
            if pending:
                yield replace(pending, end_offset=opened.base + begun)
            number += 1
            pending = _record_item(opened, record, begun, number)
        if not watched.tail.endswith(b"\n"):
            raise DamagedStream("the web archive breaks off within its last record")
    except BROKEN as error:
        told = error if isinstance(error, DamagedStream) else DamagedStream(f"the web archive is damaged: {error}")
        yield opened.broken(told, begun, max(number, 1))
        return
    if pending:
        yield replace(pending, end_offset=opened.base + watched.tell())


class _Watched:
    """A stream that remembers its last bytes: a whole archive ends with an empty line."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.tail = b"\n"

    def read(self, size: int = -1, /) -> bytes:
        data = self._stream.read(size)
        self.tail = data[-4:] or self.tail
        return data

    def tell(self) -> int:
        return self._stream.tell()

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        return self._stream.seek(offset, whence)

    def close(self) -> None:
        """Nothing: the stream belongs to who opened it."""


def _decoded(raw: bytes, transfer: str | None, content: str | None, most: int) -> bytes:
    """What a server sent, unpacked, `most` bytes of it; as it is where it was unpacked already, as crawlers do."""
    from fastwarc import stream_io  # noqa: PLC0415 - an extra

    unpackers: dict[str, Callable[..., Any]] = {
        "chunked": stream_io.ChunkedReader,
        "gzip": stream_io.GzipReader,
        "x-gzip": stream_io.GzipReader,
        "deflate": partial(stream_io.GzipReader, zlib=True),
        "br": stream_io.BrotliReader,
        "zstd": stream_io.ZstdReader,
    }
    codings = [*(content or "").lower().split(","), *(transfer or "").lower().split(",")]
    for coding in reversed(codings):
        unpack = unpackers.get(coding.strip())
        try:
            raw = unpack(io.BytesIO(raw), fsspec_args=False).read(most) if unpack and len(raw) < most else raw
        except (OSError, EOFError, ValueError):
            continue
    return raw


def _record_item(opened: Input, record: WarcRecord, begun: int, number: int) -> Item | None:
    """The page of one record; None where it holds no page that was fetched."""
    headers = record.http_headers
    if headers is not None and headers.status_code != HTTPStatus.OK:
        return None
    kind = (record.http_content_type if headers is not None else record.headers.get("Content-Type")) or ""
    kind = kind.partition(";")[0].strip().lower()
    if kind not in _HTML_TYPES and kind != _TEXT_TYPE:
        return None
    place, limit = (begun, begun), opened.limits.html_bytes
    raw = record.reader.read(limit + 1)
    if len(raw) <= limit and headers is not None:
        raw = _decoded(raw, headers.get("Transfer-Encoding"), headers.get("Content-Encoding"), limit + 1)
    if len(raw) > limit:
        return opened.reject(too_large("html_bytes", limit), place, number)
    known = {"url": record.headers.get("WARC-Target-URI") or "", "crawled": record.headers.get("WARC-Date") or ""}
    charset = (record.http_charset if headers is not None else "") or ""
    known = {name: value.strip("<> ") for name, value in known.items() if value}
    return (_page if kind in _HTML_TYPES else _text_page)(opened, raw, place, number, known, charset)


def _text_page(
    opened: Input, raw: bytes, place: tuple[int, int], number: int, known: dict[str, str], charset: str
) -> Item | None:
    """A page in plain text; None where it is not in Arabic."""
    try:
        text = decoded_page(raw, charset)
    except RejectedInput:
        return None
    is_arabic = 2 * len(_ARABIC.findall(text)) > len(_LETTER.findall(text))
    return opened.page(place, number, raw, text, known) if is_arabic else None
