"""From a request to its answer, over any index that offers terms, columns and stored texts."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from searchapp.analysis.analyzer import ArabicAnalyzer
from searchapp.config import LIMITS, Limits
from searchapp.engine.columns import Columns
from searchapp.engine.evaluate import Evaluator
from searchapp.engine.facets import facets
from searchapp.engine.filters import CopyFilter
from searchapp.engine.hits import Found, HitMaker, Shown
from searchapp.engine.matching import RELAX_BELOW
from searchapp.engine.ordering import order
from searchapp.engine.postings import BoolArray, Matches, TermSource
from searchapp.engine.requests import check
from searchapp.engine.snippets import Highlighter
from searchapp.engine.understood import understood
from searchapp.model import FacetBucket, FacetName, SearchRequest, SearchResult
from searchapp.query.parser import parse
from searchapp.query.walk import positive_words


@dataclass(frozen=True, slots=True)
class Index:
    """What an engine gives to a search: a snapshot of its terms, columns and stored texts (by document number)."""

    terms: TermSource
    columns: Columns
    stored: Callable[[int], Shown]
    generation: int


@dataclass(frozen=True, slots=True)
class _Matched:
    """What a query matches before filters. `strict` is among `all`; `relaxed` says that `all` may be more."""

    strict: Matches
    all: Matches
    relaxed: bool


def search(index: Index, request: SearchRequest, analyzer: ArabicAnalyzer, limits: Limits = LIMITS) -> SearchResult:
    """Answer a request.

    Raises:
        InvalidRequest: one of its values makes no sense.
        LimitExceeded: it passes one of the limits.
    """
    started = time.perf_counter()
    check(request, limits)
    running = _Search(index, request, analyzer, limits)
    matched = running.match()
    found, total = running.page(matched)
    maker = running.hit_maker()
    return SearchResult(
        total=total,
        exact=True,
        relaxed=matched.relaxed,
        hits=tuple(maker.make(story) for story in found),
        facets=running.facets(matched),
        query=understood(running.parsed, running.evaluator),
        corrections=(),
        took=time.perf_counter() - started,
        generation=index.generation,
    )


class _Search:
    """One request on its way: the parsed query, its evaluator and the filters that its copies pass."""

    def __init__(self, index: Index, request: SearchRequest, analyzer: ArabicAnalyzer, limits: Limits) -> None:
        self._index, self._request, self._analyzer = index, request, analyzer
        self.parsed = parse(request.q, limits=limits)
        self.evaluator = Evaluator(request, index.terms, index.columns, analyzer, limits)
        self._filters = CopyFilter.of(request, index.columns)
        self._passing_copies = self._filters.passing
        self._passing = index.columns.documents_of(self._passing_copies)
        self._days = index.columns.earliest(self._passing_copies)

    def match(self) -> _Matched:
        """What the query matches; whether to relax it is decided here, before filters, and holds for all of them."""
        expression = self.parsed.expression
        strict = self._without_words() if expression is None else self.evaluator.strict(expression)
        strict = Matches.none() if strict is None else strict
        if expression is not None and len(strict) < RELAX_BELOW:
            relaxed = self.evaluator.relaxed(expression)
            if relaxed is not None and len(relaxed) > len(strict):
                return _Matched(strict, relaxed, relaxed=True)
        return _Matched(strict, strict, relaxed=False)

    def page(self, matched: _Matched) -> tuple[list[Found], int]:
        """The stories of the page that was asked for, and the total."""
        end = self._request.page * self._request.per_page
        start = end - self._request.per_page
        is_strict = np.zeros(self._index.columns.document_count, dtype=np.bool_)
        is_strict[matched.strict.documents] = True
        main = matched.all.where(self._passing)
        ranked = self._ranked(main, is_strict)
        if end > len(main) and not matched.relaxed:
            ranked += self._ranked(self._following(is_strict), is_strict)
        found = [self._found(start + at, *row) for at, row in enumerate(ranked[start:end], start=1)]
        return found, len(main)

    def facets(self, matched: _Matched) -> Mapping[FacetName, tuple[FacetBucket, ...]]:
        """The facets of what matched, none if none are wanted."""
        if not self._request.facets:
            return {}
        return facets(self._request, matched.all.documents, self._filters, self._index.columns)

    def hit_maker(self) -> HitMaker:
        """What makes the hits of the page."""
        if not self._request.snippets:
            return HitMaker(self._index.stored, None)
        leaves = (self.evaluator.leaf(word) for word in positive_words(self.parsed.expression))
        words = [leaf for leaf in leaves if leaf is not None]
        highlighter = Highlighter(words, self._analyzer, lambda leaf: self.evaluator.result(leaf).rarity)
        return HitMaker(self._index.stored, highlighter)

    def _without_words(self) -> Matches:
        """An empty query finds everything, one of punctuation nothing."""
        unsearchable = any(note.code == "nothing_to_search" for note in self.parsed.notes)
        return Matches.none() if unsearchable else self.evaluator.all_stories()

    def _following(self, is_strict: BoolArray) -> Matches:
        """What comes below the strict matches when more hits are asked for than there are."""
        expression = self.parsed.expression
        relaxed = None if expression is None else self.evaluator.relaxed(expression)
        return Matches.none() if relaxed is None else relaxed.where(self._passing & ~is_strict)

    def _ranked(self, matches: Matches, is_strict: BoolArray) -> list[tuple[int, float, bool]]:
        """(document, score, whether it lacks words), best first."""
        documents, partial = matches.documents, ~is_strict[matches.documents]
        stories = self._index.columns.stories[documents]
        ranks = order(matches.scores, self._days[documents], stories, partial, self._request.sort)
        columns = documents[ranks], matches.scores[ranks], partial[ranks]
        return list(zip(*(column.tolist() for column in columns), strict=True))

    def _found(self, rank: int, document: int, score: float, relaxed: bool) -> Found:
        columns = self._index.columns
        first, last = np.searchsorted(columns.documents, [document, document + 1])
        passing = self._passing_copies[first:last].tolist()
        return Found(rank, document, int(columns.stories[document]), score, relaxed, passing)
