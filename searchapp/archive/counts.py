"""Counts over the articles of an archive, in SQL."""

from __future__ import annotations

import sqlite3
from datetime import date
from typing import Final

from searchapp.model import UNKNOWN_OUTLET, Statistics

Counted = tuple[tuple[str, int], ...]

_TOTALS: Final = """
SELECT count(*), count(DISTINCT story), count(*) - count(date), min(date), max(date)
FROM articles WHERE story IS NOT NULL
"""
_OUTLETS: Final = """
SELECT coalesce(outlet, ?) AS name, count(DISTINCT story) AS stories
FROM articles WHERE story IS NOT NULL GROUP BY name ORDER BY stories DESC, name
"""
_FOLDED_AND_DELETED: Final = """
SELECT coalesce(sum(story IS NOT NULL AND NOT leads), 0), coalesce(sum(state = 'deleted'), 0) FROM articles
"""
_GROUPS: Final = (
    "SELECT {0}, count(*) AS articles FROM articles WHERE story IS NOT NULL GROUP BY {0} ORDER BY articles DESC, {0}"
)


def count(connection: sqlite3.Connection) -> Statistics:
    """What an archive holds; the generation, which is an index's, is 0."""
    articles, stories, undated, first, last = connection.execute(_TOTALS).fetchone()
    outlets = connection.execute(_OUTLETS, (UNKNOWN_OUTLET,)).fetchall()
    return Statistics(articles, stories, undated, tuple(outlets), _date(first), _date(last), 0)


def count_details(connection: sqlite3.Connection) -> tuple[Counted, Counted, int, int]:
    """Articles by language and by where their dates come from; how many are folded into others, and deleted."""
    languages, origins = (connection.execute(_GROUPS.format(name)).fetchall() for name in ("language", "date_origin"))
    folded, deleted = connection.execute(_FOLDED_AND_DELETED).fetchone()
    return tuple(languages), tuple(origins), folded, deleted


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
