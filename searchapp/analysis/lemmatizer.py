"""The lemmatizer: from the exact form of a word to the form that the dictionary has it under.

Every way to part a word into prefix, stem and suffix that the lexicon and the affix tables allow is an analysis; its
score is the weight of the stem's entry times the probability of its affixes. The best analysis gives the lemma. A word
that has none is the business of `unknown_words`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final, NamedTuple

from searchapp.analysis.affixes import LONGEST_PREFIX, LONGEST_SUFFIX, PREFIXES, SUFFIXES, StemClass, is_lemma_form
from searchapp.analysis.lexicon import LETTER_BITS, LETTER_CODES, LONGEST_STEM, Lexicon, default_lexicon
from searchapp.analysis.unknown_words import unknown_lemma

SHORTEST_STEM: Final = 2


class Analysis(NamedTuple):
    """One way to read a word. Scores are comparable between the analyses of one word only."""

    prefix: str
    stem: str
    suffix: str
    stem_class: StemClass
    lemma: str
    score: float

    def __str__(self) -> str:
        parts = " + ".join(part for part in (self.prefix, self.stem, self.suffix) if part)
        return f"{self.lemma} = {parts} ({self.stem_class.name.lower().replace('_', ' ')}, {self.score:.3g})"


class Lemmatizer:
    """Finds lemmas. It keeps no state but tables and may be used from many threads."""

    def __init__(self, lexicon: Lexicon | None = None) -> None:
        self.lexicon = lexicon or default_lexicon()
        self._factors = _Factors(self.lexicon)

    def lemma(self, exact: str) -> str:
        """The lemma of a word in exact form, in exact form too; a word that is not Arabic is its own."""
        number = self.lemma_number(exact)
        return unknown_lemma(exact) if number < 0 else self.lexicon.lemma(number)

    def lemma_number(self, exact: str) -> int:
        """The number of the lemma in the lexicon, or -1. Of equal scores, the lemma that was numbered first wins."""
        best, number = 0.0, -1
        for _, _, _, lemma, score in self._readings(exact):
            if score > best or (score == best and lemma < number):
                best, number = score, lemma
        return number

    def analyses(self, exact: str) -> list[Analysis]:
        """Every analysis of a word in exact form, the best first."""
        found = [
            Analysis(exact[:begin], exact[begin:end], exact[end:], stem_class, self.lexicon.lemma(lemma), score)
            for begin, end, stem_class, lemma, score in self._readings(exact)
        ]
        return sorted(found, key=lambda analysis: (-analysis.score, analysis.lemma, analysis.stem_class))

    def _readings(self, exact: str) -> Iterator[tuple[int, int, StemClass, int, float]]:
        """Yield (stem's begin, its end, class, number of the lemma, score)."""
        length, lexicon = len(exact), self.lexicon
        codes = [LETTER_CODES.get(letter, 0) for letter in exact]
        for begin in range(min(LONGEST_PREFIX, length - SHORTEST_STEM) + 1):
            prefix = _PREFIX_NUMBERS.get(exact[:begin])
            if prefix is None:
                continue
            first_end = max(begin + SHORTEST_STEM, length - LONGEST_SUFFIX)
            for end in range(first_end, min(length, begin + LONGEST_STEM) + 1):
                suffix = _SUFFIX_NUMBERS.get(exact[end:])
                factors = self._factors[prefix, suffix] if suffix is not None else None
                if not factors:
                    continue
                key = 0
                for code in codes[begin:end]:
                    if not code:
                        break
                    key = key << LETTER_BITS | code
                else:
                    first = lexicon.first_entry(key)
                    if first >= 0:
                        for entry in lexicon.entries(first):
                            factor, whole = factors.get(entry.stem_class, _IMPOSSIBLE)
                            weight = entry.weight if whole else entry.affixed_weight
                            if weight * factor > 0:
                                yield begin, end, entry.stem_class, entry.lemma, weight * factor


class _Factors(dict[tuple[int, int], Mapping[StemClass, tuple[float, bool]]]):
    """(prefix, suffix) → class → probability, and whether the word then stands as in the dictionary.

    Each pair is read from the lexicon when it is first met: there are thousands, and a search meets a few.
    """

    def __init__(self, lexicon: Lexicon) -> None:
        super().__init__()
        # The numbers rise.
        self._numbers, self._factors = lexicon.combinations.data, lexicon.combination_factors.data

    def __missing__(self, pair: tuple[int, int]) -> Mapping[StemClass, tuple[float, bool]]:
        prefix, suffix = pair
        found: dict[StemClass, tuple[float, bool]] = {}
        first = (prefix * len(SUFFIXES) + suffix) * len(_CLASSES)
        at = bisect_left(self._numbers, first)
        while at < len(self._numbers) and self._numbers[at] < first + len(_CLASSES):
            stem_class = _CLASSES[self._numbers[at] - first]
            whole = not PREFIXES[prefix] and is_lemma_form("", SUFFIXES[suffix], stem_class)
            found[stem_class] = self._factors[at], whole
            at += 1
        self[pair] = found
        return found


_PREFIX_NUMBERS: Final = {prefix: number for number, prefix in enumerate(PREFIXES)}
_SUFFIX_NUMBERS: Final = {suffix: number for number, suffix in enumerate(SUFFIXES)}
_CLASSES: Final = tuple(StemClass)
_IMPOSSIBLE: Final = (0.0, False)


@cache
def default_lemmatizer() -> Lemmatizer:
    """The lemmatizer of this process, with the installed lexicon."""
    return Lemmatizer()
