"""Deleting articles: what goes, what stays, and how it is taken back."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from searchapp import SearchRequest, open_index
from searchapp.cli.program import program
from searchapp.indexing import verify

COPIED = "وصل وزير الخارجية إلى العاصمة اليوم واجتمع مع نظيره " * 5


def run(directory: Path, *arguments: str | Path, stdin: str = "") -> Result:
    return CliRunner().invoke(program, [*map(str, arguments), "--index", str(directory)], input=stdin)


@pytest.fixture
def news(tmp_path: Path) -> Path:
    records = [
        {"id": "a", "text": COPIED, "source": "الرياض"},
        {"id": "b", "text": COPIED, "source": "عكاظ"},
        {"id": "c", "text": "هطلت الأمطار على المدينة", "source": "عكاظ"},
    ]
    file = tmp_path / "news.jsonl"
    file.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in records), "utf-8")
    return file


@pytest.fixture
def directory(tmp_path: Path, news: Path) -> Path:
    assert run(tmp_path / "index", "index", news).exit_code == 0
    return tmp_path / "index"


def copies(directory: Path, query: str = "") -> list[list[str]]:
    """The ids of the copies of each story that is found."""
    with open_index(directory) as index:
        return sorted(sorted(copy.id for copy in hit.copies) for hit in index.search(SearchRequest(q=query)).hits)


def test_a_deleted_article_is_gone_and_copies_of_it_stay(directory: Path) -> None:
    result = run(directory, "delete", "a", "c", "--format", "json")
    assert (result.exit_code, json.loads(result.stdout)) == (0, {"deleted": 2, "unknown": 0})
    assert copies(directory) == [["b"]]
    assert run(directory, "show", "a").exit_code == 1
    assert verify(directory).problems == ()


def test_it_stays_deleted_when_its_source_is_indexed_again(directory: Path, news: Path) -> None:
    run(directory, "delete", "c")
    news.write_text(news.read_text("utf-8") + "\n", "utf-8")
    assert run(directory, "index", news).exit_code == 0
    assert run(directory, "rebuild").exit_code == 0
    assert copies(directory) == [["a", "b"]]


def test_unknown_ids_are_told_and_the_rest_goes_on(directory: Path) -> None:
    result = run(directory, "delete", "nobody", "c")
    assert (result.exit_code, result.stdout) == (3, "1 article deleted\n")
    assert result.stderr == "searchapp: no article has the id nobody\n"
    assert copies(directory) == [["a", "b"]]


@pytest.mark.parametrize("listed", ["file", "stdin"])
def test_ids_come_from_a_file_or_stdin(directory: Path, tmp_path: Path, listed: str) -> None:
    text = "\ufeffa\r\n\r\nc\na\n"
    (tmp_path / "ids.txt").write_text(text, "utf-8")
    name = "-" if listed == "stdin" else tmp_path / "ids.txt"
    assert run(directory, "delete", "--from-file", name, stdin=text).stdout == "2 articles deleted\n"
    assert copies(directory) == [["b"]]


def test_a_dry_run_deletes_nothing(directory: Path) -> None:
    result = run(directory, "delete", "a", "nobody", "--dry-run")
    assert (result.exit_code, result.stdout) == (3, "1 article to be deleted\n")
    assert copies(directory) == [["a", "b"], ["c"]]


def test_undo_reads_the_article_anew_from_its_source(directory: Path) -> None:
    run(directory, "delete", "a", "c")
    assert run(directory, "delete", "--undo", "a", "--dry-run").stdout == "1 article to be restored\n"
    result = run(directory, "delete", "--undo", "a")
    assert (result.exit_code, result.stdout) == (0, "1 article restored\n")
    assert copies(directory) == [["a", "b"]]
    assert run(directory, "delete", "--undo", "a").stderr == "searchapp: no article with the id a was deleted\n"
    assert verify(directory).problems == ()


def test_undo_keeps_when_the_article_first_came(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def first_seen() -> str:
        shown: dict[str, str] = json.loads(run(directory, "show", "a", "--format", "json").stdout)
        return shown["first_seen"]

    before, now = first_seen(), time.time()
    monkeypatch.setattr(time, "time", lambda: now + 86_400)
    run(directory, "delete", "a")
    run(directory, "delete", "--undo", "a")
    assert first_seen() == before


@pytest.mark.parametrize("source", ["records", "export"])
def test_undo_leaves_what_else_its_source_holds_as_it_is_now(
    directory: Path, news: Path, tmp_path: Path, source: str
) -> None:
    """The source has the older text of another article, and an export even says which articles were deleted."""
    if source == "export":
        run(directory, "delete", "b")
        assert run(directory, "export", "--output", tmp_path / "export.jsonl").exit_code == 0
        directory = tmp_path / "restored"
        assert run(directory, "index", tmp_path / "export.jsonl").exit_code == 0
        run(directory, "delete", "--undo", "b")
        assert run(directory, "index", news).exit_code == 0
    news_since = tmp_path / "since.jsonl"
    news_since.write_text(json.dumps({"id": "c", "text": "هدأت العاصفة", "source": "عكاظ"}), "utf-8")
    assert run(directory, "index", news_since).exit_code == 0
    run(directory, "delete", "a")
    assert run(directory, "delete", "--undo", "a").exit_code == 0
    assert copies(directory) == [["a", "b"], ["c"]]
    assert "هدأت العاصفة" in run(directory, "show", "c").stdout
    assert verify(directory).problems == ()


def test_undo_without_the_source_says_what_to_do_and_indexing_brings_it_back(directory: Path, news: Path) -> None:
    run(directory, "delete", "c")
    news.rename(news.with_suffix(".moved"))
    result = run(directory, "delete", "--undo", "c")
    assert result.exit_code == 3
    assert (
        "news.jsonl is not there or has it no more; it comes back when a source that has it is indexed" in result.stderr
    )
    news.with_suffix(".moved").rename(news)
    run(directory, "index", news)
    assert copies(directory) == [["a", "b"], ["c"]]


def test_without_an_id_it_is_a_usage_error(directory: Path) -> None:
    assert run(directory, "delete").exit_code == 2
