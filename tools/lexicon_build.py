"""From stems to the arrays of the lexicon file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from searchapp.analysis.affixes import DEFINITE_PREFIXES, PREFIXES, SUFFIXES, StemClass, compatible
from searchapp.analysis.lemmatizer import SHORTEST_STEM
from searchapp.analysis.lexicon import NO_KEY, Keys, hash_slots, key_of
from tools.lexicon_kindred import Pairs, kindred_arrays
from tools.lexicon_stems import Frequencies, Stem

# Weights of the score, found on one half of the words of UD Arabic-PUD (bench/conflation.py measures the other half).
SMOOTHING: Final = 50  # added to every frequency: a word may be in the dictionary and not in the list
NAME_FACTOR: Final = 1.0  # a proper noun that is a whole word is rather that than anything else
NAME_FREQUENCY: Final = 300  # of a name that only Wikidata knows
AFFIXED_FREQUENCY: Final = 500  # a rarer lemma is only read out of a word with affixes …
RARE_FACTOR: Final = 1e-4  # … when nothing else can be read there
UNSEEN: Final = 1e-6  # probability of an affix that was never seen with a class
# After the article, ي is the ending of a relative adjective; that of a plural before a genitive cannot stand there.
AFTER_ARTICLE_FACTORS: Final = {
    **{(stem_class, ending): 0.01 for stem_class in (StemClass.NOUN, StemClass.ADJECTIVE) for ending in ("ي", "يه")},
    # A pronoun cannot stand there either: it is a feminine, which the dictionary has or lacks (الطفلة).
    **{(stem_class, "ه"): 0.1 for stem_class in (StemClass.NOUN, StemClass.BROKEN_PLURAL)},
}

Probabilities = Mapping[tuple[str, str], float]
"""(kind or class, affix) → probability."""


def combinations(
    prefixes: Probabilities | None, suffixes: Probabilities | None
) -> tuple[NDArray[np.uint32], NDArray[np.float64]]:
    """What goes together, as (prefix · suffixes + suffix) · classes + class, and how likely: 1 if none is given."""
    numbers, factors = [], []
    for prefix_number, prefix in enumerate(PREFIXES):
        for suffix_number, suffix in enumerate(SUFFIXES):
            for stem_class in StemClass:
                if compatible(prefix, suffix, stem_class):
                    before = prefixes.get((stem_class.name, prefix), UNSEEN) if prefixes else 1.0
                    after = suffixes.get((stem_class.name, suffix), UNSEEN) if suffixes else 1.0
                    if prefix in DEFINITE_PREFIXES:
                        after *= AFTER_ARTICLE_FACTORS.get((stem_class, suffix), 1.0)
                    numbers.append((prefix_number * len(SUFFIXES) + suffix_number) * len(StemClass) + stem_class)
                    factors.append(before * after)
    return np.array(numbers, np.uint32), np.array(factors)


def weights(stem: Stem, frequencies: Frequencies) -> tuple[float, float]:
    """The weight of an entry, and its weight in a word with affixes."""
    if stem.stem_class is StemClass.NAME:
        weight = NAME_FREQUENCY * NAME_FACTOR
        return weight, weight
    weight = (frequencies.of(stem) + SMOOTHING) * stem.share
    affixed = weight if weight >= AFFIXED_FREQUENCY + SMOOTHING else weight * RARE_FACTOR
    if stem.stem_class is StemClass.PROPER_NOUN:
        weight *= NAME_FACTOR
    return weight, affixed


def lexicon_arrays(
    stems: Iterable[Stem],
    frequencies: Frequencies,
    prefixes: Probabilities | None,
    suffixes: Probabilities | None,
    kindred: Pairs = frozenset(),
) -> dict[str, NDArray[Any]]:
    """The arrays of `searchapp.analysis.lexicon.Lexicon`, the same for the same stems in any order."""
    readings, spellings = _readings(stems, frequencies)
    lemma_keys = sorted(spellings)
    numbers = {key: number for number, key in enumerate(lemma_keys)}
    lemmas = [max(sorted(spellings[key]), key=lambda word: spellings[key][word]).encode() for key in lemma_keys]
    keys = np.array(sorted(readings), np.uint64)
    rows, last = [], []
    firsts = np.empty(len(keys), np.int32)
    for place, key in enumerate(keys.tolist()):
        firsts[place] = len(rows)
        for (stem_class, lemma_key), weight in sorted(readings[key].items()):
            rows.append((stem_class, numbers[lemma_key], *weight))
            last.append(False)
        last[-1] = True
    slot_keys, slot_entries = _slots(keys, firsts)
    classes, lemma_numbers, whole, affixed = zip(*rows, strict=True)
    combined, factors = combinations(prefixes, suffixes)
    return {
        "slot_keys": slot_keys,
        "slot_entries": slot_entries,
        "entry_classes": np.array(classes, np.uint8),
        "entry_lemmas": np.array(lemma_numbers, np.int32),
        "entry_weights": np.array(whole, np.float32),
        "entry_affixed_weights": np.array(affixed, np.float32),
        "entry_last": np.array(last, np.bool_),
        "lemma_bytes": np.frombuffer(b"".join(lemmas), np.uint8),
        "lemma_bounds": np.cumsum([0, *map(len, lemmas)]).astype(np.int32),
        "combinations": combined,
        "combination_factors": factors,
        **kindred_arrays(kindred, numbers),
    }


def _readings(
    stems: Iterable[Stem], frequencies: Frequencies
) -> tuple[dict[int, dict[tuple[StemClass, int], tuple[float, float]]], dict[int, dict[str, int]]]:
    """Key of stem → class and key of lemma → weights; key of lemma → its spellings and how many stems have each."""
    readings: dict[int, dict[tuple[StemClass, int], tuple[float, float]]] = defaultdict(dict)
    spellings: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for stem in stems:
        key, lemma_key = key_of(stem.text), key_of(stem.lemma)
        if NO_KEY not in {key, lemma_key} and len(stem.text) >= SHORTEST_STEM:
            reading = stem.stem_class, lemma_key
            readings[key][reading] = max(readings[key].get(reading, (0.0, 0.0)), weights(stem, frequencies))
            spellings[lemma_key][stem.lemma] += 1
    return readings, spellings


def _slots(keys: Keys, values: NDArray[np.int32]) -> tuple[Keys, NDArray[np.int32]]:
    """A hash table with linear probing, at most two thirds full."""
    bits = int(len(keys) * 1.5).bit_length()
    held, found = np.zeros(1 << bits, np.uint64), np.zeros(1 << bits, np.int32)
    for key, value, slot in zip(keys, values, hash_slots(keys, bits).tolist(), strict=True):
        place = slot
        while held[place] != NO_KEY:
            place = (place + 1) % len(held)
        held[place], found[place] = key, value
    return held, found
