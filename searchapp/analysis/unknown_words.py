"""Words that the lexicon knows no analysis of: foreign names, new words, misspellings.

Nothing is known about them but their letters, so only what can hardly be anything else is taken off: the article, and
the endings of the relative adjective, which is made of any name (الفنلندية, الفنلنديين: فنلندي). A stemmer that cuts
more eats letters of names: بطاطس without ب, برلين without ين. Of a number, what particles are joined to it and what
parts its thousands is taken off: الـ13, و500, 1,305; of a year, the letter of its calendar, too: 2015م, 1436هـ.
"""

from __future__ import annotations

import re
from typing import Final

from searchapp.analysis.affixes import DEFINITE_PREFIXES
from searchapp.analysis.lexicon import LETTER_CODES

LETTERS_LEFT: Final = 3  # after the article, or before the ending of a word that has the article
LETTERS_LEFT_WITHOUT_ARTICLE: Final = 4  # before the ending of other words: عطية and صوفيا are names
RELATIVE: Final = "ي"
RELATIVE_ENDINGS: Final = ("يات", "يين", "يون", "يه")

ARTICLES: Final = tuple(sorted(DEFINITE_PREFIXES, key=len, reverse=True))
# One seat of hamza for the two that writers change about, and Arabic letters for the sounds of loan words.
ONE_SPELLING: Final = {"ؤ": "ئ", "پ": "ب", "چ": "ج", "ڤ": "ف"}
_ONE_SPELLING: Final = str.maketrans(ONE_SPELLING)
_OTHER_SPELLINGS: Final = frozenset(ONE_SPELLING)
ARABIC: Final = frozenset(LETTER_CODES) | _OTHER_SPELLINGS
# Other letters before a number may be its name: ف16, ك2.
_NUMBER: Final = re.compile(
    r"و?(?:ال|بال|لل|[بل])?(?:([0-9][0-9.,\u066b\u066c]*)|((?:1[0-9]|20)[0-9]{2})[مه])"  # … or a year
)
_THOUSANDS: Final = re.compile(r"[,\u066c](?=[0-9]{3}(?![0-9]))")
_THOUSANDS_BY_DOTS: Final = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})+")


def without_article(exact: str) -> str:
    """A word without article, or the word itself if it has none or too little would be left."""
    if not exact.startswith(ARTICLES):
        return exact
    for article in ARTICLES:
        if exact.startswith(article) and len(exact) - len(article) >= LETTERS_LEFT:
            return exact[len(article) :]
    return exact


def plain_number(number: str) -> str:
    """A number without what parts its thousands. Full stops do so only where all stand before three digits."""
    if _THOUSANDS_BY_DOTS.fullmatch(number):
        return number.replace(".", "")
    return _THOUSANDS.sub("", number)


def unknown_lemma(exact: str) -> str:
    """What stands for the lemma of a word in exact form; a word with letters that are not Arabic is its own."""
    if not ARABIC.issuperset(exact):
        number = _NUMBER.fullmatch(exact)
        return plain_number(number[1] or number[2]) if number else exact
    word = without_article(exact)
    if word.endswith(RELATIVE_ENDINGS):
        left = LETTERS_LEFT if word != exact else LETTERS_LEFT_WITHOUT_ARTICLE
        for ending in RELATIVE_ENDINGS:
            if word.endswith(ending) and len(word) - len(ending) >= left:
                word = word[: -len(ending)] + RELATIVE
                break
    return word if _OTHER_SPELLINGS.isdisjoint(word) else word.translate(_ONE_SPELLING)
