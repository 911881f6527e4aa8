"""Pages and records whose reading was put off: another process may take them apart, wherever their file is.

A reader that puts off only finds where items begin and end. What becomes of each of them follows from its own bytes,
and is the same, rejects too, as if it had been read at once.
"""

from __future__ import annotations

import io
from functools import cache
from importlib.util import find_spec

from searchapp.config import LIMITS, Limits
from searchapp.ingest.readers.fields import FieldMapping, RecordFields
from searchapp.ingest.readers.inputs import Input, Unread
from searchapp.ingest.readers.streams import Meter
from searchapp.model import RawPage, Reject


@cache
def may_put_off() -> bool:
    """Whether what takes pages in HTML apart is there; where it is not, the reader of a file must find that out."""
    return all(find_spec(name) is not None for name in ("lxml", "trafilatura"))


class PutOffReader:
    """Reads what was put off; `mapping` is that of its input."""

    def __init__(self, mapping: FieldMapping, limits: Limits = LIMITS) -> None:
        self._mapping = mapping
        self._limits = limits
        self._fields = RecordFields(mapping)
        self._consumed = 0
        self._opened: Input | None = None

    def read(self, unread: Unread) -> RawPage | Reject:
        """The item, as its reader would have given it.

        Raises:
            MissingPackage: a package has gone since `may_put_off`.
        """
        opened = self._input_of(unread)
        place = unread.offset, unread.end_offset - unread.base
        if unread.known is not None:
            from searchapp.ingest.readers.web_pages import html_page  # noqa: PLC0415 - as a reader, when it is met

            return html_page(opened, unread.raw, place, unread.line, dict(unread.known), unread.charset)
        from searchapp.ingest.readers.records import fields_page, record_page  # noqa: PLC0415

        if unread.values is not None:
            try:
                return fields_page(opened, dict(unread.values), unread.raw, place, unread.line, unread.consumed)
            except (TypeError, ValueError) as error:  # as readers of rows do
                return opened.reject(f"the row cannot be read: {error}", place, unread.line)
        return record_page(opened, self._fields, unread.raw, place, unread.line, unread.consumed)

    def _input_of(self, unread: Unread) -> Input:
        """What the item was found in, closed."""
        self._consumed = unread.consumed
        opened = self._opened
        if opened is None or (opened.path, opened.name, opened.base) != (unread.path, unread.name, unread.base):
            opened = self._opened = Input(
                path=unread.path,
                name=unread.name,
                stream=io.BytesIO(),
                head=b"",
                meter=Meter(self._limits, lambda: self._consumed),
                mapping=self._mapping,
                limits=self._limits,
                base=unread.base,
            )
        return opened
