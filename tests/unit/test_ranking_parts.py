"""What ranks one story above another, beside how often its words stand there, and that all of it can be explained."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from searchapp.engine.backend import SegmentBackend
from searchapp.engine.reader import SegmentReader
from searchapp.engine.retrieval.core.weights import WEIGHTS
from searchapp.engine.retrieval.ranking.rescoring import CANDIDATES
from searchapp.model import Hit, SearchRequest
from tests.index_samples import commit, make_story, new_index

FILLER = "نص طويل من كلمات أخرى كثيرة لا شأن لها بما يبحث عنه القارئ هنا "


def ranked(reader: SegmentReader, query: str, **changes: float) -> list[int]:
    hits = reader.search(SearchRequest(q=query), replace(WEIGHTS, **changes)).hits
    return [hit.story for hit in hits]


def index_of(directory: Path, *bodies: str) -> SegmentReader:
    """Stories numbered from 1, and twenty that have none of their words."""
    directory = new_index(directory)
    others = [make_story(1000 + number, FILLER * 2) for number in range(20)]
    commit(directory, *(make_story(number, body) for number, body in enumerate(bodies, start=1)), *others)
    return SegmentBackend().open_reader(directory)


def test_the_very_form_comes_before_another_form_of_the_word(tmp_path: Path) -> None:
    reader = index_of(tmp_path / "i", f"المعلمون {FILLER}", f"معلم {FILLER}")
    assert ranked(reader, "معلم") == [2, 1]
    assert ranked(reader, "المعلمون") == [1, 2]


def test_a_form_that_differs_by_an_affix_only_comes_before_one_that_differs_by_more(tmp_path: Path) -> None:
    reader = index_of(tmp_path / "i", f"كتب {FILLER}", f"الكتاب {FILLER}", f"كتاب {FILLER}")
    assert ranked(reader, "كتاب")[0] == 3
    assert ranked(reader, "كتاب").index(2) == 1
    assert set(ranked(reader, "كتاب", light=0)) == set(ranked(reader, "كتاب"))


def test_what_the_text_begins_with_counts_more(tmp_path: Path) -> None:
    reader = index_of(tmp_path / "i", FILLER * 3 + "زلزال", "زلزال " + FILLER * 3)
    assert ranked(reader, "زلزال") == [2, 1]
    without = reader.search(SearchRequest(q="زلزال"), replace(WEIGHTS, lead=0)).hits
    assert without[0].score == pytest.approx(without[1].score)


def test_words_near_each_other_come_first_in_either_order(tmp_path: Path) -> None:
    apart = f"وزير {FILLER * 2} الصحة"
    reader = index_of(tmp_path / "i", apart, f"{FILLER} {FILLER} وزير الصحة", f"{FILLER} {FILLER} الصحة وزير")
    assert ranked(reader, "وزير الصحة", lead=0, ngrams=0)[-1] == 1
    assert ranked(reader, "وزير الصحة", lead=0, ngrams=0, proximity=0)[0] == 1
    reader = index_of(tmp_path / "j", *(f"{FILLER * 15}{body}" for body in ("وزير الصحة", "الصحة وزير")))
    scores = {hit.story: hit.score for hit in reader.search(SearchRequest(q="وزير الصحة")).hits}
    assert scores[1] == pytest.approx(scores[2])


def test_a_beginning_that_repeats_the_query_letter_by_letter_comes_first(tmp_path: Path) -> None:
    query = "الوزير يبحث في لندن التعاون"
    reader = index_of(
        tmp_path / "i", f"لندن {FILLER} التعاون {FILLER} الوزير يبحث", f"الوزير بحث في لندن التعاون {FILLER * 2}"
    )
    assert ranked(reader, query)[0] == 2
    hits = {hit.story: hit for hit in reader.search(SearchRequest(q=query, explain=True)).hits}
    gave = {number: {part.name: part.score for part in hit.explanation} for number, hit in hits.items()}
    assert gave[2]["ngrams"] > gave[1]["ngrams"] > 0
    without = reader.search(SearchRequest(q=query, explain=True), replace(WEIGHTS, ngrams=0)).hits
    assert not any(part.name == "ngrams" for hit in without for part in hit.explanation)


def test_nearness_is_not_weighed_when_hits_are_sorted_by_date(tmp_path: Path) -> None:
    reader = index_of(tmp_path / "i", "وزير الصحة", f"وزير {FILLER} الصحة")
    by_date = reader.search(SearchRequest(q="وزير الصحة", sort="newest", explain=True)).hits
    assert not any(part.name == "proximity" for hit in by_date for part in hit.explanation)


def test_a_story_with_more_of_the_words_comes_before_one_that_has_a_rare_word_often(tmp_path: Path) -> None:
    often = "زلزال " * 6 + FILLER
    both = f"{FILLER * 2} زلزال {FILLER * 2} عنيف {FILLER * 2} مدينة"
    reader = index_of(tmp_path / "i", often, both)
    query = "زلزال عنيف مدينة ساحلية بعيدة"
    assert ranked(reader, query)[0] == 2
    assert ranked(reader, query, coverage=0, proximity=0, ngrams=0)[0] == 1


def test_a_kindred_word_speaks_for_one_that_is_missing(tmp_path: Path) -> None:
    """زيارة is the noun of زار."""
    without, kindred, itself = f"الوزير {FILLER}", f"الوزير زيارة {FILLER}", f"الوزير يزور {FILLER}"
    reader = index_of(tmp_path / "i", without, kindred, itself, f"زار {FILLER}")
    assert ranked(reader, "الوزير يزور")[:3] == [3, 2, 1]
    assert ranked(reader, "الوزير يزور", kindred=0)[:3] == [3, 1, 2]
    hits = {hit.story: hit for hit in reader.search(SearchRequest(q="الوزير يزور", explain=True)).hits}
    gave = {number: {part.name: part.score for part in hit.explanation} for number, hit in hits.items()}
    assert gave[2]["kindred"] > 0
    assert "kindred" not in gave[3]
    assert sum(gave[2].values()) == pytest.approx(hits[2].score, rel=1e-5)


def test_kindred_words_find_nothing_by_themselves_nor_speak_for_a_very_form(tmp_path: Path) -> None:
    reader = index_of(tmp_path / "i", f"الوزير زيارة {FILLER}", f"الوزير {FILLER}")
    assert ranked(reader, "يزور") == []
    for request in (SearchRequest(q="الوزير =يزور", explain=True), SearchRequest(q="الوزير يزور", exact=True)):
        assert not any(part.name == "kindred" for hit in reader.search(request).hits for part in hit.explanation)


def test_forms_of_a_word_in_one_story_are_not_worth_more_than_one_form_as_often(tmp_path: Path) -> None:
    one, several = f"معلم معلم معلم {FILLER}", f"المعلم ومعلم بالمعلم {FILLER}"
    reader = index_of(tmp_path / "i", one, several)
    hits = reader.search(SearchRequest(q="معلم", explain=True), replace(WEIGHTS, exact=0)).hits
    light = {hit.story: part.score for hit in hits for part in hit.explanation if part.name == "light"}
    assert light[2] <= light[1] * 1.0001


def test_pages_go_on_below_the_hits_whose_nearness_was_weighed(tmp_path: Path) -> None:
    bodies = [f"وزير {'كلمة ' * (number % 14)} الصحة {FILLER}" for number in range(CANDIDATES + 40)]
    reader = index_of(tmp_path / "i", *bodies)
    pages = [reader.search(SearchRequest(q="وزير الصحة", per_page=20, page=page)).hits for page in range(1, 8)]
    stories = [hit.story for hits in pages for hit in hits]
    assert sorted(stories) == list(range(1, CANDIDATES + 41))
    whole = [
        hit.story
        for page in (1, 2)
        for hit in reader.search(SearchRequest(q="وزير الصحة", per_page=70, page=page)).hits
    ]
    assert whole == stories


@pytest.mark.parametrize("query", ["معلم", "معلم المدرسة", '"معلم المدرسة"', "معل* المدرسة", "معلم =المدرسة"])
def test_an_explanation_adds_up_to_the_score(tmp_path: Path, query: str) -> None:
    bodies = ("معلم المدرسة", f"المعلمون {FILLER} مدرسة معلم المدارس", f"معلم {FILLER}", f"مدرسة {FILLER} معلمين")
    reader = index_of(tmp_path / "i", *bodies)
    hits = reader.search(SearchRequest(q=query, explain=True)).hits
    assert hits
    for hit in hits:
        assert sum(part.score for part in hit.explanation) == pytest.approx(hit.score, rel=1e-5), hit.explanation


def test_an_explanation_names_the_form_that_matched(tmp_path: Path) -> None:
    reader = index_of(tmp_path / "i", f"المعلمون {FILLER}", f"معلم {FILLER}")
    first, second = reader.search(SearchRequest(q="معلم", explain=True)).hits
    assert names_of(first) == {"lemma", "exact", "light"}
    assert "exact" not in names_of(second)
    assert reader.search(SearchRequest(q="معلم")).hits[0].explanation == ()


def names_of(hit: Hit) -> set[str]:
    return {part.name for part in hit.explanation if part.word == "معلم"}


def test_hits_that_follow_below_are_explained_like_those_above(tmp_path: Path) -> None:
    """Those that match and those that lack a word are ranked one after the other."""
    both = [f"معلم المدرسة {number}" for number in range(12)]
    reader = index_of(tmp_path / "i", *both, f"معلم {FILLER}", f"مدرسة {FILLER}")
    hits = reader.search(SearchRequest(q="معلم المدرسة", per_page=20, explain=True)).hits
    assert [hit.relaxed for hit in hits] == [False] * 12 + [True] * 2
    for hit in hits:
        assert sum(part.score for part in hit.explanation) == pytest.approx(hit.score, rel=1e-5)


def test_all_that_is_ranked_together_can_be_paged_through(tmp_path: Path) -> None:
    words = ["زلزال", "جزيرة", "سفينة", "مطار", "قطار", "جسر"]
    whole = [" ".join(words) + f" {FILLER * 3}" for _ in range(12)]
    parts = [" ".join(words[at : at + 3]) for at in range(3)] * 5
    reader = index_of(tmp_path / "i", *whole, *parts)
    request = SearchRequest(q=" ".join(words), per_page=5)
    first = reader.search(request)
    assert (first.total, first.lacking, first.relaxed) == (12, 15, False)
    pages = [reader.search(replace(request, page=page)).hits for page in range(1, 7)]
    stories = [hit.story for hits in pages for hit in hits]
    assert sorted(stories) == list(range(1, 28))
    assert {hit.story for hits in pages for hit in hits if not hit.relaxed} == set(range(1, 13))


def test_with_few_words_nothing_stands_among_what_matches(tmp_path: Path) -> None:
    reader = index_of(tmp_path / "i", *["معلم المدرسة"] * 12, "معلم")
    result = reader.search(SearchRequest(q="معلم المدرسة", per_page=20))
    assert (result.total, result.lacking) == (12, 0)
