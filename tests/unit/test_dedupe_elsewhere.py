"""Texts that another process prepared are those that this one would have prepared, however it numbers words."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from searchapp.analysis.batch import BatchAnalyzer
from searchapp.dedupe.elsewhere import PreparerElsewhere, TextsElsewhere, WordsElsewhere, adopt
from searchapp.dedupe.preparation import PreparedText, Preparer
from searchapp.model import Article

WORDS = ["وزير", "المدينة", "وصل", "اليوم", "2024", "مكتبه", "\ud83dقمر", "😀", "word", "شمس", "بِحَار", "عبدالله"]
BODIES = st.lists(st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join), max_size=4)


@contextmanager
def in_process_of(analyzer: BatchAnalyzer) -> Iterator[None]:
    """What happens in a process whose analyzer is this one."""
    with (
        patch("searchapp.dedupe.preparation.default_batch_analyzer", lambda: analyzer),
        patch("searchapp.dedupe.elsewhere.default_batch_analyzer", lambda: analyzer),
    ):
        yield


def analyzer_that_knows(*words: str) -> BatchAnalyzer:
    made = BatchAnalyzer()
    made.analyze([" ".join(words)])
    return made


def articles(bodies: Sequence[str]) -> list[Article]:
    return [Article(id=f"n{at}", title=f"خبر {at}", body=body) for at, body in enumerate(bodies)]


def sent(texts: TextsElsewhere) -> TextsElsewhere:
    found: TextsElsewhere = pickle.loads(pickle.dumps(texts))  # noqa: S301 (our own)
    return found


def known_of(prepared: PreparedText) -> tuple[bytes, list[int], bytes, list[int]]:
    return prepared.key, prepared.text.words.tolist(), prepared.sketch, prepared.fingerprints.tolist()


@given(st.lists(BODIES, max_size=4), st.booleans())
def test_texts_prepared_elsewhere_are_those_prepared_here(batches: list[list[str]], is_fork: bool) -> None:
    here = analyzer_that_knows(*WORDS[3:6])
    known = len(here.exact_terms) if is_fork else 0
    there = analyzer_that_knows(*(WORDS[3:6] if is_fork else reversed(WORDS[2:8])))
    with in_process_of(there):
        preparer_there = PreparerElsewhere(known)
    with in_process_of(here):
        words, preparer = WordsElsewhere(known), Preparer()
    for bodies in batches:
        with in_process_of(there):
            texts = sent(preparer_there.prepare(articles(bodies)))
        with in_process_of(here):
            found = [adopt(text, preparer) for text in words.texts(texts)]
            expected = preparer.prepare(articles(bodies))
        assert [known_of(text) for text in found if text] == [known_of(text) for text in expected]


def test_words_are_sent_once_and_all_of_them_to_an_analyzer_that_is_new() -> None:
    first, second, there = BatchAnalyzer(), analyzer_that_knows("بحر"), BatchAnalyzer()
    given_there = articles(["وصل وزير", "وزير اليوم"])
    with in_process_of(there):
        preparer_there = PreparerElsewhere(0)
        batches = [sent(preparer_there.prepare(given_there)) for _ in range(2)]
        assert batches[0].names
        assert not batches[1].names
    with in_process_of(first):
        words, old = WordsElsewhere(0), Preparer()
        texts = words.texts(batches[0])
        current = [words.are_current]
    with in_process_of(second):
        current.append(words.are_current)
        assert current == [True, False]
        words.begin_anew()
        preparer = Preparer()
        assert [adopt(text, preparer) for text in texts] == [None, None]
        assert all(adopt(text, old) for text in texts)
    with in_process_of(there):
        preparer_there.tell_all()
        again = sent(preparer_there.prepare(given_there))
    with in_process_of(second):
        found = [adopt(text, preparer) for text in words.texts(again)]
        assert [known_of(text) for text in found if text] == list(map(known_of, preparer.prepare(given_there)))


def test_a_process_whose_analyzer_is_replaced_tells_its_words_anew() -> None:
    here, there, later = (BatchAnalyzer() for _ in range(3))
    with in_process_of(there):
        preparer_there = PreparerElsewhere(0)
        first = sent(preparer_there.prepare(articles(["وصل وزير المدينة"])))
    with in_process_of(later):
        second = sent(preparer_there.prepare(articles(["المدينة وزير"])))
    with in_process_of(here):
        words, preparer = WordsElsewhere(0), Preparer()
        words.texts(first)
        (found,) = (adopt(text, preparer) for text in words.texts(second))
        (expected,) = preparer.prepare(articles(["المدينة وزير"]))
    assert found is not None
    assert known_of(found) == known_of(expected)
