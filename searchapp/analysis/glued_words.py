"""Two words that were printed without a space between them: الوزيرأنتوني, الخارجيةفي, كوفيد19, 22سنة.

A word and a number are parted where the word has letters enough to be one (ف16 is a name) and is no particle (وال13).
Another token is parted only where nothing else can be meant: no word is known that is spelled so, both parts are words
in common use, and a letter at the seam ends or begins a word. It is decided on the letters as published: after folding,
ة and ى could be any ه and ي.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from searchapp.analysis.affixes import StemClass
from searchapp.analysis.char_filters import PRESENTATION_FORMS, clean
from searchapp.analysis.lemmatizer import Analysis, Lemmatizer
from searchapp.analysis.token_filters import LatinFoldingFilter, LetterFoldingFilter, LowerCaseFilter
from searchapp.analysis.tokenizer import NUMBER_SEPARATORS

LETTER_RANGES: Final = ((0x621, 0x63A), (0x641, 0x64A))
LETTERS: Final = "".join(f"{chr(first)}-{chr(last)}" for first, last in LETTER_RANGES)
FINALS: Final = "ةى"
INITIALS: Final = "أإ"
LETTERS_AROUND: Final = 2
"""Letters before one of `FINALS` at a seam, and of the second word at least (after one of `INITIALS`)."""
LETTERS_BEFORE_INITIAL: Final = 4
NOT_AFTER_FINAL: Final = "ء"
ARTICLE: Final = "ال"
# ة and ى stand at the end of a word only; ىء is another way to write ئ.
_AFTER_FINAL: Final = re.compile(
    f"(?<=[{LETTERS}]{{{LETTERS_AROUND}}}[{FINALS}])(?!{NOT_AFTER_FINAL})(?=[{LETTERS}]{{{LETTERS_AROUND}}})"
)
# أ and إ mostly begin a word; they stand inside words, too (مسألة), but those are known. After ال begins no word.
_BEFORE_INITIAL: Final = re.compile(
    f"(?<=[{LETTERS}]{{{LETTERS_BEFORE_INITIAL}}})(?<![{ARTICLE}]{ARTICLE[-1]})(?=[{INITIALS}][{LETTERS}]{{{LETTERS_AROUND}}})"
)
SEAM: Final = re.compile(f"{_AFTER_FINAL.pattern}|{_BEFORE_INITIAL.pattern}")
WORD_BESIDE_NUMBER: Final = 3
"""Letters of a word that is parted from a number, at least."""
_PARTICLES: Final = "وال|فال|بال|كال|وبال|ولل"
_NUMBER: Final = f"[0-9](?:[0-9{NUMBER_SEPARATORS}]*[0-9])?"
_WORD: Final = f"[{LETTERS}]{{{WORD_BESIDE_NUMBER},}}"
_BESIDE_NUMBER: Final = re.compile(f"(?!(?:{_PARTICLES})[0-9]){_WORD}(?={_NUMBER}\\Z)|{_NUMBER}(?={_WORD}\\Z)")
_DRAWING_RANGES: Final = ((0x640, 0x640), (0x64B, 0x652), (0x670, 0x670), (0x200B, 0x200F))
DRAWING: Final = "".join(chr(point) for first, last in _DRAWING_RANGES for point in range(first, last + 1))
"""Vowel marks, tatweel and joiners make no difference. A combining hamza or madda does: it changes its letter."""
_LIGATURE: Final = f"[{PRESENTATION_FORMS}]"
_LETTERS_AND_DIGITS: Final = rf"\A(?=\D*+\d)(?:.*{_LIGATURE}|(?:[\d\W_]*+[^\W\d_]){{{WORD_BESIDE_NUMBER}}})"
MAY_BE_GLUED: Final = re.compile(f"{SEAM.pattern}|[{DRAWING}]|{_LETTERS_AND_DIGITS}")
"""A quick test that every token with a seam passes."""
_DRAWN: Final = re.compile(f"[{DRAWING}]+")
_PLAIN: Final = re.compile(f"[{LETTERS}]+")

LEAST_SCORE: Final = 300.0
"""Of each part's best analysis: it is in common use."""
PARTS_KEPT: Final = 1 << 14
"""Parts whose best analysis is remembered."""
LEAST_STEM: Final = 3
"""Letters of the first part's stem, and of the second part unless it is a function word: في, من."""
# What has the article and one or two letters more is rather the beginning of a word than a word: المت, والم.
_BEGINNING: Final = re.compile("[وف]?[بك]?ال..?")

_LOWER_CASE: Final = LowerCaseFilter()
_LATIN_FOLDING: Final = LatinFoldingFilter()
fold: Final = LetterFoldingFilter().filter


class GluedWords:
    """Finds where a token should be parted. It may be used from many threads."""

    def __init__(self, lemmatizer: Lemmatizer) -> None:
        self._lemmatizer = lemmatizer
        # The parts of glued words are common words, which come again and again.
        self._common_word = lru_cache(PARTS_KEPT)(self._find_common_word)

    def seam(self, word: str) -> int:
        """How many characters the first of two glued words has, or 0; `word` is as published.

        Words with letters of other keyboards are left as they are.
        """
        if at := seam_beside_number(word):
            return at
        bare = bare_word(word)
        return 0 if not bare or self._lemmatizer.lemma_number(fold(bare)) >= 0 else self.seam_of_unknown(word, bare)

    def seam_of_unknown(self, word: str, bare: str) -> int:
        """The seam of a word whose `bare_word` is given, and not known as it stands."""
        for seam in _seams(bare):
            if self._parts_are_words(bare, seam):
                return seam if bare == word else _place_of_letter(word, seam)
        return 0

    def _parts_are_words(self, word: str, seam: int) -> bool:
        if _BEGINNING.fullmatch(word[:seam]):
            return False
        second = self._common_word(fold(word[seam:]))
        if second is None or (len(word) - seam < LEAST_STEM and second.stem_class is not StemClass.FUNCTION_WORD):
            return False
        first = self._common_word(fold(word[:seam]))
        return first is not None and len(first.stem) >= LEAST_STEM

    def _find_common_word(self, part: str) -> Analysis | None:
        """The best analysis of a word that is in common use."""
        best = self._lemmatizer.analyses(part)[:1]
        return best[0] if best and best[0].score >= LEAST_SCORE else None


def bare_word(word: str) -> str:
    """The letters of a word that two words may have been glued into, or nothing."""
    bare = _DRAWN.sub("", word)
    return bare if SEAM.search(bare) and _PLAIN.fullmatch(bare) else ""


def seam_beside_number(word: str) -> int:
    """How many characters the first has of a word and a number that are glued, or 0; `word` is as published.

    It is decided on the exact form, as no exact form may be that of a whole word and of two.
    """
    if not any(map(str.isdecimal, word)):
        return 0
    exact = fold(_LATIN_FOLDING.filter(_LOWER_CASE.filter(clean(word))))
    if not _BESIDE_NUMBER.match(exact):
        return 0
    number_first = exact[0].isdecimal()
    return next(
        (at for at, letter in enumerate(word) if _is_digit_or_letter(letter) and letter.isdecimal() != number_first), 0
    )


def _is_digit_or_letter(character: str) -> bool:
    return character.isalnum() and not _DRAWN.match(character)


def _seams(word: str) -> Iterator[int]:
    """Where the word may be parted, the surest places first."""
    for pattern in (_AFTER_FINAL, _BEFORE_INITIAL):
        yield from (match.start() for match in pattern.finditer(word))


def _place_of_letter(word: str, number: int) -> int:
    """Where a letter stands in a word with marks; marks belong to the letter before them."""
    letters = [place for place, character in enumerate(word) if not _DRAWN.match(character)]
    return letters[number]
