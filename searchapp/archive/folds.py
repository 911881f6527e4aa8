"""Why each article of a story is there: which other one of it each is a copy of, as the archive has judged it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final

from searchapp.dedupe.judgement import SAME_TEXT
from searchapp.frozen import dataclass
from searchapp.model import Article

SIMILARITY_SCALE: Final = 10_000
"""Similarities are on record as whole numbers of ten thousandths."""
_PAIRS: Final = "SELECT low, high, similarity, reason FROM copies WHERE low = ?1 OR high = ?1"

Place = tuple[int, bytes | None, int | None]
"""Of an article: whether it leads its story, its fold key, and the number of the compared article with that key."""


@dataclass(frozen=True, slots=True)
class Fold:
    """An article of a story with several, and why it is there: it is a copy of `copy_of`, mostly the leading article.

    `similarity` is 0 to 1. Of the leading article itself these are None.
    """

    id: str
    outlet: str | None
    date: date | None
    title: str | None
    copy_of: str | None
    similarity: float | None
    reason: str | None


def folds_of(connection: sqlite3.Connection, articles: Sequence[Article], places: Sequence[Place]) -> Iterator[Fold]:
    """The articles of a story, each with the judged pair that ties it best: to the leading one, or to another."""
    keys = [key for _, key, _ in places]
    compared = {number: at for at, (_, _, number) in reversed(list(enumerate(places))) if number is not None}
    for at, (article, (leads, key, number)) in enumerate(zip(articles, places, strict=True)):
        similarity, reason, other = None, None, None
        if not leads:
            similarity, reason, other = 1.0, SAME_TEXT, keys.index(key)
            if other == at:
                similarity, reason, other = _best_pair(connection, number, compared)
        copy_of = None if other is None else articles[other].id
        yield Fold(article.id, article.outlet, article.date, article.title, copy_of, similarity, reason)


def _best_pair(
    connection: sqlite3.Connection, number: int | None, compared: Mapping[int, int]
) -> tuple[float | None, str | None, int | None]:
    """The judged pair of an article with the first of its story, else with the one most like it."""
    pairs = [
        (compared[high if low == number else low], similarity, reason)
        for low, high, similarity, reason in connection.execute(_PAIRS, (number,))
        if (high if low == number else low) in compared
    ]
    if not pairs:
        return None, None, None
    other, similarity, reason = min(pairs, key=lambda pair: (pair[0] > 0, -pair[1]))
    return similarity / SIMILARITY_SCALE, reason, other
