"""Writing the archive: articles and their versions, the stories they fold into, and how far each source is read."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from searchapp.archive.copies import CopyFinder
from searchapp.archive.folding import Folding
from searchapp.archive.incoming import (
    Dedupe,
    Incoming,
    ReadPage,
    Row,
    Stored,
    article_row,
    incoming_of,
    member_of,
    page_row,
    prepare,
    source_row,
    storable,
    stored_of,
    without_repeated_ids,
)
from searchapp.archive.migration import migrate
from searchapp.archive.opening import open_for_writing
from searchapp.archive.reading import Reached, SourceIdentity
from searchapp.archive.restoration import Restoration
from searchapp.archive.rows import INSERT
from searchapp.archive.schema import COLUMNS, with_checksum
from searchapp.archive.stories import StoryRows
from searchapp.dedupe.preparation import Preparer
from searchapp.errors import ArticleNotFound, UsageError
from searchapp.model import ExtractedPage, Reject

__all__ = ["Archive", "Dedupe", "ReadPage", "Row", "Stored"]


class Archive(StoryRows):
    """The archive, open for writing by the one who holds the data directory's lock. Used from one thread.

    All changes are made inside `transaction`; when that ends without an error they are durable and count as
    acknowledged, else none of them happened.
    """

    def _open(self) -> sqlite3.Connection:
        self._last: dict[str, int] = {}
        connection = open_for_writing(self.path)
        with self._translated():
            migrate(connection)
        self._preparer = Preparer()
        self._finder = CopyFinder(connection, self._preparer, self.path.parent)
        return connection

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One transaction; errors of SQLite inside come out as the product's own."""
        with self._translated():
            self.begin()
            try:
                yield
                self.commit()
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                self._finder.reload()
                raise

    def commit(self) -> None:
        """Make durable what was done so far; a long `transaction` goes on with `begin`."""
        self._connection.execute("COMMIT")

    def expect(self, size: int) -> None:
        """So many bytes of input are ahead: in a long run, what comes is not kept to be indexed from memory."""
        self._recent.expect(size)

    def let_go(self) -> None:
        """Forget what is held in memory to find copies by; it is read again when more articles come."""
        self._finder.reload()

    def begin(self) -> None:
        """Go on after `commit`, inside the block of `transaction`."""
        self._connection.execute("BEGIN IMMEDIATE")
        self._count_on()

    def begin_source(self, source: SourceIdentity) -> tuple[int, Reached]:
        """Put the source on record and say what its number is and where to read on.

        A source whose file has changed begins anew. Rejects from where it is read on are forgotten: they will be met
        again.
        """
        reached = self.reached(source)
        number = self._number_of_source(source.path)
        row = source_row(source, reached)
        if number is None:
            number = self._put("sources", row)
        else:
            self._change("sources", row | {"number": number})
        self._run("DELETE FROM rejects WHERE source = ? AND offset >= ?", number, reached.offset)
        return number, reached

    def reach(self, number: int, source: SourceIdentity, reached: Reached) -> None:
        """Record how far the source with this number is read."""
        self._change("sources", source_row(source, reached) | {"number": number})

    def add_pages(self, pages: Sequence[ReadPage], dedupe: Dedupe) -> list[tuple[Stored, ...]]:
        """Take in the articles of pages; of each page what became of its own article, then of those printed below it.

        A page itself is kept when any of its articles is new or changed. Articles that a page printed before and no
        longer prints leave their stories.
        """
        return [stored for part in without_repeated_ids(pages) for stored in self._add_part(part, dedupe)]

    def add_reject(self, source: int, reject: Reject) -> None:
        """Put on record what was not taken."""
        self._put(
            "rejects",
            {"source": source, "line": reject.line, "offset": reject.offset, "reason": storable(reject.reason)},
        )

    def delete(self, article_id: str) -> None:
        """Delete an article for good: its text, its versions, and its page unless another article came with it.

        Its id stays on record, so that indexing its source again does not bring it back.

        Raises:
            ArticleNotFound: there is none, or it is deleted already.
        """
        known = self._known([article_id]).get(article_id)
        if known is None or known["state"] == "deleted":
            raise ArticleNotFound(f"no article has the id {article_id}; nothing was deleted")
        self._put_all(
            "deletions", [{"article": known["number"], "source": self._source_of(known), "deleted": int(time.time())}]
        )
        pages = self._select("SELECT page FROM versions WHERE article = ?", known["number"])
        self._run("DELETE FROM versions WHERE article = ?", known["number"])
        self._leave(
            known,
            dict.fromkeys(
                ("page", "found_on", "outlet", "date", "content", "data", "length", "language", "date_origin")
            )
            | {"state": "deleted"},
        )
        for page in {known["page"], *(row["page"] for row in pages)}:
            self._remove_page_without_articles(page)

    def keep_deleted(self, article_id: str) -> None:
        """Delete an article, or see that one which never came stays away."""
        if article_id not in self._known([article_id]):
            nothing = dict.fromkeys(COLUMNS["articles"])
            row = {"id": article_id, "state": "deleted", "leads": 0, "compared": 0}
            number = self._put("articles", nothing | row)
            self._put_all("deletions", [{"article": number, "source": None, "deleted": int(time.time())}])
        elif not self.is_deleted(article_id):
            self.delete(article_id)

    @contextmanager
    def restoration(self) -> Iterator[Restoration]:
        """A transaction in which an archive that is empty is made from records; as `transaction`."""
        with self.transaction():
            restoration = Restoration(self._connection)
            yield restoration
            restoration.finish()
        self._finder.reload()

    def undelete(self, article_id: str) -> int | None:
        """Forget that an article was deleted, so that its source, read from its start in the next run, brings it back.

        Returns the number of the source; None where it is not on record.

        Raises:
            ArticleNotFound: no such article was deleted.
        """
        known = self._known([article_id]).get(article_id)
        if known is None or known["state"] != "deleted":
            raise ArticleNotFound(f"no article with the id {article_id} was deleted")
        number = known["number"]
        found = self._select("SELECT source FROM deletions WHERE article = ?", number)
        source: int | None = found[0]["source"] if found else None
        self._run("DELETE FROM deletions WHERE article = ?", number)
        split = "SELECT 1 FROM splits WHERE low = ?1 OR high = ?1 LIMIT 1"
        if known["accepted"] is not None or self._select(split, number):
            # It keeps when it first came, and its number: what it was taken apart from it stays apart from.
            self._change("articles", known | {"state": "dropped", "data": b""})
        else:
            self._run("DELETE FROM articles WHERE number = ?", number)
        if source is not None:
            (row,) = self._select("SELECT * FROM sources WHERE number = ?", source)
            self._change("sources", row | {"offset": 0, "line": 1, "complete": 0})
        return source

    def split(self, one: str, other: str) -> None:
        """Take two articles of a story apart, and keep them apart from now on, whatever comes.

        Raises:
            ArticleNotFound: one of them is not there.
            UsageError: they are not in one story.
        """
        rows = self._known([one, other])
        for article_id in (one, other):
            if article_id not in rows or rows[article_id]["story"] is None:
                raise ArticleNotFound(f"no article has the id {article_id}; ids are in the results of a search")
        if one == other or rows[one]["story"] != rows[other]["story"]:
            raise UsageError(
                f"{one} and {other} are not copies in one story; list a story's copies with: searchapp dups {one}"
            )
        low, high = sorted((rows[one]["number"], rows[other]["number"]))
        self._connection.execute(INSERT["splits"], with_checksum("splits", {"low": low, "high": high}))
        folding = Folding(self._connection)
        folding.split(low, high)
        copies = self._settle(folding)
        self._write_places(folding, {})
        self._put_copies(copies)

    def article_rows(self, after: int, count: int) -> list[Row]:
        """The rows of live articles with numbers above `after`, by number, so many of them, each held sound."""
        return self._sound_articles("a.number > ? AND a.state = 'live' ORDER BY a.number LIMIT ?", after, count)

    def change_articles(self, rows: Sequence[Row]) -> None:
        """Write rows of live articles whose text and place are as they were; their stories have changed then."""
        for row in rows:
            self._change("articles", row)
        self._touch_stories({row["story"] for row in rows})

    def _add_part(self, pages: Sequence[ReadPage], dedupe: Dedupe) -> list[tuple[Stored, ...]]:
        """As `add_pages`, where every id comes once."""
        printed = [(extracted.article, *extracted.related) for _, _, extracted in pages]
        known = self._known([article.id for articles in printed for article in articles])
        now = int(time.time())
        incoming = [incoming_of(extracted, known, now) for _, _, extracted in pages]
        rows, changing = [], []
        for (source, page, extracted), group in zip(pages, incoming, strict=True):
            if of_page := self._numbered(group):
                number, is_alone = self._take("pages"), len(of_page) == 1
                rows.append(page_row(number, source, page, extracted, is_behind=is_alone))
                for one in of_page:
                    one.page, one.printed = number, page.raw if is_alone else None
                changing += of_page
        self._put_all("pages", rows)
        folded = self._put_articles(changing, dedupe)
        for (_, _, extracted), group in zip(pages, incoming, strict=True):
            if group[0].changes and group[0].known is not None:
                self._drop_related(extracted)
        return [tuple(stored_of(one, folded) for one in group) for group in incoming]

    def _numbered(self, group: Iterable[Incoming]) -> list[Incoming]:
        """The articles of a page that are new or changed, with their numbers."""
        changing = [one for one in group if one.changes]
        for one in changing:
            one.number = one.known["number"] if one.known else self._take("articles")
        return changing

    def _put_articles(self, changing: Sequence[Incoming], dedupe: Dedupe) -> set[int]:
        """Write articles that are new or changed; returns the numbers of those that joined others."""
        if not changing:
            return set()
        folding = Folding(self._connection)
        for one in changing:
            if one.known is not None and not one.is_new:
                self._keep_version(one.known)
                self._forget_copies(one.known, folding)
        if dedupe != "off":
            self._preparer.refresh()
            prepare(changing, self._preparer)
            folding.load_keys(sorted({one.prepared.key for one in changing if one.prepared}))
        members = [member_of(one) for one in changing]
        for one, member in zip(changing, members, strict=True):
            folding.add(member, is_new=one.known is None)
        copies = self._compare(changing, folding) if dedupe == "near" else []
        copies += self._settle(folding, (one.number for one in changing))
        rows = {one.number: article_row(one) for one in changing}
        for one in changing:
            self._recent.keep(one.number, one.content, one.article)
        self._write_places(folding, rows, existing={one.number for one in changing if one.known is not None})
        self._put_copies(copies)
        return {one.number for one in members if not one.leads} | folding.folded

    def _drop_related(self, extracted: ExtractedPage) -> None:
        printed = {article.id for article in extracted.related}
        for row in self._sound_articles("a.found_on = ? AND a.state = 'live'", extracted.article.id):
            if row["id"] not in printed:
                self._leave(row, {"state": "dropped"})

    def _keep_version(self, known: Row) -> None:
        self._put(
            "versions",
            {"article": known["number"], "page": known["page"], "content": known["content"], "data": known["data"]},
        )

    def _remove_page_without_articles(self, page: int) -> None:
        self._run(
            "DELETE FROM pages WHERE number = ?1 AND NOT EXISTS (SELECT 1 FROM articles WHERE page = ?1) "
            "AND NOT EXISTS (SELECT 1 FROM versions WHERE page = ?1)",
            page,
        )

    def _source_of(self, article: Row) -> int | None:
        rows = self._select("SELECT source FROM pages WHERE number = ?", article["page"])
        return rows[0]["source"] if rows else None

    def _number_of_source(self, path: bytes) -> int | None:
        rows = self._select("SELECT number FROM sources WHERE path = ?", path)
        return rows[0]["number"] if rows else None
