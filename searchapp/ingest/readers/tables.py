"""Tables with a line of names above: CSV and TSV, in UTF-8, UTF-16 or an old Arabic code page."""

from __future__ import annotations

import codecs
import csv
import json
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import BinaryIO, Final

from searchapp.errors import RejectedInput
from searchapp.ingest.encodings import CODE_PAGES, around_first_letters, is_nearly_utf8
from searchapp.ingest.readers.fields import RecordFields, is_known_name
from searchapp.ingest.readers.inputs import BROKEN, Input, Item, Start
from searchapp.ingest.readers.records import fields_item, next_line

_DELIMITERS: Final = ",;\t|"
_CODE_PAGES: Final = (*CODE_PAGES, "cp1252")
"""What Arabic (and Western) tables are written in where they are not Unicode."""

_SAMPLE_BYTES: Final = 1 << 15
_SAMPLE_LINES: Final = 100
_NAMES_OF_A_TABLE: Final = 2
_FIRST_ROW: Final = 2
"""The number of the row below the names, as spreadsheets count."""


@dataclass(frozen=True, slots=True)
class _Dialect:
    """How a table is written."""

    encoding: str
    delimiter: str
    quoted: bool


@dataclass(slots=True)
class _Lines:
    """The lines of a table as text, counted; those of the row that is being read are kept as they came."""

    stream: BinaryIO
    encoding: str
    limit: int
    position: int = 0
    taken: list[bytes] = field(default_factory=list)
    size: int = 0
    """Bytes of the lines taken."""
    again: deque[tuple[bytes | None, int]] = field(default_factory=deque)

    def __iter__(self) -> Iterator[str]:
        while True:
            raw, length = self.again.popleft() if self.again else next_line(self.stream, self.limit)
            if not length:
                return
            self.position += length
            self.size += length
            if raw is None or self.size > self.limit:
                if self.taken:
                    self._put_back(raw, length)
                raise RejectedInput(f"longer than the limit article_bytes = {self.limit:,}")
            self.taken.append(raw)
            yield self._text(raw)

    def _put_back(self, raw: bytes | None, length: int) -> None:
        self.again.appendleft((raw, length))
        self.position -= length

    def _text(self, raw: bytes) -> str:
        try:
            return raw.decode(self.encoding).removeprefix("\ufeff")
        except UnicodeDecodeError as error:
            raise RejectedInput(f"not {self.encoding}: 0x{raw[error.start]:02x} at byte {error.start + 1}") from error

    def next_row(self) -> None:
        """The lines taken are done with."""
        self.taken.clear()
        self.size = 0

    def only_first(self) -> None:
        """Of the lines taken only the first is done with; the others come again."""
        while len(self.taken) > 1:
            raw = self.taken.pop()
            self._put_back(raw, len(raw))

    def has_open_quote(self) -> bool:
        """Whether a row over several lines ended with the file and not with its quote."""
        return len(self.taken) > 1 and sum(raw.count(b'"') for raw in self.taken) % 2 == 1


def is_table(head: bytes, *, wholly: bool = False) -> bool:
    """Whether a text begins with a line of names, of which at least two are known, or `wholly` every one.

    The latter tells of a file whose name says that it is a page; most are told at once to be none.
    """
    if wholly and not any(sign.encode() in head.partition(b"\n")[0] for sign in _DELIMITERS):
        return False
    if b"\0" in head or not head.strip():
        return False
    text = head.decode("utf-8", "replace").removeprefix("\ufeff")
    names = text.splitlines()[0].split(_delimiter_of(text))
    known = sum(is_known_name(name.strip().strip('"')) for name in names)
    return known >= _NAMES_OF_A_TABLE and not (wholly and known < len(names))


def read_table(opened: Input, start: Start) -> Iterator[Item]:
    """The rows of a table as records, by the names in its first row; rows are counted in place of lines."""
    dialect = _dialect_of(opened.head, opened.encoding or _encoding_of(opened.head))
    csv.field_size_limit(opened.limits.article_bytes)
    lines = _Lines(opened.stream, dialect.encoding, opened.limits.article_bytes)
    try:
        names = next(_rows(lines, dialect), [])
        lines.next_row()
    except BROKEN as error:
        yield opened.broken(error, 0, 1)
        return
    except (RejectedInput, csv.Error) as error:
        yield opened.reject(f"the line of names cannot be read: {error}", (0, lines.position), 1)
        return
    names = [name.strip() for name in names]
    fields = RecordFields(opened.mapping)
    problem = fields.shape(names).problem if names else None
    if problem:
        reason = f"nothing of the file is read, for its first line names no field of an article: {problem}"
        yield opened.reject(reason, (0, lines.position), 1)
        return
    yield from _read_rows(opened, lines, dialect, names, start)


def _read_rows(opened: Input, lines: _Lines, dialect: _Dialect, names: list[str], start: Start) -> Iterator[Item]:
    """The rows below the names, from a position on."""
    fields = RecordFields(opened.mapping)
    number = _FIRST_ROW
    if start.offset > lines.position:
        opened.stream.seek(start.offset)
        lines.position, number = start.offset, start.line
    rows = _rows(lines, dialect)
    for line in count(number):
        begin = lines.position
        lines.next_row()
        try:
            row = next(rows, None)
            if row is None:
                return
            if dialect.quoted and lines.has_open_quote():
                raise RejectedInput("a quote is opened and never closed")
            if any(row):
                yield _row_item(opened, fields, _record(names, row), (begin, lines.position), line)
        except BROKEN as error:
            yield opened.broken(error, begin, line)
            return
        except (RejectedInput, csv.Error) as error:
            lines.only_first()
            yield opened.reject(f"the row cannot be read: {error}", (begin, lines.position), line)
            rows = _rows(lines, dialect)


def _rows(lines: _Lines, dialect: _Dialect) -> Iterator[list[str]]:
    if dialect.quoted:
        return csv.reader(iter(lines), delimiter=dialect.delimiter)
    return csv.reader(iter(lines), delimiter=dialect.delimiter, quoting=csv.QUOTE_NONE)


def _record(names: list[str], row: list[str]) -> dict[str, str]:
    """A row under its names.

    Raises:
        RejectedInput: It has fewer cells than there are names, or more that are not empty.
    """
    if len(row) < len(names) or any(row[len(names) :]):
        raise RejectedInput(f"{len(row)} cells under {len(names)} names")
    return dict(zip(names, row, strict=False))


def _row_item(opened: Input, fields: RecordFields, record: dict[str, str], place: tuple[int, int], line: int) -> Item:
    """A row as a record. The archive keeps it as JSON, since a row means nothing without its names."""
    kept = json.dumps(record, ensure_ascii=False).encode("utf-8", "surrogatepass")
    try:
        return fields_item(opened, fields.of(record), kept, place, line)
    except RejectedInput as rejected:
        return opened.reject(str(rejected), place, line)


def _dialect_of(head: bytes, encoding: str) -> _Dialect:
    """How a table is written, told from its beginning."""
    text = head[:_SAMPLE_BYTES].decode(encoding, "replace").removeprefix("\ufeff")
    delimiter = _delimiter_of(text)
    return _Dialect(encoding, delimiter, delimiter != "\t" or _is_quoted(text))


def _encoding_of(head: bytes) -> str:
    """The encoding of a table that is not told by Arabic words: UTF-8, or as code pages read best by their letters."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head, final=False)
    except UnicodeDecodeError:
        if is_nearly_utf8(head):
            return "utf-8"
        from charset_normalizer import from_bytes  # noqa: PLC0415 - takes long to load

        best = from_bytes(around_first_letters(head), cp_isolation=list(_CODE_PAGES)).best()
        return best.encoding if best else _CODE_PAGES[0]
    return "utf-8"


def _delimiter_of(text: str) -> str:
    """What parts the names in the first line."""
    names = text.splitlines()[0] if text.strip() else ""
    return max(_DELIMITERS, key=names.count)


def _is_quoted(text: str) -> bool:
    """Whether the cells of a table parted by tabs are quoted.

    They are where a line alone is no row, for then a cell has line breaks, and where each cell that begins with a quote
    ends with one, too.
    """
    rows = [line.split("\t") for line in text.splitlines()[:-1][:_SAMPLE_LINES]]
    if len(set(map(len, rows))) > 1:
        return True
    return all(len(cell) > 1 and cell.endswith('"') for row in rows for cell in row if cell.startswith('"'))
