"""SQLite FTS5 of the standard library, with its unicode61 tokenizer: no Arabic stemming, marks removed."""

from __future__ import annotations

import sqlite3
from collections import Counter
from pathlib import Path
from typing import Final

from bench.corpus import read_articles
from bench.protocol import HITS, MARK_END, MARK_START, TITLE_WEIGHT, Engine, Filters, Page, PageHit, main
from bench.tasks import Mode

FILE_NAME: Final = "articles.db"
CACHE_KIB: Final = 262_144
MAPPED_BYTES: Final = 4_000_000_000
SNIPPET_WORDS: Final = 40
SCHEMA: Final = f"""
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
PRAGMA cache_size = -{CACHE_KIB};
CREATE TABLE about(number INTEGER PRIMARY KEY, outlet TEXT, month TEXT, day TEXT);
CREATE TABLE articles(number INTEGER PRIMARY KEY, title TEXT, text TEXT);
CREATE VIRTUAL TABLE words USING fts5(
    title, text, content = 'articles', content_rowid = 'number', tokenize = 'unicode61 remove_diacritics 2');
INSERT INTO words(words, rank) VALUES ('rank', 'bm25({TITLE_WEIGHT}, 1.0)');
"""  # noqa: S608 (constants only)
TOP: Final = "SELECT rowid FROM words WHERE words MATCH ? ORDER BY rank LIMIT ?"
SNIPPET: Final = f"snippet(words, 1, '{MARK_START}', '{MARK_END}', '…', {SNIPPET_WORDS})"
# Without a filter the outlet is looked up for the ten hits only: a join would look it up for every match.
HITS_UNFILTERED: Final = f"""
SELECT words.rowid, words.title, (SELECT outlet FROM about WHERE number = words.rowid),
       (SELECT day FROM about WHERE number = words.rowid), {SNIPPET}
FROM words WHERE words MATCH ? ORDER BY words.rank LIMIT {HITS}"""  # noqa: S608 (constants only)
HITS_FILTERED: Final = f"""
SELECT words.rowid, words.title, about.outlet, about.day, {SNIPPET}
FROM words JOIN about ON about.number = words.rowid
WHERE words MATCH ? {{conditions}} ORDER BY words.rank LIMIT {HITS}"""  # noqa: S608 (constants only)
FACETS: Final = """
SELECT about.outlet, about.month, count(*) FROM words JOIN about ON about.number = words.rowid
WHERE words MATCH ? {conditions} GROUP BY 1, 2"""


def _match(words: str, mode: Mode) -> str:
    """The words in FTS5's own query language."""
    if mode == "phrase":
        return f'"{words}"'
    return (" AND " if mode == "and" else " OR ").join(f'"{word}"' for word in words.split())


class SqliteEngine(Engine):
    """One connection to one file."""

    def version(self) -> str:
        return f"SQLite FTS5 {sqlite3.sqlite_version}"

    def build(self, corpus: Path, index: Path) -> int:
        connection = sqlite3.connect(index / FILE_NAME)
        connection.executescript(SCHEMA)
        count = self._write(corpus, connection, first=0)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        return count

    def add(self, corpus: Path, index: Path) -> None:
        connection = sqlite3.connect(index / FILE_NAME)
        (last,) = connection.execute("SELECT max(number) FROM about").fetchone()
        self._write(corpus, connection, first=last + 1)
        connection.close()

    def _write(self, corpus: Path, connection: sqlite3.Connection, first: int) -> int:
        count = 0
        with connection:
            for number, article in enumerate(read_articles(corpus), start=first):
                about = (number, article.source, article.date[:7], article.date)
                texts = (number, article.title, article.text)
                connection.execute("INSERT INTO about VALUES (?, ?, ?, ?)", about)
                connection.execute("INSERT INTO articles VALUES (?, ?, ?)", texts)
                connection.execute("INSERT INTO words(rowid, title, text) VALUES (?, ?, ?)", texts)
                count += 1
        return count

    def open(self, index: Path) -> None:
        self._connection = sqlite3.connect(index / FILE_NAME)
        self._connection.execute(f"PRAGMA mmap_size = {MAPPED_BYTES}")
        self._connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")

    def top(self, words: str, mode: Mode) -> list[str]:
        return [str(number) for (number,) in self._connection.execute(TOP, (_match(words, mode), HITS))]

    def page(self, words: str, mode: Mode, filters: Filters) -> Page:
        conditions, values = "", [_match(words, mode)]
        if filters.outlet is not None:
            conditions += " AND about.outlet = ?"
            values.append(filters.outlet)
        if filters.dates is not None:
            conditions += " AND about.day BETWEEN ? AND ?"
            values.extend(filters.dates)
        statement = HITS_FILTERED.format(conditions=conditions) if conditions else HITS_UNFILTERED
        hits = [PageHit(str(number), *rest) for number, *rest in self._connection.execute(statement, values)]
        outlets, months = Counter[str](), Counter[str]()
        for outlet, month, count in self._connection.execute(FACETS.format(conditions=conditions), values):
            outlets[outlet] += count
            months[month] += count
        return Page(outlets.total(), hits, outlets, months)


if __name__ == "__main__":
    main(SqliteEngine())
