"""kill -9 at random moments of everything that writes; see workload.py for what an archive goes through."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from searchapp.archive.directory import DataDirectory
from searchapp.indexing import verify
from tests.crash.workload import (
    Step,
    found_in_index,
    held_in_archive,
    make_steps,
    strangers,
    words_after,
    write_sources,
)
from tests.stress.scale import note, scaled
from tests.waiting import ONE_THREAD, PATIENCE, next_line, started

KILLS = scaled(15, 200)
STEPS = scaled(10, 70)
KILLS_OF_A_STEP = scaled(3, 12)
LOCK_SECONDS = 1.0
"""How long after a writer's death the next one may have to wait."""

SERVE_STEPS = """
import os, sys
from pathlib import Path
from tests.crash.workload import commit_often, make_steps, run_step

commit_often()
directory, sources, steps = Path(sys.argv[1]), Path(sys.argv[2]), make_steps(int(sys.argv[3]))
for line in sys.stdin:
    child = os.fork()
    if not child:
        try:
            os.write(1, b"started %d\\n" % os.getpid())
            run_step(directory, sources, steps[int(line)])
            os.write(1, b"acknowledged\\n")
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    os.write(1, b"ended\\n")
"""


class Stepper:
    """Runs steps in a process of its own each, which may be killed."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def run(self, step: Step, *, kill_after: float | None = None) -> bool:
        """Run a step; kill its process after so many seconds. Returns whether the step was acknowledged."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{step.number}\n")
        self.process.stdin.flush()
        worker = int(next_line(self.process).split()[1])
        if kill_after is not None:
            time.sleep(kill_after)
            with suppress(ProcessLookupError):  # it was done before
                os.kill(worker, signal.SIGKILL)
        told = next_line(self.process)
        if told == "acknowledged":
            assert next_line(self.process) == "ended"
            return True
        assert told == "ended"
        return False


@contextmanager
def stepping(root: Path, directory: Path, sources: Path, steps: int) -> Iterator[Stepper]:
    command = [sys.executable, "-c", SERVE_STEPS, str(directory), str(sources), str(steps)]
    with started(command, cwd=root, stdin=subprocess.PIPE, env=os.environ | ONE_THREAD) as process:
        yield Stepper(process)
        process.communicate(timeout=PATIENCE)
        assert process.returncode == 0


@pytest.fixture
def steps(tmp_path: Path) -> list[Step]:
    made = make_steps(STEPS)
    write_sources(tmp_path / "sources", made)
    return made


def calm_run(root: Path, directory: Path, sources: Path, steps: list[Step]) -> list[float]:
    """All steps undisturbed; how many seconds each took."""
    seconds = []
    with stepping(root, directory, sources, len(steps)) as stepper:
        for step in steps:
            began = time.monotonic()
            assert stepper.run(step)
            seconds.append(time.monotonic() - began)
    return seconds


def test_killed_at_any_moment_nothing_is_lost_and_the_end_is_the_same(
    tmp_path: Path, project_root: Path, steps: list[Step]
) -> None:
    sources, killed = tmp_path / "sources", tmp_path / "killed"
    seconds = calm_run(project_root, tmp_path / "calm", sources, steps)
    moments = random.Random(time.time_ns())
    kills, waits, pace = Counter[str](), [0.0], 1.0
    with stepping(project_root, killed, sources, len(steps)) as stepper:
        for step in steps:
            for _ in range(min(KILLS_OF_A_STEP, KILLS - kills.total())):
                share = moments.uniform(0, moments.choice((0.2, 0.5, 0.9)))
                if stepper.run(step, kill_after=share * pace * seconds[step.number]):
                    pace *= max(share, 0.5)  # it was done before: the machine has become faster
                    break
                kills[step.kind] += 1
                waits.append(seconds_until_free(killed))
                check_after_kill(killed, steps, step.number)
            assert stepper.run(step)
            if step.kind not in ("delete", "optimize"):
                assert found_in_index(killed) == words_after(steps[: step.number + 1])
    assert kills.total() > KILLS / 2
    assert verify(killed).problems == ()
    assert strangers(killed) == []
    assert content(killed) == content(tmp_path / "calm")
    assert found_in_index(killed) == found_in_index(tmp_path / "calm") == words_after(steps)
    note("kill -9", kills=kills.total(), of=kills, longest_wait_for_the_lock=round(max(waits), 3))


def seconds_until_free(directory: Path) -> float:
    """How long the dead writer's lock is held on: only as long as a worker process of its lives."""
    began = time.monotonic()
    while directory.is_dir() and DataDirectory(directory).is_being_written():
        assert time.monotonic() - began < LOCK_SECONDS, "the lock of a dead writer is held"
        time.sleep(0.01)
    return time.monotonic() - began


def check_after_kill(directory: Path, steps: list[Step], done: int) -> None:
    """The archive and the index open and hold what was acknowledged; the step that was killed is in part there."""
    if not done:
        return
    known, later = words_after(steps[:done]), words_after(steps[: done + 1])
    held = held_in_archive(directory)
    assert known.keys() & later.keys() <= held.keys() <= known.keys() | later.keys()
    assert all(held[name] in (known.get(name), later.get(name)) for name in held)
    assert known.keys() & later.keys() <= found_in_index(directory).keys()
    assert all("as a stopped run leaves it" in problem for problem in verify(directory).problems)


TIMES = {"accepted", "changed", "deleted", "modified_ns", "checksum"}


def content(directory: Path) -> dict[str, list[tuple[object, ...]]]:
    """All rows of the archive but the times at which things were done, and the checksums, which cover them."""
    connection = sqlite3.connect(directory / "archive.sqlite")
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    rows = {}
    for table in tables:
        if not table.startswith("sqlite_"):
            names = [name for _, name, *_ in connection.execute(f"PRAGMA table_info({table})")]
            lasting = ", ".join(name for name in names if name not in TIMES)
            rows[table] = sorted(connection.execute(f"SELECT {lasting} FROM {table}"), key=repr)  # noqa: S608
    connection.close()
    return rows
