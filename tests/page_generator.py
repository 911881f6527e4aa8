"""Renders articles as crawled pages, in the layouts that are seen, with the traps that real pages set mixed in.

Every trap is a function that changes a `PageDraft`: what is printed and, where the trap itself is content, what must be
read from it. A new trap is one more function in `TRAPS`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Final, Literal

AGENCIES: Final = ("وكالات", "رويترز", "أ ف ب", "د ب أ", "أ ش أ", "الأناضول", "سبوتنيك", "وكالة الأنباء القطرية")
OUTLETS: Final = ("البوابة نيوز", "الحرة", "صدى البلد", "موقع 24", "صحيفة المرصد الليبية", "الجزيرة نت", "سواليف")
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
    related_body: list[str] = field(default_factory=list)
    similar: list[str] = field(default_factory=list)


@dataclass
class PageDraft:
    """A page on its way to print: its parts as lines, and what must be read from it."""

    layout: Literal["A", "B"]
    head: list[str]
    body: list[str]
    trailer: list[str]
    related: list[str]
    similar: list[str]
    expected: Expected

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
    expected.outlet = random.choice(OUTLETS)
    if random.random() < 0.3:
        expected.agency = random.choice(AGENCIES)
        page.trailer.append(random.choice(SOURCE) + expected.agency)
    page.trailer.append(random.choice(SOURCE) + expected.outlet)
    if random.random() < 0.9:
        expected.keywords = random.choice(KEYWORDS)
        page.trailer.append(random.choice(KEYWORD_MARKERS) + expected.keywords)


def _add(random: Random, page: PageDraft, paragraph: str, *, content: bool, last: bool = False) -> None:
    """Print a paragraph in the body, not before the lead; where it is content, it must be read too."""
    at = len(page.body) if last else random.randint(1, len(page.body))
    if content:
        before = next(line for line in reversed(page.body[:at]) if line in page.expected.body)
        page.expected.body.insert(page.expected.body.index(before) + 1, paragraph)
    page.body.insert(at, paragraph)


def source_in_a_sentence(random: Random, page: PageDraft) -> None:
    said = random.choice(("وأضاف المصدر: لا جديد في المفاوضات حتى الآن.", "وقال المصدر : إن اللقاء كان جيدا."))
    _add(random, page, said, content=True)


def source_begins_a_paragraph(random: Random, page: PageDraft) -> None:
    said = "المصدر: نحن لا نعلق على ما تنشره وسائل الإعلام عن هذه القضية في الوقت الحالي."
    _add(random, page, said, content=True, last=random.random() < 0.5)


def furniture(random: Random, page: PageDraft) -> None:
    line = "تابع أحدث الأخبار عبر تطبيق"
    if random.random() < 0.5:
        page.body.insert(0, line)
    else:
        page.head.insert(len(page.head), line)


def glued_promo(random: Random, page: PageDraft) -> None:
    promo = random.choice(("اقرأ أيضاًالعالماليابان تطلق بنجاح قمرًا اصطناعيًا", "اقرأ أيضاً: أسعار الذهب اليوم"))
    _add(random, page, promo, content=False)


def promo_in_the_second_article(random: Random, page: PageDraft) -> None:
    if page.related:
        page.related.insert(
            random.randint(min(2, len(page.related)), len(page.related)),
            "اقرأ أيضاًسياسةوزير الخارجية يلتقي نظيره التونسي",
        )


def promo_on_two_lines(random: Random, page: PageDraft) -> None:
    at = random.randint(1, len(page.body))
    page.body[at:at] = [random.choice(READ_ALSO), "وزير الخارجية يلتقي نظيره التونسي في القاهرة"]


def unmarked_promo(random: Random, page: PageDraft) -> None:
    _add(random, page, "البند السابع.. مشروع قرار في مجلس الأمن خبير استراتيجي: الحرب مستمرة", content=True)


def repeated_paragraph(random: Random, page: PageDraft) -> None:
    _add(random, page, random.choice(page.expected.body), content=False, last=True)


def tweet(random: Random, page: PageDraft) -> None:
    _add(random, page, "— The White House (@WhiteHouse) October 10, 2023", content=True)
    _add(random, page, "The White House is lit up blue and white tonight. pic.twitter.com/DAluoPKpMr", content=True)


def bullets_in_the_body(random: Random, page: PageDraft) -> None:
    bullet = random.choice(("• ", "- ", "* ", "-"))
    _add(random, page, f"{bullet}ماذا تم في لقائكم؟", content=True)


def glued_words(random: Random, page: PageDraft) -> None:
    at = random.randrange(len(page.expected.body))
    paragraph = page.expected.body[at]
    glued = paragraph.replace(" ", "", 1)
    page.body = [glued if line == paragraph else line for line in page.body]
    page.expected.body = [glued if line == paragraph else line for line in page.expected.body]


def blank_looking_lines(random: Random, page: PageDraft) -> None:
    for lines in (page.body, page.trailer, page.related):
        lines.insert(random.randint(0, len(lines)), random.choice(("\u00a0", " \u00a0 ", "\u200f", "\ufeff", "\t")))


def inner_no_break_space(random: Random, page: PageDraft) -> None:
    _add(random, page, "وأضافت\u00a0 الخارجيةفي بيان أن المحادثات  مستمرة.", content=True)


def video_in_the_title(random: Random, page: PageDraft) -> None:
    if page.expected.title:
        page.head[page.head.index(page.expected.title)] += " |فيديو"
        page.expected.title += " |فيديو"


def title_is_missing(random: Random, page: PageDraft) -> None:
    if page.expected.title:
        page.head.remove(page.expected.title)
        page.expected.title = None


def date_has_no_value(random: Random, page: PageDraft) -> None:
    if page.expected.date:
        page.head = ["تاريخ النشر:" if line.startswith("تاريخ النشر") else line for line in page.head]
        page.expected.date = None


def value_on_the_next_line(random: Random, page: PageDraft) -> None:
    at = random.randrange(len(page.trailer))
    head, colon, value = page.trailer[at].partition(":")
    if colon:
        page.trailer[at : at + 1] = [head + colon, value.strip()]


def only_agencies(random: Random, page: PageDraft) -> None:
    page.trailer = ["المصدر: وكالات", *(line for line in page.trailer if not line.startswith("المصدر"))]
    page.expected.outlet, page.expected.agency = None, "وكالات"


def no_trailer(random: Random, page: PageDraft) -> None:
    page.trailer = []
    page.expected.outlet = page.expected.agency = page.expected.keywords = None


Trap = Callable[[Random, PageDraft], None]

TRAPS: Final[tuple[Trap, ...]] = (
    source_in_a_sentence,
    source_begins_a_paragraph,
    glued_promo,
    promo_in_the_second_article,
    unmarked_promo,
    tweet,
    bullets_in_the_body,
    glued_words,
    inner_no_break_space,
    repeated_paragraph,
    video_in_the_title,
    title_is_missing,
    date_has_no_value,
    furniture,
)
"""Traps on the content, in the order in which they may follow each other."""

TRAILER_TRAPS: Final[tuple[Trap, ...]] = (value_on_the_next_line, only_agencies, no_trailer, promo_on_two_lines)
"""At most one of these changes a page: without a trailer, a promo on two lines and a second article look the same."""


def make_page(random: Random, own: Text, second: Text, headlines: Sequence[str]) -> tuple[str, Expected]:
    """A page with about a third of the traps, and what must be read from it."""
    page = draft(random, own, second, headlines)
    for trap in TRAPS:
        if random.random() < 0.3:
            trap(random, page)
    if random.random() < 0.4:
        random.choice(TRAILER_TRAPS)(random, page)
    if random.random() < 0.5:
        blank_looking_lines(random, page)
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
