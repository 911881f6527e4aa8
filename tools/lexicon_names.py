"""Names, one word each: persons and places out of Wikidata, countries and languages out of the Unicode CLDR."""

from __future__ import annotations

import csv
import re
from collections.abc import Container, Iterable, Iterator
from pathlib import Path
from typing import Final

from babel import Locale

from searchapp.analysis.affixes import StemClass
from searchapp.analysis.char_filters import clean
from searchapp.analysis.lexicon import NO_KEY, key_of
from searchapp.analysis.token_filters import LetterFoldingFilter
from searchapp.analysis.tokenizer import Tokenizer
from tools.lexicon_stems import Stem

SHORTEST_NAME: Final = 4
_ARTICLE: Final = "ال"
_SHORTEST_WITHOUT_ARTICLE: Final = 3
SHORTEST_FOREIGN: Final = 6
_ARABIC_LETTERS: Final = frozenset("عحصضطظقذثخء")
_SHORT_A: Final = re.compile("(?<=.[^اوي])ا(?=[^اويه][^اه])")  # between two consonants, not near the ends
_G: Final = re.compile("[جغ]")
COUNTED_AS: Final = (
    "بلجيكا"  # a country or language that the frequency list lacks is taken to be as frequent as this one
)
COUNTED_AS_ADJECTIVE: Final = "بلجيكي"

_fold = LetterFoldingFilter().filter


def name_stems(names: Path, stems: Iterable[Stem]) -> Iterator[Stem]:
    """Yield the single words of the Arabic names, in order, with the lemmas of what is already known of them.

    `names` is a table with tabs whose column "ar" holds names. The article is no part of one where the rest is known.
    """
    dictionary = {stem.whole_word for stem in stems if stem.share == 1 and not stem.stem_class.verbal}
    places = {stem.lemma for stem in stems if stem.stem_class is StemClass.PROPER_NOUN and stem.share == 1}
    words = sorted(set(_words(names)))
    every = dictionary.union(words)
    words = [word for word in words if not _is_definite(word, every)]
    lemmas: dict[str, str] = {}  # foreign spelling → lemma: that of the dictionary, else the first
    for word in (*sorted(places), *words):
        lemmas.setdefault(foreign_spelling(word), word)
    for word in words:
        yield Stem(word, StemClass.NAME, word if word in dictionary else lemmas[foreign_spelling(word)])
    for word in sorted(places.union(words)):
        for spelling in _other_spellings(word):
            if spelling not in every:
                yield Stem(spelling, StemClass.NAME, lemmas[foreign_spelling(word)])


def _is_definite(word: str, known: Container[str]) -> bool:
    bare = word.removeprefix(_ARTICLE)
    return bare != word and len(bare) >= _SHORTEST_WITHOUT_ARTICLE and bare in known


def foreign_spelling(word: str) -> str:
    """What the spellings of a foreign name share: غ and ج for g are one, and a short a is not written (نتانياهو).

    Other words are their own: those with letters that only Arabic words have, with the article, and short ones.
    """
    if len(word) < SHORTEST_FOREIGN or word.startswith(_ARTICLE) or not _ARABIC_LETTERS.isdisjoint(word):
        return word
    return _SHORT_A.sub("", word.replace("غ", "ج"))


def _other_spellings(word: str) -> set[str]:
    """Spellings of a foreign name in use beside this one: the other letter for g, without a short a."""
    if foreign_spelling(word) == word and not _G.search(word):
        return set()
    if len(word) < SHORTEST_FOREIGN or word.startswith(_ARTICLE) or not _ARABIC_LETTERS.isdisjoint(word):
        return set()
    without = {word[: match.start()] + word[match.end() :] for match in _SHORT_A.finditer(word)}
    return {word.replace("غ", "ج"), word.replace("ج", "غ"), *without} - {word}


def countries_and_languages(known: set[str]) -> Iterator[Stem]:
    """Yield those of the CLDR's names that are one word and not `known`; a language is an adjective: الهولندية."""
    locale = Locale("ar")
    for name in sorted(locale.territories.values()):
        word = _fold(clean(name)).removeprefix(_ARTICLE)
        if word not in known and key_of(word) != NO_KEY:
            yield Stem(word, StemClass.PROPER_NOUN, word, counted_as=COUNTED_AS)
    for name in sorted(locale.languages.values()):
        word = _fold(clean(name))
        if word.startswith(_ARTICLE) and word.endswith("يه") and word[2:-1] not in known and key_of(word) != NO_KEY:
            yield Stem(word[2:-1], StemClass.ADJECTIVE, word[2:-1], counted_as=COUNTED_AS_ADJECTIVE)


def _words(names: Path) -> Iterator[str]:
    tokenizer = Tokenizer()
    with names.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            text = clean(row["ar"] or "")
            for start, end in tokenizer.spans(text):
                word = _fold(text[start:end])
                if len(word) >= SHORTEST_NAME and key_of(word) != NO_KEY:
                    yield word
