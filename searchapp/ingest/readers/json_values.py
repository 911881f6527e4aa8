"""Parting a stream of JSON into its objects, without reading more than one of them at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO, Final

from searchapp.ingest.readers.streams import DamagedStream

_CHUNK_BYTES: Final = 1 << 18
_BETWEEN: Final = re.compile(rb"(?:[\s,\[\]\x1e]|\xef\xbb\xbf)*")
"""What stands between objects: of arrays only their brackets, and what JSON text sequences put between (RFC 7464)."""

_SCALAR: Final = re.compile(rb"null|true|false|-?[\d.eE+-]+")
_SCALAR_BYTES: Final = 64
_OUTSIDE: Final = re.compile(rb'["\[\]{}]')
_INSIDE: Final = re.compile(rb'[^"\\]*(?:\\.[^"\\]*)*', re.DOTALL)
"""A string up to its closing quote, to the end of what is there, or to a backslash that is the last byte."""


class JsonValues:
    """Iterates over the objects of a stream from where it stands: (bytes, (start, end)), None for one over the limit.

    `start` is the position of the stream; `position` is where the last object ended. Numbers, `true`, `false` and
    `null` among the objects count as values too.

    Iterating raises DamagedStream where the stream breaks off within an object or holds anything else.
    """

    def __init__(self, stream: BinaryIO, start: int, limit: int) -> None:
        self.position = start
        self._stream = stream
        self._limit = limit
        self._buffer = b""
        self._at = 0
        self._origin = start
        """The position of the buffer's first byte."""

    def __iter__(self) -> Iterator[tuple[bytes | None, tuple[int, int]]]:
        while self._find_value():
            begin = self._origin + self._at
            raw = self._object() if self._buffer[self._at] == ord("{") else self._scalar()
            self.position = self._origin + self._at
            yield raw, (begin, self.position)

    def _load(self) -> bool:
        """Put more of the stream into the buffer, in place of what is done with; False at the end."""
        more = self._stream.read(_CHUNK_BYTES)
        self._origin += self._at
        self._buffer = self._buffer[self._at :] + more
        self._at = 0
        return bool(more)

    def _find_value(self) -> bool:
        """Go to where the next value begins; False if there is none."""
        while True:
            self._at = _matched_to(_BETWEEN, self._buffer, self._at)
            if len(self._buffer) - self._at < _SCALAR_BYTES and self._load():
                continue
            return self._at < len(self._buffer)

    def _scalar(self) -> bytes:
        found = _SCALAR.match(self._buffer, self._at)
        if found is None:
            seen = self._buffer[self._at : self._at + 12].decode("utf-8", "replace")
            raise DamagedStream(
                f"broken JSON: an object was to begin at byte {self._origin + self._at + 1}, where there is {seen!r}; "
                "the rest is not read"
            )
        self._at = found.end()
        return found[0]

    def _object(self) -> bytes | None:
        """The object that begins here."""
        begin, parts, size, depth, in_string = self._origin + self._at, [], 0, 0, False
        while True:
            piece_from = self._at
            depth, in_string = self._scan(depth, in_string=in_string)
            size += self._at - piece_from
            if size <= self._limit:
                parts.append(self._buffer[piece_from : self._at])
            elif parts:
                parts = []
            if not depth:
                return b"".join(parts) if size <= self._limit else None
            if not self._load():
                raise DamagedStream(f"the JSON data break off within the object that begins at byte {begin + 1}")

    def _scan(self, depth: int, *, in_string: bool) -> tuple[int, bool]:
        """Go on to the end of the object or of the buffer; returns how many brackets are open, and if a string is."""
        buffer, at = self._buffer, self._at
        while at < len(buffer):
            if in_string:
                at = _matched_to(_INSIDE, buffer, at)
                if at == len(buffer) or buffer[at] != ord('"'):
                    break
                at, in_string = at + 1, False
                continue
            found = _OUTSIDE.search(buffer, at)
            if found is None:
                at = len(buffer)
                break
            at, mark = found.end(), found[0]
            if mark == b'"':
                in_string = True
            else:
                depth += 1 if mark in b"{[" else -1
                if not depth:
                    break
        self._at = at
        return depth, in_string


def _matched_to(pattern: re.Pattern[bytes], buffer: bytes, at: int) -> int:
    """Where a pattern that may match nothing ends."""
    found = pattern.match(buffer, at)
    return found.end() if found else at
