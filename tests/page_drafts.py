"""Articles on their way to print as crawled pages, in the layouts that are seen, and what must be read from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Final, Literal

AGENCIES: Final = ("وكالات", "رويترز", "أ ف ب", "د ب أ", "أ ش أ", "الأناضول", "سبوتنيك", "وكالة الأنباء القطرية")
OUTLETS: Final = {
    # As pages write them, and as we call them.
    "البوابة نيوز": "البوابة نيوز",
    "الحرة": "الحرة",
    "موقع الحرة": "الحرة",
    "صدى البلد": "صدى البلد",
    "موقع 24": "موقع 24",
    "صحيفة المرصد الليبية": "صحيفة المرصد الليبية",
    "الجزيرة": "الجزيرة",
    "الجزيرة نت": "الجزيرة",
    "www.aljazeera.net": "الجزيرة",
    "سواليف": "سواليف",
    "صوت الجنوب": "صوت الجنوب",
}
KEYWORDS: Final = (
    "فی غزة",
    "الخارجیة الأمیرکی الولایات المتحدة إطلاق النار",
    "غزة وإسرائيل زلزال المغرب محاكمة ترامب عام الاستدامة بلينكن غزة وإسرائيل",
)
READ_ALSO: Final = ("إقرأ أيضاً:", "اقرأ أيضاً:", "إقرأ أيضا :", "اقرأ أيضًا", "اقرأ ايضا:", "إقرأ أيضاً")
SOURCE: Final = ("المصدر: ", "المصدر : ", "المصدر:", "المصدر:\u00a0")
KEYWORD_MARKERS: Final = ("كلمات دلالية: ", "كلمات دلالية : ", "الكلمات الدلالية: ", "كلمات دلالية:")
SIMILAR: Final = ("مقالات مشابهة", "مقالات مشابهة:", "مقالات مشابهه")
BULLETS: Final = ("  • ", "- ", "* ", "•", " \u00a0• ")
ENGLISH_MONTHS: Final = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
ARABIC_MONTHS: Final = [
    "يناير",
    "فبراير",
    "مارس",
    "أبريل",
    "مايو",
    "يونيو",
    "يوليو",
    "أغسطس",
    "سبتمبر",
    "أكتوبر",
    "نوفمبر",
    "ديسمبر",
]


@dataclass(frozen=True)
class Text:
    """An article to be printed."""

    title: str
    paragraphs: tuple[str, ...]


@dataclass
class Expected:
    """What must be read from a page."""

    title: str | None = None
    date: str | None = None
    outlet: str | None = None
    agency: str | None = None
    keywords: str | None = None
    body: list[str] = field(default_factory=list)
    related_title: str | None = None
    related_date: str | None = None
    related_outlet: str | None = None
    related_body: list[str] = field(default_factory=list)
    similar: list[str] = field(default_factory=list)
    further_titles: list[str] = field(default_factory=list)


@dataclass
class PageDraft:
    """A page on its way to print: its parts as lines, its outlet as it writes it, and what must be read from it."""

    layout: Literal["A", "B"]
    head: list[str]
    body: list[str]
    trailer: list[str]
    related: list[str]
    similar: list[str]
    expected: Expected
    outlet: str = ""

    def render(self, random: Random) -> str:
        """The page's text."""
        lines = [*self.head, *self.body, *self.trailer, *self.related]
        gap = "\n" if self.layout == "A" else "\n\n"
        page = gap.join(lines) + gap + "\n".join(self.similar)
        if self.layout == "B":
            page = page.replace("\n\n", random.choice(("\n\n", "\n\u00a0\n", "\n\n\u00a0\n\n")), 1)
        if random.random() < 0.1:
            page = page.replace("\n", "\r\n")
        return page.rstrip("\n") if random.random() < 0.5 else page


def draft(random: Random, own: Text, second: Text, headlines: Sequence[str]) -> PageDraft:
    """A page without traps."""
    layout: Literal["A", "B"] = "A" if random.random() < 0.5 else "B"
    expected = Expected(body=list(own.paragraphs))
    page = PageDraft(layout, [], list(own.paragraphs), [], [], [], expected)
    if layout == "A":
        _print_head(random, page, own.title)
    _print_trailer(random, page)
    if random.random() < 0.9:
        page.related = [random.choice(READ_ALSO), second.title, *second.paragraphs]
        expected.related_title, expected.related_body = second.title, list(second.paragraphs)
    if layout == "B" and random.random() < 0.9:
        bullet = random.choice(BULLETS)
        page.similar = [random.choice(SIMILAR), "", *(bullet + headline for headline in headlines)]
        expected.similar = list(headlines)
    return page


def _print_head(random: Random, page: PageDraft, title: str) -> None:
    day = date(random.randint(2005, 2026), random.randint(1, 12), random.randint(1, 28))
    ordinal = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd"}.get(day.day, "th")
    written = (
        f"{day.day}{ordinal}, {ENGLISH_MONTHS[day.month - 1]} {day.year} GMT",
        f"{day.day} {ARABIC_MONTHS[day.month - 1]} {day.year}",
        f"{day:%d/%m/%Y}",
        f"{day:%Y-%m-%d}",
    )
    page.head = [title, f"تاريخ النشر: {random.choices(written, weights=(7, 1, 1, 1))[0]}"]
    page.expected.title, page.expected.date = title, day.isoformat()


def _print_trailer(random: Random, page: PageDraft) -> None:
    expected = page.expected
    page.outlet = random.choice(list(OUTLETS))
    expected.outlet = OUTLETS[page.outlet]
    if random.random() < 0.3:
        expected.agency = random.choice(AGENCIES)
        page.trailer.append(random.choice(SOURCE) + expected.agency)
    page.trailer.append(random.choice(SOURCE) + page.outlet)
    if random.random() < 0.9:
        expected.keywords = random.choice(KEYWORDS)
        page.trailer.append(random.choice(KEYWORD_MARKERS) + expected.keywords)
