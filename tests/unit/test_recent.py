"""What is remembered of what was asked for of late."""

from __future__ import annotations

from searchapp.engine.retrieval.core.recent import Recent
from tests.waiting import map_in_threads


def test_what_was_asked_for_of_late_stays_and_the_rest_goes() -> None:
    recent: Recent[int, str] = Recent(20)
    for number in range(100):
        recent.put(number, str(number), 1)
        assert recent.get(0) == "0"
    assert recent.get(99) == "99"
    assert recent.get(50) is None


def test_never_more_is_kept_than_may_be() -> None:
    recent: Recent[int, str] = Recent(20)
    for number in range(100):
        recent.put(number, str(number), number % 5)
    assert sum(number % 5 for number in range(100) if recent.get(number) is not None) <= 20


def test_what_was_not_asked_for_the_longest_goes_first() -> None:
    recent: Recent[int, str] = Recent(40)
    for number in range(40):
        recent.put(number, str(number), 1)
    assert recent.get(0) == "0"
    recent.put(40, "40", 1)
    assert [number for number in range(41) if recent.get(number) is None] == [1, 2, 3, 4]


def test_a_value_that_is_put_again_counts_once() -> None:
    recent: Recent[int, str] = Recent(40)
    for _ in range(100):
        recent.put(1, "1", 5)
    recent.put(2, "2", 10)
    assert (recent.get(1), recent.get(2)) == ("1", "2")


def test_what_would_take_the_place_of_most_others_is_not_kept() -> None:
    recent: Recent[str, str] = Recent(20)
    recent.put("small", "s", 1)
    recent.put("large", "l", 6)
    assert (recent.get("small"), recent.get("large")) == ("s", None)


def test_what_was_forgotten_makes_room() -> None:
    recent: Recent[int, str] = Recent(40)
    for number in range(40):
        recent.put(number, str(number), 1)
    recent.clear()
    assert recent.get(0) is None
    for number in range(40, 80):
        recent.put(number, str(number), 1)
    assert all(recent.get(number) is not None for number in range(40, 80))


def test_threads_share_it() -> None:
    recent: Recent[int, int] = Recent(50)

    def ask(start: int) -> bool:
        for number in range(start, start + 2_000):
            found = recent.get(number % 97)
            if found is None:
                recent.put(number % 97, number % 97, 1)
            elif found != number % 97:
                return False
        return True

    assert all(map_in_threads(ask, range(4), 4))
