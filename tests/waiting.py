"""Waiting that ends: for other processes and threads so many seconds, and no longer.

What reads from a process has no time limit of its own. So the process is killed when its time is over, with all that it
has started and that may hold its pipes: then every reader goes on.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread, Timer
from typing import Any, Final, TypeVar

PATIENCE: Final = 120.0
"""Seconds: far more than any one step takes, on however busy a machine."""
ONE_THREAD: Final = {"OPENBLAS_NUM_THREADS": "1"}
"""For the environment of a program that forks: numpy starts no thread, and a fork copies no lock that one holds."""
ENDING_SECONDS: Final = 30.0
"""What a process may take to end that was asked to."""

Item = TypeVar("Item")
Result = TypeVar("Result")


@contextmanager
def started(command: Sequence[str | Path], **options: Any) -> Iterator[subprocess.Popen[str]]:
    """A process in a group of its own, all of which is killed at the end of the block; `options` are Popen's."""
    options = {"stdout": subprocess.PIPE, "text": True} | options
    process: subprocess.Popen[str] = subprocess.Popen(command, start_new_session=True, **options)
    try:
        yield process
    finally:
        kill(process)
        process.wait(ENDING_SECONDS)
        for pipe in (process.stdin, process.stdout, process.stderr):
            with suppress(BrokenPipeError):  # closing flushes what a process that has ended no longer reads
                if pipe:
                    pipe.close()


def kill(process: subprocess.Popen[str]) -> None:
    """Kill a process of `started` and all that it has started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def kill_children(word: str) -> None:
    """Kill what this process has started that has this word in its command line. Needs /proc."""
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended
            parent = (folder / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[1]
            if int(parent) == os.getpid() and word.encode() in (folder / "cmdline").read_bytes():
                os.kill(int(folder.name), signal.SIGKILL)


def next_line(process: subprocess.Popen[str], seconds: float = PATIENCE) -> str:
    """The next line that a process prints, stripped; "" when it has ended.

    Raises:
        AssertionError: none came in time; the process was killed.
    """
    assert process.stdout is not None
    late = Event()

    def give_up() -> None:
        late.set()
        kill(process)

    watchdog = Timer(seconds, give_up)
    watchdog.daemon = True
    watchdog.start()
    try:
        line = process.stdout.readline()
    finally:
        watchdog.cancel()
    assert not late.is_set(), f"{process.args!r} printed nothing for {seconds:.0f} seconds"
    return line.strip()


def end(process: subprocess.Popen[str], seconds: float = ENDING_SECONDS) -> int:
    """End a process as its user would, so that it cleans up; returns its exit code.

    Raises:
        TimeoutExpired: it did not end in time; it was killed.
    """
    process.terminate()
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        kill(process)
        raise


def run_threads(*works: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Do all of these at once, each in a thread of its own; raises what one of them raises."""
    errors: list[BaseException] = []

    def do(work: Callable[[], object]) -> None:
        try:
            work()
        except BaseException as error:
            errors.append(error)

    threads = [Thread(target=do, args=(work,), daemon=True) for work in works]
    for thread in threads:
        thread.start()
    join(*threads, seconds=seconds)
    if errors:
        raise errors[0]


def join(*threads: Thread, seconds: float = PATIENCE) -> None:
    """Wait until threads have ended; they should be daemons, lest one that has not keep the tests from ending."""
    for thread in threads:
        thread.join(seconds)
        assert not thread.is_alive(), f"{thread.name} has not ended in {seconds:.0f} seconds"


def map_in_threads(work: Callable[[Item], Result], items: Sequence[Item], threads: int) -> list[Result]:
    """What `work` makes of each item, in order; so many are worked on at once."""
    found: dict[int, Result] = {}

    def do_from(first: int) -> None:
        for at in range(first, len(items), threads):
            found[at] = work(items[at])

    run_threads(*(lambda first=first: do_from(first) for first in range(threads)))
    return [found[at] for at in range(len(items))]


def is_running(process: int) -> bool:
    """Whether the system has a process of this number that has not ended."""
    try:
        return "State:\tZ" not in Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    except OSError:
        return False


def wait_until_gone(processes: Sequence[int], seconds: float = 20.0) -> None:
    """Wait for processes to end that are not one's own children; fails after so many seconds."""
    end = time.monotonic() + seconds
    while any(map(is_running, processes)):
        assert time.monotonic() < end
        time.sleep(0.02)


def wait_until(happens: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Look again and again whether something has happened; fails after so many seconds."""
    deadline = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < deadline, f"it has not happened in {seconds:.0f} seconds"
        time.sleep(0.02)


def workers_of(server: subprocess.Popen[str]) -> list[int]:
    """The processes that a server has started, as Linux tells them."""
    return list(map(int, Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text(encoding="ascii").split()))


def ready_workers_of(server: subprocess.Popen[str], count: int) -> list[int]:
    """So many workers of a server, once each has opened the index.

    Its address is told when the first one is ready. The last thing that a worker does before is to start a thread.
    """

    def are_ready() -> bool:
        workers = workers_of(server)
        return len(workers) == count and all(len(list(Path(f"/proc/{one}/task").iterdir())) > 1 for one in workers)

    wait_until(are_ready)
    return workers_of(server)
