"""Page files: the text of one page in each."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Final

from searchapp.errors import RejectedInput
from searchapp.ingest.readers.inputs import BROKEN, Input, Item, Start, too_large

UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")


def read_page(opened: Input, start: Start) -> Iterator[Item]:
    """The one page of a page file, unless it has been read already."""
    if start.offset:
        return
    raw = whole(opened, "page_bytes")
    if not isinstance(raw, bytes):
        yield raw
        return
    try:
        text = _page_text(raw)
    except RejectedInput as rejected:
        yield opened.reject(str(rejected), (0, len(raw)))
        return
    yield opened.page((0, len(raw)), None, raw, text)


def whole(opened: Input, limit: str) -> bytes | Item:
    """All bytes of an input, or the reject of one that is larger than this limit or cannot be read."""
    allowed: int = getattr(opened.limits, limit)
    try:
        if opened.seekable and (size := os.fstat(opened.stream.fileno()).st_size) > allowed:
            return opened.reject(too_large(limit, allowed), (0, size))
        raw = opened.stream.read(allowed + 1)
    except BROKEN as error:
        return opened.broken(error, 0)
    return raw if len(raw) <= allowed else opened.reject(too_large(limit, allowed), (0, len(raw)))


def _page_text(raw: bytes) -> str:
    """The text of a page file, without its byte order mark."""
    if not raw:
        raise RejectedInput("the file is empty")
    # Arabic letters are U+06xx: without a mark, half of a UTF-16 page's bytes are 0x06, and all of them valid UTF-8.
    if raw.startswith(UTF16_MARKS) or raw.count(b"\x06") * 4 > len(raw):
        raise RejectedInput("not UTF-8 (looks like UTF-16)")
    return decode(raw)


def decode(raw: bytes) -> str:
    """Text from UTF-8 bytes.

    Raises:
        RejectedInput: They are none.
    """
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RejectedInput(
            f"not UTF-8: {error.reason} (0x{raw[error.start]:02x}) at byte {error.start + 1}"
        ) from error
