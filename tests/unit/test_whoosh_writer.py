"""What is special to the Whoosh engine: durability, failed commits, and that it stays a plain Whoosh index."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import whoosh.index
from whoosh.query import And, Phrase, Prefix, Query, Term

from searchapp.engine.whoosh_backend import WhooshBackend
from searchapp.engine.whoosh_storage import DurableStorage
from searchapp.model import Article, SearchRequest, Story

BACKEND = WhooshBackend()


def story(number: int, body: str) -> Story:
    return Story(number, number, (Article(id=f"a{number}", title=None, body=body),))


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    BACKEND.create(tmp_path)
    writer = BACKEND.open_writer(tmp_path)
    writer.replace(story(1, "كتاب جديد"))
    writer.commit(1)
    return tmp_path


def total(directory: Path, query: str) -> int:
    reader = BACKEND.open_reader(directory)
    found = reader.search(SearchRequest(q=query)).total
    reader.close()
    return found


def test_a_commit_is_renamed_into_place_only_after_its_files_are_on_the_disk(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[str] = []
    sync, rename = os.fsync, os.rename

    def recording_sync(handle: int) -> None:
        events.append(Path(f"/proc/self/fd/{handle}").readlink().name)
        sync(handle)

    def recording_rename(source: str, target: str) -> None:
        events.append("rename")
        rename(source, target)

    monkeypatch.setattr(os, "fsync", recording_sync)
    monkeypatch.setattr(os, "rename", recording_rename)
    writer = BACKEND.open_writer(directory)
    writer.replace(story(2, "غزة"))
    writer.commit(2)
    before, after = events[: events.index("rename")], events[events.index("rename") + 1 :]
    assert {path.name for path in directory.glob("*.seg")} <= set(before)
    assert any(".toc." in name for name in before)
    assert directory.name in after


def test_after_a_commit_that_failed_the_index_is_as_it_was_and_can_be_written(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError("no space left on device")

    writer = BACKEND.open_writer(directory)
    writer.replace(story(1, "غزة"))
    with monkeypatch.context() as patched:
        patched.setattr(DurableStorage, "rename_file", full)
        with pytest.raises(OSError, match="no space left"):
            writer.commit(2)
    writer.cancel()
    assert [total(directory, query) for query in ("كتاب", "غزة")] == [1, 0]
    assert BACKEND.archive_sequence(directory) == 1
    again = BACKEND.open_writer(directory)
    again.replace(story(1, "غزة"))
    again.commit(2)
    assert [total(directory, query) for query in ("كتاب", "غزة")] == [0, 1]


@pytest.mark.parametrize(
    "query",
    [
        Term("body_exact", "كتاب"),
        Phrase("body_stem", ["كتاب", "جديد"]),
        Prefix("body_exact", "كت"),
        And([Term("body_stem", "جديد"), Term("story", "1")]),
    ],
)
def test_whoosh_itself_opens_and_searches_the_index(directory: Path, query: Query) -> None:
    with whoosh.index.open_dir(str(directory)).searcher() as searcher:
        assert len(searcher.search(query)) == 1
