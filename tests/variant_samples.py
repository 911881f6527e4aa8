"""Texts of two outlets that spell a word differently."""

from __future__ import annotations

import random

FILLERS = (
    "مصدر", "مسؤول", "اعلن", "قرار", "جديد", "مدينة", "شارع", "يوم", "صباح", "مساء",
    "تقرير", "صحيفة", "وزارة", "لقاء", "موعد", "خطة", "مشروع", "ميناء", "سوق", "طريق",
)  # fmt: skip


def sentence(word: str, seed: int) -> str:
    """A sentence about a word, the same for the same seed."""
    drawn = random.Random(seed)
    before, after = drawn.choices(FILLERS, k=4), drawn.choices(FILLERS, k=4)
    return " ".join([*before, f"بنيامين{seed % 3}", word, *after])


def reprints(one: str, other: str, count: int = 6) -> list[str]:
    """Stories of one outlet, and the same stories of another outlet, which spells one word differently."""
    return [sentence(word, seed) for word in (one, other) for seed in range(count)]
