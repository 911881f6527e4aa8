"""The data directory: where its files are, which index is current, and who may write.

```
archive.sqlite   the truth             write.lock      held while writing
CURRENT          number of the index   segments/<n>/   an index, derived
rejects.jsonl    what was not taken, derived
variants.bin     spelling variants, derived
variants.tsv     pairs of spellings that the user adds or forbids
outlets.tsv      names of outlets, written by the user
```
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

from searchapp.archive.lock import WriteLock, is_locked
from searchapp.errors import IndexBroken, IndexMissing, UsageError

ARCHIVE: Final = "archive.sqlite"
CURRENT: Final = "CURRENT"
LOCK: Final = "write.lock"
REJECTS: Final = "rejects.jsonl"
OUTLETS: Final = "outlets.tsv"
SEGMENTS: Final = "segments"
VARIANTS: Final = "variants.bin"
USER_VARIANTS: Final = "variants.tsv"
_TEMPORARY: Final = ".new"
_OURS: Final = frozenset(
    {*(ARCHIVE + part for part in ("", "-journal", "-shm", "-wal")), CURRENT, LOCK, REJECTS, SEGMENTS}
    | {OUTLETS, VARIANTS, USER_VARIANTS, "README.md"}
)
"""README.md: the project's own empty `index/` has one."""


class DataDirectory:
    """Paths and the pointer to the current index. Nothing is touched before a method says so."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.archive = self.path / ARCHIVE
        self.rejects = self.path / REJECTS
        self.outlets = self.path / OUTLETS
        self.variants = self.path / VARIANTS
        self.user_variants = self.path / USER_VARIANTS
        self._current = self.path / CURRENT
        self._segments = self.path / SEGMENTS
        self._lock = self.path / LOCK

    @contextmanager
    def writing(self, *, create: bool) -> Iterator[None]:
        """Hold the write lock; with `create`, make the directory first. What killed runs left over is removed.

        Raises:
            UsageError: the path is a file, is someone else's directory, or cannot be written to.
            IndexMissing: there is no archive, and `create` is not set.
            IndexBusy: another process is writing.
        """
        if not create:
            self.require_archive()
        self._prepare()
        with WriteLock(self._lock):
            self._remove_unfinished()
            yield

    def is_being_written(self) -> bool:
        """Whether a writer holds the lock now."""
        return is_locked(self._lock)

    def owns(self, path: Path) -> bool:
        """Whether a path is this folder, or a file of ours in it, which nobody else may write to."""
        inside, folder = path.resolve(), self.path.resolve()
        return inside == folder or (inside.is_relative_to(folder) and inside.relative_to(folder).parts[0] in _OURS)

    def require_archive(self) -> None:
        """Check that there is an archive to work on.

        Raises:
            UsageError: the path is a file.
            IndexMissing: there is none; the message says how to make one.
        """
        if self.path.exists() and not self.path.is_dir():
            raise UsageError(f"{self.path} is a file; the data directory must be a folder")
        if not self.archive.is_file():
            raise IndexMissing(f"no archive in {self.path}; make one with: searchapp index PATH… --index {self.path}")

    def current(self) -> int | None:
        """The number of the current index, or None before the first one is complete.

        Raises:
            IndexBroken: CURRENT holds no number, or is a folder.
        """
        try:
            text = self._current.read_text(encoding="utf-8", errors="replace").strip()
        except FileNotFoundError:
            return None
        except IsADirectoryError as error:
            raise self._current_is_folder() from error
        if not (text.isascii() and text.isdigit()):
            raise IndexBroken(f"{self._current} holds no number; run: searchapp rebuild --index {self.path}")
        return int(text)

    def current_index(self) -> tuple[int, Path]:
        """The current index's number and directory.

        Raises:
            IndexBroken: there is none.
        """
        number = self.current()
        if number is None or not self.index(number).is_dir():
            raise IndexBroken(
                f"{self.path} has an archive but no index; make it with: searchapp rebuild --index {self.path}"
            )
        return number, self.index(number)

    def index(self, number: int) -> Path:
        """Where the index of this number is or will be."""
        return self._segments / str(number)

    def index_bytes(self) -> int:
        """The size of the current index on the disk; 0 without one."""
        number = self.current()
        files = self.index(number).rglob("*") if number is not None else ()
        return sum(file.stat().st_size for file in files if file.is_file())

    def new_index(self) -> tuple[int, Path]:
        """Make an empty directory for the next index; it counts only after `swap`.

        Raises:
            IndexBroken: CURRENT is a folder, so that nothing can be put in its place.
        """
        if self._current.is_dir():
            raise self._current_is_folder()
        number = max([*self._numbers(), self._readable_current() or 0]) + 1
        path = self.index(number)
        path.mkdir(parents=True)
        return number, path

    def swap(self, number: int) -> None:
        """Make this index the current one, at once and durably.

        The one it replaces stays until the next writer, for readers that are just opening it; older ones go.
        """
        replaced = self._readable_current()
        for named in (self.index(number), self._segments, self.path):  # all that CURRENT leads to, before its own name
            sync_directory(named)
        replace_file(self._current, f"{number}\n".encode())
        self._remove_indexes(keep={number, replaced})

    def stamp(self) -> tuple[int, int]:
        """What changes whenever CURRENT is replaced; cheap to ask. Zeros when there is no CURRENT."""
        try:
            status = self._current.stat()
        except FileNotFoundError:
            return 0, 0
        return status.st_ino, status.st_mtime_ns

    def _prepare(self) -> None:
        try:
            self._make()
            strangers = sorted(entry.name for entry in self.path.iterdir() if not _is_ours(entry.name))
        except (FileExistsError, NotADirectoryError) as error:
            raise UsageError(f"{self.path} is a file; the data directory must be a folder") from error
        except PermissionError as error:
            raise _not_writable(self.path) from error
        if strangers and not self.archive.exists():
            raise UsageError(
                f"{self.path} holds other files ({strangers[0]}); name an empty or a new folder with --index"
            )
        if not os.access(self.path, os.W_OK | os.X_OK):
            raise _not_writable(self.path)

    def _make(self) -> None:
        """Make the directory; its name is durable before there is anything in it to lose."""
        missing = [path for path in (self.path, *self.path.parents) if not path.exists()]
        self.path.mkdir(parents=True, exist_ok=True)
        if self.archive.exists():
            return
        for path in missing or [self.path]:
            with suppress(PermissionError):  # a parent that one may pass through but not list
                sync_directory(path.absolute().parent)

    def _current_is_folder(self) -> IndexBroken:
        return IndexBroken(
            f"{self._current} is a folder, where a file with the number of the index must be; move it away, then run: "
            f"searchapp rebuild --index {self.path}"
        )

    def _readable_current(self) -> int | None:
        """The current index's number as far as a rebuild, which mends a broken CURRENT, needs to know."""
        try:
            return self.current()
        except IndexBroken:
            return None

    def _remove_unfinished(self) -> None:
        """Remove indexes that never became current, and those that were replaced."""
        with suppress(IndexBroken):
            self._remove_indexes(keep={self.current()})

    def _numbers(self) -> list[int]:
        if not self._segments.is_dir():
            return []
        return [int(entry.name) for entry in self._segments.iterdir() if entry.name.isdigit()]

    def _remove_indexes(self, keep: set[int | None]) -> None:
        from shutil import rmtree  # noqa: PLC0415 (it brings all of compression along; readers remove nothing)

        for number in set(self._numbers()) - keep:
            rmtree(self.index(number))


def replace_file(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, durably: a new file is renamed over the old one."""
    with replacing(path) as file:
        file.write(content)


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A new file that takes the place of another, durably, when the block ends without an error, and else goes."""
    temporary = path.with_name(path.name + _TEMPORARY)
    try:
        with temporary.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def sync_directory(path: Path) -> None:
    """Make names in a directory durable."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _is_ours(name: str) -> bool:
    return name in _OURS or name.startswith(".") or name.endswith(_TEMPORARY)


def _not_writable(path: Path) -> UsageError:
    return UsageError(f"{path} cannot be written to; change its permissions, or name another folder with --index")
