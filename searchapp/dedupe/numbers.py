"""What a word says as a number, so that «خمسة», «الخامسة», `5` and `٥` are one, and `12,000` and `12000` too.

A weekday is a number as well: yesterday's weather report differs from today's in little else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from searchapp.analysis.tokenizer import NUMBER_SEPARATORS

# Exact forms (folded letters) of counting and ordinal words, in both genders and all cases that news uses.
_SPELLED: Final = {
    1: "واحد واحده اول اولي حادي حاديه احد احدي",
    2: "اثنان اثنين اثنتان اثنتين اثنا اثني ثاني ثانيه ثان",
    3: "ثلاث ثلاثه ثالث ثالثه",
    4: "اربع اربعه رابع رابعه",
    5: "خمس خمسه خامس خامسه",
    6: "ست سته سادس سادسه",
    7: "سبع سبعه سابع سابعه",
    8: "ثمان ثماني ثمانيه ثامن ثامنه",
    9: "تسع تسعه تاسع تاسعه",
    10: "عشر عشره عاشر عاشره",
    20: "عشرون عشرين",
    30: "ثلاثون ثلاثين",
    40: "اربعون اربعين",
    50: "خمسون خمسين",
    60: "ستون ستين",
    70: "سبعون سبعين",
    80: "ثمانون ثمانين",
    90: "تسعون تسعين",
}
# Weekdays count from Sunday, as two of them are ordinals anyway. Without the article these are other words, too.
_WEEKDAYS: Final = {3: "الثلاثاء الثلثاء", 4: "الاربعاء", 5: "الخميس", 6: "الجمعه", 7: "السبت"}
_PREFIXES: Final = ("", "ال", "و", "وال", "ب", "بال", "ل", "لل", "ف", "فال")
_VALUES: Final = {
    prefix + word: str(value) for value, words in _SPELLED.items() for word in words.split() for prefix in _PREFIXES
} | {prefix + word: str(value) for value, words in _WEEKDAYS.items() for word in words.split() for prefix in ("", "و")}
# Up to three letters stand glued to digits: ب12, و1069, 1436ه, 2015م.
_DIGITS: Final = re.compile(rf"[^\W\d_]{{0,3}}([0-9][0-9{NUMBER_SEPARATORS}]*)[^\W\d_]{{0,3}}")
_GROUPED: Final = re.compile(rf"[0-9]{{1,3}}(?:[{NUMBER_SEPARATORS}][0-9]{{3}})+")
_SEPARATOR: Final = re.compile(f"[{NUMBER_SEPARATORS}]")


def number_value(word: str) -> str | None:
    """The number that an exact form says, in ASCII digits with a point before decimals; None if it says none."""
    match = None if word.isalpha() else _DIGITS.fullmatch(word)
    if match is None:
        return _VALUES.get(word)
    digits = match[1].rstrip(NUMBER_SEPARATORS)
    if _GROUPED.fullmatch(digits):
        digits = _SEPARATOR.sub("", digits)
    return _SEPARATOR.sub(".", digits).lstrip("0") or "0"


def number_values(words: Sequence[str]) -> list[str | None]:
    """The `number_value` of each of many words."""
    values = list(map(_VALUES.get, words))
    for place, has_letters_alone in enumerate(map(str.isalpha, words)):
        if not has_letters_alone:
            values[place] = number_value(words[place])
    return values


def may_be_same(first: list[str], second: list[str]) -> bool:
    """Whether two places say the same number in another way: grouped otherwise, in thousands, or shortened.

    «44.7 ألف» and `44793`, `25 823` and `25823`, «12 ألف» and `12000` agree in the digits that both have.
    """
    one, other = ("".join(filter(str.isdigit, "".join(values))) for values in (first, second))
    shorter, longer = sorted((one, other), key=len)
    if shorter == longer:
        return True
    rest = longer[len(shorter) :]
    return longer.startswith(shorter) and (len(shorter) > 2 or set(rest) <= {"0"})
