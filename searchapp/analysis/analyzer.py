"""The analyzer: from a text to its words with all their index forms.

A text is cut into tokens as published, so offsets slice it. Everything else about a token follows from its surface, the
slice itself, alone: that is what makes it possible to remember it, and to check a faster analyzer word by word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final, NamedTuple

from searchapp.analysis.char_filters import clean
from searchapp.analysis.token_filters import LetterFoldingFilter, LightStemmer, LowerCaseFilter, StopWords
from searchapp.analysis.tokenizer import NUMBER_SEPARATORS, Tokenizer
from searchapp.model import AnalyzedToken, TokenKind

# How many surfaces an analyzer remembers (about 55 MB of news words); the least recently used one makes room. It serves
# 95 % of the words of 31,000 articles, read once.
MEMO_ENTRIES: Final = 1 << 17

_NUMBER: Final = re.compile(f"[0-9{NUMBER_SEPARATORS}]+")
_PLAIN: Final = re.compile(r"[\u0621-\u063a\u0641-\u064a]+")
"""The basic Arabic letters: nine words of ten hold nothing else, and there is nothing in them to clean."""


class Forms(NamedTuple):
    """What a surface is indexed as. `exact` is empty when nothing of it is left; there is then no token."""

    exact: str
    stem: str
    kind: TokenKind
    stop: bool


@dataclass(frozen=True, slots=True)
class AnalysisStep:
    """One stage as `searchapp analyze` shows it: a text, or words. All lists but the stop words' run side by side."""

    name: str
    text: str | None
    tokens: tuple[str, ...]


class ArabicAnalyzer:
    """Chains char filters, tokenizer and token filters. It may be used from many threads."""

    def __init__(self, memo_entries: int = MEMO_ENTRIES) -> None:
        self._tokenizer = Tokenizer()
        self._lower_case = LowerCaseFilter()
        self._stop_words = StopWords()
        self._folding = LetterFoldingFilter()
        self._stemmer = LightStemmer()
        self._remembered = lru_cache(maxsize=memo_entries)(self._derive)

    def analyze(self, text: str) -> list[AnalyzedToken]:
        """The words of a text, in order, at positions 0, 1, 2, …; any string is accepted."""
        return [
            AnalyzedToken(start, end, position, *forms)
            for position, (start, end, forms) in enumerate(self.occurrences(text))
        ]

    def occurrences(self, text: str) -> Iterator[tuple[int, int, Forms]]:
        """Yield (start, end, forms) of the words of a text: `analyze` without a new object for every word."""
        remembered = self._remembered
        for start, end in self._tokenizer.spans(text):
            forms = remembered(text[start:end])
            if forms.exact:
                yield start, end, forms

    def forms(self, surface: str) -> Forms:
        """The index forms of one word as published: they depend on nothing but it."""
        return self._remembered(surface)

    def steps(self, text: str) -> tuple[AnalysisStep, ...]:
        """What happens to a text, stage by stage."""
        found = [(text[start:end], forms) for start, end, forms in self.occurrences(text)]
        return (
            AnalysisStep("cleaned text", clean(text), ()),
            AnalysisStep("tokens", None, tuple(surface for surface, _ in found)),
            AnalysisStep("stop words", None, tuple(surface for surface, forms in found if forms.stop)),
            AnalysisStep("exact forms (normalised)", None, tuple(forms.exact for _, forms in found)),
            AnalysisStep("stems (light10)", None, tuple(forms.stem for _, forms in found)),
        )

    def _derive(self, surface: str) -> Forms:
        plain = _PLAIN.fullmatch(surface) is not None
        word = surface if plain else self._lower_case.filter(clean(surface))
        exact = self._folding.filter(word)
        kind: TokenKind = "word" if plain or not _NUMBER.fullmatch(exact) else "number"
        return Forms(exact, self._stemmer.filter(exact), kind, word in self._stop_words)


@cache
def default_analyzer() -> ArabicAnalyzer:
    """The analyzer of this process, made at the first call, so that all parts share what it remembers."""
    return ArabicAnalyzer()
