"""Hits that compiled loops make are those that numpy makes, whatever the articles and the query."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchapp import compiled
from searchapp.engine.protocol import IndexReader
from searchapp.engine.retrieval.highlighting import pages
from searchapp.engine.retrieval.highlighting.id_loops import find_ids
from searchapp.engine.retrieval.highlighting.planned_hits import ids_of
from searchapp.errors import IndexBroken
from searchapp.model import Article, SearchRequest, Story
from tests.index_samples import BACKEND, answer, commit, gone, make_article, make_story, new_index

pytest.importorskip("numba")

WORDS = ("غزة", "مصر", "المدينة", "مدينة", "خبر", "كتاب", "الكتابَ", "في", "على", "2024", "قال")
ODD = ("😀", "\U00010348", "\ud800", "ﷺ", "«غزة»،", "x" * 300, " " * 280)
"""What is stored aside: characters beyond the page of the commonest, tokens and gaps too long for a byte."""


def text(chance: random.Random, words: int) -> str:
    return " ".join(chance.choice(ODD if chance.random() < 0.002 else WORDS) for _ in range(words))


def copy(chance: random.Random, identifier: str) -> Article:
    body = text(chance, chance.choice((0, 1, 7, 40, 300)))
    inferred = chance.random() < 0.3 and bool(body)
    title = body[: chance.randrange(4, 40)].strip() if inferred else text(chance, chance.randrange(9))
    # A quotation mark and a backslash are escaped in the record; an inferred title may also be another text.
    title = title if chance.random() < 0.9 else f'غزة "{title}\\[['
    outlet = chance.choice(("سبق", "أ", None))
    return make_article(identifier, body, title or None, title_inferred=inferred and bool(title), outlet=outlet)


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> IndexReader:
    """Stories of one copy or several in three segments, some of them deleted or replaced."""
    chance = random.Random(7)
    directory = new_index(tmp_path_factory.mktemp("compiled") / "1")
    for segment in range(3):
        stories = [
            Story(number, 1, tuple(copy(chance, f"é{number}-{one}") for one in range(chance.choice((1, 1, 3)))))
            for number in range(segment * 40, segment * 40 + 60)
        ]
        commit(directory, *stories, *(gone(number) for number in range(segment * 40 - 9, segment * 40)))
    return BACKEND.open_reader(directory)


@pytest.fixture(autouse=True)
def numpys_way_again() -> Iterator[None]:
    yield
    compiled.stop()


words = st.sampled_from(WORDS)
phrases = st.builds(
    lambda found, slop: f'"{" ".join(found)}"{slop}',
    st.lists(words, min_size=2, max_size=3),
    st.sampled_from(("", "~2")),
)
parts = st.one_of(
    words, phrases, words.map("={}".format), words.map("title:{}".format), st.just("كت*"), st.just("مصر~")
)
queries = st.builds(
    lambda found, sign: sign.join(found),
    st.lists(parts, min_size=1, max_size=4),
    st.sampled_from((" ", " OR ", " AND ", " -")),
)


@settings(max_examples=150)
@given(queries, st.sampled_from((1, 10, 60)), st.sampled_from(("relevance", "newest")), st.booleans())
def test_both_ways_make_the_same_hits(reader: IndexReader, query: str, per_page: int, sort: Any, exact: bool) -> None:
    request = SearchRequest(q=query, per_page=per_page, sort=sort, exact=exact, corrections=False)
    by_numpy = answer(reader.search(request)), reader.ranking(request)
    assert compiled.prepare(at_once=True)
    assert (answer(reader.search(request)), reader.ranking(request)) == by_numpy
    compiled.stop()


def test_loops_make_the_hits_that_have_nothing_odd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit(new_index(tmp_path / "1"), *(make_story(number, "غزة " * number, "خبر غزة") for number in range(1, 9)))
    compiled.prepare(at_once=True)
    monkeypatch.setattr(pages, "marked_texts", lambda *_: pytest.fail("made by numpy"))
    hits = BACKEND.open_reader(tmp_path / "1").search(SearchRequest(q="غزة")).hits
    assert [len(hit.snippet.spans) if hit.snippet else 0 for hit in hits] == [hit.story for hit in hits]


def test_as_many_words_are_marked_as_a_title_has(tmp_path: Path) -> None:
    """More than there is room for at first."""
    commit(new_index(tmp_path / "1"), make_story(1, "خبر", "غزة " * 9000))
    compiled.prepare(at_once=True)
    (hit,) = BACKEND.open_reader(tmp_path / "1").search(SearchRequest(q="غزة")).hits
    assert hit.title
    assert len(hit.title.spans) == 9000


def test_an_id_that_json_escapes_is_the_same_id(tmp_path: Path) -> None:
    article = make_article('a"\\[[b', "غزة", "غزة")
    commit(new_index(tmp_path / "1"), Story(1, 1, (article,)), make_story(2, "غزة"))
    compiled.prepare(at_once=True)
    reader = BACKEND.open_reader(tmp_path / "1")
    assert {hit.id for hit in reader.ranking(SearchRequest(q="غزة")).hits} == {'a"\\[[b', "a2"}


def test_ids_of_any_length_are_told_whole(tmp_path: Path) -> None:
    """Longer than there is room for at first; also one of no letter that is written as it is."""
    ids = ["\u0645" * 500, "a\nb", "\ud800", *(f"{number}-{'x' * 90}" for number in range(8))]
    stories = (Story(number, 1, (make_article(one, "غزة"),)) for number, one in enumerate(ids, start=1))
    commit(new_index(tmp_path / "1"), *stories)
    reader = BACKEND.open_reader(tmp_path / "1")
    by_numpy = reader.ranking(SearchRequest(q="غزة", per_page=20)).hits
    assert {hit.id for hit in by_numpy} == set(ids)
    compiled.prepare(at_once=True)
    assert reader.ranking(SearchRequest(q="غزة", per_page=20)).hits == by_numpy
    only_long = reader.ranking(SearchRequest(q="غزة", per_page=20, sort="newest")).hits
    assert {hit.id for hit in only_long} == set(ids)


@pytest.mark.parametrize("name", ["story/records", "text/data", "token/steps", "token/lengths", "lemma/positions"])
def test_what_loops_read_is_checked_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Each of these parts has blocks of its own, of which one in the middle is broken."""
    directory = new_index(tmp_path / "1")
    address = "https://example.org/" + "y" * 9000
    commit(directory, *(make_story(number, f"غزة {number} " * 2000, "خبر", url=address) for number in range(60)))
    (path,) = directory.glob("*.seg")
    file = BACKEND.open_reader(directory)._snapshot.parts[0].segment.file
    offset, width = file.place(name)
    at = offset + len(file.array(name)) * width // 2
    with path.open("r+b") as stored:
        stored.seek(path.stat().st_size - len(file.data) - 4 * len(file.unseen) + at)
        stored.write(bytes([file.data[at] ^ 255]))
    monkeypatch.setattr(pages, "marked_texts", lambda *_: pytest.fail("made by numpy"))
    compiled.prepare(at_once=True)
    with pytest.raises(IndexBroken, match="checksum"):
        read_all(BACKEND.open_reader(directory))


def read_all(reader: IndexReader) -> None:
    for page in range(1, 61):
        reader.search(SearchRequest(q="غزة", page=page, per_page=1, facets=False, sort="oldest"))


def test_without_loops_ids_are_read_from_records(reader: IndexReader) -> None:
    assert find_ids.ready() is None
    assert ids_of(reader._snapshot.parts[0].segment, reader._snapshot.live().nonzero()[0][:1]) is None  # type: ignore[attr-defined]
