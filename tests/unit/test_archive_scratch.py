"""What memory has no room for is kept in a file without a name, in bounded room."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchapp.archive.remembered import Remembered
from searchapp.archive.scratch import Scratch


def data(number: int) -> bytes:
    return bytes([number % 251]) * (50 + number % 7)


def test_what_was_put_in_is_read_back_and_no_file_is_seen(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path)
    assert scratch.of([1]) == {}
    scratch.put({number: data(number) for number in range(1, 10_000, 3)})
    scratch.put({2: data(2)})
    wanted = [1, 2, 3, 4, 9_997]
    assert scratch.of(wanted) == {number: data(number) for number in (1, 2, 4, 9_997)}
    assert list(tmp_path.iterdir()) == []


def test_another_text_must_be_forgotten_first(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path)
    scratch.put({1: b"old"})
    scratch.put({1: b"new"})
    assert scratch.of([1]) == {1: b"old"}
    scratch.forget(1)
    scratch.forget(70_000)
    assert scratch.of([1]) == {}
    scratch.put({1: b"new"})
    assert scratch.of([1]) == {1: b"new"}
    scratch.clear()
    assert scratch.of([1]) == {}
    scratch.put({1: b"again"})
    assert scratch.of([1]) == {1: b"again"}


@settings(max_examples=30)
@given(st.lists(st.lists(st.integers(0, 300), max_size=20), max_size=15))
def test_the_latest_are_kept_in_bounded_room_and_all_that_is_kept_is_right(
    tmp_path_factory: pytest.TempPathFactory, parts: list[list[int]]
) -> None:
    scratch, put = Scratch(tmp_path_factory.getbasetemp(), most=4_000), set[int]()
    for part in parts:
        scratch.put({number: data(number) for number in part})
        put.update(part)
        held = sum(os.fstat(file.fileno()).st_size for file in scratch._files.values())
        assert held <= 4_000
        assert scratch.of(part).keys() == set(part)
        assert all(found == data(number) and number in put for number, found in scratch.of(range(301)).items())
    scratch.clear()


def test_what_is_put_again_outlives_the_file_that_had_it(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path, most=400)
    scratch.put({1: data(1)})
    for number in range(2, 6):
        scratch.put({number: data(number)})
    assert 1 in scratch.of([1])
    scratch.put({1: data(1), **{number: data(number) for number in range(6, 8)}})
    assert scratch.of([1]) == {1: data(1)}


def test_what_is_too_long_or_too_much_at_once_is_not_kept(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path, most=4_000)
    scratch.put({1: bytes(1 << 20), 2: b""})
    scratch.put({number: bytes(300) for number in range(10)})
    assert scratch.of(range(10)) == {}


def test_where_it_cannot_be_written_it_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = Scratch(tmp_path)
    scratch.put({1: b"one"})

    def refuse(*_: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "pread", refuse)
        assert scratch.of([1]) == {}
    monkeypatch.setattr(os, "pwrite", refuse)
    scratch.put({2: b"two"})
    monkeypatch.undo()
    scratch.put({3: b"three"})
    assert scratch.of([1, 2, 3]) == {}
    missing = Scratch(tmp_path / "missing")
    missing.put({1: b"one"})
    assert missing.of([1]) == {}


def test_what_memory_lets_go_is_found_again(tmp_path: Path) -> None:
    remembered = Remembered(1_000, Scratch(tmp_path))
    remembered.put({number: data(number) for number in range(1, 50)})
    remembered.trim()
    assert len(remembered) < 10
    assert remembered.of(range(1, 50)) == {number: data(number) for number in range(1, 50)}
    remembered.forget(2)
    assert remembered.of([2]) == {}
    remembered.put({1: b"another text"})
    assert remembered.of([1]) == {1: b"another text"}
    remembered.trim()
    remembered.put({number: data(number) for number in range(50, 80)})
    remembered.trim()
    assert remembered.of([1, 60]) == {1: b"another text", 60: data(60)}
    remembered.clear()
    assert remembered.of(range(80)) == {}
