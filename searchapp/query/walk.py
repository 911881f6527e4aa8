"""Walks over the syntax tree. None of them recurses, so a deep tree costs no stack."""

from __future__ import annotations

from typing import Final

from searchapp.query.tree import And, DateRange, Expression, Not, Or, Phrase, Source, Word, Words

# A tuple, made once: every search walks its tree more than once, and `And | Or | Words` makes a type anew each time.
_GROUPS: Final = (Words, And, Or)


def positive_leaves(expression: Expression | None) -> tuple[Word | Phrase | Source | DateRange, ...]:
    """Everything that is asked for, in the query's order: all leaves that are not under a `Not`."""
    leaves: list[Word | Phrase | Source | DateRange] = []
    pending = [expression] if expression is not None else []
    while pending:
        node = pending.pop()
        if isinstance(node, _GROUPS):
            pending.extend(reversed(node.members))
        elif not isinstance(node, Not):
            leaves.append(node)
    return tuple(leaves)


def positive_words(expression: Expression | None) -> tuple[Word | Phrase, ...]:
    """The words and phrases that may be highlighted, in the query's order: those that are not under a `Not`."""
    words: list[Word | Phrase] = []
    pending = [expression] if expression is not None else []
    while pending:
        node = pending.pop()
        if isinstance(node, (Word, Phrase)):
            words.append(node)
        elif isinstance(node, _GROUPS):
            pending.extend(reversed(node.members))
    return tuple(words)
