"""Newer stories count more for those who ask for it, and only for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from searchapp.engine.protocol import IndexReader
from searchapp.engine.retrieval.ranking import recency
from searchapp.errors import InvalidRequest
from searchapp.model import QueryNote, SearchRequest, SearchResult, Story

Build = Callable[..., IndexReader]
MakeStory = Callable[..., Story]

REQUEST = SearchRequest(q="زلزال")


@pytest.fixture
def reader(build: Build, story: MakeStory) -> IndexReader:
    """The same text on four days and once without a date; the oldest fits a little better."""
    text = "زلزال في المدينة صباح اليوم"
    days = ("2024-06-30", "2024-05-31", None, "2020-01-01")
    stories = [story(number, text, day=day) for number, day in enumerate(days, start=1)]
    return build([*stories, story(5, f"زلزال {text}", day="2019-01-01"), story(6, "خبر آخر", day="2024-06-30")])


def scores(result: SearchResult) -> dict[int, float]:
    return {hit.story: hit.score for hit in result.hits}


def test_without_it_the_day_only_orders_what_is_equal(reader: IndexReader) -> None:
    found = scores(reader.search(REQUEST))
    assert list(found) == [5, 1, 2, 4, 3]
    assert len({found[number] for number in (1, 2, 3, 4)}) == 1


def test_the_gain_halves_with_every_half_life(reader: IndexReader) -> None:
    plain, recent = scores(reader.search(REQUEST)), scores(reader.search(replace(REQUEST, recency=30)))
    gains = {number: recent[number] / plain[number] for number in plain}
    assert gains[1] == pytest.approx(2)
    assert gains[2] == pytest.approx(1.5)
    assert gains[4] == gains[5] == pytest.approx(1)
    assert list(recent)[:2] == [1, 2]


def test_what_has_no_date_keeps_its_score(reader: IndexReader) -> None:
    plain, recent = scores(reader.search(REQUEST)), scores(reader.search(replace(REQUEST, recency=7)))
    assert recent[3] == pytest.approx(plain[3])


def test_ages_count_from_the_day_that_is_given_and_later_stories_as_of_that_day(reader: IndexReader) -> None:
    found = scores(reader.search(replace(REQUEST, recency=30, recency_from=date(2020, 1, 1))))
    assert found[1] == found[2] == found[4] > found[3]


def test_an_article_dated_in_the_future_makes_no_other_one_old(
    build: Build, story: MakeStory, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "زلزال في المدينة صباح اليوم"
    days = ("2024-06-30", "2024-05-31", "2031-01-01")
    reader = build([story(number, text, day=day) for number, day in enumerate(days, start=1)])
    monkeypatch.setattr(recency, "today", lambda: date(2024, 7, 15))
    plain, recent = scores(reader.search(REQUEST)), scores(reader.search(replace(REQUEST, recency=30)))
    assert [recent[number] / plain[number] for number in (1, 2, 3)] == pytest.approx([2, 1.5, 2])


def test_where_all_articles_are_dated_in_the_future_ages_count_from_today(
    build: Build, story: MakeStory, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = build([story(1, "زلزال في المدينة", day="2031-01-01"), story(2, "زلزال آخر", day=None)])
    monkeypatch.setattr(recency, "today", lambda: date(2024, 7, 15))
    plain, recent = scores(reader.search(REQUEST)), scores(reader.search(replace(REQUEST, recency=30)))
    assert recent[1] / plain[1] == pytest.approx(2)
    assert recent[2] == pytest.approx(plain[2])


def test_a_long_half_life_leaves_the_order_to_the_words(reader: IndexReader) -> None:
    assert list(scores(reader.search(replace(REQUEST, recency=1_000_000)))) == list(scores(reader.search(REQUEST)))


def test_what_matches_is_the_same_and_the_reader_is_told(reader: IndexReader) -> None:
    plain, recent = reader.search(REQUEST), reader.search(replace(REQUEST, recency=30))
    assert (plain.total, plain.facets) == (recent.total, recent.facets)
    assert QueryNote("ranked_by_recency", "30") in recent.query.notes
    assert not plain.query.notes


def test_an_order_by_date_knows_no_recency(reader: IndexReader) -> None:
    request = replace(REQUEST, sort="oldest")
    assert reader.search(replace(request, recency=30)).hits == reader.search(request).hits


@pytest.mark.parametrize("query", ["زلزال", "زلزال المدينة", '"زلزال في المدينة"'])
def test_what_it_gave_is_part_of_the_explanation(reader: IndexReader, query: str) -> None:
    hits = reader.search(SearchRequest(q=query, recency=30, explain=True)).hits
    assert "recency" in {part.name for part in hits[0].explanation}
    for hit in hits:
        assert sum(part.score for part in hit.explanation) == pytest.approx(hit.score, rel=1e-5)


def test_pages_follow_one_another(build: Build, story: MakeStory) -> None:
    stories = [
        story(number, f"زلزال {'كلمة ' * (number % 7)} المدينة", day=f"2024-{number % 12 + 1:02}-01")
        for number in range(1, 91)
    ]
    reader = build(stories)
    request = SearchRequest(q="زلزال المدينة", recency=30, per_page=10)
    paged = [hit for page in range(1, 10) for hit in reader.search(replace(request, page=page)).hits]
    assert [hit.story for hit in paged] == [hit.story for hit in reader.search(replace(request, per_page=90)).hits]
    assert len({hit.story for hit in paged}) == 90


def test_a_half_life_below_a_day_is_refused(reader: IndexReader) -> None:
    with pytest.raises(InvalidRequest) as error:
        reader.search(replace(REQUEST, recency=0))
    assert error.value.parameter == "recent"
