"""Names of two words are one word to the index and to a query, however they are written."""

from __future__ import annotations

from pathlib import Path

import pytest

from searchapp.analysis.analyzer import default_analyzer
from searchapp.analysis.batch import BatchAnalyzer
from searchapp.analysis.compound_names import COMPOUNDS
from searchapp.model import SearchRequest
from searchapp.query.parser import parse
from tests.index_samples import BACKEND, commit, make_story, marked_words, new_index, stories_found

ONE_NAME = [
    ("عبد الله", "عبدالله"),
    ("وعبد الرحمن", "وعبدالرحمن"),
    ("عبد ربه", "عبدربه"),
    ("العبد اللطيف", "العبداللطيف"),
    ("أبو ظبي", "أبوظبي"),
    ("أبي ظبي", "أبوظبي"),
    ("لأبا بكر", "لأبوبكر"),
    ("أبو الغيط", "أبوالغيط"),
    ("نصر الله", "نصرالله"),
    ("عز الدين", "عزالدين"),
    ("ونصر الدين", "ونصرالدين"),
    ("إسلام آباد", "إسلاماباد"),
    ("الفيس بوك", "الفيسبوك"),
    ("كيلو متراً", "كيلومتراً"),
    ("عَبْدُ اللهِ", "عبدالله"),
    ("عبد\u00a0 الله", "عبدالله"),
    ("عبـد الـله", "عبدالله"),
]
TWO_WORDS = [
    *(
        "عبد، الله",
        "عبد. الله",
        "عبد-الله",
        "عبد الا",
        "عبدا الله",
        "العبد الفقير",
        "عبد",
        "أبو الطفل",
        "أبى الرئيس",
    ),
    *("أبو في", "حزب الله", "علوم الدين", "نصر", "أبو عبد", "عبد\u200b، الله"),
]


def surfaces(text: str) -> list[str]:
    return [text[token.start : token.end] for token in default_analyzer().analyze(text)]


@pytest.mark.parametrize(("apart", "glued"), ONE_NAME)
def test_a_name_is_one_token_over_both_words_with_the_terms_of_the_glued_one(apart: str, glued: str) -> None:
    text = f"قال {apart} أمس"
    assert surfaces(text) == ["قال", apart, "أمس"]
    token, same = default_analyzer().analyze(text)[1], default_analyzer().forms(glued)
    assert (token.exact, token.lemma, token.light, token.kind, token.stop) == same
    assert default_analyzer().forms(apart) == same


@pytest.mark.parametrize("text", TWO_WORDS)
def test_what_is_no_name_stays_apart(text: str) -> None:
    assert not any(any(map(str.isspace, surface)) for surface in surfaces(f"{text} {text}"))


def test_names_that_share_a_word_are_told_from_left_to_right() -> None:
    assert surfaces("أبو عبد الله") == ["أبو", "عبد الله"]
    assert surfaces("عبد العبد الله") == ["عبد العبد", "الله"]
    assert surfaces("أبو أبو بكر") == ["أبو أبو", "بكر"]


@pytest.mark.usefixtures("each_way")
def test_both_analyzers_join_alike_and_remember_it() -> None:
    texts = [
        *(apart for apart, _ in ONE_NAME),
        *TWO_WORDS,
        "الوزيرأنتوني عبد",
        "الله",
        "أبو عبد الله",
        "عبد العبد الله",
    ]
    batch, analyzer = [" ".join(texts), *texts, "", *texts], BatchAnalyzer()
    for _ in range(2):
        found = analyzer.analyze(batch)
        for at, text in enumerate(batch):
            mine = slice(*found.pointers[at : at + 2].tolist())
            assert list(
                zip(
                    found.starts[mine].tolist(),
                    (found.starts + found.lengths)[mine].tolist(),
                    [analyzer.exact_terms[number] for number in found.exact[mine].tolist()],
                    [analyzer.lemma_terms[number] for number in found.lemma[mine].tolist()],
                    strict=True,
                )
            ) == [(token.start, token.end, token.exact, token.lemma) for token in default_analyzer().analyze(text)]


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("الملك عبد العزيز", "الملك عبدالعزيز"),
        ("-عبد الله سلمان", "-عبدالله سلمان"),
        ("=عبد الله", "=عبدالله"),
        ("title:عبد الله", "title:عبدالله"),
        ("عبد الله OR (أبي بكر)", "عبدالله OR ابوبكر"),
        ('"عبد الله بن أبي بكر"', '"عبدالله بن ابوبكر"'),
        ("عبد الرح*", "عبدالرح*"),
        ("عبد OR الله", "عبد OR الله"),
        ("ﻋﺒﺪ الله", "ﻋﺒﺪالله"),
        ("عبد ﷲ", "عبدﷲ"),
        ("ابی بکر", "ابوبكر"),
        ("عبد، الله", "عبدالله"),
        ("أبو: ظبي)", "أبوظبي"),
    ],
)
def test_signs_and_fields_of_a_query_count_for_the_whole_name(typed: str, written: str) -> None:
    assert parse(typed).text == written


def test_both_spellings_find_both_and_the_whole_name_is_marked(tmp_path: Path) -> None:
    directory = new_index(tmp_path / "index")
    bodies = ["زار عبد الله المدينة", "زار عبدالله المدينة", "عبد الحميد يحمد الله", "بسم الله"]
    commit(directory, *(make_story(number, body) for number, body in enumerate(bodies, start=1)))
    reader = BACKEND.open_reader(directory)
    for query in ("عبد الله", "عبدالله", "=عبد الله", '"زار عبد الله"', "عبدالل*", "لعبد الله"):
        assert stories_found(reader, query, relax=False) == [1, 2], query
    marked = marked_words(reader.search(SearchRequest(q="عبد الله", sort="oldest")))
    assert sorted(word for words in marked for word in words) == ["عبد الله", "عبدالله"]
    assert stories_found(reader, "الله -عبد الله", relax=False) == [3, 4]


def test_no_name_made_of_two_words_begins_another() -> None:
    joined = {compound.first + second for compound in COMPOUNDS.values() for second in ("الله", "الدين", "بكر")}
    assert joined.isdisjoint(COMPOUNDS)
