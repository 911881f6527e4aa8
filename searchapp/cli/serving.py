"""The serve command: the pages, on this machine or behind a web server."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from searchapp.cli.options import index_option
from searchapp.config import DEFAULT_HOST, DEFAULT_PORT, DEFAULT_TIME_ZONE
from searchapp.errors import SearchAppError

if TYPE_CHECKING:
    import socket

    from searchapp.web.settings import LogFormat

BACKLOG: Final = 1024
"""Connections that the system keeps until a server takes them, as waitress has it; of those that come when there is no
room, each waits for a second or more. By default it is 128, and gunicorn leaves it at that."""


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
@click.option("--threads", type=click.IntRange(1, 64), default=4, show_default=True, help="Of each worker.")
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    default=1,
    show_default=True,
    help="Processes over the one index: one for each core that is to be used.",
)
@click.option(
    "--base-url", metavar="URL", help="The first page's address as readers know it: https://news.example.org."
)
@click.option(
    "--trusted-host", "trusted_hosts", multiple=True, metavar="NAME", help="Only this host name; may be given again."
)
@click.option(
    "--proxy",
    "proxies",
    type=click.IntRange(0, 16),
    default=0,
    show_default=True,
    metavar="N",
    help="So many servers in front write X-Forwarded-For, -Proto and -Host; without it nobody's are believed.",
)
@click.option(
    "--log-format",
    type=click.Choice(["none", "text", "json"]),
    default="none",
    show_default=True,
    help="The access log, on stderr.",
)
@click.option("--log-queries", is_flag=True, help="Log also what readers search for.")
@click.option(
    "--time-zone",
    default=DEFAULT_TIME_ZONE,
    show_default=True,
    envvar="SEARCHAPP_TIME_ZONE",
    show_envvar=True,
    metavar="NAME",
    help="Whose date is today's, as in Africa/Cairo.",
)
def serve(
    *,
    directory: Path,
    host: str,
    port: int,
    threads: int,
    workers: int,
    base_url: str | None,
    trusted_hosts: tuple[str, ...],
    proxies: int,
    log_format: LogFormat,
    log_queries: bool,
    time_zone: str,
) -> None:
    """Serve the search page until it is stopped with Ctrl-C or SIGTERM.

    The address is printed once the page can be opened. Articles that are indexed meanwhile are found without a restart.
    There is no sign-in: to let others in, put a web server that asks for one in front of it (see deploy/).

    \b
      searchapp serve --port 8080
      searchapp serve --workers 4 --base-url https://news.example.org --proxy 1 --log-format json
    """
    from searchapp.cli.ending import Ending
    from searchapp.cli.servers import Service, run
    from searchapp.memory import give_back_at_once
    from searchapp.web import logs
    from searchapp.web.settings import WebSettings

    settings = WebSettings(
        base_url=base_url,
        trusted_hosts=trusted_hosts,
        proxies=proxies,
        log_format=log_format,
        log_queries=log_queries,
    )
    give_back_at_once()
    with _listening(host, port) as listener, Ending() as ending:
        logs.configure(log_format)
        address = _address(listener)
        run(
            Service(
                directory=directory,
                threads=threads,
                workers=workers,
                time_zone=time_zone,
                settings=settings,
                ready=lambda: click.echo(address),
            ),
            listener,
            ending,
        )


def _listening(host: str, port: int) -> socket.socket:
    """A socket that takes connections from now on, for whoever closes it."""
    import socket

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
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
