"""Stored texts and token offsets are exactly what was stored, in every slice and of every width."""

from __future__ import annotations

from itertools import accumulate, pairwise

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from searchapp.engine.storage.one_line import JoinedTexts, OneLineTexts, on_one_line
from searchapp.engine.storage.text_store import PAGE, StoredTexts, decode
from searchapp.engine.storage.token_offsets import TokenOffsets, decode_offsets, encode_offsets

pytestmark = pytest.mark.usefixtures("each_way")

# All of Unicode, lone surrogates and non-characters among it, and the commonest letters of news.
texts = st.one_of(
    st.text(st.characters(), max_size=40),
    st.text("ابتث ،\0\ufffe\uffff\ud800\U0001f600\U0010ffffé漢", max_size=40),
    st.text("اب  \n\t\r\xa0\u2003\u3000\x1c漢\0", max_size=12),
)
archives = st.lists(texts, max_size=6)


def stored_one_by_one(archive: list[str]) -> StoredTexts:
    numbers = np.arange(len(archive))
    return OneLineTexts(JoinedTexts.of(archive)).stored(numbers, numbers + 1)


@given(archives)
@example(["", "\0", "\ufffe\uffff", "\U0010ffff\ud800"])
@example(["  \n", " ", "\u2003 ا \u3000\t", "", "\x1c \x1c", " ا  "])
def test_texts_come_back_whole_and_in_any_slice(given: list[str]) -> None:
    stored = stored_one_by_one(given)
    archive = list(map(on_one_line, given))
    everything = "".join(archive)
    bounds = stored.pointers.tolist()
    assert [decode(stored, pair) for pair in pairwise(bounds)] == archive
    assert decode(stored, *pairwise(bounds)) == everything
    for start in range(len(everything) + 1):
        stop = min(len(everything), start + 9)
        assert decode(stored, (start, stop)) == everything[start:stop]


def test_arabic_news_takes_one_byte_a_character() -> None:
    text = 'قال الوزير: «إن الاقتصاد نما بنسبة 3.5٪»، مؤكّدًا - الثلاثاء - أنّ ذلك "أفضل" من المتوقع؛ فهل يستمر؟'
    stored = stored_one_by_one([text])
    assert (len(stored.data), len(stored.escape_places)) == (len(text), 0)


@given(archives)
def test_texts_in_a_row_are_stored_with_a_space_between_them(given: list[str]) -> None:
    texts = OneLineTexts(JoinedTexts.of(given))
    assert texts.lengths.tolist() == [len(on_one_line(text)) for text in given]
    stored = texts.stored(np.array([0]), np.array([len(given)])) if given else texts.stored(*np.zeros((2, 0), int))
    assert decode(stored, (0, len(stored.data))) == " ".join(map(on_one_line, given))


def test_no_two_bytes_stand_for_one_character() -> None:
    used = [character for character in PAGE if character != "\ufffe"]
    assert len(used) == len(set(used))
    assert len(PAGE) == 256


# A token: how far behind the end of the one before it, and its length. Both cross 255, and 65,535.
gaps = st.one_of(st.integers(0, 3), st.sampled_from((253, 254, 255, 256, 65_535, 65_536, 3_000_000)))
lengths = st.one_of(st.integers(1, 6), st.sampled_from((254, 255, 256, 65_536)))
Document = list[tuple[int, int]]
documents = st.lists(st.lists(st.tuples(gaps, lengths), max_size=6), max_size=5)


def tokens_of(document: Document) -> tuple[list[int], list[int]]:
    """Starts and lengths."""
    ends = accumulate(gap + length for gap, length in document)
    widths = [length for _, length in document]
    return [end - width for end, width in zip(ends, widths, strict=True)], widths


def encoded(archive: list[Document]) -> tuple[list[int], TokenOffsets]:
    """Where each document's tokens begin, and all of them."""
    found = [tokens_of(document) for document in archive]
    starts = np.array([start for each, _ in found for start in each], np.int64)
    widths = np.array([width for _, each in found for width in each], np.int64)
    bounds = np.cumsum([0, *map(len, archive)])
    return bounds.tolist(), encode_offsets(starts, widths, bounds)


def decoded(stored: TokenOffsets, start: int, stop: int) -> tuple[list[int], list[int]]:
    starts, widths = decode_offsets(stored, [(start, stop)])
    return list(starts[1:]), list(widths[1:])


@given(documents, st.integers(0, 6))
@example([[(255, 255), (0, 255), (255, 1)], [], [(254, 254)]], 2)
def test_offsets_come_back_from_any_document_to_any_of_its_tokens(archive: list[Document], wanted: int) -> None:
    bounds, stored = encoded(archive)
    for document, start in zip(archive, bounds, strict=False):
        count = min(wanted, len(document))
        starts, widths = tokens_of(document)
        assert decoded(stored, start, start + count) == (starts[:count], widths[:count])


@given(documents, st.integers(0, 6))
@example([[(255, 255), (0, 255), (255, 1)], [], [(254, 254)]], 2)
def test_offsets_of_several_documents_come_in_one_go(archive: list[Document], wanted: int) -> None:
    bounds, stored = encoded(archive)
    counts = [min(wanted, len(document)) for document in archive]
    sums, widths = decode_offsets(
        stored, [(start, start + count) for start, count in zip(bounds, counts, strict=False)]
    )
    before = 0
    for document, count in zip(archive, counts, strict=True):
        first = before + 1
        starts = [total - sums[before] for total in sums[first : first + count]]
        assert (starts, list(widths[first : first + count])) == tuple(each[:count] for each in tokens_of(document))
        before += count


@pytest.mark.parametrize("width", [254, 255, 256])
def test_only_tokens_that_need_more_than_a_byte_take_more(width: int) -> None:
    _, stored = encoded([[(0, 1), (width - 1, 3), (1, width)]])
    assert len(stored.wide_tokens) == (0 if width == 254 else 2)
