"""The serve command: the page, on this machine."""

from __future__ import annotations

import errno
import signal
import socket
from pathlib import Path
from types import FrameType
from typing import NoReturn

import click

from searchapp.cli.options import index_option
from searchapp.config import DEFAULT_HOST, DEFAULT_PORT
from searchapp.errors import SearchAppError


@click.command(short_help="Serve the search page.")
@index_option
@click.option("--host", default=DEFAULT_HOST, show_default=True, help="The address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=DEFAULT_PORT,
    show_default=True,
    help="The port to listen on; 0 takes any that is free.",
)
@click.option("--threads", type=click.IntRange(1, 64), default=4, show_default=True, help="Requests served at once.")
def serve(directory: Path, host: str, port: int, threads: int) -> None:
    """Serve the search page until it is stopped with Ctrl-C or SIGTERM.

    The address is printed once the page can be opened. Articles that are indexed meanwhile are found without a restart.
    There is no sign-in: to let others in, put a web server that asks for one in front of it.

    \b
      searchapp serve --port 8080
    """
    from waitress.server import create_server

    from searchapp.index import open_index
    from searchapp.web.app import create_app

    signal.signal(signal.SIGTERM, _stop)
    with open_index(directory) as index, _listening(host, port) as listener:
        server = create_server(create_app(index), sockets=[listener], threads=threads)
        click.echo(_address(listener))
        server.run()
        server.close()


def _stop(_signal: int, _frame: FrameType | None) -> NoReturn:
    """End as after Ctrl-C: the server lets the requests that it is answering finish."""
    raise SystemExit(0)


def _listening(host: str, port: int) -> socket.socket:
    """A socket that takes connections from now on, for whoever closes it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            reason = f"port {port} on {host} is in use; stop what is serving there, or choose another with --port"
        else:
            reason = f"cannot listen on port {port} of {host}: {error.strerror}; see --host and --port"
        raise SearchAppError(reason) from error


def _address(listener: socket.socket) -> str:
    """Where it listens, as a browser takes it."""
    host, port = listener.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"
