"""Other searches for one that finds little: each is looked up, and offered when it finds clearly more."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cached_property, partial
from itertools import islice
from typing import Final

from searchapp.analysis.analyzer import ArabicAnalyzer, Forms
from searchapp.config import LIMITS, Limits
from searchapp.engine.protocol import Variants
from searchapp.engine.retrieval.core.snapshot import Snapshot
from searchapp.engine.retrieval.core.weights import TEXT_FIELDS, WEIGHTS, TextFieldName, Weights
from searchapp.engine.retrieval.requests import LITTLE, may_have_corrections
from searchapp.engine.retrieval.search import RunningSearch
from searchapp.engine.retrieval.spelling.spelling import (
    QueryWord,
    Respeller,
    Speller,
    Spelling,
    query_words,
    with_words,
)
from searchapp.engine.retrieval.terms.term_lists import TermLists
from searchapp.errors import LimitExceeded
from searchapp.model import Correction, CorrectionKind, SearchRequest, SearchResult
from searchapp.query.keyboard import with_other_layout
from searchapp.query.parser import parse
from searchapp.query.rewriting import rewritten
from searchapp.query.tree import Expression, Phrase, Word, Words

CLEARLY_MORE: Final = 3
"""How many times more another search must find."""
SPELLINGS_OF_ONE: Final = 2
"""A word alone may be meant for either of two; among others it is known by them."""
AS_LIKELY: Final = 2.0
"""How much less likely the second may be, in natural logarithms."""
FILTERS: Final = 8
"""How many filters are tried without; each is a search of its own."""
SHORTENED: Final = 5
"""Of more words than this not all are needed anyway."""
OFFERED: Final = 2
"""How many other wordings are offered."""


def with_corrections(
    result: SearchResult,
    snapshot: Snapshot,
    request: SearchRequest,
    analyzer: ArabicAnalyzer,
    weights: Weights = WEIGHTS,
    limits: Limits = LIMITS,
    variants: Variants | None = None,
) -> SearchResult:
    """The result with other searches, where it found little on its first page and they are asked for."""
    if not may_have_corrections(result, request):
        return result
    started = time.perf_counter()
    helper = Helper(snapshot, request, analyzer, weights, limits, variants, result.total)
    found = tuple(helper.corrections(result))
    return replace(result, corrections=found, took=result.took + time.perf_counter() - started)


class StrictSearch(RunningSearch):
    """A search that is only counted."""

    def total(self, *, relaxing: bool) -> int:
        """How many stories match and pass the filters; with `relaxing`, those with some of the words where few do."""
        if relaxing:
            return len(self._filtering.that_pass(self.match().counted))
        expression = self.parsed.expression
        strict = self._without_words() if expression is None else self.evaluator.strict(expression)
        return 0 if strict is None else len(self._filtering.that_pass(self._live(strict)))


class Helper:
    """Finds other searches for one request."""

    def __init__(
        self,
        snapshot: Snapshot,
        request: SearchRequest,
        analyzer: ArabicAnalyzer,
        weights: Weights,
        limits: Limits,
        variants: Variants | None,
        found: int,
    ) -> None:
        """`found` is how many stories the request itself found: where there is none, none matches strictly."""
        self._snapshot, self._analyzer, self._variants = snapshot, analyzer, variants
        self._weights, self._limits = weights, limits
        self._request = replace(request, corrections=False)
        self._parsed = parse(request.q, limits=limits).expression
        self._expression: Expression = self._parsed or Words(())
        self._words = query_words(self._parsed, analyzer)
        # Not a method: one that the speller held would keep this object until the garbage collector comes.
        self._frequency = partial(_frequency, snapshot, request, weights)
        self._counts: dict[str, int] = {}
        self._strict = self._count(request.q) if request.q and found else 0

    def corrections(self, result: SearchResult) -> Iterator[Correction]:
        """What finds clearly more than match strictly in other words, or than were found without a filter."""
        if self._parsed is not None:
            # The same words in other letters leave nothing to be asked by fewer words.
            yield from self._first_of(
                ("keyboard", self._on_other_keyboard),
                ("name", self._named),
                ("spelling", self._respelt),
                ("unquoted", self._unquoted),
                ("fewer_words", lambda: self._shorter(result)),
            )
        if result.total < LITTLE:
            yield from self._without_filters(result.total)

    def _first_of(self, *ways: tuple[CorrectionKind, Callable[[], Iterator[str]]]) -> Iterator[Correction]:
        """What the first of some ways finds that finds anything."""
        for kind, texts in ways:
            # Two spellings that the index takes for one find the same.
            found: dict[int, Correction] = {}
            for one in self._better(kind, texts()):
                found.setdefault(one.total, one)
            if found:
                yield from islice(found.values(), OFFERED)
                return

    def _on_other_keyboard(self) -> Iterator[str]:
        return with_other_layout(self._request.q)

    def _named(self) -> Iterator[str]:
        return self._respelled([word for word in self._suspects if word.is_latin], self._speller.names)

    def _respelt(self) -> Iterator[str]:
        return self._respelled(self._suspects, self._speller.spellings)

    @cached_property
    def _speller(self) -> Speller:
        return Speller(self._snapshot, self._analyzer, self._frequency)

    @cached_property
    def _suspects(self) -> list[QueryWord]:
        return self._speller.suspects(self._words)

    def _count(self, text: str) -> int:
        """How many stories match a query strictly; none for one that passes a limit."""
        if text not in self._counts:
            try:
                self._counts[text] = self._total(replace(self._request, q=text), relaxing=False)
            except LimitExceeded:
                self._counts[text] = 0
        return self._counts[text]

    def _total(self, request: SearchRequest, *, relaxing: bool) -> int:
        running = StrictSearch.of(self._snapshot, request, self._analyzer, self._weights, self._limits, None)
        return running.total(relaxing=relaxing)

    def _better(self, kind: CorrectionKind, texts: Iterator[str]) -> Iterator[Correction]:
        for text in texts:
            total = self._count(text) if text.strip() else 0
            if total >= max(1, CLEARLY_MORE * self._strict):
                yield Correction(kind, text, replace(self._request, q=text, corrections=True), total)

    def _respelled(self, suspects: list[QueryWord], spellings: Callable[[QueryWord], list[Spelling]]) -> Iterator[str]:
        apart = " OR " in rewritten(self._expression, lambda node: node)
        ways = Respeller(self._words, self._count, apart=apart).respellings(suspects, spellings)
        for way in ways[: SPELLINGS_OF_ONE if len(self._words) == 1 else 1]:
            if way.likelihood > ways[0].likelihood - AS_LIKELY:
                yield with_words(self._expression, way.changed)

    def _unquoted(self) -> Iterator[str]:
        """The words of phrases side by side."""

        def unquoted(node: Word | Phrase) -> Word | Phrase | Words:
            if isinstance(node, Word) or len(node.text.split()) < 2:
                return node
            return Words(tuple(Word(word, node.exact, field=node.field) for word in node.text.split()))

        text = rewritten(self._expression, unquoted)
        if text != rewritten(self._expression, lambda node: node):
            yield text

    def _shorter(self, result: SearchResult) -> Iterator[str]:
        """The query without the words that the archive lacks, or without one of its words: what finds most first.

        Of those that find as many, that without the earlier word comes first.
        """
        if not isinstance(self._expression, Words):
            return
        plain = [word for word in dict.fromkeys(self._words) if isinstance(word.node, Word)]
        if len(plain) > SHORTENED:
            return
        unknown = [word for word in plain if not self._frequency(word.forms)]
        left_out = [unknown] if unknown else [[word] for word in plain]
        texts = filter(None, dict.fromkeys(self._without(words) for words in left_out))
        # Where any word is enough, one word alone may find just what is shown already.
        shown = result.total if result.relaxed else 0
        yield from sorted((text for text in texts if self._count(text) != shown), key=lambda text: -self._count(text))

    def _without(self, words: list[QueryWord]) -> str:
        nodes = {word.node for word in words}
        return rewritten(self._expression, lambda node: None if node in nodes else node)

    def _without_filters(self, total: int) -> Iterator[Correction]:
        """The search without one of its filters, what finds most first."""
        first = replace(self._request, page=1)
        counted = [
            Correction("filter", name, replace(request, corrections=True), self._total(request, relaxing=True))
            for name, request in islice(without_each_filter(first), FILTERS)
        ]
        better = sorted((one for one in counted if one.total > total), key=lambda one: -one.total)
        yield from better
        if len(counted) > 1 and not better:
            plain = SearchRequest(q=first.q, sort=first.sort, per_page=first.per_page)
            everything = self._total(replace(plain, corrections=False), relaxing=True)
            if everything > total:
                yield Correction("filter", "", plain, everything)


def _frequency(snapshot: Snapshot, request: SearchRequest, weights: Weights, forms: Forms) -> int:
    """How many stories a word finds by its widest form."""
    lists = TermLists.of(snapshot, weights)
    fields: tuple[TextFieldName, ...] = ("title",) if request.field == "title" else TEXT_FIELDS
    if request.exact:
        return lists.find("exact", forms.exact, fields).frequency
    return lists.find("lemma", forms.lemma, fields).frequency


def without_each_filter(request: SearchRequest) -> Iterator[tuple[str, SearchRequest]]:
    """Each filter as `name=value`, and the search without it alone."""
    if request.field != "all":
        yield f"in={request.field}", replace(request, field="all")
    for name in request.sources:
        yield f"source={name}", replace(request, sources=tuple(one for one in request.sources if one != name))
    for name in request.not_sources:
        kept = tuple(one for one in request.not_sources if one != name)
        yield f"not_source={name}", replace(request, not_sources=kept)
    if request.date_from:
        yield f"from={request.date_from}", replace(request, date_from=None)
    if request.date_to:
        yield f"to={request.date_to}", replace(request, date_to=None)
    for value in request.when:
        yield f"when={value}", replace(request, when=tuple(one for one in request.when if one != value))
    if request.undated:
        yield "undated=1", replace(request, undated=False)
    if request.exact:
        yield "exact=1", replace(request, exact=False)
