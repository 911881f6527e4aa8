"""Bytes as a reader sees them: decompressed, measured against the limits, and readable from a position on.

Compression is told from the first bytes. What expands beyond the limits, as a decompression bomb does, is stopped.
"""

from __future__ import annotations

import bz2
import io
import lzma
import re
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO, Final, Protocol, cast

import zstandard

from searchapp.config import Limits
from searchapp.ingest.formats import Compression

HEAD_BYTES: Final = 1 << 16
"""How much of a file's beginning is looked at to tell its format."""

CHUNK_BYTES: Final = 1 << 18
_STORED_CHUNK_BYTES: Final = 1 << 16
_LOOKED_INTO_BYTES: Final = 1 << 12
_RATIO_APPLIES_FROM: Final = 100_000_000
"""Expanded bytes below which any ratio is fine: so much is done with in a second."""

_DECODER_MEMORY: Final = 1 << 27
"""Bytes of history that a compressed file may make its decoder hold; the strongest usual presets need half of it."""

_ZSTD_CHUNK_BYTES: Final = 1 << 10
"""A kilobyte of zstd holds 33 MB at most: a block of four bytes can stand for 128 KiB (RFC 8878, section 3.1.1.2)."""

_MAGIC: Final[tuple[tuple[re.Pattern[bytes], Compression], ...]] = (
    (re.compile(rb"\x1f\x8b\x08"), "gzip"),
    (re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)"), "bzip2"),
    (re.compile(rb"\xfd7zXZ\x00"), "xz"),
    (re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18"), "zstd"),
)
"""A zstd file may begin with a frame to be skipped. A text may begin with BZh, but not like a block of bzip2."""


class DamagedStream(Exception):
    """The bytes cannot be read on from here; the message says why. `over_limit`: they must not be."""

    def __init__(self, reason: str, *, over_limit: bool = False) -> None:
        super().__init__(reason)
        self.over_limit = over_limit


class Readable(Protocol):
    """What bytes are read from."""

    def read(self, size: int = -1, /) -> bytes:
        """As of a file."""


class _Decompressor(Protocol):
    """One member of a compressed file, as bz2 and lzma decode it."""

    @property
    def eof(self) -> bool:
        """Whether the member has ended."""

    @property
    def needs_input(self) -> bool:
        """Whether nothing more comes out before more goes in."""

    @property
    def unused_data(self) -> bytes:
        """What followed the member's end."""

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        """Take some bytes in and give some out."""


class Meter:
    """Counts what one input expands to, all its members together, and stops it at the limits."""

    def __init__(self, limits: Limits, consumed: Callable[[], int]) -> None:
        self.consumed = consumed
        self._limits = limits
        self._expanded = 0

    def add(self, size: int) -> None:
        """Count so many expanded bytes.

        Raises:
            DamagedStream: A limit is passed.
        """
        self._expanded += size
        limits, expanded = self._limits, self._expanded
        if expanded > limits.expanded_bytes:
            raise DamagedStream(f"expands beyond the limit expanded_bytes = {limits.expanded_bytes:,}", over_limit=True)
        if expanded > _RATIO_APPLIES_FROM and expanded > limits.expanded_ratio * max(self.consumed(), 1):
            raise DamagedStream(
                f"expands beyond the limit expanded_ratio = {limits.expanded_ratio} times its size", over_limit=True
            )


class Forward(io.RawIOBase):
    """A stream that is read forward only: `seek` skips. What was looked at in advance is given out first."""

    def __init__(self, inner: Readable, meter: Meter | None = None, head: bytes = b"") -> None:
        self._inner = inner
        self._meter = meter
        self._head = head
        self._position = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Forward, at least."""
        return True

    def readinto(self, buffer: object, /) -> int:
        """Read what fits."""
        view = memoryview(cast(bytearray, buffer))
        data = self._head[: len(view)]
        self._head = self._head[len(data) :]
        if not data:
            data = self._inner.read(len(view))
            if self._meter:
                self._meter.add(len(data))
        view[: len(data)] = data
        self._position += len(data)
        return len(data)

    def tell(self) -> int:
        """Bytes given out so far."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Skip to a position ahead; at the file's end if it lies beyond."""
        target = offset if whence == io.SEEK_SET else self._position + offset
        if whence == io.SEEK_END or target < self._position:
            raise io.UnsupportedOperation("a stream is read forward only")
        skipped = bytearray(CHUNK_BYTES)
        while self._position < target:
            if not self.readinto(memoryview(skipped)[: target - self._position]):
                break
        return self._position


class _Members:
    """The decompressed bytes of a file of one or more compressed members, one after another."""

    def __init__(self, stored: Readable, new: Callable[[], _Decompressor], chunk_bytes: int) -> None:
        self._stored = stored
        self._new = new
        self._chunk_bytes = chunk_bytes
        self._current: _Decompressor | None = None
        self._rest = b""
        self._ready = io.BytesIO()

    def read(self, size: int = -1, /) -> bytes:
        """Read some bytes, `size` at most; none at the end.

        Raises:
            EOFError: The file ends within a member.
        """
        while not (given := self._ready.read(size)):
            if self._current is None and not self._begin_member():
                return b""
            self._ready = io.BytesIO(self._expand(size))
        return given

    def _begin_member(self) -> bool:
        """Go on to the next member, if there is one. Zeros may stand between two."""
        while not self._rest.lstrip(b"\0"):
            self._rest = self._stored.read(self._chunk_bytes)
            if not self._rest:
                return False
        self._rest = self._rest.lstrip(b"\0")
        self._current = self._new()
        return True

    def _expand(self, size: int) -> bytes:
        """What the next stored bytes hold; it may be nothing yet."""
        current = cast(_Decompressor, self._current)
        stored = b""
        if current.needs_input:
            stored, self._rest = self._rest or self._stored.read(self._chunk_bytes), b""
            if not stored:
                raise EOFError
        expanded = current.decompress(stored, size)
        if current.eof:
            self._rest, self._current = current.unused_data, None
        return expanded


class _GzipMember:
    """One member of a gzip file. Python's own reader loses what it has read ahead where a file is damaged."""

    def __init__(self) -> None:
        self._object = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
        self._has_more = False

    @property
    def eof(self) -> bool:
        return self._object.eof

    @property
    def needs_input(self) -> bool:
        return not self._has_more

    @property
    def unused_data(self) -> bytes:
        return self._object.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        most = max(max_length, 0)
        try:
            given = self._object.decompress(self._object.unconsumed_tail + data, most)
        except zlib.error as error:
            raise ValueError("Not a gzipped file" if "header check" in str(error) else str(error)) from error
        self._has_more = bool(self._object.unconsumed_tail) or (most > 0 and len(given) == most)
        return given


class _ZstdFrame:
    """One frame of a zstd file. It gives out all that its input holds, so that input must come in small pieces."""

    needs_input = True

    def __init__(self) -> None:
        self._object = zstandard.ZstdDecompressor(max_window_size=_DECODER_MEMORY).decompressobj()

    @property
    def eof(self) -> bool:
        return self._object.eof

    @property
    def unused_data(self) -> bytes:
        return self._object.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        return self._object.decompress(data)


def _lzma() -> lzma.LZMADecompressor:
    return lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=2 * _DECODER_MEMORY)


_DECODERS: Final[dict[Compression, Callable[[Readable], Readable]]] = {
    "gzip": lambda stored: _Members(stored, _GzipMember, _STORED_CHUNK_BYTES),
    "bzip2": lambda stored: _Members(stored, bz2.BZ2Decompressor, _STORED_CHUNK_BYTES),
    "xz": lambda stored: _Members(stored, _lzma, _STORED_CHUNK_BYTES),
    "zstd": lambda stored: _Members(stored, _ZstdFrame, _ZSTD_CHUNK_BYTES),
}


class _Guarded:
    """What a decoder gives out; whatever it raises comes out as `DamagedStream`."""

    def __init__(self, decoder: Readable, compression: Compression) -> None:
        self._decoder = decoder
        self._compression = compression

    def read(self, size: int = -1, /) -> bytes:
        try:
            return self._decoder.read(size)
        except EOFError as error:
            raise DamagedStream(
                f"the {self._compression} data break off: the file is incomplete from here on"
            ) from error
        except (zlib.error, lzma.LZMAError, zstandard.ZstdError, ValueError) as error:
            raise DamagedStream(f"the {self._compression} data are damaged: {error}") from error
        except OSError as error:
            told = "the file cannot be read" if error.errno else f"the {self._compression} data are damaged"
            raise DamagedStream(f"{told}: {error}") from error


class _Failing:
    """Raises what reading on raised before."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def read(self, size: int = -1, /) -> bytes:
        raise self._error


def compression_of(head: bytes) -> Compression:
    """What a file is compressed with, by its first bytes."""
    return next((name for magic, name in _MAGIC if magic.match(head)), "none")


def uncompressed_head(stored: BinaryIO) -> bytes:
    """Return the first bytes of a file, uncompressed if it is compressed; as many as can be read."""
    head = stored.read(HEAD_BYTES)
    compression = compression_of(head)
    if compression == "none":
        return head
    stored.seek(0)
    decoder = _Guarded(_DECODERS[compression](stored), compression)
    inside = bytearray()
    try:
        while len(inside) < _LOOKED_INTO_BYTES and (chunk := decoder.read(_LOOKED_INTO_BYTES)):
            inside += chunk
    except DamagedStream:
        pass  # reading it will tell what is wrong
    return bytes(inside)


def forward(inner: Readable, meter: Meter | None = None) -> tuple[bytes, BinaryIO]:
    """Return the first bytes of what is read from `inner`, and all of it as a stream that is read forward."""
    head = bytearray()
    try:
        while len(head) < HEAD_BYTES:
            chunk = inner.read(HEAD_BYTES - len(head))
            if not chunk:
                break
            if meter:
                meter.add(len(chunk))
            head += chunk
    except (DamagedStream, OSError) as error:
        inner = _Failing(error)
    first = bytes(head)
    return first, io.BufferedReader(Forward(inner, meter, first), CHUNK_BYTES)


def decompressed(stored: Readable, compression: Compression, meter: Meter) -> tuple[bytes, BinaryIO]:
    """As `forward`, of what a compressed file holds."""
    return forward(_Guarded(_DECODERS[compression](stored), compression), meter)


def spooled(stream: Readable, limits: Limits) -> BinaryIO:
    """Return the bytes of a stream in a temporary file without a name, for formats that are read from their ends.

    Raises:
        DamagedStream: They cannot all be read, are more than the limit, or find no room.
    """
    with _room():
        file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by the caller
    try:
        size = 0
        while chunk := stream.read(CHUNK_BYTES):
            size += len(chunk)
            if size > limits.spooled_bytes:
                raise DamagedStream(
                    f"larger than the limit spooled_bytes = {limits.spooled_bytes:,} for what has to be unpacked first",
                    over_limit=True,
                )
            with _room():
                file.write(chunk)
        with _room():
            file.seek(0)
    except BaseException:
        with suppress(OSError):
            file.close()
        raise
    return cast(BinaryIO, file)


@contextmanager
def _room() -> Iterator[None]:
    """Tell of a full disk as of one: the input is none the worse for it."""
    try:
        yield
    except OSError as error:
        where = tempfile.tempdir or "the folder of temporary files"
        advice = f"make room in {where}, or name another folder with TMPDIR"
        raise DamagedStream(f"it has to be unpacked first, and cannot be: {error.strerror}; {advice}") from error
