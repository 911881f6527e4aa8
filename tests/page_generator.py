"""Renders articles as crawled pages, in the layouts that are seen, with the traps that real pages set mixed in.

A new trap is one more function in `TRAPS`, or in the group of those of which a page sets at most one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from random import Random
from typing import Final

from tests import page_layout_traps as layout_traps
from tests import page_traps as traps
from tests.page_drafts import Expected, PageDraft, Text, draft

__all__ = ["Expected", "Text", "make_page", "make_text", "token_f1"]

Trap = Callable[[Random, PageDraft], None]

TRAPS: Final[tuple[Trap, ...]] = (
    traps.source_in_a_sentence,
    traps.source_begins_a_paragraph,
    traps.glued_promo,
    traps.promo_in_the_second_article,
    traps.unmarked_promo,
    traps.tweet,
    traps.bullets_in_the_body,
    traps.glued_words,
    traps.inner_no_break_space,
    traps.repeated_paragraph,
    traps.video_in_the_title,
    layout_traps.colon_in_the_titles,
    traps.title_is_missing,
    traps.date_has_no_value,
    layout_traps.date_in_another_form,
    layout_traps.banner_behind_the_date,
    layout_traps.author_under_the_title,
    traps.furniture,
    layout_traps.share_bars,
    layout_traps.look_also,
    layout_traps.list_of_others_in_the_body,
    layout_traps.second_article_with_head_and_trailer,
    layout_traps.numbered_headlines,
    layout_traps.headlines_above_the_second_article,
    layout_traps.two_lists_of_headlines,
    layout_traps.similar_list_is_empty,
)
"""Traps on the content, in the order in which they may follow each other."""

TRAILER_TRAPS: Final[tuple[Trap, ...]] = (
    traps.value_on_the_next_line,
    traps.only_agencies,
    traps.no_trailer,
    traps.promo_on_two_lines,
    layout_traps.keywords_before_the_source,
    layout_traps.several_keywords_lines,
    layout_traps.keywords_one_a_line,
    layout_traps.agency_beside_the_outlet,
    layout_traps.agency_below_the_outlet,
    layout_traps.labels_without_colons,
    layout_traps.labels_in_other_spellings,
    layout_traps.furniture_below_the_trailer,
    layout_traps.third_article,
    layout_traps.date_line_is_missing,
    layout_traps.dateline_names_an_agency,
)
"""At most one of these changes a page: without a trailer, a promo on two lines and a second article look the same."""


def make_page(random: Random, own: Text, second: Text, headlines: Sequence[str]) -> tuple[str, Expected]:
    """A page with a fifth of the traps, and what must be read from it."""
    page = draft(random, own, second, headlines)
    for trap in TRAPS:
        if random.random() < 0.2:
            trap(random, page)
    if random.random() < 0.6:
        random.choice(TRAILER_TRAPS)(random, page)
    if random.random() < 0.5:
        traps.blank_looking_lines(random, page)
    return page.render(random), page.expected


_SUBJECTS: Final = [
    "الوزير",
    "الرئيس",
    "المتحدث",
    "المدير",
    "السفير",
    "المحافظ",
    "الأمين",
    "النائب",
    "الناطق",
    "الخبير",
]
_VERBS: Final = ["أكد", "أعلن", "بحث", "ناقش", "استقبل", "افتتح", "أوضح", "نفى", "دعا", "وصل"]
_OBJECTS: Final = [
    "المشروع",
    "الاتفاق",
    "الأزمة",
    "القرار",
    "المؤتمر",
    "الميزانية",
    "الزيارة",
    "الهدنة",
    "المبادرة",
    "الخطة",
    "الانتخابات",
]
_PLACES: Final = [
    "القاهرة",
    "بغداد",
    "الرياض",
    "تونس",
    "الرباط",
    "عمان",
    "بيروت",
    "دمشق",
    "الدوحة",
    "مسقط",
    "صنعاء",
    "الخرطوم",
]


def make_text(random: Random) -> Text:
    """An article of made-up sentences."""

    def sentence() -> str:
        words = [random.choice(words) for words in (_VERBS, _SUBJECTS, _OBJECTS, _PLACES)]
        return f"{words[0]} {words[1]} {random.randint(2, 99)} {words[2]} في {words[3]}"

    def paragraph() -> str:
        return "، ".join(sentence() for _ in range(random.randint(1, 4))) + random.choice((".", ".", " .", "»", ""))

    paragraphs = tuple(dict.fromkeys(paragraph() for _ in range(random.randint(1, 12))))
    return Text(sentence(), paragraphs)


def token_f1(read: str, expected: str) -> float:
    """The harmonic mean of precision and recall over words, counted as often as they occur."""
    ours, theirs = Counter(read.split()), Counter(expected.split())
    if not ours and not theirs:
        return 1.0
    common = (ours & theirs).total()
    return 2 * common / (ours.total() + theirs.total())
