"""What `verify` says of files that are gone, changed or no files, and what an archive that cannot be opened is told."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from searchapp.cli.program import program
from searchapp.indexing import verify


def run(directory: Path, *arguments: str | Path) -> Result:
    return CliRunner().invoke(program, [*map(str, arguments), "--index", str(directory)])


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("verified")
    texts = ["وصل الوزير إلى المدينة واجتمع مع المسؤولين", "افتتح الرئيس معرض الكتاب الدولي في العاصمة"]
    records = [json.dumps({"id": f"n{number}", "text": text}) for number, text in enumerate(texts)]
    (folder / "news.jsonl").write_text("\n".join([*records, "{"]), encoding="utf-8")
    assert run(folder / "index", "index", folder / "news.jsonl").exit_code == 3
    return folder


@pytest.fixture
def directory(indexed: Path, tmp_path: Path) -> Path:
    return shutil.copytree(indexed / "index", tmp_path / "index")


def test_an_archive_that_cannot_be_opened_is_not_sent_to_verify(directory: Path) -> None:
    (directory / "archive.sqlite").write_bytes(b"someone else's" * 1000)
    for command in (["verify"], ["search", "الوزير"], ["rebuild"]):
        result = run(directory, *command)
        assert result.exit_code == 5
        assert "searchapp verify" not in result.stderr
        assert "put a backup of" in result.stderr
        assert "searchapp index PATH… --index NEW" in result.stderr


@pytest.mark.parametrize("command", [["verify"], ["search", "الوزير"], ["index", "news.jsonl"], ["rebuild"]])
def test_a_folder_in_place_of_the_number_of_the_index_is_told(
    directory: Path, indexed: Path, command: Sequence[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(indexed)
    (directory / "CURRENT").unlink()
    (directory / "CURRENT").mkdir()
    result = run(directory, *command)
    assert result.exit_code == 5
    assert "CURRENT is a folder" in result.output
    (directory / "CURRENT").rmdir()
    assert run(directory, "rebuild").exit_code == 0
    assert verify(directory).problems == ()


def test_a_folder_in_place_of_the_archive_is_an_error_of_ours(directory: Path, indexed: Path) -> None:
    (directory / "archive.sqlite").unlink()
    (directory / "archive.sqlite").mkdir()
    result = run(directory, "index", indexed / "news.jsonl")
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert "archive.sqlite cannot be opened" in result.stderr


@pytest.mark.parametrize("mending", [["index", "news.jsonl"], ["rebuild"]])
def test_spelling_variants_that_are_gone_are_a_problem_that_the_next_run_mends(
    directory: Path, indexed: Path, mending: Sequence[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(indexed)
    (directory / "variants.bin").unlink()
    result = run(directory, "verify")
    assert result.exit_code == 5
    assert "variants.bin is not there" in result.stdout
    run(directory, *mending)
    assert verify(directory).problems == ()


def test_a_folder_in_place_of_the_spelling_variants_is_a_problem(directory: Path) -> None:
    (directory / "variants.bin").unlink()
    (directory / "variants.bin").mkdir()
    assert "variants.bin is a folder" in verify(directory).problems[0]


@pytest.mark.parametrize("name", ["CURRENT", "segments/1/00000000.seg", "segments/1/commit.1.json", "variants.bin"])
def test_each_file_that_a_search_reads_is_missed(directory: Path, name: str) -> None:
    (directory / name).unlink()
    assert verify(directory).problems


def test_deletions_that_are_gone_are_missed(directory: Path) -> None:
    assert run(directory, "delete", "n0").exit_code == 0
    (deletes,) = directory.glob("segments/1/*.del")
    deletes.unlink()
    assert verify(directory).problems


@pytest.mark.parametrize("name", ["segments/1/_MAIN_1.toc", "rejects.jsonl"])
def test_a_file_that_no_search_needs_is_only_told(directory: Path, name: str) -> None:
    assert verify(directory).notes == ()
    (directory / name).unlink()
    result = run(directory, "verify")
    assert result.exit_code == 0
    assert f"to know: {directory / name} is not there" in result.stdout
    assert len(json.loads(run(directory, "verify", "--format", "json").stdout)["notes"]) == 1


@pytest.mark.parametrize(
    ("name", "line"), [("outlets.tsv", "منفذ لا يعرفه أحد\tmanfath\n"), ("variants.tsv", "نفط\tبترول\tno\n")]
)
def test_a_file_of_the_users_that_is_not_followed_yet_is_told(
    directory: Path, indexed: Path, name: str, line: str
) -> None:
    path = directory / name
    for change, word in ((lambda: path.write_text(line), "has changed"), (path.unlink, "has gone")):
        change()
        report = verify(directory)
        assert report.problems == ()
        assert [note.startswith(f"{path} {word}") for note in report.notes] == [True]
        run(directory, "index", indexed / "news.jsonl")
        assert verify(directory).notes == ()


@pytest.mark.parametrize("table", ["stories", "articles", "settings"])
def test_a_table_that_cannot_be_read_is_listed_among_what_is_wrong(directory: Path, table: str) -> None:
    with closing(sqlite3.connect(directory / "archive.sqlite")) as connection:
        (root,) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)).fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    content = bytearray((directory / "archive.sqlite").read_bytes())
    content[(root - 1) * size : root * size] = b"\x5a" * size
    (directory / "archive.sqlite").write_bytes(content)
    result = run(directory, "verify")
    assert result.exit_code == 5
    assert "archive: " in result.stdout
    assert result.stderr == ""
