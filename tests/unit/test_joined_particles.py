"""Particles joined to words that the lexicon lacks: the archive tells which letter is one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from searchapp.analysis.analyzer import default_analyzer
from searchapp.engine.protocol import IndexReader
from searchapp.engine.retrieval.terms.particles import is_unknown
from searchapp.model import SearchRequest
from tests.index_samples import BACKEND, commit, make_story, new_index, stories_found

Opened = Callable[[Sequence[str]], IndexReader]


@pytest.fixture
def opened(tmp_path: Path) -> Opened:
    """An index of these bodies, stories 1, 2, …, in two segments."""

    def opened(bodies: Sequence[str]) -> IndexReader:
        directory = new_index(tmp_path / "index")
        stories = [make_story(number, body) for number, body in enumerate(bodies, start=1)]
        commit(directory, *stories[::2])
        commit(directory, *stories[1::2], sequence=2)
        return BACKEND.open_reader(directory)

    return opened


def test_a_name_is_found_behind_a_particle(opened: Opened) -> None:
    reader = opened(["زار سوروكتا أمس", "فاز سوروكتا", "هدف لسوروكتا", "وسوروكتا أيضا", "مدينة أخرى"])
    for query in ("سوروكتا", "لسوروكتا", "وسوروكتا", "بسوروكتا"):
        assert stories_found(reader, query, relax=False) == [1, 2, 3, 4]


def test_a_reader_is_told_what_was_searched_too(opened: Opened) -> None:
    reader = opened(["زار سوروكتا أمس", "هدف لسوروكتا"])
    (term,) = reader.search(SearchRequest(q="سوروكتا")).query.terms
    assert term.variants == ("لسوروكتا",)


def test_a_letter_is_no_particle_where_the_rest_hardly_stands_alone(opened: Opened) -> None:
    bodies = ["لسوروكتا هنا", "لسوروكتا هناك", "لسوروكتا", "سوروكتا"]
    reader = opened(bodies)
    assert stories_found(reader, "لسوروكتا", relax=False) == [1, 2, 3]
    assert stories_found(reader, "سوروكتا", relax=False) == [4]


def test_letters_that_names_often_begin_with_need_more_of_the_archive(opened: Opened) -> None:
    reader = opened([*["سوروكتا"] * 5, "فسوروكتا"])
    assert 6 not in stories_found(reader, "سوروكتا", relax=False)


def test_known_words_and_very_forms_are_left_alone(opened: Opened) -> None:
    reader = opened(["سوروكتا", "وسوروكتا", "ولد", "لد"])
    assert stories_found(reader, "=سوروكتا") == [1]
    assert stories_found(reader, '"سوروكتا"') == [1]
    assert stories_found(reader, "سوروكتا", variants=False) == [1]
    assert stories_found(reader, "ولد", relax=False) == [3]
    assert not is_unknown(default_analyzer().forms("وزارة").lemma)
    assert not is_unknown("abc")
