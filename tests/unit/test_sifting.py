"""What passes the filters and what facets count, found in one pass by loops, is what numpy finds step by step."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchapp import compiled
from searchapp.engine.protocol import IndexReader
from searchapp.engine.retrieval.facets.sifting_loops import SORTED
from searchapp.model import SearchRequest, Story
from tests.index_samples import BACKEND, answer, commit, gone, make_story, new_index

pytest.importorskip("numba")

WORDS = ("غزة", "مصر", "مدينة", "خبر", "كتاب", "الوزير")
OUTLETS = ("سبق", "عكاظ", "الرياض", None)
FIRST_DAY = date(2023, 12, 20)


def stories(chance: random.Random, first: int, count: int) -> Iterator[Story]:
    for number in range(first, first + count):
        day = None if chance.random() < 0.1 else FIRST_DAY + timedelta(days=chance.randrange(60))
        words = " ".join(chance.choices(WORDS, weights=(9, 6, 4, 3, 2, 1), k=chance.randrange(2, 30)))
        yield make_story(number, words, chance.choice(WORDS), outlet=chance.choice(OUTLETS), date=day)


@pytest.fixture(scope="module", params=[1, 3], ids=["one segment", "segments with deletes"])
def reader(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> IndexReader:
    chance = random.Random(5)
    directory = new_index(tmp_path_factory.mktemp("sifted") / "1")
    for segment in range(request.param):
        commit(directory, *stories(chance, segment * 50, 70), *map(gone, range(segment * 50 - 9, segment * 50)))
    return BACKEND.open_reader(directory)


@pytest.fixture(autouse=True)
def numpys_way_again() -> Iterator[None]:
    yield
    compiled.stop()


days = st.none() | st.integers(-3, 63).map(lambda number: FIRST_DAY + timedelta(days=number))
names = st.lists(st.sampled_from(("سبق", "عكاظ", "الرياض", "nowhere")), max_size=2).map(tuple)
requests = st.builds(
    SearchRequest,
    q=st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).flatmap(
        lambda words: st.sampled_from((" AND ", " ", " OR ")).map(lambda sign: sign.join(words))
    ),
    sources=names,
    not_sources=names,
    date_from=days,
    date_to=days,
    when=st.sampled_from(((), (), ("2024",), ("2024-01",), ("2023-12", "2024-02"), ("2024-01-05",))),
    undated=st.booleans(),
    sort=st.sampled_from(("relevance", "newest")),
    per_page=st.sampled_from((3, 10, 100)),
    facets=st.booleans(),
    histogram=st.sampled_from((None, "week")),
    corrections=st.just(False),
)


@settings(max_examples=200)
@given(request=requests)
def test_both_ways_give_the_same_answer(reader: IndexReader, request: SearchRequest) -> None:
    by_numpy = answer(reader.search(request))
    assert compiled.prepare(at_once=True)
    assert answer(reader.search(request)) == by_numpy
    compiled.stop()


def test_a_query_that_loops_were_asked_before_is_answered_without_them(reader: IndexReader) -> None:
    """What they are asked is kept with the query, and they may be switched off meanwhile."""
    request = SearchRequest(q="غزة AND مصر", sources=("سبق",), corrections=False)
    assert compiled.prepare(at_once=True)
    by_loops = answer(reader.search(request))
    compiled.stop()
    assert answer(reader.search(request)) == by_loops


@pytest.mark.parametrize("outlets", [SORTED, SORTED + 6])
def test_many_outlets_stand_by_falling_count_and_then_by_name(tmp_path: Path, outlets: int) -> None:
    names = [f"outlet {number:03}" for number in range(outlets)]
    told = [name for number, name in enumerate(names) for _ in range(number % 5 + 1)]
    made = (make_story(number, "غزة مصر", outlet=name) for number, name in enumerate(told, start=1))
    commit(new_index(tmp_path / "1"), *made)
    assert compiled.prepare(at_once=True)
    result = BACKEND.open_reader(tmp_path / "1").search(SearchRequest(q="غزة AND مصر"))
    shown = [(bucket.value, bucket.count) for bucket in result.facets["outlet"]]
    assert shown == sorted(((name, told.count(name)) for name in names), key=lambda one: (-one[1], one[0]))


def test_an_outlet_that_is_chosen_is_shown_though_nothing_is_counted(reader: IndexReader) -> None:
    assert compiled.prepare(at_once=True)
    request = SearchRequest(q="غزة AND مصر", sources=("nowhere", "سبق"))
    chosen = [bucket for bucket in reader.search(request).facets["outlet"] if bucket.selected]
    assert [(bucket.value, bucket.count > 0) for bucket in chosen] == [("سبق", True), ("nowhere", False)]
