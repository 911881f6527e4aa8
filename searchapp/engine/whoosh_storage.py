"""Whoosh's files on disk, made durable: Whoosh itself never calls fsync."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from whoosh.filedb.filestore import FileStorage

STATE_FILE: Final = "state.json"


def sync(path: Path) -> None:
    """Wait until a file's or a directory's content is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class DurableStorage(FileStorage):  # type: ignore[misc]
    """A directory in which a commit (Whoosh renames its table of contents into place) survives a power cut."""

    def rename_file(self, oldname: str, newname: str, safe: bool = False) -> None:
        """Rename after everything in the directory is on the disk; the rename itself is too on return."""
        folder = Path(self.folder)
        for path in folder.iterdir():
            if path.is_file():
                sync(path)
        super().rename_file(oldname, newname, safe=safe)
        sync(folder)


@dataclass(frozen=True, slots=True)
class State:
    """What goes with an index: versions of its format and of the analysis, and how far into the archive it reaches."""

    format_version: int
    analyzer_version: int
    archive_sequence: int

    def write(self, directory: Path) -> None:
        """Replace the state file at one stroke."""
        target = directory / STATE_FILE
        temporary = target.with_suffix(".tmp")
        temporary.write_text(json.dumps(asdict(self)), encoding="utf-8")
        sync(temporary)
        temporary.replace(target)
        sync(directory)

    @classmethod
    def read(cls, directory: Path) -> State:
        """Read the state file.

        Raises:
            OSError, ValueError, TypeError: it is missing or not what `write` wrote.
        """
        state = cls(**json.loads((directory / STATE_FILE).read_text(encoding="utf-8")))
        if not all(isinstance(value, int) for value in asdict(state).values()):
            raise ValueError(f"{STATE_FILE} holds something else than numbers")
        return state
