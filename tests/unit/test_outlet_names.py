"""One name for each outlet: a user's own names, changed names in an archive, and filters by any of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from searchapp import SearchRequest, open_index
from searchapp.cli.program import program
from searchapp.indexing import verify

TEXTS = ("هطلت الأمطار على المدينة", "وصل الوزير إلى العاصمة", "فاز الفريق في المباراة")
SOURCES = ("جريدة المرآة", "almiraa.example", "صحيفة الركن")


def run(directory: Path, *arguments: str | Path) -> Result:
    return CliRunner().invoke(program, [*map(str, arguments), "--index", str(directory)])


@pytest.fixture
def news(tmp_path: Path) -> Path:
    file = tmp_path / "news.jsonl"
    records = [
        {"id": f"n{number}", "title": f"خبر {number}", "text": text, "source": source}
        for number, (text, source) in enumerate(zip(TEXTS, SOURCES, strict=True), start=1)
    ]
    file.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in records), "utf-8")
    return file


@pytest.fixture
def named(tmp_path: Path) -> Path:
    """A data directory that holds nothing but the user's names."""
    directory = tmp_path / "index"
    directory.mkdir()
    (directory / "outlets.tsv").write_text("المرآة\tجريدة المرآة\tMRA\talmiraa.example\n", "utf-8")
    return directory


def outlets(directory: Path) -> dict[str, str | None]:
    with open_index(directory) as index:
        return {hit.id: index.article(hit.id).outlet for hit in index.search(SearchRequest()).hits}


def found(directory: Path, **request: object) -> set[str]:
    with open_index(directory) as index:
        return {hit.id for hit in index.search(SearchRequest(**request)).hits}  # type: ignore[arg-type]


def test_pages_are_read_with_the_users_own_names(named: Path, news: Path) -> None:
    assert run(named, "index", news).exit_code == 0
    assert outlets(named) == {"n1": "المرآة", "n2": "المرآة", "n3": "صحيفة الركن"}
    lines = run(named, "extract", news).stdout.splitlines()
    assert [json.loads(line)["outlet"] for line in lines] == ["المرآة", "المرآة", "صحيفة الركن"]


@pytest.mark.parametrize("command", ["index", "rebuild"])
def test_a_changed_table_renames_what_the_archive_holds(named: Path, news: Path, command: str) -> None:
    run(named, "index", news)
    (named / "outlets.tsv").write_text("المرآة نيوز\tجريدة المرآة\n", "utf-8")
    assert run(named, command, *([news] if command == "index" else [])).exit_code == 0
    assert outlets(named) == {"n1": "المرآة نيوز", "n2": "almiraa.example", "n3": "صحيفة الركن"}
    assert found(named, sources=("المرآة نيوز",)) == {"n1"}
    assert verify(named).problems == ()
    again = run(named, "index", news, "--format", "json")
    assert json.loads(again.stdout)["files_skipped"] == 1


def test_a_renamed_article_is_no_other_version_when_its_source_is_read_again(named: Path, news: Path) -> None:
    run(named, "index", news)
    (named / "outlets.tsv").unlink()
    news.write_text(news.read_text("utf-8") + "\n", "utf-8")
    summary = json.loads(run(named, "index", news, "--format", "json").stdout)
    assert (summary["unchanged"], summary["updated"]) == (3, 0)
    assert outlets(named)["n1"] == "جريدة المرآة"


@pytest.mark.parametrize("alias", ["المرآة", "جريدة المرآة", "mra", "almiraa.example", "https://www.almiraa.example/x"])
def test_filters_take_any_name_of_an_outlet(named: Path, news: Path, alias: str) -> None:
    run(named, "index", news)
    assert found(named, sources=(alias,)) == {"n1", "n2"}
    assert found(named, not_sources=(alias,)) == {"n3"}
    assert found(named, q=f'source:"{alias}"') == {"n1", "n2"}
    assert found(named, q=f'خبر -source:"{alias}"') == {"n3"}
    result = run(named, "search", "خبر", "--source", alias, "--format", "json")
    assert {hit["id"] for hit in json.loads(result.stdout)["hits"]} == {"n1", "n2"}


def test_the_answer_and_the_canonical_request_call_the_outlet_by_its_name(named: Path, news: Path) -> None:
    run(named, "index", news)
    with open_index(named) as index:
        result = index.search(SearchRequest(q='source:MRA "خبر', sources=("MRA",)))
        canonical = index.canonical(SearchRequest(q="خبر source:MRA", not_sources=("MRA", "-")))
    assert (canonical.q, canonical.not_sources) == ("خبر source:المرآة", ("-", "المرآة"))
    assert result.query.text == 'source:المرآة "خبر"'
    assert [note.code for note in result.query.notes] == ["unbalanced_quote"]
    assert [(bucket.value, bucket.selected) for bucket in result.facets["outlet"]] == [("المرآة", True)]


def test_an_error_in_the_table_stops_the_run_before_anything_is_written(named: Path, news: Path) -> None:
    (named / "outlets.tsv").write_text("# mine\nالمرآة\tMRA\nالمرايا\tMRA\n", "utf-8")
    for command in ("index", "extract"):
        result = run(named, command, news)
        assert result.exit_code == 2
        assert f"{named / 'outlets.tsv'}, line 3" in result.stderr
    assert not (named / "archive.sqlite").exists()


def test_an_error_in_the_table_does_not_end_searching(named: Path, news: Path) -> None:
    run(named, "index", news)
    (named / "outlets.tsv").write_text("\tMRA\n", "utf-8")
    assert found(named, sources=("المرآة",)) == {"n1", "n2"}
