"""Content words that never name what a text is about, so that copies may differ in them throughout."""

from __future__ import annotations

from typing import Final

# What an outlet that prints a day later changes in a copy: today, yesterday, tomorrow, last, next, current.
_DAY_OF_PRINTING: Final = frozenset(
    [
        "اليوم",
        "امس",
        "الامس",
        "غدا",
        "غد",
        "الغد",
        "يوم",
        "مساء",
        "صباح",
        "الماضي",
        "الماضيه",
        "المقبل",
        "المقبله",
        "القادم",
        "القادمه",
        "الجاري",
        "الحالي",
    ]
)
# He, she or they said: an editor puts one of these in the place of another throughout.
_SAID: Final = (
    "قال",
    "صرح",
    "اكد",
    "اضاف",
    "اوضح",
    "شدد",
    "اشار",
    "ذكر",
    "بين",
    "اعلن",
    "كشف",
    "لفت",
    "نوه",
    "تابع",
    "افاد",
    "اورد",
    "اردف",
    "استطرد",
    "اعتبر",
    "راي",
)
_SAYING: Final = frozenset(
    f"{conjunction}{verb}{ending}" for verb in _SAID for conjunction in ("", "و") for ending in ("", "ت", "وا")
)
NAMES_NOTHING: Final = _DAY_OF_PRINTING | _SAYING
"""Exact forms."""
