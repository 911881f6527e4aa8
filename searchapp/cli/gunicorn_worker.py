"""The worker of `serve --workers`: gunicorn's with threads, which leaves connections to others that have fewer."""

from __future__ import annotations

import time
from typing import Any, Final

from gunicorn.workers.gthread import ThreadWorker

SECONDS_EACH: Final = 0.0005
"""How long a worker lets others go first for each connection that it has: an idle one is awake well within it."""
MOST_COUNTED: Final = 4
"""With more connections it lets others go first no longer than with so many: it has requests to answer."""


class EvenWorker(ThreadWorker):  # type: ignore[misc]
    """All workers hear of a connection at once, and browsers and servers in front keep theirs open.

    Without this, the first to wake may take all of them, so that one processor answers while the others are idle.
    """

    def accept(self, *listener: Any) -> None:
        """Take a connection, if no other worker has taken it meanwhile."""
        if self.nr_conns:
            time.sleep(SECONDS_EACH * min(self.nr_conns, MOST_COUNTED))
        super().accept(*listener)
