"""What tests wait for ends: silent processes, those that they have started, and threads."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import pytest

from tests.waiting import end, join, kill_children, map_in_threads, next_line, run_threads, started

SOON = 0.5
LEAVING_ANOTHER = """
import subprocess, sys
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print("started", flush=True)
"""
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); time.sleep(600)"


@contextmanager
def soon_over() -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < 30


def test_a_process_that_prints_nothing_is_killed() -> None:
    command = [sys.executable, "-c", "import time; time.sleep(600)"]
    with soon_over(), started(command) as process, pytest.raises(AssertionError, match="printed nothing"):
        next_line(process, SOON)
    assert process.returncode is not None


def test_what_a_process_has_left_behind_holds_nobody_up() -> None:
    with soon_over(), started([sys.executable, "-c", LEAVING_ANOTHER]) as process:
        assert next_line(process) == "started"
        assert process.wait(30) == 0
        with pytest.raises(AssertionError, match="printed nothing"):
            next_line(process, SOON)


def test_a_process_that_does_not_end_is_killed() -> None:
    with soon_over(), started([sys.executable, "-c", DEAF]) as process:
        assert next_line(process) == "1"
        with pytest.raises(subprocess.TimeoutExpired):
            end(process, SOON)
        assert process.wait(30) < 0


def test_children_are_killed_by_a_word_of_their_command() -> None:
    command = [sys.executable, "-c", "import time; time.sleep(600)"]
    with soon_over(), started([*command, "this one"]) as one, started([*command, "another"]) as another:
        kill_children("this one")
        assert one.wait(30) < 0
        assert another.poll() is None


def test_a_thread_that_does_not_end_is_told() -> None:
    never = Event()
    thread = Thread(target=never.wait, daemon=True)
    thread.start()
    with pytest.raises(AssertionError, match="has not ended"):
        join(thread, seconds=0.05)
    never.set()
    join(thread)


def test_threads_give_what_they_make_and_raise_what_they_raise() -> None:
    assert map_in_threads(str, range(10), 3) == [str(number) for number in range(10)]
    with pytest.raises(ZeroDivisionError):
        run_threads(lambda: None, lambda: 1 / 0)
