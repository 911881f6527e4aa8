"""The serve command: when it says its address, when it cannot, and how it ends."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest
from click.testing import CliRunner

from searchapp.cli.program import program


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory, seeds: Path) -> Path:
    """A data directory with the sample pages in it."""
    path = tmp_path_factory.mktemp("served") / "data"
    assert CliRunner().invoke(program, ["index", str(seeds), "--index", str(path)]).exit_code == 0
    return path


@contextmanager
def serving(directory: Path, root: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server on a port that was free, and the address that it printed."""
    command = [sys.executable, "-m", "searchapp", "serve", "--index", str(directory), "--port", "0", *options]
    with subprocess.Popen(
        command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as server:
        try:
            assert server.stdout is not None
            yield server, server.stdout.readline().strip()
        finally:
            server.kill()


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_the_address_is_printed_once_it_answers_and_a_signal_ends_it_cleanly(
    directory: Path, project_root: Path, ending: signal.Signals
) -> None:
    with serving(directory, project_root) as (server, address):
        assert address.startswith("http://127.0.0.1:")
        with urlopen(address, timeout=30) as answer:  # noqa: S310 - an address on this machine
            assert answer.status == 200
        server.send_signal(ending)
        _, errors = server.communicate(timeout=30)
    assert (server.returncode, errors) == (0, "")


def test_a_port_in_use_is_named_with_what_to_do(directory: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = CliRunner().invoke(program, ["serve", "--index", str(directory), "--port", str(port)])
    assert result.exit_code == 1
    assert f"port {port} on 127.0.0.1 is in use" in result.stderr
    assert "--port" in result.stderr


def test_nothing_is_served_where_there_is_no_archive(tmp_path: Path) -> None:
    result = CliRunner().invoke(program, ["serve", "--index", str(tmp_path), "--port", "0"])
    assert (result.exit_code, result.stdout) == (5, "")
    assert str(tmp_path) in result.stderr
