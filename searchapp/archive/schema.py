"""The archive's tables, and the checksums of their rows.

Every row ends in a checksum of its other columns, so that a flipped bit in any value is found: SQLite's own
`integrity_check` sees only damage to the structure of the file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Final

Value = int | str | bytes | None
"""What a column holds."""

OLDEST_VERSION: Final = 1
"""The oldest that `migration` can bring up to date."""
COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "sources": ("number", "path", "named", "size", "modified_ns", "head", "mapping", "offset", "line", "complete"),
    "pages": ("number", "source", "line", "offset", "digest", "raw"),
    "stories": ("number", "sequence", "alive"),
    "articles": (
        "number",
        "id",
        "state",
        "page",
        "story",
        "found_on",
        "outlet",
        "date",
        "content",
        "fold_key",
        "data",
        "length",
        "leads",
        "compared",
        "accepted",
        "changed",
        "language",
        "date_origin",
    ),
    "versions": ("number", "article", "page", "content", "data"),
    "rejects": ("number", "source", "line", "offset", "reason"),
    "copies": ("low", "high", "similarity", "reason"),
    "splits": ("low", "high"),
    "deletions": ("article", "source", "deleted"),
    "fingerprint_runs": ("number", "level", "entries", "filter"),
    "fingerprints": ("run", "chunk", "first", "entries"),
    "sketches": ("article", "data"),
    "settings": ("name", "value"),
}

_TABLES: Final = """
CREATE TABLE sources (
    number INTEGER PRIMARY KEY,
    path BLOB NOT NULL UNIQUE,      -- the file, absolute, in the file system's own bytes
    named TEXT NOT NULL,            -- the file as the user last named it
    size INTEGER NOT NULL,
    modified_ns INTEGER NOT NULL,
    head BLOB NOT NULL,             -- fingerprint of the first bytes
    mapping TEXT NOT NULL,          -- the field names that it was read with
    offset INTEGER NOT NULL,        -- uncompressed bytes that are done
    line INTEGER NOT NULL,          -- the line that comes next
    complete INTEGER NOT NULL,
    checksum BLOB NOT NULL
) STRICT;
CREATE TABLE pages (
    number INTEGER PRIMARY KEY,
    source INTEGER NOT NULL REFERENCES sources,
    line INTEGER,
    offset INTEGER NOT NULL,
    digest BLOB NOT NULL,           -- SHA-256 of the page as read
    raw BLOB NOT NULL,              -- the page as read, compressed; empty where it stands behind its article
    checksum BLOB NOT NULL
) STRICT;
CREATE TABLE stories (
    number INTEGER PRIMARY KEY,
    sequence INTEGER NOT NULL UNIQUE,  -- of its last change
    alive INTEGER NOT NULL,
    checksum BLOB NOT NULL
) STRICT;
CREATE TABLE articles (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('live', 'dropped', 'deleted')),
    page INTEGER REFERENCES pages,
    story INTEGER REFERENCES stories,
    found_on TEXT,
    outlet TEXT,
    date TEXT,
    content BLOB,                   -- digest of data before compression
    fold_key BLOB,                  -- articles with the same key are one story; NULL folds with none
    length INTEGER,                 -- characters of the body
    leads INTEGER NOT NULL,         -- whether the story is made of this article and copies of it
    compared INTEGER NOT NULL,      -- whether fingerprints and copies are on record for its fold_key under its number
    accepted INTEGER,               -- when it first came, in seconds since 1970; NULL from before that was kept
    changed INTEGER,                -- when its content last changed, likewise
    language TEXT,
    date_origin TEXT,
    checksum BLOB NOT NULL,
    -- the article as JSON, and its page behind it if no other one came with that, compressed; last, as what comes
    -- after it is slow to reach
    data BLOB,
    CHECK ((state = 'live') = (story IS NOT NULL)),
    CHECK ((state = 'deleted') = (data IS NULL))
) STRICT;
CREATE INDEX articles_story ON articles (story) WHERE story IS NOT NULL;
CREATE INDEX articles_marked ON articles (fold_key) WHERE fold_key IS NOT NULL AND leads + compared > 0;
CREATE INDEX articles_unmarked ON articles (fold_key) WHERE fold_key IS NOT NULL AND leads + compared = 0;
CREATE INDEX articles_found_on ON articles (found_on) WHERE found_on IS NOT NULL;
CREATE INDEX articles_page ON articles (page);
CREATE TABLE versions (
    number INTEGER PRIMARY KEY,
    article INTEGER NOT NULL REFERENCES articles,
    page INTEGER NOT NULL REFERENCES pages,
    content BLOB NOT NULL,
    data BLOB NOT NULL,
    checksum BLOB NOT NULL
) STRICT;
CREATE INDEX versions_article ON versions (article);
CREATE INDEX versions_page ON versions (page);
CREATE TABLE rejects (
    number INTEGER PRIMARY KEY,
    source INTEGER NOT NULL REFERENCES sources,
    line INTEGER,
    offset INTEGER NOT NULL,
    reason TEXT NOT NULL,
    checksum BLOB NOT NULL
) STRICT;
CREATE INDEX rejects_source ON rejects (source, offset);
"""
COPIES_TABLE: Final = """
CREATE TABLE copies (               -- pairs of articles that were judged copies, exact ones left out
    low INTEGER NOT NULL REFERENCES articles,
    high INTEGER NOT NULL REFERENCES articles,
    similarity INTEGER NOT NULL,    -- in ten thousandths
    reason TEXT NOT NULL,
    checksum BLOB NOT NULL,
    PRIMARY KEY (high, low)         -- the later article first: new rows come at the end
) STRICT, WITHOUT ROWID;
CREATE INDEX copies_low ON copies (low, similarity);
"""
COPY_TABLES: Final = f"""
{COPIES_TABLE}
CREATE TABLE splits (               -- pairs of articles that someone took apart
    low INTEGER NOT NULL REFERENCES articles,
    high INTEGER NOT NULL REFERENCES articles,
    checksum BLOB NOT NULL,
    PRIMARY KEY (low, high)
) STRICT, WITHOUT ROWID;
CREATE INDEX splits_high ON splits (high);
CREATE TABLE fingerprint_runs (
    number INTEGER PRIMARY KEY,
    level INTEGER NOT NULL,
    entries INTEGER NOT NULL,
    filter BLOB NOT NULL,           -- bits
    checksum BLOB NOT NULL
) STRICT;
CREATE TABLE fingerprints (
    run INTEGER NOT NULL REFERENCES fingerprint_runs,
    chunk INTEGER NOT NULL,
    first INTEGER NOT NULL,         -- the first entry's bits, as a signed number
    entries BLOB NOT NULL,          -- sorted, 64 bits each
    checksum BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX fingerprints_run ON fingerprints (run, chunk, first);
CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    checksum BLOB NOT NULL
) STRICT, WITHOUT ROWID;
"""
SKETCHES_TABLE: Final = """
CREATE TABLE sketches (             -- of the compared articles that are long enough
    article INTEGER PRIMARY KEY,
    data BLOB NOT NULL,             -- as `dedupe.sketches` writes it
    checksum BLOB NOT NULL
) STRICT;
"""
LEADING_INDEX: Final = "CREATE INDEX articles_leading ON articles (story, length) WHERE leads;"
DELETIONS_TABLE: Final = """
CREATE TABLE deletions (            -- articles that someone deleted
    article INTEGER PRIMARY KEY REFERENCES articles,
    source INTEGER REFERENCES sources,  -- where it came from
    deleted INTEGER NOT NULL,       -- when, in seconds since 1970
    checksum BLOB NOT NULL
) STRICT;
"""
ALL_TABLES: Final = f"{_TABLES} {COPY_TABLES} {SKETCHES_TABLE} {DELETIONS_TABLE} {LEADING_INDEX}"


def checksum_expression(table: str, prefix: str = "") -> str:
    """SQL for the checksum of a row of `table`; `prefix` is ":" for parameters, "alias." for columns of a join."""
    return f"checksum({', '.join(f'CAST({prefix}{column} AS BLOB)' for column in COLUMNS[table])})"


def insert_row_statement(table: str) -> str:
    """SQL that puts a row, given as values in the order of `COLUMNS` and their checksum, into `table`."""
    names = COLUMNS[table]
    marks = ", ".join("?" * (len(names) + 1))
    return f"INSERT INTO {table} ({', '.join(names)}, checksum) VALUES ({marks})"  # noqa: S608 - schema names only


def update_row_statement(table: str) -> str:
    """SQL that puts a row, given as for `insert_row_statement`, in place of the one with its number.

    The number itself is not set: SQLite would take it for changed, and look for references to it in whole tables.
    """
    _, *names = COLUMNS[table]
    values = ", ".join(f"{name} = ?{at}" for at, name in enumerate((*names, "checksum"), start=2))
    return f"UPDATE {table} SET {values} WHERE number = ?1"  # noqa: S608 - schema names only


_VALUES_OF: Final = {table: itemgetter(*names) for table, names in COLUMNS.items()}


def with_checksum(table: str, row: Mapping[str, Value]) -> tuple[Value, ...]:
    """A row's values in the order of `COLUMNS`, and their checksum."""
    values = _VALUES_OF[table](row)
    return (*values, checksum_of(values))


def with_checksums(table: str, rows: Iterable[Mapping[str, Value]]) -> list[tuple[Value, ...]]:
    """The same of many rows."""
    return [(*values, checksum_of(values)) for values in map(_VALUES_OF[table], rows)]


def checksum_of(values: Sequence[Value]) -> bytes:
    """Eight bytes over the values of a row, each with its length, so that no two rows share their bytes."""
    parts = []
    for value in values:
        if value is None:
            parts.append(b"-")
            continue
        data = value if type(value) is bytes else b"%d" % value if type(value) is int else str(value).encode()
        parts += (_LENGTHS[len(data)], data)
    return hashlib.blake2b(b"".join(parts), digest_size=8).digest()


class _Lengths(dict[int, bytes]):
    """Lengths as checksums have them; most rows' are short and come again."""

    def __missing__(self, length: int) -> bytes:
        written = b"%d:" % length
        if length <= _LONGEST_KEPT:
            self[length] = written
        return written


_LONGEST_KEPT: Final = 1 << 14
_LENGTHS: Final = _Lengths()
