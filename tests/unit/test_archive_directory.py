"""The data directory: whose it may be, who writes, which index is current."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
import time
from pathlib import Path

import pytest

from searchapp.archive import directory
from searchapp.archive.directory import DataDirectory, replace_file, sync_directory
from searchapp.archive.reading import ArchiveReader
from searchapp.archive.store import Archive
from searchapp.errors import IndexBroken, IndexBusy, IndexMissing, SearchAppError, UsageError
from tests.waiting import next_line, started

WRITER = """
import sys, time
from pathlib import Path
from searchapp.archive.directory import DataDirectory
with DataDirectory(Path(sys.argv[1])).writing(create=True):
    print("writing", flush=True)
    time.sleep(60)
"""


def take(path: Path) -> None:
    with DataDirectory(path).writing(create=True):
        pass


def indexes(path: Path) -> list[str]:
    return sorted(entry.name for entry in (path / "segments").iterdir())


def test_nothing_is_written_before_it_is_asked_for(tmp_path: Path) -> None:
    DataDirectory(tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_the_projects_own_empty_index_folder_may_be_used(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("what this is for")
    (tmp_path / ".gitignore").write_text("*")
    take(tmp_path)
    assert (tmp_path / "README.md").read_text() == "what this is for"


def test_a_folder_with_other_files_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "thesis.doc").touch()
    with pytest.raises(UsageError, match=r"thesis\.doc.*--index"):
        take(tmp_path)


def test_a_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(UsageError, match="is a file"):
        take(file)
    with pytest.raises(UsageError, match="is a file"):
        take(file / "below")
    with pytest.raises(UsageError, match="is a file"):
        DataDirectory(file).require_archive()


def test_a_folder_that_cannot_be_written_to_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda _path, mode: not mode & os.W_OK)
    with pytest.raises(UsageError, match="cannot be written to"):
        take(tmp_path)


def test_without_an_archive_the_message_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match="searchapp index PATH… --index"):
        DataDirectory(tmp_path).require_archive()


def test_a_second_writer_is_told_at_once_which_process_is_writing(tmp_path: Path, project_root: Path) -> None:
    with started([sys.executable, "-c", WRITER, str(tmp_path)], cwd=project_root) as writer:
        assert next_line(writer) == "writing"
        began = time.monotonic()
        with pytest.raises(IndexBusy, match=f"process {writer.pid} on .* is writing to .*wait"):
            take(tmp_path)
        assert time.monotonic() - began < 20  # the other one goes on for a minute
        assert DataDirectory(tmp_path).is_being_written()
    take(tmp_path)
    assert not DataDirectory(tmp_path).is_being_written()


@pytest.mark.parametrize("mask", [0o002, 0o022, 0o077])
def test_who_may_write_to_its_files_says_the_umask(tmp_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        data = DataDirectory(tmp_path / "index")
        with data.writing(create=True), Archive(data.archive):
            made = [path for path in data.path.iterdir() if path.is_file()]
            modes = {path.name: path.stat().st_mode & 0o777 for path in made}
    finally:
        os.umask(before)
    assert modes == dict.fromkeys(modes, 0o666 & ~mask)
    assert {"archive.sqlite", "archive.sqlite-wal", "write.lock"} <= modes.keys()


def test_an_index_counts_only_once_it_is_swapped_in(tmp_path: Path) -> None:
    data = DataDirectory(tmp_path)
    with data.writing(create=True):
        number, path = data.new_index()
        assert data.current() is None
        data.swap(number)
        assert data.current_index() == (number, path)


def test_every_name_on_the_way_to_an_index_is_durable_before_it_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A loss of power may else keep the new CURRENT and lose the folder that it names."""
    data = DataDirectory(tmp_path)
    synced: list[Path] = []

    def noting(path: Path) -> None:
        if not (tmp_path / "CURRENT").exists():
            synced.append(path)
        sync_directory(path)

    monkeypatch.setattr(directory, "sync_directory", noting)
    with data.writing(create=True):
        synced.clear()
        number, path = data.new_index()
        data.swap(number)
    assert set(synced) >= {tmp_path, path.parent, path}


def test_the_replaced_index_stays_until_the_next_writer_comes(tmp_path: Path) -> None:
    data = DataDirectory(tmp_path)
    with data.writing(create=True):
        for _ in range(3):
            data.swap(data.new_index()[0])
        assert indexes(tmp_path) == ["2", "3"]
    take(tmp_path)
    assert indexes(tmp_path) == ["3"]


def test_what_a_killed_rebuild_left_is_removed_by_the_next_writer(tmp_path: Path) -> None:
    data = DataDirectory(tmp_path)
    with data.writing(create=True):
        data.swap(data.new_index()[0])
        data.new_index()
    take(tmp_path)
    assert indexes(tmp_path) == ["1"]


def test_numbers_rise_even_when_the_indexes_were_removed_by_hand(tmp_path: Path) -> None:
    data = DataDirectory(tmp_path)
    with data.writing(create=True):
        data.swap(data.new_index()[0])
        shutil.rmtree(tmp_path / "segments")
        with pytest.raises(IndexBroken, match="searchapp rebuild"):
            data.current_index()
        assert data.new_index()[0] == 2


def test_a_damaged_pointer_is_named_and_removes_nothing(tmp_path: Path) -> None:
    data = DataDirectory(tmp_path)
    with data.writing(create=True):
        data.swap(data.new_index()[0])
    (tmp_path / "CURRENT").write_bytes(b"\xff")
    take(tmp_path)
    with pytest.raises(IndexBroken, match=r"CURRENT holds no number.*rebuild"):
        data.current()
    assert indexes(tmp_path) == ["1"]


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    for content in (b"one", b"two"):
        replace_file(tmp_path / "file", content)
        assert (tmp_path / "file").read_bytes() == content
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]


def make_archive(path: Path) -> Path:
    Archive(path / "archive.sqlite").close()
    return path / "archive.sqlite"


def put_stories(archive: Archive, number: int) -> None:
    with archive.transaction():
        for sequence in range(1, number + 1):
            archive._put("stories", {"sequence": sequence, "alive": 0})


def test_an_archive_of_another_version_is_refused_with_both_versions(tmp_path: Path) -> None:
    path = make_archive(tmp_path)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    for opened in (Archive, ArchiveReader):
        with pytest.raises(IndexBroken, match=r"version 99.*version 5"):
            opened(path)


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "archive.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE recipes (name)")
    connection.close()
    with pytest.raises(IndexBroken, match="not an archive of searchapp"):
        Archive(path)


def test_a_file_that_is_no_database_is_broken(tmp_path: Path) -> None:
    path = tmp_path / "archive.sqlite"
    path.write_bytes(b"not a database" * 1000)
    for opened in (Archive, ArchiveReader):
        with pytest.raises(IndexBroken, match="cannot be opened"):
            opened(path)


@pytest.mark.parametrize("folder", ["", "that/a/killed/first/run/had/not/made"])
def test_a_reader_of_no_archive_is_told_how_to_make_one(tmp_path: Path, folder: str) -> None:
    with pytest.raises(IndexMissing, match="searchapp index PATH… --index"):
        ArchiveReader(tmp_path / folder / "archive.sqlite")


def test_a_file_left_blank_by_a_killed_first_run_is_taken_up(tmp_path: Path) -> None:
    path = tmp_path / "archive.sqlite"
    path.touch()
    with pytest.raises(IndexMissing):
        ArchiveReader(path)
    with Archive(path) as archive:
        assert archive.sequence == 0


def test_a_full_disk_is_told_from_damage(tmp_path: Path) -> None:
    path = make_archive(tmp_path)
    with Archive(path) as archive:
        archive._connection.execute("PRAGMA max_page_count = 20")
        with pytest.raises(SearchAppError, match="no space left") as raised:
            put_stories(archive, 1000)
        assert not isinstance(raised.value, IndexBroken)
        assert archive.sequence == 0


def test_an_archive_in_a_read_only_directory_is_seen_anew_when_someone_else_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_archive(tmp_path)
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)
    with ArchiveReader(path) as reader:
        assert reader.sequence == 0
        with Archive(path) as archive:
            put_stories(archive, 5)
        assert reader.sequence == 5
