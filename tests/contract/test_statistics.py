"""What an index says that it holds."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

from searchapp.engine.protocol import EngineBackend, IndexReader
from searchapp.model import Article, Story

Build = Callable[..., IndexReader]
MakeCopy = Callable[..., Article]
MakeStory = Callable[..., Story]

OUTLETS = ("عكاظ", "الرياض", "BBC", None)


def test_an_empty_index_holds_nothing(backend: EngineBackend, directory: Path) -> None:
    found = backend.open_reader(directory).statistics()
    assert (found.articles, found.stories, found.undated, found.outlets) == (0, 0, 0, ())
    assert (found.first, found.last) == (None, None)


def test_copies_count_as_articles_and_a_story_once_an_outlet(build: Build, copy: MakeCopy, story: MakeStory) -> None:
    reader = build(
        [
            story(1, "", copy("غزة", "عكاظ", "2015-07-23"), copy("غزة", "عكاظ", "2015-07-21"), copy("غزة", "الرياض")),
            story(2, "", copy("مصر")),
        ]
    )
    found = reader.statistics()
    assert (found.articles, found.stories, found.undated) == (4, 2, 2)
    assert found.outlets == (("-", 1), ("الرياض", 1), ("عكاظ", 1))
    assert (found.first, found.last) == (date(2015, 7, 21), date(2015, 7, 23))
    assert found.generation == reader.generation


def test_what_was_replaced_or_taken_out_is_not_counted_whatever_segment_it_is_in(
    backend: EngineBackend, directory: Path, copy: MakeCopy, story: MakeStory
) -> None:
    chance = random.Random(7)
    held: dict[int, Story] = {}
    for commit in range(6):
        writer = backend.open_writer(directory)
        for number in chance.sample(range(1, 60), 25):
            copies = [_copy(chance, copy) for _ in range(chance.choice((1, 1, 1, 2, 4)))]
            gone = number in held and chance.random() < 0.3
            made = Story(number, commit * 100 + number, () if gone else tuple(copies))
            writer.replace(made)
            held[number] = made
        writer.commit(commit * 100 + 99)
        _assert_counts(backend.open_reader(directory), [each for each in held.values() if each.articles])


def _copy(chance: random.Random, copy: MakeCopy) -> Article:
    day = date(2015, 1, 1) + timedelta(chance.randrange(900))
    return copy("خبر", chance.choice(OUTLETS), day.isoformat() if chance.random() < 0.8 else None)


def _assert_counts(reader: IndexReader, stories: list[Story]) -> None:
    copies = [article for each in stories for article in each.articles]
    days = [article.date for article in copies if article.date]
    by_outlet: dict[str, set[int]] = {}
    for each in stories:
        for article in each.articles:
            by_outlet.setdefault(article.outlet or "-", set()).add(each.number)
    found = reader.statistics()
    assert (found.articles, found.stories) == (len(copies), len(stories))
    assert found.undated == len(copies) - len(days)
    assert (found.first, found.last) == (min(days), max(days))
    assert list(found.outlets) == sorted(
        ((name, len(numbers)) for name, numbers in by_outlet.items()), key=lambda each: (-each[1], each[0])
    )
