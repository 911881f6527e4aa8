"""The types that pass between the parts: frozen dataclasses and nothing else.

A page is read (`RawPage`), its articles are told apart (`ExtractedPage` of `Article`), copies of one text are folded
into a `Story`, and a `SearchRequest` is answered with a `SearchResult`. Positions in text are counted in Python string
indices (code points), start inclusive and end exclusive, and always point into the text as published.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

DateOrigin = Literal["declared", "url", "crawl", "inferred", "none"]
"""Where an article's date comes from; "none" when it has no date."""

Sort = Literal["relevance", "newest", "oldest"]
SearchField = Literal["all", "title"]
TokenKind = Literal["word", "number"]
FacetName = Literal["outlet", "year", "month", "day", "undated"]
Interval = Literal["day", "week", "month", "year"]

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
class AnalyzedToken:
    """One word of a text with all its index forms, out of one pass.

    `text[start:end]` is the surface (marks, tatweel and joiners included), `position` counts words from 0. `exact` is
    the normalised form, `lemma` the dictionary's form of it, `light` its light stem. `stop` marks a stop word: indexed,
    but left out of ranking.
    """

    start: int
    end: int
    position: int
    exact: str
    lemma: str
    light: str
    kind: TokenKind
    stop: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchRequest:
    """What a reader asks for, the same from the page, the command line and Python.

    Filters hold on one and the same copy of a story: its outlet is among `sources` (if any) and not among
    `not_sources`, its date lies within `date_from`..`date_to`, both inclusive (which leaves the undated out), and it
    matches one of `when` (days, months, years: "2024-06-25", "2024-06", "2024") or has no date and `undated` is set.
    `exact` matches the very forms only, `variants` also other spellings of a word. `page` counts from 1. `histogram`
    asks for counts over time by this interval or the next coarser one that does not make too many of them; "auto" goes
    by the range. Without `relax`, a search that finds little is not widened to articles with some of the words only.
    `corrections` asks for other searches where this one finds little, `explain` for what each part of ranking gave.
    `recency` lets newer stories count more, by a half-life in days; ages count from `recency_from`, or from the newest
    story that is not dated in the future.
    """

    q: str = ""
    field: SearchField = "all"
    sources: tuple[str, ...] = ()
    not_sources: tuple[str, ...] = ()
    date_from: date | None = None
    date_to: date | None = None
    when: tuple[str, ...] = ()
    undated: bool = False
    exact: bool = False
    variants: bool = True
    sort: Sort = "relevance"
    page: int = 1
    per_page: int = 10
    facets: bool = True
    snippets: bool = True
    corrections: bool = True
    histogram: Interval | Literal["auto"] | None = None
    relax: bool = True
    explain: bool = False
    recency: int | None = None
    recency_from: date | None = None


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of text and the (start, end) spans in it to be marked: whole words, in order, never overlapping.

    `leading` and `trailing` say that text was left out before and after it.
    """

    text: str
    spans: tuple[tuple[int, int], ...] = ()
    leading: bool = False
    trailing: bool = False


@dataclass(frozen=True, slots=True)
class Copy:
    """One article of a story, as far as a list of hits shows it."""

    id: str
    outlet: str | None
    date: date | None
    url: str | None = None


ScorePartName = Literal[
    "lemma",
    "exact",
    "light",
    "variant",
    "phrase",
    "prefix",
    "wildcard",
    "fuzzy",
    "proximity",
    "kindred",
    "coverage",
    "ngrams",
    "recency",
]


@dataclass(frozen=True, slots=True)
class ScorePart:
    """What a word of the query gave to a hit's score by one of its forms; "" for what its words gave together."""

    word: str
    name: ScorePartName
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One story in a result.

    `id` is its representative article's; `date` is the earliest of the copies that passed the filters and `outlets` are
    theirs, in the order of the copies. `relaxed` marks a hit that lacks some of the words. `explanation` adds up to
    the score; it is empty unless it was asked for.
    """

    rank: int
    id: str
    story: int
    score: float
    title: Snippet | None
    title_inferred: bool
    outlets: tuple[str, ...]
    date: date | None
    date_origin: DateOrigin
    url: str | None
    snippet: Snippet | None
    copies: tuple[Copy, ...]
    relaxed: bool = False
    explanation: tuple[ScorePart, ...] = ()


class RankedStory(NamedTuple):
    """A hit without anything that is shown of it; `id` is its representative article's."""

    rank: int
    id: str
    story: int
    score: float


@dataclass(frozen=True, slots=True)
class Ranking:
    """The answer to a request by hits alone; `generation` is the index's, as in a result."""

    hits: tuple[RankedStory, ...]
    generation: int


@dataclass(frozen=True, slots=True)
class FacetBucket:
    """One value of a facet, with how many stories have it; counted as if its own facet were not filtered."""

    value: str
    count: int
    selected: bool = False


@dataclass(frozen=True, slots=True)
class Histogram:
    """How many stories there are in each interval from the one of `first` to the one of `last`, none left out.

    `starts` are the first days of the intervals, in order. A story counts once in an interval, in every interval that
    one of its copies that pass the filters is dated in; what has no date counts nowhere. `first` and `last` are the
    range that is asked for as far as the archive reaches, or else the first and the last day found.
    """

    interval: Interval
    first: date
    last: date
    starts: tuple[date, ...]
    counts: tuple[int, ...]


NoteCode = Literal[
    "unbalanced_quote",
    "unbalanced_parenthesis",
    "stray_operator",
    "empty_phrase",
    "unknown_date",
    "only_negative",
    "stop_words_dropped",
    "expansion_capped",
    "fuzzy_narrowed",
    "nothing_to_search",
    "too_many_words",
    "read_as_text",
    "ranked_by_recency",
]


@dataclass(frozen=True, slots=True)
class QueryNote:
    """Something a reader should know of how the query was read; `detail` is the part of it that is meant."""

    code: NoteCode
    detail: str = ""


@dataclass(frozen=True, slots=True)
class UnderstoodTerm:
    """One word or phrase of a query and the index terms that it matches; `dropped` when ranking leaves it out.

    `variants` are index terms of other spellings that it matches besides.
    """

    text: str
    forms: tuple[str, ...]
    exact: bool = False
    dropped: bool = False
    variants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UnderstoodQuery:
    """How a query was read: written out again in full, its words, and what was mended on the way."""

    text: str
    terms: tuple[UnderstoodTerm, ...] = ()
    notes: tuple[QueryNote, ...] = ()


CorrectionKind = Literal["spelling", "keyboard", "name", "unquoted", "fewer_words", "filter"]
"""Words spelt otherwise, typed on the other keyboard, names in Arabic; phrases as words, fewer words, no filter."""


@dataclass(frozen=True, slots=True)
class Correction:
    """Another search that finds clearly more than the one that was asked; offered, never taken by itself.

    `text` is what it asks for: its words, or, where a filter is dropped, that filter as `name=value`, empty for all
    of them. `total` counts
    the stories that have all of its words.
    """

    kind: CorrectionKind
    text: str
    request: SearchRequest
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """The answer. `total` counts the stories that match strictly, or, when `relaxed`, those with any of the words.

    `lacking` more are ranked among those though they lack some of the words of a long query: `total` + `lacking` hits
    can be paged through, each marked by `Hit.relaxed`.
    `exact` says that `total` is exact. `facets` maps a facet to its buckets: outlets by falling count, dates newest
    first. `histogram` is None when none was asked for or nothing has a date. `took` is seconds. `generation` never
    falls, and rises whenever the index's content changes.
    """

    total: int
    exact: bool
    relaxed: bool
    hits: tuple[Hit, ...]
    facets: Mapping[FacetName, tuple[FacetBucket, ...]]
    query: UnderstoodQuery
    corrections: tuple[Correction, ...]
    took: float
    generation: int
    lacking: int = 0
    histogram: Histogram | None = None


@dataclass(frozen=True, slots=True)
class Statistics:
    """What an archive holds. `outlets` by falling number of stories; `first` and `last` are dates of articles."""

    articles: int
    stories: int
    undated: int
    outlets: tuple[tuple[str, int], ...]
    first: date | None
    last: date | None
    generation: int


@dataclass(frozen=True, slots=True)
class ArchiveDetails:
    """More of what an archive holds. `languages` and `date_origins` count articles, the most frequent first.

    `folded` are the articles that are copies in another one's story, `deleted` those that were deleted. Sizes are in
    bytes on the disk.
    """

    languages: tuple[tuple[str, int], ...]
    date_origins: tuple[tuple[str, int], ...]
    folded: int
    deleted: int
    archive_bytes: int
    index_bytes: int
