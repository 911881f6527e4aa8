"""Making an empty archive anew from another one's records: the same articles, stories, copies, splits, deletions."""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections.abc import Mapping
from typing import Any, Final

from searchapp.archive.folds import SIMILARITY_SCALE
from searchapp.archive.migration import make_fingerprints
from searchapp.archive.records import compress, content_digest, encode_article
from searchapp.archive.schema import COLUMNS, Value, insert_row_statement, with_checksum
from searchapp.archive.transfer import MARK, OUTLETS, article_of, raw_of, seconds_of

_TABLES: Final = ("pages", "stories", "articles", "copies", "splits", "deletions", "settings")
_INSERT: Final = {table: insert_row_statement(table) for table in _TABLES}
_NOWHERE: Final[dict[str, Value]] = dict.fromkeys(COLUMNS["articles"])
_NOT_LED: Final = "SELECT 1 FROM articles WHERE story IS NOT NULL GROUP BY story HAVING sum(leads) != 1 LIMIT 1"
_WITHOUT_STORY: Final = (
    "SELECT 1 FROM articles a WHERE story IS NOT NULL AND NOT EXISTS (SELECT 1 FROM stories WHERE number = a.story) "
    "LIMIT 1"
)
_UNFIT: Final = (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.InterfaceError, sqlite3.DataError)
"""What SQLite raises of values that are of a wrong type, or there twice."""


class Restoration:
    """Takes the records one by one; all of it belongs to the transaction that is open."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.articles = self.folded = self.undated = 0
        self._number = 0
        self._connection = connection
        self._complete = False
        connection.execute("PRAGMA defer_foreign_keys = ON")

    def take(self, record: Mapping[str, Any], source: int, line: int, offset: int, written: bytes) -> None:
        """Take a record, which stands `written` in this line and at this position of a source.

        Raises:
            ValueError, TypeError, KeyError, OverflowError: it is none, or does not fit those before it.
        """
        kind = record.get("kind")
        if kind == "article":
            self._put_page(record["page"], source, line, offset, written)
            self._put_article(record)
        elif kind == "page":
            self._put_page(record["page"], source, line, offset, raw_of(record))
        elif kind == "deleted":
            self._put_deleted(record)
        elif kind in {"copies", "split"}:
            self._put_pair(record)
        elif kind == "end":
            self._complete = record["articles"] == self.articles
        elif MARK in record:
            if record["outlets"] is not None:
                self._put("settings", {"name": OUTLETS, "value": str(record["outlets"])})
        else:
            raise ValueError(f"a record of an unknown kind ({kind})")

    def finish(self) -> None:
        """See that all records came and fit together, and make what is derived from them.

        Raises:
            ValueError: they do not.
        """
        if not self._complete:
            raise ValueError("the export breaks off")
        for statement in (_NOT_LED, _WITHOUT_STORY):
            if self._connection.execute(statement).fetchone():
                raise ValueError("a story has not one leading article")
        make_fingerprints(self._connection)

    def _put_page(self, number: int, source: int, line: int, offset: int, raw: bytes) -> None:
        row = {"number": number, "source": source, "line": line, "offset": offset}
        self._put("pages", row | {"digest": hashlib.sha256(raw).digest(), "raw": compress(raw)}, unless_there=True)

    def _put_article(self, record: Mapping[str, Any]) -> None:
        article = article_of(record)
        data = encode_article(article)
        self._number += 1
        self.articles += 1
        self.folded += not record["leads"]
        self.undated += article.date is None
        self._put(
            "articles",
            {
                "number": self._number,
                "id": article.id,
                "state": "live",
                "page": record["page"],
                "story": record["story"],
                "found_on": article.found_on,
                "outlet": article.outlet,
                "date": article.date.isoformat() if article.date else None,
                "content": content_digest(data),
                "fold_key": b"" if record["folds"] else None,  # the key itself is made at the end
                "data": compress(data),
                "length": len(article.body),
                "leads": int(record["leads"]),
                "compared": int(record["compared"]),
                "accepted": seconds_of(record["first_seen"]),
                "changed": seconds_of(record["last_changed"]),
                "language": article.language,
                "date_origin": article.date_origin,
            },
        )
        if record["leads"]:
            self._put("stories", {"number": record["story"], "sequence": record["sequence"], "alive": 1})

    def _put_deleted(self, record: Mapping[str, Any]) -> None:
        self._number += 1
        row = {"number": self._number, "id": record["id"], "state": "deleted", "leads": 0, "compared": 0}
        self._put("articles", _NOWHERE | row)
        deleted = seconds_of(record.get("deleted"))
        deleted = int(time.time()) if deleted is None else deleted
        self._put("deletions", {"article": self._number, "source": None, "deleted": deleted})

    def _put_pair(self, record: Mapping[str, Any]) -> None:
        low, high = sorted(self._number_of(name) for name in record["ids"])
        if record["kind"] == "split":
            self._put("splits", {"low": low, "high": high})
        else:
            similarity = round(record["similarity"] * SIMILARITY_SCALE)
            row = {"low": low, "high": high, "similarity": similarity, "reason": record["reason"]}
            self._put("copies", row)

    def _number_of(self, article_id: str) -> int:
        row = self._connection.execute("SELECT number FROM articles WHERE id = ?", (article_id,)).fetchone()
        if row is None:
            raise ValueError(f"no article before it has the id {article_id}")
        number: int = row[0]
        return number

    def _put(self, table: str, row: Mapping[str, Value], *, unless_there: bool = False) -> None:
        statement = _INSERT[table]
        if unless_there:
            statement = statement.replace("INSERT", "INSERT OR IGNORE", 1)
        try:
            self._connection.execute(statement, with_checksum(table, row))
        except _UNFIT as error:
            raise ValueError(f"a record that does not fit the others ({error})") from error
