"""Rows of the archive, read and written whole, each held against its checksum."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

from searchapp.archive.incoming import Row
from searchapp.archive.reading import WHOLE_ARTICLES, ArchiveReader
from searchapp.archive.schema import (
    COLUMNS,
    checksum_of,
    insert_row_statement,
    update_row_statement,
    with_checksum,
    with_checksums,
)

_NUMBERED: Final = ("sources", "pages", "stories", "articles", "versions", "rejects")
INSERT: Final = {
    table: insert_row_statement(table) for table in (*_NUMBERED, "copies", "splits", "settings", "deletions")
}
_UPDATE: Final = {table: update_row_statement(table) for table in ("sources", "stories", "articles")}
_MOVE: Final = "UPDATE articles SET story = :story, checksum = :checksum WHERE number = :number"
_PLACE: Final = _MOVE.replace("story = :story", "story = :story, leads = :leads, compared = :compared")
"""Only what is set has SQLite look at the indexes that it is in."""
_LAST: Final = {table: f"SELECT coalesce(max(number), 0) FROM {table}" for table in _NUMBERED} | {  # noqa: S608
    "changes": "SELECT coalesce(max(sequence), 0) FROM stories"
}
"""The highest number in each table, and of the changes; the next ones are counted on from there."""


class ArchiveRows(ArchiveReader):
    """What writing is made of. `_last` counts each table's numbers on; a transaction begins with what is there."""

    _last: dict[str, int]

    def _count_on(self) -> None:
        self._last = {table: self._connection.execute(statement).fetchone()[0] for table, statement in _LAST.items()}

    def setting(self, name: str) -> str | None:
        """What was put down under a name."""
        rows = self._select("SELECT value FROM settings WHERE name = ?", name)
        return rows[0]["value"] if rows else None

    def put_setting(self, name: str, value: str) -> None:
        """Put something down under a name, in place of what stood there."""
        self._run("DELETE FROM settings WHERE name = ?", name)
        self._put_all("settings", [{"name": name, "value": value}])

    def _take(self, counter: str) -> int:
        """The next number of a table or of the changes."""
        self._last[counter] += 1
        return self._last[counter]

    def _known(self, ids: Sequence[str]) -> dict[str, Row]:
        """The rows that these ids have."""
        marks = ", ".join("?" * len(ids))
        return {row["id"]: row for row in self._sound_articles(f"a.id IN ({marks})", *ids)}

    def _sound_articles(self, condition: str, *parameters: str | int) -> list[Row]:
        """Articles, held against their checksums: a damaged one must not be written back as if it were sound."""
        order = "" if "ORDER BY" in condition else "ORDER BY a.number"
        rows = []
        for *values, checksum in self._connection.execute(f"{WHOLE_ARTICLES} WHERE {condition} {order}", parameters):
            row = dict(zip(COLUMNS["articles"], values, strict=True))
            if checksum_of(values) != checksum:
                raise self._damaged(f"article {row['id']}")
            rows.append(row)
        return rows

    def _select(self, statement: str, *parameters: object) -> list[Row]:
        cursor = self._connection.execute(statement, parameters)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]

    def _put(self, table: str, row: Row) -> int:
        """Insert a row and return its number. The number is part of the checksum, so it is chosen here."""
        number = self._take(table)
        self._put_all(table, [row | {"number": number}])
        return number

    def _put_all(self, table: str, rows: Sequence[Row]) -> None:
        """Insert rows, whole and with their numbers."""
        self._connection.executemany(INSERT[table], with_checksums(table, rows))

    def _change(self, table: str, row: Row) -> None:
        """Write a row whole in place of the one with its number."""
        self._change_all(table, [row])

    def _change_all(self, table: str, rows: Sequence[Row]) -> None:
        """Write rows whole in place of those with their numbers."""
        self._connection.executemany(_UPDATE[table], with_checksums(table, rows))

    def _move_articles(self, moved: Sequence[tuple[Row, Row]]) -> None:
        """Write where articles are that stay the same otherwise: the row of each, and the columns that say it."""
        statements = defaultdict[str, list[Row]](list)
        for row, place in moved:
            stays = row["leads"] == place["leads"] and row["compared"] == place["compared"]
            checksum = with_checksum("articles", row | place)[-1]
            statements[_MOVE if stays else _PLACE].append(place | {"checksum": checksum})
        for statement, places in statements.items():
            self._connection.executemany(statement, places)

    def _change_part(self, number: int, changes: Mapping[str, Any]) -> None:
        """Change some columns of an article."""
        (row,) = self._sound_articles("a.number = ?", number)
        self._change("articles", row | dict(changes))

    def _run(self, statement: str, *parameters: object) -> None:
        self._connection.execute(statement, parameters)
