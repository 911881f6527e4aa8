"""Two words that were printed without a space between them."""

from __future__ import annotations

from pathlib import Path

import pytest

from searchapp.analysis.analyzer import default_analyzer
from searchapp.analysis.batch import BatchAnalyzer
from tests.index_samples import BACKEND, commit, make_story, new_index, stories_found

PARTED = [
    "الخارجية+في",
    "الوزير+أنتوني",
    "بالعاصمة+الرياض",
    "الأولى+من",
    "السعودية+وقال",
    "العراق+إيقاف",
    "الخَارِجـيّةُ+فِي",
    *("كوفيد+19", "كُوفيـد+١٩", "عام+2015", "22+سنة", "120+مليار", "3.5+مليون", "٣٫٥+مليون", "جنيف+1", "مستوى+9"),
]
WHOLE = [
    *("مسألة", "تأسيس", "استئناف", "مبادىء", "شىء", "بالفأس", "الرأسمالية", "متأخرا", "سأسافر", "وأعلن", "الإمارات"),
    *("الـ13", "والـ13", "وال13", "بال20", "ف16", "و500", "1436هـ", "2015م", "15مارس2017", "covid19", "19covid"),
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


def test_a_word_and_its_number_are_found_however_they_are_joined(tmp_path: Path) -> None:
    directory = new_index(tmp_path / "index")
    bodies = ["لقاح كوفيد19 وصل", "لقاح كوفيد-١٩ وصل", "لقاح كوفيد 19 وصل", "كوفيد وصل بعد 19 يوما"]
    commit(directory, *(make_story(number, body) for number, body in enumerate(bodies, start=1)))
    reader = BACKEND.open_reader(directory)
    for query in ("كوفيد19", '"كوفيد 19"', "=كوفيد19"):
        assert stories_found(reader, query, relax=False) == [1, 2, 3], query
    for query in ("كوفيد", "كوفيد-19", "كوفيد 19"):
        assert stories_found(reader, query, relax=False) == [1, 2, 3, 4], query
