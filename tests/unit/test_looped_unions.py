"""Unions, filters and facets by compiled loops: the same as in numpy's way, whatever is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any, cast
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from searchapp import compiled
from searchapp.engine.retrieval.boolean import best_of_unions, unions
from searchapp.engine.retrieval.boolean.union_loops import add
from searchapp.engine.retrieval.core.matches import Matches
from searchapp.engine.retrieval.core.snapshot import Snapshot
from searchapp.engine.retrieval.facets.copies import CopyColumns, PlainCondition
from searchapp.engine.retrieval.terms import picked_lists
from searchapp.engine.storage.segment import LiveSegment, Segment
from searchapp.model import Article, SearchRequest, SearchResult, Story
from tests.index_samples import BACKEND, commit, gone, new_index, segments_of
from tests.unit.test_retrieval_arrays import MadeUpList

MOST = 6_000
seeds = st.integers(0, 2**32 - 1)


@pytest.fixture(autouse=True)
def compiled_loops() -> Iterator[None]:
    if not compiled.prepare(at_once=True):
        pytest.skip("numba is not installed, or switched off")
    yield
    compiled.stop()


def in_numpys_way(ask: Callable[[], Any]) -> Any:
    with compiled.for_a_while():
        compiled.stop()
        return ask()


class Snapshots(Snapshot):
    """Of documents that are not there."""

    def __init__(self) -> None:
        super().__init__([])
        self.documents = MOST


SNAPSHOT = Snapshots()
COLUMNS = CopyColumns(
    SNAPSHOT,
    ("أ", "ب", "ج"),
    ("أ", "ب", "ج"),
    np.random.default_rng(1).integers(0, 3, MOST).astype(np.uint16),
    np.random.default_rng(2).integers(0, 30, MOST).astype(np.int32),
    None,
)
CONDITIONS = (
    PlainCondition(COLUMNS),
    PlainCondition(COLUMNS, 10, 12),
    PlainCondition(COLUMNS, allowed=np.array([False, True, True])),
    PlainCondition(COLUMNS, 3, 29, np.array([True, False, False])),
    PlainCondition(COLUMNS, 9, 5),
    lambda documents: COLUMNS.days[documents] % 2 == 1,
)


def made_up_lists(
    chance: np.random.Generator, words: Sequence[tuple[int, int]], steps: int, segments: int
) -> list[Any]:
    """Words of so many postings, of which each gives about so much; with few steps, many score the same."""
    size = MOST // segments
    return [
        MadeUpList(
            np.sort(chance.choice(size, min(length, size), replace=False)).astype(np.uint32),
            (worth + np.round(chance.random(min(length, size)) * steps) / steps).astype(np.float32),
            number * size,
        )
        for length, worth in words
        for number in range(segments)
    ]


def union(lists: Sequence[Any], live: Any, condition: int | None) -> Matches:
    found: Matches = unions.Union(cast(Any, lists), SNAPSHOT)
    if live is not None:
        found = found.among(live)
    return found if condition is None else found.that_pass(CONDITIONS[condition])


def facts(matches: Matches) -> tuple[Any, ...]:
    return len(matches), matches.documents.tolist(), matches.scores.tolist(), matches.count(VALUES, 7).tolist()


VALUES = np.random.default_rng(3).integers(0, 7, MOST).astype(np.uint16)


@settings(max_examples=120, deadline=None)
@given(
    seeds,
    st.lists(st.tuples(st.sampled_from((1, 30, 400, 3_000)), st.sampled_from((1, 3, 9))), min_size=1, max_size=4),
    st.sampled_from((1, 10, 50, 2_000)),
    st.sampled_from((2, 1_000_000)),
    st.sampled_from((0, 1 << 14)),
    st.integers(1, 2),
    st.booleans(),
    st.sampled_from((None, None, *range(len(CONDITIONS)))),
    st.booleans(),
)
@example(0, [(3_000, 1), (30, 9)], 10, 1_000_000, 0, 1, False, None, False)
def test_loops_find_what_numpys_way_finds(
    seed: int,
    words: list[tuple[int, int]],
    count: int,
    steps: int,
    skipped_from: int,
    segments: int,
    some_deleted: bool,
    condition: int | None,
    foreseen: bool,
) -> None:
    chance = np.random.default_rng(seed)
    lists = made_up_lists(chance, words, steps, segments)
    live = chance.random(MOST) > 0.1 if some_deleted else None
    expected = in_numpys_way(lambda: facts(union(lists, live, condition)))
    with patch.multiple(best_of_unions, SKIPPED_FROM=skipped_from, _ROOM=8):
        found = union(lists, live, condition)
        if foreseen:
            found.foresee(VALUES, 7)
        highest = found.highest(count)
        counted = found.count(VALUES, 7).tolist()
        assert (len(found), counted) == (expected[0], expected[3])
        assert facts(union(lists, live, condition)) == expected
    by_document = dict(zip(*expected[1:3], strict=True))
    lowest = sorted(by_document.values(), reverse=True)[:count][-1:]
    kept = dict(zip(highest.documents.tolist(), highest.scores.tolist(), strict=True))
    assert {document for document, score in by_document.items() if [score] >= lowest} <= kept.keys()
    assert all(by_document[document] == score for document, score in kept.items())
    assert len(kept) == len(highest)
    assert not SNAPSHOT.marks().any()
    assert not SNAPSHOT.sums().any()


def test_a_list_that_cannot_be_read_leaves_nothing_behind() -> None:
    """What a search has added up when it fails is no part of the next one."""
    chance = np.random.default_rng(4)
    good, broken = made_up_lists(chance, [(400, 1), (400, 1)], 10, 1)
    broken.documents[-1] = MOST
    expected = facts(union([good], None, None))
    for ask in (lambda one: one.highest(10), len):
        with pytest.raises(IndexError):
            ask(union([good, broken], None, None))
        assert facts(union([good], None, None)) == expected


@settings(max_examples=60, deadline=None)
@given(seeds, st.integers(0, 4), st.integers(0, 4), st.integers(1, 2), st.booleans(), st.booleans())
def test_what_passes_several_filters_is_picked_at_once_and_counted_on_the_way(
    seed: int, wide: int, narrow: int, segments: int, some_deleted: bool, at_once: bool
) -> None:
    chance = np.random.default_rng(seed)
    lists = made_up_lists(chance, [(400, 1), (3_000, 3), (30, 9)], 10, segments)
    live = chance.random(MOST) > 0.1 if some_deleted else None

    def answers() -> list[tuple[Any, ...]]:
        found = union(lists, live, wide)
        found.foresee(VALUES, 7)
        part = found.that_pass(CONDITIONS[narrow])
        best = sorted(part.highest(10).scores.tolist(), reverse=True)[:10]
        again = found.that_pass(CONDITIONS[narrow])
        counted = found.count(VALUES, 7).tolist()
        return [(best, counted), facts(part), facts(again), facts(found), facts(union(lists, live, narrow))]

    expected = in_numpys_way(answers)
    with patch.object(picked_lists, "AT_ONCE_UP_TO", picked_lists.AT_ONCE_UP_TO if at_once else 0):
        assert answers() == expected
    assert not SNAPSHOT.marks().any()


def test_a_list_that_cannot_be_picked_from_is_refused_whenever_it_is_asked_for() -> None:
    chance = np.random.default_rng(5)
    good, broken = made_up_lists(chance, [(400, 1), (400, 1)], 10, 1)
    broken.documents[-1] = MOST
    found = union([good, broken], None, 1)
    part = found.that_pass(CONDITIONS[2])
    found.foresee(VALUES, 7)
    for _ in range(2):
        with pytest.raises(IndexError):
            part.highest(10)
    assert not SNAPSHOT.marks().any()


def test_a_union_of_nothing_is_empty() -> None:
    empty = union([], None, None)
    assert (len(empty), len(empty.highest(10)), len(empty.documents)) == (0, 0, 0)
    assert empty.count(VALUES, 7).tolist() == [0] * 7


OUTLETS = ("سبق", "عكاظ", "الوطن", None)
DAYS = (date(2023, 12, 31), date(2024, 2, 1), date(2024, 2, 29), date(2024, 3, 1), None)
WORDS = ("قمر", "شمس", "بحر", "جبل")
REQUESTS = [
    {},
    {"sources": ("سبق",)},
    {"not_sources": ("عكاظ",)},
    {"date_from": date(2024, 2, 1)},
    {"date_from": date(2024, 1, 1), "date_to": date(2024, 2, 28), "sources": ("سبق", "الوطن")},
    {"when": ("2024-02",)},
    {"when": ("2023", "2024-03-01"), "sources": ("عكاظ", "لا أحد")},
    {"undated": True},
    {"undated": True, "when": ("2024-02-29",)},
]


def make_stories(copies: int) -> list[Story]:
    chance = np.random.default_rng(copies)
    return [
        Story(
            number,
            1,
            tuple(
                Article(
                    id=f"{number}-{at}",
                    title=None,
                    body=" ".join(chance.choice(WORDS, chance.integers(1, 6))),
                    outlet=OUTLETS[chance.integers(len(OUTLETS))],
                    date=DAYS[chance.integers(len(DAYS))],
                )
                for at in range(chance.integers(1, copies + 1))
            ),
        )
        for number in range(1, 200)
    ]


@pytest.mark.parametrize("copies", [1, 3])
@pytest.mark.parametrize(
    "query", ["قمر OR بحر", "قمر شمس جبل", "قمر AND جبل", "قمر OR شمس -بحر", "", "=قمر OR title:شمس"]
)
def test_searches_are_answered_alike_with_loops_and_without(tmp_path: Path, copies: int, query: str) -> None:
    """Of stories with one copy and with several, in two segments, some of them deleted."""
    directory, stories = new_index(tmp_path / "1"), make_stories(copies)
    commit(directory, *stories[:120])
    commit(directory, *(gone(number) for number in range(3, 120, 7)), *stories[120:])

    def answers() -> list[SearchResult]:
        reader = BACKEND.open_reader(directory)
        return [
            reader.search(SearchRequest(q=query, corrections=False, histogram="auto", per_page=20, page=page, **asked))
            for asked in cast(Any, REQUESTS)
            for page in (1, 3)
        ]

    for found, expected in zip(answers(), in_numpys_way(answers), strict=True):
        assert (found.total, found.facets, found.histogram) == (expected.total, expected.facets, expected.histogram)
        assert [hit.id for hit in found.hits] == [hit.id for hit in expected.hits]
        assert [hit.score for hit in found.hits] == pytest.approx([hit.score for hit in expected.hits], rel=1e-6)


def test_all_scores_of_a_list_are_the_same_by_loops(tmp_path: Path) -> None:
    """Also of postings in which several forms of a word stand."""
    chance, directory = np.random.default_rng(6), new_index(tmp_path / "1")
    forms = ("كتاب", "الكتاب", "كتابه", "وكتاب", "نص")
    commit(
        directory,
        *(
            Story(number, 1, (Article(id=str(number), title=None, body=" ".join(chance.choice(forms, 9))),))
            for number in range(300)
        ),
    )

    def answers() -> list[float]:
        request = SearchRequest(q="كتاب OR الكتاب", per_page=100, facets=False, snippets=False)
        return [hit.score for hit in BACKEND.open_reader(directory).ranking(request).hits]

    assert answers() == in_numpys_way(answers)


def test_loops_are_asked_for_the_documents_of_a_segment_as_they_are_stored(tmp_path: Path) -> None:
    directory = new_index(tmp_path / "1")
    commit(directory, *make_stories(1))
    [path] = segments_of(directory)
    snapshot = Snapshot([LiveSegment(Segment(path), None)])
    documents = snapshot.parts[0].segment.lemma.postings(0, 3).documents
    assert add.ready(documents) is not None
