"""Evaluates a query's syntax tree over a snapshot: what matches, strictly and relaxed, and how well.

Words side by side and words joined by one operator are evaluated flat, all postings into one array of scores; whatever
else a reader writes is built up from the matches of its parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import chain
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from searchapp.analysis.analyzer import ArabicAnalyzer
from searchapp.config import LIMITS, Limits
from searchapp.engine.protocol import Variants
from searchapp.engine.retrieval.boolean.best_of_unions import FlatLists
from searchapp.engine.retrieval.boolean.common_words import AllOf, CommonWords, ListsTogether
from searchapp.engine.retrieval.boolean.intersection import intersect
from searchapp.engine.retrieval.boolean.unions import Union
from searchapp.engine.retrieval.core.budget import Budget
from searchapp.engine.retrieval.core.leaf import Leaf
from searchapp.engine.retrieval.core.matches import NOTHING, AddedUp, Matches
from searchapp.engine.retrieval.core.snapshot import Snapshot
from searchapp.engine.retrieval.facets.copies import CopyColumns
from searchapp.engine.retrieval.marked_words import Matcher
from searchapp.engine.retrieval.phrases.phrases import PhraseMatcher
from searchapp.engine.retrieval.readings import Readings, is_plain_word
from searchapp.engine.retrieval.terms.expansions import TERMS_TO_FIND, ExpansionMatcher
from searchapp.engine.retrieval.terms.matching import RANKED_TOGETHER, WordsPlan, needed
from searchapp.engine.retrieval.terms.term_lists import TermLists
from searchapp.engine.retrieval.terms.word_lists import AnyList
from searchapp.engine.retrieval.terms.words import WordMatcher
from searchapp.model import UNKNOWN_OUTLET, SearchRequest
from searchapp.query.tree import And, DateRange, Expression, Not, Or, Phrase, Source, Word, Words

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
        self._analyzer, self._limits = analyzer, limits
        with_variants = bool(request.variants and lists.weights.variant)
        self.reading = Readings.of(self._snapshot, analyzer, variants, with_variants).read(request, limits)
        self._matchers: dict[object, Matcher] = {}
        self._united: dict[tuple[int, ...], Matches] = {}

    def leaf(self, node: Word | Phrase) -> Leaf | None:
        """A word or phrase of this query after analysis."""
        return self.reading.leaf(node)

    def plan(self, words: Words) -> WordsPlan:
        """How the words of this query take part."""
        return self.reading.plan(words)

    @cached_property
    def _expansions(self) -> Budget:
        return Budget("query_expansions", self._limits.query_expansions)

    @cached_property
    def _phrase_places(self) -> Budget:
        return Budget("phrase_places", self._limits.phrase_places, max(self._snapshot.documents, FEW_STORIES))

    def strict(self, expression: Expression) -> Matches | None:
        """What matches as it was asked; None when there is no word in the query."""
        known = self._as_asked_before(expression)
        return self._evaluate(expression, relaxed=None) if known is None else known

    def _as_asked_before(self, expression: Expression) -> Matches | None:
        """The same of plain words joined by an operator that were asked for before, by what is kept of them."""
        together, any_of = self.reading.asked_together, self.reading.asked_for_any
        if together is not None and together[0] is self.lists and together[1] is expression:
            # Of words side by side, there may be others that are required.
            return self._together(*together[2]) if isinstance(expression, And) else None
        if any_of is not None and any_of[0] is self.lists and any_of[1] is expression:
            return Union(any_of[2], self._snapshot, flat=any_of[3])
        return None

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

    def _word(self, leaf: Leaf) -> WordMatcher:
        """The same for a plain single word."""
        found = self._matchers.get(leaf.key)
        if not isinstance(found, WordMatcher):
            found = self._matchers[leaf.key] = WordMatcher(leaf, self.lists)
        return found

    def _expand(self, leaf: Leaf) -> ExpansionMatcher:
        matcher = ExpansionMatcher(leaf, self.lists, self._limits.expansions)
        self._expansions.spend(max(len(matcher.expanded), 0 if leaf.is_prefix else TERMS_TO_FIND))
        return matcher

    def all_stories(self) -> Matches:
        """Every story, as an empty query finds them."""
        return Matches.constant(np.arange(self._snapshot.documents))

    def _evaluate(self, expression: Expression, relaxed: Words | None) -> Matches | None:
        # Not by one union of classes: that would be made anew each time.
        if isinstance(expression, Words):
            return self._words(expression, relaxed)
        if isinstance(expression, And) or isinstance(expression, Or):  # noqa: SIM101
            return self._joined(expression, relaxed)
        if isinstance(expression, Word) or isinstance(expression, Phrase):  # noqa: SIM101
            leaf = self.leaf(expression)
            return None if leaf is None else self.matcher(leaf).matches
        if isinstance(expression, Not):
            return self._complement(self._evaluate(expression.member, relaxed))
        return self._condition(expression)

    def _joined(self, expression: And | Or, relaxed: Words | None) -> Matches | None:
        leaves = self.reading.plain_words(expression)
        if leaves is not None:
            if isinstance(expression, And) and (found := self._all_by_loops(expression, leaves)) is not None:
                return found
            if isinstance(expression, Or) and len(leaves) > 1 and self.lists.every_word_counts:
                return self._united_lists(expression, leaves)
            words = [self._word(leaf) for leaf in leaves]
            return self._all_of(words) if isinstance(expression, And) else self._any_of(words)
        if isinstance(expression, And):
            return self._in_all(self._evaluate(member, relaxed) for member in expression.members)
        members = [self._evaluate(member, relaxed) for member in expression.members]
        searched = [member for member in members if member is not None]
        return self._at_least(1, searched) if searched else None

    def _words(self, words: Words, relaxed: Words | None) -> Matches | None:
        parts = self.plan(words)
        searched: list[Matches | None] = []
        if parts.optional:
            minimum = 1 if words is relaxed else needed(len(parts.optional))
            found = None
            if minimum == len(parts.optional) and all(map(is_plain_word, parts.optional)):
                found = self._all_by_loops(words, parts.optional)
            if found is None:
                found = self._some_of([self.matcher(leaf) for leaf in parts.optional], minimum)
            searched.append(found)
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

    def _united_lists(self, expression: Or, leaves: Sequence[Leaf]) -> Union:
        """What has any of some words, of which each occurrence counts.

        Their lists are kept with the query where they are stretches of segments, which take no memory of their own.
        """
        found = [part for leaf in leaves for part in self._word(leaf).lists]
        flat = FlatLists.of_segment(found)
        if all(part.whole for part in found):
            self.reading.asked_for_any = self.lists, expression, found, flat
        return Union(found, self._snapshot, flat=flat)

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

    def _all_by_loops(self, expression: And | Words, leaves: Sequence[Leaf]) -> Matches | None:
        """What has all of some plain words, by loops; None where these are not to be had, and of one word.

        What they are asked is kept with the query.
        """
        if len(leaves) < 2:
            return None
        known = self.reading.asked_together
        if known is not None and known[0] is self.lists and known[1] is expression:
            return self._together(*known[2])
        segments = _in_common([self._word(leaf) for leaf in leaves], len(self._snapshot.parts))
        asked = [AllOf.of(lists) for lists in segments]
        if None in asked:
            return None
        self.reading.asked_together = self.lists, expression, (ListsTogether(segments), leaves)
        return self._common([one for one in asked if one is not None], leaves)

    def _together(self, asked: ListsTogether, leaves: Sequence[Leaf]) -> Matches:
        return self._common(asked.for_loops(), leaves)

    def _common(self, every: Sequence[AllOf], leaves: Sequence[Leaf]) -> Matches:
        return CommonWords(every, self._snapshot, lambda: self._all_of([self._word(leaf) for leaf in leaves]))

    def _condition(self, condition: Source | DateRange) -> Matches:
        if isinstance(condition, DateRange):
            copies = self.copies.within(condition.start, condition.end)
        else:
            copies = self.copies.from_outlets(self._outlets_written_as(condition.name))
        return Matches.constant(self.copies.documents_of(copies))

    def _outlets_written_as(self, name: str) -> list[str]:
        """The outlets whose name is written with the same words, whatever the spelling of letters."""
        return self._snapshot.derived("outlets by words", self._outlets_by_words).get(self._fold(name), [])

    def _outlets_by_words(self) -> dict[tuple[str, ...], list[str]]:
        """Kept with the snapshot: an archive may have thousands of outlets."""
        found: dict[tuple[str, ...], list[str]] = {}
        for outlet in self.copies.outlet_names:
            found.setdefault(self._fold(outlet), []).append(outlet)
        return found

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
    documents, rows = intersect([part.documents for part in lists], snapshot.marks())
    scores = lists[0].scores_at(rows[0])
    for part, row in zip(lists[1:], rows[1:], strict=True):
        scores += part.scores_at(row)
    numbers = documents.astype(np.intp)
    numbers += lists[0].base
    return Matches(numbers, scores)
