"""The engine against a plain reference that looks through all stories one by one."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from searchapp.analysis.analyzer import default_analyzer
from searchapp.engine.protocol import EngineBackend, IndexReader
from searchapp.model import UNKNOWN_OUTLET, Article, FacetName, SearchRequest, SearchResult, Story

Query = Any  # a word, (word, word, slop), ("NOT", query), ("AND" or "OR", query, query)
Counts = Counter[str]

WORDS = ("قمر", "شمس", "نجم", "بحر")
OUTLETS = ("سبق", "عكاظ", None)
DAYS = (date(2023, 12, 31), date(2024, 1, 1), date(2024, 1, 2), date(2024, 2, 29), None)

texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join)
words = st.sampled_from(WORDS)
phrases = st.tuples(words, words, st.integers(0, 2))
leaves = st.one_of(words, phrases)
queries = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.tuples(st.just("AND"), inner, inner),
        st.tuples(st.just("OR"), inner, inner),
        st.tuples(st.just("NOT"), inner),
    ),
    max_leaves=5,
)


@st.composite
def archives(draw: st.DrawFn) -> list[Story]:
    stories = []
    for number in range(1, draw(st.integers(1, 12)) + 1):
        body = draw(texts)
        places = draw(st.lists(st.tuples(st.sampled_from(OUTLETS), st.sampled_from(DAYS)), min_size=1, max_size=3))
        copies = (
            Article(id=f"{number}-{at}", title=None, body=body, outlet=outlet, date=day)
            for at, (outlet, day) in enumerate(places)
        )
        stories.append(Story(number, number, tuple(copies)))
    return stories


@st.composite
def filters(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "sources": tuple(draw(st.sets(st.sampled_from(("سبق", "عكاظ", UNKNOWN_OUTLET)), max_size=2))),
        "not_sources": tuple(draw(st.sets(st.sampled_from(("سبق", UNKNOWN_OUTLET)), max_size=1))),
        "date_from": draw(st.sampled_from((None, date(2024, 1, 1)))),
        "date_to": draw(st.sampled_from((None, date(2024, 1, 2)))),
        "when": tuple(draw(st.sets(st.sampled_from(("2023", "2024-01", "2024-01-02", "2024-02")), max_size=2))),
        "undated": draw(st.booleans()),
    }


def written(query: Query) -> str:
    match query:
        case str():
            return query
        case ("NOT", inner):
            return f"-({written(inner)})"
        case (("AND" | "OR") as operator, left, right):
            return f"({written(left)}) {operator} ({written(right)})"
    first, second, slop = query
    return f'"{first} {second}"~{slop}'


def matches(query: Query, body: list[str]) -> bool:
    match query:
        case str():
            return query in body
        case ("NOT", inner):
            return not matches(inner, body)
        case ("AND", left, right):
            return matches(left, body) and matches(right, body)
        case ("OR", left, right):
            return matches(left, body) or matches(right, body)
    first, second, slop = query
    pairs = ((a, b) for a in range(len(body)) for b in range(a + 1, min(len(body), a + slop + 2)))
    return any(body[a] == first and body[b] == second for a, b in pairs)


def passes(copy: Article, chosen: dict[str, Any], *, outlet: bool = True, when: bool = True) -> bool:
    name = copy.outlet or UNKNOWN_OUTLET
    if outlet and (name in chosen["not_sources"] or (chosen["sources"] and name not in chosen["sources"])):
        return False
    start, end = chosen["date_from"] or date.min, chosen["date_to"] or date.max
    if (chosen["date_from"] or chosen["date_to"]) and not (copy.date and start <= copy.date <= end):
        return False
    if not when or not (chosen["when"] or chosen["undated"]):
        return True
    return copy.date.isoformat().startswith(chosen["when"] or "-") if copy.date else chosen["undated"]


def counts(found: list[Story], chosen: dict[str, Any], value: Callable[[Article], str], **parts: bool) -> Counts:
    return Counter(
        bucket
        for story in found
        for bucket in {value(copy) for copy in story.articles if passes(copy, chosen, **parts)}
        if bucket
    )


def engine_counts(result: SearchResult, facet: FacetName) -> Counts:
    return Counter({bucket.value: bucket.count for bucket in result.facets[facet] if bucket.count})


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(archives(), st.lists(st.tuples(queries, filters()), min_size=1, max_size=8))
def test_totals_and_facets_are_those_of_the_reference(
    backend: EngineBackend, stories: list[Story], asked: list[tuple[Query, dict[str, Any]]]
) -> None:
    lemmas = {word: default_analyzer().forms(word).lemma for word in WORDS}
    assert len(set(lemmas.values())) == len(WORDS)
    with tempfile.TemporaryDirectory() as folder:
        backend.create(Path(folder))
        writer = backend.open_writer(Path(folder))
        for story in stories:
            writer.replace(story)
        writer.commit(len(stories))
        reader = backend.open_reader(Path(folder))
        for query, chosen in asked:
            check(reader, stories, query, chosen)
        reader.close()


def check(reader: IndexReader, stories: list[Story], query: Query, chosen: dict[str, Any]) -> None:
    result = reader.search(SearchRequest(q=written(query), per_page=100, **chosen))
    found = [story for story in stories if matches(query, story.articles[0].body.split())]
    passing = {story.number for story in found if any(passes(copy, chosen) for copy in story.articles)}
    assert {hit.story for hit in result.hits} == passing
    assert result.total == len(passing)
    assert engine_counts(result, "outlet") == counts(found, chosen, lambda c: c.outlet or UNKNOWN_OUTLET, outlet=False)
    assert engine_counts(result, "year") == counts(found, chosen, lambda copy: day_of(copy)[:4], when=False)
    assert engine_counts(result, "month") == counts(found, chosen, lambda copy: day_of(copy)[:7], when=False)
    undated = counts(found, chosen, lambda copy: "" if copy.date else "undated", when=False)
    assert engine_counts(result, "undated") == undated


def day_of(copy: Article) -> str:
    return copy.date.isoformat() if copy.date else ""
