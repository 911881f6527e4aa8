"""One writer at a time: a lock of the kernel, which lets go of it when its process ends, however it ends.

Linux and macOS only (`fcntl`); and local file systems only, as for the archive.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from searchapp.errors import IndexBusy


class WriteLock:
    """Held from `__enter__` to `__exit__`. The file stays; only the kernel's lock on it counts."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor = -1

    def __enter__(self) -> Self:
        """Take the lock at once or not at all.

        Raises:
            IndexBusy: another process, or another part of this one, holds it; the message says which.
        """
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.pread(descriptor, 200, 0).decode("utf-8", "replace").strip()
            os.close(descriptor)
            raise IndexBusy(_busy_message(self._path.parent, holder)) from error
        from socket import gethostname  # noqa: PLC0415 (readers of an archive take no lock)

        with suppress(OSError):  # on a full disk the lock holds all the same, and only its holder's name is missing
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()} {gethostname()}\n".encode(), 0)
        self._descriptor = descriptor
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Let go of the lock."""
        os.close(self._descriptor)


def is_locked(path: Path) -> bool:
    """Whether a writer holds the lock now; readers may ask, also in a read-only directory."""
    with suppress(FileNotFoundError):
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
    return False


def _busy_message(directory: Path, holder: str) -> str:
    process, _, host = holder.partition(" ")
    who = f"process {process} on {host}" if host else "another process"
    return f"{who} is writing to {directory}; wait until it is done, or stop it"
