"""What a query matches, by compiled loops and by numpy: the same documents, totals and scores."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import reduce
from math import isclose
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchapp import compiled
from searchapp.analysis.analyzer import default_analyzer
from searchapp.config import Limits
from searchapp.engine.backend import SegmentBackend
from searchapp.engine.reader import SegmentReader
from searchapp.engine.retrieval.boolean.intersection import intersect
from searchapp.engine.retrieval.boolean.intersection_loops import meet
from searchapp.engine.retrieval.phrases import phrase_loops
from searchapp.engine.retrieval.search import search
from searchapp.engine.storage import container, form_layout
from searchapp.engine.storage.codes import FIELD_GAP
from searchapp.engine.storage.norms import rounded
from searchapp.engine.storage.terms import LemmaTerms
from searchapp.errors import LimitExceeded
from searchapp.model import SearchRequest
from tests.index_samples import commit, gone, make_story, new_index

pytest.importorskip("numba")

WORDS = ("كتاب", "الكتاب", "كتابه", "وكتاب", "كتب", "وزير", "الوزير", "غزة", "نص", "في")
STORIES = 300
MOST = 20_000


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three segments of stories in which the forms of words stand side by side, some of them deleted, one long."""
    chance, path = random.Random(7), new_index(tmp_path_factory.mktemp("loops") / "i")
    for first, last in ((0, 200), (200, 270), (270, STORIES)):
        stories = [
            make_story(
                number,
                " ".join(chance.choices(WORDS, k=3000 if number == 5 else chance.randint(1, 60))),
                " ".join(chance.choices(WORDS, k=chance.randint(0, 6))),
            )
            for number in range(first + 1, last + 1)
        ]
        commit(path, *stories, *(gone(number) for number in range(first, first + 20, 7) if number))
    return path


@pytest.fixture(autouse=True)
def switched_off_again() -> Iterator[None]:
    compiled.stop()
    yield
    compiled.stop()


def opened(directory: Path, *, loops: bool) -> SegmentReader:
    """A reader that has found out nothing yet."""
    assert not loops or compiled.prepare(at_once=True)
    return SegmentBackend().open_reader(directory)


def answers(directory: Path, requests: list[SearchRequest], *, loops: bool) -> list[Any]:
    reader = opened(directory, loops=loops)
    found = [reader.search(request) for request in requests]
    compiled.stop()
    return [(one.total, one.relaxed, [(hit.story, hit.score, hit.explanation) for hit in one.hits]) for one in found]


def drawn_requests(count: int) -> list[SearchRequest]:
    """Words and phrases in all ways of asking, side by side, joined and left out."""
    chance = random.Random(11)

    def leaf() -> str:
        text = " ".join(chance.choices(WORDS, k=chance.choice((1, 2, 2, 3))))
        quoted = f'"{text}"' + chance.choice(("", "", "~1", "~3")) if " " in text else text
        return chance.choice(("", "", "", "=", "title:")) + quoted

    def query() -> str:
        leaves = [leaf() for _ in range(chance.randint(1, 4))]
        return chance.choice((" AND ", " AND ", " OR ", " ", " -")).join(leaves)

    return [
        SearchRequest(
            q=query(),
            per_page=50,
            exact=chance.random() < 0.1,
            field="title" if chance.random() < 0.1 else "all",
            explain=chance.random() < 0.2,
            facets=False,
            snippets=False,
        )
        for _ in range(count)
    ]


def plain(answer: Any) -> Iterator[Any]:
    """What is in an answer, one after the other: the last ranking's sums may differ in the last digit."""
    if isinstance(answer, list | tuple):
        for one in answer:
            yield from plain(one)
    elif is_dataclass(answer) and not isinstance(answer, type):
        for field in fields(answer):
            yield from plain(getattr(answer, field.name))
    else:
        yield answer


def test_both_ways_match_the_same_with_the_same_scores(directory: Path) -> None:
    requests = drawn_requests(400)
    by_numpy, by_loops = (answers(directory, requests, loops=loops) for loops in (False, True))
    for request, one, other in zip(requests, by_numpy, by_loops, strict=True):
        parts = list(zip(plain(one), plain(other), strict=True))
        assert all(isclose(a, b, rel_tol=1e-6) if isinstance(a, float) else a == b for a, b in parts), request
    assert sum(total > 0 for total, *_ in by_numpy) > len(requests) // 2


def test_a_word_in_other_forms_alone_counts_as_its_lemma_both_ways(tmp_path: Path) -> None:
    """No form of it is the one that was asked for, or of its light stem; several stand in one story."""
    directory = new_index(tmp_path / "i")
    bodies = ("غزة شوارع شوارعها شوارعهم", "غزة شوارعها شوارعهم", "شوارع شوارعهم غزة وزير", "شوارع غزة", "وزير")
    commit(directory, *(make_story(number, body) for number, body in enumerate(bodies, start=1)))
    requests = [SearchRequest(q=query, facets=False) for query in ("شارع AND غزة", "شارع OR غزة", "شارع غزة وزير")]
    by_numpy, by_loops = (answers(directory, requests, loops=loops) for loops in (False, True))
    assert by_numpy[0][0] == 4
    for one, other in zip(by_numpy, by_loops, strict=True):
        assert [*plain(one)] == pytest.approx([*plain(other)], rel=1e-6)


def test_positions_are_checked_before_a_loop_reads_them(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reader, checked = opened(directory, loops=True), []
    check = LemmaTerms.check_blocks

    def noted(lemmas: LemmaTerms, first: int, last: int) -> None:
        checked.append((first, last))
        check(lemmas, first, last)

    monkeypatch.setattr(LemmaTerms, "check_blocks", noted)
    request = SearchRequest(q='"كتاب وزير"', facets=False, snippets=False)
    first = reader.search(request)
    assert first.total
    checked.clear()
    assert reader.search(request).hits == first.hits
    assert not checked
    for part in reader._snapshot.parts:
        unseen = part.segment.file.unseen
        unseen[:] = b"\1" * len(unseen)
    assert reader.search(request).hits == first.hits
    assert len(checked) == len(reader._snapshot.parts)


@pytest.mark.parametrize("query", ['"كتاب وزير"', '"كتاب وزير"~3', '="كتاب وزير"', 'title:"كتاب وزير"'])
def test_a_phrase_may_read_as_many_places_either_way(directory: Path, query: str) -> None:
    told = []
    for loops in (False, True):
        snapshot, request = opened(directory, loops=loops)._snapshot, SearchRequest(q=query, facets=False)
        with pytest.raises(LimitExceeded) as raised:
            search(snapshot, 1, request, default_analyzer(), limits=Limits(phrase_places=0))
        told.append(str(raised.value))
        compiled.stop()
    assert told[0] == told[1]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.lists(st.sampled_from((0, 1, 5, 48, 700, 5_000)), min_size=1, max_size=5))
def test_loops_find_what_lists_have_in_common(seed: int, lengths: list[int]) -> None:
    chance = np.random.default_rng(seed)
    lists = [np.sort(chance.choice(MOST, length, replace=False)).astype(np.uint32) for length in lengths]
    expected = reduce(np.intersect1d, lists).tolist()
    assert compiled.prepare(at_once=True)
    marks = np.zeros(MOST, bool)
    common, places = intersect(lists, marks)
    assert common.tolist() == expected
    assert [one.take(place).tolist() for one, place in zip(lists, places, strict=True)] == [expected] * len(lists)
    every = np.concatenate(lists)
    made = meet.ready(every)
    assert made is not None
    stops = np.cumsum(lengths, dtype=np.int64)
    width = min(lengths)
    met = np.zeros(len(lists) * width, np.int64)
    count = made(every, stops - lengths, stops, marks, met)
    assert every.take(met.reshape(len(lists), width)[:, :count]).tolist() == [expected] * len(lists)
    assert not marks.any()


def test_what_the_loops_of_phrases_say_again_is_what_is_said_elsewhere() -> None:
    assert 1 << phrase_loops.SKIP_BITS == form_layout.SKIP
    assert 1 << phrase_loops.BLOCK_BITS == container.BLOCK
    assert phrase_loops.GAP == FIELD_GAP
    lengths = np.concatenate([np.arange(3_000), np.arange(3_000, 300_000, 97)])
    assert [phrase_loops.rounded(length) for length in lengths.tolist()] == rounded(lengths).tolist()
