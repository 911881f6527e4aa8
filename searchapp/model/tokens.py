"""A word of a text as the analyzer gives it."""

from __future__ import annotations

from typing import Literal

from searchapp.frozen import dataclass

TokenKind = Literal["word", "number"]


@dataclass(frozen=True, slots=True)
class AnalyzedToken:
    """One word of a text with all its index forms, out of one pass.

    `text[start:end]` is the surface (marks, tatweel and joiners included), `position` counts words from 0. `exact` is
    the normalised form, `lemma` the dictionary's form of it, `light` its light stem. `stop` marks a stop word: indexed,
    but left out of ranking.
    """

    start: int
    end: int
    position: int
    exact: str
    lemma: str
    light: str
    kind: TokenKind
    stop: bool
