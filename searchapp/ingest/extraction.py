"""From a page or record as read to its articles."""

from __future__ import annotations

import json
import re
from base64 import b32encode
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Final

from searchapp.errors import RejectedInput
from searchapp.ingest.dates import parse_date
from searchapp.ingest.layout import PageParts, PrintedArticle, is_furniture, tell_parts
from searchapp.ingest.outlets import tell_apart
from searchapp.ingest.text import one_line, printed_lines, without_repeats
from searchapp.model import Article, ExtractedPage, RawPage

TITLE_CHARACTERS: Final = 120
"""The longest title that is taken from a lead."""

ID_BYTES: Final = 10
"""80 bits: among ten million derived ids, the chance that any two meet is below 1 in 10,000,000,000."""

NO_TEXT: Final = "no_text"

_PARAGRAPH_BREAK: Final = "\n\n"
_SENTENCE_END: Final = re.compile(
    # A stop after one letter is an abbreviation («د. بدر»), after a short number a list's, after a stop an ellipsis.
    r"(?:(?:(?<=[^\W\d_]{2})|(?<=[\u064b-\u0652])|(?<=\d{4})|(?<=[»”’\"')\]]))\.|[؟?!]+)[»”’\"')\]]*(?=\s|$)"
)
_LOOSE_END: Final = " \t\u00a0.،,؛;:…-–—"


def extract(page: RawPage) -> ExtractedPage:
    """Return the articles of a page or record.

    Bodies are the text as published: paragraphs, trimmed and parted by one blank line, without the site's furniture,
    and each once. A page file is read by the layout of `layout.tell_parts`, a record by its declared fields. An article
    without a title gets one from its lead, marked as inferred; one without a text is flagged "no_text".

    Raises:
        RejectedInput: There is neither a title nor a text.
    """
    return _extract_page(page) if page.line is None else _extract_record(page)


def _extract_page(page: RawPage) -> ExtractedPage:
    """The articles of a page file."""
    parts = tell_parts(page.text)
    article = _article(page, parts)
    related = tuple(_related(article, printed, number) for number, printed in enumerate(parts.related, start=1))
    return ExtractedPage(replace(article, related=tuple(other.id for other in related)), related)


def _extract_record(page: RawPage) -> ExtractedPage:
    """The article of a record whose fields are declared."""
    source = _declared(page, "source")
    parts = PageParts(
        title=_declared(page, "title"),
        date_raw=_declared(page, "date"),
        paragraphs=without_repeats(line for line in printed_lines(page.text) if not is_furniture(line)),
        sources=(source,) if source else (),
        keywords=_declared(page, "keywords"),
    )
    return ExtractedPage(_article(page, parts))


def _article(page: RawPage, parts: PageParts) -> Article:
    """The page's own article."""
    if not parts.title and not parts.paragraphs:
        raise RejectedInput("neither title nor text")
    body, url = _PARAGRAPH_BREAK.join(parts.paragraphs), _declared(page, "url")
    outlet, agency = tell_apart(parts.sources)
    day = parse_date(parts.date_raw) if parts.date_raw else None
    return Article(
        id=_declared(page, "id") or _derived_id(page, url, parts.title, body),
        title=parts.title or infer_title(parts.paragraphs),
        body=body,
        title_inferred=not parts.title,
        outlet=outlet,
        outlet_raw=outlet,
        agency=agency,
        date=day,
        date_origin="declared" if day else "none",
        date_raw=parts.date_raw,
        keywords=parts.keywords,
        similar_headlines=parts.similar_headlines,
        url=url,
        flags=() if body else (NO_TEXT,),
    )


def _related(parent: Article, printed: PrintedArticle, number: int) -> Article:
    """An article that stands below another on its page: of unknown outlet and date, whatever its parent's are."""
    body = _PARAGRAPH_BREAK.join(printed.paragraphs)
    flags = () if body else (NO_TEXT,)
    return Article(id=f"{parent.id}.r{number}", title=printed.title, body=body, found_on=parent.id, flags=flags)


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


def _declared(page: RawPage, name: str) -> str | None:
    """A declared field on one line, or None where it says nothing."""
    return one_line(page.declared.get(name, "")) or None


def _derived_id(page: RawPage, url: str | None, title: str | None, body: str) -> str:
    """An id for an article that came without one: 16 characters of base32, the same wherever its file lies."""
    where = [url] if url else [page.name, page.offset]
    digest = sha256(json.dumps([where, title, body]).encode()).digest()
    return b32encode(digest[:ID_BYTES]).decode().lower()
