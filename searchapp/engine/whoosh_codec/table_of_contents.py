"""Whoosh's own table of contents beside a commit, so that `whoosh.index.open_dir` opens the index.

Whoosh pickles it, with our classes by name: when they move, Whoosh opens an index again after its next commit. We only
ever write it, and no part of the product reads it back.
"""

from __future__ import annotations

import os
from pathlib import Path

from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC

from searchapp.engine.storage.commits import INDEX_NAME, Commit, sync_directory, table_of_contents
from searchapp.engine.whoosh_codec.codec import CommittedSegment
from searchapp.engine.whoosh_codec.schema import make_schema


class _DurableStorage(FileStorage):  # type: ignore[misc]
    """Whoosh itself never calls fsync."""

    def rename_file(self, oldname: str, newname: str, safe: bool = False) -> None:
        """Put a file in place, in one step and durably, whether or not one of that name is there."""
        folder = Path(self.folder)
        with (folder / oldname).open("rb") as file:
            os.fsync(file.fileno())
        (folder / oldname).replace(folder / newname)
        sync_directory(folder)


def write_table_of_contents(directory: Path, commit: Commit) -> None:
    """Name a commit's segments for Whoosh, and take away the tables of other commits.

    The commit must be written already, and files that only older commits name must still be there: until this returns,
    Whoosh sees the commit before.
    """
    segments = [CommittedSegment(entry) for entry in commit.segments]
    TOC(make_schema(), segments, commit.number).write(_DurableStorage(str(directory)), INDEX_NAME)
    for path in directory.glob(f"_{INDEX_NAME}_*.toc*"):
        if path != table_of_contents(directory, commit):
            path.unlink()
