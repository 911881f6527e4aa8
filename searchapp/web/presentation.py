"""How values are written on a page: counts, dates, and text in runs that keep its direction and its marks."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from hijridate import Gregorian

from searchapp.analysis.char_filters import INVISIBLE_RANGES
from searchapp.frozen import dataclass
from searchapp.model import UNKNOWN_OUTLET, DateOrigin, Snippet
from searchapp.web import display
from searchapp.web.display import Display, in_digits
from searchapp.web.parameters import period
from searchapp.web.strings import N_, gettext, ngettext

MONTHS: Final = (
    N_("January"), N_("February"), N_("March"), N_("April"), N_("May"), N_("June"),
    N_("July"), N_("August"), N_("September"), N_("October"), N_("November"), N_("December"),
)  # fmt: skip

HIJRI_MONTHS: Final = (
    N_("Muharram"), N_("Safar"), N_("Rabi al-awwal"), N_("Rabi al-thani"), N_("Jumada al-ula"), N_("Jumada al-akhira"),
    N_("Rajab"), N_("Shaban"), N_("Ramadan"), N_("Shawwal"), N_("Dhu al-Qadah"), N_("Dhu al-Hijjah"),
)  # fmt: skip

WEEKDAYS: Final = (
    N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"), N_("Sunday"),
)  # fmt: skip

HIJRI_RANGE: Final = (date(1924, 8, 1), date(2077, 11, 16))
"""The first and the last day that the Umm al-Qura calendar's tables cover (1343 to 1500 AH)."""

DATE_ORIGINS: Final[dict[DateOrigin, str]] = {
    "declared": N_("date of publication as the outlet gave it"),
    "url": N_("date taken from the article's address"),
    "crawl": N_("date on which the page was fetched; it may have been published earlier"),
    "inferred": N_("date inferred from the text"),
    "none": "",
}
"""What the page says of a date that comes from there."""

# Letters that run from left to right: Latin, Greek, Cyrillic, and the scripts of East Asia.
_FOREIGN_LETTER: Final = "A-Za-zÀ-ɏͰ-ӿḀ-ỿ぀-ヿ㐀-鿿가-힣"
_ARABIC_LETTER: Final = "ؠ-ي٠-ۿݐ-ݿࢠ-ࣿﭐ-﷿ﹰ-ﻼ"
# A foreign run ends at its last letter or digit, so that the sentence's own punctuation stays outside. A written-out
# ISO date and a telephone number are isolated too: after an Arabic letter the bidirectional algorithm would turn their
# parts round (UAX #9, W2).
_ISOLATED: Final = re.compile(
    rf"[@#]?[{_FOREIGN_LETTER}](?:[{_FOREIGN_LETTER}0-9 .,_'’&/:;@#?=%+()\-]*[{_FOREIGN_LETTER}0-9])?"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"
    r"|\+[0-9][0-9 ()\-]{5,18}[0-9]"
)
_FOREIGN: Final = re.compile(f"[{_FOREIGN_LETTER}]")
_ARABIC: Final = re.compile(f"[{_ARABIC_LETTER}]")
_LETTER: Final = re.compile(f"[{_FOREIGN_LETTER}{_ARABIC_LETTER}]")
_PARAGRAPH: Final = re.compile(r"[^\s][^\n\r]*")
_INVISIBLE: Final = "".join(chr(code) for first, last in INVISIBLE_RANGES for code in range(first, last + 1))


def articles(count: int) -> str:
    """So many articles, in words that fit the number."""
    return ngettext("%(num)s article", "%(num)s articles", count)


def day(value: date) -> str:
    """A date as «25 يونيو 2024»."""
    return _day(value, display.current())


def hijri_day(value: date) -> str:
    """A date as «19 ذو الحجة 1445 هـ», by the Umm al-Qura calendar; empty for dates that its tables do not cover."""
    return _hijri_day(value, display.current())


def weekday(value: date) -> str:
    """The name of a date's day of the week."""
    return gettext(WEEKDAYS[value.weekday()])


def partial_date(value: str) -> str:
    """A year, month or day as `SearchRequest.when` has it, written out: «2024», «يونيو 2024», «25 يونيو 2024»."""
    return _partial_date(value, display.current())


def date_label(value: str) -> str:
    """The same without what the level above says already: «2024», «يونيو», «25 يونيو»."""
    return _date_label(value, display.current())


def hijri_period(value: str) -> str:
    """The Hijri years, months or day of a Gregorian one: «1445–1446 هـ», «ذو القعدة – ذو الحجة 1445 هـ»."""
    return _hijri_period(value, display.current())


def date_origin(origin: DateOrigin) -> str:
    """What a date that comes from there is worth."""
    return gettext(DATE_ORIGINS[origin])


def outlet(value: str | None) -> str:
    """An outlet's name as the page shows it."""
    return gettext("Unknown outlet") if value in (None, "", UNKNOWN_OUTLET) else str(value)


# The display is the key of these caches: what they write depends on its language and digits.


@lru_cache(maxsize=8192)
def _day(value: date, _display: Display) -> str:
    month = gettext(MONTHS[value.month - 1])
    return in_digits(gettext("%(day)s %(month)s %(year)s", day=value.day, month=month, year=value.year))


@lru_cache(maxsize=8192)
def _hijri_day(value: date, _display: Display) -> str:
    if not HIJRI_RANGE[0] <= value <= HIJRI_RANGE[1]:
        return ""
    year, month, in_month = Gregorian.fromdate(value).to_hijri().datetuple()
    name = gettext(HIJRI_MONTHS[month - 1])
    return in_digits(gettext("%(day)s %(month)s %(year)s AH", day=in_month, month=name, year=year))


@lru_cache(maxsize=8192)
def _partial_date(value: str, _display: Display) -> str:
    parts = [int(part) for part in value.split("-")]
    if len(parts) == 3:
        return day(date(*parts))
    month = [gettext(MONTHS[number - 1]) for number in parts[1:]]
    return in_digits(" ".join([*month, str(parts[0])]))


@lru_cache(maxsize=8192)
def _date_label(value: str, _display: Display) -> str:
    parts = value.split("-")
    month = gettext(MONTHS[int(parts[1]) - 1]) if len(parts) > 1 else ""
    return in_digits((parts[0], month, f"{int(parts[-1])} {month}")[len(parts) - 1])


@lru_cache(maxsize=8192)
def _hijri_period(value: str, _display: Display) -> str:
    first, last = period(value)
    if first == last:
        return _hijri_day(first, _display)
    if not HIJRI_RANGE[0] <= first <= last <= HIJRI_RANGE[1]:
        return ""
    (year, month, _), (last_year, last_month, _) = (
        Gregorian.fromdate(day_).to_hijri().datetuple() for day_ in (first, last)
    )
    begins, ends = (gettext(HIJRI_MONTHS[number - 1]) for number in (month, last_month))
    if len(value) == len("2024"):
        begins, ends = "", ""
    begins = f"{begins} {year}".strip() if year != last_year or not begins else begins
    ends = f"{ends} {last_year}".strip()
    between = "–" if begins.isdecimal() else " – "
    return in_digits(gettext("%(range)s AH", range=begins + between + ends if begins != ends else ends))


class Part(NamedTuple):
    """A piece of text that is marked or is not."""

    text: str
    marked: bool


class Run(NamedTuple):
    """Pieces of text that go together; `isolated` runs from left to right whatever stands around it."""

    isolated: bool
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph; a `foreign` one has a direction of its own."""

    foreign: bool
    runs: tuple[Run, ...]


def direction(text: str) -> Literal["rtl", "ltr"]:
    """Which way a text runs: from left to right if its first letter and most of its letters do."""
    return "ltr" if is_foreign(text) else "rtl"


def is_foreign(text: str) -> bool:
    """Whether the first letter of a text and most of its letters run from left to right."""
    first = _LETTER.search(text)
    if first is None or not _FOREIGN.match(first.group()):
        return False
    return len(_FOREIGN.findall(text)) > len(_ARABIC.findall(text))


def runs(snippet: Snippet) -> tuple[Run, ...]:
    """A text's runs in order; their pieces put together are the text, and the marked ones are its spans."""
    text = snippet.text
    if is_foreign(text) or not ("-" in text or "+" in text or _FOREIGN.search(text)):
        return (Run(False, _parts(text, snippet.spans)),)
    found: list[Run] = []
    position = 0
    for match in _ISOLATED.finditer(text):
        start, end = match.start(), _closed(text, *match.span())
        if start > position:
            found.append(Run(False, _parts_between(snippet, position, start)))
        found.append(Run(True, _parts_between(snippet, start, end)))
        position = end
    if position < len(text):
        found.append(Run(False, _parts_between(snippet, position, len(text))))
    return tuple(found)


def _closed(text: str, start: int, end: int) -> int:
    """Where a foreign run ends with the brackets closed that were opened in it: a pair must not be torn apart."""
    still_open = text.count("(", start, end) - text.count(")", start, end)
    while still_open > 0 and text[end : end + 1] == ")":
        still_open, end = still_open - 1, end + 1
    return end


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


def _parts_between(snippet: Snippet, start: int, end: int) -> tuple[Part, ...]:
    piece = _piece(snippet, start, end)
    return _parts(piece.text, piece.spans)


def _parts(text: str, spans: Iterable[tuple[int, int]]) -> tuple[Part, ...]:
    """A text's pieces. A mark takes in invisible characters that stand before its word.

    Browsers draw a letter with those before it, here outside of the mark: the first letter would have none.
    """
    found, position = [], 0
    for left, right in spans:
        before = text[position:left].rstrip(_INVISIBLE)
        if before:
            found.append(Part(before, False))
        found.append(Part(text[position + len(before) : right], True))
        position = right
    if position < len(text):
        found.append(Part(text[position:], False))
    return tuple(found)
