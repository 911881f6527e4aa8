"""Writing, updating, removing, committing and reopening."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from searchapp.engine.protocol import EngineBackend, IndexReader
from searchapp.errors import IndexBroken, SearchAppError
from searchapp.model import SearchRequest, SearchResult, Story
from tests.waiting import map_in_threads

Build = Callable[..., IndexReader]
MakeStory = Callable[..., Story]
Commit = Callable[..., None]


def total(reader: IndexReader, query: str) -> int:
    return reader.search(SearchRequest(q=query)).total


@pytest.fixture
def commit(backend: EngineBackend, directory: Path) -> Commit:
    def commit(*stories: Story) -> None:
        writer = backend.open_writer(directory)
        for made in stories:
            writer.replace(made)
        writer.commit(max((made.sequence for made in stories), default=0))

    return commit


def test_a_new_index_is_empty(backend: EngineBackend, directory: Path) -> None:
    reader = backend.open_reader(directory)
    assert (reader.story_sequences(), backend.archive_sequence(directory)) == ({}, 0)
    assert total(reader, "") == 0


def test_a_replaced_story_is_found_by_its_new_words_only(
    backend: EngineBackend, directory: Path, commit: Commit, story: MakeStory
) -> None:
    commit(story(1, "غزة"), story(2, "لبنان"))
    commit(story(1, "مصر", sequence=3))
    reader = backend.open_reader(directory)
    assert [total(reader, query) for query in ("غزة", "مصر", "لبنان", "", "-مصر")] == [0, 1, 1, 2, 1]
    assert reader.story_sequences() == {1: 3, 2: 2}


def test_a_story_replaced_twice_in_one_commit_stands_once(
    backend: EngineBackend, directory: Path, commit: Commit, story: MakeStory
) -> None:
    commit(story(1, "غزة"), story(1, "مصر", sequence=2), story(1, "لبنان", sequence=3))
    reader = backend.open_reader(directory)
    assert [total(reader, query) for query in ("غزة", "مصر", "لبنان", "")] == [0, 0, 1, 1]


def test_a_story_without_articles_is_taken_out(
    backend: EngineBackend, directory: Path, commit: Commit, story: MakeStory
) -> None:
    commit(story(1, "غزة"), story(2, "غزة"))
    commit(Story(1, 3, ()))
    reader = backend.open_reader(directory)
    assert (total(reader, "غزة"), reader.story_sequences()) == (1, {2: 2})
    assert [bucket.count for bucket in reader.search(SearchRequest(q="غزة")).facets["outlet"]] == [1]


def test_taking_out_a_story_that_is_not_there_changes_nothing(
    backend: EngineBackend, directory: Path, commit: Commit, story: MakeStory
) -> None:
    commit(story(1, "غزة"), Story(7, 2, ()))
    assert total(backend.open_reader(directory), "") == 1


def test_putting_the_same_story_in_again_changes_nothing(
    backend: EngineBackend, directory: Path, commit: Commit, story: MakeStory
) -> None:
    commit(story(1, "غزة"))
    commit(story(1, "غزة"))
    assert total(backend.open_reader(directory), "غزة") == 1


def test_many_small_commits_hold_everything(
    backend: EngineBackend, directory: Path, commit: Commit, story: MakeStory
) -> None:
    for number in range(1, 16):
        commit(story(number, f"غزة كلمة{number}"), Story(number - 3, 100 + number, ()))
    reader = backend.open_reader(directory)
    assert set(reader.story_sequences()) == {13, 14, 15}
    assert [total(reader, query) for query in ("غزة", "كلمة14", "كلمة2")] == [3, 1, 0]


def test_titles_score_the_same_however_many_segments_hold_them(
    backend: EngineBackend, build: Build, story: MakeStory, tmp_path: Path
) -> None:
    stories = [
        story(1, "القمر", title="القمر البحر"),
        story(2, "البحر", title="أقمار وبحار"),
        story(3, "القمر", title="الشمس"),
        story(4, "القمر القمر وأقمار"),
    ]
    parted = tmp_path / "parted"
    parted.mkdir()
    backend.create(parted)
    for made in (stories[:1], stories[1:2], stories[2:]):  # the last segment has the word in bodies alone
        writer = backend.open_writer(parted)
        for one in made:
            writer.replace(one)
        writer.commit(made[-1].sequence)
    asked = SearchRequest(q="title:القمر", relax=False)
    whole = build(stories).ranking(asked).hits
    assert [hit.story for hit in whole] == [1, 2]
    assert backend.open_reader(parted).ranking(asked).hits == whole


def test_a_reader_does_not_see_later_commits(
    backend: EngineBackend, directory: Path, commit: Commit, story: MakeStory
) -> None:
    commit(story(1, "غزة"))
    reader = backend.open_reader(directory)
    for number in range(2, 8):
        commit(story(number, "غزة"), story(1, "مصر", sequence=number))
    assert [total(reader, query) for query in ("غزة", "مصر")] == [1, 0]
    assert not reader.is_current()
    snippet = reader.search(SearchRequest(q="غزة")).hits[0].snippet
    assert snippet
    assert snippet.text == "غزة"


def test_generations_rise_with_commits_and_rebuilds(
    backend: EngineBackend, directory: Path, commit: Commit, story: MakeStory
) -> None:
    empty = backend.open_reader(directory)
    assert empty.is_current()
    commit(story(1, "غزة"))
    one = backend.open_reader(directory)
    assert not empty.is_current()
    assert one.is_current()
    rebuilt_directory = directory.with_name("2")
    rebuilt_directory.mkdir()
    backend.create(rebuilt_directory)
    rebuilt = backend.open_reader(rebuilt_directory)
    assert empty.generation < one.generation < rebuilt.generation
    assert one.search(SearchRequest()).generation == one.generation


def test_the_archive_sequence_is_the_last_committed_one(
    backend: EngineBackend, directory: Path, story: MakeStory
) -> None:
    writer = backend.open_writer(directory)
    writer.replace(story(1, "غزة"))
    assert backend.archive_sequence(directory) == 0
    writer.commit(41)
    assert backend.archive_sequence(directory) == 41


def test_a_cancelled_writer_leaves_the_index_as_it_was(
    backend: EngineBackend, directory: Path, commit: Commit, story: MakeStory
) -> None:
    commit(story(1, "غزة"))
    writer = backend.open_writer(directory)
    writer.replace(story(1, "مصر", sequence=2))
    writer.replace(story(2, "غزة"))
    writer.cancel()
    writer.cancel()
    assert [total(backend.open_reader(directory), query) for query in ("غزة", "مصر")] == [1, 0]
    commit(story(2, "غزة"))
    assert total(backend.open_reader(directory), "غزة") == 2


def test_an_index_of_another_analysis_is_to_be_rebuilt(
    backend: EngineBackend, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("searchapp.engine.storage.commits.ANALYZER_VERSION", 999)
    openings: tuple[Callable[[Path], object], ...]
    openings = backend.open_reader, backend.open_writer, backend.archive_sequence
    for opening in openings:
        with pytest.raises(IndexBroken, match="searchapp rebuild"):
            opening(directory)


def test_a_directory_without_an_index_is_to_be_rebuilt(backend: EngineBackend, tmp_path: Path) -> None:
    with pytest.raises(IndexBroken, match="searchapp rebuild"):
        backend.open_reader(tmp_path)


def test_broken_files_are_told(backend: EngineBackend, directory: Path, commit: Commit, story: MakeStory) -> None:
    commit(story(1, "غزة"))
    for path in directory.iterdir():
        path.write_bytes(b"broken")
    with pytest.raises(IndexBroken, match="searchapp rebuild"):
        backend.open_reader(directory)


def test_a_closed_reader_says_so(backend: EngineBackend, directory: Path) -> None:
    reader = backend.open_reader(directory)
    reader.close()
    with pytest.raises(SearchAppError):
        reader.search(SearchRequest())


def test_eight_threads_get_the_answers_that_one_gets(build: Build, story: MakeStory) -> None:
    reader = build(story(n, " ".join(f"كلمة{k}" for k in range(n % 7, n % 11 + 8))) for n in range(1, 200))
    queries = [SearchRequest(q=q) for q in ("كلمة3 كلمة9", '"كلمة4 كلمة5"', "كلمة1*", "كلمة6 OR كلمة12", "-كلمة3")]
    expected = [numbers_of(reader.search(query)) for query in queries]
    fresh = build([])
    answers = map_in_threads(lambda query: numbers_of(fresh.search(query)), queries * 16, 8)
    assert answers == expected * 16


def numbers_of(result: SearchResult) -> tuple[list[int], int]:
    return [hit.story for hit in result.hits], result.total
