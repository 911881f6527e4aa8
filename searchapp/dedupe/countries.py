"""Which words name a country: two countries are never two names of one thing, however alike they are written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

from searchapp.analysis.token_filters import LetterFoldingFilter

_FILE: Final = Path(__file__).with_name("countries.tsv")
_PARTICLES: Final = tuple("وفبلك")
_MOST_PARTICLES: Final = 2
"""Before a name: وللعراق."""
_NOWHERE: Final = frozenset[str]()


@lru_cache(maxsize=1 << 14)
def are_other_countries(one: str, other: str) -> bool:
    """Whether both exact forms name countries, with particles before them or without, and not the same one."""
    here = countries_of(one)
    return bool(here) and bool(there := countries_of(other)) and here.isdisjoint(there)


def countries_of(word: str) -> frozenset[str]:
    """The codes of the countries that an exact form may name."""
    names = _countries()
    for particles in range(_MOST_PARTICLES + 1):
        rest = word[particles:]
        found = names.get(f"ال{rest[2:]}" if rest.startswith("لل") else rest)  # الـ loses a letter after ل
        if found is not None:
            return found
        if rest[:1] not in _PARTICLES:
            break
    return _NOWHERE


@cache
def _countries() -> Mapping[str, frozenset[str]]:
    fold = LetterFoldingFilter().filter
    found = defaultdict[str, set[str]](set)
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            code, names = line.split("\t")
            for name in names.split():
                found[fold(name)].add(code)
    return {name: frozenset(codes) for name, codes in found.items()}
