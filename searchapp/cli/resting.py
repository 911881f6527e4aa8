"""A worker that nobody asks for anything gives back what it can do without until it is asked again."""

from __future__ import annotations

import threading
from typing import Final

from searchapp import memory
from searchapp.index import Index
from searchapp.web import compression

IDLE: Final = 0.5
"""Seconds without a search after which a worker rests: after a rest, a page takes some half a millisecond more, and
one that finds little, for which other spellings are looked up, some ten."""


class Resting:
    """A thread that has an index rest, and freed memory go back, once nobody has searched for a while."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._over = threading.Event()

    def start(self) -> None:
        """Begin; to be called in the process that searches, after forks."""
        threading.Thread(target=self._watch, name="resting", daemon=True).start()

    def stop(self) -> None:
        """End it, before the index is closed or not."""
        self._over.set()

    def _watch(self) -> None:
        rested = seen = -1
        while not self._over.wait(IDLE):
            uses = self._index.uses
            if uses == seen != rested:
                self._index.rest()
                compression.rest()
                memory.release()
                rested = uses
            seen = uses
