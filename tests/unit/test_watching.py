"""Files that come into a folder are taken in, by a process of its own as by its parts."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from searchapp import SearchRequest, open_index
from searchapp.archive.directory import DataDirectory
from searchapp.errors import SearchAppError, UsageError
from searchapp.indexing import IndexOptions, IndexSummary, verify
from searchapp.watching import Watch
from tests.waiting import PATIENCE, started

INTERVAL = 0.2
LONG_AGO = 1_700_000_000


def drop(folder: Path, name: str, *records: dict[str, str] | str, old: bool = True) -> Path:
    """Put a file of records into a folder; an old one is not being written to any more."""
    path = folder / name
    lines = (one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in records)
    path.write_text("".join(line + "\n" for line in lines), "utf-8")
    if old:
        os.utime(path, (LONG_AGO, LONG_AGO))
    return path


def record(number: int, **fields: str) -> dict[str, str]:
    return {"id": f"n{number}", "title": f"خبر {number}", "text": f"وصل الوزير إلى المدينة رقم {number}"} | fields


def held(directory: Path) -> set[str]:
    try:
        with open_index(directory) as index:
            return {hit.id for hit in index.search(SearchRequest(per_page=100)).hits}
    except SearchAppError:
        return set()


@dataclass
class Heard:
    """A listener that remembers."""

    batches: list[tuple[int, int, int]] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def took(self, summary: IndexSummary) -> None:
        self.batches.append((summary.files, summary.accepted, summary.updated))

    def complain(self, message: str) -> None:
        self.complaints.append(message)


@pytest.fixture
def incoming(tmp_path: Path) -> Path:
    folder = tmp_path / "incoming"
    folder.mkdir()
    return folder


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def watch(tmp_path: Path, incoming: Path, heard: Heard) -> Watch:
    return Watch(tmp_path / "index", [incoming], IndexOptions(), INTERVAL, heard, lambda: False)


def test_new_and_changed_files_are_taken_once(watch: Watch, incoming: Path, heard: Heard) -> None:
    drop(incoming, "a.jsonl", record(1))
    watch.look()
    watch.look()
    drop(incoming, "b.jsonl", record(2))
    drop(incoming, "a.jsonl", record(1, text="هطلت الأمطار على القرية"))
    watch.look()
    assert heard.batches == [(1, 1, 0)]
    watch.look()
    watch.look()
    assert heard.batches == [(1, 1, 0), (2, 1, 1)]
    assert held(watch.directory) == {"n1", "n2"}


def test_a_file_that_is_being_written_waits_until_it_is_quiet(watch: Watch, incoming: Path, heard: Heard) -> None:
    for number in range(1, 4):
        drop(incoming, "a.jsonl", *(record(one) for one in range(number)), old=False)
        watch.look()
        assert heard.batches == []
    watch.look()
    assert heard.batches == [(1, 3, 0)]


def test_errors_are_told_once_a_file_and_again_when_it_has_changed(watch: Watch, incoming: Path, heard: Heard) -> None:
    file = drop(incoming, "a.jsonl", "{broken", record(1))
    drop(incoming, "cut.jsonl.gz", "no gzip at all")
    for _ in range(3):
        watch.look()
    assert [complaint.split(": ")[0] for complaint in heard.complaints] == [f"{file}:1", f"{incoming}/cut.jsonl.gz:1"]
    drop(incoming, "a.jsonl", "{broken", "{again", record(1))
    watch.look()
    watch.look()
    assert len(heard.complaints) == 4
    assert watch.rejected == 4


def test_many_rejects_of_one_file_are_told_in_short(watch: Watch, incoming: Path, heard: Heard) -> None:
    drop(incoming, "a.jsonl", *["{broken"] * 9)
    watch.look()
    assert len(heard.complaints) == 6
    assert "4 more were rejected" in heard.complaints[-1]


def test_while_another_process_writes_files_wait_and_that_is_told_once(
    watch: Watch, incoming: Path, heard: Heard
) -> None:
    drop(incoming, "a.jsonl", record(1))
    with DataDirectory(watch.directory).writing(create=True):
        watch.look()
        watch.look()
    assert (heard.batches, len(heard.complaints)) == ([], 1)
    watch.look()
    assert heard.batches == [(1, 1, 0)]


def test_the_lock_is_free_between_batches(
    watch: Watch, incoming: Path, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("searchapp.watching.FILES_AT_ONCE", 2)
    for number in range(5):
        drop(incoming, f"{number}.jsonl", record(number))
    free = []
    monkeypatch.setattr(
        Watch, "_wait", lambda self, _: free.append(not DataDirectory(self.directory).is_being_written())
    )
    watch.look()
    assert [files for files, _, _ in heard.batches] == [2, 2, 1]
    assert free == [True] * 3


def test_a_folder_that_goes_away_is_told_once_and_looked_for_again(watch: Watch, incoming: Path, heard: Heard) -> None:
    watch.look()
    incoming.rmdir()
    watch.look()
    watch.look()
    assert len(heard.complaints) == 1
    incoming.mkdir()
    drop(incoming, "a.jsonl", record(1))
    watch.look()
    watch.look()
    assert heard.batches == [(1, 1, 0)]


def test_an_archive_that_goes_away_is_told_once_and_no_other_made_in_its_place(
    watch: Watch, incoming: Path, heard: Heard
) -> None:
    drop(incoming, "a.jsonl", record(1))
    watch.look()
    away = watch.directory.rename(watch.directory.with_name("away"))
    drop(incoming, "b.jsonl", record(2))
    for _ in range(3):
        watch.look()
    assert len(heard.complaints) == 1
    assert not watch.directory.exists()
    away.rename(watch.directory)
    watch.look()
    watch.look()
    assert held(watch.directory) == {"n1", "n2"}


def test_an_archive_put_in_the_place_of_another_gets_what_it_lacks(watch: Watch, incoming: Path, heard: Heard) -> None:
    drop(incoming, "a.jsonl", record(1))
    watch.look()
    backup = shutil.copytree(watch.directory, watch.directory.with_name("backup"))
    drop(incoming, "b.jsonl", record(2))
    watch.look()
    watch.look()
    assert held(watch.directory) == {"n1", "n2"}
    watch.directory.rename(watch.directory.with_name("replaced"))
    backup.rename(watch.directory)
    watch.look()
    assert held(watch.directory) == {"n1", "n2"}
    assert heard.complaints == []


def test_a_folder_that_was_never_there_is_an_error(watch: Watch, incoming: Path) -> None:
    incoming.rmdir()
    with pytest.raises(UsageError):
        watch.look()


def test_the_data_directory_in_a_watched_folder_is_left_out(watch: Watch, incoming: Path, heard: Heard) -> None:
    watch.directory = incoming / "index"
    drop(incoming, "a.jsonl", "{broken", record(1))
    for _ in range(3):
        watch.look()
    assert heard.batches == [(1, 1, 0)]


@pytest.fixture
def start(tmp_path: Path, incoming: Path, project_root: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """`searchapp watch` as a process of its own."""

    def starting(*options: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "searchapp", "watch", str(incoming), "--index", str(tmp_path / "index")]
        command += ["--interval", str(INTERVAL), *options]
        return running.enter_context(started(command, cwd=project_root, stderr=subprocess.PIPE))

    with ExitStack() as running:
        yield starting


def wait_for(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_process_takes_what_is_dropped_and_ends_cleanly(
    tmp_path: Path, incoming: Path, start: Callable[..., subprocess.Popen[str]], number: signal.Signals
) -> None:
    process = start("--format", "jsonl")
    drop(incoming, "a.jsonl", record(1))
    wait_for(lambda: held(tmp_path / "index") == {"n1"})
    with (incoming / "slow.jsonl").open("w", encoding="utf-8") as file:
        for one in range(2, 6):
            file.write(json.dumps(record(one)) + "\n")
            file.flush()
            time.sleep(INTERVAL / 4)
    wait_for(lambda: len(held(tmp_path / "index")) == 5)
    process.send_signal(number)
    out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, err) == (0, "")
    assert sum(json.loads(line)["accepted"] for line in out.splitlines()) == 5
    assert verify(tmp_path / "index").problems == ()


def test_several_processes_take_in_the_same(
    tmp_path: Path, incoming: Path, start: Callable[..., subprocess.Popen[str]]
) -> None:
    drop(incoming, "a.jsonl", *(record(number) for number in range(20)))
    out, err = (process := start("--once", "--processes", "2")).communicate(timeout=PATIENCE)
    assert (process.returncode, out, err) == (0, "1 file: 20 accepted\n", "")
    assert len(held(tmp_path / "index")) == 20


def test_once_takes_what_is_there_and_says_what_was_rejected(
    tmp_path: Path, incoming: Path, start: Callable[..., subprocess.Popen[str]]
) -> None:
    drop(incoming, "a.jsonl", record(1), "{broken")
    drop(incoming, "b.jsonl", record(2), old=False)
    out, err = (process := start("--once")).communicate(timeout=PATIENCE)
    assert process.returncode == 3
    assert sum(int(line.split(" accepted")[0].split()[-1]) for line in out.splitlines()) == 2
    assert err.count("\n") == err.count("a.jsonl:2: ") == 1
    assert held(tmp_path / "index") == {"n1", "n2"}
