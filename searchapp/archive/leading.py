"""How long the articles are that lead the stories, by the articles of these stories.

It tells which comparisons cannot change a story: an article joins another one's story by being a copy of its leading
article, or nearly the same as any. So one that is led by a longer article than the new one need not be held against
it, unless the two are nearly the same.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from searchapp.archive.folding import Member

_LEADING: Final = "SELECT number, -length FROM articles WHERE leads"
_LED: Final = """
SELECT a.number, l.length FROM articles a JOIN articles l ON l.story = a.story AND l.leads
WHERE a.story IS NOT NULL AND NOT a.leads
"""
_ROWS_AT_ONCE: Final = 1 << 16
_GROWTH: Final = 1 << 16


class LeadingLengths:
    """Four bytes an article, read when they are first asked for; after a rollback, `reload`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._lengths: NDArray[np.int32] | None = None

    def reload(self) -> None:
        """Forget what is held in memory."""
        self._lengths = None

    def of(self, articles: NDArray[np.int64]) -> NDArray[np.int32]:
        """Characters of the body that leads each article's story, below 0 if it is the article's own.

        0 for articles that have no place yet.
        """
        lengths = self._loaded()
        known = articles < len(lengths)
        found: NDArray[np.int32] = np.where(known, lengths.take(articles, mode="clip"), 0)
        return found

    def note(self, members: Iterable[Member]) -> None:
        """Take in the places of articles as folding left them; of those whose leading one is not among them, nothing.

        What was noted of these stays. Mostly it is too low if it is wrong, as longer articles take over, which costs a
        comparison. Of one that went over to another story it may be what was so in the story before, and too high: then
        a comparison with it may be left out, until it is noted again.
        """
        members = list(members)
        if self._lengths is None or not members:
            return
        leading = {member.story: -member.rank[0] for member in members if member.leads}
        self._grow(max(member.number for member in members))
        found = {member.number: leading[member.story] for member in members if member.story in leading}
        found |= {member.number: member.rank[0] for member in members if member.leads}
        self._lengths[list(found)] = list(found.values())

    def _grow(self, number: int) -> None:
        if self._lengths is not None and number >= len(self._lengths):
            more = np.zeros(number + _GROWTH - len(self._lengths), np.int32)
            self._lengths = np.concatenate([self._lengths, more])

    def _loaded(self) -> NDArray[np.int32]:
        if self._lengths is None:
            (last,) = self._connection.execute("SELECT coalesce(max(number), 0) FROM articles").fetchone()
            self._lengths = np.zeros(last + _GROWTH, np.int32)
            for statement in (_LEADING, _LED):
                rows = self._connection.execute(statement)
                while part := rows.fetchmany(_ROWS_AT_ONCE):
                    numbers, lengths = np.array(part, np.int64).T
                    self._lengths[numbers] = lengths
        return self._lengths
