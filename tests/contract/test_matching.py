"""Which stories match: words, phrases, prefixes, operators, conditions, and when words are relaxed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from searchapp.config import LIMITS
from searchapp.engine.protocol import IndexReader
from searchapp.errors import LimitExceeded
from searchapp.model import Article, NoteCode, SearchRequest, SearchResult, Story

Build = Callable[..., IndexReader]
MakeStory = Callable[..., Story]
MakeCopy = Callable[..., Article]
Find = Callable[..., SearchResult]


def numbers(result: SearchResult) -> set[int]:
    return {hit.story for hit in result.hits}


@pytest.fixture
def find(build: Build, story: MakeStory) -> Find:
    """Puts bodies into an index as stories 1, 2, … and answers a query over them with all matching numbers."""

    def find(query: str, *bodies: str, **request: Any) -> SearchResult:
        reader = build(story(number, body) for number, body in enumerate(bodies, start=1))
        return reader.search(SearchRequest(q=query, per_page=100, **request))

    return find


def test_a_word_is_found_in_all_its_forms(find: Find) -> None:
    assert numbers(find("كتاب", "الكتاب هنا", "كتابها هناك", "رسالة")) == {1, 2}


def test_the_exact_sign_asks_for_the_very_form(find: Find) -> None:
    assert numbers(find("=كتاب", "الكتاب هنا", "كتاب هناك")) == {2}


def test_the_exact_switch_makes_all_words_exact(find: Find) -> None:
    assert numbers(find("كتاب جديد", "الكتاب جديد", "كتاب جديد", exact=True)) >= {2}
    assert find("كتاب", "الكتاب جديد", "كتاب جديد", exact=True).total == 1


def test_two_words_must_both_stand(find: Find) -> None:
    bodies = ["غزة مصر"] * 10 + ["غزة", "مصر"]
    result = find("غزة مصر", *bodies)
    assert (result.total, result.relaxed) == (10, False)


def test_three_quarters_of_more_than_four_words_are_enough(find: Find) -> None:
    words = ["شمس", "قمر", "نجم", "بحر", "جبل"]
    four, three = " ".join(words[:4]), " ".join(words[:3])
    assert find(" ".join(words), *([four] * 10), three).total == 10


def test_fewer_than_ten_matches_relax_to_any_word(find: Find) -> None:
    result = find("غزة مصر", *["غزة مصر"] * 9, "غزة", "مصر", "لبنان")
    assert (result.total, result.relaxed) == (11, True)
    assert [hit.relaxed for hit in result.hits] == [False] * 9 + [True] * 2


def test_relaxing_is_decided_before_filters(build: Build, story: MakeStory) -> None:
    stories = [story(n, "غزة مصر", outlet="أ" if n <= 2 else "ب") for n in range(1, 11)]
    reader = build([*stories, story(11, "غزة", outlet="أ")])
    result = reader.search(SearchRequest(q="غزة مصر", sources=("أ",)))
    assert (result.total, result.relaxed) == (2, False)


def test_facets_of_a_relaxed_query_give_what_they_promise(build: Build, story: MakeStory) -> None:
    reader = build([story(1, "غزة مصر", outlet="أ"), story(2, "غزة", outlet="ب"), story(3, "مصر", outlet="ب")])
    promised = {bucket.value: bucket.count for bucket in reader.search(SearchRequest(q="غزة مصر")).facets["outlet"]}
    for outlet, count in promised.items():
        assert reader.search(SearchRequest(q="غزة مصر", sources=(outlet,))).total == count


def test_relaxed_hits_follow_below_when_more_are_asked_for_than_match(find: Find) -> None:
    result = find("غزة مصر", *["غزة مصر"] * 10, "غزة غزة غزة", "لبنان")
    assert (result.total, result.relaxed) == (10, False)
    assert [(hit.story, hit.relaxed) for hit in result.hits[10:]] == [(11, True)]


@pytest.mark.parametrize("query", ["غزة AND مصر", '"غزة مصر"', "+غزة +مصر"])
def test_operators_quotes_and_plus_never_relax(find: Find, query: str) -> None:
    result = find(query, "غزة مصر", "غزة", "مصر")
    assert (numbers(result), result.relaxed) == ({1}, False)


def test_a_required_word_stays_required_when_the_others_are_relaxed(find: Find) -> None:
    result = find("+غزة مصر لبنان", "غزة مصر لبنان", "غزة مصر", "مصر لبنان")
    assert (numbers(result), result.relaxed) == ({1, 2}, True)


def test_an_excluded_word_stays_excluded_when_the_others_are_relaxed(find: Find) -> None:
    assert numbers(find("غزة مصر -لبنان", "غزة مصر", "غزة", "مصر لبنان")) == {1, 2}


def test_or_takes_either(find: Find) -> None:
    assert numbers(find("غزة OR مصر", "غزة", "مصر", "لبنان")) == {1, 2}


def test_a_negative_query_takes_all_others(find: Find) -> None:
    assert numbers(find("-غزة", "غزة", "مصر", "لبنان")) == {2, 3}


def test_stop_words_are_left_out_and_said(find: Find) -> None:
    result = find("في غزة", "غزة", "في مصر")
    assert numbers(result) == {1}
    assert [(note.code, note.detail) for note in result.query.notes] == [("stop_words_dropped", "في")]
    assert [term.dropped for term in result.query.terms] == [True, False]


def test_a_query_of_stop_words_alone_finds_them(find: Find) -> None:
    result = find("من في", "من هنا في غزة", "إلى مصر")
    assert 1 in numbers(result)
    assert 2 not in numbers(result)


def test_stop_words_count_inside_phrases(find: Find) -> None:
    assert numbers(find('"صلاة في غزة"', "صلاة في غزة", "صلاة من غزة")) == {1}


def test_a_phrase_is_words_in_their_order_in_any_form(find: Find) -> None:
    assert numbers(find('"كتاب جديد"', "الكتاب الجديد", "جديد كتاب", "كتاب في جديد")) == {1}


def test_a_phrase_puts_the_very_forms_first(find: Find) -> None:
    result = find('"كتاب جديد"', "الكتاب الجديد " * 20, "هذا النص طويل وفيه كثير " * 20 + "كتاب جديد")
    assert [hit.story for hit in result.hits] == [2, 1]


def test_an_exact_phrase_takes_the_very_forms_only(find: Find) -> None:
    assert numbers(find('="كتاب جديد"', "الكتاب الجديد", "كتاب جديد")) == {2}


@pytest.mark.parametrize(("slop", "found"), [(0, {1}), (1, {1, 2}), (2, {1, 2, 3})])
def test_slop_allows_so_many_words_between(find: Find, slop: int, found: set[int]) -> None:
    assert numbers(find(f'"شمس قمر"~{slop}', "شمس قمر", "شمس x قمر", "شمس x y قمر", "قمر شمس")) == found


def test_a_phrase_may_say_a_word_twice(find: Find) -> None:
    assert numbers(find('"شيئا شيئا"', "شيئا شيئا", "شيئا")) == {1}


def test_a_phrase_finds_a_word_as_often_as_it_says_it(find: Find) -> None:
    bodies = "كان كان ما كان", "كان ما كان", "كان يا كان ما كان", "كان كان كان"
    assert numbers(find('"كان كان ما كان"~1', *bodies)) == {1, 3}
    assert find(f'"{"خبر " * 500}"~50', "خبر " * 499, "خبر " * 500).total == 1


def test_phrases_that_read_too_much_are_refused_by_name(find: Find) -> None:
    body, phrases = "خبر " * 30_000, [f'"خبر خبر"~{slop}' for slop in range(1, 51)]
    assert find(" OR ".join(phrases[:40]), body).total == 1
    with pytest.raises(LimitExceeded) as caught:
        find(" OR ".join(phrases), body)
    assert (caught.value.limit, caught.value.allowed) == ("phrase_places", LIMITS.phrase_places)


def test_a_phrase_does_not_reach_from_one_story_into_the_next(find: Find) -> None:
    assert numbers(find('"قمر شمس"', "شمس قمر", "شمس قمر")) == set()


def test_a_prefix_finds_every_word_that_begins_so(find: Find) -> None:
    assert numbers(find("بلينك*", "بلينكن وصل", "أنتوني بلينكين", "بلين")) == {1, 2}


def test_a_prefix_beyond_the_cap_keeps_the_most_frequent_and_says_so(find: Find) -> None:
    result = find("word*", "wordfrequent", "wordfrequent", " ".join(f"word{n:04}" for n in range(300)))
    assert {1, 2} <= numbers(result)
    assert [note.code for note in result.query.notes] == ["expansion_capped"]
    assert len(result.query.terms[0].forms) == 256


def test_title_searches_look_at_titles_only(build: Build, story: MakeStory) -> None:
    reader = build([story(1, "غزة", title="مصر"), story(2, "مصر", title="غزة")])
    assert numbers(reader.search(SearchRequest(q="title:غزة"))) == {2}
    assert numbers(reader.search(SearchRequest(q="غزة", field="title"))) == {2}


def test_keywords_find_a_story(build: Build, story: MakeStory) -> None:
    reader = build([story(1, "نص", keywords="غزة"), story(2, "نص")])
    assert numbers(reader.search(SearchRequest(q="غزة"))) == {1}


def test_words_that_stand_only_in_another_copy_find_the_story(build: Build, story: MakeStory, copy: MakeCopy) -> None:
    reader = build([story(1, "", copy("نص طويل هنا", "أ"), copy("نص قصير مختلف", "ب"))])
    assert numbers(reader.search(SearchRequest(q="مختلف"))) == {1}


def test_a_source_in_the_query_is_any_copy_whatever_its_spelling(
    build: Build, story: MakeStory, copy: MakeCopy
) -> None:
    reader = build([story(1, "", copy("غزة", "أخبار"), copy("غزة", "سبق")), story(2, "غزة", outlet="عكاظ")])
    assert numbers(reader.search(SearchRequest(q="غزة source:اخبار"))) == {1}
    assert numbers(reader.search(SearchRequest(q="source:سبق OR source:عُكاظ"))) == {1, 2}
    assert numbers(reader.search(SearchRequest(q="غزة source:رويترز"))) == set()


def test_a_date_in_the_query_is_any_copy(build: Build, story: MakeStory) -> None:
    reader = build([story(1, "غزة", day="2024-06-25"), story(2, "غزة", day="2024-07-01"), story(3, "غزة")])
    assert numbers(reader.search(SearchRequest(q="غزة date:2024-06"))) == {1}


def test_an_empty_query_finds_every_story(find: Find) -> None:
    assert numbers(find("", "غزة", "مصر")) == {1, 2}


@pytest.mark.parametrize("query", ['"', "( AND *", "؟؟؟", "**", '" ( AND *'])
def test_a_query_without_words_finds_nothing_and_says_so(find: Find, query: str) -> None:
    result = find(query, "غزة", "مصر")
    codes: set[NoteCode] = {note.code for note in result.query.notes}
    assert result.total == 0
    assert "nothing_to_search" in codes


def test_three_hundred_words_are_answered(find: Find) -> None:
    words = [f"كلمة{n}" for n in range(300)]
    assert find(" ".join(words), " ".join(words[:230]), "غزة").total == 1


def test_an_empty_index_answers(find: Find) -> None:
    assert find("غزة").total == 0
    assert find("").total == 0


def test_a_word_of_any_length_is_found(find: Find) -> None:
    long = "س" * 3000
    assert numbers(find(long, long + " غزة", "غزة")) == {1}
