"""The words and phrases of a query after analysis, and what each of them alone matches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from searchapp.analysis.analyzer import ArabicAnalyzer
from searchapp.engine.postings import POSITION_BITS, IntArray, Matches, TermSource
from searchapp.engine.weights import (
    FORM_WEIGHTS,
    FORMS,
    PREFIX_SCORE,
    TEXT_FIELDS,
    FloatArray,
    Form,
    TextFieldName,
    index_field,
    inverse_document_frequency,
    saturation,
    weight,
)
from searchapp.model import AnalyzedToken, SearchRequest
from searchapp.query.tree import And, Expression, Not, Or, Phrase, Word, Words


@dataclass(frozen=True, slots=True)
class Leaf:
    """A word or phrase as the index knows it: one token for a word, several for a phrase or for words written as one.

    `exact` asks for the very forms, `prefix` for words that begin with the last token, `title` for titles only.
    `quoted` is a phrase, in which very forms come first.
    """

    text: str
    tokens: tuple[AnalyzedToken, ...]
    exact: bool
    prefix: bool
    title: bool
    quoted: bool
    slop: int

    @property
    def stop(self) -> bool:
        """A stop word, which only counts where nothing else is asked for."""
        return not self.quoted and not self.prefix and all(token.stop for token in self.tokens)

    @property
    def key(self) -> tuple[object, ...]:
        """Equal for leaves that match the same, however they were written."""
        forms = tuple(token.exact for token in self.tokens)
        return forms, self.exact, self.prefix, self.title, self.quoted, self.slop

    @property
    def fields(self) -> tuple[TextFieldName, ...]:
        """The fields it is looked up in."""
        return ("title",) if self.title else TEXT_FIELDS

    @property
    def forms(self) -> tuple[Form, ...]:
        """The forms it is looked up by: a stop word's stem would match too much."""
        return ("exact",) if self.exact or self.stop else FORMS

    def terms(self, form: Form) -> tuple[str, ...]:
        """The index terms of one form, in order."""
        return tuple(token.exact if form == "exact" else token.stem for token in self.tokens)


@dataclass(frozen=True, slots=True)
class LeafResult:
    """What a leaf matches, its rarity for snippets, and the terms a prefix was expanded to."""

    matches: Matches
    rarity: float
    expanded: tuple[str, ...] = ()
    capped: bool = False


def analyze_leaf(node: Word | Phrase, request: SearchRequest, analyzer: ArabicAnalyzer) -> Leaf | None:
    """Analyse a word or phrase; None when it has no word in it."""
    tokens = tuple(analyzer.analyze(node.text))
    if not tokens:
        return None
    is_phrase = isinstance(node, Phrase)
    return Leaf(
        text=node.text,
        tokens=tokens,
        exact=node.exact or request.exact,
        prefix=isinstance(node, Word) and node.prefix,
        title=node.field == "title" or request.field == "title",
        quoted=is_phrase,
        slop=node.slop if isinstance(node, Phrase) else 0,
    )


def word_nodes(expression: Expression | None) -> Iterator[Word | Phrase]:
    """All words and phrases of a query in reading order, those that must not occur among them."""
    if isinstance(expression, Word | Phrase):
        yield expression
    elif isinstance(expression, Not):
        yield from word_nodes(expression.member)
    elif isinstance(expression, And | Or | Words):
        for member in expression.members:
            yield from word_nodes(member)


def look_up(leaf: Leaf, source: TermSource, expansions: int) -> LeafResult:
    """Find what a leaf matches. `expansions` is the most terms that a prefix may stand for."""
    if leaf.prefix:
        return _prefix(leaf, source, expansions)
    return _in_order(leaf, source)


class _Accumulator:
    """Scores by document number, and which documents were found at all."""

    def __init__(self, source: TermSource) -> None:
        self.found = np.zeros(source.document_count, dtype=np.bool_)
        self.scores = np.zeros(source.document_count, dtype=np.float64)

    def add(self, documents: IntArray, scores: FloatArray | float) -> None:
        """Documents must not repeat within one call."""
        self.found[documents] = True
        self.scores[documents] += scores

    def matches(self) -> Matches:
        documents = np.flatnonzero(self.found)
        return Matches(documents, self.scores[documents])


def _in_order(leaf: Leaf, source: TermSource) -> LeafResult:
    """A word, or words in their order, by all its forms; a quoted phrase in the very forms comes before all others."""
    sums = _Accumulator(source)
    rarity = 0.0
    for form in leaf.forms:
        documents, scores, idf = _score_form(leaf, form, source)
        sums.add(documents, scores)
        rarity = max(rarity, idf)
        if form == "exact" and leaf.quoted and "stem" in leaf.forms:
            sums.add(documents, _more_than_stems_give(leaf, source))
    return LeafResult(sums.matches(), rarity)


def _more_than_stems_give(leaf: Leaf, source: TermSource) -> float:
    """The bound of what the stems of a phrase can score: each field gives less than weight × idf."""
    return sum(weight(field, "stem") for field in leaf.fields) * _rarity(leaf, "stem", source)


def _rarity(leaf: Leaf, form: Form, source: TermSource) -> float:
    """The sum of the inverse document frequencies of a leaf's words, each over all searched fields."""
    return sum(
        inverse_document_frequency(source.document_count, len(_union(leaf.fields, form, term, source)))
        for term in leaf.terms(form)
    )


def _union(fields: Sequence[TextFieldName], form: Form, term: str, source: TermSource) -> IntArray:
    parts = [source.postings(index_field(field, form), term).documents for field in fields]
    filled = [part for part in parts if len(part)]
    if len(filled) == 1:
        return filled[0]
    return np.unique(np.concatenate(filled)) if filled else np.empty(0, dtype=np.int64)


def _score_form(leaf: Leaf, form: Form, source: TermSource) -> tuple[IntArray, FloatArray, float]:
    sums = _Accumulator(source)
    idf = _rarity(leaf, form, source)
    for field in leaf.fields:
        name = index_field(field, form)
        documents, frequencies = _occurrences(leaf, name, leaf.terms(form), source)
        if len(documents):
            lengths = source.lengths(name)[documents]
            sums.add(
                documents, weight(field, form) * idf * saturation(frequencies, lengths, source.average_length(name))
            )
    found = sums.matches()
    return found.documents, found.scores, idf * FORM_WEIGHTS[form]


def _occurrences(leaf: Leaf, field: str, terms: tuple[str, ...], source: TermSource) -> tuple[IntArray, FloatArray]:
    if len(terms) == 1:
        postings = source.postings(field, terms[0])
        return postings.documents, postings.frequencies
    ends = phrase_ends([source.places(field, term) for term in terms], leaf.slop)
    documents, counts = np.unique(ends >> POSITION_BITS, return_counts=True)
    return documents, counts.astype(np.float64)


def phrase_ends(places: Sequence[IntArray], slop: int) -> IntArray:
    """Where the last word of a phrase stands, given where each of its words stands.

    Each word must follow the one before it with at most `slop` other words between them. It is enough to look at the
    nearest place before each candidate.
    """
    reached = places[0]
    for following in places[1:]:
        if not len(reached):
            break
        nearest = np.searchsorted(reached, following) - 1
        distance = following - reached[np.maximum(nearest, 0)]
        reached = following[(nearest >= 0) & (distance <= slop + 1)]
    return reached


def _prefix(leaf: Leaf, source: TermSource, expansions: int) -> LeafResult:
    """Every story with a word that begins so, at a constant score; words glued before the prefix must stand too."""
    names = [index_field(field, "exact") for field in leaf.fields]
    expansion = source.expand(names, leaf.tokens[-1].exact, expansions)
    sums = _Accumulator(source)
    for name in names:
        for term in expansion.terms:
            sums.found[source.postings(name, term).documents] = True
    for token in leaf.tokens[:-1]:
        standing = np.zeros_like(sums.found)
        standing[_union(leaf.fields, "exact", token.exact, source)] = True
        sums.found &= standing
    matches = Matches.constant(np.flatnonzero(sums.found), PREFIX_SCORE)
    rarity = inverse_document_frequency(source.document_count, len(matches))
    return LeafResult(matches, rarity, expansion.terms, expansion.capped)
