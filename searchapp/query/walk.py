"""Walks over the syntax tree. None of them recurses, so a deep tree costs no stack."""

from __future__ import annotations

from searchapp.query.tree import And, DateRange, Expression, Not, Or, Phrase, Source, Word, Words


def positive_leaves(expression: Expression | None) -> tuple[Word | Phrase | Source | DateRange, ...]:
    """Everything that is asked for, in the query's order: all leaves that are not under a `Not`."""
    leaves: list[Word | Phrase | Source | DateRange] = []
    pending = [expression] if expression is not None else []
    while pending:
        node = pending.pop()
        if isinstance(node, And | Or | Words):
            pending.extend(reversed(node.members))
        elif not isinstance(node, Not):
            leaves.append(node)
    return tuple(leaves)


def positive_words(expression: Expression | None) -> tuple[Word | Phrase, ...]:
    """The words and phrases that may be highlighted, in the query's order: those that are not under a `Not`."""
    return tuple(leaf for leaf in positive_leaves(expression) if isinstance(leaf, Word | Phrase))
