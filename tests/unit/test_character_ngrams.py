"""Which letters of a query stand at the beginning of a story, and what is made of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchapp.engine.backend import SegmentBackend
from searchapp.engine.reader import SegmentReader
from searchapp.engine.retrieval.core.snapshot import Snapshot
from searchapp.engine.retrieval.ranking.character_ngram_loops import BEGINNING
from searchapp.engine.retrieval.ranking.character_ngrams import HALF_LIFE, ngram_shares, query_points
from searchapp.engine.storage.commits import latest_number
from tests.index_samples import commit, make_story, new_index


def shares(directory: Path, query: str, *bodies: str) -> list[float]:
    """The share of each of some stories; each is a segment of its own."""
    directory = new_index(directory)
    for number, body in enumerate(bodies, start=1):
        commit(directory, make_story(number, body))
    reader = SegmentBackend().open_reader(directory)
    assert isinstance(reader, SegmentReader)
    assert latest_number(directory) == len(bodies)
    snapshot: Snapshot = reader._snapshot
    backwards = np.arange(len(bodies))[::-1]
    return list(map(float, ngram_shares(snapshot, query_points(query), backwards)[::-1]))


def test_a_text_that_begins_with_the_query_has_all_of_it_and_another_nothing(tmp_path: Path) -> None:
    whole, nothing = shares(tmp_path / "i", "زلزال", "زلزال", "خبر")
    assert whole == pytest.approx(1, abs=0.02)
    assert nothing == 0


def test_forms_of_letters_marks_and_punctuation_make_no_difference(tmp_path: Path) -> None:
    plain, written = shares(tmp_path / "i", "إلى «الأُسرة»", "الي الاسره", "إلى: الأُسْـرة")
    assert plain == pytest.approx(written)
    assert plain > 0.9


def test_what_stands_further_on_counts_less_and_behind_the_beginning_nothing(tmp_path: Path) -> None:
    first, later, behind = shares(
        tmp_path / "i",
        "زلزال",
        "زلزال",
        "كلمات " * (HALF_LIFE // 6) + "زلزال",
        "كلمات " * (BEGINNING // 6 + 1) + "زلزال",
    )
    assert later == pytest.approx(first / 2, rel=0.02)
    assert behind == 0


def test_letters_in_common_count_where_words_are_not(tmp_path: Path) -> None:
    kin, none = shares(tmp_path / "i", "التعاون", "التعاونيات", "الطقس")
    assert kin > 0.5 > none


@pytest.mark.parametrize("query", ["", "«»", "و", "😀", "\ud800"])
def test_a_query_of_too_few_letters_gives_nothing(tmp_path: Path, query: str) -> None:
    assert shares(tmp_path / "i", query, "زلزال في المدينة", "خبر") == [0, 0]


def test_a_letter_that_is_on_no_page_parts_words(tmp_path: Path) -> None:
    parted, joined = shares(tmp_path / "i", "زلزال", "احتمال漢زلزال", "احتمالزلزال")
    assert parted > joined


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    directory = new_index(tmp_path_factory.mktemp("ngrams") / "i")
    bodies = ("وزير الخارجية يصل إلى باريس", "افتتح الوزير معرض الكتاب", "abc 123", "x")
    commit(directory, *(make_story(number, body) for number, body in enumerate(bodies, start=1)))
    reader = SegmentBackend().open_reader(directory)
    assert isinstance(reader, SegmentReader)
    return reader._snapshot


@given(st.text(st.sampled_from("وزير الخاجيةabc 12«ـَ.漢"), max_size=60))
def test_any_query_gives_shares_between_none_and_all(snapshot: Snapshot, query: str) -> None:
    found = ngram_shares(snapshot, query_points(query), np.array([3, 0, 2, 1]))
    assert ((found >= 0) & (found <= 1)).all()
