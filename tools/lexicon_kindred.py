"""Which lemmas are kindred: a verb and its noun of action and participles, a noun or name and its relative adjective.

The dictionary names the verb or noun that a word is made from (زيارة of زار, سوري of سوريا); adjectives of the names of
places that it leaves out are found by their letters.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from searchapp.analysis.affixes import StemClass
from searchapp.analysis.char_filters import clean
from searchapp.analysis.lexicon import NO_KEY, key_of
from searchapp.analysis.token_filters import LetterFoldingFilter
from tools.lexicon_stems import Stem

KINDS: Final = frozenset({"مصدر", "فاعل", "مفعول", "منسوب"})
"""Noun of action, active and passive participle, relative adjective: the dictionary's kinds of derived words."""
SHORTEST_BASE: Final = 3
_RELATIVE: Final = "ي"
_BEFORE_RELATIVE: Final = ("يا", "ا", "ه", "")
"""What a name loses before the ending of the relative adjective: سوري, كندي, مكي, يمني."""

_fold = LetterFoldingFilter().filter
Pairs = Set[tuple[str, str]]


def kindred_pairs(dictionary: Path, stems: Iterable[Stem]) -> Pairs:
    """Pairs of lemmas in exact form, each pair once."""
    found = {*_listed(dictionary), *_of_names(stems)}
    return {(min(pair), max(pair)) for pair in found if pair[0] != pair[1]}


def _listed(dictionary: Path) -> Iterator[tuple[str, str]]:
    with sqlite3.connect(f"file:{dictionary}?mode=ro", uri=True) as connection:
        query = "select unvocalized, wordtype, original from nouns where original <> '' order by id"
        for unvocalized, kinds, original in connection.execute(query):
            word, base = _fold(clean(unvocalized or "")).strip(), _fold(clean(original)).strip()
            if (kinds or "").split(":")[0] in KINDS and " " not in word + base:
                yield word, base


def _of_names(stems: Iterable[Stem]) -> Iterator[tuple[str, str]]:
    lemmas: defaultdict[StemClass, set[str]] = defaultdict(set)
    for stem in stems:
        lemmas[stem.stem_class].add(stem.lemma)
    adjectives = lemmas[StemClass.ADJECTIVE]
    for name in sorted(lemmas[StemClass.PROPER_NOUN] | lemmas[StemClass.NAME]):
        bases = [name.removesuffix(ending) for ending in _BEFORE_RELATIVE if name.endswith(ending)]
        for base in bases:
            if len(base) >= SHORTEST_BASE and base + _RELATIVE in adjectives:
                yield name, base + _RELATIVE


def kindred_arrays(pairs: Pairs, numbers: Mapping[int, int]) -> dict[str, NDArray[Any]]:
    """The arrays of the lexicon file; `numbers` is key of lemma → its number. Pairs of other words are left out."""
    kindred: defaultdict[int, set[int]] = defaultdict(set)
    for pair in pairs:
        one, other = map(key_of, pair)
        if NO_KEY not in {one, other} and one != other and one in numbers and other in numbers:
            kindred[one].add(numbers[other])
            kindred[other].add(numbers[one])
    keys = sorted(kindred)
    lists = [sorted(kindred[key]) for key in keys]
    return {
        "kindred_keys": np.array(keys, np.uint64),
        "kindred_bounds": np.cumsum([0, *map(len, lists)]).astype(np.int32),
        "kindred_lemmas": np.array([number for one in lists for number in one], np.int32),
    }
