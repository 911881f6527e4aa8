"""From a request to its answer over a snapshot."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from searchapp.analysis.analyzer import ArabicAnalyzer
from searchapp.config import LIMITS, Limits
from searchapp.engine.retrieval.copies import ALL, CopyColumns, CopyFilter, Flags
from searchapp.engine.retrieval.evaluate import Evaluator
from searchapp.engine.retrieval.facets import facets
from searchapp.engine.retrieval.leaf import Leaf
from searchapp.engine.retrieval.marking import worth_marking
from searchapp.engine.retrieval.marks import PageMarks
from searchapp.engine.retrieval.matching import RELAX_BELOW
from searchapp.engine.retrieval.pages import Found, PageMaker
from searchapp.engine.retrieval.proximity import CANDIDATES, proximity
from searchapp.engine.retrieval.ranking import best, in_order
from searchapp.engine.retrieval.requests import check
from searchapp.engine.retrieval.snapshot import Snapshot
from searchapp.engine.retrieval.term_lists import TermLists
from searchapp.engine.retrieval.understood import understood
from searchapp.engine.retrieval.weights import WEIGHTS, Weights
from searchapp.engine.retrieval.words import NOTHING, Matches, WordMatcher
from searchapp.model import FacetBucket, FacetName, Hit, SearchRequest, SearchResult
from searchapp.query.parser import parse
from searchapp.query.walk import positive_words


@dataclass(frozen=True, slots=True)
class Matched:
    """What a query matches before filters. `strict` is among `all`; `relaxed` says that `all` may be more."""

    strict: Matches
    all: Matches
    relaxed: bool


def search(
    snapshot: Snapshot,
    generation: int,
    request: SearchRequest,
    analyzer: ArabicAnalyzer,
    weights: Weights = WEIGHTS,
    limits: Limits = LIMITS,
) -> SearchResult:
    """Answer a request.

    Raises:
        InvalidRequest: one of its values makes no sense.
        LimitExceeded: it passes one of the limits.
        IndexBroken: something that it reads does not fit its checksum.
    """
    started = time.perf_counter()
    check(request, limits)
    running = _Search(snapshot, request, analyzer, weights, limits)
    matched = running.match()
    found, total = running.page(matched)
    return SearchResult(
        total=total,
        exact=True,
        relaxed=matched.relaxed,
        hits=running.hits(found),
        facets=running.facets(matched),
        query=understood(running.parsed, running.evaluator),
        corrections=(),
        took=time.perf_counter() - started,
        generation=generation,
    )


class _Search:
    """One request on its way: the parsed query, its evaluator and the copies that pass its filters."""

    def __init__(
        self, snapshot: Snapshot, request: SearchRequest, analyzer: ArabicAnalyzer, weights: Weights, limits: Limits
    ) -> None:
        self._snapshot, self._request, self._weights = snapshot, request, weights
        self._columns = CopyColumns.of(snapshot)
        self._filters = CopyFilter.of(request, self._columns)
        self._passing = self._filters.passing()
        self._lists = TermLists.of(snapshot, weights)
        self.parsed = parse(request.q, limits=limits)
        self.evaluator = Evaluator(request, self._lists, self._columns, analyzer, limits)

    def match(self) -> Matched:
        """What the query matches; whether to relax it is decided here, before filters, and holds for all of them."""
        expression = self.parsed.expression
        strict = self._without_words() if expression is None else self.evaluator.strict(expression)
        strict = self._live(NOTHING if strict is None else strict)
        if expression is not None and len(strict) < RELAX_BELOW:
            relaxed = self._relaxed()
            if len(relaxed) > len(strict):
                return Matched(strict, relaxed, relaxed=True)
        return Matched(strict, strict, relaxed=False)

    def _without_words(self) -> Matches:
        """An empty query finds everything, one of punctuation nothing."""
        unsearchable = any(note.code == "nothing_to_search" for note in self.parsed.notes)
        return NOTHING if unsearchable else self.evaluator.all_stories()

    def _relaxed(self) -> Matches:
        expression = self.parsed.expression
        relaxed = None if expression is None else self.evaluator.relaxed(expression)
        return NOTHING if relaxed is None else self._live(relaxed)

    def _live(self, matches: Matches) -> Matches:
        return _kept(matches, self._snapshot.live().take(matches.documents)) if self._snapshot.has_deletes else matches

    def page(self, matched: Matched) -> tuple[list[Found], int]:
        """The stories of the page that was asked for, and the total.

        When a query was relaxed, all that have any of its words are ranked together: a story that lacks a common word
        may well be nearer to the matter than one that has them all. Where more hits are asked for than match strictly,
        the others follow below, and `total` stays strict.
        """
        end = self._request.page * self._request.per_page
        start = end - self._request.per_page
        if matched.relaxed:
            every = self._filtered(matched.all)
            full = frozenset(matched.strict.documents.tolist())
            ranked = self._ranked(every, end)
            rows, total = [(document, score, document not in full) for document, score in ranked], len(every)
        else:
            strict = self._filtered(matched.strict)
            rows, total = [(*row, False) for row in self._ranked(strict, end)], len(strict)
            if len(rows) < end:
                others = self._relaxed()
                if len(others) > len(matched.strict):
                    left = self._filtered(_without(others, matched.strict))
                    rows += [(*row, True) for row in self._ranked(left, end - len(rows))]
        found = [Found(rank, *row) for rank, row in enumerate(rows[start:end], start=start + 1)]
        return found, total

    @cached_property
    def _passing_copies(self) -> Flags | None:
        """Which of all copies pass; only asked for where a story may have several of them."""
        return None if self._passing is None or self._columns.documents is None else self._passing(ALL)

    @cached_property
    def _passing_documents(self) -> Flags | None:
        return None if self._passing_copies is None else self._columns.has_any(self._passing_copies)

    def _filtered(self, matches: Matches) -> Matches:
        if self._passing is None:
            return matches
        if self._passing_documents is not None:
            return _kept(matches, self._passing_documents.take(matches.documents))
        return _kept(matches, self._passing(matches.documents))

    def _ranked(self, matches: Matches, count: int) -> list[tuple[int, float]]:
        """(document, score) of the first matches, best first."""
        if not len(matches):
            return []
        words = self._near_words()
        days, stories = self._columns.earliest(self._passing_copies), self._snapshot.column("story/numbers")
        chosen = best(matches, days, stories, self._request.sort, max(count, CANDIDATES) if words else count)
        matches = Matches(matches.documents.take(chosen), matches.scores.take(chosen))
        if words:
            matches = self._with_proximity(matches, words, days, stories)
        documents, scores = matches.documents[:count].tolist(), matches.scores[:count].tolist()
        return list(zip(documents, scores, strict=True))

    def _near_words(self) -> list[WordMatcher]:
        """The words whose nearness counts: none unless there are two, and hits are sorted by relevance."""
        if self._request.sort != "relevance" or not self._weights.proximity:
            return []
        matchers = [self.evaluator.matcher(leaf) for leaf in self._marked_leaves()]
        words = [matcher for matcher in matchers if isinstance(matcher, WordMatcher)]
        return words if len(words) > 1 else []

    def _with_proximity(
        self, matches: Matches, words: list[WordMatcher], days: NDArray[np.int32], stories: NDArray[Any]
    ) -> Matches:
        """The best of the matches in the order that the nearness of words gives; the rest stay below."""
        first, rest = matches.documents[:CANDIDATES], matches.documents[CANDIDATES:]
        added = proximity(self._snapshot, words, first, self._weights)
        scores = (matches.scores[:CANDIDATES] + added).astype(np.float32)
        order = in_order(first, scores, days, stories)
        return Matches(
            np.concatenate([first.take(order), rest]), np.concatenate([scores.take(order), matches.scores[CANDIDATES:]])
        )

    def facets(self, matched: Matched) -> Mapping[FacetName, tuple[FacetBucket, ...]]:
        """The facets of what matched, none if none are wanted."""
        if not self._request.facets:
            return {}
        return facets(self._request, matched.all.documents, self._filters, self._columns)

    def hits(self, found: list[Found]) -> tuple[Hit, ...]:
        """The hits of the page."""
        if not found:
            return ()
        marks, shown, worths = None, [], []
        if self._request.snippets:
            shown = self._marked_leaves()
            marks = PageMarks(self._lists, [one.document for one in found], shown)
            # In whole numbers, sums are the same in whatever order they are made.
            worths = [round(self.evaluator.matcher(leaf).rarity * 1e6) for leaf in shown]
        maker = PageMaker(self._snapshot, self._columns, self._passing, marks, worths)
        return tuple([maker.make(one) for one in found])

    def _marked_leaves(self) -> list[Leaf]:
        """What is marked in hits."""
        leaves = (self.evaluator.leaf(word) for word in positive_words(self.parsed.expression))
        return worth_marking(leaf for leaf in leaves if leaf is not None)


def _kept(matches: Matches, flags: Flags) -> Matches:
    """The matches whose flag is set."""
    kept = np.flatnonzero(flags)
    return Matches(matches.documents.take(kept), matches.scores.take(kept))


def _without(matches: Matches, others: Matches) -> Matches:
    kept = np.flatnonzero(~np.isin(matches.documents, others.documents, assume_unique=True))
    return Matches(matches.documents.take(kept), matches.scores.take(kept))
