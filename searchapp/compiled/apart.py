"""Loops compiled by a process of its own, which leaves them on disk for the one that wants them.

The compiler takes a hundred megabytes and more for a large loop, and a process never gets them back; to load what it
left on disk takes some kilobytes. So servers, which run for months, have it done elsewhere, and readers are not made to
wait for it: it yields to all else that the machine has to do.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import IO, Final

NICENESS: Final = 10
"""How much it yields to other processes, out of 19."""
_PROGRAM: Final = """
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from searchapp.compiled.apart import serve
serve()
"""

_NO_COMPILER: Final = b"-"
"""Before the reason why numba cannot be imported, in place of the number of a loop."""

Wanted = tuple[str, str, tuple[int, ...]]
"""The module and the name of a loop, and the types of its varying arrays by their numpy numbers."""


class Turns:
    """Lets one at a time of the processes that are forked from this one compile: the others find what it left."""

    def __init__(self) -> None:
        self._file: int | None = None
        with suppress(OSError):
            self._file, name = tempfile.mkstemp()
            weakref.finalize(self, os.close, self._file)
            Path(name).unlink()  # every process that is forked has it, and it needs no name

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Wait for this process's turn, which ends with the block."""
        try:
            from fcntl import LOCK_EX, LOCK_UN, lockf  # noqa: PLC0415
        except ImportError:  # a system on which nothing is forked
            yield
            return
        if self._file is None:
            yield
            return
        lockf(self._file, LOCK_EX)
        try:
            yield
        finally:
            lockf(self._file, LOCK_UN)


def compile_apart(wanted: Sequence[Wanted], deadline: float | None = None) -> Iterator[tuple[int, bool]]:
    """Have loops compiled one by one: the number of each once it was tried, and whether it could be.

    At the deadline, a moment of `time.monotonic`, it is ended.

    Raises:
        OSError: no process can be started.
        ImportError: numba cannot be imported.
    """
    with _process() as process:
        orders, answers = _pipes(process)
        end = None if deadline is None else threading.Timer(deadline - time.monotonic(), process.kill)
        try:
            if end is not None:
                end.start()
            orders.write(json.dumps(wanted).encode() + b"\n")
            orders.flush()  # and left open: it closes when this process ends, and then the other one ends, too
            for line in answers:
                number, made = line.split(maxsplit=1)
                if number == _NO_COMPILER:
                    raise ImportError(json.loads(made), name="numba")
                yield int(number), int(made) == 1
        except BrokenPipeError:
            return
        finally:
            process.kill()
            if end is not None:
                end.cancel()
                end.join()


def _process() -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", _PROGRAM, json.dumps([entry for entry in sys.path if entry])]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603 - ourselves


def _pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    if process.stdin is None or process.stdout is None:
        raise AssertionError
    return process.stdin, process.stdout


def serve() -> None:
    """The work of the other process: compile what is ordered, and say of each when it has been tried."""
    # Ctrl-C reaches the whole group; this process ends when the one that started it does.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        with suppress(OSError):  # a service may be forbidden to
            os.nice(NICENESS)
    with open(0, "rb", buffering=0, closefd=False) as orders:
        ordered = orders.readline()
    if not ordered.endswith(b"\n"):
        return  # who started it has ended already
    wanted: list[Wanted] = json.loads(ordered)
    threading.Thread(target=_end_with_the_orders, daemon=True).start()
    try:
        import_module("numba")
    except ImportError as error:
        sys.stdout.write(f"{_NO_COMPILER.decode()} {json.dumps(str(error))}\n")
        return
    for number, (module, name, key) in enumerate(wanted):
        made = getattr(import_module(module), name).make(tuple(key))
        sys.stdout.write(f"{number} {int(made is not None)}\n")
        sys.stdout.flush()


def _end_with_the_orders() -> None:
    os.read(0, 1)  # not by a file object, which the interpreter could not close while this thread waits
    os._exit(1)
