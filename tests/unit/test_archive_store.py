"""What the archive keeps, and how articles come to be one story."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchapp.archive.reading import ArchiveReader, Reached, SourceIdentity
from searchapp.archive.records import content_digest, decode_article, encode_article
from searchapp.archive.store import Archive, Stored
from searchapp.archive.verification import damage
from searchapp.errors import ArticleNotFound, IndexBroken
from searchapp.model import Article, ExtractedPage, RawPage, Reject

SOURCE = SourceIdentity(b"/news/a.jsonl", "news/a.jsonl", 1000, 1, b"head", "")


def page_of(article: Article) -> RawPage:
    raw = f"page of {article.id}: {article.body}".encode()
    return RawPage("a.jsonl", "a.jsonl", 0, len(raw), len(raw), 1, raw, article.body)


class Desk:
    """An archive with one source, and a short way to put articles into it."""

    def __init__(self, path: Path) -> None:
        self.archive = Archive(path)
        with self.archive.transaction():
            self.source, _ = self.archive.begin_source(SOURCE)

    def put(self, article: Article, *related: Article, fold: bool = True) -> tuple[Stored, ...]:
        with self.archive.transaction():
            (stored,) = self.archive.add_pages(
                [(self.source, page_of(article), ExtractedPage(article, related))], "near" if fold else "off"
            )
            return stored

    def delete(self, article_id: str) -> None:
        with self.archive.transaction():
            self.archive.delete(article_id)

    def stories(self) -> dict[int, list[str]]:
        return {story.number: [a.id for a in story.articles] for story in self.archive.stories() if story.articles}

    def damage(self) -> list[str]:
        with self.archive.snapshot() as connection:
            return list(damage(connection))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path / "archive.sqlite")
    yield desk
    assert desk.damage() == []
    desk.archive.close()


def article(article_id: str, body: str = "نص الخبر", **fields: object) -> Article:
    return Article(id=article_id, title="عنوان", body=body, **fields)  # type: ignore[arg-type]


def test_an_article_is_read_as_it_was_put_with_its_page(desk: Desk) -> None:
    full = article(
        "a",
        outlet="الرياض",
        date=date(2015, 7, 21),
        date_origin="declared",
        related=("a.r1",),
        similar_headlines=("خبر", "آخر"),
        flags=("no_text",),
    )
    desk.put(full)
    assert desk.archive.article("a") == full
    assert desk.archive.raw("a") == page_of(full).raw


def test_the_same_content_again_is_unchanged_and_changes_nothing(desk: Desk) -> None:
    assert desk.put(article("a"))[0].outcome == "accepted"
    before = desk.archive.sequence
    assert desk.put(article("a"))[0].outcome == "unchanged"
    assert desk.archive.sequence == before


def test_other_content_under_an_id_updates_it_and_keeps_the_old_version(desk: Desk, tmp_path: Path) -> None:
    old, new = article("a", "القديم"), article("a", "الجديد")
    desk.put(old)
    assert desk.put(new)[0].outcome == "updated"
    assert desk.archive.article("a") == new
    rows = sqlite3.connect(tmp_path / "archive.sqlite").execute("SELECT content, page FROM versions").fetchall()
    assert rows == [(content_digest(encode_article(old)), 1)]
    assert desk.archive.raw("a") == page_of(new).raw


def test_articles_with_the_same_key_are_one_story(desk: Desk) -> None:
    desk.put(article("a", "نص"))
    stored = desk.put(article("b", "نص", outlet="عكاظ"))
    assert stored[0].folded
    assert list(desk.stories().values()) == [["a", "b"]]
    assert [copy.id for copy in desk.archive.copies("b")] == ["a", "b"]


def test_without_folding_each_article_is_a_story(desk: Desk) -> None:
    desk.put(article("a", "نص"), fold=False)
    assert not desk.put(article("b", "نص"), fold=False)[0].folded
    assert len(desk.stories()) == 2


def test_the_representative_has_the_longest_body_then_the_earliest_date_then_the_first_id(desk: Desk) -> None:
    texts = {"c": None, "b": date(2020, 1, 2), "d": date(2020, 1, 1), "a": None}
    for name, day in texts.items():
        desk.put(article(name, "نص", date=day))
    desk.put(article("z", "نصّ"))
    assert list(desk.stories().values()) == [["z", "d", "b", "a", "c"]]


def test_an_updated_article_leaves_its_story_and_joins_another(desk: Desk) -> None:
    for one in (article("a", "أول"), article("b", "أول"), article("c", "ثان")):
        desk.put(one)
    before = desk.archive.sequence
    assert desk.put(article("b", "ثان"))[0].folded
    assert sorted(desk.stories().values()) == [["a"], ["b", "c"]]
    assert {story.number for story in desk.archive.stories(after=before)} == set(desk.stories())


def test_a_story_whose_last_article_leaves_has_ended_and_says_so(desk: Desk) -> None:
    desk.put(article("a", "أول"))
    desk.put(article("b", "ثان"))
    before = desk.archive.sequence
    desk.put(article("b", "أول"))
    changed = {story.number: story.articles for story in desk.archive.stories(after=before)}
    assert changed[2] == ()
    assert [alive for _, _, alive in desk.archive.story_states()] == [True, False]


def test_an_article_that_is_alone_keeps_its_story_when_its_text_changes(desk: Desk) -> None:
    desk.put(article("a", "أول"))
    desk.put(article("a", "ثان"))
    assert desk.stories() == {1: ["a"]}


def test_a_related_article_is_one_with_the_page_of_the_same_text(desk: Desk) -> None:
    desk.put(article("p", "أصل", related=("p.r1",)), article("p.r1", "آخر", found_on="p"))
    desk.put(article("q", "آخر", outlet="عكاظ", date=date(2024, 6, 25)))
    assert ["q", "p.r1"] in desk.stories().values()


def test_related_articles_that_a_page_no_longer_prints_leave_the_stories(desk: Desk) -> None:
    desk.put(article("p", "أصل", related=("p.r1",)), article("p.r1", "آخر", found_on="p"))
    desk.put(article("p", "أصل"))
    assert list(desk.stories().values()) == [["p"]]
    with pytest.raises(ArticleNotFound, match=r"p\.r1"):
        desk.archive.article("p.r1")


def test_a_related_article_that_is_printed_again_comes_back(desk: Desk) -> None:
    both = article("p", "أصل", related=("p.r1",)), article("p.r1", "آخر", found_on="p")
    desk.put(*both)
    desk.put(article("p", "أصل"))
    assert [one.outcome for one in desk.put(*both)] == ["updated", "updated"]
    assert desk.archive.article("p.r1").body == "آخر"


def test_what_was_taken_apart_stays_apart_when_it_is_printed_again(desk: Desk) -> None:
    both = article("p", "أصل", related=("p.r1",)), article("p.r1", "آخر", found_on="p")
    desk.put(*both)
    desk.put(article("q", "آخر"))
    with desk.archive.transaction():
        desk.archive.split("p.r1", "q")
    desk.put(article("p", "أصل"))
    desk.put(*both)
    assert sorted(desk.stories().values()) == [["p"], ["p.r1"], ["q"]]


def test_what_was_taken_apart_stays_apart_when_its_deletion_is_taken_back(desk: Desk) -> None:
    for name in ("a", "b", "c"):
        desk.put(article(name))
    with desk.archive.transaction():
        desk.archive.split("a", "b")
    desk.delete("b")
    with desk.archive.transaction():
        desk.archive.undelete("b")
    with pytest.raises(ArticleNotFound, match="was deleted"), desk.archive.transaction():
        desk.archive.undelete("b")
    assert desk.put(article("b"))[0].outcome == "accepted"
    assert not any({"a", "b"} <= set(story) for story in desk.stories().values())
    assert desk.archive.article("b").body == "نص الخبر"


def test_a_deleted_article_stays_deleted_when_its_source_is_read_again(desk: Desk) -> None:
    desk.put(article("a"))
    desk.delete("a")
    assert desk.put(article("a"))[0].outcome == "unchanged"
    assert desk.put(article("a", "نص آخر"))[0].outcome == "unchanged"
    assert desk.stories() == {}
    for asked in (desk.archive.article, desk.archive.raw, desk.archive.copies):
        with pytest.raises(ArticleNotFound):
            asked("a")


def test_deleting_takes_text_versions_and_page_out_of_the_archive(desk: Desk, tmp_path: Path) -> None:
    desk.put(article("a", "أول"))
    desk.put(article("a", "ثان"))
    desk.delete("a")
    rows = sqlite3.connect(tmp_path / "archive.sqlite")
    assert rows.execute("SELECT count(*) FROM pages").fetchone() == (0,)
    assert rows.execute("SELECT count(*) FROM versions").fetchone() == (0,)
    assert rows.execute("SELECT data FROM articles").fetchone() == (None,)


def test_deleting_what_is_not_there_is_an_error(desk: Desk) -> None:
    with pytest.raises(ArticleNotFound, match="nothing was deleted"):
        desk.delete("a")


def test_an_error_inside_a_transaction_undoes_all_of_it(desk: Desk) -> None:
    desk.put(article("a"))

    def fail() -> None:
        with desk.archive.transaction():
            desk.archive.delete("a")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert desk.stories() == {1: ["a"]}


def test_a_source_is_read_on_where_it_was_left_and_anew_when_its_file_has_changed(desk: Desk) -> None:
    with desk.archive.transaction():
        desk.archive.reach(desk.source, SOURCE, Reached(100, 5))
        desk.archive.add_reject(desk.source, Reject("a.jsonl", 2, 30, 60, 60, "broken"))
    assert desk.archive.reached(SOURCE) == Reached(100, 5)
    changed = SourceIdentity(SOURCE.path, SOURCE.named, 2000, 2, SOURCE.head, SOURCE.mapping)
    assert desk.archive.reached(changed) == Reached()
    with desk.archive.transaction():
        assert desk.archive.begin_source(changed) == (desk.source, Reached())
    assert list(desk.archive.rejects()) == []


def test_a_source_that_is_read_with_other_field_names_is_read_anew(desk: Desk) -> None:
    with desk.archive.transaction():
        desk.archive.reach(desk.source, SOURCE, Reached(1000, 9, complete=True))
    other = SourceIdentity(SOURCE.path, SOURCE.named, SOURCE.size, SOURCE.modified_ns, SOURCE.head, "text=content")
    assert desk.archive.reached(SOURCE).complete
    assert not desk.archive.reached(other).complete


def test_statistics_count_stories_by_outlet(desk: Desk) -> None:
    desk.put(article("a", "أول", outlet="عكاظ", date=date(2015, 7, 21)))
    desk.put(article("b", "أول", outlet="الرياض", date=date(2015, 7, 23)))
    desk.put(article("c", "ثان", outlet="الرياض"))
    desk.put(article("d", "ثالث"))
    found = desk.archive.details(0, 7).statistics
    assert (found.articles, found.stories, found.undated, found.generation) == (4, 3, 2, 7)
    assert found.outlets == (("الرياض", 2), ("-", 1), ("عكاظ", 1))
    assert (found.first, found.last) == (date(2015, 7, 21), date(2015, 7, 23))


def test_statistics_follow_the_archive(desk: Desk) -> None:
    desk.put(article("a"))
    assert desk.archive.details(0, 1).statistics.articles == 1
    desk.delete("a")
    assert desk.archive.details(0, 1).statistics.articles == 0


FLIPS = {
    "article a": "UPDATE articles SET data = CAST(data || x'00' AS BLOB)",
    "article a: does": "UPDATE articles SET outlet = 'عكاظ'",
    "page 1": "UPDATE pages SET raw = x'00'",
    "story 1": "UPDATE stories SET sequence = 77",
    "source news/a.jsonl": "UPDATE sources SET offset = 7",
}


@pytest.mark.parametrize("named", FLIPS)
def test_a_value_that_was_altered_is_found_and_named(tmp_path: Path, named: str) -> None:
    desk = Desk(tmp_path / "archive.sqlite")
    desk.put(article("a"))
    connection = sqlite3.connect(tmp_path / "archive.sqlite")
    connection.execute(FLIPS[named])
    connection.commit()
    connection.close()
    assert [problem for problem in desk.damage() if problem.startswith(named)]
    desk.archive.close()


def test_a_damaged_article_is_never_returned_nor_written_back(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "archive.sqlite")
    desk.put(article("a"))
    connection = sqlite3.connect(tmp_path / "archive.sqlite")
    (data,) = connection.execute("SELECT data FROM articles").fetchone()
    connection.execute("UPDATE articles SET data = ?", (data[:10] + bytes([data[10] ^ 1]) + data[11:],))
    connection.commit()
    connection.close()
    with ArchiveReader(tmp_path / "archive.sqlite") as reader:
        for use in (desk.archive.article, desk.archive.copies, lambda _: list(reader.stories())):
            with pytest.raises(IndexBroken, match=r"article a .*searchapp verify"):
                use("a")
    assert [story.articles for story in desk.archive.stories()] == [(article("a"),)]  # as it was taken in, from memory
    with pytest.raises(IndexBroken, match="article a"):
        desk.put(article("a", "نص جديد"))
    desk.archive.close()


def test_a_reader_sees_what_is_committed_and_nothing_before(desk: Desk, tmp_path: Path) -> None:
    with ArchiveReader(tmp_path / "archive.sqlite") as reader:
        one = article("a")
        with desk.archive.transaction():
            desk.archive.add_pages([(desk.source, page_of(one), ExtractedPage(one))], "exact")
            with pytest.raises(ArticleNotFound):
                reader.article("a")
        assert reader.article("a") == one


texts = st.text(st.characters(codec=None), max_size=20)
names = st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


@given(
    st.builds(
        Article,
        id=texts,
        title=names,
        body=texts,
        title_inferred=st.booleans(),
        outlet=names,
        date=st.none() | st.dates(),
        date_origin=st.sampled_from(["declared", "none"]),
        related=st.lists(texts, max_size=2).map(tuple),
        similar_headlines=st.lists(texts, max_size=2).map(tuple),
        flags=st.lists(texts, max_size=2).map(tuple),
    )
)
def test_any_article_survives_being_written_as_bytes(one: Article) -> None:
    assert decode_article(encode_article(one)) == one


operations = st.lists(
    st.tuples(st.sampled_from(["put", "put", "put", "delete"]), st.integers(0, 5), st.integers(0, 3), st.booleans()),
    max_size=25,
)


@settings(max_examples=60)
@given(operations)
def test_whatever_happens_stories_are_the_groups_of_equal_texts_and_the_index_can_follow(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int, int, bool]]
) -> None:
    desk = Desk(tmp_path_factory.mktemp("archive") / "archive.sqlite")
    living: dict[str, int] = {}
    deleted: set[str] = set()
    index: dict[int, list[str]] = {}
    followed = 0
    for operation, number, text, follow in steps:
        name = f"n{number}"
        if operation == "put":
            desk.put(article(name, f"نص {text}"))
            if name not in deleted:
                living[name] = text
        elif name in living:
            desk.delete(name)
            del living[name]
            deleted.add(name)
        if follow:
            for story in desk.archive.stories(after=followed):
                index[story.number] = [a.id for a in story.articles]
                followed = story.sequence
    for story in desk.archive.stories(after=followed):
        index[story.number] = [a.id for a in story.articles]
    groups: dict[int, list[str]] = {}
    for name, text in sorted(living.items()):
        groups.setdefault(text, []).append(name)
    assert sorted(filter(None, index.values())) == sorted(groups.values())
    assert {number: ids for number, ids in index.items() if ids} == desk.stories()
    assert desk.damage() == []
    desk.archive.close()
