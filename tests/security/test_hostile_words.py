"""Words that were made to cost time, in articles and in queries alike."""

from __future__ import annotations

import time

import pytest

from searchapp import SearchRequest
from searchapp.engine.protocol import IndexReader
from tests.index_samples import BACKEND, commit, make_story, new_index

LONG = "ط" * 3900
"""Nearly all of the characters that a query may have."""
SECONDS = 1.0
QUERIES = {
    "no article has it": LONG,
    "one article has it": f"{LONG[:-3]}ظ",
    "beginning": f"{LONG[:-9]}*",
    "wildcards around": f"{LONG[:100]}*{LONG[:100]}",
    "wildcards between letters": "*".join(LONG[:40]),
    "wildcards for letters": "?" * 1000 + LONG[:2000],
    "many wildcards": "*طط" * 900,
    "misspelt": f"{LONG}~2",
    "phrase": f'"{LONG[:2000]} {LONG[:1900]}"',
    "in Latin letters": "a" * 3900,
}


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> IndexReader:
    directory = new_index(tmp_path_factory.mktemp("words") / "1")
    commit(directory, *(make_story(number, f"قمر {LONG[:-number]}ظ شمس") for number in range(1, 40)))
    return BACKEND.open_reader(directory)


@pytest.mark.parametrize("kind", QUERIES)
def test_a_word_of_thousands_of_letters_costs_no_time(reader: IndexReader, kind: str) -> None:
    reader.search(SearchRequest(q="قمر"))
    began = time.process_time()
    reader.search(SearchRequest(q=QUERIES[kind]))
    assert time.process_time() - began < SECONDS
