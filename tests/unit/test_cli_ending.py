"""How a server hears that it should end: whatever the interpreter makes of the exception, the signal is not lost."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

BEGINNING = """
import os, signal
from waitress import wasyncore
from searchapp.cli.ending import Ending

class Collected:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)
        sum(range(10))  # the handler runs in here, and what it raises is printed and swallowed

connections = {}
with Ending() as ending:
"""
IN_THE_LOOP = """
    ending.watched_in(connections)
    Collected()
    print("went on", flush=True)
    wasyncore.loop(timeout=30, map=connections, use_poll=USE_POLL)
"""
BEFORE_THE_LOOP = """
    Collected()
    print("went on", flush=True)
    ending.watched_in(connections)
    wasyncore.loop(timeout=30, map=connections, use_poll=USE_POLL)
"""
WITHOUT_A_LOOP = """
    Collected()
    print("went on", flush=True)
    ending.end_if_told()
    raise AssertionError
"""
AT_ONCE = """
    os.kill(os.getpid(), signal.SIGINT)
    raise AssertionError
"""
NO_SIGNAL = """
    ending.end_if_told()
    print("went on", flush=True)
"""


def ran(code: str, root: Path, *, use_poll: bool = False) -> tuple[int, str]:
    """The exit code and output of a process that goes through this; it must not take as long as the loop waits."""
    source = BEGINNING + code.replace("USE_POLL", str(use_poll))
    done = subprocess.run(
        [sys.executable, "-c", source], cwd=root, capture_output=True, text=True, timeout=25, check=False
    )
    return done.returncode, done.stdout


@pytest.mark.parametrize("use_poll", [False, True])
@pytest.mark.parametrize("code", [IN_THE_LOOP, BEFORE_THE_LOOP])
def test_a_signal_that_comes_while_something_is_collected_ends_the_loop(
    project_root: Path, code: str, use_poll: bool
) -> None:
    assert ran(code, project_root, use_poll=use_poll) == (0, "went on\n")


def test_a_signal_whose_exception_was_lost_is_still_known(project_root: Path) -> None:
    assert ran(WITHOUT_A_LOOP, project_root) == (0, "went on\n")


def test_before_there_is_a_loop_a_signal_ends_the_process_at_once(project_root: Path) -> None:
    assert ran(AT_ONCE, project_root) == (0, "")


def test_nothing_ends_without_a_signal(project_root: Path) -> None:
    assert ran(NO_SIGNAL, project_root) == (0, "went on\n")
