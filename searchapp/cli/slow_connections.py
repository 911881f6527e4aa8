"""Workers that slow readers cannot keep: gunicorn's threads answer requests, and wait for none.

Gunicorn hands a connection to a thread when it is opened, so that as many as there are threads, each with half a
request, would stop a worker for ever. Here the worker's own loop, which waits for all connections at once, takes in
what comes of a request until its head is there, and sees connections off. To wait costs a socket and the bytes so far.
"""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from selectors import EVENT_READ
from typing import TYPE_CHECKING, Any, Final

from gunicorn.workers.gthread import ThreadWorker

from searchapp.cli.open_files import most_open, waiting_for_files

if TYPE_CHECKING:
    from concurrent.futures import Future

LARGEST_HEAD: Final = 1 << 20
"""Bytes; gunicorn refuses a head that is shorter, before it reads on: 65,536 of address and 100 fields of 8,192."""
BODY_SECONDS: Final = 0.1
"""How long a thread waits for the rest of a body that nobody reads; after that the connection is closed."""
SENDING_SECONDS: Final = 30
"""How long a thread waits for a reader who takes nothing of an answer."""
_END_OF_HEAD: Final = b"\r\n\r\n"
_READ_AT_ONCE: Final = 1 << 16


class PatientWorker(ThreadWorker):  # type: ignore[misc]
    """Gives a connection to a thread once the head of a request is there, and takes it back for its end.

    Of gunicorn's own, `pending_conns` are the connections that the loop waits for, the first to be closed first:
    each is closed when it has waited for `keepalive` seconds, whatever came meanwhile.
    """

    def accept(self, listener: socket.socket) -> None:
        """Take a connection, in the place of the one that has waited longest where there are many."""
        if self.nr_conns >= most_open():
            self._close_one()
        waiting_for_files(super().accept)(listener)

    def _close_one(self) -> None:
        """Close the connection that has waited longest for more to come, if there is one."""
        waiting = self.pending_conns or self.keepalived_conns
        if waiting:
            connection = waiting.popleft()
            self.poller.unregister(connection.sock)
            self._close(connection)

    def _close(self, connection: Any) -> None:
        self.nr_conns -= 1
        connection.close()

    def enqueue_req(self, conn: Any) -> None:
        """Have a thread answer, at once or when the head of the request has come."""
        if not conn.initialized:
            limit = struct.pack("ll", SENDING_SECONDS, 0)
            conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
            conn.init()
        conn.sock.setblocking(False)
        if self._has_head(conn):
            super().enqueue_req(conn)
        else:
            self._await(conn, self._on_more)

    def _has_head(self, connection: Any) -> bool:
        """Take in what has come, and say whether a thread can go on with it without waiting."""
        unreader = connection.parser.unreader
        try:
            came = connection.sock.recv(_READ_AT_ONCE)
        except BlockingIOError:
            came = None
        except OSError:
            came = b""
        head = unreader.take_buffered() + (came or b"")
        unreader.unread(head)
        # At its end a thread finds out, too, that there is no request.
        return came == b"" or _END_OF_HEAD in head or len(head) >= LARGEST_HEAD

    def _await(self, connection: Any, then: Callable[[Any, Any], None]) -> None:
        connection.timeout = time.monotonic() + self.cfg.keepalive
        self.pending_conns.append(connection)
        self.poller.register(connection.sock, EVENT_READ, partial(then, connection))

    def _waits_no_more(self, connection: Any) -> None:
        self.poller.unregister(connection.sock)
        self.pending_conns.remove(connection)

    def _on_more(self, connection: Any, _socket: Any) -> None:
        if self._has_head(connection):
            self._waits_no_more(connection)
            super().enqueue_req(connection)

    def _keepalive_after(self, conn: Any, keepalive: bool) -> bool:
        return keepalive and bool(conn.parser.finish_body(deadline=time.monotonic() + BODY_SECONDS))

    def finish_request(self, conn: Any, fs: Future[Any]) -> None:
        """Keep the connection for another request, or see it off: gunicorn's loop would wait for its other end."""
        ends = not (fs.cancelled() or fs.exception() or fs.result())
        if not ends or not self.alive:
            super().finish_request(conn, fs)
            return
        conn.sock.setblocking(False)
        try:
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self._close(conn)
        else:
            self._await(conn, self._on_farewell)

    def _on_farewell(self, connection: Any, _socket: Any) -> None:
        """Throw away what still comes. Closed at once with bytes unread, a connection may lose the answer's end."""
        with suppress(BlockingIOError):
            try:
                ended = not connection.sock.recv(_READ_AT_ONCE)
            except ConnectionError:
                ended = True
            if ended:
                self._waits_no_more(connection)
                self._close(connection)
