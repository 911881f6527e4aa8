"""Other searches where one finds little: offered only when they find clearly more, and never taken by themselves."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from searchapp.engine.protocol import IndexReader
from searchapp.engine.retrieval.corrections import Helper
from searchapp.model import Correction, SearchRequest, Story

Build = Callable[[Iterable[Story]], IndexReader]
MakeStory = Callable[..., Story]

TEXTS = (
    "وزير الخارجية الأمريكي أنتوني بلينكن في القاهرة",
    "قال وزير الخارجية إن الهدنة قريبة",
    "وزير الخارجية يصل إلى الرياض",
    "أعلن بلينكن من الرياض عن هدنة",
    "وزير الداخلية يصل إلى الدوحة",
    "السلام في المنطقة قريب",
    "رئيس الوزراء نتنياهو يرفض الهدنة",
    "مؤتمر Google في الرياض",
    "الخراجية كلمة من هنا",
)


@pytest.fixture
def reader(build: Build, story: MakeStory) -> IndexReader:
    days = [date(2024, 6, 1 + number) for number in range(len(TEXTS))]
    return build(
        story(number, text, outlet=f"منفذ {number % 2}", date=day, date_origin="declared")
        for number, (text, day) in enumerate(zip(TEXTS, days, strict=True), start=1)
    )


def corrections(reader: IndexReader, q: str, **filters: Any) -> list[tuple[str, str, int]]:
    found = reader.search(SearchRequest(q=q, **filters)).corrections
    return [(one.kind, one.text, one.total) for one in found]


@pytest.mark.parametrize(
    ("typed", "kind", "meant", "total"),
    [
        ("الرياظ", "spelling", "الرياض", 3),
        ("بلينكون", "spelling", "بلينكن", 2),
        ("وزير الخارجبة", "spelling", "وزير الخارجية", 3),
        ('"وزير الخارحية"', "spelling", '"وزير الخارجية"', 3),
        ("hgsghl", "keyboard", "السلام", 1),
        ("HGSGHL", "keyboard", "السلام", 1),
        ("لخخلمث", "keyboard", "google", 1),
        ("blinken", "name", "بلينكن", 2),
        ("netanyahu", "name", "نتنياهو", 1),
        ("antony blinken", "name", "أنتوني بلينكن", 1),
        ('"القاهرة في بلينكن"', "unquoted", "القاهرة في بلينكن", 1),
        ("قططققط الهدنة", "fewer_words", "الهدنة", 3),
    ],
)
def test_what_was_meant_is_offered_as_the_archive_writes_it(
    reader: IndexReader, typed: str, kind: str, meant: str, total: int
) -> None:
    offered = corrections(reader, typed)
    relaxed = reader.search(SearchRequest(q=typed)).relaxed
    if kind == "fewer_words" and relaxed:
        assert offered == []  # the hits below are those of the one word already
    else:
        assert offered[0] == (kind, meant, total)


def test_a_rare_name_one_slip_away_comes_before_a_common_word_two_slips_away(build: Build, story: MakeStory) -> None:
    texts = ["وقتل خمسة جنود"] * 300 + ["المهندس هوقتل يتحدث"] * 2
    reader = build(story(number, text) for number, text in enumerate(texts, start=1))
    assert corrections(reader, "هوققتل")[0] == ("spelling", "هوقتل", 2)


def test_of_shorter_queries_that_find_as_many_the_one_without_the_earlier_word_comes_first(
    build: Build, story: MakeStory
) -> None:
    # Any three of the four words stand together five times, and all four never, whatever order sets and dicts have.
    words = ("زيتون", "برتقال", "مشمش", "عنب")
    texts = [" ".join(word for word in words if word != left_out) for left_out in words] * 5
    reader = build(story(number, text) for number, text in enumerate(texts, start=1))
    for first in range(len(words)):
        turned = words[first:] + words[:first]
        offered = corrections(reader, " ".join(turned), relax=False)
        assert offered == [("fewer_words", " ".join(turned[1:]), 5)]


def test_what_looks_for_other_searches_goes_when_it_is_done(build: Build, story: MakeStory) -> None:
    reader = build(story(number, text) for number, text in enumerate(TEXTS, start=1))
    gc.collect()
    gc.disable()
    try:
        assert corrections(reader, "الرياظ")
        # By its type: what other tests have left may say of itself that it is another's proxy, and that one is gone.
        assert not [one for one in gc.get_objects() if issubclass(type(one), Helper)]
    finally:
        gc.enable()


def test_an_offer_is_a_search_that_finds_what_it_promises(reader: IndexReader) -> None:
    (offer, *_) = reader.search(SearchRequest(q="الرياظ", sort="newest", per_page=5)).corrections
    assert offer.request == SearchRequest(q="الرياض", sort="newest", per_page=5)
    assert reader.search(offer.request).total == offer.total


def test_what_finds_enough_is_left_alone(reader: IndexReader, build: Build, story: MakeStory) -> None:
    assert corrections(reader, "وزير") == []
    many = build(story(number, "خبر عن الرياظ", id=f"b{number}") for number in range(100, 110))
    assert corrections(many, "الرياظ") == []


def test_no_words_are_offered_that_never_stand_together(reader: IndexReader) -> None:
    assert all("الرياض" not in text for kind, text, _ in corrections(reader, "الرياظ نتنياهو") if kind == "spelling")


def test_the_other_spelling_must_find_clearly_more(build: Build, story: MakeStory) -> None:
    reader = build(story(number, text) for number, text in enumerate(["ظابط"] * 2 + ["ضابط"] * 5, start=1))
    assert corrections(reader, "ظابط") == []


def test_each_filter_alone_is_counted(reader: IndexReader) -> None:
    offered = corrections(
        reader, "الرياض", sources=("منفذ 1",), when=("2024-06-04", "1999"), date_from=date(2024, 6, 1)
    )
    assert ("filter", "when=2024-06-04", 2) not in offered
    assert ("filter", "source=منفذ 1", 1) in offered
    offered = corrections(reader, "الرياض", sources=("منفذ 1",), when=("1999",))
    assert offered == [("filter", "when=1999", 1)]


def test_where_no_filter_alone_is_to_blame_all_are_dropped(reader: IndexReader) -> None:
    request = SearchRequest(q="الرياض", sources=("لا",), when=("1999",), sort="newest")
    assert reader.search(request).corrections == (
        Correction("filter", "", SearchRequest(q="الرياض", sort="newest"), 3),
    )


def test_corrections_are_looked_for_on_the_first_page_and_when_asked(reader: IndexReader) -> None:
    assert corrections(reader, "الرياظ", page=2) == []
    assert corrections(reader, "الرياظ", corrections=False) == []


def test_operators_stay_as_they_were(reader: IndexReader) -> None:
    assert corrections(reader, "الرياظ -مؤتمر")[0] == ("spelling", "الرياض -مؤتمر", 2)
    assert corrections(reader, "الرياظ OR الدوخة")[0][1] == "الرياض OR الدوحة"
    assert corrections(reader, "title:الرياظ") == []


def test_nothing_is_made_up_in_an_empty_archive(build: Build) -> None:
    reader = build([])
    for q in ("الرياظ", "blinken", "hgsghl", '"أ ب"', ""):
        assert corrections(reader, q) == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.text(st.sampled_from('الخمنوزيرظض Gobl.-+"()*=~:|\u064e\u0640\u200f\ud800'), max_size=30))
def test_any_query_is_answered_and_each_offer_holds(reader: IndexReader, q: str) -> None:
    request = SearchRequest(q=q)
    result = reader.search(request)
    for offer in result.corrections:
        found = reader.search(offer.request)
        assert found.total >= offer.total > 0
        assert offer.text != q
