"""Counts over the articles of an archive, in SQL: of all of its rows, so that each is read once or twice."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Final, NamedTuple

from searchapp.model import UNKNOWN_OUTLET, Statistics

Counted = tuple[tuple[str, int], ...]

_GROUPS: Final = """
SELECT state, language, date_origin, count(*), sum(leads), count(date), min(date), max(date)
FROM articles GROUP BY state, language, date_origin
"""
_OUTLETS: Final = """
SELECT coalesce(outlet, ?) AS name, count(DISTINCT story) AS stories
FROM articles WHERE story IS NOT NULL GROUP BY name ORDER BY stories DESC, name
"""


class Counts(NamedTuple):
    """What an archive holds, and its articles by language and by where their dates come from.

    `folded` articles are in stories that others lead.
    """

    statistics: Statistics
    languages: Counted
    date_origins: Counted
    folded: int
    deleted: int


def count(connection: sqlite3.Connection, generation: int) -> Counts:
    """Count everything; `generation` is an index's, passed on."""
    articles = stories = dated = deleted = 0
    languages, origins = Counter[str](), Counter[str]()
    days = []
    for state, language, origin, rows, leading, with_date, first, last in connection.execute(_GROUPS):
        if state == "live":
            articles, stories, dated = articles + rows, stories + leading, dated + with_date
            languages[language] += rows
            origins[origin] += rows
            days += [day for day in (first, last) if day]
        elif state == "deleted":
            deleted += rows
    outlets = connection.execute(_OUTLETS, (UNKNOWN_OUTLET,)).fetchall()
    first, last = (date.fromisoformat(day) for day in (min(days), max(days))) if days else (None, None)
    statistics = Statistics(articles, stories, articles - dated, tuple(outlets), first, last, generation)
    return Counts(statistics, _ordered(languages), _ordered(origins), articles - stories, deleted)


def _ordered(counts: Mapping[str, int]) -> Counted:
    """The most frequent first."""
    return tuple(sorted(counts.items(), key=lambda each: (-each[1], each[0])))
