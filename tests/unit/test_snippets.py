"""Snippets of hits, and marks in whole texts."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchapp.analysis.analyzer import default_analyzer
from searchapp.engine.backend import SegmentBackend
from searchapp.engine.retrieval.highlighting.marking import mark
from searchapp.engine.retrieval.highlighting.windows import SNIPPET_WORDS
from searchapp.model import Article, SearchRequest, Snippet, Story
from tests.index_samples import commit, make_story, new_index

ANALYZER = default_analyzer()


def marked(text: str, query: str, **request: Any) -> list[str]:
    return [text[a:b] for a, b in mark(text, SearchRequest(q=query, **request), ANALYZER)]


def search(text: str, query: str) -> Snippet | None:
    """The snippet of the only story of an index."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        backend = SegmentBackend()
        backend.create(directory)
        writer = backend.open_writer(directory)
        writer.replace(Story(1, 1, (Article(id="a", title="بلا كلمات", body=text),)))
        writer.commit(1)
        (hit,) = backend.open_reader(directory).search(SearchRequest(q=query)).hits
        return hit.snippet


def snippet(text: str, query: str) -> Snippet:
    found = search(text, query)
    assert found
    return found


def marks(found: Snippet) -> list[str]:
    return [found.text[a:b] for a, b in found.spans]


def test_whole_words_are_marked_with_their_clitics_and_marks() -> None:
    assert marked("قرأ الكتابَ، كتابها عنده", "كتاب") == ["الكتابَ", "كتابها"]


def test_an_exact_word_marks_its_very_form_only() -> None:
    assert marked("الكتاب كتاب", "=كتاب") == ["كتاب"]
    assert marked("الكتاب كتاب", "كتاب", exact=True) == ["كتاب"]


def test_a_prefix_marks_whole_words() -> None:
    assert marked("بلينكن وبلينكن بلينكين", "بلينك*") == ["بلينكن", "بلينكين"]


def test_a_phrase_is_marked_only_where_it_stands_as_a_phrase() -> None:
    text = "جديد ثم كتاب جديد ثم كتاب"
    assert mark(text, SearchRequest(q='"كتاب جديد"'), ANALYZER) == ((8, 12), (13, 17))


def test_slop_marks_the_words_but_not_what_stands_between() -> None:
    assert marked("كتاب ما جديد", '"كتاب جديد"~1') == ["كتاب", "جديد"]


def test_the_words_of_a_phrase_that_stands_nowhere_are_marked_in_a_snippet() -> None:
    assert marks(snippet("كتاب ثم شيء جديد", '"كتاب جديد" OR شيء')) == ["كتاب", "شيء", "جديد"]


def test_excluded_words_are_not_marked() -> None:
    assert marked("غزة مصر", "غزة -مصر") == ["غزة"]


def test_stop_words_are_marked_only_in_phrases_or_alone() -> None:
    assert marked("صلاة في غزة في مصر", "في غزة") == ["غزة"]
    assert marked("صلاة في غزة في مصر", '"في غزة"') == ["في", "غزة"]
    assert marked("صلاة في غزة", "في") == ["في"]


def test_title_words_are_not_marked_in_a_body() -> None:
    assert marked("غزة مصر", "title:غزة مصر") == ["مصر"]
    assert mark("غزة مصر", SearchRequest(q="title:غزة"), ANALYZER, title=True) == ((0, 3),)


def test_a_snippet_without_a_match_is_the_beginning() -> None:
    found = snippet(" ".join(f"كل{n}" for n in range(100)), "-غزة")
    assert found.text.split() == [f"كل{n}" for n in range(SNIPPET_WORDS)]
    assert (found.spans, found.leading, found.trailing) == ((), False, True)


def test_a_snippet_shows_as_many_different_words_as_it_can() -> None:
    text = "غزة " + "حشو " * 50 + "غزة قريبا من مصر " + "حشو " * 50
    assert marks(snippet(text, "غزة مصر")) == ["غزة", "مصر"]


def test_of_equal_windows_the_first_is_shown() -> None:
    text = "غزة أولى " + "حشو " * 50 + "غزة ثانية"
    found = snippet(text, "غزة")
    assert (found.text.startswith("غزة أولى"), found.leading) == (True, False)


def test_paragraphs_run_on_with_one_space() -> None:
    found = snippet("سطر\n\n\xa0\nغزة  هنا", "غزة")
    assert (found.text, marks(found)) == ("سطر غزة هنا", ["غزة"])


def test_punctuation_that_touches_the_window_belongs_to_it() -> None:
    assert snippet("«غزة!»", "غزة").text == "«غزة!»"


def test_a_body_without_words_has_no_snippet() -> None:
    assert search("… !", "بلا") is None


@pytest.mark.parametrize("query", ["", '"', "-غزة", "source:سبق"])
def test_queries_without_words_to_show_mark_nothing(query: str) -> None:
    assert marked("غزة سبق", query) == []


@given(st.lists(st.sampled_from(["غزة", "مصر", "قمر", "في", "\n", "«", "x"]), max_size=120))
def test_spans_are_whole_words_in_order_within_the_text(parts: list[str]) -> None:
    text = " ".join(parts)
    found = search(text, 'غزة OR "مصر قمر"~1 OR بلا')
    if found is None:
        return
    ends = [0, *(end for _, end in found.spans)]
    assert all(end <= start < stop for end, (start, stop) in zip(ends, found.spans, strict=False))
    assert all(word in ("غزة", "مصر", "قمر") for word in marks(found))
    assert len(found.text.split()) <= SNIPPET_WORDS * 2
    assert found.text in " ".join(text.split())


def test_words_that_a_pattern_stands_for_are_marked_in_an_article() -> None:
    assert marked("المدرسةُ والمؤسسة مدارس", "*سة") == ["المدرسةُ", "والمؤسسة"]
    assert marked("مدرسة مردسة مدارس", "مدرسه~") == ["مدرسة", "مردسة"]


words_of_a_body = st.lists(st.sampled_from(("غزة", "مصر", "قمر", "بعد")), min_size=1, max_size=50)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(words_of_a_body, min_size=1, max_size=8),
    st.sampled_from(("غزة مصر", "غزة OR مصر OR قمر", "غزة AND مصر", "غزة =مصر", '"غزة مصر" OR قمر')),
)
def test_what_ranking_has_read_of_the_words_makes_no_difference_to_what_is_marked(
    archive: list[list[str]], query: str
) -> None:
    """Sorted by date, nothing was read for ranking; by relevance, what stories with several of the words have."""
    with tempfile.TemporaryDirectory() as name:
        directory = new_index(Path(name) / "1")
        commit(directory, *(make_story(at, " ".join(words[1:]), words[0]) for at, words in enumerate(archive)))
        reader = SegmentBackend().open_reader(directory)
        shown = [
            {hit.story: (hit.title, hit.snippet) for hit in reader.search(SearchRequest(q=query, sort=sort)).hits}
            for sort in ("relevance", "newest")
        ]
        assert shown[0] == shown[1]
