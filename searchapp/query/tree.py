"""The syntax tree of a query: what was asked, before any analysis of the words.

A query is an `Expression` or, when nothing in it can be searched, None. `Words` is the reader's plain way of asking,
words side by side: its members that are plain words may be relaxed, all others must match.
"""

from __future__ import annotations

from datetime import date
from typing import Final, Literal

from searchapp.frozen import dataclass

TextField = Literal["title"]

OPERATOR_NAMES: Final = frozenset({"AND", "OR", "NOT"})
"""Words that are operators where they stand in capitals by themselves."""
WILDCARD_LETTERS: Final = 2
"""Fewest letters or digits of a word with wildcards, and of a prefix: fewer are in too many words to mean anything."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word. `exact` (`=word`) matches the very form only; `required` (`+word`) is never relaxed.

    Three kinds match other words, too, by their exact forms, and are one of them at most. `prefix` (`word*`): every
    word that begins so. `wildcard`: `text` is a pattern, in which `*` stands for any letters and `?` for one. `fuzzy`
    (`word~2`): every word so many edits away or fewer.
    """

    text: str
    exact: bool = False
    prefix: bool = False
    required: bool = False
    field: TextField | None = None
    wildcard: bool = False
    fuzzy: int = 0

    @property
    def expands(self) -> bool:
        """Whether it may stand for many words of the index."""
        return self.prefix or self.wildcard or self.fuzzy > 0

    @property
    def sign(self) -> str:
        """What is typed behind its text."""
        if self.fuzzy:
            return "~" if self.fuzzy == 1 else f"~{self.fuzzy}"
        return "*" if self.prefix else ""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words in this order, at most `slop` others between one and the next. `exact`: the very forms only."""

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
