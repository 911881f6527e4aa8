"""The writer: what replaces what, which segments are merged, and which files are left."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import whoosh.index
from numpy.typing import NDArray

from searchapp.engine import backend
from searchapp.engine import reader as engine_reader
from searchapp.engine.backend import SegmentBackend
from searchapp.engine.protocol import IndexReader
from searchapp.engine.storage import building, index_writer
from searchapp.engine.storage.codes import FREQUENCIES
from searchapp.engine.storage.commits import (
    EMPTY,
    Commit,
    SegmentEntry,
    latest_number,
    read_commit,
    remove_unnamed,
    write_commit,
)
from searchapp.engine.storage.file_writing import write_segment_file
from searchapp.engine.storage.index_writer import SegmentedIndexWriter
from searchapp.engine.storage.merging import MERGE_FACTOR, SMALLEST_FACTOR, SMALLEST_LEVEL, choose_merge
from searchapp.engine.storage.segment import Segment
from searchapp.errors import IndexBroken
from searchapp.model import SearchRequest, Story
from tests.index_samples import (
    BACKEND,
    answer,
    commit,
    file_names,
    gone,
    make_story,
    marked_words,
    new_index,
    segments_of,
    stories_found,
)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return new_index(tmp_path / "1")


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two stories fill a batch: what is replaced has mostly been analysed already."""
    monkeypatch.setattr(index_writer, "BATCH_STORIES", 2)


@pytest.fixture
def small_sources(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few words fill a source, so that one commit has several."""
    monkeypatch.setattr(building, "SOURCE_TOKENS", 4)


def opened(directory: Path) -> IndexReader:
    return BACKEND.open_reader(directory)


def last_commit(directory: Path) -> Commit:
    return read_commit(directory, latest_number(directory))


def found(directory: Path, *queries: str) -> list[list[int]]:
    reader = opened(directory)
    return [stories_found(reader, query) for query in queries]


def test_a_story_is_replaced_and_deleted_by_its_number(directory: Path) -> None:
    commit(directory, make_story(1, "قمر"), make_story(2, "قمر"), make_story(3, "قمر"))
    commit(directory, make_story(2, "شمس", sequence=2), gone(3))
    assert found(directory, "قمر", "شمس", "") == [[1], [2], [1, 2]]
    assert opened(directory).story_sequences() == {1: 1, 2: 2}


def test_the_last_of_several_replacements_in_one_commit_holds(directory: Path) -> None:
    commit(directory, make_story(1, "قمر"), make_story(1, "شمس"), make_story(1, "بحر", sequence=3))
    assert found(directory, "قمر", "شمس", "بحر") == [[], [], [1]]
    assert opened(directory).story_sequences() == {1: 3}


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize("full_sources", [False, True])
def test_a_story_is_replaced_after_its_batch_was_analysed(
    directory: Path, full_sources: bool, request: pytest.FixtureRequest
) -> None:
    if full_sources:
        request.getfixturevalue("small_sources")
    commit(
        directory,
        *(make_story(number, f"قمر شمس{number}") for number in range(7)),
        make_story(0, "بحر"),
        gone(1),
        make_story(2, "بحر"),
        make_story(0, "نهر بحر"),
        make_story(1, "بحر"),
        gone(2),
    )
    assert found(directory, "قمر", "بحر", "نهر", "شمس0", "") == [[3, 4, 5, 6], [0, 1], [0], [], [0, 1, 3, 4, 5, 6]]
    assert opened(directory).damage() == []


@pytest.mark.usefixtures("small_sources", "small_batches")
def test_one_commit_writes_one_segment_however_much_it_is(directory: Path) -> None:
    commit(directory, *(make_story(number, "قمر شمس") for number in range(10)))
    assert len(last_commit(directory).segments) == 1
    assert found(directory, '"قمر شمس"') == [list(range(10))]


def test_a_story_deleted_and_added_again_is_the_new_one(directory: Path) -> None:
    commit(directory, make_story(1, "قمر"), make_story(2, "قمر"))
    commit(directory, gone(1))
    commit(directory, make_story(1, "شمس"), gone(1), make_story(1, "بحر"))
    assert found(directory, "قمر", "شمس", "بحر") == [[2], [], [1]]


def test_a_story_that_is_put_in_and_taken_out_in_one_commit_never_was(directory: Path) -> None:
    commit(directory, make_story(1, "قمر"), gone(1))
    assert found(directory, "") == [[]]
    assert segments_of(directory) == []


def test_an_empty_commit_changes_only_the_numbers(directory: Path) -> None:
    commit(directory, make_story(1, "قمر"), sequence=5)
    before = last_commit(directory)
    commit(directory, sequence=9)
    after = last_commit(directory)
    assert (after.number, after.archive_sequence) == (before.number + 1, 9)
    assert after.segments == before.segments
    assert found(directory, "قمر") == [[1]]


def test_deletes_are_a_small_file_beside_a_segment_that_stays(directory: Path) -> None:
    commit(directory, *(make_story(number, "قمر") for number in range(20)))
    (path,) = segments_of(directory)
    before = path.stat()
    commit(directory, gone(7))
    assert path.stat() == before
    assert last_commit(directory).segments == (SegmentEntry("00000000", 20, "00000000.2.del", 1),)
    commit(directory, gone(8), make_story(30, "شمس"))
    assert [name for name in file_names(directory) if name.endswith(".del")] == ["00000000.3.del"]
    commit(directory, make_story(7, "شمس"), gone(8))
    assert last_commit(directory).segments[0] == SegmentEntry("00000000", 20, "00000000.3.del", 2)


def test_a_segment_without_living_stories_goes(directory: Path) -> None:
    commit(directory, make_story(1, "قمر"), make_story(2, "قمر"))
    commit(directory, make_story(3, "قمر"))
    commit(directory, gone(1), gone(2))
    assert [path.name for path in segments_of(directory)] == ["00000001.seg"]
    commit(directory, gone(3))
    assert segments_of(directory) == []
    assert found(directory, "", "قمر") == [[], []]


@pytest.mark.parametrize(
    ("sizes", "chosen"),
    [
        ([], []),
        ([1] * (SMALLEST_FACTOR - 1), []),
        ([1] * SMALLEST_FACTOR, list(range(SMALLEST_FACTOR))),
        ([SMALLEST_LEVEL] * SMALLEST_FACTOR, list(range(SMALLEST_FACTOR))),
        ([SMALLEST_LEVEL] * (SMALLEST_FACTOR - 1) + [SMALLEST_LEVEL + 1], []),
        ([100_000, *[5] * SMALLEST_FACTOR, 100_000], list(range(1, SMALLEST_FACTOR + 1))),
        ([SMALLEST_LEVEL * 4] * (MERGE_FACTOR + 2), list(range(MERGE_FACTOR + 2))),
        ([5_000] * MERGE_FACTOR + [3] * SMALLEST_FACTOR, list(range(MERGE_FACTOR, MERGE_FACTOR + SMALLEST_FACTOR))),
    ],
)
def test_segments_of_one_level_are_merged_the_smallest_first(sizes: list[int], chosen: list[int]) -> None:
    assert choose_merge(sizes) == chosen


def test_merging_goes_on_until_no_level_is_full() -> None:
    """As many documents as you like are in a few segments a level."""
    sizes: list[int] = []
    for _ in range(3_000):
        sizes.append(SMALLEST_LEVEL)
        while places := choose_merge(sizes):
            merged = sum(sizes[place] for place in places)
            sizes = [size for place, size in enumerate(sizes) if place not in places] + [merged]
    assert sum(sizes) == 3_000 * SMALLEST_LEVEL
    assert len(sizes) < 5 * SMALLEST_FACTOR


def test_merges_change_no_answer(directory: Path, tmp_path: Path) -> None:
    bodies = [f"قمر {'شمس ' * (number % 3)}بحر{number % 4}" for number in range(3 * SMALLEST_FACTOR)]
    stories = [make_story(number, body, f"عنوان {number}") for number, body in enumerate(bodies)]
    counts = []
    for story in stories:
        commit(directory, story)
        counts.append(len(segments_of(directory)))
    assert counts[: SMALLEST_FACTOR + 1] == [*range(1, SMALLEST_FACTOR), 1, 2]
    at_once = new_index(tmp_path / "2")
    commit(at_once, *stories)
    many, one = opened(directory), opened(at_once)
    for query in ("قمر", "شمس بحر1", '"قمر شمس"', "بح*", "-شمس", "عنوان 3", ""):
        request = SearchRequest(q=query, per_page=100)
        assert answer(many.search(request)) == answer(one.search(request))


def test_merges_leave_deleted_stories_behind(directory: Path) -> None:
    for number in range(SMALLEST_FACTOR - 1):
        stories = (make_story(at + number, f"قمر كلمة{number}") for at in (0, 100, 200))
        commit(directory, *stories, gone(99 + number))
    commit(directory, make_story(3, "شمس"), gone(204), gone(2))
    (entry,) = last_commit(directory).segments
    living = opened(directory).story_sequences()
    assert entry == SegmentEntry(entry.name, len(living))
    assert sorted(living) == [0, 1, 3, 102, 200, 201, 202]
    assert found(directory, "كلمة1", "كلمة2", "شمس") == [[1, 201], [102, 202], [3]]


def test_optimizing_makes_one_segment(directory: Path) -> None:
    for number in range(4):
        commit(directory, make_story(number, "قمر"))
    writer = BACKEND.open_writer(directory)
    writer.replace(make_story(9, "قمر"))
    writer.optimize()
    writer.commit(1)
    assert len(last_commit(directory).segments) == len(segments_of(directory)) == 1
    assert found(directory, "قمر") == [[0, 1, 2, 3, 9]]


def abandoned(directory: Path, *stories: Story) -> SegmentedIndexWriter:
    """A writer that has put all its files down but for the commit."""
    writer = BACKEND.open_writer(directory)
    for story in stories:
        writer.replace(story)
    writer.optimize()
    return writer


def test_what_a_dead_writer_left_is_removed_by_the_next_commit(directory: Path) -> None:
    commit(directory, make_story(1, "قمر"))
    before = file_names(directory)
    abandoned(directory, make_story(2, "شمس"))
    leftovers = ("00000077.seg", "00000000.9.del", "commit.new", "commit.0.json")
    for name in leftovers:
        (directory / name).write_bytes(b"half of it")
    assert found(directory, "قمر", "شمس") == [[1], []]
    commit(directory, make_story(3, "بحر"))
    assert found(directory, "قمر", "شمس", "بحر") == [[1], [], [3]]
    assert len(file_names(directory)) == len(before) + 1
    assert not set(leftovers) & set(file_names(directory))


def test_a_deletes_file_of_a_dead_writer_is_in_nobodys_way(directory: Path) -> None:
    commit(directory, make_story(1, "قمر"), make_story(2, "قمر"))
    (directory / "00000000.2.del").write_bytes(b"of the commit that never came")
    commit(directory, gone(1))
    assert found(directory, "قمر") == [[2]]


def test_cancelling_leaves_nothing(directory: Path) -> None:
    commit(directory, make_story(1, "قمر"))
    before = {path.name: path.read_bytes() for path in directory.iterdir()}
    abandoned(directory, make_story(1, "شمس")).cancel()
    assert {path.name: path.read_bytes() for path in directory.iterdir()} == before


def test_cancelling_after_a_commit_takes_nothing_back(directory: Path) -> None:
    """As when a signal comes between the commit and its caller."""
    commit(directory, make_story(1, "قمر"))
    writer = BACKEND.open_writer(directory)
    writer.replace(make_story(1, "شمس"))
    writer.commit(2)
    before = file_names(directory)
    writer.cancel()
    assert file_names(directory) == before
    assert found(directory, "شمس") == [[1]]


def test_a_commit_that_was_cut_off_once_it_was_in_place_is_finished(directory: Path) -> None:
    """Neither was Whoosh told of it, nor was what it replaces removed: the disk was full."""
    commit(directory, make_story(1, "قمر"))
    old = {path.name: path.read_bytes() for path in directory.iterdir()}
    commit(directory, make_story(1, "شمس"))
    for name, content in old.items():
        (directory / name).write_bytes(content)
    for path in directory.glob("_MAIN_2*"):
        path.unlink()
    BACKEND.finish(directory)
    assert not set(old) & {name for name in file_names(directory) if name.startswith("commit.")}
    assert found(directory, "قمر", "شمس") == [[], [1]]
    with whoosh.index.open_dir(directory).searcher() as searcher:
        assert searcher.doc_count() == 1


def test_other_files_in_the_directory_are_left_alone(directory: Path) -> None:
    for name in ("README", "commit.json", "commit.x.json", "notes.txt"):
        (directory / name).write_bytes(b"mine")
    commit(directory, make_story(1, "قمر"))
    remove_unnamed(directory, last_commit(directory))
    assert {"README", "commit.json", "commit.x.json", "notes.txt"} <= set(file_names(directory))


def test_segment_names_are_never_used_twice(directory: Path) -> None:
    """A reader that is slow to open must find the file that its commit means, or none."""
    seen: dict[str, int] = {}
    for number in range(2 * SMALLEST_FACTOR + 3):
        commit(directory, make_story(number, "قمر"), gone(number - 1))
        for path in segments_of(directory):
            assert seen.setdefault(path.name, path.stat().st_ino) == path.stat().st_ino
    assert last_commit(directory).next_segment > max(int(name[:8]) for name in seen)


@pytest.mark.parametrize(
    "commit_of",
    [
        Commit(0, 0, 0, ()),
        Commit(7, 12, 3, (SegmentEntry("00000001", 10), SegmentEntry("00000002", 9, "00000002.7.del", 3))),
    ],
)
def test_a_commit_comes_back_as_it_was_written(tmp_path: Path, commit_of: Commit) -> None:
    write_commit(tmp_path, commit_of)
    assert latest_number(tmp_path) == commit_of.number
    assert read_commit(tmp_path, commit_of.number) == commit_of
    assert file_names(tmp_path) == [f"commit.{commit_of.number}.json"]


def test_commit_numbers_are_compared_as_numbers(tmp_path: Path) -> None:
    for number in (9, 10, 2):
        write_commit(tmp_path, Commit(number, 0, 0, ()))
    assert latest_number(tmp_path) == 10


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", "null", '{"crc32": 1}', '{"crc32": 1, "commit": {}}', '{"commit": 3, "crc32": 0}']
)
def test_what_is_no_commit_is_refused_by_name(directory: Path, text: str) -> None:
    path = directory / "commit.0.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(IndexBroken) as refusal:
        read_commit(directory, 0)
    assert str(refusal.value).startswith(str(path))


def test_a_commit_whose_segment_is_missing_is_refused_by_name(directory: Path) -> None:
    commit(directory, make_story(1, "قمر"))
    (path,) = segments_of(directory)
    path.unlink()
    with pytest.raises(IndexBroken, match=path.name):
        opened(directory)


def test_an_open_reader_goes_on_with_files_that_were_removed(directory: Path) -> None:
    commit(directory, make_story(1, "قمر قديم"), make_story(2, "قمر شمس"))
    reader = opened(directory)
    for number in range(2 * SMALLEST_FACTOR):
        commit(directory, make_story(1, f"جديد{number}"), make_story(2, "بحر"))
    assert not (directory / "00000000.seg").exists()
    assert not reader.is_current()
    assert [stories_found(reader, query) for query in ("قمر", "شمس", "جديد1", '"قمر قديم"')] == [[1, 2], [2], [], [1]]
    assert marked_words(reader.search(SearchRequest(q="قديم"))) == [["قديم"]]
    assert reader.story_sequences() == {1: 1, 2: 1}


@pytest.mark.parametrize(("module", "overtaken"), [(backend, "read_commit"), (engine_reader, "SegmentReader")])
def test_a_reader_whose_commit_is_replaced_while_it_opens_gets_the_next(
    directory: Path, module: ModuleType, overtaken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A commit's file or its segments may go between finding it and opening it."""
    commit(directory, make_story(1, "قمر"))
    original, later = getattr(module, overtaken), [make_story(1, "شمس")]

    def after_another_commit(*arguments: Any) -> Any:
        while later:
            commit(directory, later.pop())
        return original(*arguments)

    monkeypatch.setattr(module, overtaken, after_another_commit)
    assert found(directory, "شمس") == [[1]]


def test_an_open_reader_can_be_checked_after_later_commits(directory: Path) -> None:
    """As when an index is verified while another process writes to it."""
    commit(directory, make_story(1, "قمر"), make_story(2, "قمر"))
    commit(directory, gone(1))
    reader = opened(directory)
    commit(directory, gone(2), make_story(3, "قمر"))
    assert reader.damage() == []


def test_the_empty_index_is_commit_zero(directory: Path) -> None:
    assert last_commit(directory) == EMPTY


def rewritten(path: Path, **changed: NDArray[Any] | None) -> Segment:
    """A segment with other frequencies of its codes, None for none."""
    file = Segment(path).file
    arrays = {name: np.array(file.array(name)) for name in sorted(file._directory)} | changed
    path.unlink()
    write_segment_file(path, file.meta, {name: array for name, array in arrays.items() if array is not None})
    return Segment(path)


def test_a_segment_from_before_it_kept_the_frequencies_of_its_codes_answers_alike(directory: Path) -> None:
    commit(directory, *(make_story(at, f"قال الوزير {'كتاب ' * at} ورق", "كتاب") for at in range(1, 20)))
    result = answer(BACKEND.open_reader(directory).search(SearchRequest(q="كتاب الوزير")))
    (path,) = segments_of(directory)
    new, old = Segment(path), rewritten(path, **{FREQUENCIES: None})
    assert (new.file.has(FREQUENCIES), old.file.has(FREQUENCIES)) == (True, False)
    assert old.frequencies.tolist() == new.frequencies.tolist()
    assert answer(SegmentBackend().open_reader(directory).search(SearchRequest(q="كتاب الوزير"))) == result


def test_frequencies_that_do_not_follow_from_the_codes_are_refused(directory: Path) -> None:
    commit(directory, make_story(1, "قال الوزير كتاب ورق", "كتاب"))
    (path,) = segments_of(directory)
    frequencies, sound = np.array(Segment(path).frequencies), path.read_bytes()
    for crafted in (frequencies + np.uint32(1 << 31), frequencies[:-1], frequencies.astype(np.uint64)):
        with pytest.raises(IndexBroken, match="code/frequencies is other than its codes say; run searchapp rebuild"):
            rewritten(path, **{FREQUENCIES: crafted})
        path.unlink()
        path.write_bytes(sound)
