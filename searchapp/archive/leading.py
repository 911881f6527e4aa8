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

from searchapp.archive.members import Member

_LEADING: Final = "SELECT number, story, length FROM articles WHERE leads"
_PLACED: Final = "SELECT number, story, 0 FROM articles WHERE story IS NOT NULL"
_ROWS_AT_ONCE: Final = 1 << 16
_GROWTH: Final = 1 << 16


class LeadingLengths:
    """Eight bytes an article and four a story, read when they are first asked for; after a rollback, `reload`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.reload()

    def reload(self) -> None:
        """Forget what is held in memory."""
        self._is_loaded = False
        self._stories = self._leaders = self._lengths = np.zeros(1, np.int32)
        """The story of each article, below 0 for one that is not made yet; who leads each story; of those that lead,
        how long they are."""

    def of(self, articles: NDArray[np.int64]) -> NDArray[np.int32]:
        """Characters of the body that leads each article's story, below 0 if it is the article's own.

        0 for articles that have no place yet.
        """
        self._load()
        stories = np.where(articles < len(self._stories), self._stories.take(articles, mode="clip"), 0)
        # A story that is not made yet has the number of the article that leads it.
        leaders = np.where(stories < 0, -stories, self._leaders.take(stories, mode="clip"))
        lengths = self._lengths.take(leaders)
        found: NDArray[np.int32] = np.where(leaders == articles, -lengths, lengths)
        return found

    def note(self, members: Iterable[Member]) -> None:
        """Take in the places of articles as folding left them: all of those whose place has changed, at least."""
        placed = [(one.number, one.story, one.leads, -one.rank[0]) for one in members if one.story is not None]
        if self._is_loaded and placed:
            self._put(np.array(placed, np.int64))

    def _put(self, placed: NDArray[np.int64]) -> None:
        """Take in number, story, whether it leads and length of articles, a row each."""
        numbers, stories, leads, lengths = placed.T
        self._stories = _with_room(self._stories, int(numbers.max()))
        self._lengths = _with_room(self._lengths, int(numbers.max()))
        self._leaders = _with_room(self._leaders, int(stories.max()))
        self._stories[numbers] = stories
        leading = np.flatnonzero(leads)
        self._lengths[numbers.take(leading)] = lengths.take(leading)
        made = leading[stories.take(leading) > 0]
        self._leaders[stories.take(made)] = numbers.take(made)

    def _load(self) -> None:
        if self._is_loaded:
            return
        self._is_loaded = True
        for statement, leads in ((_PLACED, 0), (_LEADING, 1)):
            rows = self._connection.execute(statement)
            while part := rows.fetchmany(_ROWS_AT_ONCE):
                numbers, stories, lengths = np.array(part, np.int64).T
                self._put(np.stack([numbers, stories, np.full_like(numbers, leads), lengths], axis=1))


def _with_room(values: NDArray[np.int32], last: int) -> NDArray[np.int32]:
    """Values with a place for this one; room that is not written to takes no memory."""
    if last < len(values):
        return values
    wider = np.zeros(last + (last >> 1) + _GROWTH, np.int32)
    wider[: len(values)] = values
    return wider
