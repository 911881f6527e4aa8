"""How a building process comes into being: forked from the writer, or a plain `python` started fresh.

A fork has everything that the writer has loaded and learnt (modules, compiled loops, the lexicon, the words met so far)
without doing it again, in memory that the two share until one of them changes it. It may be had only while the writer
has a single thread, since what other threads were in the midst of would stay so for ever in the fork; and on Linux
only, as the system's libraries elsewhere do not allow it.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import subprocess
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final, Protocol

from searchapp import compiled
from searchapp.engine.storage.building_service import serve
from searchapp.engine.storage.building_wires import JobQueue, Slot
from searchapp.memory import release

_OPEN_FILES: Final = Path("/proc/self/fd")
_FIRST_PAUSE, _LONGEST_PAUSE = 0.0005, 0.05
_STANDARD_ERROR: Final = 2
_REAPED: Final = 255
"""The exit code of a process that somebody else has waited for."""

_PROGRAM: Final = """
import json, sys
sys.path[:], part, numbers, loops, words = json.loads(sys.argv[1])
from searchapp.engine.storage.building_start import serve_fresh
serve_fresh(part, numbers, loops, words)
"""


class Process(Protocol):
    """A process that was started, as `subprocess.Popen` has it."""

    pid: int

    def poll(self) -> int | None:
        """Its exit code, negative for a signal; None while it runs."""

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code; raises subprocess.TimeoutExpired when it runs on for so many seconds."""

    def kill(self) -> None:
        """End it at once."""


def may_fork() -> bool:
    """Whether this process is one that can be forked from."""
    return sys.platform.startswith("linux") and threading.active_count() == 1 and _OPEN_FILES.is_dir()


def start(part: Path, jobs: JobQueue, slots: Sequence[Slot], line: Connection[Any, Any], *, words: bool) -> Process:
    """Start a process that builds what it takes from `jobs`, and ends when the other end of `line` is closed.

    Raises:
        OSError: the system has no room for another process.
    """
    loops = compiled.is_prepared()
    kept = [line.fileno(), jobs.fileno(), *(slot.fileno() for slot in slots)]
    if may_fork():
        return fork(lambda: serve(part, jobs, slots, line, loops=loops, words=words), kept)
    settings = json.dumps([[entry for entry in sys.path if entry], str(part), kept, loops, words])
    command = [sys.executable, "-c", _PROGRAM, settings]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, pass_fds=kept)  # noqa: S603


def serve_fresh(part: str, descriptors: Sequence[int], loops: bool, words: bool) -> None:
    """The work of a process that was started fresh, with these open files."""
    leave_ending_to_parent()
    line, jobs, *slots = descriptors
    serve(Path(part), JobQueue(jobs), list(map(Slot, slots)), Connection(line), loops=loops, words=words)


def leave_ending_to_parent() -> None:
    """Ctrl-C reaches the whole group, and SIGTERM may; the parent says what becomes of the work."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


class _Fork:
    """A forked process; implements `Process`."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._code: int | None = None

    def poll(self) -> int | None:
        if self._code is None:
            try:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
            except ChildProcessError:
                self._code = _REAPED
            else:
                self._code = os.waitstatus_to_exitcode(status) if pid else None
        return self._code

    def wait(self, timeout: float | None = None) -> int:
        end, pause = time.monotonic() + (float("inf") if timeout is None else timeout), _FIRST_PAUSE
        while (code := self.poll()) is None:
            if time.monotonic() >= end:
                raise subprocess.TimeoutExpired("a forked process", timeout or 0.0)
            time.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
        return code

    def kill(self) -> None:
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)


def fork(work: Callable[[], None], kept: Collection[int]) -> Process:
    """A copy of this process that does `work` with no open files but those kept, and ends."""
    release()  # or what is free now is copied page by page before it is used again
    with warnings.catch_warnings():
        # Python 3.12 counts the threads of numpy's libraries, too, which see to forks themselves.
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid:
        return _Fork(pid)
    code = 1
    try:
        _leave_parent(kept)
        work()
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)  # nothing of the writer's is finished, flushed or closed twice


def _leave_parent(kept: Collection[int]) -> None:
    """Let go of what is the parent's: signals, standard streams and open files, locks among them.

    Nothing of the parent's is ever freed here: its objects are kept from the search for cycles. Should one of them be
    closed all the same, it closes /dev/null, which stands in for its file.
    """
    gc.freeze()
    signal.set_wakeup_fd(-1)
    for number in signal.valid_signals():
        if callable(signal.getsignal(number)):
            signal.signal(number, signal.SIG_IGN if number == signal.SIGTERM else signal.SIG_DFL)
    # Ctrl-C reaches the whole group, and SIGTERM may; a parent that heeds it says what becomes of the work.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in {int(file.name) for file in _OPEN_FILES.iterdir()} - {*kept, nothing, _STANDARD_ERROR}:
        try:
            os.dup2(nothing, descriptor, inheritable=False)
        except OSError:  # its number lies above what may be open since
            with suppress(OSError):
                os.close(descriptor)
    # Their buffers may hold what the parent will write.
    sys.stdin, sys.stdout = open(nothing, closefd=False), open(nothing, "w", closefd=False)  # noqa: SIM115
    with suppress(OSError):  # where it is closed, nothing can be said
        sys.stderr = open(_STANDARD_ERROR, "w", closefd=False, errors="backslashreplace", buffering=1)  # noqa: SIM115
