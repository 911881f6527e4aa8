"""An archive as records, one JSON object each, and an archive made of such records again.

| kind | what it says |
| --- | --- |
| `export` | the first record: the version of the format, and by which outlet names the articles are named |
| `page` | a page as it was read, in base64; before the first article that was read from it, where pages are wanted |
| `article` | an article with all its fields, its story and its place in it, and when it came and changed |
| `deleted` | the id of an article that was deleted |
| `copies` | two articles that were judged copies |
| `split` | two articles that someone took apart |
| `end` | the last record: how many articles there are |
"""

from __future__ import annotations

import base64
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import UTC, date, datetime
from typing import Any, Final, get_args

from searchapp.archive.folds import SIMILARITY_SCALE
from searchapp.archive.reading import SOUND_ARTICLE, ArchiveReader
from searchapp.archive.schema import checksum_expression
from searchapp.model import Article, DateOrigin

Record = dict[str, Any]

VERSION: Final = 1
MARK: Final = "searchapp_export"
"""The key by which the first record is known; its value is the version."""

OUTLETS: Final = "outlets"
"""The setting that says by which table of outlets the archive's articles are named."""

_ARTICLES: Final = f"""
SELECT a.id, a.state, a.data, {SOUND_ARTICLE}, a.story, s.sequence, a.leads, a.compared, a.fold_key IS NOT NULL,
    a.accepted, a.changed, a.page,
    a.number = (SELECT min(number) FROM articles WHERE page = a.page AND state = 'live'), d.deleted
FROM articles a LEFT JOIN stories s ON s.number = a.story LEFT JOIN deletions d ON d.article = a.number
WHERE a.state IN ('live', 'deleted') ORDER BY a.number
"""  # noqa: S608 - the checksum's columns are the schema's
_PAGE: Final = f"SELECT raw, checksum IS {checksum_expression('pages')} FROM pages WHERE number = ?"  # noqa: S608
_PAIRS: Final = {
    "copies": "SELECT l.id, h.id, p.similarity, p.reason FROM copies p {} ORDER BY p.low, p.high",
    "split": "SELECT l.id, h.id FROM splits p {} ORDER BY p.low, p.high",
}
_BOTH: Final = (
    "JOIN articles l ON l.number = p.low AND l.state = 'live' JOIN articles h ON h.number = p.high AND h.state = 'live'"
)
_FIELDS: Final = tuple(field.name for field in fields(Article))
_TUPLES: Final = frozenset({"related", "similar_headlines", "flags"})


def archive_records(archive: ArchiveReader, *, with_raw: bool) -> Iterator[Record]:
    """All that an archive holds but old versions and rejects, streamed from one state of it.

    Raises:
        IndexBroken: something does not fit its checksum.
    """
    with archive.snapshot() as connection:
        named = connection.execute("SELECT value FROM settings WHERE name = ?", (OUTLETS,)).fetchone()
        yield {MARK: VERSION, "outlets": named[0] if named else None}
        articles = 0
        for row in connection.execute(_ARTICLES):
            if row[1] == "deleted":
                yield {"kind": "deleted", "id": row[0], "deleted": utc(row[-1])}
                continue
            if with_raw and row[-2]:
                data = archive.page(connection.execute(_PAGE, (row[-3],)).fetchone(), row[2:4], row[0])
                yield {"kind": "page", "page": row[-3], "raw": base64.b64encode(data).decode("ascii")}
            yield _article_record(archive.decoded(row[0], row[2], row[3]), row)
            articles += 1
        yield from _pairs(connection)
        yield {"kind": "end", "articles": articles}


def _article_record(article: Article, row: tuple[Any, ...]) -> Record:
    _, _, _, _, story, sequence, leads, compared, folds, accepted, changed, page, *_ = row
    record: Record = {"kind": "article"}
    for name in _FIELDS:
        value = getattr(article, name)
        record[name] = value.isoformat() if isinstance(value, date) else value
    place = {"story": story, "sequence": sequence, "leads": bool(leads), "compared": bool(compared)}
    times = {"first_seen": utc(accepted), "last_changed": utc(changed)}
    return {**record, **place, "folds": bool(folds), "page": page, **times}


def _pairs(connection: sqlite3.Connection) -> Iterator[Record]:
    for low, high, similarity, reason in connection.execute(_PAIRS["copies"].format(_BOTH)):
        yield {"kind": "copies", "ids": [low, high], "similarity": similarity / SIMILARITY_SCALE, "reason": reason}
    for low, high in connection.execute(_PAIRS["split"].format(_BOTH)):
        yield {"kind": "split", "ids": [low, high]}


def article_of(record: Mapping[str, Any]) -> Article:
    """The article of an `article` record.

    Raises:
        ValueError, TypeError, KeyError: it is none.
    """
    values = {name: record[name] for name in _FIELDS if name in record}
    for name in _TUPLES & values.keys():
        if not isinstance(values[name], list):
            raise TypeError(f"{name} must be a list")
        values[name] = tuple(map(str, values[name]))
    if values.get("date") is not None:
        values["date"] = date.fromisoformat(values["date"])
    article = Article(**values)
    _check(article)
    return article


def _check(article: Article) -> None:
    """See that each field is of its type, as what comes later relies on."""
    if not isinstance(article.id, str) or not article.id or not isinstance(article.body, str):
        raise TypeError("an article needs an id and a body")
    if not isinstance(article.title_inferred, bool) or not isinstance(article.language, str):
        raise TypeError("title_inferred must be true or false, and language a text")
    if article.date_origin not in get_args(DateOrigin):
        raise ValueError(f"date_origin must be one of {', '.join(get_args(DateOrigin))}")
    optional = ("title", "outlet", "outlet_raw", "agency", "date_raw", "keywords", "found_on", "url")
    wrong = [name for name in optional if not isinstance(getattr(article, name), str | None)]
    if wrong:
        raise TypeError(f"{wrong[0]} must be a text or null")


def utc(seconds: int | None) -> str | None:
    """Seconds since 1970 as 2024-06-25T12:00:00Z."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def seconds_of(time: str | None) -> int | None:
    """The inverse of `utc`."""
    return None if time is None else int(datetime.fromisoformat(time).timestamp())


def raw_of(record: Mapping[str, Any]) -> bytes:
    """The page of a `page` record.

    Raises:
        ValueError, TypeError, KeyError: it is none.
    """
    return base64.b64decode(record["raw"], validate=True)
