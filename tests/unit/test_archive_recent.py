"""Articles that were just taken in are indexed from memory, and are those that the archive has."""

from __future__ import annotations

from pathlib import Path

import pytest

from searchapp.archive.reading import ArchiveReader, Reached
from searchapp.archive.recent import RecentArticles
from searchapp.model import Article, ExtractedPage, Story
from tests.unit.test_archive_store import SOURCE, Desk, page_of


def article(name: str, body: str = "قال الوزير إن العمل في المشروع بدأ أمس") -> Article:
    return Article(id=name, title="عنوان", body=body)


def stored(directory: Path) -> list[Story]:
    with ArchiveReader(directory / "archive.sqlite") as archive:
        return list(archive.stories())


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "archive.sqlite")


def test_stories_from_memory_are_those_on_disk(desk: Desk, tmp_path: Path) -> None:
    desk.put(article("a"))
    desk.put(article("b", "نص آخر"))
    desk.put(article("c"))  # a copy of the first
    desk.put(article("b", "نص تغير"))
    desk.delete("a")
    assert len(desk.archive._recent)
    assert list(desk.archive.stories()) == stored(tmp_path)
    desk.archive.close()


def test_what_is_in_memory_no_more_is_read_from_disk(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk.archive, "_recent", RecentArticles(most=700))
    for number in range(4):
        desk.put(article(f"n{number}", f"النص رقم {number}"))
    assert 0 < len(desk.archive._recent) < 4
    assert list(desk.archive.stories()) == stored(tmp_path)
    desk.archive.close()


def test_what_was_rolled_back_is_not_taken_for_what_came_under_its_number(desk: Desk, tmp_path: Path) -> None:
    desk.put(article("first"))

    def break_off(added: Article) -> None:
        with desk.archive.transaction():
            desk.archive.add_pages([(desk.source, page_of(added), ExtractedPage(added))], "near")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        break_off(article("lost", "نص ضاع"))
    desk.put(article("second", "نص جاء بعده"))
    assert [story.articles[0].id for story in desk.archive.stories()] == ["first", "second"]
    assert list(desk.archive.stories()) == stored(tmp_path)
    desk.archive.close()


def test_the_oldest_go_first_and_a_changed_article_counts_once() -> None:
    recent = RecentArticles(most=1000)
    for number in range(3):
        recent.keep(number, b"v1", article(str(number), "نص"))
    recent.keep(0, b"v2", article("0", "نص تغير"))
    recent.keep(3, b"v1", article("3", "نص"))
    assert len(recent) == 3
    assert recent.take(1, b"v1") is None  # the oldest that has not come again
    assert recent.take(0, b"v1") is None
    assert recent.take(0, b"v2") is not None
    assert recent.take(0, b"v2") is None, "what was handed out is not kept"
    assert len(recent) == 2


def test_a_run_that_takes_in_many_times_as_many_keeps_none() -> None:
    recent = RecentArticles(most=1000)
    for number in range(40):
        recent.keep(number, b"v1", article(str(number)))
    assert len(recent) == 0
    assert recent.take(39, b"v1") is None


def test_a_run_that_will_take_in_many_times_as_many_keeps_none_from_its_start() -> None:
    short, long = RecentArticles(most=1000), RecentArticles(most=1000)
    short.expect(4000)
    long.expect(4001)
    for recent in (short, long):
        recent.keep(1, b"v1", article("1"))
    assert (len(short), len(long)) == (1, 0)


def test_recording_how_far_a_source_is_read_does_not_look_at_its_pages(desk: Desk) -> None:
    def steps() -> int:
        counted: list[None] = []
        desk.archive._connection.set_progress_handler(lambda: counted.append(None), 1)
        with desk.archive.transaction():
            desk.archive.reach(desk.source, SOURCE, Reached(10, 2))
        desk.archive._connection.set_progress_handler(None, 0)
        return len(counted)

    desk.put(article("first"))
    before = steps()
    for number in range(30):
        desk.put(article(f"n{number}", f"النص رقم {number}"))
    assert steps() == before
    desk.archive.close()
