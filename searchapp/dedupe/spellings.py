"""Whether two words are one word in two spellings: جوجل and غوغل, أمريكا and أميركا, عبدالله and عبد."""

from __future__ import annotations

from difflib import SequenceMatcher
from functools import lru_cache
from typing import Final

from searchapp.dedupe.countries import are_other_countries

SAME_LETTERS: Final = 0.65
"""Share of letters, in order, that two spellings have in common at least; two names by chance have a quarter."""
_ARTICLES: Final = ("وال", "بال", "فال", "كال", "لل", "ال")
_LEAST_PART: Final = 3
_FOREIGN_G: Final = str.maketrans("غقكگ", "جججج")
"""The letters that outlets write for one foreign sound."""


@lru_cache(maxsize=1 << 14)
def are_spellings(one: str, other: str) -> bool:
    """Whether these exact forms may be the same word, or one the other with a word glued to it."""
    if are_other_countries(one, other):  # ليبيا and ليبيريا
        return False
    short, long = sorted((one, other), key=len)
    if short in long and len(short) >= _LEAST_PART:
        return True
    first, second = _letters(one), _letters(other)
    return SequenceMatcher(None, first, second, autojunk=False).ratio() >= SAME_LETTERS


def _letters(word: str) -> str:
    """What is compared: the word without its article, and what is written for a foreign g made one."""
    article = next((article for article in _ARTICLES if word.startswith(article)), "")
    return word.removeprefix(article).translate(_FOREIGN_G)
