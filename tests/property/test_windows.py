"""The window that a snippet shows, beside one that is found by looking at all of them."""

from __future__ import annotations

from itertools import accumulate

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from searchapp.engine.retrieval.highlighting.windows import LEAD_WORDS, PLACE_SHIFT, SNIPPET_WORDS, Windows, placed

# A text: how far each marked word stands behind the one before it, and which word of the query it is.
Text = list[tuple[int, int]]
texts = st.lists(st.tuples(st.integers(1, 40), st.integers(0, 3)), max_size=12)
worths = st.lists(st.integers(1, 5), min_size=4, max_size=4)


def best(positions: list[int], words: list[int], worths: list[int]) -> tuple[int, int]:
    """The best of all windows that begin and end with a marked word."""
    found = []
    for right, last in enumerate(positions):
        inside = [at for at in range(right + 1) if last - positions[at] < SNIPPET_WORDS]
        worth = sum(worths[word] for word in {words[at] for at in inside})
        found.append((-worth, -len(inside), right, positions[inside[0]], last))
    return min(found)[3:]


@given(st.lists(texts, min_size=1, max_size=4), worths)
def test_the_best_window_has_the_rarest_words_then_most_of_them(archive: list[Text], worths: list[int]) -> None:
    positions = [list(accumulate(step for step, _ in text)) for text in archive]
    words = [[word for _, word in text] for text in archive]
    every = [word for of_text in words for word in of_text]
    places = [text << PLACE_SHIFT | at for text, found in enumerate(positions) for at in found]
    windows = Windows(np.array(places, np.int64), np.array(every, np.int64), worths)
    start = 0
    for of_text, of_words in zip(positions, words, strict=True):
        stop = start + len(of_text)
        if of_text:
            assert windows.best(start, stop) == best(of_text, of_words, worths)
        start = stop


@given(st.integers(0, 200), st.integers(0, SNIPPET_WORDS - 1), st.integers(0, 200))
def test_a_placed_window_shows_the_marks_and_as_much_as_there_is(first: int, width: int, behind: int) -> None:
    last = first + width
    words = last + 1 + behind
    start, end = placed(first, last, words)
    assert 0 <= start <= first <= last < end <= words
    assert end - start == min(SNIPPET_WORDS, words)
    assert start == 0 or start > LEAD_WORDS or last >= SNIPPET_WORDS or end == words


def test_a_text_without_marks_is_shown_from_its_beginning() -> None:
    assert placed(0, 0, 100) == (0, SNIPPET_WORDS)
    assert placed(0, 0, 5) == (0, 5)
    assert placed(0, 0, 0) == (0, 0)
