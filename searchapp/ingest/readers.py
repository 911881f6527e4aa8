"""Reading input files: each page or record comes out as it stands (`RawPage`), or as a `Reject` that says why not.

Nothing that a file holds makes a reader raise, and no more of a file is in memory than one page or record.
"""

from __future__ import annotations

import gzip
import json
import math
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any, BinaryIO, Final, cast

from searchapp.config import LIMITS, Limits
from searchapp.errors import RejectedInput, UsageError
from searchapp.ingest.sources import SourceFile
from searchapp.ingest.text import trim
from searchapp.model import RawPage, Reject

_SKIP_BYTES: Final = 1 << 16
"""How much of an overlong line is held while its end is sought."""

_UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
_BROKEN: Final = (OSError, EOFError, zlib.error)
"""What reading a file may raise; a gzip file that breaks off raises EOFError, one that is damaged the others."""


@dataclass(frozen=True, slots=True)
class FieldMapping:
    """The name that each field of an article has in the records of an input."""

    id: str = "id"
    title: str = "title"
    text: str = "text"
    source: str = "source"
    date: str = "date"
    url: str = "url"
    keywords: str = "keywords"

    @classmethod
    def parse(cls, text: str) -> FieldMapping:
        """Read `field=name` pairs parted by commas, such as "text=content,id=_id"; the others keep their names.

        Raises:
            UsageError: A pair has no `=` or no name, or its field is unknown or given twice.
        """
        known = [field.name for field in fields(cls)]
        names: dict[str, str] = {}
        for pair in filter(None, (part.strip() for part in text.split(","))):
            field, _, name = (part.strip() for part in pair.partition("="))
            if field not in known or not name or field in names:
                raise UsageError(
                    f"cannot read {pair!r} in a mapping: give each of {', '.join(known)} once, as field=name"
                )
            names[field] = name
        return cls(**names)


@dataclass(slots=True)
class _OpenFile:
    """An open input: its bytes as stored, and as a stream of what they hold."""

    source: SourceFile
    stored: BinaryIO
    stream: BinaryIO

    def reject(self, reason: str, offset: int, end_offset: int, line: int | None = None) -> Reject:
        return Reject(self.source.named, line, offset, end_offset, self.stored.tell(), reason)


@contextmanager
def _opened(source: SourceFile) -> Iterator[_OpenFile]:
    """Open an input file."""
    with source.path.open("rb") as stored:
        if source.compression == "none":
            yield _OpenFile(source, stored, stored)
        else:
            with gzip.GzipFile(fileobj=stored) as stream:
                yield _OpenFile(source, stored, cast(BinaryIO, stream))


def read(
    source: SourceFile, mapping: FieldMapping, *, offset: int = 0, line: int = 1, limits: Limits = LIMITS
) -> Iterator[RawPage | Reject]:
    """Yield what a file holds, in its order, from a byte position in the uncompressed file on.

    `offset` is 0 or the `end_offset` of an item that was yielded before, and `line` the number of the line there. A
    compressed file is read from its start and what lies before `offset` is skipped. Blank lines between records are
    skipped silently. Where a file breaks off or is damaged, all before that place is yielded and then one `Reject`.
    """
    try:
        with _opened(source) as file:
            if source.layout == "page":
                yield from _read_page(file, offset, limits)
            else:
                yield from _read_records(file, mapping, offset, line, limits)
    except OSError as error:
        yield Reject(source.named, None, offset, offset, 0, f"the file cannot be opened: {error.strerror or error}")


def _read_page(file: _OpenFile, offset: int, limits: Limits) -> Iterator[RawPage | Reject]:
    """The one page of a page file, unless it has been read already."""
    if offset:
        return
    limit = limits.page_bytes
    try:
        stored_bytes = os.fstat(file.stored.fileno()).st_size
        too_large = file.stored is file.stream and stored_bytes > limit
        raw = b"" if too_large else file.stream.read(limit + 1)
    except _BROKEN as error:
        yield file.reject(_broken(error), 0, 0)
        return
    if too_large or len(raw) > limit:
        yield file.reject(f"larger than the limit page_bytes = {limit:,}", 0, stored_bytes if too_large else len(raw))
        return
    try:
        text = _page_text(raw)
    except RejectedInput as rejected:
        yield file.reject(str(rejected), 0, len(raw))
        return
    yield RawPage(file.source.named, file.source.name, 0, len(raw), file.stored.tell(), None, raw, text)


def _page_text(raw: bytes) -> str:
    """The text of a page file, without its byte order mark."""
    if not raw:
        raise RejectedInput("the file is empty")
    # Arabic letters are U+06xx: without a mark, half of a UTF-16 page's bytes are 0x06, and all of them valid UTF-8.
    if raw.startswith(_UTF16_MARKS) or raw.count(b"\x06") * 4 > len(raw):
        raise RejectedInput("not UTF-8 (looks like UTF-16)")
    return _decode(raw)


def _decode(raw: bytes) -> str:
    """Text from UTF-8 bytes."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RejectedInput(
            f"not UTF-8: {error.reason} (0x{raw[error.start]:02x}) at byte {error.start + 1}"
        ) from error


def _read_records(
    file: _OpenFile, mapping: FieldMapping, offset: int, line: int, limits: Limits
) -> Iterator[RawPage | Reject]:
    """The records of a file of JSON objects, one a line."""
    position = offset
    while True:
        try:
            if position == offset:
                file.stream.seek(offset)
            raw, length = _next_line(file.stream, limits.article_bytes)
        except _BROKEN as error:
            yield file.reject(_broken(error), position, position, line)
            return
        if not length:
            return
        end = position + length
        if position == 0 and raw and raw.startswith(_UTF16_MARKS):
            yield file.reject("not UTF-8 (looks like UTF-16): nothing of the file is read", 0, end, line)
            return
        if raw is None:
            yield file.reject(f"longer than the limit article_bytes = {limits.article_bytes:,}", position, end, line)
        elif raw.strip():
            yield _read_record(file, mapping, raw.rstrip(b"\r\n"), start=position, end=end, line=line)
        position, line = end, line + 1


def _next_line(stream: BinaryIO, limit: int) -> tuple[bytes | None, int]:
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


def _read_record(
    file: _OpenFile, mapping: FieldMapping, raw: bytes, *, start: int, end: int, line: int
) -> RawPage | Reject:
    """One line as a record."""
    try:
        values = _fields_of(_parse_object(raw), mapping)
    except RejectedInput as rejected:
        return file.reject(str(rejected), start, end, line)
    text = values.pop("text", "")
    source = file.source
    consumed = file.stored.tell()
    return RawPage(source.named, source.name, start, end, consumed, line, raw, text, MappingProxyType(values))


def _parse_object(raw: bytes) -> dict[str, Any]:
    """The JSON object of one line; of a name given twice the last value counts, as is usual."""
    try:
        record = json.loads(_decode(raw))
    except json.JSONDecodeError as error:
        raise RejectedInput(f"broken JSON: {error.msg} at column {error.pos + 1}") from error
    except RecursionError as error:
        raise RejectedInput("broken JSON: nested too deeply") from error
    except ValueError as error:  # a number of thousands of digits
        raise RejectedInput(f"broken JSON: {error}") from error
    if not isinstance(record, dict):
        raise RejectedInput(f"not a JSON object but {_kind(record)}")
    return record


def _fields_of(record: dict[str, Any], mapping: FieldMapping) -> dict[str, str]:
    """The record's fields under our own names; those that are absent, null or blank are left out."""
    values = {}
    for field in fields(mapping):
        name = getattr(mapping, field.name)
        value = _as_text(field.name, record.get(name))
        if value is None:
            raise RejectedInput(f"the field {name!r} is {_kind(record[name])}, which is not what {field.name} can be")
        if trim(value):
            values[field.name] = value
    return values


def _as_text(field: str, value: Any) -> str | None:
    """A field's value as text: "" where there is none, None where the type is wrong.

    Ids and dates may be numbers. Keywords may be a list of strings, which is joined with Arabic commas.
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if field in {"id", "date"} and isinstance(value, int | float) and not isinstance(value, bool):
        return str(value) if math.isfinite(value) else None
    if field == "keywords" and isinstance(value, list) and all(isinstance(item, str) for item in value):
        return "، ".join(filter(None, map(str.strip, value)))
    return None


def _kind(value: object) -> str:
    """What JSON calls a value of this type."""
    names = {dict: "an object", list: "a list", str: "a string", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


def _broken(error: BaseException) -> str:
    """Why the rest of a file cannot be read."""
    if isinstance(error, EOFError):
        return "the gzip data break off: the file is incomplete from here on"
    if isinstance(error, gzip.BadGzipFile | zlib.error):
        return f"the gzip data are damaged: {error}"
    return f"the file cannot be read: {error}"
