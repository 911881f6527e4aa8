"""What is remembered of articles, in bounded memory."""

from __future__ import annotations

from searchapp.archive.remembered import Remembered


def test_those_asked_for_least_lately_go_first_and_only_when_told() -> None:
    remembered = Remembered(1_000)
    remembered.put({number: bytes(160) for number in range(5)})
    assert len(remembered) == 5
    assert list(remembered.of([0, 9])) == [0]
    remembered.trim()
    assert sorted(remembered.of(range(5))) == [0, 3, 4]


def test_another_text_takes_the_place_of_the_one_before() -> None:
    remembered = Remembered(1_000)
    for size in (100, 300, 500):
        remembered.put({1: bytes(size)})
    remembered.trim()
    assert remembered.of([1]) == {1: bytes(500)}
    remembered.forget(1)
    remembered.forget(1)
    assert remembered.of([1]) == {}
    remembered.put({1: b"a", 2: b"b"})
    remembered.clear()
    assert len(remembered) == 0
