"""The archive beside an open index is opened when it is first asked, and refused at once where it is not ours."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner

from searchapp import SearchRequest, open_index
from searchapp.archive.deferred import DeferredArchive
from searchapp.archive.directory import ARCHIVE
from searchapp.archive.header import APPLICATION_ID, SCHEMA_VERSION, is_of_this_version
from searchapp.archive.store import Archive
from searchapp.cli.program import program
from searchapp.errors import IndexBroken, SearchAppError


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("deferred")
    news = path / "news.jsonl"
    news.write_text('{"id": "a", "title": "خبر", "text": "وقف النار"}\n', encoding="utf-8")
    assert CliRunner().invoke(program, ["index", str(news), "--index", str(path / "data")]).exit_code == 0
    return path / "data"


def test_a_search_opens_no_archive_and_the_first_article_does(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    connect = sqlite3.connect

    def counting(*arguments: object, **options: object) -> sqlite3.Connection:
        opened.append(str(arguments[0]))
        return connect(*arguments, **options)  # type: ignore[call-overload, no-any-return]

    monkeypatch.setattr(sqlite3, "connect", counting)
    with open_index(directory) as index:
        assert index.search(SearchRequest(q="النار")).total == 1
        assert opened == []
        assert index.article("a").title == "خبر"
        assert index.statistics().articles == 1
        assert len(opened) == 1


def test_threads_that_come_together_open_it_once(directory: Path) -> None:
    archive = DeferredArchive(directory / ARCHIVE)
    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(lambda _: archive.reader(), range(16), timeout=30))) == 1
    archive.close()


def test_nothing_is_opened_after_closing(directory: Path) -> None:
    archive = DeferredArchive(directory / ARCHIVE)
    archive.close()
    with pytest.raises(SearchAppError, match="closed"):
        archive.reader()


def test_the_header_of_an_archive_is_told_from_others(directory: Path, tmp_path: Path) -> None:
    assert is_of_this_version(directory / ARCHIVE)
    content = (directory / ARCHIVE).read_bytes()
    other = tmp_path / "other"
    for beginning in (b"", b"SQLite format 3\0", content[:99], content[:100], b"x" + content[1:]):
        other.write_bytes(beginning)
        assert not is_of_this_version(other)
    assert not is_of_this_version(tmp_path / "missing")


@pytest.mark.parametrize(
    ("application", "version", "words"),
    [
        (APPLICATION_ID, SCHEMA_VERSION + 1, "version"),
        (APPLICATION_ID, SCHEMA_VERSION - 1, "older version"),
        (APPLICATION_ID + 1, SCHEMA_VERSION, "not an archive of searchapp"),
    ],
)
def test_what_the_header_does_not_vouch_for_is_opened_and_refused_at_once(
    tmp_path: Path, application: int, version: int, words: str
) -> None:
    path = tmp_path / ARCHIVE
    connection = sqlite3.connect(path)
    connection.executescript(
        f"CREATE TABLE t (a); PRAGMA application_id = {application}; PRAGMA user_version = {version};"
    )
    connection.close()
    with pytest.raises(IndexBroken, match=words):
        DeferredArchive(path)


def test_an_archive_that_is_all_in_the_log_is_read(tmp_path: Path) -> None:
    path = tmp_path / ARCHIVE
    with Archive(path):
        assert not is_of_this_version(path)
        deferred = DeferredArchive(path)
        assert deferred.reader().sequence == 0
        deferred.close()
