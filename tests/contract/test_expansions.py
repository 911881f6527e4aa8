"""Prefixes, wildcards and fuzzy words in an index: what they find and mark, and where they are cut off."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count, product
from pathlib import Path

import pytest

from searchapp.config import LIMITS
from searchapp.engine.protocol import EngineBackend, IndexReader
from searchapp.engine.retrieval.terms.expansions import TERMS_TO_FIND
from searchapp.errors import LimitExceeded
from searchapp.model import Article, SearchRequest, SearchResult, Story

Index = Callable[..., IndexReader]


@pytest.fixture
def index(directory: Path, backend: EngineBackend) -> Index:
    """Makes an index of some bodies, each list of them a commit of its own."""

    def make(*commits: list[str]) -> IndexReader:
        numbers = count(1)
        for bodies in commits:
            writer = backend.open_writer(directory)
            for body, number in zip(bodies, numbers, strict=False):
                article = Article(id=str(number), title=None, body=body, outlet=None, date=None, date_origin="none")
                writer.replace(Story(number, number, (article,)))
                last = number
            writer.commit(last)
        return backend.open_reader(directory)

    return make


def ask(reader: IndexReader, query: str, **parameters: object) -> SearchResult:
    return reader.search(SearchRequest(q=query, **parameters))  # type: ignore[arg-type]


def numbers(result: SearchResult) -> set[int]:
    return {hit.story for hit in result.hits}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("م*سة", {1, 2}),
        ("مُ*سه", {1, 2}),
        ("*رسة", {1}),
        ("*درس*", {1, 3}),
        ("م?رسة", {1}),
        ("مدرس?ن", {3}),
        ("م*س*?", {1, 2, 3}),
        ("مدرصة~", {1}),
        ("مردسة~", {1}),
        ("المدرسه~2", {1}),
        ("-م*سة", {3, 4}),
        ("م*سة -مدرسة", {2}),
        ("+م*سة مدرسة", {1}),
        ("title:م*سة", set()),
        ("(م*سة OR كتاب~) -*درس*", {2, 4}),
        ("كتاباً~ رفوف", {4}),
    ],
)
def test_what_is_found(index: Index, query: str, found: set[int]) -> None:
    reader = index(["هذه مدرسة", "هذه مؤسسة"], ["مدرسون هنا", "كتاب على الرفوف"])
    assert numbers(ask(reader, query)) == found


def test_whole_words_are_marked_in_snippets(index: Index) -> None:
    reader = index(["زار المدرسةَ ومدرسة أخرى ومؤسسةً"])
    (hit,) = ask(reader, "*درسة OR مؤسسه~2").hits
    assert hit.snippet is not None
    assert [hit.snippet.text[start:end] for start, end in hit.snippet.spans] == ["المدرسةَ", "ومدرسة", "ومؤسسةً"]


def test_the_terms_are_told_and_each_part_of_the_score(index: Index) -> None:
    reader = index(["مدرسة", "مدرسة مدرسه", "ممرسة"])
    result = ask(reader, "م?رسة", explain=True)
    assert [term.forms for term in result.query.terms] == [("مدرسه", "ممرسه")]
    assert {(part.name, part.score) for hit in result.hits for part in hit.explanation} == {("wildcard", 1.0)}


@pytest.mark.parametrize("query", ["aw*", "aw*d", "*wordd"])
def test_the_most_frequent_terms_of_all_segments_are_kept_and_it_is_said(index: Index, query: str) -> None:
    # Seldom in either commit, yet often in both: "awordd" with many others, each in one commit only.
    first = [" ".join(f"aw{at:03}wordd" for at in range(300))] * 3 + ["awordd"] * 2
    second = [" ".join(f"awb{at:03}wordd" for at in range(300))] * 3 + ["awordd"] * 2
    reader = index(first, second)
    result = ask(reader, query)
    assert [(note.code, note.detail) for note in result.query.notes] == [("expansion_capped", query)]
    (term,) = result.query.terms
    assert len(term.forms) == LIMITS.expansions
    assert term.forms[:3] == ("awordd", "aw000wordd", "aw001wordd")


def test_too_many_terms_in_one_query_are_refused_by_name(index: Index) -> None:
    reader = index(["مدرسة"])
    patterns = [f"{first}*{last}" for first, last in product("ابتثجحخدم", "ابتثجحخدة")]
    allowed = LIMITS.query_expansions // TERMS_TO_FIND
    assert ask(reader, " OR ".join(patterns[-allowed:])).total == 1
    with pytest.raises(LimitExceeded) as caught:
        ask(reader, " OR ".join(patterns[-allowed - 1 :]))
    assert (caught.value.limit, caught.value.allowed) == ("query_expansions", LIMITS.query_expansions)
    assert ask(reader, " OR ".join(pattern.replace("*", "") + "*" for pattern in patterns) + " OR مد*").total == 1
