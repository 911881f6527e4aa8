"""Commits: which segments, with which deleted documents, make up the index at one generation.

A commit is one small JSON file, `commit.<number>.json`, put in place by rename after everything that it names has been
synced to disk: a reader sees the commit before or the commit after, whatever fails in between. Files that no commit
names are leftovers of a writer that died, and the next commit removes them.
"""

from __future__ import annotations

import json
import os
import re
import zlib
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from searchapp.analysis import ANALYZER_VERSION
from searchapp.engine.storage import shelf
from searchapp.engine.storage.container import SegmentFile
from searchapp.engine.storage.file_writing import write_segment_file
from searchapp.engine.storage.segment import SUFFIX
from searchapp.errors import IndexBroken
from searchapp.frozen import dataclass

FORMAT: Final = 4
DELETES_SUFFIX: Final = ".del"
INDEX_NAME: Final = "MAIN"
"""The name that Whoosh gives an index when it is not told one (`whoosh.index`)."""
_WHOOSH_FOLDER: Final = f"{INDEX_NAME}.tmp"
"""Where a writer of Whoosh's keeps what it has not merged yet."""
_COMMIT: Final = re.compile(r"commit\.(\d+)\.json", re.ASCII)
_LEFTOVER: Final = re.compile(rf"{_COMMIT.pattern}|{INDEX_NAME}(\.tmp|_\w+(\.\w+)?)", re.ASCII)
_FILE_NAME: Final = re.compile(r"\w[\w.-]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class SegmentEntry:
    """One segment of a commit; `deletes` is the file with its deleted documents, `deleted` how many they are."""

    name: str
    documents: int
    deletes: str | None = None
    deleted: int = 0


@dataclass(frozen=True, slots=True)
class Commit:
    """One state of the index. `number` rises by one a commit; `next_segment` is never used twice in a directory.

    `archive_sequence` is the archive's sequence number up to which it is complete.
    """

    number: int
    archive_sequence: int
    next_segment: int
    segments: tuple[SegmentEntry, ...]


EMPTY: Final = Commit(0, 0, 0, ())


def latest_number(directory: Path) -> int:
    """The number of the newest commit, or -1 when there is none."""
    found = (_COMMIT.fullmatch(path.name) for path in directory.iterdir())
    return max((int(match[1]) for match in found if match), default=-1)


def read_commit(directory: Path, number: int) -> Commit:
    """Read one commit, by the number that `latest_number` gave.

    Raises:
        IndexBroken: there is none, it does not fit its checksum, or it was written by another version.
    """
    if number < 0:
        raise IndexBroken(f"{directory}: there is no commit in it; run searchapp rebuild")
    path = directory / f"commit.{number}.json"
    try:
        outer = json.loads(path.read_bytes())
        fields, check = outer["commit"], outer["crc32"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise IndexBroken(f"{path}: cannot be read: {error}; run searchapp rebuild") from error
    if zlib.crc32(_canonical(fields)) != check:
        raise IndexBroken(f"{path}: does not fit its checksum; run searchapp rebuild")
    versions = (fields.pop("format", None), fields.pop("analyzer", None)) if isinstance(fields, dict) else (None, None)
    if versions != (FORMAT, ANALYZER_VERSION):
        raise IndexBroken(
            f"{path}: has versions {versions[0]} and {versions[1]} of index and analysis, this program has "
            f"{FORMAT} and {ANALYZER_VERSION}; run searchapp rebuild"
        )
    try:
        commit = Commit(segments=tuple(SegmentEntry(**entry) for entry in fields.pop("segments")), **fields)
    except (KeyError, TypeError) as error:
        raise IndexBroken(f"{path}: cannot be read: {error}; run searchapp rebuild") from error
    if commit.number != number or not _is_plausible(commit):
        raise IndexBroken(f"{path}: says what no writer of searchapp writes; run searchapp rebuild")
    return commit


def _is_plausible(commit: Commit) -> bool:
    """Whether counts are counts, and names are those of files in the index's own directory."""
    counts: list[object] = [commit.archive_sequence, commit.next_segment]
    for entry in commit.segments:
        counts += [entry.documents, entry.deleted]
        names = [entry.name] if entry.deletes is None else [entry.name, entry.deletes]
        if not all(isinstance(name, str) and _FILE_NAME.fullmatch(name) for name in names):
            return False
    return all(type(count) is int and count >= 0 for count in counts)


def write_commit(directory: Path, commit: Commit) -> None:
    """Make a commit the newest, durably. What it names must be synced already."""
    fields = {"format": FORMAT, "analyzer": ANALYZER_VERSION, **asdict(commit)}
    text = json.dumps({"crc32": zlib.crc32(_canonical(fields)), "commit": fields}, indent=1)
    temporary = directory / "commit.new"
    with temporary.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    sync_directory(directory)
    temporary.rename(directory / f"commit.{commit.number}.json")
    sync_directory(directory)


def _canonical(fields: dict[str, Any]) -> bytes:
    return json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()


def table_of_contents(directory: Path, commit: Commit) -> Path:
    """Where the file is by which Whoosh opens a commit; nothing of ours reads it."""
    return directory / f"_{INDEX_NAME}_{commit.number}.toc"


def sync_directory(directory: Path) -> None:
    """Make the names in a directory durable."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def unnamed(directory: Path, commit: Commit) -> list[Path]:
    """What this commit does not name, and what a writer of Whoosh's leaves when it is refused."""
    named = {f"commit.{commit.number}.json"}
    named.update(f"{entry.name}{SUFFIX}" for entry in commit.segments)
    named.update(entry.deletes for entry in commit.segments if entry.deletes)
    suffixes = SUFFIX, DELETES_SUFFIX, shelf.SUFFIX
    return [
        path
        for path in directory.iterdir()
        if (path.suffix in suffixes or path.name == "commit.new" or _LEFTOVER.fullmatch(path.name))
        and path.name not in named
    ]


def remove_unnamed(directory: Path, commit: Commit) -> None:
    """Remove the files that this commit does not name; a reader that has them open keeps them."""
    for path in unnamed(directory, commit):
        if path.name == _WHOOSH_FOLDER and path.is_dir() and not path.is_symlink():
            from shutil import rmtree  # noqa: PLC0415 (it brings all of compression along, and is hardly ever needed)

            rmtree(path)
        else:
            path.unlink()


def write_deletes(path: Path, deleted: NDArray[np.bool_]) -> None:
    """Store which documents of a segment are deleted, one bit each."""
    write_segment_file(path, {"documents": len(deleted)}, {"deleted": np.packbits(deleted)})


def open_deletes(directory: Path, entry: SegmentEntry) -> SegmentFile | None:
    """The file with a segment's deleted documents; None when none is deleted."""
    return None if entry.deletes is None else SegmentFile(directory / entry.deletes)


def deleted_documents(file: SegmentFile, documents: int) -> NDArray[np.bool_]:
    """Which of so many documents a file of deletes names."""
    return np.unpackbits(file.touched("deleted"), count=documents).astype(bool)


def read_deletes(directory: Path, entry: SegmentEntry) -> NDArray[np.bool_] | None:
    """Which documents of a segment are deleted; None when none is."""
    file = open_deletes(directory, entry)
    return None if file is None else deleted_documents(file, entry.documents)


def entry_after(entry: SegmentEntry, directory: Path, deleted: NDArray[np.bool_], number: int) -> SegmentEntry:
    """Write a segment's deleted documents for commit `number`; returns its entry there."""
    name = f"{entry.name}.{number}{DELETES_SUFFIX}"
    (directory / name).unlink(missing_ok=True)  # of a writer that died before its commit of this number
    write_deletes(directory / name, deleted)
    return SegmentEntry(entry.name, entry.documents, name, int(deleted.sum()))
