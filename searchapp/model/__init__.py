"""The types that pass between the parts: frozen dataclasses and nothing else.

A page is read (`RawPage`), its articles are told apart (`ExtractedPage` of `Article`), copies of one text are folded
into a `Story`, and a `SearchRequest` is answered with a `SearchResult`. Positions in text are counted in Python string
indices (code points), start inclusive and end exclusive, and always point into the text as published.
"""

from __future__ import annotations

from searchapp.model.articles import (
    UNKNOWN_OUTLET,
    ArchiveDetails,
    Article,
    ArticleTimes,
    DateOrigin,
    ExtractedPage,
    RawPage,
    Reject,
    Statistics,
    Story,
)
from searchapp.model.requests import Interval, SearchField, SearchRequest, Sort
from searchapp.model.results import (
    Copy,
    Correction,
    CorrectionKind,
    FacetBucket,
    FacetName,
    Histogram,
    Hit,
    NoteCode,
    QueryNote,
    RankedStory,
    Ranking,
    ScorePart,
    ScorePartName,
    SearchResult,
    Snippet,
    UnderstoodQuery,
    UnderstoodTerm,
)
from searchapp.model.tokens import AnalyzedToken, TokenKind

__all__ = [
    "UNKNOWN_OUTLET",
    "AnalyzedToken",
    "ArchiveDetails",
    "Article",
    "ArticleTimes",
    "Copy",
    "Correction",
    "CorrectionKind",
    "DateOrigin",
    "ExtractedPage",
    "FacetBucket",
    "FacetName",
    "Histogram",
    "Hit",
    "Interval",
    "NoteCode",
    "QueryNote",
    "RankedStory",
    "Ranking",
    "RawPage",
    "Reject",
    "ScorePart",
    "ScorePartName",
    "SearchField",
    "SearchRequest",
    "SearchResult",
    "Snippet",
    "Sort",
    "Statistics",
    "Story",
    "TokenKind",
    "UnderstoodQuery",
    "UnderstoodTerm",
]
