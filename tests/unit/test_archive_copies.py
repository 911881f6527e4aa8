"""Near copies in the archive: found whatever lies between, kept right, and taken apart for good."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchapp import compiled
from searchapp.archive import candidates as candidates_module
from searchapp.archive import fingerprints as fingerprints_module
from searchapp.archive.copies import CopyFinder
from searchapp.archive.fingerprints import FingerprintIndex
from searchapp.archive.folding import Folding
from searchapp.archive.judging import judge_pairs
from searchapp.archive.leading import LeadingLengths
from searchapp.archive.members import Member
from searchapp.archive.opening import open_for_writing
from searchapp.archive.reading import ArchiveReader, SourceIdentity
from searchapp.archive.store import Archive, Dedupe
from searchapp.archive.verification import damage
from searchapp.errors import ArticleNotFound, IndexBroken, UsageError
from searchapp.model import Article, ExtractedPage, RawPage

SOURCE = SourceIdentity(b"/news/a.jsonl", "news/a.jsonl", 1000, 1, b"head", "")
WORDS = [f"{first}{second}{third}" for first in "بتثجحخد" for second in "رزسشصض" for third in "طظعغفق"]


def prose(seed: int, words: int = 120) -> list[str]:
    return random.Random(seed).choices(WORDS, k=words)


def edited(words: list[str], seed: int) -> list[str]:
    """The text with one word in twenty-five changed."""
    chance = random.Random(seed)
    return [chance.choice(WORDS) if chance.random() < 0.04 else word for word in words]


class Desk:
    """An archive with one source, and a short way to put texts into it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.archive = Archive(path)
        with self.archive.transaction():
            self.source, _ = self.archive.begin_source(SOURCE)

    def put(self, texts: dict[str, list[str]], dedupe: Dedupe = "near") -> list[bool]:
        pages = [self._page(name, " ".join(words)) for name, words in texts.items()]
        with self.archive.transaction():
            return [stored.folded for (stored,) in self.archive.add_pages(pages, dedupe)]

    def put_and_fail(self, texts: dict[str, list[str]]) -> None:
        with self.archive.transaction():
            self.archive.add_pages([self._page(name, " ".join(words)) for name, words in texts.items()], "near")
            self.archive.delete("nowhere")

    def _page(self, name: str, body: str) -> tuple[int, RawPage, ExtractedPage]:
        raw = body.encode()
        article = Article(id=name, title=None, body=body, date=date(2024, 6, 25))
        return self.source, RawPage("a", "a", 0, len(raw), len(raw), 1, raw, body), ExtractedPage(article)

    def change(self, operation: str, *ids: str) -> None:
        with self.archive.transaction():
            getattr(self.archive, operation)(*ids)

    def stories(self) -> list[list[str]]:
        return sorted(sorted(a.id for a in story.articles) for story in self.archive.stories() if story.articles)

    def damage(self) -> list[str]:
        with self.archive.snapshot() as connection:
            return list(damage(connection))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path / "archive.sqlite")
    yield desk
    assert desk.damage() == []
    desk.archive.close()


def test_a_near_copy_is_folded_in_the_same_batch_and_later(desk: Desk) -> None:
    words = prose(1)
    assert desk.put({"a": words, "b": edited(words, 1), "x": prose(2)}).count(True) == 1
    assert desk.put({"c": edited(words, 2)}) == [True]
    assert desk.stories() == [["a", "b", "c"], ["x"]]


def test_a_near_copy_is_found_in_an_archive_that_was_opened_anew(desk: Desk) -> None:
    words = prose(3)
    desk.put({"a": words})
    desk.archive.close()
    desk.archive = Archive(desk.path)
    assert desk.put({"b": edited(words, 1)}) == [True]


def test_exact_folding_leaves_near_copies_alone(desk: Desk) -> None:
    words = prose(4)
    desk.put({"a": words, "b": edited(words, 1), "c": words}, "exact")
    assert desk.stories() == [["a", "c"], ["b"]]


def test_why_articles_are_folded_is_on_record_pair_by_pair(desk: Desk) -> None:
    words = prose(5)
    desk.put({"a": [*words, "زيادة"], "b": edited(words, 1), "c": [*words, "زيادة"]})
    ((_, folds),) = desk.archive.folds()
    assert [fold.id for fold in folds] == ["a", "c", "b"]
    assert [fold.similarity for fold in folds[:2]] == [None, 1.0]
    assert folds[1].reason == "same text"
    assert folds[2].similarity is not None
    assert 0.3 < folds[2].similarity < 1
    assert str(folds[2].reason).startswith("reused")
    assert list(desk.archive.folds("b")) == [(1, folds)]
    with pytest.raises(ArticleNotFound, match="nowhere"):
        list(desk.archive.folds("nowhere"))


def test_articles_that_are_like_a_third_but_not_each_other_are_one_story_only_around_the_longest(desk: Desk) -> None:
    long = prose(6, 400)
    desk.put({"first": long[:130], "second": long[30:160]})
    desk.put({"long": long})
    assert desk.stories() == [["first", "long", "second"]]
    middle = prose(7, 200)
    desk.put({"m": middle, "n": middle[:100], "o": prose(8, 150) + middle[:100]})
    assert ["m", "n"] in desk.stories()


def test_when_the_representative_goes_its_copies_stay_one_story_where_they_are_alike(desk: Desk) -> None:
    words = prose(9)
    desk.put({"long": [*words, "زيادة", "أخرى"], "a": words, "b": edited(words, 1), "c": words})
    desk.change("delete", "long")
    assert desk.stories() == [["a", "b", "c"]]
    desk.change("delete", "a")
    assert desk.stories() == [["b", "c"]]
    assert desk.put({"d": edited(words, 3)}) == [True]


def test_an_update_takes_an_article_to_the_story_that_it_is_now_a_copy_of(desk: Desk) -> None:
    one, other = prose(10), prose(11)
    desk.put({"a": one, "b": edited(one, 1), "x": other})
    desk.put({"b": edited(other, 1)})
    assert desk.stories() == [["a"], ["b", "x"]]
    desk.put({"a": edited(other, 2), "b": prose(12)})
    assert desk.stories() == [["a", "x"], ["b"]]


def test_a_fold_that_was_undone_stays_undone(desk: Desk) -> None:
    words = prose(13)
    texts = {"a": words, "b": edited(words, 1), "c": words}
    desk.put(texts)
    desk.change("split", "a", "b")
    assert desk.stories() == [["a", "c"], ["b"]]
    desk.change("split", "a", "c")
    assert len(desk.stories()) >= 2
    assert not any({"a", "c"} <= set(story) or {"a", "b"} <= set(story) for story in desk.stories())
    desk.put({name: [*text, "زيادة"] for name, text in texts.items()})
    desk.put({"d": words})
    assert not any({"a", "c"} <= set(story) or {"a", "b"} <= set(story) for story in desk.stories())


def test_only_articles_of_one_story_can_be_split(desk: Desk) -> None:
    desk.put({"a": prose(14), "b": prose(15)})
    with pytest.raises(UsageError, match="not copies in one story"):
        desk.change("split", "a", "b")
    with pytest.raises(ArticleNotFound, match="nowhere"):
        desk.change("split", "a", "nowhere")


def test_pairs_are_judged_alike_whatever_way_the_archive_was_made(tmp_path: Path) -> None:
    words = prose(16)
    found = []
    modes: tuple[Dedupe, Dedupe] = ("near", "off")
    for dedupe in modes:
        desk = Desk(tmp_path / f"{dedupe}.sqlite")
        desk.put({"a": words, "b": edited(words, 1), "x": prose(17)}, dedupe)
        found.append(list(judge_pairs(desk.archive, [("a", "b"), ("x", "a"), ("a", "nowhere")])))
        desk.archive.close()
    assert found[0] == found[1]
    assert [judgement and judgement.is_copy for _, judgement in found[0]] == [True, False, None]


def test_compiled_loops_make_the_same_archive(tmp_path: Path) -> None:
    pytest.importorskip("numba")
    chance = random.Random(16)
    sources = [prose(seed, chance.randrange(10, 200)) for seed in range(160, 175)]
    texts = [edited(chance.choice(sources), seed) for seed in range(60)]
    texts += [chance.choice(sources)[:90] + chance.choice(sources)[30:] for _ in range(60)]
    held = []
    for is_compiled in (False, True):
        compiled.stop()
        assert not is_compiled or compiled.prepare(at_once=True)
        desk = Desk(tmp_path / f"{is_compiled}.sqlite")
        for start in range(0, len(texts), 40):
            desk.put({f"{start + at}": words for at, words in enumerate(texts[start : start + 40])})
        with desk.archive.snapshot() as connection:
            held.append(
                [
                    connection.execute(f"SELECT {columns} FROM {table} ORDER BY 1, 2").fetchall()  # noqa: S608
                    for table, columns in (
                        ("articles", "id, fold_key, story, leads, compared"),
                        ("copies", "low, high, similarity, reason"),
                        ("sketches", "article, data"),
                        ("fingerprints", "run, chunk, entries"),
                    )
                ]
            )
        desk.archive.close()
    compiled.stop()
    assert held[0] == held[1]
    assert len(held[0][1]) > 50


def test_a_rollback_leaves_no_fingerprints_behind(desk: Desk) -> None:
    words = prose(18)
    with pytest.raises(ArticleNotFound):
        desk.put_and_fail({"a": words})
    assert desk.put({"b": edited(words, 1)}) == [False]


def test_the_stories_do_not_depend_on_the_order_of_arrival(tmp_path: Path) -> None:
    base, other = prose(19, 200), prose(20, 150)
    texts = {f"a{n}": edited(base, n) for n in range(4)} | {"short": base[:80], "same": base[:80]}
    texts |= {f"b{n}": edited(other, n) for n in range(3)}
    found = []
    for seed in range(4):
        names = sorted(texts)
        random.Random(seed).shuffle(names)
        desk = Desk(tmp_path / f"{seed}.sqlite")
        for start in range(0, len(names), seed + 1):
            desk.put({name: texts[name] for name in names[start : start + seed + 1]})
        found.append(desk.stories())
        assert desk.damage() == []
        desk.archive.close()
    assert all(stories == found[0] for stories in found)
    assert len(found[0]) == 2


def judged_pairs(desk: Desk) -> set[tuple[str, str]]:
    with desk.archive.snapshot() as connection:
        return set(
            connection.execute(
                "SELECT l.id, h.id FROM copies JOIN articles l ON l.number = low JOIN articles h ON h.number = high"
            )
        )


def test_an_article_is_not_held_against_those_that_a_longer_one_leads(desk: Desk) -> None:
    long = prose(50, 300)
    desk.put({"long": long, "part": long[:150]})
    desk.put({"new": [*long[20:120], *prose(51, 20)]})
    assert ("part", "new") not in judged_pairs(desk)
    assert ("long", "new") in judged_pairs(desk)
    assert desk.stories() == [["long", "new", "part"]]


def test_articles_that_have_lost_the_one_that_led_them_find_each_other(desk: Desk) -> None:
    long = prose(50, 300)
    desk.put({"long": long, "part": long[:150]})
    desk.put({"new": [*long[20:120], *prose(51, 20)]})
    desk.change("delete", "long")
    assert desk.stories() == [["new", "part"]]


def test_an_article_joins_one_that_is_found_to_be_like_it_when_that_begins_to_lead(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = prose(50, 300)
    desk.put({"long": long, "part": long[:150]})
    compare = CopyFinder.compare
    with monkeypatch.context() as patched:  # as where others share more with it
        patched.setattr(CopyFinder, "compare", lambda finder, new: compare(finder, new)[:0])
        desk.put({"new": [*long[20:120], *prose(51, 20)]})
    assert desk.stories() == [["long", "part"], ["new"]]
    desk.change("delete", "long")
    assert desk.stories() == [["new", "part"]]


def test_those_that_are_nearly_the_same_come_before_a_longer_one_that_is_less_alike(desk: Desk) -> None:
    words = prose(52, 200)
    desk.put({"twin": words, "long": [*words[:130], *prose(53, 160)]})
    desk.put({"new": edited(words, 1)})
    assert any({"twin", "new"} <= set(story) for story in desk.stories())


AS_VERSION_4 = """
ALTER TABLE copies RENAME TO later_copies;
CREATE TABLE copies (
    low INTEGER NOT NULL REFERENCES articles, high INTEGER NOT NULL REFERENCES articles, similarity INTEGER NOT NULL,
    reason TEXT NOT NULL, checksum BLOB NOT NULL, PRIMARY KEY (low, high)
) STRICT, WITHOUT ROWID;
CREATE INDEX copies_high ON copies (high);
INSERT INTO copies SELECT * FROM later_copies;
DROP TABLE later_copies;
CREATE INDEX articles_led ON articles (story) WHERE story IS NOT NULL AND NOT leads;
PRAGMA user_version = 4;
"""
AS_VERSION_3 = f"{AS_VERSION_4} DROP INDEX articles_leading; DROP INDEX articles_led; PRAGMA user_version = 3;"


@pytest.mark.parametrize("earlier", [AS_VERSION_3, AS_VERSION_4], ids=["3", "4"])
def test_an_earlier_archive_finds_what_it_holds_and_is_then_like_a_new_one(desk: Desk, earlier: str) -> None:
    words = prose(54)
    desk.put({"a": [*words, "زيادة"], "b": edited(words, 1), "c": edited(words, 2)})
    desk.change("split", "a", "b")
    before, pairs = desk.stories(), judged_pairs(desk)
    desk.archive.close()
    connection = sqlite3.connect(desk.path)
    schema = "SELECT name, sql FROM sqlite_schema ORDER BY name"
    as_made = connection.execute(schema).fetchall()
    connection.executescript(earlier)
    connection.close()
    desk.archive = Archive(desk.path)
    assert (desk.stories(), judged_pairs(desk)) == (before, pairs)
    with desk.archive.snapshot() as connection:
        assert connection.execute(schema).fetchall() == as_made
    assert desk.damage() == []
    desk.put({"d": words})
    assert not any({"a", "b"} <= set(story) for story in desk.stories())
    assert any("d" in story and len(story) > 1 for story in desk.stories())


def test_sketches_and_fingerprints_of_an_earlier_kind_are_made_anew(desk: Desk) -> None:
    words = prose(55)
    desk.put({"a": [*words, "زيادة"], "b": edited(words, 1), "x": prose(56)})
    before = desk.stories()
    desk.archive.close()
    connection = sqlite3.connect(desk.path)
    connection.executescript(
        "UPDATE settings SET value = '2 earlier' WHERE name = 'fingerprints'; UPDATE sketches SET data = x'0102';"
        "UPDATE fingerprint_runs SET filter = zeroblob(length(filter));"
    )
    connection.close()
    desk.archive = Archive(desk.path)
    assert desk.stories() == before
    assert desk.put({"c": edited(words, 2)}) == [True]


def test_many_new_copies_of_old_articles_are_read_in_few_statements(desk: Desk) -> None:
    texts = {f"a{number}": prose(200 + number) for number in range(30)}
    desk.put(texts)
    desk.archive.close()
    desk.archive = Archive(desk.path)
    statements: list[str] = []
    with desk.archive.snapshot() as connection:
        connection.set_trace_callback(statements.append)
    desk.put({f"b{name}": edited(words, 1) for name, words in texts.items()})
    read = [statement for statement in statements if statement.lstrip().startswith("SELECT")]
    assert len(desk.stories()) == 30
    assert len(read) < 60


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 3000), st.integers(1, 2000)), max_size=300), st.integers(1, 40))
def test_every_fingerprint_that_was_added_is_found_with_its_articles(
    tmp_path_factory: pytest.TempPathFactory, pairs: list[tuple[int, int]], batch: int
) -> None:
    folder = tmp_path_factory.mktemp("f")
    connection = open_for_writing(folder / "archive.sqlite")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fingerprints_module, "CHUNK_ENTRIES", 7)
        patch.setattr(fingerprints_module, "RUNS_A_LEVEL", 3)
        patch.setattr(fingerprints_module, "MERGED_AT_ONCE", 50)
        index = FingerprintIndex(connection, folder)
        for start in range(0, len(pairs), batch):
            part = pairs[start : start + batch]
            prints = np.array([(one << 23) % (1 << 36) for one, _ in part], np.uint64)
            index.add(prints, np.array([article for _, article in part]))
        for each in (index, FingerprintIndex(connection)):
            wanted = np.unique(np.array([(n << 23) % (1 << 36) for n in range(0, 3000, 3)], np.uint64))
            found = sorted(
                pair
                for known in each.find(wanted)
                for pair in zip(
                    wanted[np.repeat(known.places, known.counts)].tolist(), known.articles.tolist(), strict=True
                )
            )
            kept = set(wanted.tolist())
            assert found == sorted(
                ((one << 23) % (1 << 36), article) for one, article in pairs if (one << 23) % (1 << 36) in kept
            )
    connection.close()


def test_a_template_in_thousands_of_articles_is_put_on_record_for_few(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(candidates_module, "HOT", 4)
    for number in range(0, 60, 10):
        desk.put({f"t{n}": prose(30, 100) + prose(1000 + n, 900) for n in range(number, number + 10)})
    with sqlite3.connect(desk.path) as connection:
        sizes = [entries for (entries,) in connection.execute("SELECT entries FROM fingerprint_runs ORDER BY number")]
    assert sizes[-1] <= sizes[0]
    assert len(desk.stories()) == 60


def test_folding_puts_each_article_with_the_best_leader_that_it_is_a_copy_of() -> None:
    connection = sqlite3.connect(":memory:")
    connection.executescript(
        "CREATE TABLE articles (number, id, length, date, fold_key, story, leads, compared, state);"
        "CREATE TABLE copies (low, high, similarity); CREATE TABLE splits (low, high);"
    )
    folding = Folding(connection)
    for number in range(1, 5):
        folding.add(Member(number, (-number, "", str(number)), bytes([number]), compared=True), is_new=True)
    for low, high in ((1, 2), (2, 3), (1, 4)):
        folding.link(low, high, 5_000)
    folding.settle()
    assert {number: folding.members[number].leads for number in range(1, 5)} == {1: False, 2: False, 3: True, 4: True}
    assert folding.members[2].story == folding.members[3].story
    assert folding.members[1].story == folding.members[4].story
    connection.close()


def test_an_archive_of_version_1_is_brought_up_to_date_and_nothing_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "archive.sqlite"
    words = prose(40)
    desk = Desk(path)
    desk.put({"a": words, "b": words, "c": prose(41)}, "exact")
    before = desk.stories()
    desk.archive.close()
    as_version_1(path)
    with pytest.raises(IndexBroken, match=r"older version 1.*searchapp rebuild"):
        ArchiveReader(path)
    desk.archive = Archive(path)
    assert desk.stories() == before
    assert desk.damage() == []
    assert desk.put({"d": edited(words, 1)}) == [True]
    assert desk.put({"e": words}) == [True]
    desk.archive.close()


def as_version_1(path: Path) -> None:
    """Turn an archive into one as the first version of the program made it."""
    columns = "number, id, state, page, story, found_on, outlet, date, content, fold_key, data"
    connection = open_for_writing(path)
    for table in ("copies", "splits", "fingerprints", "fingerprint_runs", "sketches", "settings", "deletions"):
        connection.execute(f"DROP TABLE {table}")
    for index in ("marked", "unmarked", "leading"):
        connection.execute(f"DROP INDEX articles_{index}")
    for column in ("length", "leads", "compared", "accepted", "changed", "language", "date_origin"):
        connection.execute(f"ALTER TABLE articles DROP COLUMN {column}")
    connection.execute("CREATE INDEX articles_fold_key ON articles (fold_key)")
    cast = ", ".join(f"CAST({column} AS BLOB)" for column in columns.split(", "))
    connection.execute(f"UPDATE articles SET checksum = checksum({cast})")  # noqa: S608
    connection.execute("PRAGMA user_version = 1")
    connection.close()


CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["put", "put", "exact", "delete", "fail", "reopen"]), st.integers(0, 7), st.integers(0, 4)
    ),
    max_size=14,
)


@given(CHANGES)
@settings(max_examples=12, deadline=None)
def test_what_is_known_of_exact_copies_and_of_leading_articles_is_so(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[str, int, int]]
) -> None:
    desk = Desk(tmp_path_factory.mktemp("lone") / "archive.sqlite")
    texts = [*(edited(prose(70), seed) for seed in (1, 1, 2)), prose(71), edited(prose(70), 3) + prose(74, 20)]
    for operation, name, text in changes:
        put = {f"n{name}": texts[text], f"n{name}b": texts[text - 1]}
        try:
            if operation == "delete":
                desk.change("delete", f"n{name}")
            elif operation == "reopen":
                desk.archive.let_go()
            elif operation == "fail":
                desk.put_and_fail(put)
            else:
                desk.put(put, "near" if operation == "put" else "exact")
        except ArticleNotFound:
            pass
        with desk.archive.snapshot() as connection:
            shared = connection.execute(
                "SELECT a.number FROM articles a JOIN articles b ON b.fold_key = a.fold_key AND b.number <> a.number"
            ).fetchall()
            numbers = connection.execute("SELECT number FROM articles WHERE story IS NOT NULL").fetchall()
            live = np.array(numbers, np.int64).reshape(-1)
            lengths = LeadingLengths(connection).of(live).tolist()
        assert not [number for (number,) in shared if number in desk.archive._finder.lone]
        assert desk.archive._finder._known.leading.of(live).tolist() == lengths
    assert desk.damage() == []
    desk.archive.close()


def test_articles_without_exact_copies_are_not_looked_for_again(desk: Desk) -> None:
    words = prose(72)
    desk.put({"a": words, "b": edited(words, 1), "c": prose(73), "d": prose(73)})
    known = {number for number in range(1, 9) if number in desk.archive._finder.lone}
    assert known == {1, 2}
