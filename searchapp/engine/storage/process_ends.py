"""How processes that work for this one end: waited for, with what is shared with them closed, or told of as dead."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterable, Sequence
from typing import Final, Protocol

from searchapp.engine.storage.building_start import Process

_ENDING_SECONDS: Final = 10.0


class _Closable(Protocol):
    def close(self) -> None: ...


def wait_for_all(processes: Sequence[Process], shared: Iterable[_Closable]) -> None:
    """Wait until processes have ended whose work is done or not wanted, then close what is shared with them.

    It takes them a while to give their memory back. One that has not ended after ten seconds is killed.
    """
    for process in processes:
        try:
            process.wait(_ENDING_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    for each in shared:
        each.close()


def how_it_ended(process: Process) -> str:
    """In words, how a process ended that has closed its line; waits until it has."""
    code = process.wait()
    how = f"signal {-code}" if code < 0 else f"exit code {code}"
    return f"{how}; the system may have run out of memory" if code == -signal.SIGKILL else how
