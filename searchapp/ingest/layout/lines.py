"""What each line of a page is by itself: text, or one of the marked lines that the grammar of pages knows."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Final, Literal

from searchapp.ingest.dates import parse_date
from searchapp.ingest.layout.furniture import FURNITURE_BEGINNINGS, is_furniture, without_banner
from searchapp.ingest.layout.spelling import SIGNS_BEFORE, Beginnings, Spellings, any_of, compiled
from searchapp.ingest.text import bare, printed_lines, trim, unescaped

LineKind = Literal["text", "source", "keywords", "date", "read_also", "promo", "similar", "furniture"]

LONGEST_PROMO: Final = 300
"""Characters; a longer paragraph that begins like a promo is kept, for more than a headline stands in it."""

LONGEST_KNOWN: Final = 64
"""Characters of a marked line that is remembered."""

LONGEST_NAME: Final = 100
MOST_NAME_WORDS: Final = 12
FEW_NAME_WORDS: Final = 7
SENTENCE_WORDS: Final = 5
"""A source is a name: what is longer, or has so many words and ends like a sentence, is a sentence of the body."""

_COLON: Final = r"\s*(?P<sign>[:：؛]|[.…]{2,})[\s:.…]*|\s+(?P<dash>[-–—|/])\s+"
_SOURCE: Final = ("المصدر", "المصادر", "مصدر الخبر", "source")
_KEYWORDS: Final = (
    *("كلمات دلالية", "الكلمات الدلالية", "كلمات مفتاحية", "الكلمات المفتاحية", "كلمات دالة", "الكلمات الدالة"),
    *("كلمات دليلية", "الكلمات الدليلية", "الوسوم", "وسوم", "keywords", "tags"),
)
_DATE: Final = ("تاريخ النشر", "تاريخ نشر الخبر", "تاريخ الخبر", "تاريخ نشر")
_LOOSE_DATE: Final = ("نشر بتاريخ", "نشر في", "نشرت في", "تم النشر في", "تم النشر", "بتاريخ")
_OTHER_DATE: Final = ("التاريخ", "published on", "published")
_SIMILAR: Final = ("مقالات مشابهة", "مقالات متشابهة", "المقالات المشابهة", "المقالات مشابهة")
_OTHERS: Final = (
    *("مقالات ذات صلة", "مواضيع ذات صلة", "موضوعات ذات صلة", "أخبار ذات صلة", "أخبار مشابهة"),
    *("مواضيع مشابهة", "مواضيع متعلقة", "أخبار متعلقة", "مقالات متعلقة", "اقرأ في الموضوع"),
)
_READ_ALSO: Final = ("اقرا ايضا", "اقرأ المزيد", "اقرأ كذلك")
_LOOK_ALSO: Final = ("شاهد أيضا", "شاهدوا أيضا", "طالع أيضا", "تابع أيضا", "انظر أيضا")
_LABELS: Final = Spellings(
    rf"[\s{re.escape(SIGNS_BEFORE)}\u200b-\u200f\u061c]*+(?:"
    rf"(?P<source>{any_of(*_SOURCE)})|(?P<keywords>{any_of(*_KEYWORDS)})"
    rf"|(?P<date>{any_of(*_DATE)}|(?P<loose>{any_of(*_LOOSE_DATE)}|{any_of(*_OTHER_DATE)}))"
    rf"|(?P<similar>{any_of(*_SIMILAR)}|(?P<others>{any_of(*_OTHERS)}))"
    rf"|(?P<read_also>{any_of(*_READ_ALSO)})|(?P<look_also>{any_of(*_LOOK_ALSO)})"
    rf")(?P<after>{_COLON}|\s+|$|(?=[^\s]))"
)
_BEGINNINGS: Final = Beginnings(
    chain(
        *(_SOURCE, _KEYWORDS, _DATE, _LOOSE_DATE, _OTHER_DATE, _SIMILAR, _OTHERS, _READ_ALSO, _LOOK_ALSO),
        FURNITURE_BEGINNINGS,
    )
)
"""They tell of most lines that they are text, in a tenth of the time of reading them."""
_NFKC_CHECKED: Final = 64
"""Characters at a line's beginning that say whether it is set in presentation forms."""
_AROUND: Final = ' \t\u00a0:.…-–—|[](){}«»"“”*•؛،!<>#\u200e\u200f\u061c\ufeff\u200b'
_BULLET: Final = (
    r"(?:[•·‣∙*➤✔→←»⁃\u25a0-\u25ff\u2b1b\u2b1c\u2b24\U0001f534-\U0001f539]"
    r"|[–—-](?!\d)|[\d٠-٩]{1,2}\s?[-.)]\s)\s*"
)
_NOT_IN_NAMES: Final = frozenset(
    [
        "إن",
        "ان",
        "أن",
        "لا",
        "لم",
        "لن",
        "نحن",
        "هناك",
        "قد",
        "سوف",
        "إنه",
        "انه",
        "إنها",
        "انها",
        "هذا",
        "هذه",
        "ما",
        "ليس",
        "لدينا",
        "كان",
        "كانت",
        "قال",
        "قالت",
        "كما",
        "لكن",
        "حتى",
        "كل",
        "يجب",
    ]
)


@dataclass(frozen=True, slots=True)
class Line:
    """A printed line, trimmed, and what it is by itself. `value` is what stands behind a marker, "" if nothing.

    `is_loose` marks a label that has no colon behind it, or one that could be a word of a sentence: it counts only
    where its place speaks for it.
    """

    text: str
    kind: LineKind = "text"
    value: str = ""
    is_loose: bool = False

    @property
    def bullet(self) -> str | None:
        """What stands before the text in a list, its sign first; None where nothing does."""
        found = compiled(_BULLET).match(bare(self.text))
        return found[0] if found else None

    @property
    def bulleted(self) -> str | None:
        """The text without its bullet, None where it has none."""
        bullet = self.bullet
        return trim(self.text.partition(bullet)[2]) if bullet else None


def read_lines(text: str) -> Iterator[Line]:
    """Yield the lines of a page that are no furniture."""
    for printed in printed_lines(text):
        line = read_line(printed)
        if line.kind != "furniture":
            yield line


def may_be_marked(text: str) -> bool:
    """Whether a trimmed line may be anything but text; what may be is nearly always."""
    return _BEGINNINGS.may_begin(text) and (_LABELS.may_match(_shown(bare(text))) or is_furniture(bare(text)))


def all_are_text(lines: Sequence[str]) -> bool:
    """Whether none of these trimmed lines may be marked."""
    return not any(map(may_be_marked, _BEGINNINGS.unknown(lines)))


def read_line(text: str) -> Line:
    """Tell what a trimmed line is."""
    if not _BEGINNINGS.may_begin(text):
        return Line(text)
    return _read_known(text) if len(text) <= LONGEST_KNOWN else _read_marked(text)


def _shown(text: str) -> str:
    """A line as its label is read: presentation forms are letters."""
    if len(text) > LONGEST_PROMO or unicodedata.is_normalized("NFKC", text[:_NFKC_CHECKED]):
        return text
    return unicodedata.normalize("NFKC", text)


def _read_marked(text: str) -> Line:
    seen = bare(text)
    if is_furniture(seen):
        return Line(text, "furniture")
    shown = _shown(seen)
    found = _LABELS.match(shown)
    if found is None:
        return Line(text)
    written = _as_written(seen, shown, found)
    value = bare(written if found["keywords"] else unescaped(written))
    is_glued = not found["after"] and bool(value)
    if found["source"] or found["keywords"]:
        return _label(text, found["source"] is not None, value, is_glued, has_colon=bool(found["sign"]))
    if found["date"]:
        return _date(text, value, is_glued, is_loose=bool(found["loose"] or not found["sign"]))
    if found["similar"]:
        return Line(text) if value.strip(_AROUND) else Line(text, "similar", is_loose=bool(found["others"]))
    return _also(text, value, bool(found["look_also"]), bool(found["sign"]))


def _as_written(seen: str, shown: str, found: re.Match[str]) -> str:
    """What stands behind a label, before its presentation forms became letters, where the label is not of them."""
    value = shown[found.end() :]
    if shown is seen or (label := _LABELS.match(seen)) is None:
        return value
    written = seen[label.end() :]
    return written if unicodedata.normalize("NFKC", written) == value else value


_read_known: Final = lru_cache(maxsize=4096)(_read_marked)
"""Most marked lines are on many pages."""


def _label(text: str, is_source: bool, value: str, is_glued: bool, *, has_colon: bool) -> Line:
    """A source or keywords line; plain text where the value cannot be one."""
    if is_glued and value.strip(_AROUND):
        return Line(text)
    if not value.strip(_AROUND):
        value = ""
    if text[0] in "([{" and value[-1:] in ")]}":
        value = trim(value[:-1])
    if is_source and value and not is_name(value):
        return Line(text)
    if not is_source and not has_colon and _is_sentence(value):
        return Line(text)
    return Line(text, "source" if is_source else "keywords", value, is_loose=not has_colon)


def _date(text: str, value: str, is_glued: bool, *, is_loose: bool) -> Line:
    """A date line; a label that could begin a sentence counts only with a date behind it."""
    value = trim(without_banner(value))
    if not value.strip(_AROUND):
        return Line(text) if is_loose and not text.endswith(":") and is_glued else Line(text, "date", "", is_loose)
    if is_loose and not parse_date(value.strip(_AROUND)):
        return Line(text)
    return Line(text, "date", value)


def _also(text: str, value: str, is_look: bool, has_sign: bool) -> Line:
    """A marker of other articles alone on its line, or with a headline behind it, which may be glued."""
    headline = value.strip(_AROUND)
    if not headline:
        return Line(text, "read_also", "", is_loose=is_look)
    if len(text) > LONGEST_PROMO or (is_look and not has_sign):
        return Line(text)
    return Line(text, "promo", value if has_sign else "")


def is_name(value: str, most_words: int = MOST_NAME_WORDS) -> bool:
    """Whether a source line's value can be a name."""
    words, is_sentence = value.split(), _is_sentence(value)
    speaks = len(words) > 2 and not _NOT_IN_NAMES.isdisjoint(words)
    return len(value) <= LONGEST_NAME and len(words) <= most_words and not is_sentence and not speaks


def _is_sentence(value: str) -> bool:
    """Whether what stands behind a label ends like a sentence, and has as many words."""
    return value.endswith((".", "؟", "?", "!")) and len(value.split()) >= SENTENCE_WORDS
