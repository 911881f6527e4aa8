"""How a connection to the archive is opened, and what SQLite's errors mean to a person."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final
from urllib.parse import quote

from searchapp.archive.header import APPLICATION_ID, SCHEMA_VERSION
from searchapp.archive.schema import ALL_TABLES, OLDEST_VERSION, checksum_of
from searchapp.errors import IndexBroken, IndexBusy, IndexMissing, SearchAppError

BUSY_SECONDS: Final = 5.0
"""How long a reader waits while a checkpoint of the writer holds the file."""
CHECKPOINT_PAGES: Final = 8_192
"""So many pages of 4 KB are in the log before they go to the archive's own file, each once; usually 1,000 are. What is
committed is synced in the log already."""
WRITER_CACHE_BYTES: Final = 32 << 20
"""Pages that the writer holds: those that say what articles have in common are read again with each batch."""
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


def open_for_writing(path: Path) -> sqlite3.Connection:
    """Open the archive, or make an empty one. Commits survive a loss of power.

    Raises:
        IndexBroken: the file is not an archive, or of another version.
    """
    # SQLite would make it writable for its owner alone, whatever the umask lets a group do. Only what is new is opened:
    # closing a file drops the locks that other connections of this process hold on it.
    with suppress(OSError):  # it is there, or SQLite says what is wrong
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666))
    connection = _connect(path)
    with _closed_on_error(connection, path):
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA cache_size = -{WRITER_CACHE_BYTES // 1024}")
        connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
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
    if not path.exists():
        raise IndexMissing(f"there is no archive {path}; make it with: searchapp index PATH… --index {path.parent}")
    connection = _connect(path, _uri(path))
    with _closed_on_error(connection, path):
        _prepare(connection)
        if _is_blank(connection):
            raise IndexMissing(
                f"the archive {path} is empty; make it with: searchapp index PATH… --index {path.parent}"
            )
        _check_version(connection, path)
    return connection


def _connect(path: Path, uri: str = "") -> sqlite3.Connection:
    """A connection to the archive, in the words of SQLite's URI where there is one."""
    try:
        return sqlite3.connect(
            uri or path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, uri=bool(uri)
        )
    except sqlite3.Error as error:
        raise storage_error(path, error, opening=True) from error


@contextmanager
def _closed_on_error(connection: sqlite3.Connection, path: Path) -> Iterator[None]:
    """Close a connection whose opening fails; SQLite's errors come out as the product's own."""
    try:
        yield
    except sqlite3.Error as error:
        connection.close()
        raise storage_error(path, error, opening=True) from error
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


def storage_error(path: Path, error: sqlite3.Error, *, opening: bool = False) -> SearchAppError:
    """What an error of SQLite means to a person: no room, no permission, another program's lock, or damage.

    Damage that shows while `opening` leaves nothing to be read, and nothing for `searchapp verify` to list.
    """
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
    return _unreadable(path, error) if opening else _damaged(path, error)


def no_space(directory: Path) -> SearchAppError:
    """The error for a full disk."""
    return SearchAppError(
        f"no space left for {directory}; what was acknowledged is safe. Make room and run the same command again"
    )


def _unreadable(path: Path, error: Exception) -> IndexBroken:
    return IndexBroken(
        f"the archive {path} cannot be opened ({error}), and nothing in it can be read. Backups, exports and the files "
        f"that were indexed are untouched: put a backup of {path.parent} in its place, or make a new folder from an "
        "export or those files: searchapp index PATH… --index NEW"
    )


def _damaged(path: Path, error: Exception) -> IndexBroken:
    return IndexBroken(
        f"the archive {path} cannot be read ({error}); list the damage with: "
        f"searchapp verify --index {path.parent}, then restore it from a backup, or index the sources into a new folder"
    )


def _checksum_in_sql(*values: bytes | None) -> bytes:
    """The checksum of a row's values, which SQL has cast to bytes."""
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
        f"BEGIN IMMEDIATE; {ALL_TABLES} "
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
