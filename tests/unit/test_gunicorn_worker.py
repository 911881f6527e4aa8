"""Workers share connections: one that has some lets the others go first."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner

from searchapp.cli.program import program
from tests.waiting import PATIENCE, end, next_line, ready_workers_of, started

gunicorn_worker = pytest.importorskip("searchapp.cli.gunicorn_worker", reason="gunicorn is not for this system")

CONNECTIONS: Final = 24
TRIES: Final = 4
"""On a busy machine a worker may not have its turn before the other has taken most of them."""
REQUEST: Final = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory, seeds: Path) -> Path:
    """A data directory with the sample pages in it."""
    path = tmp_path_factory.mktemp("worked") / "data"
    assert CliRunner().invoke(program, ["index", str(seeds), "--index", str(path)]).exit_code == 0
    return path


def two_workers(data: Path, root: Path, *python: str, **popen: Any) -> AbstractContextManager[subprocess.Popen[str]]:
    """A server of two workers on a port that was free, run by Python with these options."""
    command = [sys.executable, *python, "serve", "--index", str(data), "--port", "0", "--workers", "2"]
    return started(command, cwd=root, **popen)


@pytest.mark.parametrize(("connections", "waits"), [(0, []), (1, [0.0005]), (3, [0.0015]), (50, [0.002])])
def test_a_worker_waits_the_longer_the_more_connections_it_has(
    monkeypatch: pytest.MonkeyPatch, connections: int, waits: list[float]
) -> None:
    waited: list[float] = []
    taken: list[object] = []
    monkeypatch.setattr(gunicorn_worker.time, "sleep", waited.append)
    monkeypatch.setattr(gunicorn_worker.PatientWorker, "accept", lambda _self, listener: taken.append(listener))
    worker = object.__new__(gunicorn_worker.EvenWorker)
    worker.nr_conns = connections
    worker.accept("listener")
    assert waited == pytest.approx(waits)
    assert taken == ["listener"]


def sockets(process: int) -> int:
    """How many sockets a process has open."""
    targets = [entry.readlink() for entry in Path(f"/proc/{process}/fd").iterdir() if entry.is_symlink()]
    return sum(str(target).startswith("socket:") for target in targets)


def least_share(host: str, port: int, workers: list[int]) -> int:
    """How many of some connections that come at once the worker takes that takes the fewest."""
    before = {worker: sockets(worker) for worker in workers}
    with ExitStack() as opened:
        each = [opened.enter_context(socket.create_connection((host, port), timeout=60)) for _ in range(CONNECTIONS)]
        for connection in each:
            connection.sendall(REQUEST)
        assert all(connection.recv(12).startswith(b"HTTP/1.1") for connection in each)
        return min(sockets(worker) - before[worker] for worker in workers)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems say it elsewhere")
def test_connections_that_come_at_once_are_shared_among_workers(data: Path, project_root: Path) -> None:
    with two_workers(data, project_root, "-m", "searchapp") as server:
        address = urlsplit(next_line(server))
        assert address.hostname is not None
        workers = ready_workers_of(server, 2)
        time.sleep(0.5)  # they have opened the index, and listen soon
        least = [least_share(address.hostname, address.port or 0, workers)]
        while len(least) < TRIES and max(least) < CONNECTIONS // 6:
            least.append(least_share(address.hostname, address.port or 0, workers))
        assert max(least) >= CONNECTIONS // 6, least
        end(server)


SLOW_TO_START: Final = """
import sys, time
from searchapp.cli.gunicorn_worker import EvenWorker
from searchapp.cli.program import main
start = EvenWorker.init_process
def slowly(worker):
    print("starting", flush=True)
    time.sleep(1.5)
    start(worker)
EvenWorker.init_process = slowly
main()
"""


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_that_comes_while_workers_are_started_is_heard(
    data: Path, project_root: Path, ending: signal.Signals
) -> None:
    with two_workers(data, project_root, "-c", SLOW_TO_START) as server:
        while (line := next_line(server)) != "starting":
            assert line
        began = time.monotonic()
        server.send_signal(ending)
        assert server.wait(PATIENCE) == 0
        # One that has not heard is killed after half a minute.
        assert time.monotonic() - began < 20


SLOW_TO_HAND_OVER: Final = """
import time
from concurrent.futures import ThreadPoolExecutor
from searchapp.cli.program import main
start_thread = ThreadPoolExecutor._adjust_thread_count
def slowly(pool):
    print("handing over", flush=True)
    time.sleep(1.5)
    start_thread(pool)
ThreadPoolExecutor._adjust_thread_count = slowly
main()
"""


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_that_comes_while_a_connection_is_handed_to_a_thread_is_heard(
    data: Path, project_root: Path, ending: signal.Signals
) -> None:
    with two_workers(data, project_root, "-c", SLOW_TO_HAND_OVER, stderr=subprocess.PIPE) as server:
        address = urlsplit(next_line(server))
        assert address.hostname is not None
        with socket.create_connection((address.hostname, address.port or 0), timeout=60) as connection:
            connection.sendall(REQUEST)
            assert next_line(server) == "handing over"
            began = time.monotonic()
            server.send_signal(ending)
            _, errors = server.communicate(timeout=PATIENCE)
        assert (server.returncode, errors) == (0, "")
        assert time.monotonic() - began < 20
