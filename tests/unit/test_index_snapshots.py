"""How an open index counts who reads from it: nothing is closed too early, and nothing waits for ever."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, cast

import pytest

import searchapp.index as facade
from searchapp.errors import UsageError


class Reader:
    """A reader of which only the closing matters."""

    def __init__(self) -> None:
        self.closed = 0
        self.on_close: Callable[[], None] = lambda: None

    def is_current(self) -> bool:
        return True

    def close(self) -> None:
        self.closed += 1
        self.on_close()


class Directory:
    """A data directory whose index is replaced by another one whenever `number` changes."""

    def __init__(self, path: Path) -> None:
        self.path, self.number = path, 1

    def stamp(self) -> tuple[int, int]:
        return self.number, 0

    def current_index(self) -> tuple[int, Path]:
        return self.number, self.path


class Backend:
    """Opens readers, and keeps them to be looked at."""

    def __init__(self) -> None:
        self.opened: list[Reader] = []

    def open_reader(self, *_: object) -> Reader:
        self.opened.append(Reader())
        return self.opened[-1]


class Opened:
    """Snapshots over these, looked for anew at every use."""

    def __init__(self, path: Path) -> None:
        self.directory, self.backend = Directory(path), Backend()
        self.snapshots = facade._Snapshots(cast(Any, self.directory), cast(Any, self.backend), lambda: None)

    def used(self) -> AbstractContextManager[Any]:
        """A block that has begun, and ends when nobody holds it any more."""
        block = self.snapshots.use()
        block.__enter__()
        return block

    def closed(self) -> list[int]:
        return [reader.closed for reader in self.backend.opened]


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Opened:
    monkeypatch.setattr(facade, "SECONDS_BETWEEN_CHECKS", 0.0)
    return Opened(tmp_path)


def test_a_replaced_reader_is_closed_when_its_last_user_is_done(opened: Opened) -> None:
    with opened.snapshots.use():
        opened.directory.number = 2
        with opened.snapshots.use():
            assert opened.closed() == [0, 0]
        assert opened.closed() == [0, 0]
    assert opened.closed() == [1, 0]
    opened.snapshots.close()
    assert opened.closed() == [1, 1]
    with pytest.raises(UsageError, match="closed"):
        opened.used()


def test_a_block_that_is_abandoned_counts_as_ended(opened: Opened) -> None:
    block = opened.used()
    opened.snapshots.close()
    assert opened.closed() == [0]
    del block
    assert opened.closed() == [1]


def test_a_block_collected_while_its_thread_holds_the_lock_does_not_wait_for_it(opened: Opened) -> None:
    older = opened.used()
    opened.directory.number = 2
    held = [opened.used()]
    # A reader is closed under the lock; what is collected meanwhile may be a block of the same thread.
    opened.backend.opened[0].on_close = held.clear
    blocks = [older]
    del older
    ending = threading.Thread(target=blocks.clear, daemon=True)
    ending.start()
    ending.join(timeout=20)
    assert not ending.is_alive()
    assert opened.closed() == [1, 0]
    opened.snapshots.close()
    assert opened.closed() == [1, 1]


def test_many_threads_leave_nobody_uncounted(opened: Opened) -> None:
    def read() -> None:
        for _ in range(200):
            with opened.snapshots.use():
                opened.directory.number += 1

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    opened.snapshots.close()
    assert set(opened.closed()) == {1}
