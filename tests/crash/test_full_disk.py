"""The disk is full at any write: a clear error, the old state stays, and with room the next run goes on from there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from searchapp.archive.directory import DataDirectory
from searchapp.errors import IndexBroken, SearchAppError
from searchapp.indexing import verify
from tests.crash.workload import (
    Kind,
    Step,
    found_in_index,
    held_in_archive,
    run_step,
    strangers,
    words_after,
    write_sources,
)
from tests.stress.scale import note, scaled
from tests.waiting import PATIENCE

DISK_BYTES = 4_000_000
PAGE = 4096
"""A file system in memory gives room by pages: with one page more, a run gets one write further."""
STRIDE = scaled(9, 1)
BEFORE: tuple[Kind, ...] = ("index", "index", "update", "delete", "index")
WRITING: tuple[Kind, ...] = ("index", "update", "delete", "optimize", "rebuild")

LIMITED_RUN = """
import resource, signal, sys
from pathlib import Path
from tests.crash.workload import Step, commit_often, run_step
from searchapp.errors import SearchAppError

commit_often()
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), resource.RLIM_INFINITY))
try:
    run_step(Path(sys.argv[1]), Path(sys.argv[2]), Step(4, "index", -1))
except SearchAppError as error:
    print(type(error).__name__, error)
"""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of a few megabytes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(disk)]
    if os.getuid() or subprocess.run(mounting, capture_output=True, check=False, timeout=PATIENCE).returncode:
        pytest.skip("mounting a small file system takes root")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True, timeout=PATIENCE)


@pytest.fixture
def steps(tmp_path: Path, committing_often: None) -> list[Step]:
    """What was done before the disk was full; the last one is yet to come."""
    made = [Step(number, kind, max(number - 1, 0)) for number, kind in enumerate(BEFORE)]
    write_sources(tmp_path / "sources", [*made, Step(len(BEFORE), "update", 1), Step(9, "index", -1)])
    return made


def fill(disk: Path, *, free: int) -> None:
    """Take all room but so many bytes."""
    with (disk / "filler").open("wb", buffering=0) as filler:
        with suppress(OSError):
            while True:
                filler.write(bytes(PAGE))
        filler.truncate(max(filler.tell() - free, 0))


@pytest.mark.parametrize("kind", WRITING)
def test_a_disk_that_is_full_at_any_write_leaves_the_old_state_readable(
    tmp_path: Path, small_disk: Path, steps: list[Step], kind: Kind
) -> None:
    directory, sources = tmp_path / "disk" / "index", tmp_path / "sources"
    for step in steps:
        run_step(directory, sources, step)
    shutil.copytree(directory, tmp_path / "before")
    full = Step({"index": 9, "update": len(BEFORE)}.get(kind, 0), kind, 1)
    failed, waits = 0, [0.0]
    for free in range(0, DISK_BYTES, PAGE * STRIDE):
        shutil.rmtree(directory)
        shutil.copytree(tmp_path / "before", directory)
        fill(small_disk, free=free)
        began = time.monotonic()
        try:
            run_step(directory, sources, full)
        except SearchAppError as error:
            check_refusal(error, directory)
        else:
            break
        waits.append(time.monotonic() - began)
        failed += 1
        check_old_state(directory, steps, full)
        (small_disk / "filler").unlink()
        check_old_state(directory, steps, full)
        run_step(directory, sources, full)
        run_step(directory, sources, Step(9, "index", -1))
        assert verify(directory).problems == ()
        assert strangers(directory) == []
        (small_disk / "filler").touch()
    assert failed > 0
    note("full disk", writing=kind, failed_at=failed, longest_until_the_error=round(max(waits), 3))


def check_refusal(error: SearchAppError, directory: Path) -> None:
    """The error says that there is no room, where, and that what was taken is safe; the lock is free at once."""
    assert not isinstance(error, IndexBroken), error
    assert "no space left" in str(error)
    assert str(directory) in str(error)
    assert not DataDirectory(directory).is_being_written()


def check_old_state(directory: Path, steps: list[Step], full: Step) -> None:
    known, later = words_after(steps), words_after([*steps, full])
    assert known.keys() & later.keys() <= found_in_index(directory).keys()
    held = held_in_archive(directory)
    assert all(held.get(name) in (known.get(name), later.get(name)) for name in known.keys() | held.keys())
    assert all("as a stopped run leaves it" in problem for problem in verify(directory).problems)


def test_a_file_that_may_not_grow_is_told_from_damage(tmp_path: Path, project_root: Path, steps: list[Step]) -> None:
    """A limit on the size of files (a quota, RLIMIT_FSIZE) stops every file at some length."""
    directory, sources = tmp_path / "index", tmp_path / "sources"
    for step in steps[:-1]:
        run_step(directory, sources, step)
    shutil.copytree(directory, tmp_path / "before")
    answers = Counter[str]()
    for limit in (0, *(1 << power for power in range(9, 17, scaled(3, 1)))):
        shutil.rmtree(directory)
        shutil.copytree(tmp_path / "before", directory)
        command = [sys.executable, "-c", LIMITED_RUN, str(directory), str(sources), str(limit)]
        ran = subprocess.run(command, cwd=project_root, capture_output=True, text=True, timeout=PATIENCE, check=False)
        assert ran.returncode == 0, ran.stderr
        assert not ran.stdout or "no space left" in ran.stdout, ran.stdout
        answers[ran.stdout.split(" ")[0] or "done"] += 1
        check_old_state(directory, steps[:-1], steps[-1])
        run_step(directory, sources, steps[-1])
        assert held_in_archive(directory) == words_after(steps)
        assert verify(directory).problems == ()
    assert answers["SearchAppError"] > 1
    note("files that may not grow", answers=answers)
