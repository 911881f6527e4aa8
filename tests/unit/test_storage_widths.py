"""No small limits: each width that a number is stored in is crossed, and search, phrases and snippets stay right."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from numpy.typing import NDArray

from searchapp.analysis.batch import BatchAnalyzer
from searchapp.analysis.spelled_terms import NumberedTerms, SpelledTerms
from searchapp.engine.protocol import IndexReader
from searchapp.engine.storage.building import SegmentBuilder
from searchapp.engine.storage.codes import BODY, CodeAssigner
from searchapp.engine.storage.documents import DocumentBatch
from searchapp.engine.storage.index_writer import SegmentedIndexWriter
from searchapp.engine.storage.light_hashes import light_hashes
from searchapp.engine.storage.one_line import JoinedTexts, OneLineTexts
from searchapp.engine.storage.postings import TokenStream
from searchapp.engine.storage.segment import Segment
from searchapp.engine.storage.segment_writing import write_segment
from searchapp.engine.storage.shelf import Shelf
from searchapp.engine.storage.token_offsets import encode_offsets
from searchapp.model import SearchRequest, Snippet, Story
from tests.index_samples import (
    BACKEND,
    commit,
    contents_of,
    make_story,
    marked_words,
    new_index,
    postings_of,
    segments_of,
    stories_found,
)

BYTE, SHORT = 1 << 8, 1 << 16


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return new_index(tmp_path / "1")


def built(directory: Path, *stories: Story) -> IndexReader:
    commit(directory, *stories)
    return BACKEND.open_reader(directory)


def only_segment(directory: Path) -> Segment:
    (path,) = segments_of(directory)
    return Segment(path)


def snippet_of(reader: IndexReader, query: str) -> Snippet:
    (hit,) = reader.search(SearchRequest(q=query)).hits
    assert hit.snippet
    return hit.snippet


@pytest.mark.parametrize("times", [BYTE - 1, BYTE, BYTE + 1, SHORT - 1, SHORT, SHORT + 1])
def test_a_word_may_stand_in_a_story_any_number_of_times(directory: Path, times: int) -> None:
    reader = built(directory, make_story(1, "قمر " * times + "شمس"), make_story(2, "قمر شمس"))
    ((number, row, positions), _) = postings_of(only_segment(directory), "exact")["قمر"]
    assert (number, row[:4]) == (0, (0, times, 0, 0))
    assert positions == tuple(range(64, 64 + times))
    assert stories_found(reader, "قمر") == [1, 2]
    assert stories_found(reader, '"قمر قمر"') == [1]
    assert stories_found(reader, '"قمر شمس"') == [1, 2]
    assert snippet_of(reader, '"قمر قمر قمر"').spans[0] == (0, 3)


@pytest.mark.parametrize("field", ["title", "keywords"])
def test_a_word_may_stand_in_a_short_field_any_number_of_times(directory: Path, field: str) -> None:
    text = "قمر " * (SHORT + 1)
    story = make_story(1, "بحر", text) if field == "title" else make_story(1, "بحر", keywords=text)
    reader = built(directory, story)
    ((_, row, _),) = postings_of(only_segment(directory), "exact")["قمر"]
    assert row[:4] == ((SHORT + 1, 0, 0, 0) if field == "title" else (0, 0, SHORT + 1, 0))
    assert stories_found(reader, '"قمر قمر"') == stories_found(reader, "بحر") == [1]


@pytest.mark.parametrize("before", [BYTE - 66, SHORT - 66, SHORT - 65, SHORT - 64, 3 * SHORT])
def test_phrases_are_found_and_shown_at_any_position(directory: Path, before: int) -> None:
    """The body's first position is 64, so that the phrase's two words fall before, across and behind 16 bits."""
    filler = " ".join(f"حش{number % 1000}" for number in range(before))
    reader = built(directory, make_story(1, f"{filler} قمر شمس بحر"), make_story(2, "شمس قمر"))
    positions = postings_of(only_segment(directory), "exact")["شمس"][0][2]
    assert positions == (64 + before + 1,)
    assert [stories_found(reader, query) for query in ('"قمر شمس"', '"شمس قمر"', '"قمر بحر"', '"قمر بحر"~1')] == [
        [1],
        [2],
        [],
        [1],
    ]
    shown = snippet_of(reader, '"قمر شمس"')
    assert [shown.text[start:end] for start, end in shown.spans] == ["قمر", "شمس"]
    assert shown.text.endswith("قمر شمس بحر")
    assert (shown.leading, shown.trailing) == (True, False)


def test_a_title_of_ten_thousand_words_is_searched_and_shown(directory: Path) -> None:
    title = " ".join(f"كلمة{number}" for number in range(10_000)) + " قمر"
    reader = built(directory, make_story(1, "شمس بحر", title))
    assert stories_found(reader, "كلمة9999 قمر", field="title") == [1]
    assert stories_found(reader, '"كلمة9999 قمر"') == [1]
    assert stories_found(reader, '"قمر شمس"') == []
    (hit,) = reader.search(SearchRequest(q="قمر شمس")).hits
    assert hit.title
    assert hit.title.text == title
    assert [title[start:end] for start, end in hit.title.spans] == ["قمر"]
    assert hit.snippet
    assert hit.snippet == Snippet("شمس بحر", ((0, 3),))


def test_words_of_a_thousand_characters_are_found_and_marked(directory: Path) -> None:
    long, longer = "ط" * 1000, "ط" * 999 + "ظ"
    reader = built(directory, make_story(1, f"قمر {long} شمس"), make_story(2, f"بحر {longer}"))
    assert [stories_found(reader, query) for query in (long, longer, long[:-1])] == [[1], [2], []]
    shown = snippet_of(reader, long)
    assert shown.text == f"قمر {long} شمس"
    assert "".join(shown.text[start:end] for start, end in shown.spans) == long


def test_gaps_between_words_may_be_any_number_of_characters(directory: Path) -> None:
    for number, width in enumerate((254, 255, 256, SHORT), start=1):
        commit(directory, make_story(number, f"قمر{'!' * width}شم{number}"))
    reader = BACKEND.open_reader(directory)
    for number in (1, 2, 3, 4):
        shown = snippet_of(reader, f'"قمر شم{number}"')
        assert [shown.text[start:end] for start, end in shown.spans] == ["قمر", f"شم{number}"]


def test_a_text_of_two_megabytes_is_searched_and_shown(directory: Path) -> None:
    lines = [f"سطر رقم {number} عن 漢字 و\U0001f600 وغير ذلك من الكلام" for number in range(29_000)]
    text = "\n".join(lines)
    assert len(text.encode()) > 2_000_000
    reader = built(directory, make_story(1, text), make_story(2, "سطر"))
    for number in (0, 11_999, 28_999):
        shown = snippet_of(reader, f'"رقم {number} عن"')
        assert [shown.text[start:end] for start, end in shown.spans] == ["رقم", str(number), "عن"]
        assert f"رقم {number} عن 漢字 و\U0001f600 وغير" in shown.text


def test_more_than_sixteen_bits_of_documents_and_outlets(directory: Path) -> None:
    count = SHORT + 500
    stories = (make_story(number, f"كلمة{number % 7}", outlet=f"مصدر {number}") for number in range(count))
    reader = built(directory, *stories)
    assert len(only_segment(directory).outlets) == count
    found = reader.search(SearchRequest(q="كلمة3", sort="newest", page=100, per_page=100))
    assert found.total == len(range(3, count, 7))
    assert [hit.story for hit in found.hits] == list(range(3, count, 7))[9_900:]
    assert len(found.facets["outlet"]) == found.total
    for number in (0, 255, 256, SHORT - 1, SHORT, count - 1):
        (hit,) = reader.search(SearchRequest(sources=(f"مصدر {number}",))).hits
        assert (hit.story, hit.outlets) == (number, (f"مصدر {number}",))
    commit(directory, *(make_story(number, "جديد") for number in (SHORT, count - 1)))
    reader = BACKEND.open_reader(directory)
    assert stories_found(reader, "جديد") == [SHORT, count - 1]
    assert reader.search(SearchRequest()).total == count


@pytest.mark.parametrize("count", [2, BYTE - 1, BYTE, BYTE + 1, SHORT - 1, SHORT, SHORT + 1])
def test_a_lemma_may_have_any_number_of_exact_forms(tmp_path: Path, count: int) -> None:
    """Each form stands alone in a document; in one more document the first form stands around the last."""
    last = count - 1
    segment = one_lemma(tmp_path / "1.seg", [*range(count), 0, last, 0], documents=count + 1)
    in_mixed = {0: [count, count + 2], last: [count + 1]}
    for number in {0, 1, min(254, last), min(255, last), last // 2, last - 1, last}:
        found = segment.exact.find(f"{number:06}".encode())
        assert found is not None
        counts, positions = found.positions(np.arange(len(found)))
        there = in_mixed.get(number, [])
        assert found.documents.tolist() == [number] + [count] * bool(there)
        assert positions.tolist() == [number, *there]
        assert counts.tolist() == [1] + [len(there)] * bool(there)
        assert segment.exact.document_counts(number, number + 1).tolist() == [len(found)]
    numbers, lights = segment.lemma.forms_of(0)
    assert numbers.tolist() == list(range(count))
    assert lights.tolist() == light_hashes(SpelledTerms.of([f"{number:06}" for number in range(count)])).tolist()
    every = segment.lemma.find(b"lemma")
    assert every is not None
    assert every.documents.tolist() == list(range(count + 1))
    assert len(segment.lemma.mixed.pairs(0, count + 1)[0]) == 2


class OneLemma:
    """An analyzer that has met these forms of one lemma."""

    def __init__(self, count: int) -> None:
        self.exact_terms = NumberedTerms([f"{number:06}" for number in range(count)])
        self.lemma_terms = NumberedTerms(["lemma"])

    def all_lemmas(self) -> NDArray[np.int32]:
        return np.zeros(len(self.exact_terms), np.int32)


def one_lemma(path: Path, forms: list[int], documents: int) -> Segment:
    """A token of each form at rising positions, one a document, the rest in the last."""
    pointers = np.append(np.arange(documents), len(forms))
    nothing = np.zeros(len(forms), np.int32)
    norms = np.ones(documents, np.uint8)
    exact, positions = np.array(forms, np.int32), np.arange(len(forms), dtype=np.uint32)
    tokens = TokenStream(exact, nothing, positions, np.full(len(forms), BODY, np.uint8), pointers, norms, norms)
    many = np.arange(documents)
    batch = DocumentBatch(
        many,
        many,
        [b"[]"] * documents,
        OneLineTexts(JoinedTexts.of([""] * documents)).stored(np.arange(documents), np.arange(1, documents + 1)),
        encode_offsets(many[:0], many[:0], np.zeros(documents + 1, np.int64)),
        tokens,
        np.zeros((4, documents), np.uint32),
        np.arange(documents + 1),
        [""] * documents,
        many.astype(np.int32),
    )
    builder = SegmentBuilder(cast(BatchAnalyzer, OneLemma(max(forms) + 1)), Shelf(path.with_suffix(".part")))
    builder.add(batch)
    write_segment(path, [builder.finish()])
    return Segment(path)


@pytest.fixture
def wide_codes(directory: Path, monkeypatch: pytest.MonkeyPatch) -> SegmentedIndexWriter:
    """A writer whose segment has had more rows of frequencies and lengths than 16 bits can number."""
    writer = BACKEND.open_writer(directory)
    many = np.arange(1, SHORT + 100)
    nothing = np.zeros(len(many), np.int64)
    # A corpus that has so many of its own takes minutes to make.
    monkeypatch.setattr(CodeAssigner, "__init__", started_with(many, nothing))
    return writer


def started_with(many: NDArray[np.int64], nothing: NDArray[np.int64]) -> Callable[[CodeAssigner], None]:
    begin = CodeAssigner.__init__

    def begin_late(assigner: CodeAssigner) -> None:
        begin(assigner)
        assigner.assign((many, nothing, nothing, nothing, nothing, many % 200, nothing))

    return begin_late


def test_more_than_sixteen_bits_of_codes(directory: Path, wide_codes: SegmentedIndexWriter) -> None:
    stories = [make_story(number, "قمر " * (number % 5 + 1) + "شمس", "عنوان قمر") for number in range(200)]
    for story in stories:
        wide_codes.replace(story)
    wide_codes.commit(1)
    segment = only_segment(directory)
    assert segment.column("lemma/codes").dtype == np.uint32
    assert int(segment.column("lemma/codes").max()) > SHORT
    plain = new_index(directory.with_name("2"))
    commit(plain, *stories)
    assert contents_of(segment) == contents_of(only_segment(plain))
    wide, narrow = BACKEND.open_reader(directory), BACKEND.open_reader(plain)
    for query in ("قمر", "قمر شمس", '"قمر شمس"', '"عنوان قمر"', "قم*"):
        request = SearchRequest(q=query, per_page=100)
        assert wide.search(request).hits == narrow.search(request).hits
        assert marked_words(wide.search(request)) == marked_words(narrow.search(request))


def test_codes_stay_wide_through_merges(
    directory: Path, wide_codes: SegmentedIndexWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two segments with wide codes and several with narrow ones."""
    wide_codes.replace(make_story(1, "قمر شمس"))
    wide_codes.commit(1)
    commit(directory, make_story(2, "قمر شمس " * 2))
    monkeypatch.undo()
    for number in range(3, 8):
        commit(directory, make_story(number, "قمر شمس " * number))
    assert only_segment(directory).column("lemma/codes").dtype == np.uint32
    reader = BACKEND.open_reader(directory)
    assert stories_found(reader, '"شمس قمر"') == list(range(2, 8))
    result = reader.search(SearchRequest(q='"قمر شمس"'))
    marks = dict(zip((hit.story for hit in result.hits), map(len, marked_words(result)), strict=True))
    assert marks == {number: 2 * number for number in range(1, 8)}
