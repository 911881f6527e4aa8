"""Writes a syntax tree out again, in the one form that the parser reads back as the same tree."""

from __future__ import annotations

from searchapp.query.dates import format_date_range
from searchapp.query.shape import is_word
from searchapp.query.tree import And, DateRange, Expression, Not, Or, Phrase, Source, Word, Words


def write(expression: Expression, depth: int) -> str:
    """Write a query out in canonical form.

    Groups of different kinds are set in brackets even where precedence makes them needless, so that a reader sees how
    the query was understood: `(a b) OR c`. Where that would nest more than `depth` brackets, only the needed are set.
    """
    text = _write(expression, spoken=True)
    return text if _bracket_depth(text) <= depth else _write(expression, spoken=False)


def _write(expression: Expression, spoken: bool) -> str:
    pieces: list[str] = []
    pending: list[Expression | str] = [expression]
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            pieces.append(item)
        else:
            pending.extend(reversed(_parts(item, spoken)))
    return "".join(pieces)


def _parts(expression: Expression, spoken: bool) -> list[Expression | str]:
    """A node as text and the members that are still to be written."""
    match expression:
        case Word() | Phrase() | Source() | DateRange():
            return [_leaf(expression)]
        case Not(member):
            return ["-", *_enclosed(member, isinstance(member, And | Or | Words))]
        case Words(members):
            return _joined(members, " ", (And, Or, Words), ())
        case And(members):
            return _joined(members, " AND ", (And, Or), (Words,) if spoken else ())
        case Or(members):
            return _joined(members, " OR ", (Or,), (And, Words) if spoken else ())


def _joined(
    members: tuple[Expression, ...], separator: str, needed: tuple[type, ...], spoken: tuple[type, ...]
) -> list[Expression | str]:
    """Members with a separator between them; those of the given kinds in brackets."""
    parts: list[Expression | str] = []
    for member in members:
        parts += [separator] if parts else []
        parts += _enclosed(member, isinstance(member, needed + spoken))
    return parts


def _enclosed(expression: Expression, brackets: bool) -> list[Expression | str]:
    return ["(", expression, ")"] if brackets else [expression]


def _leaf(leaf: Word | Phrase | Source | DateRange) -> str:
    match leaf:
        case Source(name):
            return f"source:{name}" if is_word(name) else f'source:"{name}"'
        case DateRange():
            return f"date:{format_date_range(leaf)}"
        case Phrase():
            slop = f"~{leaf.slop}" if leaf.slop else ""
            return f'{_prefix(leaf)}"{leaf.text}"{slop}'
        case Word():
            sign, star = "+" if leaf.required else "", "*" if leaf.prefix else ""
            return f"{sign}{_prefix(leaf)}{leaf.text}{star}"


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
