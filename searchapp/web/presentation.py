"""How values are written on an Arabic page: counts, dates, and text in runs that keep its direction and its marks."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from searchapp.model import UNKNOWN_OUTLET, DateOrigin, Snippet

MONTHS: Final = (
    "يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو",
    "يوليو", "أغسطس", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر",
)  # fmt: skip
"""Names of the months as in Unicode CLDR, locale ar."""

WEEKDAYS: Final = ("الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد")
"""Names of the days, Monday first as in `date.weekday`."""

DATE_ORIGINS: Final[dict[DateOrigin, str]] = {
    "declared": "تاريخ النشر كما أعلنه المنفذ",
    "url": "التاريخ مأخوذ من رابط الخبر",
    "crawl": "تاريخ جلب الصفحة، وقد يكون النشر قبله",
    "inferred": "التاريخ مستنتج من النص",
    "none": "",
}
"""What the page says of a date that comes from there."""

# Letters that run from left to right: Latin, Greek, Cyrillic, and the scripts of East Asia.
_FOREIGN_LETTER: Final = "A-Za-zÀ-ɏͰ-ӿḀ-ỿ぀-ヿ㐀-鿿가-힣"
_ARABIC_LETTER: Final = "ؠ-ي٠-ۿݐ-ݿࢠ-ࣿﭐ-﷿ﹰ-ﻼ"
# A foreign run ends at its last letter or digit, so that the sentence's own punctuation stays outside. A written-out
# ISO date is isolated too: after an Arabic letter the bidirectional algorithm would turn its parts round (UAX #9, W2).
_ISOLATED: Final = re.compile(
    rf"[@#]?[{_FOREIGN_LETTER}](?:[{_FOREIGN_LETTER}0-9 .,_'’&/:;@#?=%+()\-]*[{_FOREIGN_LETTER}0-9])?"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"
)
_FOREIGN: Final = re.compile(f"[{_FOREIGN_LETTER}]")
_ARABIC: Final = re.compile(f"[{_ARABIC_LETTER}]")
_LETTER: Final = re.compile(f"[{_FOREIGN_LETTER}{_ARABIC_LETTER}]")
_PARAGRAPH: Final = re.compile(r"[^\s][^\n\r]*")


@dataclass(frozen=True, slots=True)
class Noun:
    """A noun as numbers want it (the plural categories of Unicode CLDR for Arabic).

    `two_oblique` is the dual after a preposition; `few` goes with 3–10, `many` with 11–99, `other` with the hundreds.
    """

    zero: str
    one: str
    two: str
    two_oblique: str
    few: str
    many: str
    other: str


ARTICLES: Final = Noun("لا أخبار", "خبر واحد", "خبران", "خبرين", "أخبار", "خبرًا", "خبر")
OUTLETS: Final = Noun("لا منافذ", "منفذ واحد", "منفذان", "منفذين", "منافذ", "منفذًا", "منفذ")
COPIES: Final = Noun("لا نسخ", "نسخة واحدة", "نسختان", "نسختين", "نسخ", "نسخة", "نسخة")


def number(value: int) -> str:
    """A whole number with separators between the thousands."""
    return f"{value:,}"


def counted(value: int, noun: Noun, *, oblique: bool = False) -> str:
    """So many of something, in words that fit the number; `oblique` when a preposition or such stands before it."""
    if value < 3:
        return (noun.zero, noun.one, noun.two_oblique if oblique else noun.two)[value]
    hundredth = value % 100
    word = noun.few if 3 <= hundredth <= 10 else noun.many if hundredth >= 11 else noun.other
    return f"{number(value)} {word}"


def day(value: date) -> str:
    """A date as «25 يونيو 2024»."""
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}"


def weekday(value: date) -> str:
    """The name of a date's day of the week."""
    return WEEKDAYS[value.weekday()]


def partial_date(value: str) -> str:
    """A year, month or day as `SearchRequest.when` has it, written out: «2024», «يونيو 2024», «25 يونيو 2024»."""
    parts = [int(part) for part in value.split("-")]
    return " ".join([*map(str, parts[2:]), *(MONTHS[month - 1] for month in parts[1:2]), str(parts[0])])


def outlet(value: str | None) -> str:
    """An outlet's name as the page shows it."""
    return "منفذ غير معروف" if value in (None, "", UNKNOWN_OUTLET) else str(value)


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of text that is marked or is not."""

    text: str
    marked: bool


@dataclass(frozen=True, slots=True)
class Run:
    """Pieces of text that go together; `isolated` runs from left to right whatever stands around it."""

    isolated: bool
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph; a `foreign` one has a direction of its own."""

    foreign: bool
    runs: tuple[Run, ...]


def is_foreign(text: str) -> bool:
    """Whether the first letter of a text and most of its letters run from left to right."""
    first = _LETTER.search(text)
    if first is None or not _FOREIGN.match(first.group()):
        return False
    return len(_FOREIGN.findall(text)) > len(_ARABIC.findall(text))


def runs(snippet: Snippet) -> tuple[Run, ...]:
    """A text's runs in order; their pieces put together are the text, and the marked ones are its spans."""
    if is_foreign(snippet.text):
        return (Run(False, tuple(_parts(snippet, 0, len(snippet.text)))),)
    found: list[Run] = []
    position = 0
    for match in _ISOLATED.finditer(snippet.text):
        if match.start() > position:
            found.append(Run(False, tuple(_parts(snippet, position, match.start()))))
        found.append(Run(True, tuple(_parts(snippet, *match.span()))))
        position = match.end()
    if position < len(snippet.text):
        found.append(Run(False, tuple(_parts(snippet, position, len(snippet.text)))))
    return tuple(found)


def paragraphs(snippet: Snippet) -> tuple[Paragraph, ...]:
    """A whole text as its lines that are not blank, each with its own marks."""
    return tuple(
        Paragraph(is_foreign(match.group()), runs(_piece(snippet, match.start(), match.end())))
        for match in _PARAGRAPH.finditer(snippet.text)
    )


def _piece(snippet: Snippet, start: int, end: int) -> Snippet:
    """The text between two positions with the spans that lie in it, counted from its start."""
    first = bisect_left(snippet.spans, start, key=lambda span: span[1])
    last = bisect_right(snippet.spans, end, key=lambda span: span[0])
    spans = ((max(left, start) - start, min(right, end) - start) for left, right in snippet.spans[first:last])
    return Snippet(snippet.text[start:end], tuple(span for span in spans if span[0] < span[1]))


def _parts(snippet: Snippet, start: int, end: int) -> Iterator[Part]:
    piece = _piece(snippet, start, end)
    position = 0
    for left, right in piece.spans:
        if left > position:
            yield Part(piece.text[position:left], False)
        yield Part(piece.text[left:right], True)
        position = right
    if position < len(piece.text):
        yield Part(piece.text[position:], False)
