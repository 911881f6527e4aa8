"""The chain as a whole: tokens, positions, stop words, steps."""

from __future__ import annotations

import pytest

from searchapp.analysis.analyzer import ArabicAnalyzer, default_analyzer
from searchapp.analysis.char_filters import clean
from searchapp.analysis.token_filters import STOP_WORDS_FILE, LightStemmer, StopWords
from searchapp.model import AnalyzedToken


@pytest.fixture(scope="module")
def analyzer() -> ArabicAnalyzer:
    return default_analyzer()


def test_a_sentence_becomes_tokens_with_all_their_forms(analyzer: ArabicAnalyzer) -> None:
    assert analyzer.analyze("قالَ الوزيرُ من ٣ دول") == [
        AnalyzedToken(0, 4, 0, "قال", "قال", "قال", "word", False),
        AnalyzedToken(5, 12, 1, "الوزير", "وزير", "وزير", "word", False),
        AnalyzedToken(13, 15, 2, "من", "من", "من", "word", True),
        AnalyzedToken(16, 17, 3, "3", "3", "3", "number", False),
        AnalyzedToken(18, 21, 4, "دول", "دوله", "دول", "word", False),
    ]


def test_a_word_of_which_nothing_is_left_takes_no_position(analyzer: ArabicAnalyzer) -> None:
    tokens = analyzer.analyze("قبل ـــ بعد")
    assert [(token.exact, token.position) for token in tokens] == [("قبل", 0), ("بعد", 1)]


def test_stop_words_keep_their_place(analyzer: ArabicAnalyzer) -> None:
    assert [token.position for token in analyzer.analyze("وزير من الدولة") if not token.stop] == [0, 2]


def test_a_vocalised_stop_word_is_a_stop_word_unlike_in_lucene(analyzer: ArabicAnalyzer) -> None:
    assert all(analyzer.forms(word).stop for word in ("من", "مِن", "مـن", "أيضًا", "أنّ"))


def test_spellings_of_one_word_meet(analyzer: ArabicAnalyzer) -> None:
    for spellings in (("فى", "في", "ف\u06cc"), ("الأميركي", "الاميركى", "الام\u06ccر\u06a9\u06cc"), ("مدرسة", "مدرسه")):
        assert len({analyzer.forms(word).exact for word in spellings}) == 1


def test_steps_show_each_stage(analyzer: ArabicAnalyzer) -> None:
    steps = analyzer.steps("قالَ الوزيرُ من الأمم")
    assert [(step.name, step.text, step.tokens) for step in steps] == [
        ("cleaned text", "قال الوزير من الأمم", ()),
        ("tokens", None, ("قالَ", "الوزيرُ", "من", "الأمم")),
        ("stop words", None, ("من",)),
        ("exact forms (normalised)", None, ("قال", "الوزير", "من", "الامم")),
        ("lemmas", None, ("قال", "وزير", "من", "امه")),
        ("light stems (light10)", None, ("قال", "وزير", "من", "امم")),
    ]


def test_the_default_analyzer_is_one_for_the_process() -> None:
    assert default_analyzer() is default_analyzer()


def test_what_is_remembered_is_bounded() -> None:
    analyzer = ArabicAnalyzer(memo_entries=4)
    text = " ".join(f"كلمة{number}" for number in range(20))
    assert analyzer.analyze(text) == analyzer.analyze(text)
    assert analyzer._remembered.cache_info().currsize == 4


def test_the_stop_list_is_lucenes_and_needs_no_cleaning() -> None:
    words = STOP_WORDS_FILE.read_text(encoding="utf-8").split()
    assert len(words) == len(StopWords()) == 119
    assert all(clean(word) == word for word in words)


def test_cleaning_leaves_plain_arabic_text_as_it_is() -> None:
    text = "قال وزير الخارجية الأمريكي إن 25 دولة وافقت، وفي آخر المساء…"
    assert clean(text) == text


def test_one_presentation_form_does_not_change_the_rest_of_the_text() -> None:
    assert clean("\ufefb كم²") == "لا كم²"


def test_the_stemmer_leaves_an_empty_word_empty() -> None:
    assert LightStemmer().filter("") == ""
