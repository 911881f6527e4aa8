"""Which articles make up a story, kept right as articles come, change and go.

A story is a leading article and copies of it. The leading one is the representative: the longest body, then the
earliest date, then the id. In that order each article goes where the one before it went that it repeats nearly word by
word (`CLOSE`), if there is one; else it joins the first story whose leading article it is a copy of; else it leads a
story of its own. So the stories follow from the articles and the judged pairs alone, in whatever order they came, and
they hardly drift: where A is like B and B like C, but C is not like A, then C is in A's story only if it is close to B.

An article whose place may have changed is looked at again, best first; only when an article begins or ceases to lead
are those that come after it looked at too. Exact copies share a `fold_key` and with it all judged pairs, which stand on
record under the number of one of them (`compared`).
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Collection, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from typing import Final

from searchapp.archive.folding_statements import (
    BY_NUMBER,
    BY_STORY,
    LINKED,
    LINKED_AMONG,
    MARKED,
    NUMBERS,
    SPLIT,
    UNMARKED,
    parts,
)
from searchapp.archive.members import Member, Rank, rank_of

CLOSE: Final = 7_000
"""Similarity, in ten thousandths, from which on two articles are one text: they are never torn apart by a third."""
SAME: Final = 10_000


@dataclass(slots=True)
class Folding:
    """The changes of one step. What the archive holds is read as it is needed and never written."""

    connection: sqlite3.Connection
    members: dict[int, Member] = field(default_factory=dict)
    folded: set[int] = field(default_factory=set)
    """Articles that have joined a story which others had begun."""
    _keys: defaultdict[bytes, dict[int, Member]] = field(default_factory=lambda: defaultdict(dict))
    _loaded: dict[str, set[bytes]] = field(default_factory=lambda: {MARKED: set(), UNMARKED: set()})
    """Keys of which the articles were read that each of these statements finds."""
    _asked: set[bytes] = field(default_factory=set)
    _links: dict[int, dict[int, int]] = field(default_factory=dict)
    _new_links: dict[int, dict[int, int]] = field(default_factory=dict)
    """Links of this step, of articles of which the others have not been read."""
    _splits: dict[int, set[int]] = field(default_factory=dict)
    _gone: set[int] = field(default_factory=set)
    _dirty: list[tuple[Rank, int]] = field(default_factory=list)
    _waiting: set[int] = field(default_factory=set)
    _renamed: dict[int, int] = field(default_factory=dict)
    _of_story: defaultdict[int, dict[int, Member]] = field(default_factory=lambda: defaultdict(dict))
    """The members that are in a story or were, by their numbers."""
    _stories_loaded: set[int] = field(default_factory=set)
    _has_splits: bool | None = None

    def add(self, member: Member, *, is_new: bool) -> None:
        """Take in an article that is new to the archive, or comes back, with another text or after it was dropped."""
        self._gone.discard(member.number)
        self._links[member.number] = {}
        if is_new:
            self._splits[member.number] = set()
        self._keep(member)
        self._touch(member)

    def remove(self, number: int) -> None:
        """Take out an article. Its judged pairs count no more; the archive's rows of them must be taken out too."""
        member = self.member(number)
        if member is None:
            return
        self._dirty_after(member, self._alike(member))
        for row in self.connection.execute(SPLIT, (number,)).fetchall():
            self._touch(self.member(row[0]))
        for other in self._linked(number):
            self._linked(other).pop(number, None)
        self._links[number] = {}
        self._new_links.pop(number, None)
        if member.fold_key is not None:
            self._keys[member.fold_key].pop(number, None)
        for story in (member.story, member.was[0] if member.was else None):
            self._of_story[story or 0].pop(number, None)
        del self.members[number]
        self._gone.add(number)
        self._waiting.discard(number)  # when it comes back, it may have another rank

    def link(self, low: int, high: int, similarity: int) -> None:
        """Take note that two articles are copies of each other; one of them at least is being added or touched."""
        for one, other in ((low, high), (high, low)):
            links = self._links.get(one)
            (self._new_links.setdefault(one, {}) if links is None else links)[other] = similarity

    def touch(self, members: Iterable[Member]) -> None:
        """Have articles looked at again."""
        for member in members:
            self._touch(member)

    def load_keys(self, fold_keys: Collection[bytes]) -> None:
        """Read all articles with these keys at once."""
        self._asked.update(fold_keys)
        found = set[int]()
        for statement, loaded in self._loaded.items():
            waiting = [key for key in fold_keys if key not in loaded]
            loaded.update(waiting)
            for keys in parts(waiting):
                # The index alone tells their numbers, and most are known.
                named = NUMBERS[statement].replace("= ?", f"IN ({', '.join('?' * len(keys))})", 1)
                found.update(number for (number,) in self.connection.execute(named, keys))
        self._load_members(found)

    def _load_members(self, numbers: set[int]) -> None:
        for part in parts(sorted(numbers - self.members.keys() - self._gone)):
            self._load(BY_NUMBER.replace("= ?", f"IN ({', '.join(map(str, part))})", 1))

    def load_linked(self, pairs: Iterable[tuple[int, int]], lone: Container[int] = (), *, touched: bool = True) -> None:
        """Read at once what is known of articles that are about to be linked: their copies, and theirs in turn.

        Those that are known to be `lone` have no exact copies. Where they are not all `touched`, only one that comes
        after the other can be looked at again by that, so that the copies of the better one are not read.
        """
        pairs = list(pairs)
        linked = {number for pair in pairs for number in pair}
        self._load_members(linked)
        numbers = linked if touched else set(filter(None, map(self._later, pairs)))
        numbers = {number for number in numbers if number not in self._links}
        for part in parts(sorted(numbers)):
            self._links.update((number, {}) for number in part)
            for number, other, similarity in self.connection.execute(LINKED_AMONG.format(", ".join(map(str, part)))):
                self._links[number][other] = similarity
        for number in numbers:
            self._links[number] |= self._new_links.pop(number, {})
            linked.update(self._links[number])
        self._load_members(linked)
        keys = {number: self.members[number].fold_key for number in linked if number in self.members}
        known = {key for number, key in keys.items() if key is not None and number in lone}
        for loaded in self._loaded.values():
            loaded.update(known)
        self.load_keys({key for key in keys.values() if key is not None} - known)

    def _later(self, pair: tuple[int, int]) -> int | None:
        """The one of two articles that comes after the other; none where one of them is gone."""
        low, high = map(self.members.get, pair)
        return None if low is None or high is None else max(low, high, key=lambda one: one.rank).number

    def groups(self) -> Iterator[Collection[int]]:
        """The articles with each key of which all were read at once: one alone has no exact copy."""
        return map(self._keys.__getitem__, self._asked)

    def split(self, low: int, high: int) -> None:
        """Take note that two articles must not be in one story."""
        self._split_from(low).add(high)
        self._split_from(high).add(low)
        self._touch(self.member(low))
        self._touch(self.member(high))

    def comparable(self, fold_key: bytes) -> Member | None:
        """The exact copy under whose number judged pairs are on record, if there is one."""
        found = (member for member in self._marked(fold_key) if member.compared)
        return min(found, key=lambda member: member.number, default=None)

    def exact_copies(self, fold_key: bytes) -> list[Member]:
        """All live articles with this key, by number."""
        return sorted(self._group(fold_key), key=lambda member: member.number)

    def member(self, number: int) -> Member | None:
        """A live article."""
        if number not in self.members and number not in self._gone:
            self._load(BY_NUMBER, number)
        return self.members.get(number)

    def settle(self) -> None:
        """Give every article its place."""
        self._place_those_alone()
        self._load_stories(self._stories_at_stake())
        while self._dirty:
            _, number = heappop(self._dirty)
            self._waiting.discard(number)
            member = self.members.get(number)
            if member is not None:
                self._place(member)
        self._name_stories()

    def leads(self, number: int) -> bool:
        """Whether this is an article that leads a story."""
        member = self.member(number)
        return member is not None and member.leads

    def promoted(self) -> dict[int, int]:
        """The compared articles that have begun to lead since others led them, with the lengths of their bodies."""
        begun = (member for member in self.members.values() if member.leads and member.was and not member.was[1])
        comparable = (member.fold_key and self.comparable(member.fold_key) for member in list(begun))
        return {member.number: -member.rank[0] for member in comparable if member}

    def changed(self) -> list[Member]:
        """The articles whose story, or part in it, is another than the archive has; new ones too."""
        return [member for member in self.members.values() if member.was != (member.story, member.leads)]

    def _place(self, member: Member) -> None:
        alike = self._alike(member)
        target = self._target(member, alike)
        before, led = member.story, member.leads
        member.leads = target is None
        if target is not None:
            self._put_into(member, target)
            if led and before is not None and before > 0 > target:
                self._renamed.setdefault(target, before)
        elif not led:
            self._put_into(member, -member.number)
        if (member.story, member.leads) != (before, led):
            self._dirty_after(member, alike)
            for number in self._split_from(member.number):
                self._touch(self.member(number), after=member)

    def _place_those_alone(self) -> None:
        """Have new articles lead stories of their own that have nothing to do with others: most, in whatever order."""
        left = []
        for entry in self._dirty:
            member = self.members.get(entry[1])
            if member is None or not self._is_alone(member):
                left.append(entry)
                continue
            self._waiting.discard(member.number)
            member.leads = True
            self._put_into(member, -member.number)
        heapify(left)
        self._dirty = left

    def _is_alone(self, member: Member) -> bool:
        """Whether a new article has neither copies nor anything else to heed: most of them, so it is told quickly."""
        if member.was is not None or member.story is not None or self._links.get(member.number, True):
            return False
        key = member.fold_key
        return key is None or (self._keys_loaded(key) and len(self._keys[key]) == 1)

    def _target(self, member: Member, alike: Mapping[bytes, int]) -> int | None:
        """The story that an article joins; None if it leads one of its own. `alike` is what `_alike` says of it."""
        apart = [one for one in map(self.member, self._split_from(member.number)) if one and one.rank < member.rank]
        closed = {one.story for one in apart} | {None}
        closest: tuple[int, Rank, int | None] | None = None
        first: tuple[Rank, int | None] | None = None
        for key, similarity in alike.items():
            for one in self._marked(key):
                rank = one.rank
                if rank >= member.rank or one.story in closed:
                    continue
                if similarity >= CLOSE and (closest is None or (-similarity, rank) < closest[:2]):
                    closest = -similarity, rank, one.story
                if one.leads and (first is None or rank < first[0]):
                    first = rank, one.story
        if closest is not None:
            return closest[2]
        return first[1] if first is not None else None

    def _name_stories(self) -> None:
        """Stories that were just begun get the number of one that ended by it, where there is one.

        Of several that could have it, the article that led the story has it first, then the best.
        """
        begun = (one for one in self.members.values() if one.leads and one.story is not None and one.story < 0)
        leaders = [one for one in begun if one.was or one.story in self._renamed]
        still_led = {one.story for one in self.members.values() if one.leads} if leaders else set()
        for leader in sorted(leaders, key=lambda one: (not (one.was and one.was[1]), one.rank)):
            old = self._renamed.get(leader.story or 0) or (leader.was[0] if leader.was else None)
            if old is not None and old not in still_led and (self._is_free(old)):
                still_led.add(old)
                self._rename(leader, old)

    def _is_free(self, story: int) -> bool:
        """Whether nobody leads a story any more."""
        self._load_stories([story])
        return not any(one.was == (story, True) and one.story == story for one in self._of_story[story].values())

    def _rename(self, leader: Member, story: int) -> None:
        provisional = leader.story or 0
        for one in list(self._of_story[provisional].values()):
            if one.story == provisional:
                self._put_into(one, story)
        if leader.was is None or leader.was[0] != story:
            self.folded.add(leader.number)

    def _alike(self, member: Member) -> dict[bytes, int]:
        """How alike an article's copies are to it, in ten thousandths, by their keys; `SAME` for exact copies."""
        if member.fold_key is None:
            return {}
        similarities = {member.fold_key: SAME}
        compared = self.comparable(member.fold_key)
        if compared is not None and (linked := self._linked(compared.number)):
            for number in sorted(linked):
                one = self.members.get(number) or self.member(number)
                if one is not None and one.fold_key is not None:
                    similarities.setdefault(one.fold_key, linked[number])
        return similarities

    def _dirty_after(self, member: Member, alike: Mapping[bytes, int]) -> None:
        """Have the copies that come after this article looked at again. `alike` is what `_alike` says of it."""
        waiting, rank = self._waiting, member.rank
        for key in alike:
            for one in self._group(key):
                if one.rank > rank and one.number not in waiting:
                    self._touch(one)
        if member.was is not None and member.was[1]:
            self._load_stories([member.was[0]])
            for one in self._of_story[member.was[0]].values():
                if one.story == member.was[0]:
                    self._touch(one, after=member)

    def _touch(self, member: Member | None, after: Member | None = None) -> None:
        if member is None or member.number in self._waiting:
            return
        if after is None or member.rank > after.rank:
            self._waiting.add(member.number)
            heappush(self._dirty, (member.rank, member.number))

    def _linked(self, number: int) -> dict[int, int]:
        if number not in self._links:
            self._links[number] = dict(self.connection.execute(LINKED, (number,))) | self._new_links.pop(number, {})
        return self._links[number]

    def _split_from(self, number: int) -> set[int]:
        if number not in self._splits:
            if self._has_splits is None:
                self._has_splits = self.connection.execute("SELECT 1 FROM splits LIMIT 1").fetchone() is not None
            rows = self.connection.execute(SPLIT, (number,)) if self._has_splits else ()
            self._splits[number] = {row[0] for row in rows}
        return self._splits[number]

    def _marked(self, fold_key: bytes) -> Collection[Member]:
        """The articles with this key that lead or are compared, and those of the others that are known."""
        self._load_key(fold_key, MARKED)
        return self._keys[fold_key].values()

    def _group(self, fold_key: bytes) -> Collection[Member]:
        """All articles with this key."""
        self._load_key(fold_key, MARKED)
        self._load_key(fold_key, UNMARKED)
        return self._keys[fold_key].values()

    def _keys_loaded(self, fold_key: bytes) -> bool:
        return all(fold_key in loaded for loaded in self._loaded.values())

    def _load_key(self, fold_key: bytes, statement: str) -> None:
        if fold_key not in (loaded := self._loaded[statement]):
            loaded.add(fold_key)
            self._load(statement, fold_key)

    def _load(self, statement: str, *parameters: object) -> None:
        members, gone, of_story, keys = self.members, self._gone, self._of_story, self._keys
        # So many are read that all of it is written out here.
        for number, name, length, date, key, story, leads, compared in self.connection.execute(statement, parameters):
            if number not in members and number not in gone:
                was = (story, leads != 0)
                member = Member(number, rank_of(name, length, date), key, story, was[1], compared != 0, was)
                members[number] = of_story[story][number] = member
                if key is not None:
                    keys[key][number] = member

    def _stories_at_stake(self) -> set[int]:
        """The stories whose leading article may have to go with one that is to be placed."""
        found = set[int]()
        for rank, number in self._dirty:
            for other in self._links.get(number, ()):
                one = self.members.get(other)
                if one is not None and one.was is not None and one.was[1] and one.rank > rank:
                    found.add(one.was[0])
        return found

    def _load_stories(self, stories: Iterable[int]) -> None:
        """Read all articles of stories at once."""
        waiting = [story for story in stories if story not in self._stories_loaded]
        self._stories_loaded.update(waiting)
        for part in parts(waiting):
            self._load(BY_STORY.replace("= ?", f"IN ({', '.join(map(str, part))})", 1))

    def _put_into(self, member: Member, story: int) -> None:
        member.story = story
        self._of_story[story][member.number] = member

    def _keep(self, member: Member) -> None:
        self.members[member.number] = member
        for story in (member.story, member.was[0] if member.was else None):
            if story is not None:
                self._of_story[story][member.number] = member
        if member.fold_key is not None:
            self._keys[member.fold_key][member.number] = member
