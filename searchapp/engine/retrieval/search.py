"""From a request to its answer over a snapshot."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from searchapp.analysis.analyzer import ArabicAnalyzer
from searchapp.config import LIMITS, Limits
from searchapp.engine.protocol import Variants
from searchapp.engine.retrieval.core.construction import fast_constructor
from searchapp.engine.retrieval.core.matches import NOTHING, Matches
from searchapp.engine.retrieval.core.snapshot import Snapshot
from searchapp.engine.retrieval.core.weights import WEIGHTS, Weights
from searchapp.engine.retrieval.evaluate import Evaluator
from searchapp.engine.retrieval.explanation import explain
from searchapp.engine.retrieval.facets.copies import CopyColumns
from searchapp.engine.retrieval.facets.facet_counts import foresee
from searchapp.engine.retrieval.facets.facets import facets
from searchapp.engine.retrieval.facets.filtering import Filtering
from searchapp.engine.retrieval.facets.histogram import histogram
from searchapp.engine.retrieval.highlighting.marks import PageMarks
from searchapp.engine.retrieval.highlighting.pages import Found, PageMaker
from searchapp.engine.retrieval.identifying import ranked_stories
from searchapp.engine.retrieval.marked_words import MarkedWords
from searchapp.engine.retrieval.ranking.character_ngrams import SENTENCE_WORDS, ngram_shares
from searchapp.engine.retrieval.ranking.ranking import best, rescored
from searchapp.engine.retrieval.ranking.recency import Recency
from searchapp.engine.retrieval.ranking.rescoring import CANDIDATES, together
from searchapp.engine.retrieval.ranking.standing_words import Asked
from searchapp.engine.retrieval.ranking.together import NO_GAINS, Gains, Read
from searchapp.engine.retrieval.requests import check
from searchapp.engine.retrieval.terms.matching import RELAX_BELOW
from searchapp.engine.retrieval.terms.term_lists import TermLists
from searchapp.engine.retrieval.understood import understood
from searchapp.frozen import dataclass
from searchapp.model import (
    FacetBucket,
    FacetName,
    Histogram,
    Hit,
    QueryNote,
    RankedStory,
    SearchRequest,
    SearchResult,
    UnderstoodQuery,
)
from searchapp.query.tree import Or, Words

_page_maker: Final = fast_constructor(PageMaker)
_result: Final = fast_constructor(SearchResult)
_found: Final[Callable[[tuple[int, NDArray[np.intp], list[float], list[bool]]], Found]] = partial(tuple.__new__, Found)
"""As the class makes them, in one step."""
_NO_LETTERS: Final = np.empty(0)


@dataclass(frozen=True, slots=True)
class Matched:
    """What a query matches before filters.

    `strict` is among `ranked`, the hits that are ranked together. `relaxed` says that all of those count.
    """

    strict: Matches
    ranked: Matches
    relaxed: bool

    @property
    def counted(self) -> Matches:
        """What `total` and facets count."""
        return self.ranked if self.relaxed else self.strict


_matched: Final = fast_constructor(Matched)


def search(
    snapshot: Snapshot,
    generation: int,
    request: SearchRequest,
    analyzer: ArabicAnalyzer,
    weights: Weights = WEIGHTS,
    limits: Limits = LIMITS,
    variants: Variants | None = None,
) -> SearchResult:
    """Answer a request.

    Raises:
        InvalidRequest: one of its values makes no sense.
        LimitExceeded: it passes one of the limits.
        IndexBroken: something that it reads does not fit its checksum.
    """
    started = time.perf_counter()
    check(request, limits)
    running = RunningSearch.of(snapshot, request, analyzer, weights, limits, variants)
    matched = running.match()
    running.foresee_facets(matched)
    # In this order: who finds the best may count facets, too, and who counts these knows how many there are.
    found, counted, total = running.page(matched), running.facets(matched), running.count(matched)
    return _result(
        total=total,
        lacking=running.lacking(matched, total),
        exact=True,
        relaxed=matched.relaxed,
        hits=running.hits(found),
        facets=counted,
        query=running.understood(),
        corrections=(),
        took=time.perf_counter() - started,
        generation=generation,
        histogram=running.histogram(matched),
    )


def ranking(
    snapshot: Snapshot,
    request: SearchRequest,
    analyzer: ArabicAnalyzer,
    weights: Weights = WEIGHTS,
    limits: Limits = LIMITS,
    variants: Variants | None = None,
) -> tuple[RankedStory, ...]:
    """The hits that `search` answers a request with, without anything that is shown of them. Raises as `search`."""
    check(request, limits)
    running = RunningSearch.of(snapshot, request, analyzer, weights, limits, variants)
    return ranked_stories(snapshot, running.page(running.match()))


class RunningSearch:
    """One request on its way: the parsed query, its evaluator and the copies that pass its filters."""

    def __init__(self, snapshot: Snapshot, request: SearchRequest, evaluator: Evaluator) -> None:
        self._snapshot, self._request, self.evaluator = snapshot, request, evaluator
        self._lists, self._columns = evaluator.lists, evaluator.copies
        self._weights = self._lists.weights
        self._recency = self._find_recency()
        self._filtering = Filtering(request, self._columns)
        self.parsed = evaluator.reading.parsed
        self._marked: MarkedWords | None = None
        self._read: Sequence[Read] = ()
        self._gains: dict[int, Gains] = {}
        """Document → what the words gave to it together."""

    @classmethod
    def of(
        cls,
        snapshot: Snapshot,
        request: SearchRequest,
        analyzer: ArabicAnalyzer,
        weights: Weights,
        limits: Limits,
        variants: Variants | None,
    ) -> Self:
        """A search for these weights and spelling variants."""
        key = "for searches", None if weights is WEIGHTS else weights  # the hash of weights is that of many numbers
        lists, copies = snapshot.derived(key, lambda: (TermLists.of(snapshot, weights), CopyColumns.of(snapshot)))
        return cls(snapshot, request, Evaluator(request, lists, copies, analyzer, limits, variants))

    def match(self) -> Matched:
        """What the query matches; whether to relax it is decided here, before filters, and holds for all of them."""
        expression = self.parsed.expression
        strict = self._without_words() if expression is None else self.evaluator.strict(expression)
        strict = self._live(NOTHING if strict is None else strict)
        if isinstance(expression, Words) and self._request.relax:
            few = len(strict) < RELAX_BELOW
            ranked = self._relaxed() if few or self.evaluator.is_long(expression) else strict
            if len(ranked) > len(strict):
                return _matched(strict, ranked, relaxed=few)
        return _matched(strict, strict, relaxed=False)

    def _without_words(self) -> Matches:
        """An empty query finds everything, one of punctuation nothing."""
        unsearchable = any(note.code == "nothing_to_search" for note in self.parsed.notes)
        return NOTHING if unsearchable else self.evaluator.all_stories()

    def _relaxed(self) -> Matches:
        expression = self.parsed.expression
        relaxed = None if expression is None else self.evaluator.relaxed(expression)
        return NOTHING if relaxed is None else self._live(relaxed)

    def _live(self, matches: Matches) -> Matches:
        if not self._snapshot.has_deletes:
            return matches
        return matches.among(self._snapshot.live())

    def understood(self) -> UnderstoodQuery:
        """How the query was read and ranked."""
        found = understood(self.evaluator)
        if self._recency is None:
            return found
        return replace(found, notes=(*found.notes, QueryNote("ranked_by_recency", str(self._recency.half_life))))

    def count(self, matched: Matched) -> int:
        """How many stories match and pass the filters."""
        return len(self._filtering.that_pass(matched.counted))

    def page(self, matched: Matched) -> Found:
        """The stories of the page that was asked for, best first.

        Where stories that lack some words were let in, all are ranked together: one that lacks a common word may well
        be nearer to the matter than one that has them all. Where more hits are asked for than match, the others follow
        below, and `total` stays strict.
        """
        request = self._request
        end = request.page * request.per_page
        start = end - request.per_page
        ranked = self._in_order(self._filtering.that_pass(matched.ranked), end)
        documents, scores = ranked.documents, ranked.scores.tolist()
        relaxed = [False] * len(scores)
        if matched.ranked is not matched.strict:
            full = frozenset(matched.strict.documents.tolist())
            relaxed = [document not in full for document in documents.tolist()]
        elif len(scores) < end and request.relax and isinstance(self.parsed.expression, Words):
            others = self._others(matched.strict, end - len(scores))
            documents = np.concatenate([documents, others.documents])
            scores += others.scores.tolist()
            relaxed += [True] * len(others)
        if start:
            documents, scores, relaxed = documents[start:], scores[start:], relaxed[start:]
        return _found((start + 1, documents, scores, relaxed))

    def _others(self, strict: Matches, count: int) -> Matches:
        """The first of those that lack some of the words, where there are any."""
        others = self._relaxed()
        if len(others) <= len(strict):
            return NOTHING
        return self._in_order(self._filtering.that_pass(self._without(others, strict)), count)

    def _without(self, matches: Matches, others: Matches) -> Matches:
        flags = np.ones(self._snapshot.documents, bool)
        flags[others.documents] = False
        return matches.among(flags)

    def lacking(self, matched: Matched, total: int) -> int:
        """How many stories that `total` does not count are ranked among those that it does."""
        return 0 if matched.ranked is matched.counted else len(self._filtering.that_pass(matched.ranked)) - total

    def _find_recency(self) -> Recency | None:
        """How newer stories are preferred, where that is asked for and hits are sorted by relevance."""
        request = self._request
        if not request.recency or request.sort != "relevance":
            return None
        return Recency.of(request.recency, request.recency_from, self._columns.days, self._weights.recency)

    def _in_order(self, matches: Matches, count: int) -> Matches:
        """The first matches, best first."""
        words = self._together()
        days, stories = self._filtering.earliest(), self._columns.stories
        if self._recency:
            factors = self._recency.factors(days.take(matches.documents))
            matches = Matches(matches.documents, matches.scores * factors)
        if words is None:
            first = best(matches, days, stories, self._request.sort, count)
        else:
            matches = matches.highest(max(count, CANDIDATES))
            there = len(matches)
            if not there:
                return matches
            # So few are put in order by what the words give together, whatever their order is.
            few = there <= CANDIDATES
            first = matches if few else best(matches, days, stories, self._request.sort, max(count, CANDIDATES))
            first = self._rescored(first, words, days, stories)
        return first if len(first) <= count else Matches(first.documents[:count], first.scores[:count])

    def _together(self) -> Asked | None:
        """The words that are weighed together: none unless there are two, and hits are sorted by relevance."""
        weights = self._weights
        if self._request.sort != "relevance" or not (weights.proximity or weights.coverage or weights.ngrams):
            return None
        return self._marked_words().asked

    def _rescored(self, matches: Matches, words: Asked, days: NDArray[np.int32], stories: NDArray[Any]) -> Matches:
        """The best of the matches in the order that the words together give; the rest stay below."""
        documents, scores = matches.documents, matches.scores
        if len(documents) > CANDIDATES:
            documents, scores = documents[:CANDIDATES], scores[:CANDIDATES]
        letters = self._ngram_shares(documents)
        factors = self._recency.factors(days.take(documents)) if self._recency else None
        order = None
        if factors is None:
            order = scores, _NO_LETTERS if letters is None else letters, days, stories
        any_of_them = isinstance(self.parsed.expression, Or)
        weighed = together(self._snapshot, words, documents, self._weights, likely_lacking=any_of_them, order=order)
        self._read = self._read or weighed.read
        if self._request.explain:
            shares = np.zeros(len(documents)) if letters is None else letters
            gains = (of_words._replace(ngrams=share) for of_words, share in zip(weighed.gains(), shares, strict=True))
            self._gains.update(zip(documents.tolist(), gains, strict=True))
        first = weighed.ranked
        if first is None:
            first = rescored(Matches(documents, scores), weighed, letters, self._weights, factors, days, stories)
        if len(matches) <= CANDIDATES:
            return first
        return Matches(
            np.concatenate([first.documents, matches.documents[CANDIDATES:]]),
            np.concatenate([first.scores, matches.scores[CANDIDATES:]]),
        )

    def _ngram_shares(self, documents: NDArray[np.intp]) -> NDArray[np.float64] | None:
        """How much of the query stands letter by letter at the beginning of some documents; None if it says nothing."""
        reading = self.evaluator.reading
        if not self._weights.ngrams or len(reading.words) < SENTENCE_WORDS:
            return None
        return ngram_shares(self._snapshot, reading.points, documents)

    def foresee_facets(self, matched: Matched) -> None:
        """Let what matched know that facets will be counted."""
        if self._request.facets and matched.counted.is_late:
            foresee(self._filtering.for_facets(matched.counted)[0], self._columns)

    def facets(self, matched: Matched) -> Mapping[FacetName, tuple[FacetBucket, ...]]:
        """The facets of what matched, none if none are wanted."""
        if not self._request.facets:
            return {}
        return facets(self._request, matched.counted, self._filtering, self._columns)

    def histogram(self, matched: Matched) -> Histogram | None:
        """Counts over time of what matched and passes the filters, if they are wanted."""
        if self._request.histogram is None:
            return None
        counted = self._filtering.that_pass(matched.counted).documents
        return histogram(self._request, counted, self._filtering.passing, self._columns)

    def hits(self, found: Found) -> tuple[Hit, ...]:
        """The hits of the page."""
        if not found.scores:
            return ()
        marks = None
        if self._request.snippets:
            marks = PageMarks(self._marked_words(), self._read)
        hits = _page_maker(self._snapshot, self._columns, self._filtering.passing, marks).make(found)
        return self._explained(hits, found) if self._request.explain else hits

    def _explained(self, hits: tuple[Hit, ...], found: Found) -> tuple[Hit, ...]:
        documents = found.documents.tolist()
        gains = [self._gains.get(document, NO_GAINS) for document in documents]
        factors = self._recency.factors(self._filtering.earliest().take(documents)).tolist() if self._recency else None
        parts = explain(self.evaluator, self._lists, self.evaluator.reading.marked, documents, gains, factors)
        return tuple(replace(hit, explanation=of_hit) for hit, of_hit in zip(hits, parts, strict=True))

    def _marked_words(self) -> MarkedWords:
        """What is marked in hits; kept with the query, as most is asked for again."""
        found = self._marked
        if found is None:
            reading = self.evaluator.reading
            found = reading.marked_words
            if found is None or found.lists is not self._lists:
                found = MarkedWords.of(self._lists, reading.marked, self.evaluator.matcher)
                reading.marked_words = found.to_be_kept() if reading.was_marked else None
                reading.was_marked = True
            self._marked = found
        return found
