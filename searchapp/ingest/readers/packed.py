"""ZIP and tar files: each member is read as a file of its own.

Nothing is unpacked to disk. A member's name is used in messages and, without its folders, in derived ids; so it may be
anything. What is not a plain file in them, as links and devices, is rejected.
"""

from __future__ import annotations

import os
import re
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, BinaryIO, Final, cast

from searchapp.ingest.formats import format_named, layout_of
from searchapp.ingest.readers.inputs import BROKEN, Input, Item, Reader, Start
from searchapp.ingest.readers.streams import DamagedStream, Readable, compression_of, forward, spooled

MEMBER_SPAN: Final = 1 << 40
"""Positions that each member has; more than `config.Limits.expanded_bytes`."""

_HEADER_BYTES: Final = 1 << 24
"""More than any header of a tar file needs; one may claim any length."""

_END_RECORD: Final = b"PK\x05\x06"
_LONG_END_RECORD: Final = b"PK\x06\x06"
_LONG_END_BYTES: Final = 56
_END_WITHIN: Final = 200 + 0xFFFF
_UNSEEN: Final = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffd]")
_NAME_CHARACTERS: Final = 200
_FAULTS: Final = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
    KeyError,
    struct.error,
)
"""What the libraries raise of a packed file that is damaged or made to harm; NotImplementedError is a RuntimeError."""


@dataclass(frozen=True, slots=True)
class _Member:
    """One plain file in a packed one. `problem` says why it is not read."""

    name: str
    open: Callable[[], Readable]
    problem: str | None = None


def read_zip(opened: Input, start: Start, read_one: Reader) -> Iterator[Item]:
    """The items of all members of a ZIP file."""
    stream = opened.stream
    try:
        if not opened.seekable:
            stream = spooled(opened.stream, opened.limits)
        _check_directory(stream, opened.limits.packed_directory_bytes)
        with zipfile.ZipFile(stream) as file:
            # Not by is_dir, which fails on a member without a name.
            members = (_zip_member(file, entry) for entry in file.infolist() if not entry.filename.endswith("/"))
            yield from _read_members(opened, members, start, read_one)
    except DamagedStream as error:
        yield opened.broken(error, start.offset)
    except _FAULTS as error:
        yield opened.broken(DamagedStream(f"the ZIP file is damaged: {error}"), start.offset)
    finally:
        if stream is not opened.stream:
            stream.close()


def _check_directory(stream: BinaryIO, limit: int) -> None:
    """See that the list of contents is not too long, before the library reads it whole.

    Raises:
        DamagedStream: It is.
    """
    size = stream.seek(0, os.SEEK_END)
    stream.seek(max(size - _END_WITHIN, 0))
    tail = stream.read(_END_WITHIN)
    at = tail.rfind(_END_RECORD)
    stream.seek(0)
    if at < 0 or len(tail) < at + 22:
        return
    (length,) = struct.unpack_from("<L", tail, at + 12)
    at = tail.rfind(_LONG_END_RECORD, 0, at)
    if 0 <= at <= len(tail) - _LONG_END_BYTES:  # what this record says counts, where there is one
        (length,) = struct.unpack_from("<Q", tail, at + 40)
    if min(length, size) > limit:
        raise DamagedStream(
            f"the list of contents is larger than the limit packed_directory_bytes = {limit:,}; pack fewer files into "
            "one, or use tar",
            over_limit=True,
        )


def _zip_member(file: zipfile.ZipFile, entry: zipfile.ZipInfo) -> _Member:
    kind = (entry.external_attr >> 16) & 0o170000
    problem = None if kind in {0, 0o100000} else "a link or device, not a file"
    if entry.flag_bits & 1:
        problem = "encrypted"
    return _Member(entry.filename, lambda: cast(Readable, file.open(entry)), problem)


def read_tar(opened: Input, start: Start, read_one: Reader) -> Iterator[Item]:
    """The items of all members of a tar file, which is read forward."""
    try:
        stream = _TarStream(opened.stream)
        with tarfile.TarFile(fileobj=cast(BinaryIO, stream), mode="r", errors="replace") as file:
            yield from _read_members(opened, _tar_members(file, stream), start, read_one)
    except DamagedStream as error:
        yield opened.broken(error, start.offset)
    except _FAULTS as error:
        yield opened.broken(DamagedStream(f"the tar file is damaged: {error}"), start.offset)


class _TarStream:
    """A tar file's bytes, read forward, in which no header is taken that is longer than any can be."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.last = b""
        """What was read last; at a sound file's end that is nothing or zeros."""

    def read(self, size: int = -1, /) -> bytes:
        if not 0 <= size <= _HEADER_BYTES:
            raise DamagedStream(f"the tar file is damaged: a header of {size:,} bytes", over_limit=True)
        self.last = self._stream.read(size)
        return self.last

    def tell(self) -> int:
        return self._stream.tell()

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        return self._stream.seek(offset, whence)


def _tar_members(file: tarfile.TarFile, stream: _TarStream) -> Iterator[_Member]:
    """The members one after another; those that are done are forgotten."""
    while (entry := file.next()) is not None:
        cast(Any, file).members.clear()
        if entry.isdir():
            continue
        problem = None if entry.isreg() and not entry.issparse() else "a link, device or sparse file, not a plain file"
        yield _Member(entry.name, _opener(file, entry), problem)
    if stream.last.strip(b"\0"):
        raise DamagedStream("the tar file is damaged: no member begins where one must")


def _opener(file: tarfile.TarFile, entry: tarfile.TarInfo) -> Callable[[], Readable]:
    return lambda: cast(Readable, file.extractfile(entry))


def _read_members(opened: Input, members: Iterator[_Member], start: Start, read_one: Reader) -> Iterator[Item]:
    """The items of these members, from the one on in which reading begins."""
    first, within = divmod(start.offset, MEMBER_SPAN)
    for index, member in enumerate(members):
        if index < first or _is_hidden(member.name):
            continue
        here = Start(within, start.line) if index == first and within else Start()
        yield from _read_member(opened, member, index * MEMBER_SPAN, here, read_one)


def _is_hidden(name: str) -> bool:
    """Whether a member is left out, as hidden files in folders are."""
    return any(part.startswith(".") and part.strip(".") for part in name.split("/")) or name.startswith("__MACOSX/")


def _read_member(opened: Input, member: _Member, base: int, start: Start, read_one: Reader) -> Iterator[Item]:
    """The items of one member; none where it is of no known format, as in folders."""
    name = _UNSEEN.sub("\ufffd", member.name)[-_NAME_CHARACTERS:]
    own_name = name.rpartition("/")[2]
    layout, compression = format_named(own_name)
    inner = replace(
        opened, path=f"{opened.path}/{name}", name=own_name, layout=layout, compression=compression,
        base=base, depth=opened.depth + 1, encoding=None, seekable=False,
    )  # fmt: skip
    if member.problem:
        yield inner.reject(member.problem, (0, 0))
        return
    try:
        stored = member.open()
    except _FAULTS as error:
        yield inner.reject(f"cannot be unpacked: {error}", (0, 0))
        return
    head, stream = forward(_Unpacked(stored), opened.meter)
    if layout is None and layout_of(head, None) is None and compression_of(head) == "none":
        return
    yield from read_one(replace(inner, head=head, stream=stream), start)


class _Unpacked:
    """A member's bytes; whatever unpacking raises comes out as `DamagedStream`."""

    def __init__(self, stored: Readable) -> None:
        self._stored = stored

    def read(self, size: int = -1, /) -> bytes:
        try:
            return self._stored.read(size)
        except BROKEN:
            raise
        except _FAULTS as error:
            raise DamagedStream(f"cannot be unpacked: {error}") from error
