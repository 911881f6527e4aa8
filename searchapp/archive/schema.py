"""The archive's tables, and how a connection to them is opened.

Every row ends in a checksum of its other columns, so that a flipped bit in any value is found: SQLite's own
`integrity_check` sees only damage to the structure of the file.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import quote

from searchapp.errors import IndexBroken, IndexBusy, IndexMissing, SearchAppError

Value = int | str | bytes | None
"""What a column holds."""

APPLICATION_ID: Final = 0x41524E57
"""Marks the file as ours in SQLite's header (the letters ARNW)."""
SCHEMA_VERSION: Final = 3
OLDEST_VERSION: Final = 1
"""The oldest that `migration` can bring up to date."""
BUSY_SECONDS: Final = 5.0
"""How long a reader waits while a checkpoint of the writer holds the file."""
_HELPER_BYTES: Final = 32 * 1024
"""Room that SQLite needs for the file by which readers of a WAL archive find their way in the log."""
_STAT_BLOCK: Final = 512
"""Bytes in a unit of `st_blocks`."""
_WRITE_ERRORS: Final = frozenset(
    {
        sqlite3.SQLITE_IOERR_WRITE,
        sqlite3.SQLITE_IOERR_FSYNC,
        sqlite3.SQLITE_IOERR_DIR_FSYNC,
        sqlite3.SQLITE_IOERR_TRUNCATE,
        sqlite3.SQLITE_IOERR_SHMOPEN,
        sqlite3.SQLITE_IOERR_SHMSIZE,
        sqlite3.SQLITE_IOERR_SHMMAP,
    }
)
"""Errors that say nothing of what the archive holds: a write was refused."""

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
    raw BLOB NOT NULL,              -- the page as read, compressed
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
    data BLOB,                      -- the article as JSON, compressed
    length INTEGER,                 -- characters of the body
    leads INTEGER NOT NULL,         -- whether the story is made of this article and copies of it
    compared INTEGER NOT NULL,      -- whether fingerprints and copies are on record for its fold_key under its number
    accepted INTEGER,               -- when it first came, in seconds since 1970; NULL from before that was kept
    changed INTEGER,                -- when its content last changed, likewise
    language TEXT,
    date_origin TEXT,
    checksum BLOB NOT NULL,
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
COPY_TABLES: Final = """
CREATE TABLE copies (               -- pairs of articles that were judged copies, exact ones left out
    low INTEGER NOT NULL REFERENCES articles,
    high INTEGER NOT NULL REFERENCES articles,
    similarity INTEGER NOT NULL,    -- in ten thousandths
    reason TEXT NOT NULL,
    checksum BLOB NOT NULL,
    PRIMARY KEY (low, high)
) STRICT, WITHOUT ROWID;
CREATE INDEX copies_high ON copies (high);
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
DELETIONS_TABLE: Final = """
CREATE TABLE deletions (            -- articles that someone deleted
    article INTEGER PRIMARY KEY REFERENCES articles,
    source INTEGER REFERENCES sources,  -- where it came from
    deleted INTEGER NOT NULL,       -- when, in seconds since 1970
    checksum BLOB NOT NULL
) STRICT;
"""


def checksum_expression(table: str, prefix: str = "") -> str:
    """SQL for the checksum of a row of `table`; `prefix` is ":" for parameters, "alias." for columns of a join."""
    return f"checksum({', '.join(f'CAST({prefix}{column} AS BLOB)' for column in COLUMNS[table])})"


def insert_row_statement(table: str) -> str:
    """SQL that puts a row, given as values in the order of `COLUMNS` and their checksum, into `table`."""
    names = COLUMNS[table]
    marks = ", ".join("?" * (len(names) + 1))
    return f"INSERT INTO {table} ({', '.join(names)}, checksum) VALUES ({marks})"  # noqa: S608 - schema names only


def update_row_statement(table: str) -> str:
    """SQL that puts a row, given whole as for `insert_row_statement` and then its number, in place of that one."""
    values = ", ".join(f"{name} = ?" for name in (*COLUMNS[table], "checksum"))
    return f"UPDATE {table} SET {values} WHERE number = ?"  # noqa: S608 - schema names only


def with_checksum(table: str, row: Mapping[str, Value]) -> tuple[Value, ...]:
    """A row's values in the order of `COLUMNS`, and their checksum."""
    values = tuple(row[name] for name in COLUMNS[table])
    return (*values, checksum_of(values))


def open_for_writing(path: Path) -> sqlite3.Connection:
    """Open the archive, or make an empty one. Commits survive a loss of power.

    Raises:
        IndexBroken: the file is not an archive, or of another version.
    """
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    with _closed_on_error(connection, path):
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        _prepare(connection)
        if _is_blank(connection):
            _create_tables(connection)
        _check_version(connection, path, older=True)
    return connection


def open_for_reading(path: Path) -> sqlite3.Connection:
    """Open the archive so that nothing can be written; also where its directory cannot be written to.

    Raises:
        IndexMissing: there is no archive.
        IndexBroken: the file is not an archive, or of another version.
    """
    try:
        connection = sqlite3.connect(
            _uri(path), timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, uri=True
        )
    except sqlite3.Error as error:
        raise storage_error(path, error) from error
    with _closed_on_error(connection, path):
        _prepare(connection)
        if _is_blank(connection):
            raise IndexMissing(
                f"the archive {path} is empty; make it with: searchapp index PATH… --index {path.parent}"
            )
        _check_version(connection, path)
    return connection


@contextmanager
def _closed_on_error(connection: sqlite3.Connection, path: Path) -> Iterator[None]:
    """Close a connection whose opening fails; SQLite's errors come out as the product's own."""
    try:
        yield
    except sqlite3.Error as error:
        connection.close()
        raise storage_error(path, error) from error
    except BaseException:
        connection.close()
        raise


def needs_immutable(path: Path) -> bool:
    """Whether the archive must be opened as a file that nobody changes.

    SQLite reads a WAL archive with the help of a file beside it, which it cannot make in a read-only directory or on a
    full disk. There, when no writer left its changes in the log, the archive's own file is complete and can be read
    without that help.
    """
    if os.access(path.parent, os.W_OK) and _has_room_for_helper(path):
        return False
    log = path.with_name(path.name + "-wal")
    return not log.exists() or log.stat().st_size == 0


def _has_room_for_helper(path: Path) -> bool:
    room = os.statvfs(path.parent)
    helper = path.with_name(path.name + "-shm")
    held = helper.stat().st_blocks * _STAT_BLOCK if helper.exists() else 0
    return room.f_bavail * room.f_frsize + held >= _HELPER_BYTES


def storage_error(path: Path, error: sqlite3.Error) -> SearchAppError:
    """What an error of SQLite means to a person: no room, no permission, another program's lock, or damage."""
    extended = getattr(error, "sqlite_errorcode", 0)
    code = extended & 0xFF  # the kind; the other bits say which one of it
    if code == sqlite3.SQLITE_FULL:
        return no_space(path.parent)
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return IndexBusy(f"another program holds the archive {path}; close it and try again")
    if extended in _WRITE_ERRORS:
        return SearchAppError(
            f"the archive {path} cannot be written to ({error}): there is no space left for files in {path.parent}, or "
            "the disk fails; what was acknowledged is safe. Make room and run the same command again"
        )
    if extended == sqlite3.SQLITE_READONLY_ROLLBACK:  # only its making is journalled so; later there is a log
        return IndexMissing(
            f"the archive {path} was cut off while it was made; go on with: searchapp index PATH… --index {path.parent}"
        )
    if code in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN}:
        return SearchAppError(f"the archive {path} cannot be opened ({error}); check its permissions and its folder's")
    return _broken(path, error)


def no_space(directory: Path) -> SearchAppError:
    """The error for a full disk."""
    return SearchAppError(
        f"no space left for {directory}; what was acknowledged is safe. Make room and run the same command again"
    )


def _broken(path: Path, error: Exception) -> IndexBroken:
    return IndexBroken(
        f"the archive {path} cannot be read ({error}); list the damage with: "
        f"searchapp verify --index {path.parent}, then restore it from a backup, or index the sources into a new folder"
    )


def checksum_of(values: Sequence[Value]) -> bytes:
    """Eight bytes over the values of a row, each with its length, so that no two rows share their bytes."""
    parts = [
        b"-" if value is None else b"%d:%b" % (len(value), value)
        for value in [value if value is None or value.__class__ is bytes else str(value).encode() for value in values]
    ]
    return hashlib.blake2b(b"".join(parts), digest_size=8).digest()


def _checksum_in_sql(*values: bytes | None) -> bytes:
    """The same for values that SQL has cast to bytes."""
    return checksum_of(values)


def _prepare(connection: sqlite3.Connection) -> None:
    # The file may be a stranger's: its triggers and views may call nothing that reaches out of the database.
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    connection.create_function("checksum", -1, _checksum_in_sql, deterministic=True)


def _is_blank(connection: sqlite3.Connection) -> bool:
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    return not tables and not _pragma(connection, "application_id")


def _create_tables(connection: sqlite3.Connection) -> None:
    """All tables and the version in one transaction: after a crash there is a whole archive or a blank file."""
    connection.executescript(
        f"BEGIN IMMEDIATE; {_TABLES} {COPY_TABLES} {SKETCHES_TABLE} {DELETIONS_TABLE} "
        f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
    )


def _check_version(connection: sqlite3.Connection, path: Path, *, older: bool = False) -> None:
    """Refuse what is no archive or of another version; `older` says whether an older one will be migrated."""
    if _pragma(connection, "application_id") != APPLICATION_ID:
        raise IndexBroken(
            f"{path} is an SQLite file, but not an archive of searchapp; name another directory with --index"
        )
    version = _pragma(connection, "user_version")
    if version > SCHEMA_VERSION or version < OLDEST_VERSION:
        raise IndexBroken(
            f"the archive {path} is of version {version}, this program reads version {SCHEMA_VERSION}; "
            "use the program that made it, or index the sources into a new directory"
        )
    if version < SCHEMA_VERSION and not older:
        raise IndexBroken(
            f"the archive {path} is of the older version {version}; bring it up to date, with all that it holds, by: "
            f"searchapp rebuild --index {path.parent}"
        )


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    value: int = connection.execute(f"PRAGMA {name}").fetchone()[0]
    return value


def _uri(path: Path) -> str:
    mode = "mode=ro&immutable=1" if needs_immutable(path) else "mode=ro"
    return f"file:{quote(os.fsencode(path.absolute()))}?{mode}"
