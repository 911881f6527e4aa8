"""Traps that real pages set: functions that change a `PageDraft`.

Each changes what is printed and, where the trap itself is content, what must be read from it. Those of labels, heads
and second articles are in `page_layout_traps`.
"""

from __future__ import annotations

from random import Random

from tests.page_drafts import READ_ALSO, PageDraft


def add(random: Random, page: PageDraft, paragraph: str, *, content: bool, last: bool = False) -> None:
    """Print a paragraph in the body, not before the lead; where it is content, it must be read too."""
    at = len(page.body) if last else random.randint(1, len(page.body))
    if content:
        before = next(line for line in reversed(page.body[:at]) if line in page.expected.body)
        page.expected.body.insert(page.expected.body.index(before) + 1, paragraph)
    page.body.insert(at, paragraph)


def source_in_a_sentence(random: Random, page: PageDraft) -> None:
    said = random.choice(("وأضاف المصدر: لا جديد في المفاوضات حتى الآن.", "وقال المصدر : إن اللقاء كان جيدا."))
    add(random, page, said, content=True)


def source_begins_a_paragraph(random: Random, page: PageDraft) -> None:
    said = "المصدر: نحن لا نعلق على ما تنشره وسائل الإعلام عن هذه القضية في الوقت الحالي."
    add(random, page, said, content=True, last=random.random() < 0.5)


def furniture(random: Random, page: PageDraft) -> None:
    line = "تابع أحدث الأخبار عبر تطبيق"
    if random.random() < 0.5:
        page.body.insert(0, line)
    else:
        page.head.insert(len(page.head), line)


def glued_promo(random: Random, page: PageDraft) -> None:
    promo = random.choice(("اقرأ أيضاًالعالماليابان تطلق بنجاح قمرًا اصطناعيًا", "اقرأ أيضاً: أسعار الذهب اليوم"))
    add(random, page, promo, content=False)


def promo_in_the_second_article(random: Random, page: PageDraft) -> None:
    if page.related:
        page.related.insert(
            random.randint(min(2, len(page.related)), len(page.related)),
            "اقرأ أيضاًسياسةوزير الخارجية يلتقي نظيره التونسي",
        )


def promo_on_two_lines(random: Random, page: PageDraft) -> None:
    at = random.randint(1, len(page.body))
    if at == len(page.body) or not page.body[at].startswith(("•", "-", "*", "—")):
        page.body[at:at] = [random.choice(READ_ALSO), "وزير الخارجية يلتقي نظيره التونسي في القاهرة"]


def unmarked_promo(random: Random, page: PageDraft) -> None:
    add(random, page, "البند السابع.. مشروع قرار في مجلس الأمن خبير استراتيجي: الحرب مستمرة", content=True)


def repeated_paragraph(random: Random, page: PageDraft) -> None:
    add(random, page, random.choice(page.expected.body), content=False, last=True)


def tweet(random: Random, page: PageDraft) -> None:
    add(random, page, "— The White House (@WhiteHouse) October 10, 2023", content=True)
    add(random, page, "The White House is lit up blue and white tonight. pic.twitter.com/DAluoPKpMr", content=True)


def bullets_in_the_body(random: Random, page: PageDraft) -> None:
    bullet = random.choice(("• ", "- ", "* ", "-"))
    add(random, page, f"{bullet}ماذا تم في لقائكم؟", content=True)


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
    add(random, page, "وأضافت\u00a0 الخارجيةفي بيان أن المحادثات  مستمرة.", content=True)


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
