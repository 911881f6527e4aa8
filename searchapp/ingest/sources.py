"""Finding the input files below the paths that a user names.

A file's name says its format (`formats`), and its content does where the name says nothing or what other programs call
their files, too; of a compressed file, what is inside. In folders, hidden files and files of other formats are left
out, and so is what a file `.searchappignore` lists: one pattern a line (`*`, `?`, `[…]`), `#` begins a comment, a
closing `/` means folders only. A pattern holds in its file's folder and all below it, for names and for paths counted
from that folder. A file that the user names singly is always taken. `-` is the standard input.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from searchapp.errors import UsageError
from searchapp.ingest.encodings import encoding_of, in_utf8
from searchapp.ingest.formats import (
    ENDINGS,
    Compression,
    Layout,
    format_named,
    has_page_labels,
    layout_of,
    looks_like_text,
)

IGNORE_FILE: Final = ".searchappignore"

STANDARD_INPUT: Final = Path("-")
"""The path that stands for what is piped in; a file of this name is reached as ./-"""
_EXPANSION: Final = 4
"""How many times its size a compressed file of news holds, about."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One input file. `named` is the path as the user reached it, for messages; `name` is the file's name alone.

    `layout` and `compression` are what the name says; the content may say better. `layout` is None where the name says
    nothing. `size` is in bytes as stored; `modified_ns` is the time of the last change in nanoseconds since 1970.
    """

    path: Path
    named: str
    name: str
    layout: Layout | None
    compression: Compression
    size: int
    modified_ns: int

    @property
    def unpacked_size(self) -> int:
        """Bytes that it holds, about; of the standard input nothing is known."""
        return self.size if self.compression == "none" else self.size * _EXPANSION


@dataclass(frozen=True, slots=True)
class _IgnoreRule:
    """One pattern of an ignore file and the folder that it counts from."""

    folder: Path
    pattern: str
    folders_only: bool

    def matches(self, path: Path, *, is_folder: bool) -> bool:
        if self.folders_only and not is_folder:
            return False
        below = path.relative_to(self.folder).as_posix()
        return fnmatchcase(path.name, self.pattern) or fnmatchcase(below, self.pattern)


def find_sources(paths: Sequence[Path]) -> list[SourceFile]:
    """Return the input files at and below the paths, sorted by path, each once however often it is reached.

    Folders that are symbolic links are not entered, so that no loop can be walked. What goes while folders are looked
    through is left out: who writes into them may move files there, or away.

    Raises:
        UsageError: A path does not exist or cannot be read, or a file named singly is of no known format.
    """
    found: dict[Path, SourceFile] = {}
    for path in paths:
        if path == STANDARD_INPUT:
            found[path] = SourceFile(path, "-", "standard-input", None, "none", 0, time.time_ns())
            continue
        for file in _files_at(path):
            with suppress(FileNotFoundError):
                found.setdefault(file.resolve(), _describe(file))
    return sorted(found.values(), key=lambda source: source.path.parts)


def _files_at(path: Path) -> Iterator[Path]:
    """The files that one named path stands for."""
    if path.is_dir():
        yield from _walk(path, ())
    elif not path.exists():
        raise UsageError(f"{_readable(path)}: no such file or folder")
    elif not path.is_file():
        raise UsageError(f"{_readable(path)}: not a file; pipe it in, and name the input -")
    elif not _is_known(path, singly=True):
        known, packed = " ".join(sorted(ENDINGS.layouts)), " ".join(sorted(ENDINGS.compressions))
        raise UsageError(f"{_readable(path)}: not a file of a known format ({known}, each also with {packed})")
    else:
        yield path


def _walk(folder: Path, inherited: tuple[_IgnoreRule, ...]) -> Iterator[Path]:
    """The input files below a folder, in order of name."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except FileNotFoundError:
        return
    except OSError as error:
        advice = f"; a {IGNORE_FILE} in the folder above it, with its name, leaves it out"
        raise UsageError(f"{_readable(folder)}: the folder cannot be read: {error.strerror}{advice}") from error
    rules = inherited + _ignore_rules(folder)
    for entry in entries:
        path, is_folder = folder / entry.name, entry.is_dir(follow_symlinks=False)
        if entry.name.startswith(".") or any(rule.matches(path, is_folder=is_folder) for rule in rules):
            continue
        if is_folder:
            yield from _walk(path, rules)
        elif path.is_file() and _is_known(path, singly=False):
            yield path


def _ignore_rules(folder: Path) -> tuple[_IgnoreRule, ...]:
    """The rules of a folder's own ignore file, if it has one."""
    file = folder / IGNORE_FILE
    try:
        lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{_readable(file)}: cannot be read: {error}") from error
    patterns = (line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#"))
    return tuple(_IgnoreRule(folder, pattern.strip("/"), pattern.endswith("/")) for pattern in patterns)


def _is_known(path: Path, *, singly: bool) -> bool:
    """Whether a file is of a known format by its name, or where that does not tell, by its content."""
    layout, compression = format_named(path.name)
    if layout is not None and (compression != "none" or path.suffix.lower() not in ENDINGS.looked_into):
        return True
    try:
        return _is_known_inside(path, _head_of(path), singly=singly)
    except OSError:
        return layout is not None  # reading it will tell what is wrong


def _head_of(path: Path) -> bytes:
    from searchapp.ingest.readers.streams import uncompressed_head  # noqa: PLC0415 - that imports this module

    with path.open("rb") as file:
        head = uncompressed_head(file)
    return in_utf8(head, encoding_of(head))


def _is_known_inside(path: Path, head: bytes, *, singly: bool) -> bool:
    """Whether a file whose uncompressed content begins so, in UTF-8 if it is text, is of a known format.

    In folders, names with other endings are those of other programs. What is left is a page where it has the labels of
    one, or is named singly and has no ending.
    """
    from searchapp.ingest.readers.tables import is_table  # noqa: PLC0415 - that imports this module

    if layout_of(head, None) is not None:
        return True
    has_ending = bool(Path(path.stem if format_named(path.name)[1] != "none" else path.name).suffix)
    if has_ending and not singly:
        return False
    is_page = has_page_labels(head) or (singly and not has_ending)
    return is_table(head) or (is_page and looks_like_text(head))


def _describe(path: Path) -> SourceFile:
    """What is known of a file before it is read.

    Raises:
        FileNotFoundError: It is gone.
        UsageError: It cannot be looked at.
    """
    layout, compression = format_named(path.name)
    try:
        status = path.stat()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise UsageError(f"{_readable(path)}: cannot be read: {error.strerror}") from error
    named = _readable(path)
    return SourceFile(path, named, _readable(Path(path.name)), layout, compression, status.st_size, status.st_mtime_ns)


def _readable(path: Path) -> str:
    """The path as text; a name that is not UTF-8 keeps what can be read of it, so that it can be stored and printed."""
    return os.fsencode(path).decode("utf-8", errors="replace")
