"""Servers have loops compiled by another process, and load what it leaves on disk."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import pytest

from searchapp import compiled
from searchapp.compiled import apart, compiling, making
from searchapp.engine.retrieval.boolean.union_loops import unmark
from tests.waiting import ONE_THREAD, PATIENCE

pytest.importorskip("numba")

NARROW: Final = np.dtype(np.uint16).num
NEVER_USUAL: Final = np.dtype(np.uint64).num


@pytest.fixture(autouse=True)
def switched_off_again(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv(compiled.SWITCH, raising=False)
    monkeypatch.setattr(compiling, "_checked", False)
    compiled.stop()
    yield
    compiled.stop()


def told(program: str, cache: Path) -> list[str]:
    """What a program prints that finds nothing compiled. What compiles yields to all else that the machine does."""
    environment = {**os.environ, **ONE_THREAD, "NUMBA_CACHE_DIR": str(cache)}
    command = [sys.executable, "-c", program]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=2 * PATIENCE, env=environment, check=False)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.split()


WANTING: Final = """
import sys
import time
import numpy as np
from searchapp import compiled
from searchapp.engine.retrieval.boolean.union_loops import unmark

documents = np.array([1, 2], np.uint16)
compiled.prepare()
print(unmark.load((documents.dtype.num,)))
print(unmark.ready(documents) is None)
deadline = time.monotonic() + 200
while (made := unmark.ready(documents)) is None and time.monotonic() < deadline:
    time.sleep(0.02)
marks = np.ones(4, bool)
made(documents, 1, marks)
print(marks.tolist() == [True, True, False, False])
print("numba" in sys.modules)
"""


def test_what_a_server_wants_is_compiled_elsewhere_and_only_loaded_by_it(tmp_path: Path) -> None:
    assert told(WANTING, tmp_path) == ["False", "True", "True", "False"]


ASKING: Final = """
import sys
from searchapp import compiled
from searchapp.engine.retrieval.boolean.union_loops import unmark

compiled.prepare()
print(unmark.load(unmark.usual[0]), "numba" in sys.modules)
"""


def test_a_process_that_finds_nothing_kept_imports_nothing_that_only_compiling_needs(tmp_path: Path) -> None:
    """Each worker would keep those 40 MB for good."""
    assert told(ASKING, tmp_path) == ["False", "False"]


USUAL: Final = """
import sys
from searchapp import compiled
from searchapp.compiled import making
from searchapp.engine.retrieval.boolean.union_loops import add, unmark

compiled.prepare()
making.loops[:] = [add, unmark]
print(compiled.make_usual())
print("numba" in sys.modules)
"""


def test_the_usual_loops_are_compiled_elsewhere_before_workers_are_forked(tmp_path: Path) -> None:
    assert told(USUAL, tmp_path) == ["4", "False"]


def test_what_is_not_done_in_time_is_left_for_later() -> None:
    begun = time.monotonic()
    wanted = [("searchapp.engine.retrieval.boolean.union_loops", "unmark", (NEVER_USUAL,))]
    assert list(apart.compile_apart(wanted, begun + 0.05)) == []
    assert time.monotonic() - begun < PATIENCE / 2


def test_where_the_other_process_dies_numpys_way_is_taken(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(apart, "_PROGRAM", "import os; os.abort()")
    fresh = compiled.Loop(unmark.function, ("marks",), ())
    monkeypatch.setattr(fresh, "load", lambda _key: False)
    compiled.prepare()
    assert making._maker is not None
    with caplog.at_level(logging.ERROR):
        making._maker.make([(fresh, (NARROW,))])
    assert fresh.ready(np.array([1], np.uint16)) is None
    assert fresh.is_made((NARROW,))
    assert len(caplog.records) == 1


UNFIT: Final = """
import sys
sys.modules["numba"] = None
from searchapp.compiled.apart import serve
serve()
"""


def test_where_the_other_process_cannot_import_numba_that_is_told_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(apart, "_PROGRAM", UNFIT)
    fresh = compiled.Loop(unmark.function, ("marks",), ())
    monkeypatch.setattr(fresh, "load", lambda _key: False)
    compiled.prepare()
    assert making._maker is not None
    with caplog.at_level(logging.ERROR):
        making._maker.make([(fresh, (NARROW,)), (fresh, (NEVER_USUAL,))])
    assert not compiled.is_prepared()
    assert len(caplog.records) == 1
    assert "numba" in caplog.text


def test_where_no_process_can_be_started_it_is_compiled_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    fresh = compiled.Loop(unmark.function, ("marks",), ())
    monkeypatch.setattr(fresh, "load", lambda _key: False)
    compiled.prepare()
    assert making._maker is not None
    making._maker.make([(fresh, (NARROW,))])
    assert fresh.ready(np.array([1], np.uint16)) is not None


TURNS: Final = """
import os, select, time
from searchapp.compiled.apart import Turns

turns = Turns()
reading, writing = os.pipe()
with turns.taken():
    if not os.fork():
        os.close(reading)
        with turns.taken():
            os.write(writing, b"x")
        os._exit(0)
    print(bool(select.select([reading], [], [], 0.2)[0]))
print(bool(select.select([reading], [], [], 30)[0]))
os.wait()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing is forked here")
def test_of_processes_that_were_forked_one_compiles_at_a_time(tmp_path: Path) -> None:
    assert told(TURNS, tmp_path) == ["False", "True"]


def test_who_ends_before_it_has_ordered_anything_leaves_nothing_in_the_log() -> None:
    command = [sys.executable, "-c", "from searchapp.compiled.apart import serve; serve()"]
    ran = subprocess.run(command, input=b"", capture_output=True, timeout=60, check=False)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, b"", b"")


def test_it_compiles_where_it_may_not_be_nice() -> None:
    program = (
        "import os\n"
        "def refused(_):\n    raise PermissionError\n"
        "os.nice = refused\n"
        "from searchapp.compiled.apart import serve\n"
        "serve()\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], input=b"[]\n", capture_output=True, timeout=60, check=False)
    assert b"PermissionError" not in ran.stderr
