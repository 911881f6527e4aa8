"""The analyzer: from a text to its words with all their index forms.

A text is cut into tokens as published, so offsets slice it. Everything else about a token follows from its surface, the
slice itself, alone: that is what makes it possible to remember it, and to check a faster analyzer word by word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from typing import Final, NamedTuple

from searchapp.analysis.char_filters import clean
from searchapp.analysis.compound_names import COMPOUND_WORDS, COMPOUNDS, compound_name
from searchapp.analysis.glued_words import MAY_BE_GLUED, GluedWords
from searchapp.analysis.lemmatizer import default_lemmatizer
from searchapp.analysis.token_filters import (
    LatinFoldingFilter,
    LetterFoldingFilter,
    LightStemmer,
    LowerCaseFilter,
    StopWords,
)
from searchapp.analysis.tokenizer import NUMBER_SEPARATORS, Tokenizer
from searchapp.frozen import dataclass
from searchapp.model import AnalyzedToken, TokenKind

# How many surfaces an analyzer remembers (about 55 MB of news words); the least recently used one makes room. It serves
# 95 % of the words of 31,000 articles, read once.
MEMO_ENTRIES: Final = 1 << 17

# What `searchapp analyze` shows of a word; the others are thousands of times less likely.
ANALYSES_SHOWN: Final = 8

_LOWER_CASE: Final = LowerCaseFilter()
_LATIN_FOLDING: Final = LatinFoldingFilter()
_FOLDING: Final = LetterFoldingFilter()
_NUMBER: Final = re.compile(f"[0-9{NUMBER_SEPARATORS}]+")
_PLAIN: Final = re.compile(r"[\u0621-\u063a\u0641-\u064a]+")
"""The basic Arabic letters: nine words of ten hold nothing else, and there is nothing in them to clean."""


class Forms(NamedTuple):
    """What a surface is indexed as. `exact` is empty when nothing of it is left; there is then no token."""

    exact: str
    lemma: str
    light: str
    kind: TokenKind
    stop: bool


class Glued(NamedTuple):
    """What a surface of two words without a space between them is indexed as; the second begins at `seam`."""

    seam: int
    first: Forms
    second: Forms


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
        self._stop_words = StopWords()
        self._lemmatizer = default_lemmatizer()
        self._glued_words = GluedWords(self._lemmatizer)
        self._light_stemmer = LightStemmer()
        self._remembered = lru_cache(maxsize=memo_entries)(self._analyze_surface)

    def analyze(self, text: str) -> list[AnalyzedToken]:
        """The words of a text, in order, at positions 0, 1, 2, …; any string is accepted."""
        return [
            AnalyzedToken(start, end, position, *forms)
            for position, (start, end, forms) in enumerate(self.occurrences(text))
        ]

    def occurrences(self, text: str) -> Iterator[tuple[int, int, Forms]]:
        """Yield (start, end, forms) of the words of a text: `analyze` without a new object for every word."""
        remembered = self._remembered
        held: tuple[int, int, Forms] | None = None
        for start, end in self._tokenizer.spans(text):
            found = remembered(text[start:end])
            if held is not None:
                first, held = held, None
                if (joined := self._joined(first[2], text[first[1] : start], found)) is not None:
                    yield first[0], end, joined
                    continue
                yield first
            if isinstance(found, Glued):
                yield start, start + found.seam, found.first
                yield start + found.seam, end, found.second
            elif found.exact in COMPOUNDS:
                held = start, end, found
            elif found.exact:
                yield start, end, found
        if held is not None:
            yield held

    def forms(self, surface: str) -> Forms:
        """The index forms of one word as published: they depend on nothing but it. Glued words count as one here."""
        found = self._remembered(surface)
        return self._derive(surface) if isinstance(found, Glued) else found

    def steps(self, text: str, *, analyses: bool = False) -> tuple[AnalysisStep, ...]:
        """What happens to a text, stage by stage; with `analyses`, also how each word may be read, the best first."""
        found = [(text[start:end], forms) for start, end, forms in self.occurrences(text)]
        return (
            AnalysisStep("cleaned text", clean(text), ()),
            AnalysisStep("tokens", None, tuple(surface for surface, _ in found)),
            AnalysisStep("stop words", None, tuple(surface for surface, forms in found if forms.stop)),
            AnalysisStep("exact forms (normalised)", None, tuple(forms.exact for _, forms in found)),
            AnalysisStep("lemmas", None, tuple(forms.lemma for _, forms in found)),
            AnalysisStep("light stems (light10)", None, tuple(forms.light for _, forms in found)),
            *(self._readings(forms.exact) for _, forms in found if analyses),
        )

    def _readings(self, exact: str) -> AnalysisStep:
        shown = self._lemmatizer.analyses(exact)[:ANALYSES_SHOWN]
        return AnalysisStep(f"analyses of {exact}", None, tuple(map(str, shown)))

    def _joined(self, first: Forms, between: str, second: Forms | Glued) -> Forms | None:
        """What two words are indexed as that are one name."""
        if isinstance(second, Glued):
            return None
        exact = compound_name(first.exact, second.exact)
        return self.forms(exact) if exact and between.isspace() else None

    def _analyze_surface(self, surface: str) -> Forms | Glued:
        if len(parts := surface.split()) == COMPOUND_WORDS:
            surface = compound_name(*(self.forms(part).exact for part in parts)) or surface
        seam = self._glued_words.seam(surface) if MAY_BE_GLUED.search(surface) else 0
        if not seam:
            return self._derive(surface)
        return Glued(seam, self._derive(surface[:seam]), self._derive(surface[seam:]))

    def _derive(self, surface: str) -> Forms:
        plain = _PLAIN.fullmatch(surface) is not None
        word = surface if plain else _without_accents(surface)
        exact = _FOLDING.filter(word)
        kind: TokenKind = "word" if plain or not _NUMBER.fullmatch(exact) else "number"
        light = self._light_stemmer.filter(exact)
        return Forms(exact, self._lemmatizer.lemma(exact), light, kind, word in self._stop_words)


def exact_forms(surfaces: Sequence[str]) -> list[str]:
    """The exact forms of words as published, empty where nothing is left: `ArabicAnalyzer.forms` of many at once.

    The filters take a text as they take a word, so the words go through them side by side.
    """
    words = list(surfaces)
    unclean = [place for place, surface in enumerate(words) if not _PLAIN.fullmatch(surface)]
    if unclean:
        text = "\n".join([words[place] for place in unclean])
        for place, word in zip(unclean, _without_accents(text).split("\n"), strict=True):
            words[place] = word
    return _FOLDING.filter("\n".join(words)).split("\n") if words else []


def _without_accents(text: str) -> str:
    """A text cleaned, in lower case, its Latin letters folded."""
    return _LATIN_FOLDING.filter(_LOWER_CASE.filter(clean(text)))


@cache
def default_analyzer() -> ArabicAnalyzer:
    """The analyzer of this process, made at the first call, so that all parts share what it remembers."""
    return ArabicAnalyzer()
