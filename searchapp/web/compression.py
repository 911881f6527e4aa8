"""Smaller answers for clients that can unpack them, streamed ones too; what is small already stays as it is."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Final, Protocol

import zstandard
from flask import Flask, Response, request
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

from searchapp.frozen import dataclass

MEDIA_TYPES: Final = frozenset(
    {
        "text/html",
        "text/css",
        "text/csv",
        "text/javascript",
        "text/plain",
        "application/json",
        "application/x-ndjson",
        "application/problem+json",
        "application/atom+xml",
        "application/feed+json",
        "application/opensearchdescription+xml",
        "application/x-suggestions+json",
        "image/svg+xml",
    }
)
"""What becomes smaller: texts. Fonts and pictures are compressed already."""
SMALLEST: Final = 860
"""Bytes; a body that fits into one packet with its headers is not sent any faster for being smaller."""
ZSTD_LEVEL: Final = 3
GZIP_LEVEL: Final = 5
_GZIP_WRAPPER: Final = zlib.MAX_WBITS + 16


class Compressor(Protocol):
    """Takes a body piece by piece."""

    def compress(self, data: bytes, /) -> bytes:
        """Some of what is ready, maybe nothing."""

    def flush(self) -> bytes:
        """The rest."""


_idle: Final[list[zstandard.ZstdCompressor]] = []
"""Each has tables of nearly a megabyte, which grow with the largest body; there are as many as were at work at once."""


def _zstd(body: bytes) -> bytes:
    """A whole body at once."""
    try:
        compressor = _idle.pop()
    except IndexError:
        compressor = zstandard.ZstdCompressor(ZSTD_LEVEL)
    try:
        return compressor.compress(body)
    finally:
        _idle.append(compressor)


def rest() -> None:
    """Let go of the compressors' tables; others are made when they are needed, in a tenth of a millisecond."""
    _idle.clear()


@dataclass(frozen=True, slots=True)
class Encoding:
    """One way to compress: a body as a whole, and what takes it piece by piece."""

    whole: Callable[[bytes], bytes]
    pieces: Callable[[], Compressor]


ENCODINGS: Final = {
    "zstd": Encoding(_zstd, lambda: zstandard.ZstdCompressor(ZSTD_LEVEL).compressobj()),
    "gzip": Encoding(
        lambda body: zlib.compress(body, GZIP_LEVEL, _GZIP_WRAPPER),
        lambda: zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, _GZIP_WRAPPER),
    ),
}
"""The first that a client likes best is used: zstd costs the server a fraction of the time, gzip is known to all."""


def register(app: Flask) -> None:
    """Compress what is worth it."""
    app.after_request(compressed)


def compressed(response: Response) -> Response:
    """The response in the encoding that the client likes best, if any."""
    response.vary.add("Accept-Encoding")
    encoding = chosen(request.headers.get("Accept-Encoding", ""))
    if encoding is None or not _is_worth_it(response):
        return response
    if response.is_streamed:
        response.response = packed(response.iter_encoded(), ENCODINGS[encoding].pieces())
    else:
        response.set_data(ENCODINGS[encoding].whole(response.get_data()))
    response.headers["Content-Encoding"] = encoding
    return response


def packed(body: Iterable[bytes], compressor: Compressor) -> Iterator[bytes]:
    """A body, compressed piece by piece."""
    for piece in body:
        if ready := compressor.compress(piece):
            yield ready
    yield compressor.flush()


@lru_cache(maxsize=256)
def chosen(accepted: str) -> str | None:
    """Of the encodings that a client takes, the one of the highest quality, and of equals the first of ours."""
    asked = parse_accept_header(accepted, Accept)
    qualities = {name: asked.quality(name) for name in ENCODINGS}
    best = max(qualities, key=lambda name: qualities[name])
    return best if qualities[best] > 0 else None


def _is_worth_it(response: Response) -> bool:
    return (
        response.status_code not in (204, 206, 304)
        and response.mimetype in MEDIA_TYPES
        and "Content-Encoding" not in response.headers
        and (response.is_streamed or (response.content_length or 0) >= SMALLEST)
    )
