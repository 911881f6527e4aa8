"""Which texts are judged copies, and what keeps templates and round-ups apart."""

from __future__ import annotations

import random
from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from searchapp.dedupe.countries import countries_of
from searchapp.dedupe.judgement import SAME_TEXT, Judgement, judge_all
from searchapp.dedupe.preparation import Preparer
from searchapp.dedupe.sketches import SketchSet, limits
from searchapp.model import Article

WORDS = [f"{first}{second}{third}" for first in "بتثجحخد" for second in "رزسشصض" for third in "طظعغفق"]


def prose(seed: int, words: int) -> list[str]:
    return random.Random(seed).choices(WORDS, k=words)


def judged(one: str, other: str) -> Judgement:
    first, second = Preparer().prepare([Article(id="a", title=None, body=one), Article(id="b", title=None, body=other)])
    return judge_all([first.text, second.text], [(0, 1)])[0]


def test_the_same_words_are_the_same_text_whatever_their_spelling() -> None:
    body = " ".join(prose(1, 40))
    assert judged(f"{body} إلى الأمة", f"{body}، الى الامه!") == Judgement(True, 1.0, SAME_TEXT)


def test_a_copy_with_some_words_changed_is_reused_text() -> None:
    words = prose(2, 100)
    edited = words.copy()
    edited[20:22], edited[70] = ["قالت", "المصادر"], "أكد"
    judgement = judged(" ".join(words), " ".join(edited))
    assert judgement.is_copy
    assert judgement.similarity > 0.7
    assert judgement.reason.startswith("reused")


def test_a_text_that_keeps_the_beginning_of_a_longer_one_is_abridged() -> None:
    words = prose(3, 300)
    judgement = judged(" ".join(words), " ".join(words[:80]))
    assert judgement.is_copy
    assert judgement.reason.startswith("abridged")


def test_an_item_inside_a_round_up_is_no_copy_of_it() -> None:
    words = prose(4, 300)
    judgement = judged(" ".join(words), " ".join(words[150:250]))
    assert not judgement.is_copy
    assert judgement.reason.startswith("inside another text")


def test_reports_that_differ_in_their_numbers_are_other_stories() -> None:
    words = prose(5, 60)
    one, other = words.copy(), words.copy()
    one[5], other[5] = "الخامسة", "السادسة"
    one[40], other[40] = "12", "11"
    judgement = judged(" ".join(one), " ".join(other))
    assert not judgement.is_copy
    assert judgement.reason == "other numbers: 5/6, 12/11"


def test_reports_for_different_weekdays_are_other_stories() -> None:
    words = prose(16, 60)
    one, other = words.copy(), words.copy()
    one[5], other[5] = "السبت", "الجمعة"
    assert judged(" ".join(one), " ".join(other)).reason == "other numbers: 6/7"
    assert judged(" ".join(one), " ".join([*words[:4], "أمس", "السبت", *words[6:]])).is_copy


def test_one_number_in_words_and_in_digits_is_no_difference() -> None:
    words = prose(6, 60)
    one, other = words.copy(), words.copy()
    one[5], other[5] = "خمسة", "5"
    one[40], other[40] = "12,500", "12500"
    assert judged(" ".join(one), " ".join(other)).is_copy


def test_telegrams_to_different_people_are_other_stories() -> None:
    words = prose(7, 80)
    one, other = words.copy(), words.copy()
    for place in (10, 50):
        one[place : place + 2] = ["كوت", "ديفوار"]
        other[place : place + 2] = ["المالديف", "الإكوادور"]
    judgement = judged(" ".join(one), " ".join(other))
    assert not judgement.is_copy
    assert judgement.reason.startswith("other names")


def test_verbs_of_saying_are_no_names_whichever_stands_in_the_place_of_which() -> None:
    words = prose(7, 80)
    one, other = words.copy(), words.copy()
    for place in (10, 30, 50):
        one[place], other[place] = "وأكد", "وشدّد"
        one[place + 5], other[place + 5] = "قالت", "صرحت"
    judgement = judged(" ".join(one), " ".join(other))
    assert judgement.is_copy
    assert judgement.reason.startswith("reused")


def test_a_telegram_is_no_part_of_a_round_up_of_telegrams_to_others() -> None:
    opening, wishes, closing = prose(16, 16), prose(17, 30), prose(18, 12)

    def telegram(name: str, people: str) -> list[str]:
        return [*opening, name, people, *wishes[:15], people, *wishes[15:], name, people, *closing, people]

    round_up = [*opening, *wishes, *telegram("عبدالله", "المالديف")[20:], *prose(19, 15), *telegram("إلين", "ليبيريا")]
    judgement = judged(" ".join(round_up), " ".join(telegram("باتريك", "جامايكا")))
    assert judgement.reason == "names of its own: جامايكا, باتريك"
    both = [*telegram("عبدالله", "المالديف"), *prose(19, 15), *telegram("إلين", "ليبيريا")]
    assert judged(" ".join(both), " ".join(telegram("عبدالله", "المالديف"))).is_copy


def test_two_spellings_of_a_name_are_no_other_name() -> None:
    words = prose(8, 80)
    one, other = words.copy(), words.copy()
    for place in (10, 50):
        one[place], other[place] = "غوغل", "جوجل"
        one[place + 2], other[place + 2] = "الأميركية", "الأمريكية"
    assert judged(" ".join(one), " ".join(other)).is_copy


def test_one_word_for_another_throughout_is_no_other_story_unless_both_are_countries() -> None:
    def told_of(*names: str) -> str:
        words = prose(20, 200)
        words[10], words[80], words[150] = names
        return " ".join(words)

    egypt, tunisia = told_of("مصر", "لمصر", "لمصر"), told_of("تونس", "لتونس", "لتونس")
    assert judged(egypt, tunisia).reason == "other names: لمصر/لتونس"
    assert judged(told_of(*["ليبيا"] * 3), told_of(*["ليبيريا"] * 3)).reason == "other names: ليبيريا/ليبيا"
    assert judged(told_of(*["داعش"] * 3), told_of(*["التنظيم"] * 3)).is_copy
    assert judged(told_of(*["سوريا"] * 3), told_of(*["سورية"] * 3)).is_copy
    assert judged(told_of(*["عمان"] * 3), told_of(*["الأردن"] * 3)).is_copy  # its capital has the name of a country


def test_countries_are_known_with_particles_before_them() -> None:
    assert countries_of("وللعراق") == countries_of("العراق") == {"IQ"}
    assert countries_of("بفرنسا") == countries_of("فرنسا") == {"FR"}
    assert countries_of("عمان") == {"OM", "JO"}
    assert not countries_of("وزير")
    assert not countries_of("")


def test_yesterday_in_the_place_of_today_is_no_other_story() -> None:
    words = prose(9, 80)
    one, other = words.copy(), words.copy()
    for place in (10, 50):
        one[place], other[place] = "اليوم", "أمس"
    assert judged(" ".join(one), " ".join(other)).is_copy


def test_texts_with_little_in_common_are_no_copies() -> None:
    assert not judged(" ".join(prose(10, 100)), " ".join(prose(11, 100))).is_copy
    shared = prose(12, 20)
    assert not judged(" ".join(shared + prose(13, 80)), " ".join(shared + prose(14, 80))).is_copy


def test_short_texts_are_copies_only_of_the_same_words() -> None:
    words = prose(15, 15)
    assert not judged(" ".join(words), " ".join([*words, "كلمة"])).is_copy
    assert judged(" ".join(words), " ".join(words)).is_copy


def test_pairs_are_judged_alike_one_by_one_and_all_at_once() -> None:
    base = [prose(seed, 90) for seed in range(20, 23)]
    bodies = [" ".join(words[start:end]) for words in base for start, end in ((0, 90), (0, 60), (30, 90), (10, 40))]
    bodies += [" ".join([*base[0][:40], *base[1][:40]]), " ".join([*base[0][:10], *base[0][:80]]), "", bodies[0]]
    prepared = Preparer().prepare([Article(id=str(n), title=None, body=body) for n, body in enumerate(bodies)])
    texts = [each.text for each in prepared]
    pairs = list(combinations(range(len(texts)), 2))
    assert judge_all(texts, pairs) == [judge_all([texts[one], texts[other]], [(0, 1)])[0] for one, other in pairs]
    assert judge_all(texts, []) == []


def together(sketches: list[bytes]) -> SketchSet:
    sizes = np.array([len(sketch) for sketch in sketches])
    return SketchSet(np.frombuffer(b"".join(sketches), np.uint8), np.cumsum(sizes) - sizes, sizes)


def test_a_sketch_clears_unlike_texts_and_round_ups_and_no_copy() -> None:
    base, other = prose(30, 400), prose(31, 400)
    bodies = [base, base[:200], [*base[:100], "كلمة", *base[101:]], other, base[250:]]
    prepared = Preparer().prepare(
        [Article(id=str(n), title=None, body=" ".join(words)) for n, words in enumerate(bodies)]
    )
    sketches = together([each.sketch for each in prepared])
    scores = sketches.likeness(np.array([(0, 1), (0, 2), (0, 3), (0, 4)]))
    assert (scores >= 0).tolist() == [True, True, False, False]
    assert scores[1] > 0.9
    assert len(sketches.likeness(np.empty((0, 2), np.int64))) == 0


def kept_shingles(sketch: bytes) -> tuple[int, set[int]]:
    words, shingles, _ = np.frombuffer(sketch[:12], "<u4").tolist()
    return words, set(np.frombuffer(sketch[12 : 12 + 2 * shingles], "<u2").tolist())


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 300), st.integers(20, 300)), min_size=2, max_size=40))
@settings(max_examples=20, deadline=None)
def test_sketches_say_how_much_of_what_they_kept_is_shared(parts: list[tuple[int, int, int]]) -> None:
    sources = [prose(seed, 600) for seed in range(60, 63)]
    bodies = [" ".join(sources[source][start : start + words]) for source, start, words in parts]
    prepared = Preparer().prepare([Article(id=str(n), title=None, body=body) for n, body in enumerate(bodies)])
    kept = [kept_shingles(each.sketch) for each in prepared]
    pairs = np.array(list(combinations(range(len(parts)), 2)))
    for (one, other), score in zip(
        pairs.tolist(), together([each.sketch for each in prepared]).likeness(pairs).tolist(), strict=True
    ):
        (_, short), (longest, long) = sorted((kept[one], kept[other]), key=lambda each: each[0])
        limit = limits(np.array([longest]))[0]
        below = {each for each in short if each < limit}
        assert score in (-1, len(below & long) / max(len(below), 1))


texts = st.lists(st.sampled_from([*WORDS[:12], "5", "خمسة", "6"]), max_size=60).map(" ".join)


@given(texts, texts)
def test_the_judgement_does_not_depend_on_which_comes_first(one: str, other: str) -> None:
    judgement = judged(one, other)
    assert judgement == judged(other, one)
    assert 0 <= judgement.similarity <= 1
