"""Words that the other sources lack or read wrongly: `lexicon_own.tsv`, loan words and names with their spellings."""

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
COUNTED_AS_NOUN: Final = "بروفسور"  # a noun that the frequency list lacks is taken to be as frequent as this one

_fold = LetterFoldingFilter().filter


def own_stems(frequencies: Frequencies, table: Path = OWN_WORDS) -> Iterator[Stem]:
    """Yield the stems of all spellings; the lemma of a word is the spelling that the frequency list has most often."""
    with table.open(encoding="utf-8", newline="") as lines:
        rows = csv.reader((line for line in lines if not line.startswith("#")), delimiter="\t")
        for kind, word, *others in rows:
            spellings = [clean(spelling) for spelling in (word, *" ".join(others).split())]
            counts = {spelling: _count(kind, spelling, frequencies) for spelling in spellings}
            lemma = max(spellings, key=lambda spelling: counts[spelling])
            counted_as = _fold(lemma) if counts[lemma] else ""
            for spelling in spellings:
                yield _stem(kind, spelling, _fold(lemma), counted_as)


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
