"""How many connections a process keeps: each is an open file, and the index and the archive need some, too."""

from __future__ import annotations

import errno
import logging
import time
from collections.abc import Callable
from typing import Any, Final

MOST_OPEN: Final = 400
"""Connections of a process at most."""
SHARE: Final = 2, 5
"""Of the files that a process may have open, by default a thousand, so many of so many are for connections."""
PAUSE: Final = 0.25
"""Seconds until a connection is tried again for which no file was left."""


def most_open() -> int:
    """How many connections this process may keep (`ulimit -n` of 64: 25)."""
    try:
        import resource
    except ImportError:  # a system without such limits
        return MOST_OPEN
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST_OPEN if files == resource.RLIM_INFINITY else min(MOST_OPEN, files * SHARE[0] // SHARE[1])


def waiting_for_files(accept: Callable[..., Any]) -> Callable[..., Any]:
    """The function, but where no file is left for a connection it waits a moment and returns None.

    The connection goes on waiting. The servers would end over it, or try and complain thousands of times a second.
    """

    def accept_or_wait(*arguments: Any) -> Any:
        try:
            return accept(*arguments)
        except OSError as error:
            if error.errno not in (errno.EMFILE, errno.ENFILE):
                raise
            logging.getLogger(__name__).warning("a connection has to wait: %s; see ulimit -n", error.strerror)
            time.sleep(PAUSE)
            return None

    return accept_or_wait
