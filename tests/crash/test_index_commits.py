"""The index at every moment of a commit: killed, out of disk space, and read by others meanwhile."""

from __future__ import annotations

import errno
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from threading import Event
from typing import IO, Any

import pytest

from searchapp.engine.storage import merging
from tests.index_samples import BACKEND, commit, commit_state, file_names, make_story, new_index, state_of, watch
from tests.waiting import ONE_THREAD, PATIENCE, next_line, run_threads, started

KILLS = 25
COMMITS_WATCHED = 30

COMMIT_UNTIL_KILLED = """
import os, sys
from pathlib import Path
from tests.index_samples import BACKEND, commit_state, new_index, state_of

directory = Path(sys.argv[1])
commit_state(new_index(directory.with_name("warm")), 1)  # loads all that a commit needs
for _ in sys.stdin:
    child = os.fork()
    if not child:
        state = state_of(BACKEND.open_reader(directory))
        print(os.getpid(), flush=True)
        while True:
            state += 1
            commit_state(directory, state)
            print(state, flush=True)
    os.waitpid(child, 0)
    print("killed", flush=True)
"""

WATCH = """
import select, sys
from pathlib import Path
from tests.index_samples import watch

print("watching", flush=True)
states = watch(Path(sys.argv[1]), lambda: bool(select.select([sys.stdin], [], [], 0)[0]))
print(len(set(states)), flush=True)
"""


def start(root: Path, program: str, directory: Path) -> AbstractContextManager[subprocess.Popen[str]]:
    command = [sys.executable, "-c", program, str(directory)]
    return started(command, cwd=root, stdin=subprocess.PIPE, bufsize=1, env=os.environ | ONE_THREAD)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """An index in state 1."""
    path = new_index(tmp_path / "1")
    commit_state(path, 1)
    return path


def is_clean(directory: Path) -> bool:
    """True when nothing is there but one commit, what it names, and Whoosh's table of contents."""
    names = file_names(directory)
    (commit,) = (name for name in names if name.endswith(".json"))
    text = (directory / commit).read_text(encoding="utf-8")
    return all(name.removesuffix(".seg") in text for name in names if not name.endswith((".json", ".toc")))


def test_a_writer_killed_at_any_moment_leaves_one_whole_state(directory: Path, project_root: Path) -> None:
    """The state is the last one that was acknowledged, or the one that was being committed."""
    moments = random.Random(time.time_ns())
    with start(project_root, COMMIT_UNTIL_KILLED, directory) as process:
        assert process.stdin is not None
        state = 1
        for kill in range(KILLS):
            process.stdin.write("go\n")
            writer = int(next_line(process))
            acknowledged = [state]
            if kill % 5 == 0:  # however slow the machine is, some writers get through a commit
                acknowledged.append(int(next_line(process)))
            time.sleep(moments.uniform(0, 0.06))
            os.kill(writer, signal.SIGKILL)
            acknowledged += map(int, iter(lambda: next_line(process).replace("killed", ""), ""))
            state = state_of(BACKEND.open_reader(directory))
            assert state in (acknowledged[-1], acknowledged[-1] + 1)
            assert BACKEND.open_reader(directory).damage() == []
        process.stdin.close()
        assert process.wait(PATIENCE) == 0
    assert state > 1
    commit_state(directory, state + 1)
    assert state_of(BACKEND.open_reader(directory)) == state + 1
    assert is_clean(directory)


class _File:
    """An open file whose writes the disk counts; one that fails leaves half of what it should write."""

    def __init__(self, disk: FailingDisk, file: IO[Any]) -> None:
        self._disk, self._file = disk, file

    def __enter__(self) -> _File:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def write(self, data: Any) -> int:
        try:
            self._disk.step("write")
        except OSError:
            self._file.write(data[: len(data) // 2])
            raise
        return self._file.write(data)


class FailingDisk:
    """Counts what is done to files, and lets the operation `failing` fail; with `dead`, all that follow it too."""

    def __init__(self, failing: int | None = None, *, dead: bool = False) -> None:
        self.operations: list[str] = []
        self._failing, self._dead = failing, dead

    def step(self, operation: str) -> None:
        at = len(self.operations)
        self.operations.append(operation)
        if self._failing is not None and (at == self._failing or (self._dead and at > self._failing)):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    @contextmanager
    def in_place(self) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            opening, fsync = Path.open, os.fsync

            def open_counted(path: Path, mode: str = "r", *args: Any, **options: Any) -> Any:
                if not set(mode) & set("wxa"):
                    return opening(path, mode, *args, **options)
                self.step("open")
                return _File(self, opening(path, mode, *args, **options))

            def fsync_counted(descriptor: int) -> None:
                self.step("fsync")
                fsync(descriptor)

            patch.setattr(Path, "open", open_counted)
            patch.setattr(os, "fsync", fsync_counted)
            for name in ("rename", "replace", "unlink"):
                patch.setattr(Path, name, self._counted(name, getattr(Path, name)))
            yield

    def _counted(self, name: str, operation: Callable[..., Any]) -> Callable[..., Any]:
        def counted(path: Path, *args: Any, **options: Any) -> Any:
            self.step(name)
            return operation(path, *args, **options)

        return counted


@pytest.fixture
def merging_early(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two segments are merged, so that one commit writes new ones, merged ones and deletes."""
    monkeypatch.setattr(merging, "SMALLEST_FACTOR", 2)
    monkeypatch.setattr(merging, "SMALLEST_LEVEL", 4)


@pytest.mark.usefixtures("merging_early")
@pytest.mark.parametrize("ending", ["cancelled", "dead"])
def test_a_disk_that_fails_at_any_operation_leaves_the_old_state_or_the_new(directory: Path, ending: str) -> None:
    deleted_in_state_5 = 1000
    commit(directory, *(make_story(number, "بحر") for number in (deleted_in_state_5, *range(2000, 2040))))
    for state in (2, 3, 4):
        commit_state(directory, state)
    before = directory.with_name("before")
    shutil.copytree(directory, before)
    disk = FailingDisk()
    with disk.in_place():
        commit_state(directory, 5)
    operations = disk.operations
    assert operations.count("rename") == 1
    assert operations.count("open") == 4  # a segment, one of several merged, deletes, the commit
    assert any(name.endswith(".del") for name in file_names(directory))
    assert operations.count("unlink") > 3
    for failing in places_to_fail(operations):
        shutil.rmtree(directory)
        shutil.copytree(before, directory)
        fail_once(directory, FailingDisk(failing, dead=ending == "dead"), cancel=ending == "cancelled")
        reader = BACKEND.open_reader(directory)
        assert state_of(reader) == (5 if failing > operations.index("rename") else 4)
        assert reader.damage() == []
        commit_state(directory, 6 if state_of(reader) == 5 else 5)
        assert state_of(BACKEND.open_reader(directory)) == state_of(reader) + 1
        assert is_clean(directory)


def places_to_fail(operations: list[str]) -> list[int]:
    """Every operation, but of the many writes only some."""
    return [at for at, operation in enumerate(operations) if operation != "write" or at % 7 == 0]


def fail_once(directory: Path, disk: FailingDisk, *, cancel: bool) -> None:
    """Commit state 5 as `indexing` does, on a disk that fails."""
    writer = BACKEND.open_writer(directory)
    with pytest.MonkeyPatch.context() as patch, disk.in_place():
        patch.setattr(BACKEND, "open_writer", lambda _: writer)
        with pytest.raises(OSError, match="space"):
            commit_state(directory, 5)
        if cancel:
            writer.cancel()


def test_readers_see_whole_states_in_order_while_others_are_committed(directory: Path, project_root: Path) -> None:
    over = Event()
    seen: list[set[int]] = []

    def commit_all() -> None:
        try:
            for state in range(2, COMMITS_WATCHED + 2):
                commit_state(directory, state)
        finally:
            over.set()

    with ExitStack() as running:
        processes = [running.enter_context(start(project_root, WATCH, directory)) for _ in range(2)]
        assert [next_line(process) for process in processes] == ["watching"] * 2
        watching = [lambda: seen.append(set(watch(directory, over.is_set)))] * 4
        run_threads(commit_all, *watching)
        answers = [process.communicate("over\n", timeout=PATIENCE)[0] for process in processes]
        assert [process.returncode for process in processes] == [0, 0]
    assert all(len(states) > 1 for states in seen)
    assert all(int(answer) > 1 for answer in answers)
    assert state_of(BACKEND.open_reader(directory)) == COMMITS_WATCHED + 1
