"""The workers of `serve --workers`, and who starts them: gunicorn's own, but for five things.

A worker leaves connections to others that have fewer; no thread of it waits for a slow reader's request; one that is
started while the data directory cannot be read waits until it can; a signal that comes while a worker is being started
is not lost; and one that comes while a worker takes a connection does not stop it for ever.
"""

from __future__ import annotations

import logging
import signal
import sys
import time
from collections.abc import Iterator
from types import FrameType
from typing import Any, Final

from gunicorn.arbiter import Arbiter

from searchapp.cli.slow_connections import PatientWorker
from searchapp.errors import SearchAppError

SECONDS_EACH: Final = 0.0005
"""How long a worker lets others go first for each connection that it has: an idle one is awake well within it."""
MOST_COUNTED: Final = 4
"""With more connections it lets others go first no longer than with so many: it has requests to answer."""
FIRST_PAUSE: Final = 1.0
"""Seconds until a worker that could not be made ready tries again; then twice as long each time."""
LONGEST_PAUSE: Final = 30.0
"""Seconds that it waits at most."""
LOOK: Final = 0.25
"""Seconds between two looks at whether it is to end, while it waits."""
_ENDING: Final = {signal.SIGTERM, signal.SIGQUIT, signal.SIGINT}
"""What tells a worker to end."""


class HeedfulArbiter(Arbiter):  # type: ignore[misc]
    """Starts workers that hear every signal to end.

    Until a worker has handlers of its own it has this process's, which only note a signal for a loop that the worker
    does not run: it would go on, and be killed when its time to end is over.
    """

    def spawn_worker(self) -> Any:
        """Start one, with signals kept back until it can hear them."""
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
        try:
            return super().spawn_worker()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


class EvenWorker(PatientWorker):
    """All workers hear of a connection at once, and browsers and servers in front keep theirs open.

    Without this, the first to wake may take all of them, so that one processor answers while the others are idle.
    """

    def accept(self, listener: Any) -> None:
        """Take a connection, if no other worker has taken it meanwhile."""
        if self.nr_conns:
            time.sleep(SECONDS_EACH * min(self.nr_conns, MOST_COUNTED))
        super().accept(listener)

    def init_signals(self) -> None:
        """Have handlers for signals, then hear those that came meanwhile."""
        super().init_signals()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)

    def handle_quit(self, sig: int, frame: FrameType | None) -> None:
        """End without waiting for idle connections, once the loop has its turn.

        Gunicorn ends its threads in the handler itself. Where the signal comes while the loop hands a connection to a
        thread, it would wait for a lock that is held by what it interrupts.
        """
        if not self.booted:
            super().handle_quit(sig, frame)  # ends here: there is no loop yet
        self.alive = False
        self.method_queue.defer(sys.exit, 0)

    def load_wsgi(self) -> None:
        """Make the application, again and again until it can be made.

        The server has made it once before it started workers. What keeps a worker from it later is a disk that is away,
        mostly: gunicorn would end the whole service, with all workers that still answer.
        """
        told = ""
        for pause in pauses():
            try:
                super().load_wsgi()
            except Exception as error:  # whatever it is, the service is to go on
                if str(error) != told:
                    told = str(error)
                    _tell(error)
                self._wait(pause)
                continue
            if told:
                logging.getLogger(__name__).warning("a worker that could not be started answers now")
            return

    def _wait(self, seconds: float) -> None:
        """Let time pass; ends the process where the server ends."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if not self.alive or not self.is_parent_alive():
                sys.exit(0)
            self.notify()  # or the server would take it for one that hangs
            time.sleep(LOOK)


def pauses() -> Iterator[float]:
    """How long to wait after each attempt, in seconds: longer and longer, up to a bound."""
    pause = FIRST_PAUSE
    while True:
        yield pause
        pause = min(2 * pause, LONGEST_PAUSE)


def _tell(error: Exception) -> None:
    """Say in one line what is missing; of what was not foreseen, also where it came up."""
    foreseen = isinstance(error, SearchAppError | OSError)
    logging.getLogger(__name__).error(
        "a worker cannot be started, and is tried again until it can: %s", error, exc_info=None if foreseen else error
    )
