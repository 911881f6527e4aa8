"""Names of other languages that are one name by their letters alone.

Names that only few texts have stand in too few sentences for the texts to tell. But in a long name without any letter
that only Arabic words have, one short vowel written or not (مرسيليا, مارسيليا), one letter doubled (هوليود, هوليوود) or
ج for غ makes hardly ever another name. In short names (كارل, كارول) and where vowels meet (مارينا, ماريانا) it does.
"""

from __future__ import annotations

import re
from typing import Final

SHORTEST: Final = 6
"""Letters of the shorter name."""
ARABIC_LETTERS: Final = frozenset("عحصضطظقذثخءئؤ")
"""Letters that words of other languages are seldom written with."""

_VOWELS: Final = "اوي"
_DOUBLED: Final = re.compile(r"(.)\1")
# After the first consonant و makes another name (بروسيا, بوروسيا).
_SHORT_VOWEL: Final = re.compile(f"(?<=[^{_VOWELS}])(?:(?<!^.)و|[اي])(?=[^{_VOWELS}])")


def may_be_foreign(word: str) -> bool:
    """Whether a word in exact form has enough letters, and none that only Arabic words have."""
    return len(word) >= SHORTEST and ARABIC_LETTERS.isdisjoint(word) and not word.startswith("ال")


def is_one_name(one: str, other: str) -> bool:
    """Whether two words that may be foreign are spellings of one name."""
    if one.replace("غ", "ج") == other.replace("غ", "ج") or _DOUBLED.sub(r"\1", one) == _DOUBLED.sub(r"\1", other):
        return True
    shorter, longer = sorted((one, other), key=len)
    return len(longer) == len(shorter) + 1 and any(
        longer[: found.start()] + longer[found.end() :] == shorter for found in _SHORT_VOWEL.finditer(longer)
    )
