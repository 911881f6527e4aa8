"""JSON records: one a line, or one after another in an array, however they are laid out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

import orjson

from searchapp.errors import RejectedInput
from searchapp.ingest.encodings import encoding_of
from searchapp.ingest.readers.fields import RecordFields, kind_of
from searchapp.ingest.readers.inputs import BROKEN, Input, Item, Start
from searchapp.ingest.readers.json_values import JsonValues
from searchapp.ingest.readers.pages import decode
from searchapp.model import RawPage, Reject

_UTF8: Final = "utf-8"
_SKIP_BYTES: Final = 1 << 16
"""How much of an overlong line is held while its end is sought."""


def read_lines(opened: Input, start: Start) -> Iterator[Item]:
    """The records of a file of JSON objects, one a line. Blank lines are skipped silently."""
    position, line = start.offset, start.line
    limit, stream, fields = opened.limits.article_bytes, opened.stream, RecordFields(opened.mapping)
    while True:
        try:
            if position == start.offset:
                stream.seek(position)
            raw, length = next_line(stream, limit)
        except BROKEN as error:
            yield opened.broken(error, position, line)
            return
        if not length:
            return
        end = position + length
        if raw is None:
            yield opened.reject(f"longer than the limit article_bytes = {limit:,}", (position, end), line)
        elif not raw.isspace():
            consumed = end if opened.seekable else None
            yield record_item(opened, fields, raw.rstrip(b"\r\n"), (position, end), line, consumed)
        position, line = end, line + 1


def next_line(stream: BinaryIO, limit: int) -> tuple[bytes | None, int]:
    """The next line, or None if it is longer than the limit, and how many bytes it takes (0 at the file's end)."""
    raw = stream.readline(limit + 1)
    if len(raw) <= limit or raw.endswith(b"\n"):
        return raw, len(raw)
    length = len(raw)
    while chunk := stream.readline(_SKIP_BYTES):
        length += len(chunk)
        if chunk.endswith(b"\n"):
            break
    return None, length


def record_item(
    opened: Input, fields: RecordFields, raw: bytes, place: tuple[int, int], line: int, consumed: int | None = None
) -> Item:
    """One JSON object as a record, which is kept in UTF-8."""
    try:
        if opened.encoding != _UTF8 and not raw.isascii():
            raw = _in_utf8(raw, opened.encoding)
    except RejectedInput as rejected:
        return opened.reject(str(rejected), place, line)
    if opened.puts_off:
        return opened.unread(place, line, raw, consumed=consumed)
    return record_page(opened, fields, raw, place, line, consumed)


def record_page(
    opened: Input,
    fields: RecordFields,
    raw: bytes,
    place: tuple[int, int],
    line: int | None,
    consumed: int | None = None,
) -> RawPage | Reject:
    """As `record_item`, read at once, in UTF-8."""
    try:
        return fields_page(opened, _fields_of(raw, fields), raw, place, line, consumed)
    except RejectedInput as rejected:
        return opened.reject(str(rejected), place, line)


def fields_item(opened: Input, values: dict[str, str], raw: bytes, place: tuple[int, int], line: int) -> Item:
    """A record whose fields are read. Markup takes long to be taken off."""
    if opened.puts_off and _has_markup(values):
        return opened.unread(place, line, raw, values=values)
    return fields_page(opened, values, raw, place, line)


def fields_page(
    opened: Input,
    values: dict[str, str],
    raw: bytes,
    place: tuple[int, int],
    line: int | None,
    consumed: int | None = None,
) -> RawPage:
    """As `fields_item`, read at once. A page in HTML counts where there is no text."""
    has_markup = _has_markup(values)
    text, page = values.pop("text", ""), values.pop("html", "")
    if has_markup:
        from searchapp.ingest.html_text import as_text  # noqa: PLC0415 - few records have any

        text = as_text(text or page)
    return opened.page(place, line, raw, text, values, consumed)


def _has_markup(values: dict[str, str]) -> bool:
    text = values.get("text", "")
    return "<" in text or ("html" in values and bool(values["html"]) and not text)


def _fields_of(raw: bytes, fields: RecordFields) -> dict[str, str]:
    """The fields of one JSON object."""
    try:
        record = orjson.loads(raw)
    except orjson.JSONDecodeError:
        record = _parse_slowly(raw)
    if not isinstance(record, dict):
        raise RejectedInput(f"not a JSON object but {kind_of(record)}")
    found = fields.of(record)
    if "id" in found and _has_large_number(record):
        found = fields.of(_parse_slowly(raw))
    return found


def _has_large_number(record: dict[str, Any]) -> bool:
    """Whether a value may be a whole number that the quick parser has rounded."""
    values = record.values()
    return float in map(type, values) and any(type(value) is float and abs(value) >= 2**63 for value in values)


def _in_utf8(raw: bytes, encoding: str | None) -> bytes:
    """The bytes of a record in UTF-8; where its file left the encoding open, it may be in any."""
    if encoding is None:
        encoding = encoding_of(raw)
    return raw if encoding in {None, _UTF8} else decode(raw, encoding).encode("utf-8", "surrogatepass")


def _parse_slowly(raw: bytes) -> Any:
    """What JSON says, read by the parser that takes surrogates without a partner and tells where the fault is."""
    try:
        return json.loads(decode(raw, _UTF8))
    except json.JSONDecodeError as error:
        raise RejectedInput(f"broken JSON: {error.msg} at column {error.pos + 1}") from error
    except RecursionError as error:
        raise RejectedInput("broken JSON: nested too deeply") from error
    except ValueError as error:  # a number of thousands of digits
        raise RejectedInput(f"broken JSON: {error}") from error


def read_values(opened: Input, start: Start) -> Iterator[Item]:
    """The JSON objects of an array, or of several values one after another, over any number of lines.

    Objects are numbered from 1 in place of lines. No more than one of them is in memory.
    """
    fields, number = RecordFields(opened.mapping), start.line
    values = JsonValues(opened.stream, start.offset, opened.limits.article_bytes)
    try:
        opened.stream.seek(start.offset)
        for raw, place in values:
            if raw is None:
                reason = f"longer than the limit article_bytes = {opened.limits.article_bytes:,}"
                yield opened.reject(reason, place, number)
            else:
                yield record_item(opened, fields, raw, place, number)
            number += 1
    except BROKEN as error:
        yield opened.broken(error, values.position, number)
