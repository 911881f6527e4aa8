"""The server of threads: waitress, which makes room for a new connection rather than have it wait.

By itself waitress takes no more connections once it has as many as it may, until some have been idle for long: a few
hundred that say nothing would keep all other readers waiting, hundred after hundred of them.
"""

from __future__ import annotations

from typing import Any, Final

from waitress.server import TcpWSGIServer

from searchapp.cli.open_files import most_open, waiting_for_files

LEAST_ABOVE: Final = 8
"""Where no connection is idle, an eighth more are taken, and so many at least; only then others wait."""


def most_taken() -> int:
    """How many connections are taken at most, those included that owe their readers an answer.

    Waitress counts its own two among them.
    """
    return most_open() + max(most_open() // 8, LEAST_ABOVE)


class RoomyServer(TcpWSGIServer):  # type: ignore[misc]
    """Keeps a place free for the next connection as long as one of those that are open waits for its reader."""

    def readable(self) -> bool:
        """Whether the loop should wait for new connections, too: it asks before each wait, and this before channels."""
        if len(self.active_channels) >= most_open():
            self._close_one()
        return bool(super().readable())

    def accept(self) -> Any:
        """Take a connection; None where there is none by now, or no file for it."""
        return waiting_for_files(super().accept)()

    def _close_one(self) -> None:
        """Close the connection over which nothing has come for longest, of those that owe their reader nothing."""
        idle = [
            channel
            for channel in self.active_channels.values()
            if not (channel.requests or channel.total_outbufs_len or channel.will_close)
        ]
        if idle:
            # As waitress has it of those that are idle for long: the loop closes it, and reads nothing of it before.
            min(idle, key=lambda channel: channel.last_activity).will_close = True
