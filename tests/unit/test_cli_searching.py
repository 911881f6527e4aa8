"""Many hits and many queries: windows over pages of the index, and files of questions."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

import searchapp.index
from searchapp.cli.program import program
from searchapp.errors import LimitExceeded
from searchapp.model import Correction, Hit, RankedStory, Ranking, SearchRequest, SearchResult, UnderstoodQuery

ARCHIVE_SIZE = 950


class PagedIndex:
    """An index of so many stories that match every query, which keeps to the limits as the real one does."""

    def __init__(self, generations: list[int] | None = None) -> None:
        self.requests: list[SearchRequest] = []
        self.generations = generations or []

    def __enter__(self) -> PagedIndex:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def search(self, request: SearchRequest) -> SearchResult:
        assert request.per_page <= 100
        if request.q == "too long":
            raise LimitExceeded("query_terms", 512, 600)
        self.requests.append(request)
        first = (request.page - 1) * request.per_page + 1
        ranks = range(first, min(first + request.per_page, ARCHIVE_SIZE + 1))
        return SearchResult(
            total=ARCHIVE_SIZE,
            exact=True,
            relaxed=False,
            hits=tuple(_hit(rank) for rank in ranks),
            facets={"undated": ()} if request.facets else {},
            query=UnderstoodQuery(request.q),
            corrections=(),
            took=0.0,
            generation=self.generations.pop(0) if self.generations else 1,
        )

    def ranking(self, request: SearchRequest) -> Ranking:
        found = self.search(request)
        return Ranking(
            tuple(RankedStory(hit.rank, hit.id, hit.story, hit.score) for hit in found.hits), found.generation
        )


def _hit(rank: int) -> Hit:
    return Hit(
        rank=rank,
        id=f"a{rank}",
        story=rank,
        score=1000.0 - rank,
        title=None,
        title_inferred=False,
        outlets=(),
        date=None,
        date_origin="none",
        url=None,
        snippet=None,
        copies=(),
    )


def run(index: PagedIndex, *arguments: str, stdin: str | None = None) -> Result:
    """`searchapp search` with these arguments over this index."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(searchapp.index, "open_index", lambda _directory: index)
        return CliRunner().invoke(program, ["search", *arguments], input=stdin)


def ranks(result: Result) -> list[int]:
    """The ranks in a run file."""
    return [int(line.split()[3]) for line in result.stdout.splitlines()]


@settings(max_examples=40)
@given(limit=st.integers(1, 700), page=st.integers(1, 6))
def test_a_page_of_any_size_holds_the_hits_that_follow_the_page_before_it(limit: int, page: int) -> None:
    result = run(PagedIndex(), "كلمة", "--limit", str(limit), "--page", str(page), "--format", "trec")
    assert ranks(result) == list(range((page - 1) * limit + 1, min(page * limit, ARCHIVE_SIZE) + 1))


def test_facets_are_counted_once_and_only_for_json() -> None:
    index = PagedIndex()
    record = json.loads(run(index, "كلمة", "--limit", "250", "--format", "json").stdout)
    assert [request.facets for request in index.requests] == [True, False, False]
    assert (len(record["hits"]), record["facets"]) == (250, {"undated": []})


def test_a_run_file_needs_neither_facets_nor_snippets() -> None:
    index = PagedIndex()
    run(index, "كلمة", "--format", "trec")
    assert [(request.facets, request.snippets) for request in index.requests] == [(False, False)]


def test_the_run_file_of_a_file_of_queries_is_that_of_each_query_by_itself() -> None:
    one = run(PagedIndex(), "كلمة", "--limit", "150", "--format", "trec")
    of_file = run(
        PagedIndex(), "--queries", "-", "--limit", "150", "--format", "trec", stdin='{"_id": 1, "text": "كلمة"}'
    )
    assert of_file.stdout == one.stdout


def test_other_searches_are_told_on_stderr_and_in_json() -> None:
    class Helping(PagedIndex):
        def search(self, request: SearchRequest) -> SearchResult:
            other = replace(request, q="الرياض")
            found = [
                Correction("spelling", "الرياض\x1b[2J", other, 1),
                Correction("filter", "not_source=sabq", other, 1200),
            ]
            return replace(super().search(request), corrections=tuple(found) if request.corrections else ())

    result = run(Helping(), "الرياظ", "--format", "json")
    assert json.loads(result.stdout)["corrections"][0] == {
        "kind": "spelling", "text": "الرياض\x1b[2J", "query": "الرياض", "total": 1,
    }  # fmt: skip
    assert result.stderr.splitlines() == [
        "searchapp: did you mean: الرياض [2J (1 story)",
        "searchapp: without: --not-source sabq (1,200 stories)",
    ]
    assert "did you mean" in run(Helping(), "الرياظ").stderr
    assert run(Helping(), "--queries", "-", "--format", "trec", stdin='{"_id": "1", "text": "الرياظ"}').stderr == ""


def test_pages_of_two_states_of_the_index_are_never_mixed() -> None:
    index = PagedIndex(generations=[1, 2])
    result = run(index, "كلمة", "--limit", "150", "--format", "trec")
    assert (result.exit_code, ranks(result)) == (0, list(range(1, 151)))
    assert len(index.requests) == 4


def test_an_index_that_never_rests_is_an_error_and_not_a_wrong_list() -> None:
    result = run(PagedIndex(generations=list(range(100))), "كلمة", "--limit", "150")
    assert result.exit_code == 1
    assert "written to all the while" in result.stderr


def test_more_hits_than_the_limit_are_refused_by_its_name() -> None:
    result = run(PagedIndex(), "كلمة", "--limit", "10001")
    assert result.exit_code == 2
    assert "command_line_hits = 10,000" in result.stderr


def test_every_filter_reaches_the_index() -> None:
    index = PagedIndex()
    options = "--source ا --source ب --not-source ج --when 2024-06 --from 2024-01 --to 2024-06-25 --undated --exact"
    run(index, "وزير", "الخارجية", *options.split(), "--field", "title", "--sort", "oldest")
    [request] = index.requests
    assert request.q == "وزير الخارجية"
    assert (request.sources, request.not_sources, request.when) == (("ا", "ب"), ("ج",), ("2024-06",))
    assert (str(request.date_from), str(request.date_to)) == ("2024-01-01", "2024-06-25")
    assert (request.undated, request.exact, request.field, request.sort) == (True, True, "title", "oldest")


@pytest.mark.parametrize("option", ["--from", "--to", "--when"])
def test_a_date_that_cannot_be_read_is_told_with_its_option(option: str) -> None:
    result = run(PagedIndex(), "كلمة", option, "someday")
    assert result.exit_code == 2
    assert option.removeprefix("--") in result.stderr
    assert "someday" in result.stderr


@pytest.mark.parametrize("arguments", [[], ["كلمة", "--queries", "-"]])
def test_either_a_query_or_a_file_of_queries_is_needed(arguments: list[str]) -> None:
    assert run(PagedIndex(), *arguments).exit_code == 2


def test_queries_of_a_file_are_answered_in_their_order(tmp_path: Path) -> None:
    file = tmp_path / "queries.jsonl"
    file.write_text('{"_id": "q2", "text": "وزير"}\n\n{"_id": 7, "text": "الخارجية"}\n', encoding="utf-8")
    result = run(PagedIndex(), "--queries", str(file), "--limit", "2", "--format", "trec")
    assert [line.split()[0] for line in result.stdout.splitlines()] == ["q2", "q2", "7", "7"]


def test_queries_are_read_from_stdin_too() -> None:
    result = run(PagedIndex(), "--queries", "-", "--format", "jsonl", stdin='{"_id": "a", "text": "وزير"}')
    assert {json.loads(line)["query_id"] for line in result.stdout.splitlines()} == {"a"}


@pytest.mark.parametrize(
    "line", ["{", '{"_id": "a"}', "[]", '"text"', '{"_id": "a b", "text": "x"}', '{"_id": "", "text": "x"}']
)
def test_a_broken_line_of_a_file_of_queries_is_named(line: str) -> None:
    result = run(PagedIndex(), "--queries", "-", "--format", "trec", stdin='{"_id": "a", "text": "x"}\n' + line)
    assert result.exit_code == 2
    assert "<stdin>:2:" in result.stderr


def test_one_query_over_a_limit_does_not_stop_the_others() -> None:
    lines = [json.dumps({"_id": name, "text": text}) for name, text in [("a", "x"), ("b", "too long"), ("c", "x")]]
    result = run(PagedIndex(), "--queries", "-", "--limit", "1", "--format", "trec", stdin="\n".join(lines))
    assert [line.split()[0] for line in result.stdout.splitlines()] == ["a", "c"]
    assert (result.exit_code, "<stdin>:2:" in result.stderr, "query_terms" in result.stderr) == (3, True, True)


def test_a_single_query_over_a_limit_is_an_error(capsys: Any) -> None:
    result = run(PagedIndex(), "too long")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "query_terms = 512" in result.stderr
