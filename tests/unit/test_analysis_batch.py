"""Many texts at once: arrays of tokens, term numbers, and what is remembered."""

from __future__ import annotations

from itertools import pairwise
from unicodedata import category

import numpy as np
import pytest

from searchapp.analysis import batch as batch_module
from searchapp.analysis import code_page
from searchapp.analysis.batch import BatchAnalyzer, default_batch_analyzer
from searchapp.analysis.surface_table import SurfaceTable
from searchapp.analysis.tokenizer import (
    BASIC_PLANE,
    TOKEN_CHARACTERS,
    continues_token,
    starts_token,
)
from tests.waiting import map_in_threads

pytestmark = pytest.mark.usefixtures("each_way")

Token = tuple[int, int, str, str]

# Planes 1 to 3 and the variation selectors of plane 14; no other plane has letters or marks.
HIGHER_PLANES = (*range(0x10000, 0x40000), *range(0xE0000, 0xE1000))


@pytest.fixture
def analyzer() -> BatchAnalyzer:
    return BatchAnalyzer()


def tokens(analyzer: BatchAnalyzer, *texts: str) -> list[list[Token]]:
    """(start, length, exact, lemma) of each token of each text."""
    batch = analyzer.analyze(texts)
    listed = [
        (start, length, analyzer.exact_terms[exact], analyzer.lemma_terms[lemma])
        for start, length, exact, lemma in zip(
            *(column.tolist() for column in (batch.starts, batch.lengths, batch.exact, batch.lemma)), strict=True
        )
    ]
    bounds = batch.pointers.tolist()
    return [listed[start:end] for start, end in pairwise(bounds)]


def exact(analyzer: BatchAnalyzer, *texts: str) -> list[list[str]]:
    return [[token[2] for token in text] for text in tokens(analyzer, *texts)]


def test_offsets_count_within_each_text(analyzer: BatchAnalyzer) -> None:
    assert tokens(analyzer, "قالَ الوزيرُ", "", " في ٣ دول") == [
        [(0, 4, "قال", "قال"), (5, 7, "الوزير", "وزير")],
        [],
        [(1, 2, "في", "في"), (4, 1, "3", "3"), (6, 3, "دول", "دوله")],
    ]


def test_no_texts_have_no_tokens(analyzer: BatchAnalyzer) -> None:
    batch = analyzer.analyze([])
    assert batch.pointers.tolist() == [0]
    assert len(batch.starts) == len(batch.lengths) == len(batch.exact) == len(batch.lemma) == 0


def test_the_arrays_have_the_promised_types(analyzer: BatchAnalyzer) -> None:
    for texts in ([], [""], ["نعم"], ["قبل ـــ بعد"]):
        batch = analyzer.analyze(texts)
        assert [column.dtype for column in (batch.pointers, batch.starts, batch.lengths)] == [np.dtype(np.int64)] * 3
        assert [batch.exact.dtype, batch.lemma.dtype] == [np.dtype(np.int32)] * 2


@pytest.mark.parametrize(
    ("before", "after"), [("قا", "ل"), ("5.", "6"), ("5.\u200f", "6"), ("5", ".6"), ("\ud83d", "ا")]
)
def test_no_token_reaches_over_the_end_of_a_text(analyzer: BatchAnalyzer, before: str, after: str) -> None:
    assert tokens(analyzer, before, after) == [*tokens(analyzer, before), *tokens(analyzer, after)]


def test_a_text_may_hold_the_character_that_separates_texts(analyzer: BatchAnalyzer) -> None:
    assert tokens(analyzer, "أ\0ب\0", "\0ج") == [[(0, 1, "ا", "ا"), (2, 1, "ب", "ب")], [(1, 1, "ج", "ج")]]


def test_a_word_of_which_nothing_is_left_is_no_token(analyzer: BatchAnalyzer) -> None:
    assert exact(analyzer, "قبل ـــ بعد", "ـ") == [["قبل", "بعد"], []]


def test_marks_and_invisible_characters_before_a_word_are_not_part_of_it(analyzer: BatchAnalyzer) -> None:
    assert tokens(analyzer, "\u200f\u064bنعم \u0301 \u200f") == [[(2, 3, "نعم", "نعم")]]


def test_separators_join_digits_of_every_script(analyzer: BatchAnalyzer) -> None:
    numbers = "1,000.5 ٣٫١٤ 5.\u200f\u200e26 १.५ \U0001d7cf.\U0001d7d0"
    assert exact(analyzer, numbers, "5.\u200f 26 5..6 5.\u064b6 ا.6") == [
        ["1,000.5", "3٫14", "5.26", "1.5", "1.2"],
        ["5", "26", "5", "6", "5", "6", "ا", "6"],
    ]


def test_an_endless_word_is_cut_into_pieces(analyzer: BatchAnalyzer) -> None:
    for extra in (0, 1, TOKEN_CHARACTERS):
        (cut,) = tokens(analyzer, " " + "ب" * (TOKEN_CHARACTERS + extra))
        assert [token[:2] for token in cut] == [(1, TOKEN_CHARACTERS), (1 + TOKEN_CHARACTERS, extra)][: 1 + (extra > 0)]


@pytest.mark.parametrize("length", [7, 8, 9, 16, 17, 24, 25, 60])
def test_long_words_that_differ_in_one_letter_are_told_apart(analyzer: BatchAnalyzer, length: int) -> None:
    words = ["ب" * at + "س" + "ب" * (length - 1 - at) for at in range(length)] + ["ب" * length]
    for _ in range(2):
        assert exact(analyzer, *words) == [[word] for word in words]


def test_words_in_letters_that_share_a_code_are_told_apart(analyzer: BatchAnalyzer) -> None:
    words = ["мир", "дом", "мирب", "домب", "\U00010330\U00010331", "\U00010331\U00010330", "世界", "国家", "ж̃a", "ж̄a"]
    for _ in range(2):
        assert exact(analyzer, *words) == [[word] for word in words]


def test_latin_words_with_and_without_their_accents_have_one_number(analyzer: BatchAnalyzer) -> None:
    words = ["cafe", "café", "Cafe", "CAFÉ", "cafe\u0301", "ｃａｆｅ", "caf\u00ade", "ＣＡＦＥ\u0301"]
    for _ in range(2):
        assert exact(analyzer, *words, "œuvre", "ŒUVRE", "Erdoğan") == [["cafe"]] * 8 + [["oeuvre"]] * 2 + [["erdogan"]]
    assert tokens(analyzer, "في Straße ذلك")[0][1] == (3, 6, "strasse", "strasse")


def test_a_character_that_shares_a_code_does_not_change_the_words_beside_it(analyzer: BatchAnalyzer) -> None:
    assert exact(analyzer, "\u0301\u0301نعم😀لا \u0301 мир") == [["نعم", "لا", "мир"]]


def test_spellings_of_one_word_have_one_number(analyzer: BatchAnalyzer) -> None:
    batch = analyzer.analyze(["الأميركي الاميركى الام\u06ccر\u06a9\u06cc الـأمـيـركـي"])
    assert len(set(batch.exact.tolist())) == len(set(batch.lemma.tolist())) == 1


def test_what_was_met_before_keeps_its_numbers(analyzer: BatchAnalyzer) -> None:
    text = "قال وزير الخارجيه الامريكي домаш والاستراتيجيات"
    beginnings = analyzer.surfaces  # of names of two words
    before = analyzer.analyze([text])
    known, terms = analyzer.surfaces - beginnings, list(analyzer.exact_terms)
    analyzer.analyze([" ".join(f"كل{number}" for number in range(5000))])
    after = analyzer.analyze([text])
    assert (known, analyzer.surfaces - beginnings) == (6, 5006)
    assert analyzer.exact_terms[: len(terms)] == terms
    assert np.array_equal(before.exact, after.exact)
    assert np.array_equal(before.lemma, after.lemma)


def test_terms_are_numbered_alike_in_every_process() -> None:
    text = " ".join(f"كل{number}" for number in range(3000))
    first, second = BatchAnalyzer(), BatchAnalyzer()
    beginnings = first.exact_terms[:]  # of names of two words
    first.analyze([text])
    second.analyze([text])
    assert first.exact_terms[:] == second.exact_terms[:] == [*beginnings, *text.split()]


def test_many_threads_may_analyse_at_once(analyzer: BatchAnalyzer) -> None:
    texts = [" ".join(f"كل{number * step}" for number in range(2000)) for step in (1, 2, 3, 5)]
    assert map_in_threads(lambda text: exact(analyzer, text)[0], texts, 4) == [text.split() for text in texts]
    assert len(set(analyzer.exact_terms)) == len(analyzer.exact_terms)


def test_the_shared_analyzer_is_replaced_when_it_knows_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    shared = default_batch_analyzer()
    shared.analyze(["نعم"])
    assert default_batch_analyzer() is shared
    monkeypatch.setattr(batch_module, "SURFACES_KEPT", 0)
    assert default_batch_analyzer() is not shared
    assert exact(shared, "نعم") == [["نعم"]]


def test_every_character_is_coded_as_the_tokenizer_classes_it() -> None:
    points = [*BASIC_PLANE, *HIGHER_PLANES]
    codes = code_page.encode("".join(map(chr, points)), padding=0)
    assert (codes >= code_page.FIRST_START).tolist() == [starts_token(point) for point in points]
    assert (codes >= code_page.FIRST_BODY).tolist() == [continues_token(point) for point in points]
    assert (codes >= code_page.FIRST_DIGIT).tolist() == [category(chr(point)) == "Nd" for point in points]


def test_a_code_that_is_not_shared_is_of_one_character() -> None:
    codes = code_page.encode("".join(map(chr, range(0x110000))), padding=0)
    own = codes[~code_page.shared_codes(codes) & (codes != code_page.GAP)]
    assert len(own) == len(np.unique(own))
    assert code_page.OTHER_DIGIT <= 0xFF


def test_padding_is_gaps() -> None:
    assert code_page.encode("ب", padding=3).tolist()[1:] == [code_page.GAP] * 3


@pytest.mark.parametrize("words", [1, 3])
def test_a_surface_table_finds_what_was_put_in_and_nothing_else(words: int) -> None:
    table = SurfaceTable(words)
    numbers = np.arange(40_000, dtype=np.uint64)
    shared_by = np.uint64(1 if words == 1 else 2000)  # how many keys have the same first word
    keys = [numbers // shared_by + np.uint64(1), *(numbers % shared_by for _ in range(words - 1))]
    for start in range(0, 20_000, 5_000):
        part = slice(start, start + 5_000)
        table.add([word[part] for word in keys], numbers[part])
    values, unknown = table.find(keys)
    assert len(table) == 20_000
    assert np.array_equal(unknown, np.arange(20_000, 40_000))
    assert np.array_equal(values[:20_000], numbers[:20_000])
