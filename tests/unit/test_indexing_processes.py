"""`--processes`: the index is the same from any number of them, and what is told when one of them dies."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from searchapp import SearchRequest, open_index
from searchapp.cli.program import program
from searchapp.engine.storage import building_start, index_writer

ARTICLES = 40
QUERIES = ("الوزير", '"وزير المدينة"', "خبر 7", "مدين*", "")


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that every process gets some."""
    monkeypatch.setattr(index_writer, "BATCH_STORIES", 4)


@pytest.fixture
def news(tmp_path: Path) -> Path:
    texts = [
        f"وصل وزير المدينة {number} واجتمع {'الوزير ' * (number % 4)}مع {number % 7}" for number in range(ARTICLES)
    ]
    lines = [json.dumps({"id": f"n{at}", "title": f"خبر {at}", "text": text}) for at, text in enumerate(texts)]
    path = tmp_path / "news.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def answers(directory: Path) -> list[list[tuple[str, float]]]:
    with open_index(directory) as index:
        results = [index.search(SearchRequest(q=query, per_page=100)) for query in QUERIES]
    return [sorted((hit.id, hit.score) for hit in result.hits) for result in results]


def test_the_index_is_the_same_from_any_number_of_processes(tmp_path: Path, news: Path) -> None:
    found = []
    for processes in ("1", "2"):
        directory = tmp_path / processes
        arguments = ["--processes", processes, "--index", str(directory)]
        assert CliRunner().invoke(program, ["index", str(news), "--dedupe", "off", *arguments]).exit_code == 0
        found.append(answers(directory))
        assert CliRunner().invoke(program, ["rebuild", *arguments]).exit_code == 0
        found.append(answers(directory))
        assert "all is well" in CliRunner().invoke(program, ["verify", "--index", str(directory)]).stdout
    assert len(found[0][-1]) == ARTICLES
    assert found == [found[0]] * 4


def test_a_process_that_dies_is_told_and_the_same_command_goes_on(
    tmp_path: Path, news: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ["index", str(news), "--dedupe", "off", "--index", str(tmp_path / "index"), "--processes", "2"]
    with monkeypatch.context() as patched:
        patched.setattr(building_start, "may_fork", lambda: False)
        patched.setattr(building_start, "_PROGRAM", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
        failed = CliRunner().invoke(program, command)
    assert failed.exit_code == 1
    assert "an indexing process ended before its work was done (signal 9; " in failed.stderr
    assert "run the command again, with fewer processes" in failed.stderr
    assert CliRunner().invoke(program, command).exit_code == 0
    assert len(answers(tmp_path / "index")[-1]) == ARTICLES
