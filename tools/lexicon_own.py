"""Words that the other sources lack or read wrongly: `lexicon_own.tsv`.

| kind | what a row says |
| --- | --- |
| name, noun, adjective | a word, and its other spellings |
| plural | a word, and its plurals that are words of their own; nothing else has them for a plural |
| count | a noun, and how often it occurs, where the frequency list counts other words as it, or leaves it out |
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from searchapp.analysis.affixes import StemClass
from searchapp.analysis.char_filters import clean
from searchapp.analysis.lexicon import key_of
from searchapp.analysis.token_filters import LetterFoldingFilter
from tools.lexicon_dictionary import singular_stems
from tools.lexicon_names import COUNTED_AS, COUNTED_AS_ADJECTIVE
from tools.lexicon_stems import Frequencies, Stem

OWN_WORDS: Final = Path(__file__).with_name("lexicon_own.tsv")
SPELLED: Final = frozenset({"name", "noun", "adjective"})
COUNTED_AS_NOUN: Final = "بروفسور"  # a noun that the frequency list lacks is taken to be as frequent as this one

_fold = LetterFoldingFilter().filter


def own_stems(frequencies: Frequencies, table: Path = OWN_WORDS) -> Iterator[Stem]:
    """Yield the stems of all spellings; the lemma of a word is the spelling that the frequency list has most often."""
    for kind, *words in _rows(table):
        if kind not in SPELLED:
            continue
        spellings = list(map(clean, words))
        counts = {spelling: _count(kind, spelling, frequencies) for spelling in spellings}
        lemma = max(spellings, key=lambda spelling: counts[spelling])
        counted_as = _fold(lemma) if counts[lemma] else ""
        for spelling in spellings:
            yield _stem(kind, spelling, _fold(lemma), counted_as)


def own_plurals(frequencies: Frequencies, table: Path = OWN_WORDS) -> Iterator[Stem]:
    """Yield the stems of the plurals: each counts as much as its singular."""
    for kind, singular, *plurals in _rows(table):
        if kind == "plural":
            lemma = _fold(clean(singular))
            counted_as = "" if _count(kind, lemma, frequencies) else COUNTED_AS_NOUN
            for plural in map(clean, plurals):
                ends = plural.endswith("ة")
                stem_class = StemClass.FEMININE_BROKEN_PLURAL if ends else StemClass.BROKEN_PLURAL
                yield Stem(_fold(plural)[: -1 if ends else None], stem_class, lemma, counted_as=counted_as)


def set_own_counts(frequencies: Frequencies, table: Path = OWN_WORDS) -> None:
    """Give nouns the frequencies that the table says."""
    for kind, word, *counts in _rows(table):
        if kind == "count":
            frequencies.nouns[key_of(_fold(clean(word)))] = int(counts[0])


def _rows(table: Path) -> Iterator[list[str]]:
    """The rows without comments: kind, word, and what is said of it."""
    with table.open(encoding="utf-8", newline="") as lines:
        for kind, word, *others in csv.reader((line for line in lines if not line.startswith("#")), delimiter="\t"):
            yield [kind, word, *" ".join(others).split()]


def _stem(kind: str, spelling: str, lemma: str, counted_as: str) -> Stem:
    if kind == "name":
        return Stem(_fold(spelling), StemClass.PROPER_NOUN, lemma, counted_as=counted_as or COUNTED_AS)
    (stem, *_) = singular_stems(spelling, kind == "adjective")
    default = COUNTED_AS_ADJECTIVE if kind == "adjective" else COUNTED_AS_NOUN
    return stem._replace(lemma=lemma, counted_as=counted_as or default)


def _count(kind: str, spelling: str, frequencies: Frequencies) -> int:
    """How often the list has a spelling as a word of this kind."""
    key = key_of(_fold(spelling))
    if kind == "name":
        return frequencies.proper_nouns.get(key, 0)
    return frequencies.nouns.get(key, 0) + frequencies.adjectives.get(key, 0)
