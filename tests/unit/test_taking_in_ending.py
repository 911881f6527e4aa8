"""What fails or ends while several processes take in: it is told, nothing is lost, and no process is left over."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from searchapp.errors import MissingPackage, SearchAppError
from searchapp.taking_in import page_service
from searchapp.taking_in.page_processes import FailedElsewhere, PageProcesses
from tests.taking_in_samples import PROCESSES, Given, note_given, rows, run, take_small_steps, write_records
from tests.waiting import is_running, next_line, started, wait_until_gone

PATIENCE_SECONDS = 20.0

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are forked on Linux only")


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    take_small_steps(monkeypatch)


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Given:
    return note_given(monkeypatch)


def pages_of(order: page_service.Order) -> bytes:
    return b"".join(page_service.page_of(page).raw for page in order.pages)


def test_an_error_in_a_process_is_raised_with_the_place_where_it_was(
    tmp_path: Path, given: Given, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = page_service.PageMaker.make

    def failing(maker: page_service.PageMaker, order: page_service.Order) -> page_service.Made:
        if b"n30" in pages_of(order):
            raise ZeroDivisionError("no such page")
        return make(maker, order)

    file = write_records(tmp_path / "news.jsonl")
    with monkeypatch.context() as patched:
        patched.setattr(page_service.PageMaker, "make", failing)
        with pytest.raises(ZeroDivisionError, match="no such page") as raised:
            run(tmp_path / "2", file)
    assert isinstance(raised.value.__cause__, FailedElsewhere)
    assert "in failing" in str(raised.value.__cause__)
    assert given.processes
    assert given.are_gone
    assert 0 < run(tmp_path / "2", file).accepted < 41
    run(tmp_path / "1", file, 1)
    assert rows(tmp_path / "2") == rows(tmp_path / "1")


def test_an_error_that_cannot_be_sent_says_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(maker: page_service.PageMaker, order: page_service.Order) -> page_service.Made:
        raise MissingPackage("web pages", "html")

    monkeypatch.setattr(page_service.PageMaker, "make", failing)
    monkeypatch.setattr(PageProcesses, "take_back", lambda _: None)
    with pytest.raises(SearchAppError, match=r"web pages need packages .* pip install 'searchapp\[html\]'"):
        run(tmp_path / "2", write_records(tmp_path / "news.jsonl"))


def test_a_process_that_is_killed_is_told_and_the_next_run_goes_on(
    tmp_path: Path, given: Given, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write_records(tmp_path / "news.jsonl")
    make = page_service.PageMaker.make

    def dying(maker: page_service.PageMaker, order: page_service.Order) -> page_service.Made:
        if b"n30" in pages_of(order):
            os.kill(os.getpid(), signal.SIGKILL)
        return make(maker, order)

    with monkeypatch.context() as patched:
        patched.setattr(page_service.PageMaker, "make", dying)
        message = (
            r"a process that reads pages ended .* \(signal 9; the system may have .*kept, so run .*fewer processes"
        )
        with pytest.raises(SearchAppError, match=message):
            run(tmp_path / "2", file)
    assert given.processes
    assert given.are_gone
    assert 0 < run(tmp_path / "2", file).accepted < 41
    run(tmp_path / "1", file, 1)
    assert rows(tmp_path / "2") == rows(tmp_path / "1")


RUN = """
import select, signal, sys
from pathlib import Path
from searchapp.archive import intake
from searchapp.config import Limits
from searchapp.errors import MissingPackage, SearchAppError
from searchapp.taking_in import page_processes, pages_ahead
from tests import taking_in_samples

class Telling(taking_in_samples.Silent):
    told = 0
    def advance(self, consumed_bytes, articles):
        self.told += 1
        if processes and self.told == 20:
            print(*processes[0].ids, flush=True)
            # A signal that comes just before a call that blocks is seen only when that ends.
            while not select.select([sys.stdin], [], [], 0.05)[0]:
                pass

signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
processes = []
start = page_processes.PageProcesses.__init__
def starting(self, *given, **named):
    processes.append(self)
    start(self, *given, **named)
page_processes.PageProcesses.__init__ = starting
pages_ahead.ALONE_SECONDS, pages_ahead.BATCH_ITEMS = 0.0, 3
intake.LIMITS, intake.ITEMS_PER_REPORT, intake.COMMIT_SECONDS = Limits(batch_articles=7), 1, 0.0
taking_in_samples.Silent = Telling
try:
    taking_in_samples.run(Path(sys.argv[1]), Path(sys.argv[2]))
except KeyboardInterrupt:
    sys.exit(130)
"""


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT])
def test_a_run_that_is_ended_leaves_no_process_and_the_next_goes_on_at_once(
    tmp_path: Path, project_root: Path, end: signal.Signals
) -> None:
    file = write_records(tmp_path / "news.jsonl")
    command = [sys.executable, "-c", RUN, str(tmp_path / "2"), str(file)]
    with started(command, cwd=project_root, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as parent:
        processes = list(map(int, next_line(parent).split()))
        assert len(processes) == PROCESSES - 1
        assert all(map(is_running, processes))
        if end == signal.SIGINT:
            os.killpg(parent.pid, end)  # as Ctrl-C does: all processes of the terminal hear it
        else:
            parent.kill()
        parent.wait(PATIENCE_SECONDS)
        wait_until_gone(processes)
        assert parent.stderr is not None
        assert parent.stderr.read() == ""
    assert 0 < run(tmp_path / "2", file).accepted < 41
    run(tmp_path / "1", file, 1)
    assert rows(tmp_path / "2") == rows(tmp_path / "1")
