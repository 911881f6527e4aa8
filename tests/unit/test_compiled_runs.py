"""Which runs that write take compiled loops."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from searchapp import compiled, compiled_runs
from searchapp.archive import intake
from searchapp.compiled_runs import MANY_ARTICLES, MUCH_INPUT, prepare_for_articles, prepare_for_input
from searchapp.config import Limits
from searchapp.indexing import IndexOptions, index_paths, rebuild
from searchapp.ingest.formats import Compression
from searchapp.ingest.sources import SourceFile
from tests.unit.test_indexing import Told, record, run, write_records


@pytest.fixture
def prepared(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bool]]:
    """How loops were asked for."""
    asked: list[bool] = []

    def prepare(*, at_once: bool = False) -> bool:
        asked.append(at_once)
        return True

    monkeypatch.setattr(compiled, "prepare", prepare)
    yield asked
    assert all(asked)


def source(size: int, compression: Compression = "none") -> SourceFile:
    return SourceFile(Path("news.jsonl"), "news.jsonl", "news.jsonl", "jsonl", compression, size, 1)


@pytest.mark.usefixtures("prepared")
def test_it_pays_from_some_articles_or_bytes_on() -> None:
    assert not prepare_for_articles(MANY_ARTICLES - 1)
    assert prepare_for_articles(MANY_ARTICLES)
    assert not prepare_for_input([source(MUCH_INPUT - 1)])
    assert prepare_for_input([source(MUCH_INPUT // 2), source(MUCH_INPUT // 2)])
    assert not prepare_for_input([])


@pytest.mark.usefixtures("prepared")
def test_compressed_files_count_for_what_they_hold() -> None:
    assert not prepare_for_input([source(MUCH_INPUT // 4)])
    assert prepare_for_input([source(MUCH_INPUT // 4, "gzip")])


def test_small_runs_go_without(tmp_path: Path, prepared: list[bool]) -> None:
    run(tmp_path / "index", write_records(tmp_path / "a.jsonl", record(1), record(2)))
    rebuild(tmp_path / "index", Told())
    assert not prepared


@pytest.mark.parametrize("dry", [False, True])
def test_a_run_with_much_input_takes_them_from_its_start(
    tmp_path: Path, prepared: list[bool], monkeypatch: pytest.MonkeyPatch, *, dry: bool
) -> None:
    monkeypatch.setattr(compiled_runs, "MUCH_INPUT", 100)
    file = write_records(tmp_path / "a.jsonl", record(1), record(2))
    index_paths(tmp_path / "index", [file], IndexOptions(dry_run=dry), Told())
    assert len(prepared) == 1


def test_a_run_that_comes_upon_many_articles_takes_them_then(
    tmp_path: Path, prepared: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "LIMITS", Limits(batch_articles=2))
    monkeypatch.setattr(intake, "COMMIT_SECONDS", 0)
    monkeypatch.setattr(compiled_runs, "MANY_ARTICLES", 4)
    before: list[int] = []

    class Watching(Told):
        def phase(self, name: str, done: int, total: int) -> None:
            before.append(len(prepared))

    file = write_records(tmp_path / "a.jsonl", *map(record, range(5)))
    index_paths(tmp_path / "index", [file], IndexOptions(), Watching())
    assert before[-1] >= 1


def test_making_the_index_of_many_stories_anew_takes_them(
    tmp_path: Path, prepared: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(tmp_path / "index", write_records(tmp_path / "a.jsonl", *map(record, range(4))))
    monkeypatch.setattr(compiled_runs, "MANY_ARTICLES", 4)
    assert not prepared
    rebuild(tmp_path / "index", Told())
    assert prepared
