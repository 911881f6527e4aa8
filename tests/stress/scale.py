"""How far a stress test goes: seconds in `make test`, as far as its task says in `make stress`."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Final

LONG: Final = os.environ.get("SEARCHAPP_STRESS") == "1"
FIGURES: Final = Path(__file__).resolve().parents[2] / "build" / "reliability.jsonl"
"""What the long forms measured, a line each, for docs/reliability.md."""


def scaled(short: int, long: int) -> int:
    """How many of something: `short` in `make test`, `long` in `make stress`."""
    return long if LONG else short


def note(line: str, **figures: object) -> None:
    """Put down what a long form measured; the short forms keep no figures."""
    if LONG:
        FIGURES.parent.mkdir(exist_ok=True)
        with FIGURES.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"test": line, **figures}, ensure_ascii=False) + "\n")
