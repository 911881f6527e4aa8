"""Completions of what is typed: words of the archive, written as its articles write them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from searchapp.engine.protocol import EngineBackend, IndexReader
from searchapp.model import Story
from tests.index_samples import gone

Build = Callable[..., IndexReader]
MakeStory = Callable[..., Story]


@pytest.fixture
def reader(build: Build, story: MakeStory) -> IndexReader:
    texts = [
        "وزير الخارجية الأمريكي في القاهرة",
        "قال وزير الخارجية إن الأمم المتحدة تعمل",
        "اجتمع وزير الداخلية بوزير الخارجية",
        "الخارجية الخارجية الخطوط الجوية",
        "الخطوط الجوية السعودية والأمن",
        "الخطوط تعلن",
        "مجلس الأمن. القاهرة",
        "مجلس الأمن يجتمع Google",
    ]
    return build(story(number, text) for number, text in enumerate(texts, 1))


def test_the_most_frequent_words_come_first_written_as_outlets_do(reader: IndexReader) -> None:
    assert reader.completions("الخ")[:2] == ("الخارجية", "الخطوط")
    assert reader.completions("الام") == reader.completions("الأم")
    assert set(reader.completions("الام")) == {"الأمن", "الأمريكي", "الأمم"}


def test_words_that_follow_the_word_before_come_first(reader: IndexReader) -> None:
    assert reader.completions("وزير ال")[0] == "وزير الخارجية"
    assert reader.completions("قرر مجلس ا")[0] == "قرر مجلس الأمن"


def test_after_a_space_the_next_words_are_proposed(reader: IndexReader) -> None:
    assert reader.completions("وزير ") == ("وزير الخارجية",)
    assert reader.completions("الخطوط") == ("الخطوط الجوية",)


@pytest.mark.parametrize("typed", ["عبد ", "عبد ا", "عبد ال", "عبد الل", "عبدال", "قال عبد ال"])
def test_names_of_two_words_are_proposed_whole(build: Build, story: MakeStory, typed: str) -> None:
    reader = build([story(1, "زار عبد الله مصر"), story(2, "عبد الله وعبدالله")])
    assert reader.completions(typed)[0] == f"{'قال ' if 'قال' in typed else ''}عبد الله"


def test_no_word_is_taken_from_beyond_a_full_stop(reader: IndexReader) -> None:
    assert "الأمن القاهرة" not in reader.completions("الأمن")


def test_what_stands_before_the_word_stays_as_it_was_typed(reader: IndexReader) -> None:
    assert reader.completions('-غزة "مجلس الأم')[0] == '-غزة "مجلس الأمن'
    assert reader.completions("goo") == ("Google",)


@pytest.mark.parametrize("typed", ["", " ", "؟", "لاشيءكهذا", "كلمة " * 100, "\x00", "\ud800"])
def test_where_nothing_begins_so_nothing_is_proposed(reader: IndexReader, typed: str) -> None:
    assert reader.completions(typed) == ()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.sampled_from('الخمنوزير Goo.-"\u064e\u0640\u200f'), max_size=12))
def test_each_completion_is_another_text_and_there_are_eight_at_most(reader: IndexReader, typed: str) -> None:
    found = reader.completions(typed)
    assert len(found) == len(set(found)) <= 8
    assert typed not in found


def test_words_of_deleted_stories_and_of_keywords_are_not_shown(
    backend: EngineBackend, directory: Any, story: MakeStory
) -> None:
    for stories in ([story(1, "غزة"), story(2, "غزال", keywords="غزوان")], [gone(1, sequence=2)]):
        writer = backend.open_writer(directory)
        for made in stories:
            writer.replace(made)
        writer.commit(2)
    assert backend.open_reader(directory).completions("غز") == ("غزال",)
