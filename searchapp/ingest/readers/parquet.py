"""Parquet files, as web crawls and data sets have them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

import orjson

from searchapp.errors import MissingPackage, RejectedInput
from searchapp.ingest.readers.fields import RecordFields
from searchapp.ingest.readers.inputs import Input, Item, Start
from searchapp.ingest.readers.records import fields_item
from searchapp.ingest.readers.streams import DamagedStream, spooled

if TYPE_CHECKING:
    from pyarrow.parquet import ParquetFile

_BATCH_ROWS: Final = 2
"""Rows in memory at a time: few, since a dictionary lets each of them be of any length."""

_FOOTER_BYTES: Final = 16_000_000
"""What a file may say of its own columns and row groups."""


def read_parquet(opened: Input, start: Start) -> Iterator[Item]:
    """The rows of a Parquet file; positions and lines count rows."""
    try:
        from pyarrow import ArrowException  # noqa: PLC0415 - an extra
        from pyarrow.parquet import ParquetFile  # noqa: PLC0415
    except ImportError as error:
        raise MissingPackage("Parquet files", "parquet") from error
    stream, row = opened.stream, start.offset
    try:
        if not opened.seekable:
            stream = spooled(opened.stream, opened.limits)
        file = ParquetFile(
            stream,
            thrift_string_size_limit=_FOOTER_BYTES,
            thrift_container_size_limit=_FOOTER_BYTES,
            page_checksum_verification=True,
        )
        for item in _read_rows(opened, file, start):
            yield item
            row = item.end_offset - opened.base
    except DamagedStream as error:
        yield opened.broken(error, row, row + 1)
    except (ArrowException, OSError, ValueError, NotImplementedError) as error:
        reason = " ".join(str(error).split())[:300]
        yield opened.reject(f"the Parquet data cannot be read on: {reason}", (row, row), row + 1, retry=True)
    finally:
        if stream is not opened.stream:
            stream.close()


def _read_rows(opened: Input, file: ParquetFile, start: Start) -> Iterator[Item]:
    """The rows from a position on, group by group; of the columns only those that hold fields of an article."""
    fields = RecordFields(opened.mapping)
    names = file.schema_arrow.names
    shape = fields.shape(names)
    if shape.problem and not shape.containers:
        yield opened.reject(f"nothing of the file is read: {shape.problem}", (0, 0))
        return
    wanted = {name for _, candidates in shape.names for name in candidates} | set(shape.containers)
    columns = [name for name in names if name in wanted]
    first = 0
    for group in range(file.num_row_groups):
        rows = file.metadata.row_group(group).num_rows
        if first + rows > start.offset:
            if reason := _too_large(opened, file, group):
                yield opened.reject(reason, (first, first + rows), first + 1)
            else:
                yield from _read_group(opened, file, group, columns, (first, start.offset), fields)
        first += rows


def _too_large(opened: Input, file: ParquetFile, group: int) -> str | None:
    """Why a row group is not read, if it is beyond the limits."""
    size, limit = file.metadata.row_group(group).total_byte_size, opened.limits.row_group_bytes
    return f"the row group is larger than the limit row_group_bytes = {limit:,}" if size > limit else None


def _read_group(
    opened: Input,
    file: ParquetFile,
    group: int,
    columns: list[str],
    span: tuple[int, int],
    fields: RecordFields,
) -> Iterator[Item]:
    """The rows of one group; `span` is the number of its first row, and of the first row that is wanted."""
    row, wanted = span
    batches = file.iter_batches(_BATCH_ROWS, row_groups=[group], columns=columns, use_threads=False)
    for batch in batches:
        if row + batch.num_rows > wanted:
            for number, record in enumerate(batch.to_pylist(), start=row):
                if number >= wanted:
                    yield _row_item(opened, fields, record, number)
        row += batch.num_rows


def _row_item(opened: Input, fields: RecordFields, record: dict[str, Any], row: int) -> Item:
    """One row as a record; the archive keeps it as JSON."""
    place = (row, row + 1)
    try:
        plain = {name: _plain(value) for name, value in record.items()}
        raw = orjson.dumps(plain, default=str, option=orjson.OPT_NON_STR_KEYS)
        opened.meter.add(len(raw))
        if len(raw) > opened.limits.article_bytes:
            raise RejectedInput(f"longer than the limit article_bytes = {opened.limits.article_bytes:,}")
        return fields_item(opened, fields.of(plain), raw, place, row + 1)
    except (RejectedInput, TypeError, ValueError) as error:
        return opened.reject(f"the row cannot be read: {error}", place, row + 1)


def _plain(value: Any) -> Any:
    """A value as JSON would have it."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
