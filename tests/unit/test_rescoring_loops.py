"""The last ranking of the best hits by compiled loops gives what numpy's way gives, whatever is asked of what index."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchapp import compiled
from searchapp.engine.backend import SegmentBackend
from searchapp.engine.reader import SegmentReader
from searchapp.engine.retrieval.core.matches import Matches
from searchapp.engine.retrieval.core.weights import WEIGHTS
from searchapp.engine.retrieval.evaluate import Evaluator
from searchapp.engine.retrieval.facets.copies import CopyColumns
from searchapp.engine.retrieval.ranking import character_ngram_loops, proximity, rescoring, rescoring_loops, together
from searchapp.engine.retrieval.ranking.character_ngrams import ngram_shares, query_points
from searchapp.engine.retrieval.ranking.ranking import rescored
from searchapp.engine.retrieval.terms.term_lists import TermLists
from searchapp.engine.retrieval.terms.words import WordMatcher
from searchapp.engine.storage.container import BLOCK, SegmentFile
from searchapp.errors import IndexBroken
from searchapp.model import SearchRequest, SearchResult
from tests.index_samples import commit, gone, make_story, new_index, segments_of

pytest.importorskip("numba")

WORDS = [
    *("الوزير", "يزور", "زيارة", "زار", "الصحة", "مدينة", "المدينة", "زلزال", "عنيف"),
    *("معلم", "المعلمون", "مدرسة", "المدارس", "كتاب", "الكتب", "اليمن", "اليمنية"),
]
QUERIES = st.lists(
    st.sampled_from([*WORDS, "title:الوزير", "=معلم", "-زلزال", '"مدينة الصحة"', "غائبة"]), min_size=2, max_size=12
)


@pytest.fixture(autouse=True)
def switched_off_again() -> Iterator[None]:
    yield
    compiled.stop()


def test_spellings_are_read_from_several_stretches(directory: Path, reader: SegmentReader) -> None:
    request = SearchRequest(q="مدينة", corrections=False)
    assert reader.search(request).total > SegmentBackend().open_reader(directory).search(request).total


def body(number: int) -> str:
    """Words in an order that is told by the number; some stand often, some in titles only."""
    chosen = np.random.default_rng(number).choice(WORDS, 5 + number % 60)
    return " ".join(map(str, chosen))


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three segments, with deleted stories."""
    path = new_index(tmp_path_factory.mktemp("rescoring") / "i")
    for first in (1, 31, 61):
        numbers = range(first, first + 30)
        commit(path, *(make_story(number, body(number), title=body(number + 7)[:40]) for number in numbers))
    commit(path, gone(5), gone(33))
    return path


@pytest.fixture(scope="module")
def reader(directory: Path) -> SegmentReader:
    """Some words are taken for other spellings of another, so that they are read from several stretches."""
    return SegmentBackend().open_reader(
        directory, lambda lemma: (("كتاب", 0.5), ("زلزال", 0.3)) if lemma[0] == "م" else ()
    )


def both_ways(reader: SegmentReader, request: SearchRequest) -> tuple[SearchResult, SearchResult]:
    compiled.stop()
    by_numpy = reader.search(request)
    assert compiled.prepare(at_once=True)
    return by_numpy, reader.search(request)


def assert_alike(by_numpy: SearchResult, by_loops: SearchResult) -> None:
    assert by_loops.total == by_numpy.total
    assert [hit.score for hit in by_loops.hits] == pytest.approx([hit.score for hit in by_numpy.hits], rel=1e-6)
    others = {hit.id: hit for hit in by_numpy.hits}
    for hit in by_loops.hits:
        other = others[hit.id]
        assert (hit.title, hit.snippet, hit.relaxed) == (other.title, other.snippet, other.relaxed)
        gave = {(part.word, part.name): part.score for part in other.explanation}
        assert {(part.word, part.name): part.score for part in hit.explanation} == pytest.approx(gave, rel=1e-5)


@settings(max_examples=25)
@given(
    words=QUERIES,
    joined=st.sampled_from([" ", " OR ", " AND "]),
    exact=st.booleans(),
    recency=st.sampled_from([None, 30]),
)
def test_answers_are_alike(
    directory: Path, reader: SegmentReader, words: list[str], joined: str, exact: bool, recency: int | None
) -> None:
    assert len(segments_of(directory)) > 1
    request = SearchRequest(
        q=joined.join(words), exact=exact, explain=True, per_page=100, corrections=False, recency=recency
    )
    assert_alike(*both_ways(reader, request))


@pytest.mark.parametrize("query", ["الوزير يزور", "الوزير OR يزور OR مدينة OR اليمن", "غائبة الوزير مدينة"])
def test_what_was_read_for_marking_is_the_same(directory: Path, query: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also by a process that has checked nothing of the files before."""
    reader = SegmentBackend().open_reader(directory)
    found: list[list[together.Read]] = []
    weighed = rescoring.together

    def kept(*given: object, **named: object) -> together.Together:
        made = weighed(*given, **named)  # type: ignore[arg-type]
        found.append(list(made.read))
        return made

    monkeypatch.setattr("searchapp.engine.retrieval.search.together", kept)
    assert compiled.prepare(at_once=True)
    reader.search(SearchRequest(q=query, corrections=False))
    compiled.stop()
    reader.search(SearchRequest(q=query, corrections=False))
    by_loops, by_numpy = found
    assert len(by_numpy) == len(by_loops) > 1
    for other, one in zip(by_numpy, by_loops, strict=True):
        assert one.segment is other.segment
        assert one.documents.tolist() == other.documents.tolist()
        assert one.several.tolist() == other.several.tolist()
        assert one.occurrences.tolist() == other.occurrences.tolist()


@pytest.mark.parametrize("query", ["الوزير اليمن", "الوزير OR اليمن OR زلزال"])
def test_words_that_stand_more_often_than_there_is_room_for_at_first(tmp_path: Path, query: str) -> None:
    directory = new_index(tmp_path / "i")
    commit(directory, *(make_story(number, "الوزير اليمن " * (40 * number)) for number in range(1, 9)))
    reader = SegmentBackend().open_reader(directory)
    assert_alike(*both_ways(reader, SearchRequest(q=query, explain=True)))


def test_as_many_words_as_are_weighed_together(tmp_path: Path) -> None:
    words = [f"{first}{second}ب" for first in "جحخدذرزس" for second in "شصضطظعغفق"][: proximity.WORDS + 3]
    directory = new_index(tmp_path / "i")
    commit(directory, *(make_story(number, " ".join(words[number % 7 :: 1 + number % 5])) for number in range(1, 60)))
    reader = SegmentBackend().open_reader(directory)
    assert_alike(*both_ways(reader, SearchRequest(q=" OR ".join(words), explain=True, per_page=100)))


@settings(max_examples=25)
@given(
    query=st.text(st.sampled_from("وزير الخاجيةabc 12«ـَ.漢😀ﷺ"), max_size=60),
    chosen=st.lists(st.integers(0, 89), min_size=1, max_size=50, unique=True),
)
def test_shares_of_letters_are_the_same(reader: SegmentReader, query: str, chosen: list[int]) -> None:
    documents = np.array(chosen)[::-1]
    compiled.stop()
    by_numpy = ngram_shares(reader._snapshot, query_points(query), documents)
    assert compiled.prepare(at_once=True)
    assert ngram_shares(reader._snapshot, query_points(query), documents) == pytest.approx(by_numpy, rel=1e-9)


@settings(max_examples=100)
@given(
    rows=st.lists(st.tuples(*[st.sampled_from([0.0, 0.25, 1.0, 3.7])] * 5), max_size=60),
    with_letters=st.booleans(),
    weight=st.sampled_from([0, 0.3, 2]),
    seed=st.integers(0, 99),
)
def test_the_last_order_is_the_same(
    rows: list[tuple[float, ...]], with_letters: bool, weight: float, seed: int
) -> None:
    """Of equal scores, too: by day, then by story number."""
    scores, *gains, letters = np.array(rows).reshape(-1, 5).T
    random = np.random.default_rng(seed)
    matches = Matches(random.permutation(100)[: len(rows)], scores.astype(np.float32))
    weights = replace(WEIGHTS, coverage=weight, ngrams=weight)
    weighed = together.Together(np.concatenate(gains), ())
    days, stories = random.integers(0, 3, 100, np.int32), random.permutation(100)
    given_all = matches, weighed, np.array(letters) if with_letters else None, weights, None, days, stories
    compiled.stop()
    by_numpy = rescored(*given_all)
    assert compiled.prepare(at_once=True)
    by_loops = rescored(*given_all)
    assert by_loops.documents.tolist() == by_numpy.documents.tolist()
    assert by_loops.scores.tolist() == by_numpy.scores.tolist()


@pytest.mark.parametrize("likely_lacking", [False, True])
def test_kindred_words_are_the_same_whenever_they_are_looked_up(directory: Path, likely_lacking: bool) -> None:
    reader = SegmentBackend().open_reader(directory)
    lists = TermLists.of(reader._snapshot, WEIGHTS)
    analyzer, copies = reader._analyzer, CopyColumns.of(reader._snapshot)
    evaluator = Evaluator(SearchRequest(q="اليمن زيارة معلم"), lists, copies, analyzer)
    words = [
        matcher for leaf in evaluator.reading.marked if isinstance(matcher := evaluator.matcher(leaf), WordMatcher)
    ]
    documents = np.arange(0, 90, 2)
    assert compiled.prepare(at_once=True)
    by_loops = rescoring.together(reader._snapshot, words, documents, WEIGHTS, likely_lacking=likely_lacking)
    compiled.stop()
    by_numpy = rescoring.together(reader._snapshot, words, documents, WEIGHTS)
    assert by_loops.flat == pytest.approx(by_numpy.flat, rel=1e-6)
    assert by_numpy.flat.reshape(3, -1)[1].any()


def test_loops_and_files_have_the_same_blocks() -> None:
    assert 1 << rescoring_loops._BLOCK_SHIFT == 1 << character_ngram_loops._BLOCK_SHIFT == BLOCK


@pytest.mark.parametrize("name", ["lemma/positions", "text/data"])
def test_what_does_not_fit_its_checksum_is_not_read(tmp_path: Path, name: str) -> None:
    directory = new_index(tmp_path / "i")
    commit(directory, *(make_story(number, f"الوزير يزور مدينة الصحة {body(number)}") for number in range(1, 40)))
    (path,) = segments_of(directory)
    file = SegmentFile(path)
    assert file.place(name)[0] // BLOCK == 0
    block = bytearray(path.read_bytes())
    offset = bytes(block).index(file.array(name).tobytes())
    block[offset] ^= 0xFF
    path.write_bytes(block)
    assert compiled.prepare(at_once=True)
    with pytest.raises(IndexBroken, match="checksum"):
        SegmentBackend().open_reader(directory).search(SearchRequest(q="الوزير يزور مدينة الصحة"))
