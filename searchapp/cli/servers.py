"""The servers that answer for the application: one process of threads, or several worker processes over one index."""

from __future__ import annotations

import gc
import logging
import os
import re
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from searchapp import compiled, memory
from searchapp.cli.ending import Ending
from searchapp.cli.resting import Resting
from searchapp.config import LIMITS
from searchapp.errors import SearchAppError, UsageError
from searchapp.frozen import dataclass
from searchapp.index import Index, open_index
from searchapp.model import SearchRequest
from searchapp.web.settings import MULTIPROCESS_DIRECTORY, WebSettings

if TYPE_CHECKING:
    from flask import Flask

GRACE: Final = 30
"""Seconds that workers have to finish what they are answering when the server is stopped."""
STARTING: Final = 300
"""Seconds that a worker may take until it answers: it counts its archive first, some 2 s a million articles."""
LARGEST_BODY: Final = 1 << 16
"""Bytes; no page takes a body, so that one is read only to be thrown away."""
COMPILING: Final = 5.0
"""Seconds that workers wait at the start for loops that were never compiled; those that were are only loaded."""
BEGINNING: Final = "ال"
"""What most Arabic words begin with."""
UNKNOWN_WORD: Final = "ضصثقفغ"
"""Neighbours on the keyboard: a word that no archive has, so that other searches are looked for."""
KEPT_OPEN: Final = 5
"""Seconds that a connection without a request is kept: what a reader needs for the next click, mostly."""
SLOW: Final = 15
"""Seconds without a byte after which the server of threads closes a connection."""
_QUOTED: Final = re.compile(r"""['"].*""", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What is served and how; `ready` is called once a worker answers."""

    directory: Path
    threads: int
    workers: int
    time_zone: str
    settings: WebSettings
    ready: Callable[[], None]

    def application(self, index: Index) -> Flask:
        """The application over an open index."""
        from searchapp.web.app import create_app

        # The first look at each part of the index checks it, what finds other searches and what is counted is only then
        # made, and the archive is opened when it is first asked: better now than when the first reader waits.
        index.search(SearchRequest())
        index.search(SearchRequest(q=UNKNOWN_WORD))
        index.completions(BEGINNING)
        index.statistics()
        index.times(())
        app = create_app(index, time_zone=self.time_zone, settings=self.settings)
        _compile_templates(app)
        return app


def _compile_templates(app: Flask) -> None:
    """Make the pages that most readers see first, for nobody: they are neither counted nor logged."""
    for address in ("/", f"/search?q={quote(BEGINNING)}"):
        with app.test_request_context(address):
            app.full_dispatch_request()


def run(service: Service, listener: socket.socket, ending: Ending) -> None:
    """Serve until a signal ends it, which `ending` hears; requests that are being answered are finished.

    Raises:
        UsageError: more workers are wanted than can be run here.
        IndexBroken: there is no index that can be read.
        SearchAppError: the workers cannot be started.
    """
    if service.workers > 1:
        _run_workers(service, listener, ending)
    else:
        _run_one(service, listener, ending)


def _run_one(service: Service, listener: socket.socket, ending: Ending) -> None:
    from searchapp.cli.thread_server import RoomyServer, most_taken

    connections: dict[int, Any] = {}
    with open_index(service.directory, on_replaced=memory.release) as index:
        server = RoomyServer(
            service.application(index),
            connections,
            _sock=listener,
            sockinfo=(listener.family, listener.type, listener.proto, listener.getsockname()),
            bind_socket=False,
            threads=service.threads,
            ident=None,
            # Pages are read; nothing is sent to them.
            max_request_body_size=LARGEST_BODY,
            connection_limit=most_taken(),
            channel_timeout=SLOW,
            cleanup_interval=SLOW // 5,
            # Whom to believe is decided in one place for all servers: `layers.install`.
            clear_untrusted_proxy_headers=False,
        )
        ending.watched_in(connections)
        compiled.prepare()
        resting = Resting(index)
        resting.start()
        service.ready()
        server.run()
        server.close()
        resting.stop()


def _run_workers(service: Service, listener: socket.socket, ending: Ending) -> None:
    # Before anything counts: where counts are kept is decided when the metrics are imported.
    with _shared_counts():
        application = _gunicorn_application(service, listener)
        _try_once(service)
        ending.end_if_told()
        try:
            application.run()
        except SystemExit as ended:
            if ended.code not in (0, None):
                raise SearchAppError("the server's workers cannot be started; the log says why") from ended


def _try_once(service: Service) -> None:
    """What keeps workers from starting is told here, once, and not by each of them for ever."""
    with open_index(service.directory) as index:
        service.application(index)
    # After all searches of this process: compiling in the background takes a thread, and it is to be forked.
    if compiled.prepare():
        compiled.make_usual(COMPILING)
    _forget_gauges(os.getpid())
    # Memory that no worker writes to is shared by all: no collection is to mark it, and what is free goes back.
    gc.collect()
    gc.freeze()
    memory.release()


@contextmanager
def _shared_counts() -> Iterator[None]:
    """A folder in which all workers keep their counts; it goes with the server."""
    owner, folder = os.getpid(), tempfile.mkdtemp(prefix="searchapp-metrics-")
    os.environ[MULTIPROCESS_DIRECTORY] = folder
    try:
        yield
    finally:
        # A worker ends by leaving this block, too, in a process of its own.
        if os.getpid() == owner:
            shutil.rmtree(folder, ignore_errors=True)
            del os.environ[MULTIPROCESS_DIRECTORY]


def _gunicorn_application(service: Service, listener: socket.socket) -> Any:
    try:
        from gunicorn.app.base import BaseApplication
        from gunicorn.glogging import Logger
        from gunicorn.http import message

        from searchapp.cli.gunicorn_worker import HeedfulArbiter
    except ImportError as error:
        raise UsageError("several workers need gunicorn, which is not for this system; leave out --workers") from error

    # No setting reaches beyond this constant, and 1,365 Arabic letters in a URL would be over it.
    message.MAX_REQUEST_LINE = LIMITS.address_bytes + 1

    class PropagatingLogger(Logger):  # type: ignore[misc]
        """Hands what the server has to say to this process's log."""

        def warning(self, message: str, *values: Any, **named: Any) -> None:
            # It tells a request that it cannot read with all of its address, what is searched for, too.
            told = message if service.settings.log_queries else _QUOTED.sub("(not logged)", message)
            super().warning(told, *values, **named)

        def setup(self, _configuration: Any) -> None:
            self.error_log.propagate = True
            self.error_log.setLevel(logging.WARNING)

    class Application(BaseApplication):  # type: ignore[misc]
        """The application in each worker, over an index that it opens for itself."""

        def load_config(self) -> None:
            for name, value in _gunicorn_settings(service, listener).items():
                self.cfg.set(name, value)
            self.cfg.set("logger_class", PropagatingLogger)

        def load(self) -> Flask:
            index = open_index(service.directory, on_replaced=memory.release)
            try:
                application = service.application(index)
            except BaseException:
                index.close()  # it is tried again, maybe for days
                raise
            Resting(index).start()
            return application

        def run(self) -> None:
            try:
                HeedfulArbiter(self).run()
            except RuntimeError as error:
                raise SearchAppError(f"the server cannot be started: {error}") from error

    return Application()


def _gunicorn_settings(service: Service, listener: socket.socket) -> dict[str, Any]:
    tell_ready = _first_of_all(service.ready)
    return {
        "bind": [f"fd://{os.dup(listener.fileno())}"],  # it closes the one that it is given
        "workers": service.workers,
        "worker_class": "searchapp.cli.gunicorn_worker.EvenWorker",
        "threads": service.threads,
        "keepalive": KEPT_OPEN,
        "limit_request_line": LIMITS.address_bytes,
        "graceful_timeout": GRACE,
        "timeout": STARTING,
        "proc_name": "searchapp",
        "control_socket_disable": True,
        # Whom to believe is decided in one place for all servers: `layers.install`.
        "forwarded_allow_ips": "",
        "forwarder_headers": "",
        "secure_scheme_headers": {},
        "post_worker_init": lambda _worker: tell_ready(),
        "child_exit": lambda _server, worker: _forget_gauges(worker.pid),
    }


def _first_of_all(tell: Callable[[], None]) -> Callable[[], None]:
    """A function that does it in the first process to call it, of this one and all that are forked from it."""
    reading, writing = os.pipe()
    os.write(writing, b"x")
    os.set_blocking(reading, False)

    def once() -> None:
        with suppress(BlockingIOError):
            os.read(reading, 1)
            tell()

    return once


def _forget_gauges(process: int) -> None:
    """A worker that ended is at no generation any more; what it counted stays."""
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(process)  # type: ignore[no-untyped-call]
