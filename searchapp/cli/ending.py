"""How commands are told to end: as by Ctrl-C; and a server by a signal that cannot be lost.

An exception from a signal's handler comes up wherever the main thread is at that moment, and where that is a `__del__`
or a callback of the garbage collector, the interpreter prints and swallows it. So a server's handler leaves word in a
pipe, too, which its loop watches as it watches its connections.
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from types import FrameType, TracebackType
from typing import Any, NoReturn, Self

SIGNALS = (signal.SIGTERM, signal.SIGINT)
"""Ctrl-C is set, too, for who starts the server with `&` in a script: such a process is told to ignore it."""


class Terminated(KeyboardInterrupt):
    """SIGTERM came: whatever cleans up after Ctrl-C does so now."""


def heed_termination() -> None:
    """Have SIGTERM end this process as Ctrl-C does, so that it leaves nothing unfinished; a second one ends it at once.

    A process that was told to ignore it goes on doing so.
    """
    if signal.getsignal(signal.SIGTERM) == signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _terminate)


def _terminate(number: int, _frame: FrameType | None) -> NoReturn:
    signal.signal(number, signal.SIG_DFL)
    raise Terminated


class Ending:
    """Hears that the process should end, from `__enter__` on. There is one at a time, in the main thread.

    Before a loop watches it, `SystemExit` is raised at once; after that by the loop alone, so that what is being
    answered is finished.
    """

    accepting = False
    """What the loop asks of all that it watches: whether this is a socket that takes connections."""

    def __init__(self) -> None:
        self._watched = False
        self._reading = self._writing = -1

    def __enter__(self) -> Self:
        self._reading, self._writing = os.pipe()
        for end in (self._reading, self._writing):
            os.set_blocking(end, False)
        for each in SIGNALS:
            signal.signal(each, self._told)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Let go of the pipe. Signals find nothing more to do: the process is ending."""
        ends = self._reading, self._writing
        self._watched, self._reading, self._writing = True, -1, -1
        for end in ends:
            os.close(end)

    def _told(self, _signal: int, _frame: FrameType | None) -> None:
        with suppress(OSError):  # the pipe is full of the same, or closed
            os.write(self._writing, b"x")
        if not self._watched:
            raise SystemExit(0)

    def watched_in(self, loop: dict[int, Any]) -> None:
        """Have the loop over this map of waitress's (`wasyncore`) end with `SystemExit` where a signal asks for it."""
        self._watched = True
        loop[self._reading] = self

    def end_if_told(self) -> None:
        """End if a signal came and what it raised was lost. Raises `SystemExit`."""
        with suppress(BlockingIOError):
            os.read(self._reading, 1)
            self.handle_read_event()

    def readable(self) -> bool:
        """Whether the loop should wait for word."""
        return True

    def writable(self) -> bool:
        """Nothing is written by the loop."""
        return False

    def handle_read_event(self) -> NoReturn:
        """There is word: end the loop."""
        raise SystemExit(0)
