"""What was meant by a text that was typed with the other keyboard layout switched on.

The Arabic layout is the one that Windows calls Arabic (101), the commonest; macOS and Linux differ from it in a few
signs only. The Latin one is US QWERTY.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

ROWS: Final = (
    ("qwertyuiop[]", "ضصثقفغعهخحجد"),
    ("asdfghjkl;'", "شسيبلاتنمكط"),
    ("zxcvnm,./", "ئءؤرىةوزظ"),
    ("`", "ذ"),
    ("HNTGYB", ("أ", "آ", "لإ", "لأ", "إ", "لآ")),
)
"""Keys and the letters that they write; capital letters stand for keys with shift."""

LAM_ALEF: Final = "لا"
"""One key, b, writes both letters; so do g and h one after the other."""

FEWEST_LETTERS: Final = 3
"""A shorter text is a word in both scripts too often."""

_TO_ARABIC: Final = {
    **{ord(key): letter for keys, letters in ROWS for key, letter in zip(keys, letters, strict=True)},
    ord("b"): LAM_ALEF,
}
_TO_LATIN: Final = {
    ord(letter): key
    for keys, letters in ROWS
    for key, letter in zip(keys, letters, strict=True)
    if len(letter) == 1 and not key.isupper()
}
_LATIN: Final = re.compile(r"[A-Za-z]")
_ARABIC: Final = re.compile(r"[\u0621-\u064a]")


def with_other_layout(text: str) -> Iterator[str]:
    """What the same keys write in the other layout, the likeliest first; nothing for a text of both scripts."""
    latin, arabic = len(_LATIN.findall(text)), len(_ARABIC.findall(text))
    if latin >= FEWEST_LETTERS and not arabic:
        yield _to_arabic(text)
    elif arabic >= FEWEST_LETTERS and not latin:
        yield text.replace(LAM_ALEF, "b").translate(_TO_LATIN)
        if LAM_ALEF in text:
            yield text.translate(_TO_LATIN)


def _to_arabic(text: str) -> str:
    """Capital letters without a letter of their own are taken for small ones: caps lock was on."""
    shifted = text if not text.isupper() else text.lower()
    return "".join(_TO_ARABIC.get(ord(key)) or _TO_ARABIC.get(ord(key.lower()), key) for key in shifted)
