"""Naming the outlets of all articles of an archive anew, after the table of outlets has changed."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable
from typing import Final

from searchapp.archive.records import (
    compress,
    content_digest,
    decode_article,
    decompress,
    encode_article,
    page_behind,
    with_page,
)
from searchapp.archive.store import Archive, Row
from searchapp.archive.transfer import OUTLETS
from searchapp.ingest.outlets import OutletTable, renamed

ARTICLES_AT_ONCE: Final = 500
"""Read, and where there is a change written, in one transaction."""


def name_outlets(archive: Archive, table: OutletTable, told: Callable[[int, int], None], *, always: bool) -> int:
    """Name the outlet of every live article as the table does; returns how many have another name now.

    Nothing is read when the archive was named by this table before, unless `always`. `told` hears how many articles of
    how many were looked at. A run that is killed begins again the next time.
    """
    digest = _digest(table)
    if archive.sequence == 0 or (archive.setting(OUTLETS) == digest and not always):
        return 0
    last = changed = seen = 0
    total = archive.count_articles()
    while True:
        with archive.transaction():
            rows = archive.article_rows(last, ARTICLES_AT_ONCE)
            if not rows:
                put_down_names(archive, table)
                return changed
            renewed = [new for row in rows if (new := _renamed_row(row, table)) is not None]
            archive.change_articles(renewed)
        changed += len(renewed)
        last, seen = rows[-1]["number"], seen + len(rows)
        told(seen, total)


def is_named_by(connection: sqlite3.Connection, table: OutletTable) -> bool:
    """Whether all articles were named by this table; also where nothing is on record, as in an empty archive."""
    recorded = connection.execute("SELECT value FROM settings WHERE name = ?", (OUTLETS,)).fetchone()
    return recorded is None or recorded[0] == _digest(table)


def put_down_names(archive: Archive, table: OutletTable) -> None:
    """Put down by which table all articles are named. Belongs to the transaction that is open."""
    archive.put_setting(OUTLETS, _digest(table))


def _renamed_row(row: Row, table: OutletTable) -> Row | None:
    """The row of an article with the name that the table has for its outlet; None where it has that already."""
    stored = decompress(row["data"])
    article = decode_article(stored)
    named = renamed(article, table)
    if named is article:
        return None
    data, page = encode_article(named), page_behind(stored)
    packed = compress(data if page is None else with_page(data, page))
    return row | {"outlet": named.outlet, "content": content_digest(data), "data": packed}


def _digest(table: OutletTable) -> str:
    """What tells two tables apart."""
    parts = [sorted(part.items()) for part in (table.names, table.own_names, table.domains)]
    return hashlib.blake2b(json.dumps(parts).encode(), digest_size=16).hexdigest()
