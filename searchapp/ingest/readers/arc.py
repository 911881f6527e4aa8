"""ARC files, the older form of web archives, read as WARC.

A record is a line `URL IP-address date content-type length`, so many bytes, and a line break (Internet Archive, "Arc
File Format", versions 1 and 2, which differ in the number of words on that line).
"""

from __future__ import annotations

from typing import BinaryIO, Final

from searchapp.ingest.readers.streams import DamagedStream

ARC_MARK: Final = b"filedesc://"
_LONGEST_LINE: Final = 20_000
_WORDS: Final = 5
_DATE_DIGITS: Final = 14


class ArcAsWarc:
    """The records of an ARC file as those of a WARC file."""

    def __init__(self, stream: BinaryIO, largest_read: int) -> None:
        self._stream = stream
        self._largest_read = largest_read
        self._left = 0
        self._ready = b""

    def read(self, size: int = -1, /) -> bytes:
        """Read some bytes, `size` at most.

        Raises:
            DamagedStream: The file breaks off, or a record does not begin where it must.
        """
        most = self._largest_read if size < 0 else size
        if not self._ready and not self._left:
            self._ready = self._next_header()
        if self._ready:
            given, self._ready = self._ready[:most], self._ready[most:]
            return given
        if not self._left:
            return b""
        given = self._stream.read(min(most, self._left))
        if not given:
            raise DamagedStream("the web archive breaks off within a record")
        self._left -= len(given)
        if not self._left:
            self._ready = b"\r\n\r\n"
        return given

    def _next_header(self) -> bytes:
        """The header of the next record; nothing at the end of the file."""
        line = b"\n"
        while line in {b"\n", b"\r\n"}:
            line = self._stream.readline(_LONGEST_LINE)
        if not line:
            return b""
        words = line.split(b" ")
        length = words[-1].strip()
        if len(words) < _WORDS or not length.isdigit() or len(length) > _DATE_DIGITS:
            raise DamagedStream("the web archive is damaged: no record begins where one must")
        self._left = int(length)
        is_page = not line.startswith(ARC_MARK)
        header = (
            b"WARC/1.0\r\nWARC-Type: " + (b"response" if is_page else b"metadata"),
            b"WARC-Target-URI: " + words[0],
            b"WARC-Date: " + _iso(words[2]),
            b"Content-Type: application/http; msgtype=response",
            b"Content-Length: " + length,
        )
        return b"\r\n".join(header) + b"\r\n\r\n" + (b"" if self._left else b"\r\n\r\n")


def _iso(date: bytes) -> bytes:
    """20240625101530 as 2024-06-25T10:15:30Z."""
    digits = date.decode("ascii", "replace")
    if len(digits) != _DATE_DIGITS or not digits.isdigit():
        return b""
    day, time = f"{digits[:4]}-{digits[4:6]}-{digits[6:8]}", f"{digits[8:10]}:{digits[10:12]}:{digits[12:]}"
    return f"{day}T{time}Z".encode()
