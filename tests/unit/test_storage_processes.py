"""Building in several processes: the index is the same, a process that dies fails the commit, and none outlives it.

They are forked from the writer, or started fresh where that cannot be.
"""

from __future__ import annotations

import fcntl
import json
import os
import resource
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from multiprocessing import Pipe
from pathlib import Path

import pytest

from searchapp import compiled
from searchapp.analysis.indexed_words import IndexedWords
from searchapp.engine.storage import batches, building_process, building_start, index_writer
from searchapp.engine.storage.batches import _BuildingTogether
from searchapp.engine.storage.building_wires import JobQueue, make_slots
from searchapp.engine.storage.gathered_stories import GatheredStories, gather
from searchapp.engine.storage.index_writer import SegmentedIndexWriter
from searchapp.engine.storage.segment import Segment
from searchapp.errors import SearchAppError
from searchapp.model import SearchRequest, Story
from tests.index_samples import BACKEND, answer, commit, file_names, gone, make_story, new_index, segments_of
from tests.waiting import is_running, next_line, started, wait_until_gone

PROCESSES = 3
STORIES = 60
PATIENCE_SECONDS = 20.0


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return new_index(tmp_path / "1")


@pytest.fixture(params=["forked", "fresh"], autouse=True)
def each_start(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways in which processes come into being."""
    is_forked = request.param == "forked"
    if is_forked and not sys.platform.startswith("linux"):
        pytest.skip("processes are forked on Linux only")
    monkeypatch.setattr(building_start, "may_fork", lambda: is_forked)
    return str(request.param)


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that every process gets some."""
    monkeypatch.setattr(index_writer, "BATCH_STORIES", 4)


def changes() -> list[Story]:
    """Stories, some of which are replaced or taken out again later."""
    stories = [make_story(number, f"قمر {'شمس ' * (number % 3)}بحر{number % 7}", "عنوان") for number in range(STORIES)]
    return [*stories, gone(5), make_story(7, "نهر جديد"), gone(59), make_story(5, "نهر"), make_story(7, "نهر آخر")]


def process_ids(writer: SegmentedIndexWriter) -> list[int]:
    building = writer._building
    assert isinstance(building, _BuildingTogether)
    assert building._processes is not None
    return [process.pid for process in building._processes._processes]


def write_all(writer: SegmentedIndexWriter, stories: list[Story]) -> None:
    for story in stories:
        writer.replace(story)
    writer.commit(1)


@pytest.fixture(params=["numpy", "compiled"])
def each_way_here(request: pytest.FixtureRequest) -> Iterator[None]:
    """The processes take compiled loops where this one does."""
    if request.param == "compiled" and not compiled.prepare(at_once=True):
        pytest.skip("numba is not installed, or switched off")
    yield
    compiled.stop()


@pytest.mark.usefixtures("each_way_here")
def test_the_index_is_that_of_one_process(directory: Path, tmp_path: Path) -> None:
    writer = BACKEND.open_writer(directory, processes=PROCESSES)
    for story in changes():
        writer.replace(story)
    processes = process_ids(writer)
    writer.commit(9)
    plain = new_index(tmp_path / "2")
    commit(plain, *changes(), sequence=9)
    assert 1 <= len(segments_of(directory)) <= PROCESSES
    assert not [name for name in file_names(directory) if name.endswith(".part")]
    assert not any(map(is_running, processes))
    found, expected = BACKEND.open_reader(directory), BACKEND.open_reader(plain)
    assert found.story_sequences() == expected.story_sequences()
    assert found.damage() == []
    for query in ("قمر", "شمس بحر1", '"قمر شمس"', "بح*", "نهر", ""):
        request = SearchRequest(q=query, per_page=100)
        assert answer(found.search(request)) == answer(expected.search(request))


def test_a_process_that_dies_fails_the_commit_and_leaves_the_index_as_it_was(directory: Path) -> None:
    commit(directory, make_story(1000, "قمر"))
    before = file_names(directory)
    writer = BACKEND.open_writer(directory, processes=PROCESSES)
    first, *rest = changes()
    writer.replace(first)
    for story in rest[:7]:
        writer.replace(story)
    processes = process_ids(writer)
    os.kill(processes[1], signal.SIGKILL)
    with pytest.raises(SearchAppError, match=r"ended before its work was done \(signal 9; .*fewer processes"):
        write_all(writer, rest * 50)
    writer.cancel()
    assert not any(map(is_running, processes))
    assert file_names(directory) == before
    assert list(BACKEND.open_reader(directory).story_sequences()) == [1000]


def test_a_signal_that_the_writer_heeds_does_not_end_its_processes(
    directory: Path, request: pytest.FixtureRequest
) -> None:
    """As `watch` does, which ends after the batch that it takes, also where a whole group of processes is asked to."""
    if "fresh" in request.node.name:
        pytest.skip("what is started fresh knows nothing of the writer's signals")
    before = signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        writer = BACKEND.open_writer(directory, processes=PROCESSES)
        first, *rest = changes()
        for story in (first, *rest[:7]):
            writer.replace(story)
        for process in process_ids(writer):
            os.kill(process, signal.SIGTERM)
        write_all(writer, rest[7:])
    finally:
        signal.signal(signal.SIGTERM, before)
    assert BACKEND.open_reader(directory).damage() == []


def test_a_process_that_is_silent_for_too_long_fails_the_commit(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(building_process, "_SILENCE_SECONDS", 0.2)
    before = file_names(directory)
    writer = BACKEND.open_writer(directory, processes=PROCESSES)
    for story in changes():
        writer.replace(story)
    processes = process_ids(writer)
    os.kill(processes[0], signal.SIGSTOP)
    with pytest.raises(SearchAppError, match=r"has not answered for .* run the command again"):
        writer.commit(1)
    writer.cancel()
    wait_until_gone(processes)
    assert file_names(directory) == before


def test_an_error_in_a_process_is_the_writers(directory: Path) -> None:
    """As when the disk is full: what is told to the caller is what went wrong there."""
    writer = BACKEND.open_writer(directory, processes=PROCESSES)
    for number in range(1, PROCESSES):
        (directory / f"00000000.{number}.part").mkdir()
    for story in changes():
        writer.replace(story)
    with pytest.raises(IsADirectoryError):
        writer.commit(1)
    for number in range(1, PROCESSES):
        (directory / f"00000000.{number}.part").rmdir()
    writer.cancel()


def test_cancelling_ends_the_processes(directory: Path) -> None:
    before = file_names(directory)
    writer = BACKEND.open_writer(directory, processes=PROCESSES)
    for story in changes():
        writer.replace(story)
    processes = process_ids(writer)
    writer.cancel()
    assert not any(map(is_running, processes))
    assert file_names(directory) == before


WRITE_AND_WAIT = """
import sys
from pathlib import Path
from searchapp.engine.storage import building_start, index_writer
from tests.unit.test_storage_processes import BACKEND, changes, process_ids

index_writer.BATCH_STORIES = 4
building_start.may_fork = lambda: sys.argv[2] == "forked"
writer = BACKEND.open_writer(Path(sys.argv[1]), processes=3)
for story in changes():
    writer.replace(story)
print(*process_ids(writer), flush=True)
sys.stdin.read()
"""


def test_no_process_outlives_a_writer_that_is_killed(directory: Path, project_root: Path, each_start: str) -> None:
    command = [sys.executable, "-c", WRITE_AND_WAIT, str(directory), each_start]
    with started(command, cwd=project_root, stdin=subprocess.PIPE) as parent:
        processes = list(map(int, next_line(parent).split()))
        assert len(processes) == PROCESSES - 1
        parent.kill()
        wait_until_gone(processes)
    commit(directory, make_story(1, "قمر"))
    assert not [name for name in file_names(directory) if name.endswith(".part")]


def test_a_fresh_process_is_told_whether_to_take_compiled_loops(
    monkeypatch: pytest.MonkeyPatch, directory: Path, each_start: str
) -> None:
    pytest.importorskip("numba")
    if each_start == "forked":
        pytest.skip("a fork has what its parent has")
    given: list[bool] = []
    jobs, (ours, theirs) = JobQueue.make(), Pipe()
    with monkeypatch.context() as patched, ours, theirs:
        patched.setattr(subprocess, "Popen", lambda command, **_: given.append(json.loads(command[-1])[3]))
        building_start.start(directory / "part", jobs, [], theirs, words=False)
        compiled.prepare(at_once=True)
        building_start.start(directory / "part", jobs, [], theirs, words=False)
    compiled.stop()
    jobs.close()
    assert given == [False, True]


def test_the_words_of_all_stories_are_kept_whoever_analysed_them(directory: Path, tmp_path: Path) -> None:
    stories = [
        make_story(at, f"قمر بحر{at % 7} {'شمس' * (at % 3)} 😀{at}", "عنوان", sequence=at) for at in range(STORIES)
    ]
    spelled = []
    for path, processes in ((directory, PROCESSES), (new_index(tmp_path / "2"), 1)):
        indexed = IndexedWords()
        write_all(BACKEND.open_writer(path, processes, indexed), stories)
        found = indexed.of(range(STORIES))
        assert found is not None
        assert indexed.analyzer is not None
        names = indexed.analyzer.exact_terms
        spelled.append([[names[at] for at in words] for words in found])
    assert spelled[0] == spelled[1]
    assert len(spelled[0][1]) > 2


def test_what_is_small_needs_no_other_process(directory: Path) -> None:
    writer = BACKEND.open_writer(directory, processes=PROCESSES)
    for number in range(4):
        writer.replace(make_story(number, "قمر"))
    assert isinstance(writer._building, _BuildingTogether)
    assert writer._building._processes is None
    writer.commit(1)
    assert len(segments_of(directory)) == 1


def test_of_a_large_first_batch_the_writer_builds_only_the_beginning(
    directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_writer, "BATCH_STORIES", 16)
    monkeypatch.setattr(batches, "_LEAST_PARTED", 8)
    monkeypatch.setattr(batches, "_FIRST_STORIES", 2)
    writer = BACKEND.open_writer(directory, processes=2)
    for story in changes()[:16]:
        writer.replace(story)
    assert isinstance(writer._building, _BuildingTogether)
    assert writer._building._builder.documents == 2
    assert len(process_ids(writer)) == 1
    for story in changes()[16:]:
        writer.replace(story)
    writer.commit(9)
    plain = new_index(tmp_path / "2")
    commit(plain, *changes(), sequence=9)
    found, expected = BACKEND.open_reader(directory), BACKEND.open_reader(plain)
    assert found.story_sequences() == expected.story_sequences()
    request = SearchRequest(q="نهر", per_page=100)
    assert answer(found.search(request)) == answer(expected.search(request))


def test_what_nobody_has_begun_in_the_end_is_shared(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The writer does not wait for another process to build all that waits for it."""
    writer = BACKEND.open_writer(directory, processes=2)
    for story in changes()[:8]:
        writer.replace(story)
    (other,) = process_ids(writer)
    os.kill(other, signal.SIGSTOP)
    for story in changes()[8:36]:
        writer.replace(story)
    write = building_process.BuildingProcesses.write

    def awake(processes: building_process.BuildingProcesses, paths: list[Path]) -> None:
        os.kill(other, signal.SIGCONT)
        write(processes, paths)

    monkeypatch.setattr(building_process.BuildingProcesses, "write", awake)
    writer.commit(1)
    here, elsewhere = (Segment(path).documents for path in segments_of(directory))
    assert here + elsewhere == 36
    assert abs(here - elsewhere) <= 4


@pytest.mark.parametrize(("most_bytes", "expected"), [(1 << 27, 24), (2_000, 8)])
def test_more_batches_wait_where_they_are_small(
    directory: Path, monkeypatch: pytest.MonkeyPatch, most_bytes: int, expected: int
) -> None:
    """Large ones only so that no process waits for work; what may not wait is built by the writer."""
    monkeypatch.setattr(building_process, "WAITING_BYTES", most_bytes)
    monkeypatch.setattr(building_process, "MOST_WAITING", 24)
    writer = BACKEND.open_writer(directory, processes=2)
    stories = [make_story(number, f"قمر {'شمس ' * (number % 3)}بحر") for number in range(200)]
    for story in stories[:8]:
        writer.replace(story)
    (other,) = process_ids(writer)
    os.kill(other, signal.SIGSTOP)
    try:
        for story in stories[8:]:
            writer.replace(story)
        building = writer._building
        assert isinstance(building, _BuildingTogether)
        assert building._processes is not None
        assert len(building._processes._waiting) - expected in (0, 1)  # one may have been begun unheard
    finally:
        os.kill(other, signal.SIGCONT)
    writer.commit(1)
    assert sorted(BACKEND.open_reader(directory).story_sequences()) == list(range(200))


@pytest.mark.parametrize(("files", "expected"), [(64, 16), (256, 32), (1024, 64), (resource.RLIM_INFINITY, 64)])
def test_batches_that_wait_leave_files_for_others(monkeypatch: pytest.MonkeyPatch, files: int, expected: int) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (files, files))
    slots = make_slots(16, 64)
    assert len(slots) == expected
    for slot in slots:
        slot.close()


def test_fewer_files_may_be_open_than_some_have_numbers(directory: Path) -> None:
    """As where a shell with an open file of a high number says `ulimit -n 64`."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = 500 if soft == resource.RLIM_INFINITY else min(soft, 500)
    high = fcntl.fcntl(0, fcntl.F_DUPFD_CLOEXEC, most - 1)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (high - 20, hard))
        writer = BACKEND.open_writer(directory, processes=PROCESSES)
        write_all(writer, changes())
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        os.close(high)
    assert BACKEND.open_reader(directory).damage() == []


def test_a_process_holds_no_lock_and_no_output_of_its_parent(directory: Path, tmp_path: Path) -> None:
    """A run that is killed can be followed by the next at once, and who reads its output is told that it has ended."""
    lock = (tmp_path / "lock").open("w")
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    reading, writing = os.pipe()
    writer = BACKEND.open_writer(directory, processes=PROCESSES)
    for story in changes():
        writer.replace(story)
    assert all(map(is_running, process_ids(writer)))
    lock.close()
    os.close(writing)
    assert select.select([reading], [], [], PATIENCE_SECONDS)[0]
    assert os.read(reading, 1) == b""
    os.close(reading)
    with (tmp_path / "lock").open("w") as again:
        fcntl.flock(again, fcntl.LOCK_EX | fcntl.LOCK_NB)
    writer.cancel()


def test_stories_are_the_same_on_the_other_side() -> None:
    article = make_story(1, "قمر 😀 \ud800 نهر", "عنوان 😀").articles[0]
    untitled = replace(article, id="2", title=None, date=date(2015, 7, 20), date_origin="declared", url="http://a.b/")
    stories = [Story(7, 9, (article, untitled)), Story(8, 10, (replace(untitled, title="", body=""),))]
    for chosen in (stories, stories[1:]):
        gathered = gather(chosen)
        found = GatheredStories.unpacked(*(memoryview(piece) for piece in gathered.packed()))
        assert found.facts == gathered.facts
        assert found.texts.split() == gathered.texts.split()
    assert gather(stories).texts.split()[:3] == [article.title, article.body, ""]
