"""More like this: other stories on the same matter, never the story itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from searchapp.engine.protocol import EngineBackend, IndexReader
from searchapp.model import Article, Story
from tests.index_samples import gone

Build = Callable[[Iterable[Story]], IndexReader]
MakeStory = Callable[..., Story]
MakeCopy = Callable[..., Article]

QUAKE = "زلزال بقوة خمس درجات يضرب جاوة في إندونيسيا ويهدم منازل"
TEXTS = (
    QUAKE,
    "إندونيسيا: زلزال جاوة يهدم عشرات المنازل بقوة خمس درجات",
    "بركان في جاوة بعد الزلزال الذي هدم منازل إندونيسيا",
    "مباراة الهلال والنصر في الرياض",
    "الهلال يفوز على النصر في الرياض بهدف",
    "أسعار النفط ترتفع في لندن",
)


@pytest.fixture
def stories(story: MakeStory) -> list[Story]:
    return [story(number, text) for number, text in enumerate(TEXTS, start=1)]


def test_stories_on_the_same_matter_are_alike(build: Build, stories: list[Story]) -> None:
    reader = build(stories)
    assert [hit.id for hit in reader.similar(stories[0].articles[0], 5)] == ["a2", "a3"]
    assert [hit.id for hit in reader.similar(stories[3].articles[0], 5)] == ["a5"]
    assert reader.similar(stories[5].articles[0], 5) == ()


def test_no_more_are_named_than_asked_for(build: Build, stories: list[Story]) -> None:
    assert len(build(stories).similar(stories[0].articles[0], 1)) == 1


def test_the_story_itself_is_left_out_by_whichever_copy(
    build: Build, stories: list[Story], story: MakeStory, copy: MakeCopy
) -> None:
    copies = (copy(QUAKE, "أ", id="c1"), copy(f"{QUAKE} أمس", "ب", id="c2"))
    reader = build([*stories[1:], story(9, "", *copies)])
    for one in copies:
        assert [hit.id for hit in reader.similar(one, 5)] == ["a2", "a3"]


def test_deleted_stories_are_not_alike(backend: EngineBackend, build: Build, stories: list[Story]) -> None:
    build(stories)
    reader = build([gone(2, sequence=9)])
    assert [hit.id for hit in reader.similar(stories[0].articles[0], 5)] == ["a3"]


@pytest.mark.parametrize("body", ["", "في من", "12 34", "كلمة", "لاشيءكهذا غيرهذا"])
def test_an_article_that_says_little_is_like_no_other(build: Build, stories: list[Story], body: str) -> None:
    assert build(stories).similar(Article(id="x", title=None, body=body), 5) == ()
