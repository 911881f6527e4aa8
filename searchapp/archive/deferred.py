"""The archive beside an open index: a search reads nothing of it, so it is opened when it is first asked."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from searchapp.archive.header import is_of_this_version
from searchapp.errors import SearchAppError

if TYPE_CHECKING:
    from searchapp.archive.reading import ArchiveReader


class DeferredArchive:
    """Opens an `ArchiveReader` at the first call that needs it. It may be used from many threads."""

    def __init__(self, path: Path) -> None:
        """Look at the archive's header; where that leaves any doubt, open it now.

        Raises:
            IndexMissing: there is no archive.
            IndexBroken: it cannot be read or is of another version.
        """
        self._path = path
        self._lock = threading.Lock()
        self._closed = False
        self._opened = None if is_of_this_version(path) else self._open()

    def reader(self) -> ArchiveReader:
        """The archive, open. Raises `IndexBroken` as opening does."""
        opened = self._opened
        if opened is not None:
            return opened
        with self._lock:
            if self._closed:
                raise SearchAppError("this archive was closed; open it again with open_index")
            if self._opened is None:
                self._opened = self._open()
            return self._opened

    def _open(self) -> ArchiveReader:
        # SQLite, and what unpacks articles, take longer to import than a search takes to answer.
        from searchapp.archive.reading import ArchiveReader  # noqa: PLC0415

        return ArchiveReader(self._path)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._closed = True
            if self._opened is not None:
                self._opened.close()
