"""Made-up news, the same for the same seed: many words of uneven frequency, outlets, dates and copies."""

from __future__ import annotations

import json
import random
from datetime import date, timedelta
from pathlib import Path
from typing import Final

WORDS: Final = (
    "وزير", "الخارجية", "العاصمة", "اجتمع", "رئيس", "الحكومة", "أعلن", "قرار", "مدينة", "اقتصاد", "سوق", "نفط", "رياضة",
    "فريق", "مباراة", "طقس", "أمطار", "مدرسة", "جامعة", "طلاب", "مستشفى", "دواء", "طريق", "مطار", "سفر", "بحر", "جبل",
)  # fmt: skip
OUTLETS: Final = ("سبق", "عكاظ", "الرياض", "المدينة", "وكالة الأنباء", None)
FIRST_DAY: Final = date(2023, 1, 1)
SYLLABLES: Final = ("با", "تي", "را", "سو", "كا", "لم", "نو", "هي", "وش", "قد", "فر", "عم", "غا", "طو")


def vocabulary(size: int) -> list[str]:
    """The words above, and then made-up ones."""
    chance = random.Random(3)
    made = ("".join(chance.choices(SYLLABLES, k=chance.randint(2, 4))) for _ in range(size))
    return [*WORDS, *dict.fromkeys(made)]


def records(count: int, *, seed: int, prefix: str) -> list[dict[str, object]]:
    """So many records; every ninth is a copy of the one before."""
    chance, words = random.Random(seed), vocabulary(3000)
    weights = [1 / rank for rank in range(1, len(words) + 1)]
    made: list[dict[str, object]] = []
    for number in range(count):
        copied = number % 9 == 8
        text = made[-1]["text"] if copied else " ".join(chance.choices(words, weights, k=chance.randint(20, 90)))
        day = FIRST_DAY + timedelta(days=chance.randrange(700))
        made.append(
            {
                "id": f"{prefix}{number}",
                "title": made[-1]["title"] if copied else " ".join(chance.choices(words, weights, k=6)),
                "text": text,
                "source": chance.choice(OUTLETS),
                "date": day.isoformat() if number % 7 else None,
            }
        )
    return made


def write_news(path: Path, count: int, *, seed: int = 0, prefix: str = "n") -> Path:
    """A JSONL file of so many records."""
    lines = (json.dumps(record, ensure_ascii=False) + "\n" for record in records(count, seed=seed, prefix=prefix))
    path.write_text("".join(lines), encoding="utf-8")
    return path
