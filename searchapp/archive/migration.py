"""Bringing an archive up to date: one made by an older version of the program, or before a change of the analysis.

Each step is one transaction: an archive is the old one or the new one, whatever fails in between.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np

from searchapp.archive.copies import put_sketches
from searchapp.archive.fingerprints import FingerprintIndex
from searchapp.archive.header import SCHEMA_VERSION
from searchapp.archive.records import decode_article, decompress
from searchapp.archive.schema import (
    COLUMNS,
    COPIES_TABLE,
    COPY_TABLES,
    DELETIONS_TABLE,
    LEADING_INDEX,
    SKETCHES_TABLE,
    checksum_expression,
    insert_row_statement,
    update_row_statement,
    with_checksum,
)
from searchapp.dedupe.preparation import VERSION, Preparer

ARTICLES_AT_ONCE: Final = 500
PLACES_SINCE: Final = 2
"""The version from which on the archive says which article leads a story, and which are copies."""
TIMES_SINCE: Final = 3
"""The version from which on it says when articles came and changed, and what was deleted."""
LEADING_SINCE: Final = 4
"""The version from which on it finds by an index which articles lead."""
COPIES_SINCE: Final = 5
"""The version from which on pairs of copies stand in the order in which they come."""
FINGERPRINTS: Final = "fingerprints"
"""The setting that says by which version of `dedupe.preparation` the archive's keys and fingerprints were made."""

_FROM_1: Final = f"""
ALTER TABLE articles ADD COLUMN length INTEGER;
ALTER TABLE articles ADD COLUMN leads INTEGER NOT NULL DEFAULT 0;
ALTER TABLE articles ADD COLUMN compared INTEGER NOT NULL DEFAULT 0;
DROP INDEX articles_fold_key;
CREATE INDEX articles_marked ON articles (fold_key) WHERE fold_key IS NOT NULL AND leads + compared > 0;
CREATE INDEX articles_unmarked ON articles (fold_key) WHERE fold_key IS NOT NULL AND leads + compared = 0;
{COPY_TABLES}
"""
_FROM_2: Final = f"""
ALTER TABLE articles ADD COLUMN accepted INTEGER;
ALTER TABLE articles ADD COLUMN changed INTEGER;
ALTER TABLE articles ADD COLUMN language TEXT;
ALTER TABLE articles ADD COLUMN date_origin TEXT;
{SKETCHES_TABLE}
{DELETIONS_TABLE}
"""
_FROM_4: Final = f"""
DROP INDEX IF EXISTS articles_led;
ALTER TABLE copies RENAME TO earlier_copies;
{COPIES_TABLE}
INSERT INTO copies (low, high, similarity, reason, checksum)
    SELECT low, high, similarity, reason, checksum FROM earlier_copies ORDER BY high, low;
DROP TABLE earlier_copies;
"""  # noqa: S608 - names of the schema only
_FIND_LEADERS: Final = """
UPDATE articles SET leads = 1 WHERE number IN (
    SELECT number FROM (
        SELECT number, row_number() OVER (PARTITION BY story ORDER BY length DESC, coalesce(date, '9999'), id) AS place
        FROM articles WHERE story IS NOT NULL
    ) WHERE place = 1
)
"""


def migrate(connection: sqlite3.Connection) -> None:
    """Bring an archive that is open for writing up to date. What it holds stays as it is, its stories too."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    made_by = None if version < PLACES_SINCE else _setting(connection)
    if version == SCHEMA_VERSION and made_by == VERSION:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        if version < PLACES_SINCE:
            _run_all(connection, _FROM_1)
        if version < TIMES_SINCE:
            _run_all(connection, _FROM_2)
        if version < LEADING_SINCE:
            _run_all(connection, LEADING_INDEX)
        if PLACES_SINCE <= version < COPIES_SINCE:
            _run_all(connection, _FROM_4)
        if version < PLACES_SINCE:
            _find_places(connection)
        if version < TIMES_SINCE:
            _find_languages(connection)
            connection.execute(f"UPDATE articles SET checksum = {checksum_expression('articles')}")  # noqa: S608
        if made_by != VERSION:
            make_fingerprints(connection)
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _setting(connection: sqlite3.Connection) -> str | None:
    row = connection.execute("SELECT value FROM settings WHERE name = ?", (FINGERPRINTS,)).fetchone()
    return row[0] if row else None


def _run_all(connection: sqlite3.Connection, statements: str) -> None:
    """Run statements inside the transaction that is open, which `executescript` would end."""
    for statement in filter(None, map(str.strip, statements.split(";"))):
        connection.execute(statement)


def _find_languages(connection: sqlite3.Connection) -> None:
    """From before version 3: each article's language, and where its date comes from."""
    for rows in _batches(connection, "data IS NOT NULL"):
        articles = [(decode_article(decompress(row["data"])), row["number"]) for row in rows]
        connection.executemany(
            "UPDATE articles SET language = ?, date_origin = ? WHERE number = ?",
            [(article.language, article.date_origin, number) for article, number in articles],
        )


def _find_places(connection: sqlite3.Connection) -> None:
    """From version 1: which article leads each story. Those that might be folded are compared with what comes."""
    for rows in _batches(connection, "data IS NOT NULL"):
        lengths = [(len(decode_article(decompress(row["data"])).body), row["number"]) for row in rows]
        connection.executemany("UPDATE articles SET length = ? WHERE number = ?", lengths)
    connection.execute(_FIND_LEADERS)
    connection.execute("UPDATE articles SET compared = 1 WHERE leads AND fold_key IS NOT NULL")


def make_fingerprints(connection: sqlite3.Connection) -> None:
    """Make all keys, fingerprints and sketches anew, and put down by which version, in the transaction that is open."""
    row = {"name": FINGERPRINTS, "value": VERSION}
    connection.execute("DELETE FROM settings WHERE name = ?", (FINGERPRINTS,))
    connection.execute(insert_row_statement("settings"), with_checksum("settings", row))
    preparer, index = Preparer(), FingerprintIndex(connection)
    index.clear()
    connection.execute("DELETE FROM sketches")
    for rows in _batches(connection, "state = 'live' AND fold_key IS NOT NULL"):
        prepared = preparer.prepare([decode_article(decompress(row["data"])) for row in rows])
        changed = [row | {"fold_key": text.key} for row, text in zip(rows, prepared, strict=True)]
        connection.executemany(update_row_statement("articles"), [with_checksum("articles", row) for row in changed])
        compared = [(row["number"], text) for row, text in zip(rows, prepared, strict=True) if row["compared"]]
        prints = np.concatenate([np.empty(0, np.uint64), *(text.fingerprints for _, text in compared)])
        owners = np.repeat([number for number, _ in compared], [len(text.fingerprints) for _, text in compared])
        index.add(prints, owners.astype(np.int64))
        put_sketches(connection, compared)


def _batches(connection: sqlite3.Connection, condition: str) -> Iterator[Sequence[dict[str, Any]]]:
    """The articles that fit a condition, some at a time, by number."""
    last = 0
    while True:
        rows = connection.execute(
            f"SELECT {', '.join(COLUMNS['articles'])} FROM articles "  # noqa: S608 - names of the schema only
            f"WHERE number > ? AND {condition} ORDER BY number LIMIT ?",
            (last, ARTICLES_AT_ONCE),
        ).fetchall()
        if not rows:
            return
        yield [dict(zip(COLUMNS["articles"], row, strict=True)) for row in rows]
        last = rows[-1][0]
