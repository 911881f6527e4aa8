"""From a page as it was read to the stories of an archive, and what an archive holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import date, datetime
from types import MappingProxyType
from typing import Final, Literal

from searchapp.frozen import dataclass

DateOrigin = Literal["declared", "url", "crawl", "inferred", "none"]
"""Where an article's date comes from; "none" when it has no date."""
UNKNOWN_OUTLET: Final = "-"
"""The outlet value, in requests and facets, of articles whose outlet is not known."""


@dataclass(frozen=True, slots=True)
class RawPage:
    """One page or record as it was read from an input, before extraction.

    `path` is the input as the user named it, and within a ZIP or tar file the member's name after it (for messages);
    `name` is the file's name without folders, the only part of it that may enter a derived id. `offset` is where the
    record starts in its file or member, in uncompressed bytes, or in records where a format counts those (Parquet,
    feeds). `end_offset` is the position in the whole input from which reading goes on after it. `consumed` is how many
    bytes of the file as stored (compressed or not) have been read, for progress. `line` is 1-based: the line, or the
    record where a format has no lines; None where the file is one page.
    A file in UTF-16 that holds many records is counted in bytes of UTF-8. `raw` are the bytes as they were published;
    a record that was not in UTF-8 is written in it.
    `text` is the page's text; `declared` holds what the input says of it under the names id, title, source, date,
    crawled (when it was fetched), url, keywords and language (only those present and not empty).
    """

    path: str
    name: str
    offset: int
    end_offset: int
    consumed: int
    line: int | None
    raw: bytes
    text: str
    declared: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Reject:
    """An input item that was not taken, with what a person needs to mend it.

    Positions as in `RawPage`, except that `offset` counts from the start of the whole input. `retry` says that the
    input could not be read on from here (it broke off, a library is missing): it is to be tried again in the next run.
    """

    path: str
    line: int | None
    offset: int
    end_offset: int
    consumed: int
    reason: str
    retry: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One article. `outlet_raw` is what the page says, `outlet` what we call it; `date_raw` is the date as written.

    `related` are the ids of the articles found on the same page and `found_on` is the id of the article whose page this
    one was found on. `keywords` is the raw string: it has no separators. `flags` says what is unusual about it
    ("no_text": it has a title only).
    """

    id: str
    title: str | None
    body: str
    title_inferred: bool = False
    outlet: str | None = None
    outlet_raw: str | None = None
    agency: str | None = None
    date: date | None = None
    date_origin: DateOrigin = "none"
    date_raw: str | None = None
    keywords: str | None = None
    related: tuple[str, ...] = ()
    found_on: str | None = None
    similar_headlines: tuple[str, ...] = ()
    url: str | None = None
    language: str = "ar"
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ArticleTimes:
    """When an article first came into the archive, and when its content last changed there, both in UTC.

    None where the archive was made by a version of the program that did not keep it.
    """

    first_seen: datetime | None
    last_changed: datetime | None


@dataclass(frozen=True, slots=True)
class ExtractedPage:
    """What one page holds: its own article and those printed below it, each an article of its own."""

    article: Article
    related: tuple[Article, ...] = ()


@dataclass(frozen=True, slots=True)
class Story:
    """Copies of one text, the representative first: longest body, then earliest date, then id.

    `number` names the story inside one archive. `sequence` is the archive's sequence number of its last change.
    A story without articles is one that no longer exists.
    """

    number: int
    sequence: int
    articles: tuple[Article, ...]


@dataclass(frozen=True, slots=True)
class Statistics:
    """What an archive or its index holds.

    `outlets` stand by falling number of stories; `first` and `last` are dates of articles.
    """

    articles: int
    stories: int
    undated: int
    outlets: tuple[tuple[str, int], ...]
    first: date | None
    last: date | None
    generation: int


@dataclass(frozen=True, slots=True)
class ArchiveDetails:
    """What an archive holds, with more of it. `languages` and `date_origins` count articles, the most frequent first.

    `folded` are the articles that are copies in another one's story, `deleted` those that were deleted. Sizes are in
    bytes on the disk.
    """

    statistics: Statistics
    languages: tuple[tuple[str, int], ...]
    date_origins: tuple[tuple[str, int], ...]
    folded: int
    deleted: int
    archive_bytes: int
    index_bytes: int
