"""Evaluates a query's syntax tree over numpy arrays: what matches, strictly and relaxed, and how well."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from searchapp.analysis.analyzer import ArabicAnalyzer
from searchapp.config import LIMITS, Limits
from searchapp.engine.columns import Columns
from searchapp.engine.filters import within
from searchapp.engine.leaves import Leaf, LeafResult, analyze_leaf, look_up
from searchapp.engine.matching import needed, plan
from searchapp.engine.postings import BoolArray, Matches, TermSource
from searchapp.model import UNKNOWN_OUTLET, SearchRequest
from searchapp.query.tree import And, DateRange, Expression, Not, Phrase, Source, Word, Words


class Evaluator:
    """Answers one request's query. Each word is looked up once, however often it is asked for.

    A member without any word in it (punctuation) is None and plays no part.
    """

    def __init__(
        self,
        request: SearchRequest,
        source: TermSource,
        columns: Columns,
        analyzer: ArabicAnalyzer,
        limits: Limits = LIMITS,
    ) -> None:
        self._request, self._source, self._columns = request, source, columns
        self._analyzer, self._limits = analyzer, limits
        self._leaves: dict[Word | Phrase, Leaf | None] = {}
        self._results: dict[object, LeafResult] = {}

    def strict(self, expression: Expression) -> Matches | None:
        """What matches as it was asked; None when there is no word in the query."""
        return self._evaluate(expression, relaxed=None)

    def relaxed(self, expression: Expression) -> Matches | None:
        """What matches when any of the plain words is enough; None when nothing of the query may be relaxed.

        Only words side by side on the top level may be: an explicit operator means what it says.
        """
        if not isinstance(expression, Words) or len(plan(expression, self.leaf).optional) < 2:
            return None
        return self._evaluate(expression, relaxed=expression)

    def leaf(self, node: Word | Phrase) -> Leaf | None:
        """The analysed form of a word or phrase of this query."""
        if node not in self._leaves:
            self._leaves[node] = analyze_leaf(node, self._request, self._analyzer)
        return self._leaves[node]

    def result(self, leaf: Leaf) -> LeafResult:
        """What a word or phrase alone matches."""
        if leaf.key not in self._results:
            self._results[leaf.key] = look_up(leaf, self._source, self._limits.expansions)
        return self._results[leaf.key]

    def all_stories(self) -> Matches:
        """Every story, as an empty query finds them."""
        return Matches.constant(np.flatnonzero(self._columns.live))

    def _evaluate(self, expression: Expression, relaxed: Words | None) -> Matches | None:
        if isinstance(expression, Word | Phrase):
            leaf = self.leaf(expression)
            return None if leaf is None else self.result(leaf).matches
        if isinstance(expression, Source | DateRange):
            return self._condition(expression)
        if isinstance(expression, Not):
            return self._complement(self._evaluate(expression.member, relaxed))
        if isinstance(expression, Words):
            return self._words(expression, relaxed)
        members = [self._evaluate(member, relaxed) for member in expression.members]
        searched = [member for member in members if member is not None]
        minimum = len(searched) if isinstance(expression, And) else 1
        return self._at_least(minimum, searched) if searched else None

    def _condition(self, condition: Source | DateRange) -> Matches:
        if isinstance(condition, DateRange):
            copies = within(self._columns, condition.start, condition.end)
        else:
            copies = self._from_outlet(condition.name)
        return Matches.constant(np.flatnonzero(self._columns.documents_of(copies)))

    def _from_outlet(self, name: str) -> BoolArray:
        """The copies of outlets whose name is written with the same words, whatever the spelling of letters."""
        wanted = self._fold(name)
        names = [outlet for outlet in self._columns.outlet_names if self._fold(outlet) == wanted]
        return np.isin(self._columns.outlets, self._columns.outlet_codes(names))

    def _fold(self, name: str) -> tuple[str, ...]:
        tokens = self._analyzer.analyze(name)
        return tuple(token.exact for token in tokens) if tokens else (name.strip() or UNKNOWN_OUTLET,)

    def _complement(self, matches: Matches | None) -> Matches | None:
        if matches is None:
            return None
        others = self._columns.live.copy()
        others[matches.documents] = False
        return Matches.constant(np.flatnonzero(others))

    def _words(self, words: Words, relaxed: Words | None) -> Matches | None:
        parts = plan(words, self.leaf)
        optional = [self.result(leaf).matches for leaf in parts.optional]
        required = [self._evaluate(member, relaxed) for member in parts.required]
        searched = [member for member in required if member is not None]
        if optional:
            searched.append(self._at_least(1 if words is relaxed else needed(len(optional)), optional))
        return self._at_least(len(searched), searched) if searched else None

    def _at_least(self, minimum: int, members: Iterable[Matches]) -> Matches:
        """The documents that so many of the members match, each with the sum of its scores."""
        counts = np.zeros(self._columns.document_count, dtype=np.int64)
        scores = np.zeros(self._columns.document_count, dtype=np.float64)
        for member in members:
            counts[member.documents] += 1
            scores[member.documents] += member.scores
        documents = np.flatnonzero(counts >= minimum)
        return Matches(documents, scores[documents])
