"""Token filters: from a cleaned word to its exact form and its light stem; stop words and question words.

They are the rules of Lucene's ArabicAnalyzer: ArabicNormalizer, ArabicStemmer (Larkey, Ballesteros and Connell's
light10, "Light stemming for Arabic information retrieval") and its stop list; and, for words in Latin letters, those of
its ASCIIFoldingFilter.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final
from unicodedata import normalize

# One word a line: the list of Lucene's ArabicAnalyzer (lucene/analysis/ar/stopwords.txt) without its comments. Lucene
# is under the Apache License 2.0; the list came to it from Jacques Savoy, under the BSD licence.
STOP_WORDS_FILE: Final = Path(__file__).with_name("stopwords_lucene.txt")

# ArabicNormalizer: letters that writers use for one another.
FOLDED_LETTERS: Final = {
    "\N{ARABIC LETTER ALEF WITH HAMZA ABOVE}": "\N{ARABIC LETTER ALEF}",
    "\N{ARABIC LETTER ALEF WITH HAMZA BELOW}": "\N{ARABIC LETTER ALEF}",
    "\N{ARABIC LETTER ALEF WITH MADDA ABOVE}": "\N{ARABIC LETTER ALEF}",
    "\N{ARABIC LETTER ALEF MAKSURA}": "\N{ARABIC LETTER YEH}",
    "\N{ARABIC LETTER TEH MARBUTA}": "\N{ARABIC LETTER HEH}",
}

# ASCIIFoldingFilter: Latin letters that are more than a letter with accents → what is typed for them.
LATIN_LETTERS: Final = {
    "æ": "ae", "œ": "oe", "ß": "ss", "þ": "th", "ð": "d", "đ": "d", "ø": "o", "ł": "l", "ı": "i", "ə": "a", "ħ": "h",
    "ŧ": "t", "ŋ": "n", "ɓ": "b", "ɗ": "d", "ƙ": "k", "ƴ": "y", "ɖ": "d", "ƒ": "f", "ɔ": "o", "ɛ": "e", "ǝ": "e",
}  # fmt: skip
# The blocks Latin-1 Supplement, Latin Extended-A and -B, IPA Extensions and Latin Extended Additional.
_BEYOND_ASCII: Final = "\u00c0-\u02af\u1e00-\u1eff"

# ArabicStemmer, each in the order in which it is tried. The suffixes with teh marbuta are Lucene's too, and never
# match a folded word.
PREFIXES: Final = ("ال", "وال", "بال", "كال", "فال", "لل", "و")
SUFFIXES: Final = ("ها", "ان", "ات", "ون", "ين", "يه", "ية", "ه", "ة", "ي")
_PREFIXES_BEGIN: Final = frozenset(prefix[0] for prefix in PREFIXES)
_SUFFIXES_END: Final = frozenset(suffix[-1] for suffix in SUFFIXES)
LETTERS_LEFT: Final = 2  # what must remain of a word after an affix is taken off
LETTERS_LEFT_AFTER_ONE: Final = 3  # … after a prefix of one letter, the conjunction و


class LowerCaseFilter:
    """Lower-cases Latin, Greek, Cyrillic and other letters that have case."""

    def filter(self, word: str) -> str:
        """Return the word in lower case and NFC: a small letter may join an accent that its capital cannot."""
        return normalize("NFC", word.lower())


class LatinFoldingFilter:
    """Folds small Latin letters with accents, and those of `LATIN_LETTERS`, to ASCII: é to e, ü to u, ø to o, ß to ss.

    Rarer letters of their own, as the phonetic ones, stay. Accents that no letter is composed with go, too, and so do
    the half rings and apostrophes with which Arabic names are transliterated (Saʿūd, Qurʾān), and the raised letters of
    ordinals (1º), which stand for a degree sign as well. Other scripts keep their accents: in them, letters that differ
    by one (й, ё) are typed as they are.
    """

    _letters = re.compile(f"[{_BEYOND_ASCII}]")
    _signs = re.compile(
        "(?<=[a-z])[\u0300-\u036f\u02b9-\u02c1ªº]+"  # accents, modifier letters and ordinal signs
        "|(?<=[0-9])[ªº]+"
        "|[\u02b9-\u02c1]+(?=[a-z])"
    )

    def filter(self, word: str) -> str:
        """Return the word, which is in lower case and NFC, with its Latin letters folded; it is in NFC still."""
        if word.isascii():
            return word
        return self._signs.sub("", self._letters.sub(lambda letter: _ascii_letters(letter.group()), word))


@cache
def _ascii_letters(letter: str) -> str:
    """The small ASCII letters that a letter is typed as; itself where there are none."""
    parts = (LATIN_LETTERS.get(part, part) for part in normalize("NFKD", letter))
    return "".join(part for part in parts if part.isascii() and part.islower()) or letter


class LetterFoldingFilter:
    """Folds `FOLDED_LETTERS`: what is left is the exact form."""

    _map = str.maketrans(FOLDED_LETTERS)

    def filter(self, word: str) -> str:
        """Return the folded word; its length does not change."""
        return word.translate(self._map)


class LightStemmer:
    """light10: takes off the first prefix that fits, then every suffix that fits, one after another.

    It only ever cuts a word's ends, so a stem is a part of its word; a word of two letters stays.
    """

    def filter(self, word: str) -> str:
        """Return the stem of an exact form, never empty for a word that is not."""
        return self._without_suffixes(self._without_prefix(word))

    def _without_prefix(self, word: str) -> str:
        if word[:1] not in _PREFIXES_BEGIN:
            return word
        for prefix in PREFIXES:
            left = LETTERS_LEFT_AFTER_ONE if len(prefix) == 1 else LETTERS_LEFT
            if word.startswith(prefix) and len(word) >= len(prefix) + left:
                return word[len(prefix) :]
        return word

    def _without_suffixes(self, word: str) -> str:
        if word[-1:] not in _SUFFIXES_END:
            return word
        for suffix in SUFFIXES:
            if word.endswith(suffix) and len(word) >= len(suffix) + LETTERS_LEFT:
                word = word[: -len(suffix)]
        return word


class StopWords:
    """The stop list, asked with cleaned, lower-cased words before their letters are folded.

    Lucene asks with the marks still on: مِن and من differ there. Here marks and tatweel make no difference, in this as
    in all else.
    """

    def __init__(self) -> None:
        self._words = frozenset(STOP_WORDS_FILE.read_text(encoding="utf-8").split())

    def __contains__(self, word: str) -> bool:
        return word in self._words

    def __len__(self) -> int:
        return len(self._words)


# Words that ask. A question's answer does not repeat them, so that a query is better off without them.
_ASKING: Final = (
    *("ما", "ماذا", "من", "متى", "كم", "أين", "كيف", "لماذا", "لم", "هل", "أي", "أية"),
    *("بم", "بما", "بماذا", "بكم", "عما", "عماذا", "عمن", "ممن", "مم", "فيم", "فيما", "علام", "لمن"),
    *("لما", "لأي", "بأي", "أيهما", "أيهم", "أيها", "أيتها"),
    *("ماهو", "ماهي", "ماهم", "ماهما", "مالذي", "ماالذي", "مالتي", "ماالتي"),  # ما and what follows, glued
)
QUESTION_WORDS: Final = frozenset(
    LetterFoldingFilter().filter(conjunction + word) for word in _ASKING for conjunction in ("", "و", "ف")
)

# Particles that are written apart by a tatweel before a number or a name: لـ 26, الـ «تويتر».
_PARTICLES: Final = frozenset({"ال", "ب", "بال", "ف", "ك", "ل", "لل", "و", "وال", "وب", "ول"})


def is_question_word(exact: str) -> bool:
    """Whether a word in exact form asks a question; most are other words too (ما, من), so this is for queries only."""
    return exact in QUESTION_WORDS


def is_particle_apart(surface: str, exact: str) -> bool:
    """Whether a word as published is a particle that belongs to the next word, and says nothing alone."""
    return exact in _PARTICLES and surface.endswith("\N{ARABIC TATWEEL}")
