"""The parts of a page, told from what its lines are and where they stand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import dropwhile, takewhile
from typing import Final

from searchapp.frozen import dataclass
from searchapp.ingest.dates import parse_date
from searchapp.ingest.layout.body import paragraphs_of
from searchapp.ingest.layout.lines import Line, read_lines
from searchapp.ingest.layout.trailer import Trailer, is_trailer_above, read_trailer
from searchapp.ingest.text import trim

LONGEST_TITLE: Final = 250
LONGEST_PLAIN_TITLE: Final = 150
"""Of a title that no date line marks."""

BEGINNING: Final = 4000
LINES_OF_BEGINNING: Final = 8
"""Characters and lines of a page by which one sees whether it is set with blank lines."""

LEAST_TITLE_WORDS: Final = 3
LINES_TO_LEAD: Final = 3
"""Below a title that no date line marks: a second title, an author, a post and then the lead."""

_BYLINE: Final = re.compile(r"\w+(?: \w+){0,4}(?:\s?[-–—/]\s?|\sـ\s?)\w+(?: \w+)?")
"""«سلوى سعد – مكة المكرمة»."""

_DATELINE: Final = "الموافق"
"""«جدة 26 شوال 1436 هـ الموافق 11 أغسطس 2015 م واس»."""

_LINES_TO_DATE: Final = 3
_ENDS: Final = (".", "»", "”", '"', "!", "؟", "…")
_NO_TITLE_ENDS: Final = (".", "،", ":", "؛", ",")


@dataclass(frozen=True, slots=True)
class PrintedArticle:
    """An article as printed: parts as they are written, each line trimmed. `sources` are in the page's order."""

    title: str | None
    paragraphs: tuple[str, ...]
    date_raw: str | None = None
    sources: tuple[str, ...] = ()
    keywords: str | None = None


@dataclass(frozen=True, slots=True)
class PageParts:
    """The article of a page (as `PrintedArticle`), the articles printed below it, and the headlines of others."""

    title: str | None
    paragraphs: tuple[str, ...]
    date_raw: str | None = None
    sources: tuple[str, ...] = ()
    keywords: str | None = None
    related: tuple[PrintedArticle, ...] = ()
    similar_headlines: tuple[str, ...] = ()


def tell_parts(text: str) -> PageParts:
    """Return the parts of a page's text. Any text is a page; what bears no marker is body."""
    lines, similar = _split_similar(list(read_lines(text)))
    head, lines = _split_head(lines)
    own, below = _split_second_article(lines)
    article = _own_article(head, own, is_dense=_is_dense(text))
    related, headlines = _articles_below(below)
    return PageParts(
        article.title,
        article.paragraphs,
        article.date_raw,
        article.sources,
        article.keywords,
        related,
        similar or headlines,
    )


def _split_similar(lines: list[Line]) -> tuple[list[Line], tuple[str, ...]]:
    """The lines without the lists of similar headlines, and those headlines without their bullets.

    Where any line below a heading has a bullet, those without are no headlines. A second article may stand below.
    """
    last_label = _last_label(lines)
    headings = {at for at in range(len(lines)) if _is_heading(lines, at, last_label)}
    kept: list[Line] = []
    headlines: list[str] = []
    at = 0
    while at < len(lines):
        if at not in headings:
            kept.append(lines[at])
            at += 1
            continue
        end = next((i for i in range(at + 1, len(lines)) if i in headings or _is_marker(lines[i])), len(lines))
        bulleted = [text for line in lines[at + 1 : end] if (text := line.bulleted)]
        headlines += bulleted or [line.text for line in lines[at + 1 : end]]
        at = end
    return kept, tuple(headlines)


def _is_heading(lines: Sequence[Line], at: int, last_label: int) -> bool:
    """Whether a line is the heading of similar headlines; one that stands amid a body is that of a promo."""
    line = lines[at]
    if line.kind == "similar":
        if last_label > at and not is_trailer_above(lines, at):
            return False
        return not line.is_loose or _is_list(lines, at + 1) or not _has_bullet(lines, at + 1)
    return line.kind == "read_also" and line.is_loose and _is_list(lines, at + 1)


def _last_label(lines: Sequence[Line]) -> int:
    """The index of the last line of a source or of keywords, -1 if there is none.

    A headline that is listed below its heading is none («• المصدر: لا اتفاق حتى الآن»).
    """
    last, is_listed = -1, False
    for at, line in enumerate(lines):
        is_listed = line.kind == "similar" or (is_listed and line.bulleted is not None)
        if line.kind in {"source", "keywords"} and not is_listed:
            last = at
    return last


def _is_list(lines: Sequence[Line], at: int) -> bool:
    """Whether lines with bullets, and nothing else, come up to the next marked line."""
    begin = at
    while at < len(lines) and lines[at].kind == "text":
        if not lines[at].bulleted:
            return False
        at += 1
    return at > begin


def _has_bullet(lines: Sequence[Line], at: int) -> bool:
    """Whether the line at an index is the first of a list."""
    return at < len(lines) and lines[at].bulleted is not None


def _is_marker(line: Line) -> bool:
    """Whether a line is «إقرأ أيضاً:» alone."""
    return line.kind == "read_also" and not line.is_loose


def _split_head(lines: list[Line]) -> tuple[PrintedArticle, list[Line]]:
    """Title, date and sources that stand above the body, and the lines after them.

    Only a line that a date line follows is a title; a line or two between them (a second title, an author) are kept.
    The date is "" where the date line says none.
    """
    dates = [at for at, line in enumerate(lines[: _LINES_TO_DATE + 1]) if line.kind == "date"]
    at = next((at for at in dates[1:] if parse_date(lines[at].value) and not parse_date(lines[dates[0]].value)), None)
    at = at if at is not None else next(iter(dates), None)
    if at is None or not _may_be_head(lines[:at]):
        return PrintedArticle(None, ()), lines
    written, rest = lines[at].value, lines[at + 1 :]
    if not written and rest and parse_date(rest[0].text):
        written, rest = rest[0].text, rest[1:]
    between = [line for line in lines[1:at] if line.kind == "text"]
    labels = [line for line in lines[1:at] if line.kind == "source"]
    below = len(labels)
    labels += takewhile(lambda line: line.kind == "source" and line.value and not line.is_loose, rest)
    rest = rest[len(labels) - below :]
    title = lines[0].text if at else None
    sources = tuple(line.value for line in labels if line.value)
    return PrintedArticle(title, (), written, sources), between + rest


def _may_be_head(above: Sequence[Line]) -> bool:
    """Whether the lines above a date line are a title and what may stand beside it."""
    between = all(line.kind in {"text", "source"} and len(line.text) <= LONGEST_PLAIN_TITLE for line in above[1:])
    if len(above) <= 1:
        return True
    return len(above[0].text) <= LONGEST_TITLE and between and not above[0].text.endswith(_NO_TITLE_ENDS[1:])


def _split_second_article(lines: list[Line]) -> tuple[list[Line], list[Line]]:
    """The lines of the page's own article, and those of what stands below it.

    The second article begins at the line «إقرأ أيضاً:» that a trailer precedes, or a title and a date line follow. Where
    there is none and the page ends without a trailer, nothing but the marker tells the two apart, even with the title
    on the marker's line.
    """
    markers = [at for at, line in enumerate(lines) if _is_marker(line)]
    for at in markers:
        if is_trailer_above(lines, at) or any(line.kind == "date" for line in lines[at + 2 : at + 3]):
            return lines[:at], lines[at + 1 :]
    if is_trailer_above(lines, len(lines)):
        return lines, []
    for at, line in enumerate(lines):
        if line.kind == "promo" and line.value and is_trailer_above(lines, at):
            return lines[:at], [Line(line.value), *lines[at + 1 :]]
    return (lines[: markers[-1]], lines[markers[-1] + 1 :]) if markers else (lines, [])


def _own_article(head: PrintedArticle, lines: list[Line], *, is_dense: bool) -> PrintedArticle:
    """The page's own article: what its head, its body and its trailer say together."""
    lines = [line for line in lines if line.kind != "promo"]
    trailer = read_trailer(lines)
    body = lines[: trailer.start]
    title = head.title
    has_labels = bool(trailer.sources or trailer.keywords)
    if title is None and head.date_raw is None and is_dense and has_labels and _has_plain_title(body):
        title, body = body[0].text, body[1:]
    return PrintedArticle(
        title, paragraphs_of(body), head.date_raw or trailer.date_raw, trailer.sources or head.sources, trailer.keywords
    )


def _is_dense(text: str) -> bool:
    """Whether the beginning of a page is set without blank lines between its paragraphs, as pages with titles are."""
    lines = [bool(trim(line)) for line in text[:BEGINNING].strip().splitlines()[:LINES_OF_BEGINNING]]
    return lines.count(False) + 1 < lines.count(True)


def _has_plain_title(body: Sequence[Line]) -> bool:
    """Whether the first of these lines reads like a title: short, without an end, above longer ones.

    Lines that are hardly longer count only where most of them have an end, as paragraphs do.
    """
    first, rest = body[0].text if body else "", [line.text for line in body[1:]]
    if not first or body[0].kind != "text" or not _may_be_plain_title(first):
        return False
    lead = next((line for line in rest[:LINES_TO_LEAD] if len(line) > len(first)), "")
    return len(lead) >= 2 * len(first) or (bool(lead) and 2 * sum(line.endswith(_ENDS) for line in rest) > len(rest))


def _may_be_plain_title(line: str) -> bool:
    """Whether a line is as long as titles are, does not end like a sentence, and is no author's or agency's."""
    if len(line) > LONGEST_PLAIN_TITLE or len(line.split()) < LEAST_TITLE_WORDS:
        return False
    has_end = line.endswith(_NO_TITLE_ENDS) and not line.endswith("..")
    return not has_end and not _BYLINE.fullmatch(line) and _DATELINE not in line


def _articles_below(lines: list[Line]) -> tuple[tuple[PrintedArticle, ...], tuple[str, ...]]:
    """The articles below the marker, and the headlines where a list of those is all that stands there.

    Another «إقرأ أيضاً:» begins another article only where the one above it ends with a trailer.
    """
    if len(lines) > 1 and all(line.bulleted for line in lines):
        return (), tuple(line.bulleted or "" for line in lines)
    starts = [0]
    for at, line in enumerate(lines):
        if at > starts[-1] + 1 and line.kind == "read_also" and is_trailer_above(lines, at):
            starts.append(at + 1)
    ends = [start - 1 for start in starts[1:]] + [len(lines)]
    articles = (_article_below(lines[start:end]) for start, end in zip(starts, ends, strict=True))
    return tuple(article for article in articles if article.title or article.paragraphs), ()


def _article_below(lines: list[Line]) -> PrintedArticle:
    """The article that these lines hold. Its first line is its title, unless it is a paragraph or the date."""
    lines = list(dropwhile(lambda line: line.kind in {"promo", "read_also"}, lines))
    if not lines:
        return PrintedArticle(None, ())
    head, rest = _split_head(lines)
    if head.title is None and rest and not _is_paragraph(rest[0].text):
        head, rest = replace(head, title=rest[0].text), rest[1:]
    trailer = read_trailer([line for line in rest if line.kind != "promo"]) if rest else Trailer(0)
    paragraphs = paragraphs_of([line for line in rest if line.kind != "promo"][: trailer.start])
    return replace(
        head,
        paragraphs=paragraphs,
        date_raw=head.date_raw or trailer.date_raw,
        sources=trailer.sources or head.sources,
        keywords=trailer.keywords,
    )


def _is_paragraph(text: str) -> bool:
    """Whether a line is too long for a title, or so long as only sentences are."""
    return len(text) > LONGEST_TITLE or (len(text) > LONGEST_PLAIN_TITLE and text.endswith("."))
