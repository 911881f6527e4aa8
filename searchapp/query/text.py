"""Writes a syntax tree out again, in the one form that the parser reads back as the same tree."""

from __future__ import annotations

from typing import Final

from searchapp.query.dates import format_date_range
from searchapp.query.shape import is_word
from searchapp.query.tree import And, DateRange, Expression, Not, Or, Phrase, Source, Word, Words

_LEAVES: Final = (Word, Phrase, Source, DateRange)
_GROUPS: Final = (And, Or, Words)
# What stands between the members of a group, and which groups among them need brackets.
_SEPARATORS: Final[dict[type[And | Or | Words], tuple[str, tuple[type[And | Or | Words], ...]]]] = {
    Words: (" ", (And, Or, Words)),
    And: (" AND ", (And, Or)),
    Or: (" OR ", (Or,)),
}


def write(expression: Expression, depth: int) -> str:
    """Write a query out in canonical form.

    Groups of different kinds are set in brackets even where precedence makes them needless, so that a reader sees how
    the query was understood: `(a b) OR c`. Where that would nest more than `depth` brackets, only the needed are set.
    """
    text = _write(expression, spoken=True)
    # Brackets cannot nest deeper than there are brackets, and counting them is quick.
    if text.count("(") <= depth or _bracket_depth(text) <= depth:
        return text
    return _write(expression, spoken=False)


def _write(expression: Expression, spoken: bool) -> str:
    pieces: list[str] = []
    pending: list[Expression | str] = [expression]
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            pieces.append(item)
        elif isinstance(item, Not):
            pending.extend(reversed(["-", *_enclosed(item.member, isinstance(item.member, _GROUPS))]))
        elif isinstance(item, _GROUPS):
            pending.extend(reversed(_joined(item, spoken)))
        else:
            pieces.append(_leaf(item))
    return "".join(pieces)


def _joined(group: And | Or | Words, spoken: bool) -> list[Expression | str]:
    """Members with a separator between them. Groups among them are in brackets: all when `spoken`, or the needed."""
    separator, needed = _SEPARATORS[type(group)]
    bracketed = _GROUPS if spoken else needed
    parts: list[Expression | str] = []
    for member in group.members:
        if parts:
            parts.append(separator)
        if isinstance(member, _LEAVES):
            parts.append(_leaf(member))
        else:
            parts += _enclosed(member, isinstance(member, bracketed))
    return parts


def _enclosed(expression: Expression, brackets: bool) -> list[Expression | str]:
    return ["(", expression, ")"] if brackets else [expression]


def _leaf(leaf: Word | Phrase | Source | DateRange) -> str:
    if isinstance(leaf, Word):
        return f"{'+' if leaf.required else ''}{_prefix(leaf)}{leaf.text}{leaf.sign}"
    if isinstance(leaf, Phrase):
        slop = f"~{leaf.slop}" if leaf.slop else ""
        return f'{_prefix(leaf)}"{leaf.text}"{slop}'
    if isinstance(leaf, Source):
        return f"source:{leaf.name}" if is_word(leaf.name) else f'source:"{leaf.name}"'
    return f"date:{format_date_range(leaf)}"


def _prefix(leaf: Word | Phrase) -> str:
    field = f"{leaf.field}:" if leaf.field else ""
    return f"{field}=" if leaf.exact else field


def _bracket_depth(text: str) -> int:
    """How deep brackets nest in a written query; those in an outlet's name count too, which errs on the safe side."""
    depth = deepest = 0
    for character in text:
        if character == "(":
            depth += 1
            deepest = max(deepest, depth)
        elif character == ")":
            depth -= 1
    return deepest
