"""What a server remembers of words and queries grows little with the segments that writers add to its index."""

from __future__ import annotations

import gc
import random
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from searchapp import compiled
from searchapp.engine.backend import SegmentBackend
from searchapp.engine.reader import SegmentReader
from searchapp.model import SearchRequest, Sort
from tests.index_samples import commit, make_story, new_index

LETTERS = "بتثجحخدذرزسشصضطظعغفقكلمن"
WORDS = [f"{a}{b}{c}{a}" for a in LETTERS[::3] for b in LETTERS[1::4] for c in LETTERS[2::5]][:150]
FIRST, MORE = 600, 60
SORTS: Final[tuple[Sort, ...]] = "relevance", "newest"
BYTES_A_WORD = 2_200
"""What a word may take in one more segment, with its part in what is remembered of 200 queries."""
BYTES_AT_REST = 100_000
"""What is let go of at least: scores and positions of the postings of 150 words."""


@pytest.fixture(autouse=True)
def by_loops() -> Iterator[None]:
    """As servers search."""
    pytest.importorskip("numba")
    with compiled.for_a_while():
        compiled.prepare(at_once=True)
        yield


def index_of(path: Path, parts: int) -> SegmentReader:
    """Stories with each of the words again and again: a segment of many, and some of few."""
    chance, number = random.Random(parts), 0
    for stories in (FIRST, *[MORE] * (parts - 1)):
        texts = [" ".join(chance.sample(WORDS, 60)) for _ in range(stories)]
        commit(path, *(make_story(number + at, text, "عنوان") for at, text in enumerate(texts, start=1)))
        number += stories
    reader = SegmentBackend().open_reader(path)
    assert len(reader._snapshot.parts) == parts
    return reader


def remembered(reader: SegmentReader) -> int:
    """The bytes that stay with a process once it has been asked for each of the words, together and one by one."""
    chance = random.Random(3)
    queries = [" ".join(chance.sample(WORDS, 3)) for _ in range(200)] + WORDS
    requests = [SearchRequest(q=query) for query in queries]
    reader.search(requests[0])  # what is made once is no word's
    gc.collect()
    tracemalloc.start()
    try:
        for request in requests * 2:
            reader.search(request)
        gc.collect()
        return tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()


def test_a_word_takes_little_memory_in_one_more_segment(tmp_path: Path) -> None:
    one, three = (index_of(new_index(tmp_path / f"{parts}"), parts) for parts in (1, 3))
    remembered(one)
    more = remembered(three) - remembered(SegmentBackend().open_reader(one._directory))
    assert more < BYTES_A_WORD * 2 * len(WORDS)


def test_at_rest_what_was_found_out_of_postings_is_let_go_and_answers_stay_as_they_were(tmp_path: Path) -> None:
    reader = index_of(new_index(tmp_path / "index"), 3)
    requests = [SearchRequest(q=word, sort=sort) for word in WORDS for sort in SORTS]
    reader.search(requests[0])
    tracemalloc.start()
    try:
        before = [reader.search(request).hits for request in requests]
        gc.collect()
        held = tracemalloc.get_traced_memory()[0]
        reader.rest()
        assert tracemalloc.get_traced_memory()[0] < held - BYTES_AT_REST
    finally:
        tracemalloc.stop()
    assert [reader.search(request).hits for request in requests] == before
