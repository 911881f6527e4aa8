"""Queries as they were read: parsed, their words analysed, and what a reader is told of that.

Readers turn pages, sort and filter, and ask what others have just asked: what follows from the text of a query alone is
kept with the snapshot for a while.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from functools import cached_property
from operator import attrgetter
from typing import Final

import numpy as np
from numpy.typing import NDArray

from searchapp.analysis.analyzer import ArabicAnalyzer
from searchapp.config import LIMITS, Limits
from searchapp.engine.protocol import Variants
from searchapp.engine.retrieval.boolean.best_of_unions import FlatLists
from searchapp.engine.retrieval.boolean.common_words import ListsTogether
from searchapp.engine.retrieval.core.leaf import Leaf, analyze_leaf, word_nodes
from searchapp.engine.retrieval.core.recent import Recent
from searchapp.engine.retrieval.core.snapshot import Snapshot
from searchapp.engine.retrieval.highlighting.marking import worth_marking
from searchapp.engine.retrieval.marked_words import MarkedWords
from searchapp.engine.retrieval.ranking.character_ngrams import query_points
from searchapp.engine.retrieval.terms.matching import WordsPlan, plan
from searchapp.engine.retrieval.terms.particles import JoinedParticles
from searchapp.engine.retrieval.terms.term_lists import TermLists
from searchapp.engine.retrieval.terms.word_lists import AnyList
from searchapp.model import SearchRequest, UnderstoodQuery
from searchapp.query.parser import parse
from searchapp.query.tree import And, Expression, Or, Phrase, Word, Words
from searchapp.query.walk import positive_words

LEAVES_KEPT: Final = 4096
"""How many words and phrases are remembered as they were analysed: readers go on with the words that they have."""
READINGS_BYTES: Final = 8 << 20
"""How much memory the queries take that were asked of late, generously."""
_READING_BYTES: Final = 3584
_WORD_BYTES: Final = 768
_CHARACTER_BYTES: Final = 16
_WORD_VALUES: Final = attrgetter(*[one.name for one in fields(Word)])
_PHRASE_VALUES: Final = attrgetter(*[one.name for one in fields(Phrase)])
"""What makes two words, or two phrases, the same: a key that is hashed and compared without a step in Python."""

_Leaves = Recent[object, Leaf | None]


class Reading:
    """One query as it was read; many requests may share it, and threads. All but caches stays as it is."""

    def __init__(
        self,
        request: SearchRequest,
        analyzer: ArabicAnalyzer,
        variants: Variants | None,
        limits: Limits,
        leaves: _Leaves,
    ) -> None:
        """Read the query of a request.

        Raises:
            LimitExceeded: it is longer than `limits.query_characters`.
        """
        self.parsed = parse(request.q, limits=limits)
        self.understood: UnderstoodQuery | None = None
        """What a reader is told, once it is known, if it follows from the query alone."""
        self._request, self._analyzer, self._variants = request, analyzer, variants
        self._known = leaves
        # The nodes are kept with what was found: no other objects can then have their ids.
        self._leaves: dict[int, tuple[Word | Phrase, Leaf | None]] = {}
        self._plans: dict[int, tuple[Words, WordsPlan]] = {}
        self._plain: dict[int, tuple[And | Or, tuple[Leaf, ...] | None]] = {}
        self.asked_together: tuple[TermLists, Expression, tuple[ListsTogether, Sequence[Leaf]]] | None = None
        """What loops are asked for all words of a part of the query, segment by segment, for a set of weights."""
        self.asked_for_any: tuple[TermLists, Expression, Sequence[AnyList], FlatLists | None] | None = None
        """The lists of words of which one is enough, for a set of weights, and these for loops."""
        self.marked_words: MarkedWords | None = None
        """What is marked in hits, for a set of weights; of a query that has been asked again."""
        self.was_marked = False

    def leaf(self, node: Word | Phrase) -> Leaf | None:
        """The analysed form of a word or phrase of the query; None when it has no word in it."""
        asked = self._leaves.get(id(node))
        if asked is None:
            asked = self._leaves[id(node)] = node, self._analyzed(node)
        return asked[1]

    def _analyzed(self, node: Word | Phrase) -> Leaf | None:
        request = self._request
        values = _WORD_VALUES(node) if isinstance(node, Word) else _PHRASE_VALUES(node)
        key = node.__class__, values, request.exact, request.field
        found = self._known.get(key)
        if found is None:
            found = analyze_leaf(node, self._request, self._analyzer, self._variants)
            self._known.put(key, found, 1)
        return found

    def plan(self, words: Words) -> WordsPlan:
        """How the members of a part of the query take part."""
        found = self._plans.get(id(words))
        if found is None:
            found = self._plans[id(words)] = words, plan(words, self.leaf)
        return found[1]

    def plain_words(self, expression: And | Or) -> tuple[Leaf, ...] | None:
        """The words that an operator joins; None unless all are plain single words, and each another."""
        found = self._plain.get(id(expression))
        if found is None:
            found = self._plain[id(expression)] = expression, self._plain_words(expression.members)
        return found[1]

    def _plain_words(self, members: Sequence[Expression]) -> tuple[Leaf, ...] | None:
        found: dict[object, Leaf] = {}
        for member in members:
            leaf = self.leaf(member) if isinstance(member, Word) else None
            if leaf is None or not is_plain_word(leaf) or leaf.key in found:
                return None
            found[leaf.key] = leaf
        return tuple(found.values())

    @cached_property
    def words(self) -> tuple[Word | Phrase, ...]:
        """The words and phrases that are asked for."""
        return positive_words(self.parsed.expression)

    @cached_property
    def points(self) -> NDArray[np.uint32]:
        """The code points of its words, of which character n-grams are made."""
        return query_points(" ".join([word.text for word in self.words]))

    @cached_property
    def marked(self) -> Sequence[Leaf]:
        """What is marked in hits."""
        leaves = map(self.leaf, self.words)
        return worth_marking([leaf for leaf in leaves if leaf is not None])


def is_plain_word(leaf: Leaf) -> bool:
    """Whether it is a single word that stands for itself."""
    return leaf.expansion is None and len(leaf.exact_terms) == 1


class Readings:
    """The queries that were asked of a snapshot of late, as one analyzer and one table of variants read them."""

    def __init__(self, analyzer: ArabicAnalyzer, variants: Variants | None) -> None:
        self._analyzer, self._variants = analyzer, variants
        self._leaves: _Leaves = Recent(LEAVES_KEPT)
        self._kept: Recent[object, Reading] = Recent(READINGS_BYTES)

    @classmethod
    def of(
        cls, snapshot: Snapshot, analyzer: ArabicAnalyzer, variants: Variants | None, with_variants: bool
    ) -> Readings:
        """Those of a snapshot; where variants are wanted, also with what the archive tells of particles."""
        return snapshot.derived(
            ("readings", analyzer, variants, with_variants),
            lambda: cls(analyzer, JoinedParticles(snapshot, variants) if with_variants else None),
        )

    def read(self, request: SearchRequest, limits: Limits) -> Reading:
        """The query of a request as it is read. Raises as `Reading`."""
        if limits is not LIMITS:
            return self._read(request, limits)
        key = request.q, request.exact, request.field
        found = self._kept.get(key)
        if found is None:
            found = self._read(request, limits)
            words = sum([1 for _ in word_nodes(found.parsed.expression)])
            size = _READING_BYTES + _WORD_BYTES * words + _CHARACTER_BYTES * len(request.q)
            self._kept.put(key, found, size)
        return found

    def _read(self, request: SearchRequest, limits: Limits) -> Reading:
        return Reading(request, self._analyzer, self._variants, limits, self._leaves)
