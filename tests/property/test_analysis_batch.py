"""The analysis of many texts at once gives, for any text, what the readable analyzer gives."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from itertools import islice, pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchapp.analysis.analyzer import default_analyzer
from searchapp.analysis.batch import BatchAnalyzer, default_batch_analyzer
from searchapp.analysis.char_filters import INVISIBLE_RANGES, LETTER_MAP, MARK_RANGES
from searchapp.analysis.lemma_batch import BatchLemmatizer
from searchapp.analysis.lemmatizer import default_lemmatizer
from searchapp.analysis.spelled_terms import SpelledTerms
from searchapp.analysis.tokenizer import NUMBER_SEPARATORS, TOKEN_CHARACTERS, starts_token
from tests.stress.scale import scaled

pytestmark = pytest.mark.usefixtures("each_way")

BATCH = 1000

# Planes 1 to 3 and the variation selectors of plane 14; no other plane has letters or marks.
HIGHER_PLANES = (*range(0x10000, 0x40000), *range(0xE0000, 0xE1000))

INVISIBLE = [chr(point) for first, last in INVISIBLE_RANGES for point in range(first, last + 1)]
MARKS = [chr(point) for first, last in MARK_RANGES for point in range(first, last + 1)]
HIGHER_LETTERS = [chr(point) for point in HIGHER_PLANES if starts_token(point)]

characters = st.one_of(
    st.sampled_from("ابتةهويىأإآؤئلمنكفقسشعغ"),
    st.sampled_from("ـ \n\t\0_-#«»،؛:/"),
    st.sampled_from("0123456789٠١٢٣٤٥٦٧٨٩۰۱۲۳१२\U0001d7cf\U0001d7d0"),
    st.sampled_from(NUMBER_SEPARATORS),
    st.sampled_from(INVISIBLE),
    st.sampled_from(MARKS),
    st.sampled_from("".join(LETTER_MAP)),
    st.sampled_from("abzABZéÉßİıæŁʿºﬁΣσкД世ﷲﷺﻻ\u0301\u0654\u1ab0"),
    st.sampled_from(HIGHER_LETTERS),
    st.sampled_from("\ud800\udbff\udc00\udfff😀\U000e0100\U0010ffff\uffff"),
    st.characters(codec=None, exclude_categories=()),
)
numbers = st.lists(
    st.sampled_from(["5", "٣", "۷", "१", *NUMBER_SEPARATORS, "\u200f", "\u200b", "\u064b", "ب", " "]), max_size=20
).map("".join)
# Runs around the lengths at which words are looked up and cut differently.
long_words = st.builds(
    lambda letters, length: (letters * length)[:length],
    st.text(st.sampled_from("ابـ\u064e\u200fa1.ж"), min_size=1, max_size=5),
    st.one_of(st.integers(6, 27), st.integers(TOKEN_CHARACTERS - 2, 2 * TOKEN_CHARACTERS + 2)),
)
names = st.lists(
    st.sampled_from(
        [
            "عبد",
            "وعبد",
            "أبو",
            "ابي",
            "الله",
            "العزيز",
            "العبد",
            "بكر",
            "ةالله",
            "الدين",
            "كوفيد",
            "وال",
            *"59٣  \n\u00a0\u200b.ـة",
        ]
    ),
    max_size=12,
).map("".join)
pieces = st.one_of(st.text(characters, max_size=30), numbers, long_words, names)
texts = st.lists(pieces, max_size=6).map("".join)


def assert_same(analyzer: BatchAnalyzer, batch: Sequence[str]) -> None:
    """Compare the tokens of each text with the readable analyzer's."""
    found = analyzer.analyze(batch)
    columns = (found.starts, found.lengths, found.exact, found.lemma)
    assert {len(column) for column in columns} == {int(found.pointers[-1])}
    exact_terms, lemma_terms = analyzer.exact_terms, analyzer.lemma_terms
    for text, (first, last) in zip(batch, pairwise(found.pointers.tolist()), strict=True):
        starts, lengths, exact, lemma = (column[first:last].tolist() for column in columns)
        tokens = list(default_analyzer().occurrences(text))
        assert list(zip(starts, lengths, strict=True)) == [(start, end - start) for start, end, _ in tokens]
        assert [exact_terms[number] for number in exact] == [forms.exact for *_, forms in tokens]
        assert [lemma_terms[number] for number in lemma] == [forms.lemma for *_, forms in tokens]


@settings(max_examples=scaled(300, 3000))
@given(st.lists(texts, max_size=8))
def test_any_texts_have_the_tokens_of_the_readable_analyzer(batch: list[str]) -> None:
    # The shared analyzer has met the words of the examples before: they are both learnt and remembered.
    assert_same(default_batch_analyzer(), batch)


@settings(max_examples=100)
@given(st.lists(texts, max_size=8))
def test_texts_have_the_same_tokens_together_and_alone(batch: list[str]) -> None:
    analyzer = BatchAnalyzer()
    together = analyzer.analyze(batch)
    for text, (first, last) in zip(batch, pairwise(together.pointers.tolist()), strict=True):
        alone = analyzer.analyze([text])
        for name in ("starts", "lengths", "exact", "lemma"):
            assert getattr(together, name)[first:last].tolist() == getattr(alone, name).tolist()


@pytest.mark.parametrize("frame", ["{}", "ب{}ب", "5{}6", "5.{}6 {}نعم"])
def test_every_character_of_the_basic_plane_is_treated_alike(frame: str) -> None:
    analyzer = BatchAnalyzer()
    step = scaled(7, 1)
    assert_same(analyzer, [frame.replace("{}", chr(point)) for point in range(0, 0x10000, step)])


def test_every_letter_of_the_higher_planes_is_treated_alike() -> None:
    step = scaled(97, 1)
    assert_same(BatchAnalyzer(), [f"ب{letter} {letter}.{letter}" for letter in HIGHER_LETTERS[::step]])


@pytest.mark.parametrize("run", ["\u064b", "\u200f", "5.\u200f", "\ud800", "ـ", "5,", "ж ", "\U00010330", "\0"])
def test_long_runs_of_what_is_rare_have_the_tokens_of_the_readable_analyzer(run: str) -> None:
    assert_same(BatchAnalyzer(), [run * 20_000, run])


@pytest.mark.parametrize("text", ["قال 1,234.5 وبلغ", "5.\u200f6 ثم ١٫٥", "3..4 و5."])
def test_tokens_are_the_same_wherever_they_stand(text: str) -> None:
    assert_same(BatchAnalyzer(), [" " * shift + text for shift in range(130)])


def test_the_sample_pages_have_the_tokens_of_the_readable_analyzer(seeds: Path) -> None:
    pages = [path.read_text(encoding="utf-8") for path in sorted(seeds.glob("*.txt"))]
    assert pages
    assert_same(BatchAnalyzer(), pages)


@pytest.mark.corpus
@pytest.mark.slow
def test_news_have_the_tokens_of_the_readable_analyzer(shared_data: Path) -> None:
    analyzer, step = BatchAnalyzer(), scaled(30, 1)
    with gzip.open(shared_data / "news" / "saudinews.jsonl.gz", "rt", encoding="utf-8") as lines:
        articles = (json.loads(line) for line in islice(lines, 0, None, step))
        fields = (article[name] or "" for article in articles for name in ("title", "text"))
        while batch := list(islice(fields, BATCH)):
            assert_same(analyzer, batch)


lexicon_letters = st.text(st.sampled_from("والبكفستنيمهدرعقحجءئؤاةىپ1a"), max_size=24)


@settings(max_examples=scaled(200, 1000))
@given(st.lists(lexicon_letters, max_size=40))
def test_any_words_have_the_lemmas_of_the_readable_lemmatizer(words: list[str]) -> None:
    lemmatizer = default_lemmatizer()
    found = BatchLemmatizer(lemmatizer.lexicon).lemma_numbers(SpelledTerms.of(words))
    assert found.tolist() == [lemmatizer.lemma_number(word) for word in words]
