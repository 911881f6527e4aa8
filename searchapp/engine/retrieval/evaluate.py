"""Evaluates a query's syntax tree over a snapshot: what matches, strictly and relaxed, and how well.

Words side by side and words joined by one operator are evaluated flat, all postings into one array of scores; whatever
else a reader writes is built up from the matches of its parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from searchapp.analysis.analyzer import ArabicAnalyzer
from searchapp.config import LIMITS, Limits
from searchapp.engine.protocol import Variants
from searchapp.engine.retrieval.boolean.common_words import with_all
from searchapp.engine.retrieval.boolean.intersection import intersect
from searchapp.engine.retrieval.boolean.unions import Union
from searchapp.engine.retrieval.core.budget import Budget
from searchapp.engine.retrieval.core.leaf import Leaf
from searchapp.engine.retrieval.core.matches import NOTHING, AddedUp, Matches
from searchapp.engine.retrieval.core.snapshot import Snapshot
from searchapp.engine.retrieval.facets.copies import CopyColumns
from searchapp.engine.retrieval.phrases.phrases import PhraseMatcher
from searchapp.engine.retrieval.readings import Readings
from searchapp.engine.retrieval.terms.expansions import TERMS_TO_FIND, ExpansionMatcher
from searchapp.engine.retrieval.terms.matching import RANKED_TOGETHER, needed
from searchapp.engine.retrieval.terms.particles import JoinedParticles
from searchapp.engine.retrieval.terms.term_lists import TermLists
from searchapp.engine.retrieval.terms.word_lists import AnyList
from searchapp.engine.retrieval.terms.words import WordMatcher
from searchapp.model import UNKNOWN_OUTLET, SearchRequest
from searchapp.query.tree import And, DateRange, Expression, Not, Or, Phrase, Source, Word, Words

Matcher = WordMatcher | PhraseMatcher | ExpansionMatcher

# Tuples, made once: every search asks for them, and `Word | Phrase` makes a type anew each time.
_LEAVES: Final = (Word, Phrase)
_CONDITIONS: Final = (Source, DateRange)

FEW_STORIES: Final = 20_000
"""An archive of fewer is searched as if it had so many, where a limit counts by the stories of the archive."""


class Evaluator:
    """Answers one request's query. Each word is looked up once, however often it is asked for.

    A member without any word in it (punctuation) is None and plays no part. Matches may hold deleted documents.
    """

    def __init__(
        self,
        request: SearchRequest,
        lists: TermLists,
        copies: CopyColumns,
        analyzer: ArabicAnalyzer,
        limits: Limits = LIMITS,
        variants: Variants | None = None,
    ) -> None:
        self._request, self.lists, self.copies = request, lists, copies
        self._snapshot: Snapshot = lists.snapshot
        joined = self._joined_with(variants) if request.variants and lists.weights.variant else None
        self._analyzer, self._limits = analyzer, limits
        self.reading = Readings.of(self._snapshot, analyzer, joined).read(request, limits)
        # The words of this query after analysis, and how they take part.
        self.leaf, self.plan = self.reading.leaf, self.reading.plan
        self._matchers: dict[object, Matcher] = {}
        self._united: dict[tuple[int, ...], Matches] = {}
        self._expansions = Budget("query_expansions", limits.query_expansions)
        stories = max(self._snapshot.documents, FEW_STORIES)
        self._phrase_places = Budget("phrase_places", limits.phrase_places, stories)

    def _joined_with(self, variants: Variants | None) -> Variants:
        """The variants, and what the archive tells of particles; one object in each snapshot, as it is a key."""
        return self._snapshot.derived(("particles", variants), lambda: JoinedParticles(self._snapshot, variants))

    def strict(self, expression: Expression) -> Matches | None:
        """What matches as it was asked; None when there is no word in the query."""
        return self._evaluate(expression, relaxed=None)

    def relaxed(self, expression: Expression) -> Matches | None:
        """What matches when any of the plain words is enough; None when nothing of the query may be relaxed.

        Only words side by side on the top level may be: an explicit operator means what it says.
        """
        if not isinstance(expression, Words) or len(self.plan(expression).optional) < 2:
            return None
        return self._evaluate(expression, relaxed=expression)

    def is_long(self, expression: Expression) -> bool:
        """Whether a query has so many plain words that not all of them have to stand in a story."""
        return isinstance(expression, Words) and len(self.plan(expression).optional) > RANKED_TOGETHER

    def matcher(self, leaf: Leaf) -> Matcher:
        """What a word or phrase alone matches."""
        found = self._matchers.get(leaf.key)
        if found is None:
            found = self._matchers[leaf.key] = self._make(leaf)
        return found

    def _make(self, leaf: Leaf) -> Matcher:
        if leaf.expansion:
            return self._expand(leaf)
        if len(leaf.exact_terms) > 1:
            return PhraseMatcher(leaf, self.lists, self._phrase_places)
        return WordMatcher(leaf, self.lists)

    def _expand(self, leaf: Leaf) -> ExpansionMatcher:
        matcher = ExpansionMatcher(leaf, self.lists, self._limits.expansions)
        self._expansions.spend(max(len(matcher.expanded), 0 if leaf.is_prefix else TERMS_TO_FIND))
        return matcher

    def all_stories(self) -> Matches:
        """Every story, as an empty query finds them."""
        return Matches.constant(np.arange(self._snapshot.documents))

    def _evaluate(self, expression: Expression, relaxed: Words | None) -> Matches | None:
        if isinstance(expression, _LEAVES):
            leaf = self.leaf(expression)
            return None if leaf is None else self.matcher(leaf).matches
        if isinstance(expression, _CONDITIONS):
            return self._condition(expression)
        if isinstance(expression, Not):
            return self._complement(self._evaluate(expression.member, relaxed))
        if isinstance(expression, Words):
            return self._words(expression, relaxed)
        return self._joined(expression, relaxed)

    def _joined(self, expression: And | Or, relaxed: Words | None) -> Matches | None:
        flat = self._flat(expression.members)
        if flat is not None:
            return self._all_of(flat) if isinstance(expression, And) else self._any_of(flat)
        if isinstance(expression, And):
            return self._in_all(self._evaluate(member, relaxed) for member in expression.members)
        members = [self._evaluate(member, relaxed) for member in expression.members]
        searched = [member for member in members if member is not None]
        return self._at_least(1, searched) if searched else None

    def _flat(self, members: Sequence[Expression]) -> list[WordMatcher] | None:
        """The matchers of members that are all plain single words, each taken once."""
        found: list[WordMatcher] = []
        for member in members:
            leaf = self.leaf(member) if isinstance(member, Word) else None
            if leaf is None:
                return None
            matcher = self.matcher(leaf)
            # Leaves that match the same have one matcher.
            if not isinstance(matcher, WordMatcher) or matcher in found:
                return None
            found.append(matcher)
        return found

    def _words(self, words: Words, relaxed: Words | None) -> Matches | None:
        parts = self.plan(words)
        optional = [self.matcher(leaf) for leaf in parts.optional]
        searched: list[Matches | None] = []
        if optional:
            searched.append(self._some_of(optional, 1 if words is relaxed else needed(len(optional))))
        return self._in_all(chain(searched, (self._evaluate(member, relaxed) for member in parts.required)))

    def _in_all(self, members: Iterable[Matches | None]) -> Matches | None:
        """The documents that all members match; where nothing is left, the others are not looked at."""
        searched: list[Matches] = []
        left: NDArray[Any] = NOTHING.documents
        places: list[NDArray[np.intp]] = []
        for member in members:
            if member is None:
                continue
            documents: NDArray[Any] = member.documents
            if searched:
                left, (kept, there) = intersect([left, documents], self._snapshot.marks())
                places = [*([place.take(kept) for place in places] or [kept]), there]
            else:
                left = documents
            if not len(left):
                return NOTHING
            searched.append(member)
        if len(searched) < 2:
            return searched[0] if searched else None
        scores = np.zeros(len(left), np.float32)
        for member, place in zip(searched, places, strict=True):
            scores += member.scores.take(place)
        return Matches(left, scores)

    def _some_of(self, matchers: Sequence[Matcher], minimum: int) -> Matches:
        flat = [matcher for matcher in matchers if isinstance(matcher, WordMatcher)]
        if len(flat) == len(matchers):
            if minimum == len(flat):
                return self._all_of(flat)
            return self._any_of(flat) if minimum == 1 else self._many_of(flat, minimum)
        return self._at_least(minimum, [matcher.matches for matcher in matchers])

    def _any_of(self, words: Sequence[WordMatcher]) -> Matches:
        """Asked for twice where some of the words are enough: for those that have enough, and for all."""
        if len(words) == 1:
            return words[0].matches
        key = tuple(map(id, words))
        found = self._united.get(key)
        if found is None:
            found = self._united[key] = self._added_up(words)
        return found

    def _many_of(self, words: Sequence[WordMatcher], minimum: int) -> Matches:
        counts = np.zeros(self._snapshot.documents, np.uint16)
        for word in words:
            np.add.at(counts, word.documents(), np.uint16(1))
        united = self._any_of(words)
        return united.take(np.flatnonzero(counts.take(united.documents) >= minimum))

    def _added_up(self, words: Sequence[WordMatcher]) -> Matches:
        """The documents that have any of the words, with the sum of what the words give."""
        if self.lists.every_word_counts:
            return Union([part for word in words for part in word.lists], self._snapshot)
        sums = np.zeros(self._snapshot.documents, np.float32)
        for word in words:
            word.add_to(sums)
        return AddedUp(sums)

    def _all_of(self, words: Sequence[WordMatcher]) -> Matches:
        if len(words) == 1:
            return words[0].matches
        parts = [_intersection(lists, self._snapshot) for lists in _in_common(words, len(self._snapshot.parts))]
        if len(parts) == 1:
            return parts[0]
        if not parts:
            return NOTHING
        return Matches(
            np.concatenate([part.documents for part in parts]), np.concatenate([part.scores for part in parts])
        )

    def _condition(self, condition: Source | DateRange) -> Matches:
        if isinstance(condition, DateRange):
            copies = self.copies.within(condition.start, condition.end)
        else:
            copies = self.copies.from_outlets(self._outlets_written_as(condition.name))
        return Matches.constant(self.copies.documents_of(copies))

    def _outlets_written_as(self, name: str) -> list[str]:
        """The outlets whose name is written with the same words, whatever the spelling of letters."""
        wanted = self._fold(name)
        return [outlet for outlet in self.copies.outlet_names if self._fold(outlet) == wanted]

    def _fold(self, name: str) -> tuple[str, ...]:
        tokens = self._analyzer.analyze(name)
        return tuple(token.exact for token in tokens) if tokens else (name.strip() or UNKNOWN_OUTLET,)

    def _complement(self, matches: Matches | None) -> Matches | None:
        if matches is None:
            return None
        others = np.ones(self._snapshot.documents, bool)
        others[matches.documents] = False
        return Matches.constant(np.flatnonzero(others))

    def _at_least(self, minimum: int, members: Iterable[Matches]) -> Matches:
        """The documents that so many of the members match, each with the sum of its scores."""
        counts = np.zeros(self._snapshot.documents, np.uint16)
        sums = np.zeros(self._snapshot.documents, np.float32)
        for member in members:
            np.add.at(counts, member.documents, np.uint16(1))
            np.add.at(sums, member.documents, member.scores)
        documents = np.flatnonzero(counts >= minimum)
        return Matches(documents, sums.take(documents))


def _in_common(words: Sequence[WordMatcher], segments: int) -> list[list[AnyList]]:
    """For each segment that has all the words, their lists there."""
    if segments == 1:
        every = [part for word in words for part in word.lists]
        return [every] if len(every) == len(words) else []
    common = []
    for first in words[0].lists:
        found = [part for word in words for part in word.lists if part.base == first.base]
        if len(found) == len(words):
            common.append(found)
    return common


def _intersection(lists: Sequence[AnyList], snapshot: Snapshot) -> Matches:
    """The documents of one segment that have all words, with their scores."""
    if (found := with_all(lists, snapshot)) is not None:
        return found
    documents, rows = intersect([part.documents for part in lists], snapshot.marks())
    scores = lists[0].scores_at(rows[0])
    for part, row in zip(lists[1:], rows[1:], strict=True):
        scores += part.scores_at(row)
    numbers = documents.astype(np.intp)
    numbers += lists[0].base
    return Matches(numbers, scores)
