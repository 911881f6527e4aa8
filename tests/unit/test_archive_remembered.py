"""What is remembered of articles, in bounded memory and a bounded file."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchapp.archive.remembered import Entries, Remembered


def data(number: int, version: int = 0) -> bytes:
    return bytes([number % 251, version]) * (20 + number % 7)


def told(entries: Entries) -> dict[int, bytes]:
    bounds = zip(entries.starts.tolist(), (entries.starts + entries.sizes).tolist(), strict=True)
    texts = [entries.data[start:end].tobytes() for start, end in bounds]
    return dict(zip(entries.numbers.tolist(), texts, strict=True))


def kept(remembered: Remembered, numbers: list[int]) -> dict[int, bytes]:
    return told(remembered.of(np.array(numbers, np.int64)))


def put(remembered: Remembered, entries: dict[int, bytes]) -> None:
    remembered.put(list(entries), list(entries.values()))


def test_what_memory_has_no_room_for_is_found_in_the_file(tmp_path: Path) -> None:
    remembered = Remembered(1_000, tmp_path)
    assert kept(remembered, [1]) == {}
    put(remembered, {number: data(number) for number in range(1, 200, 2)})
    assert kept(remembered, list(range(300))) == {number: data(number) for number in range(1, 200, 2)}
    assert list(tmp_path.iterdir()) == []


def test_another_text_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    remembered = Remembered(1_000, tmp_path)
    for version in range(3):
        put(remembered, {1: data(1, version)})
    assert kept(remembered, [1]) == {1: data(1, 2)}
    remembered.forget(1)
    remembered.forget(70_000)
    assert kept(remembered, [1]) == {}
    put(remembered, {1: b"a", 2: b"b"})
    remembered.clear()
    assert kept(remembered, [1, 2]) == {}
    put(remembered, {2: b"again"})
    assert kept(remembered, [1, 2]) == {2: b"again"}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.integers(0, 300), max_size=40, unique=True), max_size=25))
def test_the_latest_are_kept_and_all_that_is_kept_is_right(
    tmp_path_factory: pytest.TempPathFactory, parts: list[list[int]]
) -> None:
    remembered, latest = Remembered(1_000, tmp_path_factory.getbasetemp(), most=4_500), dict[int, bytes]()
    for version, part in enumerate(parts):
        entries = {number: data(number, version) for number in part}
        put(remembered, entries)
        latest |= entries
        if (file := remembered._scratch._file) is not None:
            assert os.fstat(file.fileno()).st_size <= 4_000
        assert kept(remembered, part) == entries
        found = kept(remembered, list(range(301)))
        assert all(text == latest[number] for number, text in found.items())
    remembered.clear()


def test_what_is_too_long_is_not_kept(tmp_path: Path) -> None:
    remembered = Remembered(1_000, tmp_path)
    put(remembered, {1: b"short", 2: bytes(500)})
    put(remembered, {1: bytes(500), 3: b"another", 4: b""})
    assert kept(remembered, [1, 2, 3, 4]) == {3: b"another"}
    put(remembered, {2: bytes(300)})
    assert kept(remembered, [2, 3]) == {3: b"another"}


def test_without_room_on_disk_the_latest_are_still_there(tmp_path: Path) -> None:
    remembered = Remembered(1_000, tmp_path / "missing")
    put(remembered, {number: data(number) for number in range(100)})
    found = kept(remembered, list(range(100)))
    assert list(found) == list(range(100 - len(found), 100))
    assert len(found) >= 15
    assert all(text == data(number) for number, text in found.items())


def test_others_are_added_in_the_order_of_the_numbers(tmp_path: Path) -> None:
    remembered = Remembered(1_000, tmp_path)
    put(remembered, {2: b"two", 5: b"five"})
    found = remembered.of(np.array([2, 3, 5]))
    assert found.and_these([], []) is found
    more = found.and_these([9, 3], [b"nine", b"three"])
    assert list(told(more).items()) == [(2, b"two"), (3, b"three"), (5, b"five"), (9, b"nine")]
