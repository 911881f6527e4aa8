"""A run of a program as the disk sees it: every write, name and sync, and what a loss of power may leave of them.

The program runs under strace, so that what SQLite, Python and worker processes ask of the kernel is in one order.

What is certain after a loss of power: the bytes of a file that were written before its last fsync began, once that has
ended, and the names of a directory up to that directory's last fsync. All later writes and names may be there or not,
each by itself, and a write also in part or as zeros (Pillai et al., "All File Systems Are Not Created Equal", OSDI
2014).
"""

from __future__ import annotations

import random
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Literal

from tests.waiting import PATIENCE, started

SECTOR: Final = 512
_CALLS: Final = (
    "open,openat,creat,write,pwrite64,writev,pwritev,pwritev2,ftruncate,truncate,fsync,fdatasync,lseek,rename,renameat,"
    "renameat2,unlink,unlinkat,mkdir,mkdirat,rmdir,link,linkat,symlink,symlinkat,copy_file_range,sendfile,mmap"
)
_NOT_UNDERSTOOD: Final = frozenset(
    [
        "writev",
        "pwritev",
        "pwritev2",
        "truncate",
        "link",
        "linkat",
        "symlink",
        "symlinkat",
        "copy_file_range",
        "sendfile",
    ]
)
_LINE: Final = re.compile(r"(\d+) +(.*)")
_CALL: Final = re.compile(r"(\w+)\((.*)\) += (-?\d+)")
_TEXT: Final = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_FILE: Final = re.compile(r"(?:\d+|AT_FDCWD)<((?:\\x[0-9a-f]{2})*)>")
_ACKNOWLEDGED: Final = b"acknowledged "
_PASSING: Final = ("-shm", "write.lock")
"""Files whose bytes mean nothing after a restart: SQLite makes the first anew, the kernel's lock is what counts."""

Kind = Literal[
    "create",
    "write",
    "truncate",
    "begin sync",
    "sync",
    "sync names",
    "rename",
    "unlink",
    "mkdir",
    "rmdir",
    "acknowledge",
]


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that the disk was asked to do. `to` is a new name; a file is cut or made longer to its `offset`.

    A sync that others did something beside begins with an operation of its own; both have its `thread`.
    """

    kind: Kind
    path: str
    data: bytes = b""
    offset: int = 0
    to: str = ""
    thread: int = 0


def can_record() -> bool:
    """Whether strace is here and may trace."""
    program = shutil.which("strace")
    return (
        program is not None
        and subprocess.run([program, "-qq", "true"], capture_output=True, check=False, timeout=PATIENCE).returncode == 0
    )


def record(command: Sequence[str], root: Path, trace: Path, cwd: Path) -> list[Operation]:
    """Run a command to its end; returns what it did below `root`, paths relative to it, and what it acknowledged."""
    options = ["-f", "-y", "-xx", "-s", str(1 << 24), "--seccomp-bpf", "-o", str(trace), "-e", f"trace={_CALLS}"]
    with started(["strace", *options, *command], cwd=cwd, stderr=subprocess.PIPE) as running:
        _, errors = running.communicate(timeout=PATIENCE)
        assert running.returncode == 0, errors
    with trace.open(encoding="ascii") as lines:
        return list(_Reading(root).operations(lines))


class _Reading:
    """Reads strace's lines; remembers where in each file the next plain write goes."""

    def __init__(self, root: Path) -> None:
        self._root = f"{root}/"
        self._known: set[str] = set()
        self._at: dict[str, int] = {}
        self._unfinished: dict[int, str] = {}

    def operations(self, lines: Iterator[str] | Sequence[str]) -> Iterator[Operation]:
        for line in lines:
            match = _LINE.match(line.rstrip("\n"))
            assert match, line[:200]
            thread, text = int(match[1]), match[2]
            if text.endswith("<unfinished ...>"):
                self._unfinished[thread] = text.removesuffix("<unfinished ...>").rstrip()
                yield from self._begun(self._unfinished[thread], thread)
                continue
            # Of a call that another thread interrupted, the whole when it ends.
            whole = self._unfinished.pop(thread, "") + re.sub(r"^<\.\.\. \w+ resumed>", "", text)
            call = _CALL.match(whole)
            if call and int(call[3]) >= 0:
                for operation in self._operation(call[1], call[2], int(call[3])):
                    yield replace(operation, thread=thread) if operation.kind == "sync" else operation

    def _begun(self, call: str, thread: int) -> Iterator[Operation]:
        """What is written while a file is being synced is not what the sync makes certain."""
        file = _FILE.search(call) if call.startswith(("fsync", "fdatasync")) else None
        path = self._inside(_decoded(file[1])) if file else None
        if path in self._known:
            yield Operation("begin sync", path, thread=thread)

    def _operation(self, name: str, arguments: str, result: int) -> Iterator[Operation]:
        texts = [bytes.fromhex(text.replace("\\x", "")) for text in _TEXT.findall(arguments)]
        files = [self._inside(_decoded(text)) for text in _FILE.findall(arguments)]
        if name in ("write", "pwrite64", "ftruncate", "lseek", "fsync", "fdatasync", "mmap"):
            yield from self._of_open_file(name, files, texts, arguments, result)
            return
        paths = [self._named(text, arguments) for text in texts]
        if not any(paths):
            return
        assert name not in _NOT_UNDERSTOOD, f"{name} is not recorded; teach it to {__file__}"
        path = paths[0]
        if name in ("open", "openat", "creat"):
            yield from self._opened(path, arguments)
        elif name.startswith("rename"):
            self._known.discard(path)
            self._known.add(paths[1])
            self._at[paths[1]] = self._at.pop(path, 0)
            yield Operation("rename", path, to=paths[1])
        elif name.startswith("mkdir"):
            yield Operation("mkdir", path)
        elif name == "rmdir" or "AT_REMOVEDIR" in arguments:
            yield Operation("rmdir", path)
        else:
            self._known.discard(path)
            yield Operation("unlink", path)

    def _of_open_file(
        self, name: str, files: list[str | None], texts: list[bytes], arguments: str, result: int
    ) -> Iterator[Operation]:
        data = texts[0][:result] if texts else b""
        if name == "write" and data.startswith(_ACKNOWLEDGED):
            yield Operation("acknowledge", "", data.removeprefix(_ACKNOWLEDGED).strip())
            return
        path = files[0] if files else None
        if path is None:
            return
        if name == "mmap":
            written = "MAP_SHARED" in arguments and "PROT_WRITE" in arguments
            assert not written or path.endswith(_PASSING), f"{path} is written through a map, which is not recorded"
        elif name == "lseek":
            self._at[path] = result
        elif name == "ftruncate":
            yield Operation("truncate", path, offset=int(arguments.rsplit(",", 1)[1]))
        elif name == "write":
            at = self._at.get(path, 0)
            self._at[path] = at + result
            yield Operation("write", path, data, at)
        elif name == "pwrite64":
            yield Operation("write", path, data, int(arguments.rsplit(",", 1)[1]))
        else:
            yield Operation("sync" if path in self._known else "sync names", path)

    def _opened(self, path: str, arguments: str) -> Iterator[Operation]:
        if "O_DIRECTORY" in arguments or ("O_WRONLY" not in arguments and "O_RDWR" not in arguments):
            return
        self._at[path] = 0
        if path not in self._known:
            self._known.add(path)
            yield Operation("create", path)
        elif "O_TRUNC" in arguments:
            yield Operation("truncate", path)

    def _named(self, text: bytes, arguments: str) -> str:
        """The path in a call, relative to the root; empty outside of it."""
        path = text.decode("utf-8", "surrogateescape")
        if not path.startswith("/"):
            folder = _FILE.search(arguments)
            path = f"{_decoded(folder[1])}/{path}" if folder else path
        return self._inside(path) or ""

    def _inside(self, path: str) -> str | None:
        if path + "/" == self._root:
            return "."
        return path.removeprefix(self._root) if path.startswith(self._root) else None


def _decoded(text: str) -> str:
    return bytes.fromhex(text.replace("\\x", "")).decode("utf-8", "surrogateescape")


Fate = Literal["lost", "kept", "zeroed", "torn", "any"]
LEAVINGS: Final[dict[str, tuple[Fate, Fate]]] = {
    "all unsynced is lost": ("lost", "lost"),
    "all unsynced is kept": ("kept", "kept"),
    "names without bytes": ("kept", "lost"),
    "names with zeros": ("kept", "zeroed"),
    "names in order, bytes of any kind": ("torn", "any"),
    "any names, bytes of any kind": ("any", "any"),
    "bytes without names": ("lost", "kept"),
}
"""What becomes of the unsynced names and of the unsynced bytes."""


@dataclass(slots=True)
class _File:
    durable: bytes = b""
    pending: list[Operation] = field(default_factory=list)
    syncing: dict[int, int] = field(default_factory=dict)
    """How many of those pending the sync of a thread found when it began."""

    def begin_sync(self, thread: int) -> None:
        self.syncing[thread] = len(self.pending)

    def sync(self, thread: int) -> None:
        count = self.syncing.pop(thread, len(self.pending))
        self.durable = self.content(lambda _: "kept", random.Random(0), count)
        del self.pending[:count]
        self.syncing = {other: max(0, known - count) for other, known in self.syncing.items()}

    def content(self, fate_of: Callable[[Operation], Fate], chance: random.Random, count: int | None = None) -> bytes:
        """The bytes with all that is pending, or so many of it."""
        data = bytearray(self.durable)
        for operation in self.pending[:count]:
            fate = fate_of(operation)
            if operation.kind == "truncate":
                if fate != "lost":
                    del data[operation.offset :]
                    data.extend(bytes(operation.offset - len(data)))
                continue
            written = _left_of(operation.data, fate, chance)
            data.extend(bytes(max(0, operation.offset + len(written) - len(data))))
            data[operation.offset : operation.offset + len(written)] = written
        return bytes(data)


def _left_of(data: bytes, fate: Fate, chance: random.Random) -> bytes:
    if fate == "torn":
        return data[: chance.randrange(0, len(data) + 1, SECTOR)]
    return {"lost": b"", "zeroed": bytes(len(data))}.get(fate, data)


@dataclass(frozen=True, slots=True)
class _Entry:
    """A change of names that is not durable yet: `file` gets the name `path`, or with None the name goes."""

    folder: str
    path: str
    file: _File | Literal["folder"] | None
    was: str = ""


class CrashedDisk:
    """What was certain and what was not at one moment of a recorded run."""

    def __init__(self) -> None:
        self._names: dict[str, _File | Literal["folder"]] = {}
        self._durable: dict[str, _File | Literal["folder"]] = {}
        self._pending: list[_Entry] = []

    def apply(self, operation: Operation) -> None:
        """Go on by one operation."""
        path = operation.path
        match operation.kind:
            case "create":
                self._enter(path, _File())
            case "mkdir":
                self._enter(path, "folder")
            case "unlink" | "rmdir":
                self._enter(path, None)
            case "rename":
                moved = self._names.pop(path)
                self._enter(operation.to, moved, was=path)
            case "write" | "truncate":
                self._file(path).pending.append(operation)
            case "begin sync":
                self._file(path).begin_sync(operation.thread)
            case "sync":
                self._file(path).sync(operation.thread)
            case "sync names":
                self._sync_names(path)

    def _file(self, path: str) -> _File:
        found = self._names[path]
        assert isinstance(found, _File)
        return found

    def _enter(self, path: str, file: _File | Literal["folder"] | None, was: str = "") -> None:
        assert not was or _folder(was) == _folder(path), "a rename from folder to folder is not recorded"
        entry = _Entry(_folder(path), path, file, was)
        _change(self._names, entry)
        self._pending.append(entry)

    def _sync_names(self, folder: str) -> None:
        for entry in self._pending:
            if entry.folder == folder:
                _change(self._durable, entry)
        self._pending = [entry for entry in self._pending if entry.folder != folder]

    def after(self, leaving: str, chance: random.Random) -> dict[str, bytes | None]:
        """The files below the root after a loss of power, with their bytes; None for a folder."""
        of_names, of_bytes = LEAVINGS[leaving]
        names = dict(self._durable)
        for entry in self._kept_entries(of_names, chance):
            _change(names, entry)

        def fate(_: Operation) -> Fate:
            return chance.choice(("lost", "kept", "zeroed", "torn")) if of_bytes == "any" else of_bytes

        return {
            path: file.content(fate, chance) if isinstance(file, _File) else None
            for path, file in sorted(names.items())
            if not path.endswith(_PASSING) and _is_reachable(path, names)
        }

    def _kept_entries(self, fate: Fate, chance: random.Random) -> list[_Entry]:
        if fate == "any":
            return [entry for entry in self._pending if chance.random() < 0.5]
        if fate == "torn":
            return self._pending[: chance.randint(0, len(self._pending))]
        return self._pending if fate == "kept" else []


def _folder(path: str) -> str:
    return path.rpartition("/")[0] or "."


def _change(names: dict[str, _File | Literal["folder"]], entry: _Entry) -> None:
    names.pop(entry.was, None)
    if entry.file is None:
        names.pop(entry.path, None)
    else:
        names[entry.path] = entry.file


def _is_reachable(path: str, names: dict[str, _File | Literal["folder"]]) -> bool:
    folder = _folder(path)
    return folder == "." or (names.get(folder) == "folder" and _is_reachable(folder, names))


def put_down(files: dict[str, bytes | None], root: Path) -> None:
    """Make a folder with exactly these files."""
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir()
    for path, content in files.items():
        if content is None:
            (root / path).mkdir()
        else:
            (root / path).write_bytes(content)
