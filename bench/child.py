"""The bench's side of an engine's process: starting it, asking it, and reading its CPU time and memory from outside.

Needs Linux: another process's CPU clock and `/proc/PID/smaps_rollup`.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final, Self, cast

from bench.tasks import Task
from bench.workspace import PROJECT_ROOT

QUIT_SECONDS: Final = 20.0
CLOCK_TICKS: Final = os.sysconf("SC_CLK_TCK")
PROCESS_CLOCK: Final = 2
"""CPUCLOCK_SCHED, the low bits of a process's CPU clock id (Linux, posix-timers.h)."""


class ChildError(RuntimeError):
    """An engine's process ended or answered with an error; the message says which and where its log is."""


@dataclass(frozen=True, slots=True)
class Memory:
    """A process's memory in bytes.

    `private` is what it shares with no other process (Private_Clean + Private_Dirty), `anonymous` what is no file's,
    `proportional` its share of everything mapped, `resident` all that is mapped.
    """

    private: int
    anonymous: int
    proportional: int
    resident: int


def parse_smaps(rollup: str) -> Memory:
    """The figures of the text of a `smaps_rollup` file, whose sizes are in kB."""
    sizes: dict[str, int] = {}
    for line in rollup.splitlines()[1:]:
        name, size, *_ = line.split()
        sizes[name.rstrip(":")] = int(size) * 1024
    private = sizes["Private_Clean"] + sizes["Private_Dirty"]
    return Memory(private, sizes["Anonymous"], sizes["Pss"], sizes["Rss"])


class Child:
    """An engine's process. Starting it returns at once; the first answer says that it is up."""

    def __init__(self, engine: str, command: Sequence[str], log: Path) -> None:
        """Start `command` in the project's folder; its error stream is added to `log`."""
        log.parent.mkdir(parents=True, exist_ok=True)
        self.engine = engine
        self._log = log
        # Installed packages bring their byte code; a checkout must be let write its own, whatever the shell forbids.
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        with log.open("ab") as errors:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                cwd=PROJECT_ROOT,
                env=environment,
                encoding="utf-8",
            )

    def ask(self, command: str, **details: Any) -> dict[str, Any]:
        """Send a request and wait for its answer.

        Raises:
            ChildError: the process ended, or could not do it.
        """
        requests, answers = cast(IO[str], self._process.stdin), cast(IO[str], self._process.stdout)
        try:
            requests.write(json.dumps({"command": command, **details}, ensure_ascii=False) + "\n")
            requests.flush()
            line = answers.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise ChildError(f"{self.engine} ended during {command}; see {self._log}")
        answer = cast(dict[str, Any], json.loads(line))
        if "error" in answer:
            raise ChildError(f"{self.engine} failed at {command}: {answer['error']}; see {self._log}")
        return answer

    def run(self, task: Task, queries: Path, count: int, *, digest: bool = False) -> dict[str, Any]:
        """Ask for a task over the first `count` queries of a file."""
        return self.ask("run", task=asdict(task), queries=str(queries), count=count, digest=digest)

    def cpu_seconds(self) -> float:
        """CPU time of all threads of the process so far and of its children that have ended."""
        own = time.clock_gettime((~self._process.pid << 3) | PROCESS_CLOCK)
        fields = Path(f"/proc/{self._process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        # cutime and cstime, fields 16 and 17 of proc(5), are 13 and 14 after the name.
        return own + (int(fields[13]) + int(fields[14])) / CLOCK_TICKS

    def memory(self) -> Memory:
        """The process's memory now."""
        return parse_smaps(Path(f"/proc/{self._process.pid}/smaps_rollup").read_text(encoding="ascii"))

    def peak_bytes(self) -> int:
        """The most that was ever resident (VmHWM)."""
        status = Path(f"/proc/{self._process.pid}/status").read_text(encoding="ascii")
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) * 1024

    def close(self) -> None:
        """Ask the process to quit, and end it where it does not."""
        try:
            self.ask("quit")
            self._process.wait(QUIT_SECONDS)
        except (ChildError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()
        finally:
            # Closing flushes what a process that has ended no longer reads.
            with suppress(BrokenPipeError):
                cast(IO[str], self._process.stdin).close()
            cast(IO[str], self._process.stdout).close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
