"""Directories that cannot be used now or at all: a clear error within a second, and the documented exit code."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from searchapp import SearchRequest, open_index
from searchapp.archive.directory import DataDirectory
from searchapp.cli.program import program
from searchapp.errors import IndexBroken, IndexBusy, SearchAppError, UsageError
from searchapp.indexing import IndexOptions, index_paths, optimize, rebuild, verify
from tests.crash.workload import Silent
from tests.stress.news import write_news
from tests.waiting import PATIENCE, next_line, started

SECONDS = 20.0
"""Much less than the other process holds the lock, and more than anything takes on a busy machine."""

HOLD = """
import sys, time
from pathlib import Path
from searchapp.archive.directory import DataDirectory
with DataDirectory(Path(sys.argv[1])).writing(create=True):
    print("writing", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_news(tmp_path / "news.jsonl", 20)


@pytest.fixture
def directory(tmp_path: Path, source: Path) -> Path:
    index_paths(tmp_path / "disk" / "index", [source], IndexOptions(), Silent())
    return tmp_path / "disk" / "index"


@pytest.fixture
def writing_elsewhere(directory: Path, project_root: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", HOLD, str(directory)]
    with started(command, cwd=project_root) as writer:
        assert next_line(writer) == "writing"
        yield writer


@pytest.fixture
def read_only(directory: Path) -> Iterator[Path]:
    """The data directory where nothing can be written; root is stopped by a mount alone."""
    disk = directory.parent
    if os.getuid():
        for path in (directory, *directory.rglob("*")):
            path.chmod(path.stat().st_mode & ~0o222)
        yield directory
        for path in (directory, *directory.rglob("*")):
            path.chmod(path.stat().st_mode | 0o200)
        return
    mounting = ["mount", "--bind", str(disk), str(disk)]
    if subprocess.run(mounting, capture_output=True, check=False, timeout=PATIENCE).returncode:
        pytest.skip("root is stopped by a read-only mount alone, and mounting is not allowed here")
    subprocess.run(["mount", "-o", "remount,bind,ro", str(disk)], check=True, timeout=PATIENCE)
    yield directory
    subprocess.run(["umount", "--lazy", str(disk)], check=True, timeout=PATIENCE)


def refused(call: Callable[[], object], kind: type[SearchAppError], words: str) -> None:
    """The call is refused in these words, and does not wait for the other process."""
    began = time.monotonic()
    with pytest.raises(kind, match=words):
        call()
    assert time.monotonic() - began < SECONDS


def command_line(*arguments: str | Path) -> tuple[int, str]:
    """Exit code and what is said on stderr; an error that is none of ours comes through as it is."""
    ran = CliRunner().invoke(program, list(map(str, arguments)))
    if ran.exception and not isinstance(ran.exception, SystemExit):
        raise ran.exception
    return ran.exit_code, ran.stderr


def test_a_second_writer_is_told_who_writes(
    directory: Path, source: Path, writing_elsewhere: subprocess.Popen[str]
) -> None:
    words = f"process {writing_elsewhere.pid} on .* is writing to .*; wait until it is done, or stop it"
    refused(lambda: index_paths(directory, [source], IndexOptions(), Silent()), IndexBusy, words)
    refused(lambda: rebuild(directory, Silent()), IndexBusy, words)
    refused(lambda: optimize(directory), IndexBusy, words)
    for arguments in (("index", source), ("rebuild",), ("optimize",)):
        code, told = command_line(*arguments, "--index", directory)
        assert code == 4
        assert f"process {writing_elsewhere.pid}" in told
    with open_index(directory) as index:
        assert index.search(SearchRequest()).total > 0
    assert command_line("verify", "--index", directory)[0] == 0


def test_the_lock_of_a_dead_process_stops_nobody(
    directory: Path, source: Path, writing_elsewhere: subprocess.Popen[str]
) -> None:
    writing_elsewhere.kill()
    writing_elsewhere.wait(PATIENCE)
    assert (directory / "write.lock").read_text(encoding="utf-8").startswith(f"{writing_elsewhere.pid} ")
    began = time.monotonic()
    index_paths(directory, [source], IndexOptions(), Silent())
    assert time.monotonic() - began < SECONDS


def test_a_read_only_directory_can_be_searched_and_not_written_to(read_only: Path, source: Path) -> None:
    words = "cannot be written to; change its permissions, or name another folder with --index"
    refused(lambda: index_paths(read_only, [source], IndexOptions(), Silent()), UsageError, words)
    refused(lambda: rebuild(read_only, Silent()), UsageError, words)
    refused(lambda: optimize(read_only), UsageError, words)
    for arguments in (("index", source), ("rebuild",), ("optimize",)):
        assert command_line(*arguments, "--index", read_only)[0] == 2
    with open_index(read_only) as index:
        assert index.search(SearchRequest()).total > 0
        assert index.article("n1").id == "n1"
    assert verify(read_only).problems == ()


def test_an_archive_of_another_version_is_refused_with_both_versions(directory: Path, source: Path) -> None:
    connection = sqlite3.connect(directory / "archive.sqlite")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    words = "is of version 99, this program reads version"
    refused(lambda: open_index(directory), IndexBroken, words)
    refused(lambda: index_paths(directory, [source], IndexOptions(), Silent()), IndexBroken, words)
    for arguments in (("index", source), ("search", "خبر"), ("verify",), ("rebuild",), ("stats",)):
        code, told = command_line(*arguments, "--index", directory)
        assert (code, "version 99" in told) == (5, True), arguments


def test_an_index_of_another_version_is_refused_and_can_be_made_anew(directory: Path, source: Path) -> None:
    (path,) = (directory / "segments" / "1").glob("commit.*.json")
    fields = json.loads(path.read_bytes())["commit"] | {"format": 99}
    text = json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()
    path.write_text(json.dumps({"crc32": zlib.crc32(text), "commit": fields}), encoding="utf-8")
    refused(lambda: open_index(directory), IndexBroken, "versions 99 .* run searchapp rebuild")
    refused(lambda: index_paths(directory, [source], IndexOptions(), Silent()), IndexBroken, "run searchapp rebuild")
    assert command_line("search", "خبر", "--index", directory)[0] == 5
    assert command_line("verify", "--index", directory)[0] == 5
    assert command_line("rebuild", "--index", directory)[0] == 0
    assert verify(directory).problems == ()
    assert not DataDirectory(directory).is_being_written()


def test_a_directory_without_an_archive_is_missing_and_a_file_is_misused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for command in ("search", "stats", "verify", "rebuild", "optimize"):
        words = ("خبر",) if command == "search" else ()
        code, told = command_line(command, *words, "--index", tmp_path / "nothing")
        assert (code, "make one with: searchapp index" in told) == (5, True), command
        assert command_line(command, *words, "--index", tmp_path / "file")[0] == 2
    assert not (tmp_path / "nothing").exists()
