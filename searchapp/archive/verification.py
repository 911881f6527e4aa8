"""Looking for damage in an archive: SQLite's own checks, every row's checksum, and what must agree between tables."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Final

from searchapp.archive.schema import COLUMNS, checksum_expression

_NAMES: Final = {
    "sources": "'source ' || named",
    "pages": "'page ' || number",
    "stories": "'story ' || number",
    "articles": "'article ' || id",
    "versions": "'old version ' || number || ' of article ' || (SELECT id FROM articles WHERE number = article)",
    "rejects": "'reject ' || number",
    "copies": "'the copies ' || low || ' and ' || high",
    "splits": "'the split of ' || low || ' and ' || high",
    "deletions": "'the deletion of ' || article",
    "fingerprint_runs": "'fingerprints, run ' || number",
    "fingerprints": "'fingerprints, run ' || run || ', chunk ' || chunk",
    "sketches": "'the sketch of article ' || article",
    "settings": "'setting ' || name",
}
"""How a row of each table is named to a person."""

_DISAGREEMENTS: Final = {
    "stands behind no article": """
        SELECT 'page ' || number FROM pages WHERE length(raw) = 0
        AND NOT EXISTS (SELECT 1 FROM articles WHERE page = pages.number AND data IS NOT NULL)
        AND NOT EXISTS (SELECT 1 FROM versions WHERE page = pages.number)
    """,
    "is marked as existing but has no article": """
        SELECT 'story ' || number FROM stories
        WHERE alive AND NOT EXISTS (SELECT 1 FROM articles WHERE story = stories.number)
    """,
    "has not one leading article": """
        SELECT 'story ' || number FROM stories
        WHERE alive AND (SELECT count(*) FROM articles WHERE story = stories.number AND leads) != 1
    """,
    "is marked as ended but has an article": """
        SELECT 'story ' || number FROM stories
        WHERE NOT alive AND EXISTS (SELECT 1 FROM articles WHERE story = stories.number)
    """,
}


def damage(connection: sqlite3.Connection) -> Iterator[str]:
    """A sentence for each thing that is wrong; nothing for a sound archive. Reads every byte that holds content."""
    try:
        yield from _structure(connection)
        for table in COLUMNS:
            for (name,) in connection.execute(
                f"SELECT {_NAMES[table]} FROM {table} "  # noqa: S608 - names of the schema only
                f"WHERE checksum IS NOT {checksum_expression(table)}"
            ):
                yield f"{name}: does not fit its checksum"
        for complaint, statement in _DISAGREEMENTS.items():
            for (name,) in connection.execute(statement):
                yield f"{name}: {complaint}"
    except sqlite3.Error as error:
        yield f"archive: cannot be read to its end ({error})"


def _structure(connection: sqlite3.Connection) -> Iterator[str]:
    for (complaint,) in connection.execute("PRAGMA integrity_check"):
        if complaint != "ok":
            yield f"archive: {complaint}"
    for table, row, parent, _ in connection.execute("PRAGMA foreign_key_check"):
        yield f"archive: row {row} of {table} refers to a row of {parent} that is not there"
