"""The serve command: when it says its address, when it cannot, how it ends, and that workers are one server."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from click.testing import CliRunner

from searchapp import compiled
from searchapp.cli.program import program
from searchapp.config import LIMITS
from tests.waiting import PATIENCE, end, map_in_threads, next_line, ready_workers_of, started, wait_until, workers_of


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory, seeds: Path) -> Path:
    """A data directory with the sample pages in it."""
    path = tmp_path_factory.mktemp("served") / "data"
    assert CliRunner().invoke(program, ["index", str(seeds), "--index", str(path)]).exit_code == 0
    return path


NO_LOOPS = {compiled.SWITCH: "off"}
"""For the environment of a server of which nothing is asked that loops may answer."""


@contextmanager
def serving(directory: Path, root: Path, *options: str, **popen: Any) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server on a port that was free, and the address that it printed; started with `NO_LOOPS` in half the time."""
    command = [sys.executable, "-m", "searchapp", "serve", "--index", str(directory), "--port", "0", *options]
    with started(command, cwd=root, **({"stderr": subprocess.PIPE} | popen)) as server:
        try:
            yield server, next_line(server)
        finally:
            end(server)


def read(address: str) -> tuple[int, str]:
    with urlopen(address, timeout=30) as answer:  # noqa: S310 - an address on this machine
        return answer.status, answer.read().decode()


@contextmanager
def sigint_ignored() -> Iterator[None]:
    """As in a shell script, which tells what it starts with `&` to ignore Ctrl-C; children inherit it."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_the_address_is_printed_once_it_answers_and_a_signal_ends_it_cleanly(
    directory: Path, project_root: Path, ending: signal.Signals, workers: str
) -> None:
    with sigint_ignored(), serving(directory, project_root, "--workers", workers) as (server, address):
        assert address.startswith("http://127.0.0.1:")
        assert read(address)[0] == 200
        server.send_signal(ending)
        more, errors = server.communicate(timeout=60)
    assert (server.returncode, more, errors) == (0, "", "")


def test_what_the_server_does_for_itself_is_not_counted(directory: Path, project_root: Path) -> None:
    with serving(directory, project_root) as (_, address):
        metrics = read(f"{address}metrics")[1]
    assert "searchapp_search_hits_count 0.0" in metrics
    assert "searchapp_requests_total{" not in metrics


FIRST_READERS = """
import sys
from pathlib import Path
from searchapp import open_index
from searchapp.cli.servers import Service
from searchapp.web.settings import WebSettings

directory = Path(sys.argv[1])
service = Service(
    directory=directory, threads=1, workers=1, time_zone="UTC", settings=WebSettings(), ready=lambda: None
)
client = service.application(open_index(directory)).test_client()
before = set(sys.modules)
for address in ("/", "/search?q=بلينكن", "/search?q=بلينكنن", "/suggest?q=بلي"):
    assert client.get(address).status_code == 200, address
print(sorted(name for name in set(sys.modules) - before if not name.startswith("encodings.")))
"""


def test_nothing_is_left_to_be_loaded_for_the_first_reader(directory: Path, project_root: Path) -> None:
    command = [sys.executable, "-c", FIRST_READERS, str(directory)]
    ran = subprocess.run(command, cwd=project_root, capture_output=True, text=True, timeout=60, check=False)
    assert (ran.stderr, ran.stdout.strip()) == ("", "[]")


def exports_counted(address: str) -> float:
    """How many exports the server says that it has answered."""
    found = re.search(r'searchapp_requests_total{status="200",view="export"} ([0-9.]+)', read(f"{address}metrics")[1])
    return float(found[1]) if found else 0.0


def test_workers_count_together_and_answer_from_the_newest_index(
    directory: Path, project_root: Path, tmp_path: Path
) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    options = ("--workers", "2", "--threads", "2", "--log-format", "json")
    with serving(directory, project_root, *options, env=environment) as (server, address):
        answers = map_in_threads(read, [f"{address}search.json?q=%D8%A8"] * 40, 8)
        assert {status for status, _ in answers} == {200}
        # An answer is counted when it has been sent, which may be just after its reader has it.
        deadline = time.monotonic() + 10
        while (counts := exports_counted(address)) < 40 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert counts == 40
        generation = json.loads(read(f"{address}ready")[1])["generation"]
        more = tmp_path / "more.jsonl"
        more.write_text('{"id": "new", "title": "جديد", "text": "زنجبيل"}\n', encoding="utf-8")
        assert CliRunner().invoke(program, ["index", str(more), "--index", str(directory)]).exit_code == 0
        time.sleep(0.5)
        found = [json.loads(read(f"{address}search.json?q=%D8%B2%D9%86%D8%AC%D8%A8%D9%8A%D9%84")[1]) for _ in range(8)]
        assert {answer["total"] for answer in found} == {1}
        assert {answer["generation"] for answer in found} == {generation + 1}
        server.send_signal(signal.SIGTERM)
        _, errors = server.communicate(timeout=60)
    lines = [json.loads(line) for line in errors.splitlines()]
    answered = [line["message"] for line in lines if line["logger"] == "searchapp.access"]
    assert len([message for message in answered if "GET /metrics" not in message]) == 40 + 1 + 8
    assert server.returncode == 0
    assert list(tmp_path.glob("searchapp-metrics-*")) == []


def test_workers_count_in_files_whose_room_is_taken_and_end_with_a_word_where_there_is_none(
    directory: Path, project_root: Path, tmp_path: Path
) -> None:
    # A file with holes is mapped as well, and kills who writes into it when the disk is full.
    environment = os.environ | NO_LOOPS | {"TMPDIR": str(tmp_path)}
    with serving(directory, project_root, "--workers", "2", env=environment) as (_, address):
        for path in ("search?q=x", "search.json", "nothing"):
            with suppress(HTTPError):
                read(address + path)
        # The address is told by the first worker that is ready.
        wait_until(lambda: len(list(tmp_path.glob("searchapp-metrics-*/*.db"))) >= 6)
        wait_until(lambda: all(path.stat().st_size >= 1 << 17 for path in tmp_path.glob("searchapp-metrics-*/*.db")))
        files = [path.stat() for path in tmp_path.glob("searchapp-metrics-*/*.db")]
        assert all(file.st_blocks * 512 >= file.st_size for file in files)
    limited = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)); "
    limited += "from searchapp.cli.program import main; main()"
    command = [sys.executable, "-c", limited, "serve", "--port", "0", "--workers", "2", "--index", str(directory)]
    ran = subprocess.run(
        command, cwd=project_root, env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    assert (ran.returncode, ran.stdout) == (1, "")
    assert re.fullmatch(rf"searchapp: {re.escape(str(tmp_path))}/\S+\.db: File too large\n", ran.stderr)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_what_is_being_answered_is_finished(directory: Path, project_root: Path, workers: str) -> None:
    with serving(directory, project_root, "--workers", workers, env=os.environ | NO_LOOPS) as (server, address):
        host, port = re.findall(r"//([\d.]+):(\d+)", address)[0]
        with socket.create_connection((host, int(port)), timeout=30) as connection:
            # Asked, but the answer is not read before the server was told to end.
            connection.sendall(b"GET /search.csv HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            assert connection.recv(1, socket.MSG_PEEK)  # it is being answered
            server.send_signal(signal.SIGTERM)
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
        server.communicate(timeout=60)
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert answer.count(b"\r\n") > 10
    assert server.returncode == 0


@pytest.fixture(scope="module", params=["1", "2"])
def served(request: pytest.FixtureRequest, directory: Path, project_root: Path) -> Iterator[str]:
    """The address of a server, of one process and of several."""
    with serving(directory, project_root, "--workers", request.param, env=os.environ | NO_LOOPS) as (_, address):
        yield address


def test_a_long_query_in_arabic_gets_through_and_a_longer_address_is_refused(served: str) -> None:
    assert read(f"{served}search.json?q={'%D9%83' * LIMITS.query_characters}")[0] == 200
    with pytest.raises(HTTPError) as refused:
        read(f"{served}search.json?q={'%D9%83' * (LIMITS.address_bytes // 6)}")
    assert refused.value.code in (400, 414)
    refused.value.close()


def description(address: str) -> str:
    """The search description, asked for as if a server in front had passed it on."""
    host, port = re.findall(r"//([\d.]+):(\d+)", address)[0]
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(
            b"GET /opensearch.xml HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            b"X-Forwarded-Proto: https\r\nX-Forwarded-Host: front.example\r\n\r\n"
        )
        return b"".join(iter(lambda: connection.recv(65536), b"")).decode()


def test_nobodys_forwarded_headers_are_believed(served: str) -> None:
    assert 'template="http://localhost/search?q=' in description(served)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_proxy_that_was_named_is_believed(directory: Path, project_root: Path, workers: str) -> None:
    options = ("--workers", workers, "--proxy", "1")
    with serving(directory, project_root, *options, env=os.environ | NO_LOOPS) as (_, address):
        assert 'template="https://front.example/search?q=' in description(address)


def test_a_port_in_use_is_named_with_what_to_do(directory: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = CliRunner().invoke(program, ["serve", "--index", str(directory), "--port", str(port)])
    assert result.exit_code == 1
    assert f"port {port} on 127.0.0.1 is in use" in result.stderr
    assert "--port" in result.stderr


@contextmanager
def without_its_disk(directory: Path) -> Iterator[None]:
    """As when a disk is away, or a share: nothing is at the path of a data directory in this block."""
    away = directory.rename(directory.with_name("away"))
    try:
        yield
    finally:
        away.rename(directory)


@pytest.fixture
def own_directory(directory: Path, tmp_path: Path) -> Path:
    """A data directory of the test's own."""
    return Path(shutil.copytree(directory, tmp_path / "data"))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a server's workers are found in /proc")
def test_workers_that_die_while_the_disk_is_away_come_back_with_it(
    own_directory: Path, project_root: Path, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with (
        log.open("w") as errors,
        serving(own_directory, project_root, "--workers", "2", stderr=errors) as (
            server,
            address,
        ),
    ):
        first = ready_workers_of(server, 2)
        with without_its_disk(own_directory):
            os.kill(first[0], signal.SIGKILL)
            wait_until(lambda: "cannot be started" in log.read_text(encoding="utf-8"))
            assert read(f"{address}search?q=%D8%A8")[0] == 200, "of the worker that is left"
            os.kill(first[1], signal.SIGKILL)
            wait_until(lambda: log.read_text(encoding="utf-8").count("cannot be started") == 2)
            waiting = workers_of(server)
            time.sleep(1.5)  # longer than the first pause
            assert workers_of(server) == waiting, "they wait, and are not started anew each time"
        assert read(f"{address}search?q=%D8%A8")[0] == 200
        wait_until(lambda: log.read_text(encoding="utf-8").count("answers now") == 2)
        server.send_signal(signal.SIGTERM)
        assert server.wait(60) == 0
    told = [line for line in log.read_text(encoding="utf-8").splitlines() if "cannot be started" in line]
    assert len(told) == 2, "each says it once"
    assert all(str(own_directory) in line for line in told)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a server's workers are found in /proc")
def test_a_server_whose_workers_wait_for_the_disk_ends_cleanly(
    own_directory: Path, project_root: Path, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with log.open("w") as errors, serving(own_directory, project_root, "--workers", "2", stderr=errors) as (server, _):
        workers = ready_workers_of(server, 2)
        with without_its_disk(own_directory):
            for worker in workers:
                os.kill(worker, signal.SIGKILL)
            wait_until(lambda: log.read_text(encoding="utf-8").count("cannot be started") == 2)
            server.send_signal(signal.SIGTERM)
            assert server.wait(20) == 0


def test_pauses_between_attempts_grow_up_to_a_bound() -> None:
    gunicorn_worker = pytest.importorskip("searchapp.cli.gunicorn_worker", exc_type=ImportError)
    assert list(islice(gunicorn_worker.pauses(), 7)) == [1, 2, 4, 8, 16, 30, 30]


@pytest.mark.parametrize("workers", ["1", "2"])
def test_nothing_is_served_where_there_is_no_archive(tmp_path: Path, project_root: Path, workers: str) -> None:
    with serving(tmp_path, project_root, "--workers", workers) as (server, address):
        _, errors = server.communicate(timeout=60)
    assert (server.returncode, address) == (5, "")
    assert str(tmp_path) in errors


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [("--base-url", "example.org", "base URL"), ("--trusted-host", "a:80", "host name")],
)
def test_a_setting_that_cannot_be_is_told_at_the_start(directory: Path, option: str, value: str, words: str) -> None:
    result = CliRunner().invoke(program, ["serve", "--index", str(directory), "--port", "0", option, value])
    assert (result.exit_code, result.stdout) == (2, "")
    assert words in result.stderr


@pytest.mark.parametrize("workers", ["1", "2"])
def test_what_keeps_the_pages_from_being_made_is_told_at_the_start(
    directory: Path, project_root: Path, workers: str
) -> None:
    with serving(directory, project_root, "--time-zone", "Mars/Base", "--workers", workers) as (server, address):
        _, errors = server.communicate(timeout=60)
    assert (server.returncode, address) == (2, "")
    assert "Mars/Base" in errors
    assert "Traceback" not in errors
