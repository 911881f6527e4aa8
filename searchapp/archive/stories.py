"""Writing what articles have to do with each other: judged pairs, places in stories, the stories themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from searchapp.archive.candidates import NewText
from searchapp.archive.copies import Copy, CopyFinder
from searchapp.archive.folding import Folding
from searchapp.archive.folds import SIMILARITY_SCALE
from searchapp.archive.incoming import Incoming, Row
from searchapp.archive.members import Member
from searchapp.archive.records import decode_article, decompress
from searchapp.archive.rows import INSERT, ArchiveRows
from searchapp.archive.schema import with_checksums
from searchapp.dedupe.preparation import Preparer

ROWS_AT_ONCE: Final = 500
"""Articles or stories that one statement names; articles are held in memory meanwhile."""
_ALIVE: Final = """
SELECT s.number FROM stories s WHERE EXISTS (SELECT 1 FROM articles WHERE story = s.number) AND s.number IN
"""


class StoryRows(ArchiveRows):
    """The part of the archive's writing that keeps stories right."""

    _preparer: Preparer
    _finder: CopyFinder

    def _compare(self, changing: Sequence[Incoming], folding: Folding) -> list[Row]:
        """Compare the texts that are new to the archive, and tell the folding which are copies."""
        new = []
        for one in changing:
            if one.prepared is not None and folding.comparable(one.prepared.key) is None:
                folding.members[one.number].compared = True
                folding.touch(folding.exact_copies(one.prepared.key))
                new.append(NewText(one.number, one.prepared, len(one.article.body)))
        return self._link(self._finder.compare(new), folding, touched=False)

    def _settle(self, folding: Folding, compared: Iterable[int] = ()) -> list[Row]:
        """Give every article its place; returns the judged pairs that came of it.

        What others lead is not held against all that is like it: that is made good when it begins to lead. `compared`
        are the numbers of those that were held against others in this step.
        """
        rows: list[Row] = []
        done = set(compared)
        folding.settle()
        while True:
            promoted = {number: length for number, length in folding.promoted().items() if number not in done}
            alone = [number for number in self._finder.unfinished() if folding.leads(number)]
            if not promoted and not alone:
                self._finder.leave_unfinished()
                return rows
            done |= promoted.keys()
            self._finder.note_places(folding)
            copies = [*self._finder.compare_again(promoted), *self._finder.finish(alone)]
            rows += self._link(copies, folding)
            # Of a pair the one that comes after may have to join the other.
            linked = {number for copy in copies for number in (copy.low, copy.high)}
            folding.touch(filter(None, map(folding.member, sorted(linked.union(promoted, alone)))))
            folding.settle()

    def _link(self, copies: Iterable[Copy], folding: Folding, *, touched: bool = True) -> list[Row]:
        """Have articles linked; `touched` says whether all of them are looked at again, not only the later ones."""
        rows = []
        copies = list(copies)
        folding.load_linked([(copy.low, copy.high) for copy in copies], self._finder.lone, touched=touched)
        for copy in copies:
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
            (row,) = self._select("SELECT data, length FROM articles WHERE number = ?", heir.number)
            prepared = self._preparer.prepare([decode_article(decompress(row["data"]))])
            # Its row must say that it is compared before others are: they are found by that.
            self._change_part(heir.number, {"compared": 1})
            copies = self._finder.compare([NewText(heir.number, prepared[0], row["length"])])
            self._put_copies(self._link(copies, folding))
            folding.touch(heirs)

    def _leave(self, known: Row, changes: Mapping[str, Any]) -> None:
        """Take an article out of its story and change its row."""
        folding = Folding(self._connection)
        self._forget_copies(known, folding)
        nowhere = {"story": None, "fold_key": None, "leads": 0, "compared": 0}
        self._change("articles", known | nowhere | dict(changes))
        copies = self._settle(folding)
        self._write_places(folding, {}, left={known["story"]} if known["story"] is not None else set())
        self._put_copies(copies)

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
        for member in changed:
            if member.story is not None and member.story < 0:
                member.story = begun[member.story]
            elif member.story is not None:
                stories.add(member.story)
        self._change_places([member for member in changed if member.number not in rows])
        existing = set(existing)
        unmoved = [folding.members[number] for number in rows.keys() - {member.number for member in changed}]
        stories.update(member.story or 0 for member in unmoved)
        written = [member for member in changed if member.number in rows]
        for one in (*written, *unmoved):
            rows[one.number].update(_place(one))
        replaced = [member.number for member in written if member.number in existing]
        self._put_all("articles", [rows[one.number] for one in written if one.number not in existing])
        self._change_all("articles", [rows[number] for number in (*replaced, *(one.number for one in unmoved))])
        self._touch_stories(stories - set(begun.values()))
        self._finder.note_places(folding)

    def _change_places(self, members: Sequence[Member]) -> None:
        """Write where articles are whose rows are the same otherwise."""
        for start in range(0, len(members), ROWS_AT_ONCE):
            places = {member.number: _place(member) for member in members[start : start + ROWS_AT_ONCE]}
            rows = self._sound_articles(f"a.number IN ({', '.join(map(str, places))})")
            self._move_articles([(row, places[row["number"]]) for row in rows])

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
            INSERT["copies"].replace("INSERT", "INSERT OR REPLACE"), with_checksums("copies", rows)
        )

    def _touch_stories(self, numbers: Iterable[int]) -> None:
        """Give each story the next sequence number, and see whether it still has an article."""
        ordered = sorted(numbers)
        for start in range(0, len(ordered), ROWS_AT_ONCE):
            part = ordered[start : start + ROWS_AT_ONCE]
            found = self._select(f"{_ALIVE} ({', '.join(map(str, part))})")
            alive = {row["number"] for row in found}
            changed = [
                {"number": number, "sequence": self._take("changes"), "alive": int(number in alive)} for number in part
            ]
            self._change_all("stories", changed)


def _place(member: Member) -> Row:
    """The columns that say where an article is."""
    return {
        "number": member.number,
        "story": member.story,
        "leads": int(member.leads),
        "compared": int(member.compared),
    }
