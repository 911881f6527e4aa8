"""Finding the copies of new articles among all that the archive holds, without reading more than a few of them.

Shared fingerprints say which articles may be alike; their sketches, a few hundred bytes each, clear most of these; only
the rest is read and judged.
"""

from __future__ import annotations

import sqlite3
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from searchapp.archive.candidates import Candidates, NewText
from searchapp.archive.folding import CLOSE, SAME, Member
from searchapp.archive.records import decode_article, decompress
from searchapp.archive.schema import insert_row_statement, with_checksum
from searchapp.dedupe.judgement import Judgement, judge_all
from searchapp.dedupe.preparation import PreparedText, Preparer
from searchapp.dedupe.sketches import Sketch, likeness, resemblance

MOST_COMPARED: Final = 6
"""Articles that one is judged with, those most like it by their sketches."""
WEAK: Final = 0.55
MOST_WEAK: Final = 3
"""Below this likeness an article is judged with no more than so many: texts made out of others share half with many."""
NEARLY_CLOSE: Final = CLOSE / SAME - 0.12
"""What a sketch must say at least of articles that are nearly the same, of which it errs by 0.06."""
TEXTS_KEPT: Final = 1 << 13
"""Prepared articles that are remembered, about 6 KB each, beside those of one batch: copies mostly come within days."""
NUMBERS_AT_ONCE: Final = 10_000
"""Articles that one statement names."""

_INSERT_SKETCH: Final = insert_row_statement("sketches").replace("INSERT", "INSERT OR REPLACE")

Pair = tuple[int, int]


class Likely(NamedTuple):
    """An article that may be a copy, and whether it may be nearly the same."""

    number: int
    is_close: bool


@dataclass(frozen=True, slots=True)
class Copy:
    """Two articles, by their numbers, that were judged copies."""

    low: int
    high: int
    judgement: Judgement


class CopyFinder:
    """Compares articles with those before them. Changes belong to the transaction that is open."""

    def __init__(self, connection: sqlite3.Connection, preparer: Preparer) -> None:
        self._connection = connection
        self._preparer = preparer
        self._known = Candidates(connection)
        self._texts = OrderedDict[int, PreparedText]()
        self._generation = preparer.generation
        self._unjudged: dict[int, list[int]] = {}

    def reload(self) -> None:
        """Forget what is held in memory, as after a rollback."""
        self._known.reload()
        self._texts.clear()
        self._unjudged.clear()

    def forget(self, number: int) -> None:
        """An article is gone or has another text."""
        self._texts.pop(number, None)
        self._connection.execute("DELETE FROM sketches WHERE article = ?", (number,))

    def note_places(self, members: Iterable[Member]) -> None:
        """Take in the places of articles as folding left them."""
        self._known.leading.note(members)

    def compare(self, new: Sequence[NewText]) -> list[Copy]:
        """Put the fingerprints and sketches of new articles on record, and return their copies among all that are.

        What cannot change the stories is left out: see `leading`, and `unfinished`.
        """
        self._renew()
        while len(self._texts) > TEXTS_KEPT:
            self._texts.popitem(last=False)
        self._texts.update((each.number, each.prepared) for each in new)
        put_sketches(self._connection, [(each.number, each.prepared) for each in new])
        return self._copies(new, self._known.find(new, is_new=True))

    def compare_again(self, lengths: Mapping[int, int]) -> list[Copy]:
        """The copies of articles that are on record, given with the lengths of their bodies."""
        self._renew()
        texts = self._read(set(lengths))
        known = [NewText(number, texts[number], lengths[number]) for number in sorted(texts)]
        return self._copies(known, self._known.find(known, is_new=False))

    def unfinished(self) -> list[int]:
        """The articles that have a better one to go with, and were therefore not held against the lesser ones."""
        return list(self._unjudged)

    def finish(self, numbers: Iterable[int]) -> list[Copy]:
        """Their copies among the others that they may be copies of."""
        return self._judge([(number, other) for number in numbers for other in self._unjudged.pop(number)])

    def leave_unfinished(self) -> None:
        """They all have their places."""
        self._unjudged.clear()

    def _renew(self) -> None:
        """Forget texts whose words were numbered by an analyzer that has been replaced."""
        if self._generation != self._preparer.generation:
            self._texts.clear()
            self._generation = self._preparer.generation

    def _copies(self, compared: Sequence[NewText], candidates: Mapping[int, list[int]]) -> list[Copy]:
        """The copies of articles. An article that has found one to go with is held against no lesser ones."""
        copies = list[Copy]()
        lengths = {each.number: each.length for each in compared}
        waiting = self._turns(compared, self._likely(compared, candidates))
        while waiting:
            found = self._judge([(number, other) for number, turns in waiting.items() for other in turns[0]])
            copies += found
            settled = self._followers(found, lengths)
            left = {number: turns[1:] for number, turns in waiting.items() if len(turns) > 1}
            waiting = {number: turns for number, turns in left.items() if number not in settled}
            for number in left.keys() & settled:
                self._unjudged[number] = [other for turn in left[number] for other in turn]
        return copies

    def _turns(self, compared: Sequence[NewText], likely: Mapping[int, list[Likely]]) -> dict[int, list[list[int]]]:
        """Whom each article is held against, turn by turn.

        First those that may be nearly the same, or are new as well, and the longest article that leads; then the other
        longer ones that lead; then the rest.
        """
        turns = {}
        for number, _, length in compared:
            others = likely.get(number, [])
            if not others:
                continue
            leading = self._known.leading.of(np.array([other for other, _ in others], np.int64)).tolist()
            longest = min(leading)
            turn = [
                0 if is_close or not lead or lead == longest < -length else 1 if lead < -length else 2
                for (_, is_close), lead in zip(others, leading, strict=True)
            ]
            parts = [[other for (other, _), at in zip(others, turn, strict=True) if at == part] for part in range(3)]
            turns[number] = [part for part in parts if part]
        return turns

    def _followers(self, copies: Sequence[Copy], lengths: Mapping[int, int]) -> set[int]:
        """The articles that go with another one, as far as can be told before all have their places."""
        pairs = [(copy.low, copy.high) for copy in copies] + [(copy.high, copy.low) for copy in copies]
        alike = [copy.judgement.similarity >= CLOSE / SAME for copy in copies] * 2
        leading = self._known.leading.of(np.array([other for _, other in pairs], np.int64)).tolist()
        return {
            number
            for (number, _), is_close, length in zip(pairs, alike, leading, strict=True)
            if number in lengths and (-length > lengths[number] or (is_close and length > lengths[number]))
        }

    def _judge(self, pairs: Sequence[Pair]) -> list[Copy]:
        pairs = sorted({_ordered(*pair) for pair in pairs})
        return _copies(pairs, self._read({number for pair in pairs for number in pair}))

    def _likely(self, compared: Sequence[NewText], candidates: Mapping[int, list[int]]) -> dict[int, list[Likely]]:
        """Of the candidates of each article those that are worth judging, the most like it first."""
        pairs = [(one, other) for one, others in candidates.items() for other in others]
        sketches = self._sketches({number for pair in pairs for number in pair})
        pairs = [pair for pair in pairs if pair[0] in sketches and pair[1] in sketches]
        lengths = {each.number: each.length for each in compared}
        leading = self._known.leading.of(np.array([other for _, other in pairs], np.int64))
        is_led = leading > np.array([lengths[one] for one, _ in pairs], np.int64)
        likely = _most_alike(sketches, pairs, is_led)
        return {one: others[:MOST_COMPARED] for one, others in likely.items()}

    def _sketches(self, numbers: set[int]) -> dict[int, Sketch]:
        """The sketches of these articles; those that are not compared any more have none."""
        found = {number: self._texts[number].sketch for number in numbers if number in self._texts}
        rows = self._rows("SELECT article, data FROM sketches WHERE article IN", numbers - found.keys())
        return found | {number: Sketch.from_bytes(data) for number, data in rows}

    def _read(self, numbers: set[int]) -> dict[int, PreparedText]:
        """These articles, prepared; those that are gone or are not compared any more are left out."""
        found = {number: self._texts[number] for number in numbers if number in self._texts}
        rows = self._rows(
            "SELECT number, data FROM articles WHERE state = 'live' AND compared AND number IN",
            numbers - found.keys(),
        )
        if rows:
            prepared = self._preparer.prepare([decode_article(decompress(data)) for _, data in rows])
            read = dict(zip((number for number, _ in rows), prepared, strict=True))
            self._texts.update(read)
            found |= read
        return found

    def _rows(self, statement: str, numbers: Iterable[int]) -> list[tuple[Any, ...]]:
        """What a statement that ends in IN finds for these articles."""
        ordered = sorted(numbers)
        found = []
        for start in range(0, len(ordered), NUMBERS_AT_ONCE):
            listed = ", ".join(map(str, ordered[start : start + NUMBERS_AT_ONCE]))
            found += self._connection.execute(f"{statement} ({listed})").fetchall()
        return found


def put_sketches(connection: sqlite3.Connection, texts: Iterable[tuple[int, PreparedText]]) -> None:
    """Put the sketches of articles on record; those too short to be compared have none."""
    connection.executemany(
        _INSERT_SKETCH,
        [
            with_checksum("sketches", {"article": number, "data": text.sketch.to_bytes()})
            for number, text in texts
            if len(text.fingerprints)
        ],
    )


def _copies(pairs: Sequence[Pair], texts: Mapping[int, PreparedText]) -> list[Copy]:
    there = [pair for pair in pairs if pair[0] in texts and pair[1] in texts]
    used = sorted({number for pair in there for number in pair})
    place = {number: at for at, number in enumerate(used)}
    judgements = judge_all([texts[number].text for number in used], [(place[low], place[high]) for low, high in there])
    return [Copy(*pair, judgement) for pair, judgement in zip(there, judgements, strict=True) if judgement.is_copy]


def _most_alike(
    sketches: Mapping[int, Sketch], pairs: Sequence[Pair], must_be_close: NDArray[np.bool_]
) -> dict[int, list[Likely]]:
    """For the first article of each pair the second ones that its sketch does not clear, the most like it first."""
    place = {number: at for at, number in enumerate(sketches)}
    places = np.array([(place[one], place[other]) for one, other in pairs], np.int64).reshape(-1, 2)
    scores = likeness(list(sketches.values()), places)
    words = np.array([sketch.words for sketch in sketches.values()], np.int64).take(places)
    is_close = resemblance(scores, words) >= NEARLY_CLOSE
    scores[must_be_close & ~is_close] = -1
    found = defaultdict[int, list[Likely]](list)
    for at in np.argsort(-scores, kind="stable").tolist():
        if scores[at] < 0:
            break
        others = found[pairs[at][0]]
        if scores[at] >= WEAK or len(others) < MOST_WEAK:
            others.append(Likely(pairs[at][1], bool(is_close[at])))
    return found


def _ordered(one: int, other: int) -> Pair:
    return (one, other) if one < other else (other, one)
