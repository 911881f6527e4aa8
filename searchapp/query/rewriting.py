"""Writes a query again with some of its words changed or left out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from searchapp.config import LIMITS
from searchapp.query.text import write
from searchapp.query.tree import DateRange, Expression, Not, Phrase, Source, Word, Words

DEPTH: Final = LIMITS.query_depth // 4
"""Brackets that the parser reads as nested; deeper ones are written only where they must be."""

Change = Callable[[Word | Phrase], "Word | Phrase | Words | None"]
"""What stands in a word's or phrase's place; None for nothing."""


def rewritten(expression: Expression, change: Change) -> str:
    """The query with every word and phrase that is asked for changed; empty when nothing is left of it."""
    changed = _changed(expression, change)
    return "" if changed is None else write(changed, DEPTH)


def _changed(expression: Expression, change: Change) -> Expression | None:
    """The parser keeps trees shallow, so that recursion is safe here."""
    if isinstance(expression, Word | Phrase):
        return change(expression)
    if isinstance(expression, Source | DateRange | Not):
        return expression
    members = [_changed(member, change) for member in expression.members]
    kept = tuple(member for member in members if member is not None)
    if len(kept) < 2:
        return kept[0] if kept else None
    return _flat(kept) if isinstance(expression, Words) else type(expression)(kept)


def _flat(members: tuple[Expression, ...]) -> Words:
    """Words in the place of one member of a list of words are members of it themselves."""
    flat: list[Expression] = []
    for member in members:
        flat.extend(member.members if isinstance(member, Words) else (member,))
    return Words(tuple(flat))
