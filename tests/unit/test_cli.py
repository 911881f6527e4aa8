"""The commands over the sample pages: what they print and how they end."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from searchapp.cli.program import program

PAGES = 5
OUTLET = "صحيفة المرصد الليبية"
"""The outlet of just one of the sample pages, which names Blinken and has another article below its own."""


def run(*arguments: str | Path, directory: Path | None = None) -> Result:
    """`searchapp` with these arguments, on this data directory."""
    environment = {"SEARCHAPP_INDEX": str(directory)} if directory else {}
    return CliRunner().invoke(program, [str(argument) for argument in arguments], env=environment)


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory, seeds: Path) -> Path:
    """A data directory with the sample pages in it."""
    path = tmp_path_factory.mktemp("archive") / "data"
    assert run("index", seeds, directory=path).exit_code == 0
    return path


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """A file with one good record, one that is no JSON, and one that is empty."""
    path = tmp_path / "mixed.jsonl"
    path.write_text(
        '{"id": "good", "title": "عنوان", "text": "نص الخبر"}\n{broken\n{"id": "empty"}\n', encoding="utf-8"
    )
    return path


@pytest.fixture(scope="module")
def article_id(directory: Path) -> str:
    """The id that was derived for the article of that outlet."""
    [hit] = record(run("search", "", "--source", OUTLET, "--format", "json", directory=directory))["hits"]
    return str(hit["id"])


def record(result: Result) -> Any:
    """The one JSON value on stdout."""
    return json.loads(result.stdout)


def test_extract_prints_one_object_a_page(seeds: Path) -> None:
    result = run("extract", seeds)
    pages = [json.loads(line) for line in result.stdout.splitlines()]
    assert (result.exit_code, len(pages)) == (0, PAGES)
    names = "page title title_inferred date date_origin outlet outlet_raw agency keywords body related"
    assert " ".join(pages[0]) == names + " similar_headlines"


def test_extract_prints_the_good_and_tells_of_the_rest(mixed: Path) -> None:
    result = run("extract", mixed)
    assert result.exit_code == 3
    assert record(result)["title"] == "عنوان"
    assert [f"searchapp: {mixed}:{line}: " in result.stderr for line in (1, 2, 3)] == [False, True, True]


def test_extract_takes_other_field_names(tmp_path: Path) -> None:
    path = tmp_path / "news.jsonl"
    path.write_text('{"headline": "عنوان", "content": "نص الخبر"}', encoding="utf-8")
    assert record(run("extract", path, "--map", "title=headline,text=content"))["body"] == "نص الخبر"


def test_a_path_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    result = run("extract", tmp_path / "nowhere")
    assert (result.exit_code, "nowhere" in result.stderr) == (2, True)


def test_index_tells_what_it_did(tmp_path: Path, seeds: Path) -> None:
    summary = record(run("index", seeds, "--index", tmp_path / "data", "--format", "json"))
    assert (summary["read"], summary["rejected"], summary["rejects_file"]) == (PAGES, 0, None)
    assert summary["accepted"] == summary["stories"] + summary["folded"]


def test_index_twice_does_nothing_twice(tmp_path: Path, seeds: Path) -> None:
    run("index", seeds, directory=tmp_path)
    again = record(run("index", seeds, "--format", "json", directory=tmp_path))
    assert (again["accepted"], again["updated"], again["files_skipped"]) == (0, 0, PAGES)


def test_index_says_where_the_rejects_are_and_takes_the_rest(tmp_path: Path, mixed: Path) -> None:
    result = run("index", mixed, "--format", "json", directory=tmp_path / "data")
    summary = record(result)
    assert (result.exit_code, summary["accepted"], summary["rejected"]) == (3, 1, 2)
    assert str(mixed) in Path(summary["rejects_file"]).read_text(encoding="utf-8")
    assert run("show", "good", directory=tmp_path / "data").exit_code == 0


def test_a_dry_run_keeps_nothing(tmp_path: Path, seeds: Path) -> None:
    summary = record(run("index", seeds, "--dry-run", "--format", "json", directory=tmp_path / "data"))
    assert summary["read"] == PAGES
    assert run("stats", directory=tmp_path / "data").exit_code == 5


def test_nothing_but_the_summary_is_printed_where_there_is_no_terminal(tmp_path: Path, seeds: Path) -> None:
    result = run("index", seeds, directory=tmp_path)
    assert result.stderr == ""
    assert "accepted" in result.stdout


@pytest.mark.parametrize("form", ["table", "json", "jsonl", "csv", "trec"])
def test_search_finds_the_samples_in_every_format(directory: Path, article_id: str, form: str) -> None:
    result = run("search", "بلينكن", "--format", form, directory=directory)
    assert (result.exit_code, result.stderr) == (0, "")
    assert article_id in result.stdout


def test_search_marks_whole_words(directory: Path) -> None:
    hits = record(run("search", "بلينكن", "--format", "json", directory=directory))["hits"]
    marks = {hit["snippet"][start:end] for hit in hits for start, end in hit["spans"]}
    assert "بلينكن" in marks
    assert all(mark.isalpha() for mark in marks)


def test_search_by_outlet_finds_fewer(directory: Path) -> None:
    every = record(run("search", "بلينكن", "--format", "json", directory=directory))
    outlet = every["facets"]["outlet"][0]
    some = record(run("search", "بلينكن", "--source", outlet["value"], "--format", "json", directory=directory))
    assert some["total"] == outlet["count"] < every["total"]


def test_an_empty_query_lists_everything(directory: Path) -> None:
    stories = record(run("stats", "--format", "json", directory=directory))["stories"]
    assert record(run("search", "", "--format", "json", directory=directory))["total"] == stories


@pytest.mark.parametrize("query", ['"', "(", "*", "AND", "، ؟", "ا", '" ( AND *', "كلمة " * 300])
def test_no_query_is_an_error(directory: Path, query: str) -> None:
    assert run("search", "--", query, directory=directory).exit_code == 0


def test_search_without_an_archive_says_so(tmp_path: Path) -> None:
    result = run("search", "كلمة", directory=tmp_path / "none")
    assert (result.exit_code, result.stdout) == (5, "")
    assert "none" in result.stderr


def test_show_prints_the_whole_article(directory: Path, article_id: str) -> None:
    shown = record(run("show", article_id, "--format", "json", directory=directory))
    assert shown["id"] == article_id
    assert [copy["id"] for copy in shown["copies"]] == [article_id]
    assert shown["related"] == [f"{article_id}.r1"]
    text = run("show", article_id, directory=directory).stdout
    assert OUTLET in text
    assert "no date" in text


def test_show_of_an_unknown_id_says_which(directory: Path) -> None:
    result = run("show", "nobody", directory=directory)
    assert (result.exit_code, "nobody" in result.stderr) == (1, True)


def test_stats_count_what_is_there(directory: Path) -> None:
    counted = record(run("stats", "--format", "json", directory=directory))
    assert counted["articles"] >= counted["stories"] >= PAGES
    assert f"{counted['articles']:,} articles" in run("stats", directory=directory).stdout


def test_stats_tell_languages_date_origins_copies_deletions_and_sizes(tmp_path: Path) -> None:
    text = "وصل وزير الخارجية إلى العاصمة اليوم واجتمع مع نظيره " * 5
    news = tmp_path / "news.jsonl"
    records = [
        {"id": "a", "text": text, "date": "2024-06-25"},
        {"id": "b", "text": text, "lang": "en"},
        {"id": "c", "text": "هطلت الأمطار على المدينة"},
    ]
    news.write_text("".join(json.dumps(one) + "\n" for one in records), encoding="utf-8")
    run("index", news, directory=tmp_path / "data")
    run("delete", "c", directory=tmp_path / "data")
    counted = record(run("stats", "--format", "json", directory=tmp_path / "data"))
    assert counted["languages"] == {"ar": 1, "en": 1}
    assert counted["date_origins"] == {"declared": 1, "none": 1}
    assert (counted["folded"], counted["deleted"]) == (1, 1)
    assert min(counted["archive_bytes"], counted["index_bytes"]) > 0
    printed = run("stats", directory=tmp_path / "data").stdout
    assert "languages: ar 1, en 1" in printed
    assert "1 of them copies in the story of another, 1 more deleted" in printed


def test_analyze_shows_every_step() -> None:
    steps = record(run("analyze", "الأميركيّة", "--format", "json"))
    assert len(steps) > 2
    table = run("analyze", "الأميركيّة").stdout
    assert all(step["name"] in table for step in steps)


def test_verify_finds_a_sound_archive_sound(directory: Path) -> None:
    result = run("verify", directory=directory)
    assert (result.exit_code, "all is well" in result.stdout) == (0, True)


def test_verify_ends_with_5_when_something_is_wrong_and_rebuild_mends_it(
    directory: Path, article_id: str, tmp_path: Path
) -> None:
    damaged = tmp_path / "data"
    shutil.copytree(directory, damaged)
    for segment in (damaged / "segments").iterdir():
        shutil.rmtree(segment)
    result = run("verify", "--format", "json", directory=damaged)
    assert result.exit_code == 5
    assert run("rebuild", directory=damaged).exit_code == 0
    assert run("optimize", directory=damaged).exit_code == 0
    assert run("verify", directory=damaged).exit_code == 0
    assert article_id in run("search", "بلينكن", "--format", "trec", directory=damaged).stdout
