"""Two words that were printed without a space between them."""

from __future__ import annotations

import pytest

from searchapp.analysis.analyzer import default_analyzer
from searchapp.analysis.batch import BatchAnalyzer

PARTED = [
    "الخارجية+في",
    "الوزير+أنتوني",
    "بالعاصمة+الرياض",
    "الأولى+من",
    "السعودية+وقال",
    "العراق+إيقاف",
    "الخَارِجـيّةُ+فِي",
]
WHOLE = [
    *("مسألة", "تأسيس", "استئناف", "مبادىء", "شىء", "بالفأس", "الرأسمالية", "متأخرا", "سأسافر", "وأعلن", "الإمارات"),
    *("مدرسةٍ", "لانستطيع", "كةفي", "المةأ", "covidإلى", "", "ةةةةةة", "أأأأأأأأ", "أوالإمارة"),
]


def surfaces(text: str) -> list[str]:
    return [text[token.start : token.end] for token in default_analyzer().analyze(text)]


@pytest.mark.parametrize("parts", PARTED)
def test_words_with_an_unmistakable_seam_are_two_tokens_with_offsets_of_their_own(parts: str) -> None:
    first, second = parts.split("+")
    text = f"قال {first}{second} أمس"
    assert surfaces(text) == ["قال", first, second, "أمس"]
    tokens = default_analyzer().analyze(text)
    assert [token.position for token in tokens] == [0, 1, 2, 3]
    assert [token.lemma for token in tokens[1:3]] == [default_analyzer().forms(word).lemma for word in (first, second)]


@pytest.mark.parametrize("word", WHOLE)
def test_what_may_be_one_word_stays_one(word: str) -> None:
    assert surfaces(word) == ([word] if word else [])


def test_both_analyzers_part_alike_and_remember_it() -> None:
    text = " ".join(word.replace("+", "") for word in [*PARTED, *WHOLE, *PARTED])
    analyzer = BatchAnalyzer()
    for _ in range(2):
        batch = analyzer.analyze([text, "", text])
        found = list(zip(batch.starts.tolist(), batch.lengths.tolist(), batch.exact.tolist(), strict=True))
        once = [(token.start, token.end - token.start, token.exact) for token in default_analyzer().analyze(text)]
        assert [(start, length, analyzer.exact_terms[number]) for start, length, number in found] == once + once
        assert batch.pointers.tolist() == [0, len(once), len(once), 2 * len(once)]
