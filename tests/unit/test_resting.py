"""A server that nobody asks for anything gives back what it can do without."""

from __future__ import annotations

import sys
import time
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, cast

import pytest
from click.testing import CliRunner
from numpy.typing import NDArray

from searchapp.cli import resting
from searchapp.cli.program import program
from searchapp.cli.resting import Resting
from searchapp.engine.retrieval.core.snapshot import Snapshot
from searchapp.index import Index, open_index
from searchapp.model import SearchRequest
from tests.waiting import PATIENCE

REQUEST: Final = SearchRequest(q="وزير")


class CountingIndex:
    """An index that counts how often it was asked, and how often it rested."""

    def __init__(self) -> None:
        self.uses = self.rests = 0

    def rest(self) -> None:
        self.rests += 1


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Iterator[CountingIndex]:
    monkeypatch.setattr(resting, "IDLE", 0.02)
    counting = CountingIndex()
    thread = Resting(cast(Index, counting))
    thread.start()
    yield counting
    thread.stop()


def wait_for_rests(index: CountingIndex, rests: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while index.rests < rests and time.monotonic() < deadline:
        time.sleep(0.005)


def test_a_worker_rests_once_until_it_is_asked_again(index: CountingIndex) -> None:
    wait_for_rests(index, 1)
    time.sleep(0.2)
    assert index.rests == 1
    index.uses += 1
    wait_for_rests(index, 2)
    time.sleep(0.1)
    assert index.rests == 2


def test_what_ended_rests_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resting, "IDLE", 0.02)
    counting = CountingIndex()
    thread = Resting(cast(Index, counting))
    thread.stop()
    thread.start()
    time.sleep(0.1)
    assert counting.rests == 0


def mapped(path: Path) -> int:
    """Kilobytes of files of a folder that this process holds in its memory."""
    total, ours = 0, False
    for line in Path("/proc/self/smaps").read_text(encoding="utf-8").splitlines():
        name, *rest = line.split()
        if not name.endswith(":"):
            ours = str(path) in line
        elif ours and name == "Rss:":
            total += int(rest[0])
    return total


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems say it elsewhere")
def test_an_index_that_rests_holds_no_pages_of_files_and_answers_as_before(tmp_path: Path, seeds: Path) -> None:
    data = tmp_path / "data"
    assert CliRunner().invoke(program, ["index", str(seeds), "--index", str(data)]).exit_code == 0
    with open_index(data) as index:
        before = index.search(REQUEST)
        uses, held = index.uses, mapped(data / "segments")
        index.rest()
        assert mapped(data / "segments") < held
        assert index.uses == uses
        assert index.search(REQUEST).hits == before.hits
        assert index.uses > uses


def test_a_snapshot_that_rests_lets_go_of_the_arrays_that_other_threads_left() -> None:
    snapshot = Snapshot([])

    def arrays() -> list[weakref.ref[NDArray[Any]]]:
        return [weakref.ref(snapshot.marks()), weakref.ref(snapshot.sums())]

    with ThreadPoolExecutor(1) as others:
        left = others.submit(arrays).result()
        assert all(one() is not None for one in left)
        snapshot.rest()
        assert all(one() is None for one in left)
