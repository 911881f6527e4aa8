"""Latin words in Arabic news are found with and without their accents, whatever is asked and however it is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from searchapp.analysis.analyzer import default_analyzer
from searchapp.engine.protocol import IndexReader
from searchapp.engine.retrieval.highlighting.marking import mark
from searchapp.model import Article, SearchRequest, Story

Build = Callable[..., IndexReader]
MakeStory = Callable[..., Story]
MakeCopy = Callable[..., Article]

CAFES = ("cafe", "café", "Cafe", "CAFÉ", "cafe\u0301", "ｃａｆｅ")
TEXTS = (
    *(f"افتتح {word} في بيروت" for word in CAFES),
    "وصل Erdoğan إلى İstanbul",
    "ولد Recep Tayyip Erdogan في Istanbul",
    "معرض Straße في Łódź وفي Zürich",
    "مجموعة L’Oréal تعلن",
    "ذكره Saʿūd في ﬁlm",
)


@pytest.fixture
def reader(build: Build, story: MakeStory, copy: MakeCopy) -> IndexReader:
    outlets = (story(number, "", copy("خبر واحد", outlet)) for number, outlet in ((90, "Économie"), (91, "Economia")))
    return build([*(story(number, text) for number, text in enumerate(TEXTS, 1)), *outlets])


def found(reader: IndexReader, query: str, **request: Any) -> dict[int, tuple[str, ...]]:
    """Story → the words that are marked in its snippet."""
    result = reader.search(SearchRequest(q=query, per_page=100, **request))
    snippets = {hit.story: hit.snippet for hit in result.hits if hit.snippet}
    return {number: tuple(one.text[start:end] for start, end in one.spans) for number, one in snippets.items()}


@pytest.mark.parametrize("query", [*CAFES, "=café", '"café"', "caf*", "café*", "c?fé", "caféx~"])
def test_one_word_in_all_its_spellings_is_found_and_marked_whole(reader: IndexReader, query: str) -> None:
    assert found(reader, query) == {number: (word,) for number, word in enumerate(CAFES, 1)}
    for number, word in enumerate(CAFES):
        spans = mark(TEXTS[number], SearchRequest(q=query), default_analyzer())
        assert [TEXTS[number][start:end] for start, end in spans] == [word]


@pytest.mark.parametrize(
    ("query", "stories"),
    [
        *(("Erdogan", {7, 8}), ("ERDOĞAN", {7, 8}), ("istanbul", {7, 8}), ("ISTANBUL", {7, 8}), ("İSTANBUL", {7, 8})),
        *(("Strasse", {9}), ("STRASSE", {9}), ("Lodz", {9}), ("Zurich", {9}), ("Zuerich", set())),
        *(("L'Oreal", {10}), ('"L’Oreal"', {10}), ("LOréal", set())),
        *(("Saud", {11}), ("film", {11}), ('"tayyip erdoğan"', {8})),
    ],
)
def test_names_are_found_as_they_are_typed(reader: IndexReader, query: str, stories: set[int]) -> None:
    assert set(found(reader, query)) == stories


def test_an_outlet_is_found_without_its_accents(reader: IndexReader) -> None:
    assert set(found(reader, "source:economie")) == {90}


def test_completions_are_written_as_the_articles_write_them(reader: IndexReader) -> None:
    assert set(reader.completions("zu")) == set(reader.completions("Zü")) == {"Zürich"}
