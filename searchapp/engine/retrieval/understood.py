"""How a query was understood, for the reader: its words with their index terms, and what was mended on the way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from searchapp.engine.retrieval.core.construction import fast_constructor
from searchapp.engine.retrieval.core.leaf import Leaf, word_nodes
from searchapp.engine.retrieval.evaluate import Evaluator
from searchapp.engine.retrieval.terms.expansions import ExpansionMatcher
from searchapp.model import QueryNote, UnderstoodQuery, UnderstoodTerm
from searchapp.query.parser import ParsedQuery
from searchapp.query.tree import And, Expression, Not, Or, Words

_understood: Final = fast_constructor(UnderstoodQuery)
_understood_term: Final = fast_constructor(UnderstoodTerm)


def understood(evaluator: Evaluator) -> UnderstoodQuery:
    """Describe the query of a search."""
    reading = evaluator.reading
    if reading.understood is not None:
        return reading.understood
    parsed = reading.parsed
    found = [evaluator.leaf(node) for node in word_nodes(parsed.expression)]
    leaves = [leaf for leaf in found if leaf is not None]
    # Only stop words are ever left out.
    has_stops = any(leaf.stop for leaf in leaves)
    dropped = {leaf.key: leaf for leaf in _dropped(parsed.expression, evaluator)} if has_stops else {}
    notes = list(parsed.notes)
    if dropped:
        notes.append(QueryNote("stop_words_dropped", " ".join(leaf.text for leaf in dropped.values())))
    notes += [QueryNote("expansion_capped", text) for text in _capped(leaves, evaluator)]
    if parsed.text and not leaves and not _has_conditions(parsed) and not _is_noted(notes):
        notes.append(QueryNote("nothing_to_search", parsed.text))
    terms = tuple([_term(leaf, evaluator, bool(dropped) and leaf.key in dropped) for leaf in leaves])
    described = _understood(parsed.text, terms, tuple(notes))
    if not any(leaf.expansion for leaf in leaves):  # which words those stand for depends on the index and on limits
        reading.understood = described
    return described


def _capped(leaves: Sequence[Leaf], evaluator: Evaluator) -> Iterable[str]:
    """The words that stand for more terms than were taken, as they are written."""
    # A matcher reads postings: none is made here for a stop word that was left out.
    expanding = [(leaf.expansion, evaluator.matcher(leaf)) for leaf in leaves if leaf.expansion]
    capped = [word for word, found in expanding if isinstance(found, ExpansionMatcher) and found.capped]
    return dict.fromkeys([word.text + word.sign for word in capped])


def _dropped(expression: Expression | None, evaluator: Evaluator) -> Iterator[Leaf]:
    """The stop words that matching leaves out, in reading order."""
    if isinstance(expression, Words):
        yield from evaluator.plan(expression).dropped
    if isinstance(expression, And | Or | Words):
        for member in expression.members:
            yield from _dropped(member, evaluator)
    elif isinstance(expression, Not):
        yield from _dropped(expression.member, evaluator)


def _term(leaf: Leaf, evaluator: Evaluator, dropped: bool) -> UnderstoodTerm:
    matcher = evaluator.matcher(leaf) if leaf.expansion else None
    forms = matcher.expanded if isinstance(matcher, ExpansionMatcher) else leaf.shown
    variants = tuple([lemma for lemma, _ in leaf.variants])
    return _understood_term(leaf.text, forms, exact=leaf.exact, dropped=dropped, variants=variants)


def _has_conditions(parsed: ParsedQuery) -> bool:
    return parsed.expression is not None and not any(True for _ in word_nodes(parsed.expression))


def _is_noted(notes: list[QueryNote]) -> bool:
    return any(note.code == "nothing_to_search" for note in notes)
