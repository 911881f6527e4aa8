"""Writing the archive: articles and their versions, the stories they fold into, and how far each source is read."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from searchapp.archive.copies import CopyFinder
from searchapp.archive.folding import Folding, Member
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
    source_row,
    storable,
    stored_of,
    without_repeated_ids,
)
from searchapp.archive.migration import migrate
from searchapp.archive.reading import SIMILARITY_SCALE, Reached, SourceIdentity
from searchapp.archive.records import decode_article, decompress
from searchapp.archive.restoration import Restoration
from searchapp.archive.rows import INSERT, ArchiveRows
from searchapp.archive.schema import (
    COLUMNS,
    open_for_writing,
    with_checksum,
)
from searchapp.dedupe.preparation import PreparedText, Preparer
from searchapp.errors import ArticleNotFound, UsageError
from searchapp.model import ExtractedPage, Reject

__all__ = ["Archive", "Dedupe", "ReadPage", "Row", "Stored"]


class Archive(ArchiveRows):
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
        self._finder = CopyFinder(connection, self._preparer)
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
        for table in ("deletions WHERE article", "splits WHERE low", "splits WHERE high", "articles WHERE number"):
            self._run(f"DELETE FROM {table} = ?", number)  # noqa: S608 - names of the schema only
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
        folding.settle()
        self._write_places(folding, {})

    def article_rows(self, after: int, count: int) -> list[Row]:
        """The rows of live articles with numbers above `after`, by number, so many of them, each held sound."""
        return self._sound_articles("a.number > ? AND a.state = 'live' ORDER BY a.number LIMIT ?", after, count)

    def change_articles(self, rows: Sequence[Row]) -> None:
        """Write rows of live articles whose text and place are as they were; their stories have changed then."""
        for row in rows:
            self._change("articles", row)
        for story in sorted({row["story"] for row in rows}):
            self._touch_story(story)

    def _add_part(self, pages: Sequence[ReadPage], dedupe: Dedupe) -> list[tuple[Stored, ...]]:
        """As `add_pages`, where every id comes once."""
        printed = [(extracted.article, *extracted.related) for _, _, extracted in pages]
        known = self._known([article.id for articles in printed for article in articles])
        incoming = [[incoming_of(article, known.get(article.id)) for article in articles] for articles in printed]
        rows, changing = [], []
        for (source, page, _), group in zip(pages, incoming, strict=True):
            if any(one.changes for one in group):
                number = self._take("pages")
                rows.append(page_row(source, page) | {"number": number})
                changing += self._numbered(group, number)
        self._put_all("pages", rows)
        folded = self._put_articles(changing, dedupe)
        for (_, _, extracted), group in zip(pages, incoming, strict=True):
            if group[0].changes and group[0].known is not None:
                self._drop_related(extracted)
        return [tuple(stored_of(one, folded) for one in group) for group in incoming]

    def _numbered(self, group: Iterable[Incoming], page: int) -> list[Incoming]:
        """The articles of a page that are new or changed, with their numbers and the page's."""
        changing = [one for one in group if one.changes]
        for one in changing:
            one.page = page
            one.number = one.known["number"] if one.known else self._take("articles")
        return changing

    def _put_articles(self, changing: Sequence[Incoming], dedupe: Dedupe) -> set[int]:
        """Write articles that are new or changed; returns the numbers of those that joined others."""
        if not changing:
            return set()
        folding = Folding(self._connection)
        for one in changing:
            if one.known is not None:
                self._keep_version(one.known)
                self._forget_copies(one.known, folding)
        if dedupe != "off":
            self._preparer.refresh()
            prepared = self._preparer.prepare([one.article for one in changing])
            folding.load_keys(sorted({text.key for text in prepared}))
            for one, text in zip(changing, prepared, strict=True):
                one.prepared = text
        members = [member_of(one) for one in changing]
        for member in members:
            folding.add(member)
        copies = self._compare(changing, folding) if dedupe == "near" else []
        folding.settle()
        rows = {one.number: article_row(one) for one in changing}
        self._write_places(folding, rows, existing={one.number for one in changing if one.known is not None})
        self._put_copies(copies)
        return {one.number for one in members if not one.leads} | folding.folded

    def _compare(self, changing: Sequence[Incoming], folding: Folding) -> list[Row]:
        """Compare the texts that are new to the archive, and tell the folding which are copies."""
        new = []
        for one in changing:
            if one.prepared is not None and folding.comparable(one.prepared.key) is None:
                folding.members[one.number].compared = True
                folding.touch(folding.exact_copies(one.prepared.key))
                new.append((one.number, one.prepared))
        return self._link(new, folding)

    def _link(self, new: Sequence[tuple[int, PreparedText]], folding: Folding) -> list[Row]:
        rows = []
        for copy in self._finder.compare(new):
            pair = folding.member(copy.low), folding.member(copy.high)
            if not all(member is not None and member.compared for member in pair):
                continue  # its text is about to be replaced
            similarity = round(copy.judgement.similarity * SIMILARITY_SCALE)
            folding.link(copy.low, copy.high, similarity)
            rows.append({"low": copy.low, "high": copy.high, "similarity": similarity, "reason": copy.judgement.reason})
        return rows

    def _forget_copies(self, known: Row, folding: Folding) -> None:
        """Take an article out of its story; another exact copy is compared in its place."""
        number = known["number"]
        if known["story"] is None:
            return
        folding.remove(number)
        if not known["compared"]:
            return
        self._finder.forget(number)
        self._run("DELETE FROM copies WHERE low = ?1 OR high = ?1", number)
        heirs = folding.exact_copies(known["fold_key"])
        if heirs:
            heir = heirs[0]
            heir.compared = True
            (row,) = self._select("SELECT data FROM articles WHERE number = ?", heir.number)
            prepared = self._preparer.prepare([decode_article(decompress(row["data"]))])
            # Its row must say that it is compared before others are: they are found by that.
            self._change_part(heir.number, {"compared": 1})
            self._put_copies(self._link([(heir.number, prepared[0])], folding))
            folding.touch(heirs)

    def _leave(self, known: Row, changes: Mapping[str, Any]) -> None:
        """Take an article out of its story and change its row."""
        folding = Folding(self._connection)
        self._forget_copies(known, folding)
        nowhere = {"story": None, "fold_key": None, "leads": 0, "compared": 0}
        folding.settle()
        self._change("articles", known | nowhere | dict(changes))
        self._write_places(folding, {}, left={known["story"]} if known["story"] is not None else set())

    def _write_places(
        self,
        folding: Folding,
        rows: Mapping[int, Row],
        existing: Iterable[int] = (),
        left: Iterable[int] = (),
    ) -> None:
        """Write what a folding has changed, and `rows`, by number, of articles whose content is new."""
        changed = folding.changed()
        stories = set(left) | {member.was[0] for member in changed if member.was}
        begun = self._begin_stories(member for member in changed if member.leads)
        existing = set(existing)
        inserts = []
        for member in changed:
            if member.story is not None and member.story < 0:
                member.story = begun[member.story]
            elif member.story is not None:
                stories.add(member.story)
            place = {"story": member.story, "leads": int(member.leads), "compared": int(member.compared)}
            if member.number not in rows:
                self._change_part(member.number, place)
            elif member.number in existing:
                self._change("articles", rows[member.number] | place | {"number": member.number})
            else:
                inserts.append(rows[member.number] | place | {"number": member.number})
        unmoved = [folding.members[number] for number in rows.keys() - {member.number for member in changed}]
        for member in unmoved:
            place = {"story": member.story, "leads": int(member.leads), "compared": int(member.compared)}
            self._change("articles", rows[member.number] | place | {"number": member.number})
            stories.add(member.story or 0)
        self._put_all("articles", inserts)
        for story in sorted(stories - set(begun.values())):
            self._touch_story(story)

    def _begin_stories(self, leaders: Iterable[Member]) -> dict[int, int]:
        """New stories for those that were not made yet; returns the number that each now has."""
        waiting = sorted(
            {leader.story for leader in leaders if leader.story is not None and leader.story < 0}, reverse=True
        )
        begun = {story: self._take("stories") for story in waiting}
        self._put_all(
            "stories",
            [{"number": number, "sequence": self._take("changes"), "alive": 1} for number in begun.values()],
        )
        return begun

    def _put_copies(self, rows: Sequence[Row]) -> None:
        self._connection.executemany(
            INSERT["copies"].replace("INSERT", "INSERT OR REPLACE"), [with_checksum("copies", row) for row in rows]
        )

    def _touch_story(self, number: int) -> None:
        """Give the story the next sequence number, and see whether it still has an article."""
        alive = bool(self._select("SELECT number FROM articles WHERE story = ? LIMIT 1", number))
        self._change("stories", {"number": number, "sequence": self._take("changes"), "alive": int(alive)})

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
