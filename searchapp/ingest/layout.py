"""Telling the parts of a crawled page apart: title, date, body, source lines, keywords, second article, headlines.

One grammar covers the pages that are seen; every part but the body may be missing, and blank lines mean nothing:

    title                        only where the next line is a date line
    تاريخ النشر: date
    body paragraphs              with furniture, marked promos and repeated paragraphs among them
    المصدر: agency               the trailer: the run of marked lines that ends the page's own article
    المصدر: outlet
    كلمات دلالية: keywords
    إقرأ أيضاً:                    a line of its own
    title of a second article
    body paragraphs of it
    مقالات مشابهة
      • headline

The same markers occur inside bodies («المصدر: …» as a paragraph, «اقرأ أيضا: عنوان» as a promo), so what a marked line
means is told from where it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from searchapp.ingest.dates import parse_date
from searchapp.ingest.text import fold, printed_lines, trim, without_repeats

Marker = Literal["source", "keywords"]

_TRAILER_MARKERS: Final[dict[str, Marker]] = {
    fold("المصدر"): "source",
    fold("المصادر"): "source",
    fold("كلمات دلالية"): "keywords",
    fold("الكلمات الدلالية"): "keywords",
    fold("كلمات مفتاحية"): "keywords",
    fold("الكلمات المفتاحية"): "keywords",
}
_DATE_MARKER: Final = fold("تاريخ النشر")
_SIMILAR_MARKERS: Final = frozenset(map(fold, ("مقالات مشابهة", "مقالات متشابهة", "المقالات المشابهة")))
_READ_ALSO: Final = re.compile(r"اقرا ?ايضا")
_FURNITURE: Final = re.compile(rf"{fold('تابع أحدث الأخبار عبر تطبيق')}.{{0,40}}")
_BULLET: Final = re.compile(r"(?:[•·▪◦●‣∙*]|[–—-](?!\d))\s*")
_COLON: Final = re.compile(r"[:：]")
_MARKER_CHARACTERS: Final = 48
"""A marker is at the start of its line; folding so much of it is enough to see one."""

_NAME_CHARACTERS: Final = 100
_NAME_WORDS: Final = 12
_SENTENCE_WORDS: Final = 5
"""A source is a name: what is longer, or has so many words and ends like a sentence, is a sentence of the body."""

_HEADLINE_CHARACTERS: Final = 150
_LINES_ABOVE: Final = 4
_OPENING: Final = "[({«•*-– "


@dataclass(frozen=True, slots=True)
class PrintedArticle:
    """A second article as printed on a page: its first line and the paragraphs below."""

    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PageParts:
    """The parts of a page as they are written, each line trimmed. `sources` are in the page's order."""

    title: str | None
    date_raw: str | None
    paragraphs: tuple[str, ...]
    sources: tuple[str, ...]
    keywords: str | None
    related: tuple[PrintedArticle, ...] = ()
    similar_headlines: tuple[str, ...] = ()


def tell_parts(text: str) -> PageParts:
    """Return the parts of a page's text. Any text is a page; what bears no marker is body."""
    lines, similar = _split_similar([line for line in printed_lines(text) if not is_furniture(line)])
    title, date_raw, lines = _split_head(lines)
    lines, below = _split_second_article(lines)
    lines = [line for line in lines if not _is_promo(line)]
    start = _trailer_start(lines)
    sources, keywords = _read_trailer(lines[start:])
    paragraphs = without_repeats(_without_promos(lines[:start]))
    return PageParts(title, date_raw, paragraphs, sources, keywords, _second_article(below), similar)


def is_furniture(line: str) -> bool:
    """Whether a line belongs to the site and not to the article."""
    return len(line) < 2 * _MARKER_CHARACTERS and _FURNITURE.fullmatch(fold(line)) is not None


def _split_similar(lines: list[str]) -> tuple[list[str], tuple[str, ...]]:
    """The lines before the last heading of similar headlines, and those headlines without their bullets.

    Where any line below the heading has a bullet, those without are no headlines.
    """
    at = next((i for i in range(len(lines) - 1, -1, -1) if _bare(lines[i]) in _SIMILAR_MARKERS), None)
    if at is None:
        return lines, ()
    below = lines[at + 1 :]
    bulleted = [line for line in below if _BULLET.match(line)]
    headlines = (trim(_BULLET.sub("", line, count=1)) for line in bulleted or below)
    return lines[:at], tuple(filter(None, headlines))


def _split_head(lines: list[str]) -> tuple[str | None, str | None, list[str]]:
    """Title, date as written, and the lines after them. Only a line that a date line follows is a title."""
    for at in (0, 1):
        written = _date_line(lines[at]) if at < len(lines) else None
        if written is None:
            continue
        rest = lines[at + 1 :]
        if not written and rest and parse_date(rest[0]):
            written, rest = rest[0], rest[1:]
        return (lines[0] if at else None), written or None, rest
    return None, None, lines


def _date_line(line: str) -> str | None:
    """What a date line says ("" if nothing), or None if the line is not one."""
    head, value = _at_colon(line)
    return value if fold(head[:_MARKER_CHARACTERS]) == _DATE_MARKER else None


def _split_second_article(lines: list[str]) -> tuple[list[str], list[str]]:
    """The lines of the page's own article, and those of the article below it.

    The second article begins at the line «إقرأ أيضاً:» that a trailer precedes. Where none does and the page ends
    without a trailer, there was nothing but the marker to tell the two apart, even with the title on the marker's line.
    """
    markers = [at for at, line in enumerate(lines) if _is_read_also(line)]
    for at in markers:
        if _is_trailer_above(lines, at):
            return lines[:at], lines[at + 1 :]
    if _is_trailer_above(lines, len(lines)):
        return lines, []
    for at, line in enumerate(lines):
        head, title = _at_colon(line)
        if title and _is_read_also(head) and _is_trailer_above(lines, at):
            return lines[:at], [title, *lines[at + 1 :]]
    return (lines[: markers[0]], lines[markers[0] + 1 :]) if markers else (lines, [])


def _second_article(lines: list[str]) -> tuple[PrintedArticle, ...]:
    """The article that the lines below the marker hold, if any."""
    kept = list(_without_promos(lines))
    return (PrintedArticle(kept[0], without_repeats(kept[1:])),) if kept else ()


def _is_trailer_above(lines: Sequence[str], at: int) -> bool:
    """Whether the lines just above an index, promos aside, are a trailer."""
    above = [line for line in lines[max(0, at - _LINES_ABOVE) : at] if not _is_promo(line)]
    return _trailer_start(above) < len(above)


def _trailer_start(lines: Sequence[str]) -> int:
    """The index at which the run of marked lines at the end begins; the number of lines if there is none."""
    at = len(lines)
    while at:
        if _marked(lines[at - 1]):
            at -= 1
        elif at > 1 and _is_value_of(lines[at - 1], _marked(lines[at - 2])):
            at -= 2
        else:
            break
    return at


def _read_trailer(lines: Sequence[str]) -> tuple[tuple[str, ...], str | None]:
    """The sources, those before the keywords if any are, and the keywords."""
    sources: list[str] = []
    late_sources: list[str] = []
    keywords: str | None = None
    for marker, value in _trailer_entries(lines):
        if marker == "keywords":
            keywords = keywords or value or None
        elif value:
            (sources if keywords is None else late_sources).append(value)
    return tuple(sources or late_sources), keywords


def _trailer_entries(lines: Sequence[str]) -> Iterator[tuple[Marker, str]]:
    """Each marker with its value, which may stand on the line below it."""
    for at, line in enumerate(lines):
        marked = _marked(line)
        below = lines[at + 1] if at + 1 < len(lines) else ""
        if marked:
            yield marked[0], below if below and not _marked(below) and not marked[1] else marked[1]


def _marked(line: str) -> tuple[Marker, str] | None:
    """The marker that a trailer line begins with and the value after it, or None for any other line."""
    head, value = _at_colon(line)
    marker = _TRAILER_MARKERS.get(fold(head)) if len(head) <= _MARKER_CHARACTERS else None
    if marker is None or (marker == "source" and value and not _is_name(value)):
        return None
    return marker, value


def _is_value_of(line: str, marked: tuple[Marker, str] | None) -> bool:
    """Whether a line is the value of the marker on the line above it."""
    return marked is not None and not marked[1] and (marked[0] == "keywords" or _is_name(line))


def _is_name(value: str) -> bool:
    """Whether a source line's value can be a name."""
    words = len(value.split())
    is_sentence = words >= _SENTENCE_WORDS and value.endswith((".", "؟", "?", "!"))
    return len(value) <= _NAME_CHARACTERS and words <= _NAME_WORDS and not is_sentence


def _without_promos(lines: Sequence[str]) -> Iterator[str]:
    """The lines without promos: those that say «اقرأ أيضا» and more, and those that say it and have headlines below."""
    at = 0
    while at < len(lines):
        if _is_read_also(lines[at]):
            at = _after_headlines(lines, at + 1)
        else:
            if not _is_promo(lines[at]):
                yield lines[at]
            at += 1


def _after_headlines(lines: Sequence[str], at: int) -> int:
    """The index after a promo's headlines: all that have bullets, or else one that does not end like a sentence."""
    after = at
    while after < len(lines) and _BULLET.match(lines[after]):
        after += 1
    if after == at < len(lines):
        line = lines[at]
        after += len(line) <= _HEADLINE_CHARACTERS and not line.endswith((".", "،", ":", "؛"))
    return after


def _is_read_also(line: str) -> bool:
    """Whether a line says «إقرأ أيضاً» in some spelling and nothing else."""
    return len(line) <= _MARKER_CHARACTERS and _READ_ALSO.fullmatch(_bare(line)) is not None


def _is_promo(line: str) -> bool:
    """Whether a line says «اقرأ أيضا» and more, which may be glued to it."""
    start = fold(line[:_MARKER_CHARACTERS]).lstrip(_OPENING)
    return _READ_ALSO.match(start) is not None and not _is_read_also(line)


def _bare(line: str) -> str:
    """A short line folded and without the punctuation around it."""
    return fold(line).strip(" :.…-–—[](){}«»*•؛،!<>") if len(line) <= _MARKER_CHARACTERS else ""


def _at_colon(line: str) -> tuple[str, str]:
    """What stands before and after a line's first colon; the whole line and "" where it has none."""
    found = _COLON.search(line)
    return (line, "") if found is None else (line[: found.start()], trim(line[found.end() :]))
