"""Page files: the text of one page in each."""

from __future__ import annotations

import os
from collections.abc import Iterator

from searchapp.errors import RejectedInput
from searchapp.ingest.encodings import encoding_of, name_of
from searchapp.ingest.readers.inputs import BROKEN, Input, Item, Start, too_large
from searchapp.ingest.text import unescaped


def read_page(opened: Input, start: Start) -> Iterator[Item]:
    """The one page of a page file, unless it has been read already."""
    if start.offset:
        return
    raw = whole(opened, "page_bytes")
    if not isinstance(raw, bytes):
        yield raw
        return
    try:
        text = _page_text(raw, opened.encoding)
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


def _page_text(raw: bytes, encoding: str | None) -> str:
    """The text of a page file, without its byte order mark, and without what a crawler left escaped, as in records."""
    if not raw:
        raise RejectedInput("the file is empty")
    return unescaped(decode(raw, encoding))


def decode(raw: bytes, encoding: str | None) -> str:
    """Text from bytes in this encoding; where it was left open, in UTF-8 or in what alone they can be.

    Raises:
        RejectedInput: They are none of this encoding.
    """
    try:
        return raw.decode("utf-8-sig" if encoding in {None, "utf-8"} else encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        if encoding is None and (found := encoding_of(raw)):
            return decode(raw, found)
        fault = f"{error.reason} (0x{raw[error.start]:02x}) at byte {error.start + 1}"
        raise RejectedInput(f"not {name_of(encoding)}: {fault}; save it as UTF-8") from error
