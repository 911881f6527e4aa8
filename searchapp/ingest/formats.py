"""The formats of input files, told from their names and from their first bytes."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

Layout = Literal["page", "html", "jsonl", "json", "table", "parquet", "warc", "feed", "zip", "tar"]
Compression = Literal["none", "gzip", "bzip2", "xz", "zstd"]


@dataclass(frozen=True, slots=True)
class Endings:
    """What the endings of file names say.

    Those `looked_into` count only where the content is of the format: other programs use them, too.
    """

    layouts: Mapping[str, Layout]
    compressions: Mapping[str, Compression]
    short: Mapping[str, str]
    looked_into: frozenset[str]


ENDINGS: Final = Endings(
    layouts=MappingProxyType(
        {
            ".txt": "page",
            ".html": "html",
            ".htm": "html",
            ".xhtml": "html",
            ".jsonl": "jsonl",
            ".ndjson": "jsonl",
            ".json": "json",
            ".csv": "table",
            ".tsv": "table",
            ".parquet": "parquet",
            ".warc": "warc",
            ".arc": "warc",
            ".rss": "feed",
            ".atom": "feed",
            ".xml": "feed",
            ".zip": "zip",
            ".tar": "tar",
        }
    ),
    compressions=MappingProxyType({".gz": "gzip", ".bz2": "bzip2", ".xz": "xz", ".zst": "zstd"}),
    short=MappingProxyType({".tgz": ".tar.gz", ".tbz2": ".tar.bz2", ".txz": ".tar.xz", ".tzst": ".tar.zst"}),
    looked_into=frozenset({".xml", ".json"}),
)


def format_named(name: str) -> tuple[Layout | None, Compression]:
    """Layout and compression that a file's name says; case does not matter."""
    stem, ending = os.path.splitext(name.lower())  # noqa: PTH122 - a name, not a path
    stem, ending = os.path.splitext(stem + ENDINGS.short.get(ending, ending))  # noqa: PTH122
    compression = ENDINGS.compressions.get(ending, "none")
    if compression != "none":
        ending = os.path.splitext(stem)[1]  # noqa: PTH122
    return ENDINGS.layouts.get(ending), compression


def without_endings(name: str) -> str:
    """A file's name without the endings that say its format; a name that is nothing else stays."""
    stem, ending = os.path.splitext(name)  # noqa: PTH122
    if stem and ending.lower() in ENDINGS.compressions:
        name = stem
        stem, ending = os.path.splitext(name)  # noqa: PTH122
    return stem if stem and (ending.lower() in ENDINGS.layouts or ending.lower() in ENDINGS.short) else name


_BINARY_MAGIC: Final[tuple[tuple[bytes, Layout], ...]] = (
    (b"PAR1", "parquet"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"WARC/", "warc"),
    (b"filedesc://", "warc"),
)
_TAR_MAGIC: Final = (257, b"ustar")
_BLANK: Final = rb"(?:\xef\xbb\xbf)?\s*"
_COMMENT: Final = rb"<!--(?:(?!-->).){0,2000}-->\s*"
_PROLOGUE: Final = rb"(?:<\?(?:(?!\?>).){0,2000}\?>\s*|" + _COMMENT + rb"|<!DOCTYPE(?!\s+html)[^<>\[]{0,2000}[>\[]\s*)*"
"""What may stand above the root of an XML file. Each piece ends in one way only, so matching takes linear time."""

_HTML: Final = re.compile(
    _BLANK + rb"(?:<\?xml[^>]{0,200}\?>\s*)?(?:" + _COMMENT + rb")*(?:<!doctype\s+html|<html[\s>])",
    re.IGNORECASE | re.DOTALL,
)
_FEED: Final = re.compile(
    _BLANK + _PROLOGUE + rb"(?:<!ENTITY|<(?:\w{1,20}:)?(?:rss|feed|RDF)[\s>])",
    re.DOTALL,
)
_JSON_ARRAY: Final = re.compile(_BLANK + rb"\[\s*(?:[{\]]|$)")
_JSON_OBJECT: Final = re.compile(_BLANK + rb'\{\s*(?:"|\}|$)')
_JSON_LINE: Final = re.compile(_BLANK + rb"\{[^\r\n]*\}[ \t]*\r?\n\s*(?:\{|$)")
_UNPRINTABLE: Final = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")

_PAGE_LABELS: Final = re.compile("^[ \u200f]{0,8}(?:تاريخ النشر|المصدر|كلمات دلالية) ?:".encode(), re.MULTILINE)

_DECIDED_BY_NAME: Final = frozenset({"jsonl", "html", "table"})
"""Text formats whose name is believed: their content can begin with anything."""

UNREADABLE: Final[tuple[tuple[bytes, str], ...]] = (
    (b"%PDF-", "a PDF file"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z file"),
    (b"Rar!", "a RAR file"),
    (b"SQLite format 3\0", "an SQLite file"),
    (b"\xd0\xcf\x11\xe0", "an old Office file"),
)
"""What people hand in that no reader takes, by its first bytes."""


def layout_of(head: bytes, named: Layout | None) -> Layout | None:
    """Return the format of a file that begins so and whose name says `named`; None where neither says any.

    Binary formats are known by their first bytes whatever the name; of text, the content decides where it is certain,
    except that records one a line, HTML and tables are what their names say.
    """
    if named == "jsonl":
        return named
    binary = next((layout for magic, layout in _BINARY_MAGIC if head.startswith(magic)), None)
    at, magic = _TAR_MAGIC
    if binary is None and head[at : at + len(magic)] == magic:
        binary = "tar"
    if binary is not None:
        return binary
    if named in _DECIDED_BY_NAME:
        return named
    return _text_layout(head) or named


def _text_layout(head: bytes) -> Layout | None:
    """The format of a text, where its beginning is unmistakable."""
    if _HTML.match(head):
        return "html"
    if _FEED.match(head):
        return "feed"
    if _JSON_ARRAY.match(head):
        return "json"
    if _JSON_OBJECT.match(head):
        return "jsonl" if _JSON_LINE.match(head) else "json"
    return None


def looks_like_text(head: bytes) -> bool:
    """Whether bytes without a known format are at least text, which is then a page."""
    return bool(head) and not _UNPRINTABLE.search(head)


def has_page_labels(head: bytes) -> bool:
    """Whether a text has a date line or a source line as pages in our layouts have them."""
    return _PAGE_LABELS.search(head) is not None
