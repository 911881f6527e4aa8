"""What a reader asks for."""

from __future__ import annotations

from datetime import date
from typing import Literal

from searchapp.frozen import dataclass

Sort = Literal["relevance", "newest", "oldest"]
SearchField = Literal["all", "title"]
Interval = Literal["day", "week", "month", "year", "decade", "century"]


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
