"""The nouns and the word frequencies of the arramooz dictionary, as stems with their classes and lemmas."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from searchapp.analysis.affixes import PRONOUNS, StemClass
from searchapp.analysis.char_filters import clean
from searchapp.analysis.lexicon import NO_KEY, key_of
from searchapp.analysis.token_filters import LetterFoldingFilter
from tools.lexicon_stems import Frequencies, Stem

ADJECTIVE_TYPES: Final = frozenset({"adj", "adj_num"})
NOUN_TYPES: Final = ADJECTIVE_TYPES | {"noun", "adj_comp", "noun_quant"}
PROPER: Final = "noun_prop"
VERB: Final = "verb"
BROKEN_PLURAL_SHARE: Final = 0.25  # how much of a noun's frequency is its broken plural's
AGENTS_PLURAL_SHARE: Final = 0.002  # … of فاعل in the pattern of عملة: mostly another word (عمله, لعبة)
DEFECTIVE_SHARE: Final = 0.25  # … its form without the ي of قاضي
FUNCTION_WORD_FREQUENCY: Final = 100_000  # at least
RARE_PROPER_NOUN: Final = 300  # the list counts words of every kind as names now and then

_BROKEN_PLURAL: Final = "جمع تكسير"
_AGENT: Final = re.compile("^(.)ا(..)$")
_DEFECTIVE_AGENT: Final = re.compile("^(.)ا(.)ي$")
_LIST: Final = re.compile("[،,؛;\\s]+")
_REMARK: Final = re.compile(r"\(.*|\).*")
_WEAK: Final = re.compile("[اويءئؤىأإآ]")
_DOUBLED: Final = re.compile(r"(.)\1")

_fold = LetterFoldingFilter().filter


def skeleton(word: str) -> str:
    """A word's strong consonants, doubled ones once: a singular and its broken plural have the same (حق, حقوق)."""
    return _DOUBLED.sub(r"\1", _WEAK.sub("", word).removesuffix("ه"))


def _skeletons(plural: str) -> set[str]:
    """Those of a listed plural, which may have a regular ending after another stem: سنوات of سنة."""
    return {skeleton(plural), skeleton(plural.removesuffix("ات")), skeleton(plural.removesuffix("ون"))}


def noun_stems(dictionary: Path) -> Iterator[Stem]:
    """Yield the stems of each noun, and of each broken plural whose consonants are its singular's."""
    with sqlite3.connect(f"file:{dictionary}?mode=ro", uri=True) as connection:
        query = "select unvocalized, number, single, broken_plural, feminable, mankous from nouns order by id"
        for unvocalized, number, singular, plurals, feminable, defective in connection.execute(query):
            word = clean(unvocalized or "").strip()
            if len(word) < 2 or " " in word:
                continue
            if number == _BROKEN_PLURAL:
                for single in _listed(singular):
                    yield from broken_plural_stems(word, _fold(single))
            else:
                yield from singular_stems(word, bool(feminable))
                if defective and word.endswith("ي"):
                    yield Stem(_fold(word)[:-1], StemClass.DEFECTIVE, _fold(word), DEFECTIVE_SHARE)
                for plural in _listed(plurals):
                    yield from broken_plural_stems(plural, _fold(word))


def persons(dictionary: Path) -> frozenset[str]:
    """Participles with a regular plural of persons: before a genitive it ends as a relative adjective does (لاعبي)."""
    with sqlite3.connect(f"file:{dictionary}?mode=ro", uri=True) as connection:
        query = "select unvocalized from nouns where category in ('فاعل', 'مفعول') and masculin_plural"
        return frozenset(_fold(clean(word or "")).strip() for (word,) in connection.execute(query))


def _listed(words: str | None) -> list[str]:
    return [word for word in _LIST.split(_REMARK.sub("", clean(words or ""))) if len(word) > 1]


def broken_plural_stems(plural: str, singular: str) -> Iterator[Stem]:
    """Yield the stem of a plural (cleaned) of a singular in exact form, if the two have the same consonants."""
    word = _fold(plural)
    if word == singular or not skeleton(singular) or skeleton(singular) not in _skeletons(word):
        return
    if plural.endswith("ة"):
        agents = {_AGENT.sub(r"\1\2", singular), _DEFECTIVE_AGENT.sub(r"\1\2ا", singular)}
        share = AGENTS_PLURAL_SHARE if word[:-1] in agents else BROKEN_PLURAL_SHARE
        yield Stem(word[:-1], StemClass.FEMININE_BROKEN_PLURAL, singular, share)
    else:
        yield Stem(word, StemClass.BROKEN_PLURAL, singular, BROKEN_PLURAL_SHARE)


def singular_stems(word: str, has_feminine: bool) -> Iterator[Stem]:
    """Yield the stems of a singular that is clean but not folded: its last letter tells how it is inflected."""
    lemma = _fold(word)
    if word.endswith("ة"):
        yield Stem(lemma[:-1], StemClass.FEMININE, lemma)
        if word.endswith("اة") and len(word) > 3:  # قناة, قنوات; فتاة, فتيات
            yield Stem(lemma[:-2] + "و", StemClass.FEMININE, lemma)
            yield Stem(lemma[:-2] + "ي", StemClass.FEMININE, lemma)
        return
    yield Stem(lemma, StemClass.ADJECTIVE if has_feminine else StemClass.NOUN, lemma)
    if word.endswith("ى"):
        yield Stem(lemma[:-1] + "ا", StemClass.BEFORE_PRONOUN, lemma)


def counted_words(frequency_list: Path) -> Iterator[tuple[str, str, int]]:
    """Yield (word, type, frequency) of the list: words are clean, not folded."""
    with sqlite3.connect(f"file:{frequency_list}?mode=ro", uri=True) as connection:
        query = "select unvocalized, word_type, freq from wordfreq order by id"
        for unvocalized, word_type, frequency in connection.execute(query):
            word = clean(unvocalized or "")
            if word and " " not in word and key_of(_fold(word)) != NO_KEY:
                yield word, word_type, frequency


def listed_stems(frequency_list: Path, known: set[tuple[str, StemClass]]) -> tuple[list[Stem], Frequencies]:
    """The stems of the frequency list that are not `known` yet, and the frequencies of all its words."""
    stems: list[Stem] = []
    frequencies = Frequencies(plain_nouns={key_of(text) for text, stem_class in known if stem_class is StemClass.NOUN})
    for word, word_type, frequency in counted_words(frequency_list):
        lemma = _fold(word)
        if word_type == PROPER:
            frequencies.proper_nouns[key_of(lemma)] += frequency
            if frequency >= RARE_PROPER_NOUN:
                stems.append(Stem(lemma, StemClass.PROPER_NOUN, lemma))
        elif word_type == VERB:
            frequencies.verbs[key_of(lemma)] += frequency
        elif word_type in NOUN_TYPES:
            has_feminine = word_type in ADJECTIVE_TYPES
            (frequencies.adjectives if has_feminine else frequencies.nouns)[key_of(lemma)] += frequency
            stems.extend(stem for stem in singular_stems(word, has_feminine) if stem[:2] not in known)
        else:
            frequencies.function_words[key_of(lemma)] += frequency
            stems.append(Stem(lemma, StemClass.FUNCTION_WORD, lemma))
    return stems, frequencies


def function_words(stop_words: Path, frequencies: Frequencies) -> Iterator[Stem]:
    """Yield the particles, pronouns and the like of arramooz's list of stop words, and ل and ب with a pronoun.

    The frequency list lacks some of the commonest, such as في and التي: they are given a frequency.
    """
    words = [preposition + pronoun for preposition in "لب" for pronoun in PRONOUNS]
    with sqlite3.connect(f"file:{stop_words}?mode=ro", uri=True) as connection:
        for (word,) in connection.execute("select distinct word from classedstopwords order by word"):
            words.append(_fold(clean(word)))
    for lemma in words:
        counts, key = frequencies.function_words, key_of(lemma)
        if key != NO_KEY:
            counts[key] = max(counts[key], FUNCTION_WORD_FREQUENCY)
            yield Stem(lemma, StemClass.FUNCTION_WORD, lemma)
