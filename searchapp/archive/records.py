"""Articles as bytes and back: canonical JSON, compressed, the same bytes for the same content."""

from __future__ import annotations

import hashlib
import json
import zlib
from dataclasses import MISSING, fields
from datetime import date
from typing import Any, Final

from searchapp.model import Article

COMPRESSION_LEVEL: Final = 3
"""zlib's: on Arabic news level 3 is twice as fast as the default 6 and costs 4 % of space."""
CONTENT_DIGEST_BYTES: Final = 16
_DEFAULTS: Final = {f.name: f.default for f in fields(Article) if f.default is not MISSING}
_TUPLES: Final = ("related", "similar_headlines", "flags")
_LONE_SURROGATES: Final = "surrogatepass"
"""Broken input may carry half a character; what was read is kept as it was read."""


def encode_article(article: Article) -> bytes:
    """The article as JSON in UTF-8: its fields by name, sorted, those with their default value left out."""
    values = {f.name: getattr(article, f.name) for f in fields(Article)}
    record = {name: _plain(value) for name, value in values.items() if value != _DEFAULTS.get(name, MISSING)}
    return json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode(
        "utf-8", _LONE_SURROGATES
    )


def decode_article(data: bytes) -> Article:
    """The inverse of `encode_article`."""
    record: dict[str, Any] = json.loads(data.decode("utf-8", _LONE_SURROGATES))
    for name in _TUPLES:
        if name in record:
            record[name] = tuple(record[name])
    if "date" in record:
        record["date"] = date.fromisoformat(record["date"])
    return Article(**record)


def content_digest(data: bytes) -> bytes:
    """What tells two versions of one article apart: 16 bytes over `encode_article`."""
    return hashlib.blake2b(data, digest_size=CONTENT_DIGEST_BYTES).digest()


def compress(data: bytes) -> bytes:
    """Data as the archive stores it."""
    return zlib.compress(data, COMPRESSION_LEVEL)


def decompress(data: bytes) -> bytes:
    """The inverse of `compress`."""
    return zlib.decompress(data)


def representative_first(articles: list[Article]) -> tuple[Article, ...]:
    """The copies of a story in order: longest body, then earliest date (the undated last), then id."""
    return tuple(sorted(articles, key=lambda a: (-len(a.body), a.date or date.max, a.id)))


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value
