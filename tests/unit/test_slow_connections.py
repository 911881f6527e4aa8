"""Readers who are slow, or only seem to be readers, keep no other from being answered, whichever server it is."""

from __future__ import annotations

import errno
import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner

from searchapp import compiled
from searchapp.cli.open_files import waiting_for_files
from searchapp.cli.program import program
from searchapp.cli.serving import BACKLOG, _listening
from tests.waiting import next_line, started

pytest.importorskip("gunicorn", reason="gunicorn is not for this system")

Address = tuple[str, int]
HEAD: Final = b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n"
CLOSING: Final = HEAD + b"Connection: close\r\n\r\n"
ROOM_FOR_FEW: Final = """
from searchapp.cli import open_files
from searchapp.cli.program import main
open_files.MOST_OPEN = 8
main()
"""
"""The servers, with few connections open in each process."""
FEW_FILES: Final = """
import resource
from searchapp.cli.program import main
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
main()
"""
"""The server, in a process that may have few files open."""
STARTS: Final = {"usual": ["-m", "searchapp"], "room for few": ["-c", ROOM_FOR_FEW], "few files": ["-c", FEW_FILES]}


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory, seeds: Path) -> Path:
    """A data directory with the sample pages in it."""
    path = tmp_path_factory.mktemp("served") / "data"
    assert CliRunner().invoke(program, ["index", str(seeds), "--index", str(path)]).exit_code == 0
    return path


@contextmanager
def serving(directory: Path, workers: int, start: str = "usual", log: Path = Path("/dev/null")) -> Iterator[Address]:
    """A server with one thread a worker: where it listens."""
    options = ["--index", str(directory), "--port", "0", "--workers", str(workers), "--threads", "1"]
    command = ["env", f"{compiled.SWITCH}=off", sys.executable, *STARTS[start], "serve", *options]
    with log.open("w") as written, started(command, stderr=written) as server:
        address = urlsplit(next_line(server))
        yield str(address.hostname), address.port or 0


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the server of workers has to say."""
    return tmp_path_factory.mktemp("log") / "log"


@pytest.fixture(scope="module")
def servers(directory: Path, log: Path) -> Iterator[dict[str, Address]]:
    """Both servers: the one of threads, and the one of workers."""
    with serving(directory, 1) as threads, serving(directory, 2, log=log) as workers:
        yield {"threads": threads, "workers": workers}


def answer(where: Address, request: bytes = CLOSING) -> bytes:
    """All that is answered to a request, until the server closes; in seconds, or an error of time."""
    with socket.create_connection(where, timeout=4) as connection:
        connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(1 << 16), b""))


def opened(many: ExitStack, where: Address, sent: bytes) -> socket.socket:
    """A connection over which something is sent, open until the block ends."""
    connection = many.enter_context(socket.create_connection(where, timeout=20))
    connection.sendall(sent)
    return connection


@pytest.mark.parametrize("server", ["threads", "workers"])
@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"GET /hea", id="half a line"),
        pytest.param(HEAD + b"X-Slow: ", id="half a head"),
        pytest.param(b"POST /search HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n\r\nx", id="half a body"),
        pytest.param(CLOSING, id="answered, never closed by the reader"),
    ],
)
def test_who_is_slow_keeps_nobody_waiting(servers: dict[str, Address], server: str, sent: bytes) -> None:
    with ExitStack() as many:
        for _ in range(12):
            opened(many, servers[server], sent)
        assert answer(servers[server]).startswith(b"HTTP/1.1 200 OK")


def test_half_a_request_is_closed_after_a_while_though_more_of_it_comes(servers: dict[str, Address]) -> None:
    with ExitStack() as many:
        half, began = opened(many, servers["workers"], b"GET /"), time.monotonic()
        with suppress(ConnectionError):
            while time.monotonic() - began < 20:
                half.sendall(b"x")
                time.sleep(0.2)
        assert time.monotonic() - began < 20


def test_a_request_that_comes_in_pieces_and_one_right_behind_it_are_answered(servers: dict[str, Address]) -> None:
    with ExitStack() as many:
        connection = opened(many, servers["workers"], b"")
        for piece in (b"GET /hea", HEAD[8:-1], b"\n\r", b"\n" + HEAD):
            connection.sendall(piece)
            time.sleep(0.1)
        assert connection.recv(1 << 16).startswith(b"HTTP/1.1 200 OK")
        connection.sendall(b"\r\n")
        assert connection.recv(1 << 16).startswith(b"HTTP/1.1 200 OK")


@pytest.mark.parametrize("workers", [1, 2])
def test_where_connections_are_many_a_new_one_takes_the_place_of_one_that_waits(directory: Path, workers: int) -> None:
    with serving(directory, workers, "room for few") as where, ExitStack() as many:
        idle = [opened(many, where, b"") for _ in range(120)]
        assert answer(where).startswith(b"HTTP/1.1 200 OK")
        idle[0].settimeout(4)  # sooner than for having been idle
        assert idle[0].recv(1) == b""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have other bounds")
def test_many_connections_that_come_at_once_wait_for_the_server_and_not_for_a_second_try() -> None:
    bound = int(Path("/proc/sys/net/core/somaxconn").read_text())
    with _listening("127.0.0.1", 0) as listener, ExitStack() as many:
        for _ in range(min(BACKLOG, bound) // 2):
            many.enter_context(socket.create_connection(listener.getsockname(), timeout=0.9))


def test_a_request_that_cannot_be_read_does_not_bring_what_is_searched_for_into_the_log(
    servers: dict[str, Address], log: Path
) -> None:
    # Letters as they are, not encoded, as some programs send them.
    request = "GET /search?q=secret'وزير HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    assert answer(servers["workers"], request.encode()).startswith(b"HTTP/1.1 400 ")
    assert "Invalid request from" in log.read_text()
    assert "secret" not in log.read_text()


@pytest.mark.parametrize("workers", [1, 2])
def test_where_files_are_few_connections_wait_and_the_server_goes_on(
    directory: Path, tmp_path: Path, workers: int
) -> None:
    log = tmp_path / "log"
    with serving(directory, workers, "few files", log) as where:
        with ExitStack() as many:
            for _ in range(100 * workers):
                opened(many, where, HEAD)
            if workers > 1:  # they close those that wait; the server of threads does so after a while
                assert answer(where).startswith(b"HTTP/1.1 200")
        assert answer(where).startswith(b"HTTP/1.1 200")
    assert "Too many open files" not in log.read_text()


def test_a_connection_that_finds_no_file_left_is_told_and_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    def accept(number: int) -> None:
        raise OSError(number, os.strerror(number))

    assert waiting_for_files(accept)(errno.EMFILE) is None
    assert caplog.messages == ["a connection has to wait: Too many open files; see ulimit -n"]
    with pytest.raises(ConnectionError):
        waiting_for_files(accept)(errno.ECONNABORTED)
