"""The archive's tables, and how a connection to them is opened.

Every row ends in a checksum of its other columns, so that a flipped bit in any value is found: SQLite's own
`integrity_check` sees only damage to the structure of the file.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import quote

from searchapp.errors import IndexBroken, IndexBusy, IndexMissing, SearchAppError

APPLICATION_ID: Final = 0x41524E57
"""Marks the file as ours in SQLite's header (the letters ARNW)."""
SCHEMA_VERSION: Final = 1
BUSY_SECONDS: Final = 5.0
"""How long a reader waits while a checkpoint of the writer holds the file."""

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
    ),
    "versions": ("number", "article", "page", "content", "data"),
    "rejects": ("number", "source", "line", "offset", "reason"),
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
    raw BLOB NOT NULL,              -- the page as read, zlib
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
    data BLOB,                      -- the article as JSON, zlib
    checksum BLOB NOT NULL,
    CHECK ((state = 'live') = (story IS NOT NULL)),
    CHECK ((state = 'deleted') = (data IS NULL))
) STRICT;
CREATE INDEX articles_story ON articles (story) WHERE story IS NOT NULL;
CREATE INDEX articles_fold_key ON articles (fold_key) WHERE story IS NOT NULL AND fold_key IS NOT NULL;
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


def checksum_expression(table: str, prefix: str = "") -> str:
    """SQL for the checksum of a row of `table`; `prefix` is ":" for parameters, "alias." for columns of a join."""
    return f"checksum({', '.join(f'CAST({prefix}{column} AS BLOB)' for column in COLUMNS[table])})"


def insert_statement(table: str) -> str:
    """SQL that puts a row, given as named parameters, into `table` with its checksum."""
    names = COLUMNS[table]
    values = ", ".join(f":{name}" for name in names)
    return (
        f"INSERT INTO {table} ({', '.join(names)}, checksum) "  # noqa: S608 - names of the schema only
        f"VALUES ({values}, {checksum_expression(table, ':')})"
    )


def update_statement(table: str) -> str:
    """SQL that puts a row, given whole as named parameters, in place of the one with its number."""
    values = ", ".join(f"{name} = :{name}" for name in COLUMNS[table][1:])
    return (
        f"UPDATE {table} SET {values}, checksum = {checksum_expression(table, ':')} "  # noqa: S608 - schema names only
        "WHERE number = :number"
    )


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
        _add_checksum(connection)
        if _is_blank(connection):
            _create_tables(connection)
        _check_version(connection, path)
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
        _add_checksum(connection)
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

    SQLite reads a WAL archive with the help of a file beside it, which it cannot make in a read-only directory. There,
    when no writer left its changes in the log, the archive's own file is complete and can be read without that help.
    """
    if os.access(path.parent, os.W_OK):
        return False
    log = path.with_name(path.name + "-wal")
    return not log.exists() or log.stat().st_size == 0


def storage_error(path: Path, error: sqlite3.Error) -> SearchAppError:
    """What an error of SQLite means to a person: no room, no permission, another program's lock, or damage."""
    code = getattr(error, "sqlite_errorcode", None)
    if code == sqlite3.SQLITE_FULL:
        return no_space(path.parent)
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return IndexBusy(f"another program holds the archive {path}; close it and try again")
    if code in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY_DIRECTORY}:
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


def row_checksum(*values: bytes | None) -> bytes:
    """Eight bytes over the values of a row, each with its length, so that no two rows share their bytes."""
    digest = hashlib.blake2b(digest_size=8)
    for value in values:
        if value is None:
            digest.update(b"-")
        else:
            digest.update(b"%d:" % len(value))
            digest.update(value)
    return digest.digest()


def _add_checksum(connection: sqlite3.Connection) -> None:
    connection.create_function("checksum", -1, row_checksum, deterministic=True)


def _is_blank(connection: sqlite3.Connection) -> bool:
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    return not tables and not _pragma(connection, "application_id")


def _create_tables(connection: sqlite3.Connection) -> None:
    """All tables and the version in one transaction: after a crash there is a whole archive or a blank file."""
    connection.executescript(
        f"BEGIN IMMEDIATE; {_TABLES} PRAGMA application_id = {APPLICATION_ID}; "
        f"PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
    )


def _check_version(connection: sqlite3.Connection, path: Path) -> None:
    if _pragma(connection, "application_id") != APPLICATION_ID:
        raise IndexBroken(
            f"{path} is an SQLite file, but not an archive of searchapp; name another directory with --index"
        )
    version = _pragma(connection, "user_version")
    if version != SCHEMA_VERSION:
        raise IndexBroken(
            f"the archive {path} is of version {version}, this program reads version {SCHEMA_VERSION}; "
            "use the program that made it, or index the sources into a new directory"
        )


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    value: int = connection.execute(f"PRAGMA {name}").fetchone()[0]
    return value


def _uri(path: Path) -> str:
    mode = "mode=ro&immutable=1" if needs_immutable(path) else "mode=ro"
    return f"file:{quote(os.fsencode(path.absolute()))}?{mode}"
