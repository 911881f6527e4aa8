"""The outlets that a request names, under the names that the archive has for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from searchapp.config import LIMITS, Limits
from searchapp.model import UNKNOWN_OUTLET, QueryNote, SearchRequest
from searchapp.query.parser import LEVELS_PER_BRACKET, parse
from searchapp.query.tree import And, Expression, Not, Or, Source, Words

_MAY_NAME_ONE: Final = (":", "：", "﹕")
"""`source:` in any of its spellings has a colon: most queries need not be read for their outlets."""

Naming = Callable[[str], str]
"""Gives an outlet's name for any of its names, and any other name back as it is."""


def with_outlet_names(
    request: SearchRequest, naming: Naming, limits: Limits = LIMITS
) -> tuple[SearchRequest, tuple[QueryNote, ...]]:
    """Return a request whose filters and query call every outlet by its name, and what was mended in the query.

    A query is written anew only where that changes a name in it; the notes are those of the query as it was typed,
    and none where it stays as it is.

    Raises:
        LimitExceeded: the query is longer than `limits.query_characters`.
    """
    sources, not_sources = (_named(values, naming) for values in (request.sources, request.not_sources))
    if sources != request.sources or not_sources != request.not_sources:
        request = replace(request, sources=sources, not_sources=not_sources)
    if not any(colon in request.q for colon in _MAY_NAME_ONE):
        return request, ()
    from searchapp.query.text import write  # noqa: PLC0415

    parsed = parse(request.q, limits=limits)
    if parsed.expression is None or (renamed := _renamed(parsed.expression, naming)) == parsed.expression:
        return request, ()
    return replace(request, q=write(renamed, limits.query_depth // LEVELS_PER_BRACKET)), parsed.notes


def _named(values: tuple[str, ...], naming: Naming) -> tuple[str, ...]:
    return tuple(sorted({value if value == UNKNOWN_OUTLET else naming(value) for value in values}))


def _renamed(expression: Expression, naming: Naming) -> Expression:
    """The tree with its sources renamed; `limits.query_depth` bounds its height."""
    if isinstance(expression, Source):
        return expression if expression.name == UNKNOWN_OUTLET else Source(naming(expression.name))
    if isinstance(expression, Not):
        return Not(_renamed(expression.member, naming))
    if isinstance(expression, And | Or | Words):
        return type(expression)(tuple(_renamed(member, naming) for member in expression.members))
    return expression
