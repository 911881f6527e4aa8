"""What a request is answered with: hits, facets, counts over time, how the query was read, and other searches."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal, NamedTuple

from searchapp.frozen import dataclass
from searchapp.model.articles import DateOrigin
from searchapp.model.requests import Interval, SearchRequest

FacetName = Literal["outlet", "year", "month", "day", "undated"]
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
CorrectionKind = Literal["spelling", "keyboard", "name", "unquoted", "fewer_words", "filter"]
"""Words spelt otherwise, typed on the other keyboard, names in Arabic; phrases as words, fewer words, no filter."""


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
