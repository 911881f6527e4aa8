"""Words and their lemmas: what meets, what must not, and how words outside the lexicon are treated."""

from __future__ import annotations

import pytest

from searchapp.analysis.analyzer import default_analyzer
from searchapp.analysis.lemmatizer import default_lemmatizer
from searchapp.analysis.token_filters import is_particle_apart, is_question_word
from searchapp.analysis.unknown_words import unknown_lemma

MEET = {
    "article, conjunction and preposition": "وزير الوزير والوزير بالوزير للوزير فالوزير",
    "the preposition on a word with ل": "لغة اللغة للغة",
    "feminine and plurals of an adjective": "جديد جديدة الجديدات جديدين",
    "regular plurals and duals": "مهندس مهندسون المهندسين مهندسان",
    "plural in ات": "جامعة جامعات الجامعات جامعتين وجامعاتها",
    "broken plurals": "وزير وزراء وزراؤه وزرائها الوزراء",
    "a broken plural with a doubled consonant": "حد حدود حدودها",
    "a broken plural that only its pattern tells": "عصر عصور العصور",
    "pronouns": "مدرسة مدرسته مدرستهم",
    "before a pronoun, ى is ا": "مستوى مستواها المستوى",
    "before a pronoun, ى of a verb is ا": "تلقى تلقاها يتلقاه",
    "a regular plural before a genitive": "لاعب لاعبي لاعبين اللاعبون",
    "the same before a pronoun": "منسوب منسوبيه ومنسوبيها منسوبين",
    "a plural in use that the dictionary lacks": "مهمة مهام المهام ومهامها",
    "a plural that is two words' by its pattern": "برنامج برامج البرامج وبرامجها",
    "a woman with and without article": "امرأة المرأة وامرأة للمرأة امرأتان المرأتين",
    "colours": "أحمر حمراء الحمراء",
    "a million": "مليون مليونا ملايين",
    "a town behind a preposition": "جدة بجدة لجدة",
    "persons of the past": "أعلن أعلنت أعلنوا وأعلنا",
    "persons of the present and the future": "أعلن يعلن تعلن سيعلنون ستعلن",
    "a hollow verb": "كان يكون كانت كنا سيكونون",
    "a defective verb": "دعا يدعو دعت يدعون",
    "a present that loses its first consonant": "وصل يصل تصل ووصلت",
    "seats of hamza": "مسؤول مسئول المسؤولين",
    "marks and the tail of ي": "مستشفى مستشفي المستشفیات",
    "relative adjectives": "تجاري التجارية تجاريين",
    "hundreds with and without ا": "مئة مائة المئة",
    "hundreds in one word": "ثلاثمئة ثلاثمائة",
    "tens in every case": "خمسون خمسين والخمسين",
    "the two letters for g in foreign names": "غريغوري جريجوري",
}

PARTED = (
    ("مدرس", "مدرسة"),
    ("كتاب", "مكتبة"),
    ("مكتب", "كتاب"),
    ("مصر", "مصري"),
    ("برلين", "برلي"),
    ("اليابان", "يابا"),
    ("سلمان", "سليمان"),
    ("وعد", "عد"),
    ("والد", "ولد"),
    ("عامل", "عملية"),
    ("بغداد", "غداد"),
    ("بيروت", "يروت"),
    ("فرنسا", "فرن"),
    ("الهند", "هدد"),
    ("إعلام", "علم"),
    ("سباق", "سابق"),
    ("عمله", "عامل"),
    ("اللعبة", "لاعب"),
    ("العمرة", "عمر"),
    ("الحازمي", "حازم"),
)


def lemma(word: str) -> str:
    return default_analyzer().forms(word).lemma


@pytest.mark.parametrize("words", MEET.values(), ids=MEET)
def test_forms_of_one_word_meet(words: str) -> None:
    assert len({lemma(word) for word in words.split()}) == 1, [lemma(word) for word in words.split()]


@pytest.mark.parametrize(("one", "other"), PARTED)
def test_words_that_look_alike_stay_apart(one: str, other: str) -> None:
    assert lemma(one) != lemma(other)


@pytest.mark.parametrize("name", ["بطاطس", "مهيمن", "برلين", "واشنطن", "باريس", "لبنان", "سودان", "فلسطين", "بوتين"])
def test_no_letters_of_a_name_are_eaten(name: str) -> None:
    assert lemma(name) == name


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("السينتراليوم", "سينتراليوم"),
        ("والسينتراليوم", "سينتراليوم"),
        ("الفيسبوكيه", "فيسبوكي"),
        ("الفيسبوكيين", "فيسبوكي"),
        ("بسينتراليوم", "بسينتراليوم"),
        ("الم", "الم"),
        ("پاريس", "باريس"),
        ("covid19", "covid19"),
        ("2024", "2024"),
        ("الـBBC", "الـBBC"),
        ("", ""),
    ],
)
def test_of_an_unknown_word_only_the_article_and_relative_endings_are_taken(word: str, expected: str) -> None:
    assert unknown_lemma(word) == expected


@pytest.mark.parametrize(
    ("written", "number"),
    [
        *(("ال13", "13"), ("و500", "500"), ("ب4", "4"), ("بال50", "50"), ("1,305", "1305"), ("1.305", "1305")),
        *(("1,234,567.5", "1234567.5"), ("3.14", "3.14"), ("2.5", "2.5"), ("12,5", "12,5"), ("1.305.000", "1305000")),
        *(("2015م", "2015"), ("و1436ه", "1436"), ("100م", "100م"), ("5000م", "5000م"), ("2015مم", "2015مم")),
        *(("2015.1234", "2015.1234"), ("ف16", "ف16"), ("كوفيد19", "كوفيد19"), ("و", "و")),
    ],
)
def test_of_a_number_particles_its_calendar_and_what_parts_its_thousands_are_taken(written: str, number: str) -> None:
    assert unknown_lemma(written) == number


@pytest.mark.parametrize(
    "spellings",
    [
        *("أمريكا أميركا", "الأمريكية الأميركية أميركيون", "تويتر بتويتر", "فيسبوك والفايسبوك", "تلفزيون والتليفزيون"),
        *("الخمسينات الخمسينيات", "طوارئ طوارىء الطوارئ", "كيلوغراما كيلوجرامات", "جازان بجيزان"),
    ],
)
def test_spellings_that_are_written_down_are_one_lemma(spellings: str) -> None:
    assert len({default_analyzer().forms(word).lemma for word in spellings.split()}) == 1


def test_names_that_the_dictionary_would_take_apart_are_their_own_lemmas() -> None:
    exact = ("تبوك", "درعا", "سبها", "دهوك")
    assert tuple(default_analyzer().forms(name).lemma for name in exact) == exact


def test_analyses_come_best_first_and_the_best_is_the_lemma() -> None:
    analyses = default_lemmatizer().analyses("والمدرسه")
    assert (analyses[0].prefix, analyses[0].stem, analyses[0].suffix) == ("وال", "مدرس", "ه")
    assert analyses[0].lemma == default_lemmatizer().lemma("والمدرسه") == "مدرسه"
    assert [analysis.score for analysis in analyses] == sorted((a.score for a in analyses), reverse=True)
    assert str(analyses[0]).startswith("مدرسه = وال + مدرس + ه (feminine, ")


def test_the_parts_of_an_analysis_make_the_word() -> None:
    for word in ("وسيكتبونها", "بالمستشفيات", "فوزارتهم"):
        assert {a.prefix + a.stem + a.suffix for a in default_lemmatizer().analyses(word)} == {word}


def test_question_words_are_known_in_exact_form() -> None:
    assert all(is_question_word(default_analyzer().forms(word).exact) for word in ("أين", "متى", "لماذا", "أيّ", "هل"))
    assert all(is_question_word(default_analyzer().forms(word).exact) for word in ("ماهي", "وأين", "فماذا", "بأي"))
    assert not is_question_word("الرياض")


def test_a_particle_is_told_by_the_tatweel_behind_it() -> None:
    assert is_particle_apart("لـ", "ل")
    assert is_particle_apart("الـ", "ال")
    assert not any(is_particle_apart(*word) for word in (("ل", "ل"), ("علـ", "عل")))
