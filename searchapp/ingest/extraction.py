"""From a page or record as read to its articles."""

from __future__ import annotations

import json
import re
from base64 import b32encode
from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Final

from searchapp.errors import RejectedInput
from searchapp.ingest.dates import ReadDate, date_in_url, last_possible_day, parse_date, read_date
from searchapp.ingest.layout import PageParts, PrintedArticle, body_paragraphs, tell_parts, unmarked_paragraphs
from searchapp.ingest.outlets import OutletTable, default_outlets, read_sources
from searchapp.ingest.outlets.sources import agency_in_lead
from searchapp.ingest.text import one_line
from searchapp.model import Article, DateOrigin, ExtractedPage, RawPage

TITLE_CHARACTERS: Final = 120
"""The longest title that is taken from a lead."""

ID_BYTES: Final = 10
"""80 bits: among ten million derived ids, the chance that any two meet is below 1 in 10,000,000,000."""

NO_TEXT: Final = "no_text"
CALENDARS_DIFFER: Final = "calendars_differ"

_PARAGRAPH_BREAK: Final = "\n\n"
_SENTENCE_END: Final = re.compile(
    # A stop after one letter is an abbreviation («د. بدر»), after a short number a list's, after a stop an ellipsis.
    r"(?:(?:(?<=[^\W\d_]{2})|(?<=[\u064b-\u0652])|(?<=\d{4})|(?<=[»”’\"')\]]))\.|[؟?!]+)[»”’\"')\]]*(?=\s|$)"
)
_LANGUAGE_CODE: Final = re.compile(r"[A-Za-z]{2,3}(?=[-_]|$)")
_LANGUAGES: Final = {"ar": "ar", "ara": "ar", "arb": "ar"}
_LOOSE_END: Final = " \t\u00a0.،,؛;:…-–—"


def extract(page: RawPage, outlets: OutletTable | None = None) -> ExtractedPage:
    """Return the articles of a page or record, their outlets named as the table has them (ours, where not given).

    Bodies are the text as published: paragraphs, trimmed and parted by one blank line, without the site's furniture and
    marked promos, and each once. A page file is read by the layout of `layout.tell_parts`, and so is the text of a
    record that bears that layout beyond doubt; what is not printed there, and all other records, are read by the
    declared fields. An article without a title gets one from its lead, marked as inferred; one without a text is
    flagged "no_text", one whose Hijri and Gregorian dates are not the same day "calendars_differ".

    Raises:
        RejectedInput: There is neither a title nor a text.
    """
    table = outlets or default_outlets()
    declared = _declared(page)
    parts = _parts(page, declared)
    article = _article(page, declared, parts, table)
    related = tuple(_related(article, printed, number, table) for number, printed in enumerate(parts.related, start=1))
    return (
        ExtractedPage(replace(article, related=tuple(other.id for other in related)), related)
        if related
        else (ExtractedPage(article))
    )


def _parts(page: RawPage, declared: Mapping[str, str]) -> PageParts:
    """The parts of a page as it prints them, else as they are declared for it."""
    is_record = page.line is not None or bool(page.declared)
    paragraphs = unmarked_paragraphs(page.text) if is_record else None
    printed = _printed_parts(page.text, declared if is_record else None) if paragraphs is None else None
    if paragraphs is None:
        paragraphs = () if printed else body_paragraphs(page.text)
    sources = (declared["source"],) if "source" in declared else ()
    title, date_raw, keywords = declared.get("title"), declared.get("date"), declared.get("keywords")
    if printed is None:
        return PageParts(title, paragraphs, date_raw, sources, keywords)
    return replace(
        printed,
        title=printed.title or title,
        date_raw=printed.date_raw or date_raw,
        sources=printed.sources or sources,
        keywords=printed.keywords or keywords,
    )


def _printed_parts(text: str, declared: Mapping[str, str] | None) -> PageParts | None:
    """The parts that a page's text tells apart; None where it is the body alone.

    The text of a page file is the page; of a record, which declares its fields, it is one only if it says the date of
    publication in its head, or has two of source, keywords and what stands below them. A single marked line may be the
    article's own, unless the record says neither title nor source: then it holds a page and nothing else.
    """
    parts = tell_parts(text)
    if declared is None or (parts.date_raw and parts.paragraphs and parse_date(parts.date_raw)):
        return parts
    marks = bool(parts.sources), bool(parts.keywords), bool(parts.related or parts.similar_headlines)
    if declared.keys().isdisjoint({"title", "source"}):
        has_date_line = parts.title and parts.date_raw is not None
        return parts if any(marks[:2]) or parts.similar_headlines or has_date_line else None
    return parts if sum(marks) > 1 else None


def _article(page: RawPage, declared: Mapping[str, str], parts: PageParts, table: OutletTable) -> Article:
    """The page's own article."""
    if not parts.title and not parts.paragraphs:
        raise RejectedInput("neither title nor text")
    body, url = _PARAGRAPH_BREAK.join(parts.paragraphs), declared.get("url")
    names = read_sources(parts.sources, url, table)
    read, origin = _dated(declared, parts.date_raw, url)
    return Article(
        id=declared.get("id") or _derived_id(page, url, parts.title, body),
        title=parts.title or infer_title(parts.paragraphs),
        body=body,
        title_inferred=not parts.title,
        outlet=names.outlet,
        outlet_raw=names.outlet_raw,
        agency=names.agency or agency_in_lead(body),
        date=read.day if read else None,
        date_origin=origin,
        date_raw=parts.date_raw,
        keywords=parts.keywords,
        similar_headlines=parts.similar_headlines,
        url=url,
        language=_language(page),
        flags=_flags(body, read),
    )


def _flags(body: str, read: ReadDate | None) -> tuple[str, ...]:
    flags = () if body else (NO_TEXT,)
    return (*flags, CALENDARS_DIFFER) if read and read.calendars_differ else flags


def _dated(declared: Mapping[str, str], written: str | None, url: str | None) -> tuple[ReadDate | None, DateOrigin]:
    """The article's day: the declared one, else the one in its address, else that of the crawl."""
    if written and (read := read_date(written, last_possible_day())):
        return read, "declared"
    crawled = parse_date(declared.get("crawled", ""), last_possible_day())
    if url and (day := date_in_url(url, latest=crawled)):
        return ReadDate(day), "url"
    return (ReadDate(crawled), "crawl") if crawled else (None, "none")


def _language(page: RawPage) -> str:
    """The article's language as a two-letter code where it is declared as one; else Arabic, as the archive is."""
    declared = page.declared.get("language")
    code = _LANGUAGE_CODE.match(declared) if declared else None
    return _LANGUAGES.get(code[0].lower(), code[0].lower()) if code else _LANGUAGES["ar"]


def _related(parent: Article, printed: PrintedArticle, number: int, table: OutletTable) -> Article:
    """An article that stands below another on its page: its outlet and date are never its parent's."""
    body = _PARAGRAPH_BREAK.join(printed.paragraphs)
    names = read_sources(printed.sources, None, table)
    read = read_date(printed.date_raw, last_possible_day()) if printed.date_raw else None
    return Article(
        id=f"{parent.id}.r{number}",
        title=printed.title or infer_title(printed.paragraphs),
        body=body,
        title_inferred=not printed.title,
        outlet=names.outlet,
        outlet_raw=names.outlet_raw,
        agency=names.agency,
        date=read.day if read else None,
        date_origin="declared" if read else "none",
        date_raw=printed.date_raw,
        keywords=printed.keywords,
        found_on=parent.id,
        flags=_flags(body, read),
    )


def infer_title(paragraphs: Sequence[str]) -> str | None:
    """Return a title from the lead, the first paragraph that has a letter or digit; None if no paragraph has one.

    It is a prefix of the lead: its first sentence, at most 120 characters, cut between words, without a final stop,
    comma or dash.
    """
    lead = next((paragraph for paragraph in paragraphs if any(map(str.isalnum, paragraph))), None)
    if lead is None:
        return None
    end = _SENTENCE_END.search(lead, 0, TITLE_CHARACTERS + 10)
    sentence = lead[: end.end()] if end else lead
    if len(sentence) > TITLE_CHARACTERS:
        sentence = sentence[: TITLE_CHARACTERS + 1]
        at_word = re.match(r".*\S(?=\s)", sentence, re.DOTALL)
        sentence = at_word[0] if at_word else sentence[:TITLE_CHARACTERS]
    return sentence.rstrip(_LOOSE_END) or sentence


def _declared(page: RawPage) -> dict[str, str]:
    """The declared fields, each on one line, without those that say nothing."""
    found = {}
    for name, value in page.declared.items():
        # Of what is printable, the blank alone is space.
        if not value.isprintable() or value.startswith(" ") or value.endswith(" "):
            value = one_line(value)  # noqa: PLW2901
        if value:
            found[name] = value
    return found


def _derived_id(page: RawPage, url: str | None, title: str | None, body: str) -> str:
    """An id for an article that came without one: 16 characters of base32, the same wherever its file lies."""
    where = [url] if url else [page.name, page.offset]
    digest = sha256(json.dumps([where, title, body]).encode()).digest()
    return b32encode(digest[:ID_BYTES]).decode().lower()
