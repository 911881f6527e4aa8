"""The syntax tree of a query: what was asked, before any analysis of the words.

A query is an `Expression` or, when nothing in it can be searched, None. `Words` is the reader's plain way of asking,
words side by side: its members that are plain words may be relaxed, all others must match.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

TextField = Literal["title"]


@dataclass(frozen=True, slots=True)
class Word:
    """One word. `exact` (`=word`) matches the very form only; `prefix` (`word*`) every word that begins so.

    `required` (`+word`) takes it out of what may be relaxed.
    """

    text: str
    exact: bool = False
    prefix: bool = False
    required: bool = False
    field: TextField | None = None


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words in this order; with `slop` n, at most n words' moves away from it. `exact`: the very forms only."""

    text: str
    slop: int = 0
    exact: bool = False
    field: TextField | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """`source:name`: the story has a copy from this outlet."""

    name: str


@dataclass(frozen=True, slots=True)
class DateRange:
    """`date:2024-06` or `date:2024-06-01..2024-06-25`: the story has a copy of these days, both inclusive."""

    start: date | None
    end: date | None


@dataclass(frozen=True, slots=True)
class And:
    """All of them."""

    members: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of them."""

    members: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """None of what the member matches."""

    member: Expression


@dataclass(frozen=True, slots=True)
class Words:
    """Side by side, without operators: all plain words of up to four, three quarters of more, or, relaxed, any."""

    members: tuple[Expression, ...]


Expression = Word | Phrase | Source | DateRange | And | Or | Not | Words
