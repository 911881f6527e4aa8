"""Compiled loops: taken once they are compiled, and never in the way of an answer."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Final

import numpy as np
import pytest

from searchapp import compiled
from searchapp.compiled import Float32s, Int64s, Varying, compiling, loop, making, part, widths
from searchapp.engine.retrieval.boolean.union_loops import unmark

pytest.importorskip("numba")


@part
def twice(number: float) -> float:
    return number * 2


@loop(writes=("sums",), usual=widths(1))
def add_to(documents: Varying, scores: Float32s, sums: Float32s, factor: float) -> int:
    for at in range(len(documents)):
        sums[documents[at]] += scores[at] * twice(factor)
    return len(documents)


@loop()
def four_times(number: float) -> float:
    return twice(twice(number))


@loop()
def total(numbers: Int64s) -> int:
    found = 0
    for number in numbers:
        found += number
    return found


@loop()
def total_of_squares(count: int) -> int:
    squares = np.empty(count, np.int64)
    for at in range(count):
        squares[at] = at * at
    found = 0
    for at in range(count):
        found += int(squares[at])
    return found


@loop(usual=())
def doubled(documents: Varying) -> int:
    return 2 * len(documents)


@loop(usual=())
def impossible(numbers: Int64s) -> int:
    return numbers.no_such_attribute  # type: ignore[no-any-return, attr-defined]


@pytest.fixture(autouse=True, params=[True, False], ids=["numba looks at arguments", "machine code alone"])
def switched_off_again(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv(compiled.SWITCH, raising=False)
    monkeypatch.setattr(compiling, "_checked", request.param)
    for one in (add_to, four_times, total, total_of_squares, doubled, impossible, unmark):
        monkeypatch.setattr(one, "_made", {})
    compiled.stop()
    yield
    compiled.stop()


def arrays(width: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return np.arange(4, dtype=width), np.ones(4, np.float32), np.zeros(5, np.float32)


def test_nothing_is_compiled_before_a_process_prepares() -> None:
    assert total.ready() is None
    assert not compiled.is_prepared()


def test_a_process_knows_that_it_is_prepared() -> None:
    compiled.prepare()
    assert compiled.is_prepared()


@pytest.mark.parametrize("width", ["u2", "u4"])
def test_a_loop_takes_arrays_of_each_width_that_it_meets(width: str) -> None:
    assert compiled.prepare(at_once=True)
    documents, scores, sums = arrays(width)
    made = add_to.ready(documents)
    assert made is not None
    assert made(documents, scores, sums, 1.5) == 4
    assert sums.tolist() == [3, 3, 3, 3, 0]


def test_arrays_that_must_not_be_written_are_read() -> None:
    compiled.prepare(at_once=True)
    documents, scores, sums = arrays("u2")
    documents.flags.writeable = scores.flags.writeable = False
    made = add_to.ready(documents)
    assert made is not None
    assert made(documents[1:], scores[1:], sums, 1.0) == 3


def test_a_part_is_compiled_once_for_all_that_call_it(monkeypatch: pytest.MonkeyPatch) -> None:
    # What was kept needs no part compiled.
    monkeypatch.setattr("searchapp.compiled.compiling.load_kept", lambda *_: None)
    compiled.prepare(at_once=True)
    made, other = add_to.ready(arrays("u2")[0]), four_times.ready()
    assert made is not None
    assert other is not None
    assert other(1.5) == 6
    assert list(compiling._compiled_parts).count((twice, True)) == 1


def test_an_index_beyond_an_array_is_an_error_and_no_crash() -> None:
    compiled.prepare(at_once=True)
    documents, scores, sums = arrays("u2")
    made = add_to.ready(documents)
    assert made is not None
    with pytest.raises(IndexError):
        made(documents, scores, sums[:2], 1.0)


def test_in_the_background_the_first_to_ask_does_not_wait() -> None:
    compiled.prepare()
    fresh = compiled.Loop(total.function, (), ((),))
    assert fresh.ready() is None
    deadline = time.monotonic() + 60
    while (made := fresh.ready()) is None and time.monotonic() < deadline:
        time.sleep(0.01)
    assert made is not None
    assert made(np.arange(5)) == 10


def test_a_loop_that_cannot_be_compiled_is_told_once_and_left_out(caplog: pytest.LogCaptureFixture) -> None:
    compiled.prepare(at_once=True)
    with caplog.at_level(logging.ERROR):
        assert impossible.ready() is None
        assert impossible.ready() is None
    assert len(caplog.records) == 1
    assert "impossible" in caplog.text


@pytest.mark.parametrize("value", ["off", "0", "No"])
def test_the_environment_switches_it_off(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv(compiled.SWITCH, value)
    assert not compiled.prepare(at_once=True)
    assert total.ready() is None


REFUSED: Final = """
import ctypes, sys
if ctypes.CDLL(None).prctl(65, 1, 0, 0, 0):  # PR_SET_MDWE, what systemd's MemoryDenyWriteExecute sets
    sys.exit(3)
from searchapp import compiled
sys.exit(compiled.prepare(at_once=True))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="a setting of Linux")
def test_a_service_that_may_not_make_machine_code_takes_numpys_way() -> None:
    ended = subprocess.run([sys.executable, "-c", REFUSED], timeout=60, check=False).returncode
    if ended == 3:
        pytest.skip("this kernel cannot forbid it")
    assert ended == 0


def test_a_numba_that_is_of_no_use_is_told_once_and_numpys_way_is_taken(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def unfit(*_: object) -> None:
        raise ImportError("Numba needs NumPy 2.0 or less")

    monkeypatch.setattr("searchapp.compiled.loops.compiled_function", unfit)
    compiled.prepare(at_once=True)
    with caplog.at_level(logging.ERROR):
        assert total.ready() is None
        assert four_times.ready() is None
    assert [record.getMessage() for record in caplog.records] == [
        "numba cannot be used, and numpy's way is taken: Numba needs NumPy 2.0 or less"
    ]


def test_without_numba_numpys_way_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numba", None)
    assert not compiled.prepare(at_once=True)
    assert total.ready() is None


def test_the_usual_loops_are_compiled_before_they_are_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    fresh = compiled.loop(usual=widths(1))(doubled.function)
    # All loops of the program take a minute where nothing is on disk yet.
    monkeypatch.setattr(making, "loops", [unmark, fresh])
    assert compiled.make_usual() == 0
    compiled.prepare()
    assert compiled.make_usual(0) == 0
    assert not any(fresh.is_made(key) for key in fresh.usual)
    assert compiled.make_usual() >= len(fresh.usual)
    assert all(one.is_compiled(key) for one in (unmark, fresh) for key in one.usual)


def test_after_a_while_the_process_takes_the_way_that_it_took_before() -> None:
    with compiled.for_a_while():
        assert compiled.prepare(at_once=True)
        assert total.ready() is not None
    assert total.ready() is None


def test_what_is_wanted_again_before_it_is_compiled_is_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled.prepare()
    fresh = compiled.Loop(total.function, (), ((),))
    asked, made, going_on = 20, [], threading.Event()

    def make(key: tuple[int, ...]) -> None:
        made.append(key)
        going_on.wait(30)

    monkeypatch.setattr(fresh, "make", make)
    for _ in range(asked):
        assert fresh.ready() is None
    going_on.set()
    deadline = time.monotonic() + 30
    while not made and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.05)
    assert made == [()]
