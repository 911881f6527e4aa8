"""Which pairs of words may be spellings of one another, judged by their letters alone: arrays of pairs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from searchapp.variants.spelling import (
    Changes,
    Consonant,
    Shape,
    Slot,
    consonant_changes,
    crude_skeletons,
    shape,
    slot_changes,
)

Ids = NDArray[np.int64]
Part = TypeVar("Part", Slot, Consonant)

SHORTEST: Final = 3
"""Letters of a word that may have variants."""
MOST_PAIRS: Final = 4_000_000
"""That are compared. News have one million among 100,000 words; more are the work of a vandal or a broken archive, and
the largest groups of words with one skeleton are then left out."""
_FEW_CONSONANTS: Final = 2
_SHORT_WORD: Final = 5

# Each kind of change is counted in four bits of one number, so that a pair's changes are summed as one array.
_BITS: Final = 4
_REFUSED: Final = 1 << (_BITS * len(Changes._fields) + _BITS)


@dataclass(frozen=True, slots=True)
class Candidates:
    """P pairs of words by number, the first before the second, and a (P, kinds of change) array of counts."""

    first: Ids
    second: Ids
    changes: NDArray[np.uint8]

    def take(self, places: Ids | NDArray[np.bool_]) -> Candidates:
        """Some of the pairs."""
        return Candidates(self.first[places], self.second[places], self.changes[places])


def candidates(words: Mapping[int, str]) -> Candidates:
    """All pairs among these words (number → exact form) that differ only as spellings do."""
    numbers, names = list(words), list(words.values())
    groups: dict[str, list[int]] = {}
    for number, name, crude in zip(numbers, names, crude_skeletons(names), strict=True):
        if crude and len(name) >= SHORTEST:
            groups.setdefault(crude, []).append(number)
    shapes, exact_groups = _shapes(words, (group for group in groups.values() if len(group) > 1))
    shared = _within_bounds([group for group in exact_groups if len(group) > 1])
    members = [number for group in shared for number in group]
    lengths = np.fromiter((len(words[number]) for number in members), np.int64, len(members))
    first, second = _pairs_within(np.fromiter(map(len, shared), np.int64, len(shared)))
    near = np.abs(lengths[first] - lengths[second]) <= _FEW_CONSONANTS
    first, second = first[near], second[near]
    packed, consonants = _packed_changes([shapes[number] for number in members], first, second)
    counts = _unpack(packed)
    kept = (packed < _REFUSED) & _near_enough(counts, np.minimum(lengths[first], lengths[second]), consonants[first])
    found = np.fromiter(members, np.int64, len(members))
    return Candidates(found[first[kept]], found[second[kept]], counts[kept])


def _within_bounds(groups: list[list[int]]) -> list[list[int]]:
    """The smallest groups that have `MOST_PAIRS` pairs together."""
    groups = sorted(groups, key=len)
    pairs = np.cumsum([len(group) * (len(group) - 1) // 2 for group in groups])
    return groups[: int(np.searchsorted(pairs, MOST_PAIRS, side="right"))]


def _shapes(words: Mapping[int, str], groups: Iterable[list[int]]) -> tuple[dict[int, Shape], list[list[int]]]:
    """The shapes of the words of these groups, and the groups anew, by their skeletons."""
    shapes: dict[int, Shape] = {}
    by_skeleton: dict[str, list[int]] = {}
    for group in groups:
        for number in group:
            found = shape(words[number])
            if found:
                shapes[number] = found
                by_skeleton.setdefault(found.skeleton, []).append(number)
    return shapes, list(by_skeleton.values())


def _near_enough(counts: NDArray[np.uint8], letters: Ids, consonants: Ids) -> NDArray[np.bool_]:
    """One change in a short word, two in a longer one; with few consonants, no vowel may come, go or change alone.

    A vowel that has moved, or two letters for a foreign g (غوغل, جوجل), count as one.
    """
    total = counts.sum(1)
    length, vowel, g = (counts[:, Changes._fields.index(kind)] for kind in ("length", "vowel", "g"))
    twofold = (total == 2) & ((length == 2) | (g == 2))
    allowed = np.where((letters < _SHORT_WORD) & ~twofold, 1, 2)
    loose = (consonants <= _FEW_CONSONANTS) & (length + vowel > 0) & (letters < _SHORT_WORD)
    return np.asarray((total >= 1) & (total <= allowed) & ~loose)


def _pairs_within(sizes: Ids) -> tuple[Ids, Ids]:
    """All pairs of places within groups that lie end to end, of these sizes."""
    starts = np.concatenate(([0], np.cumsum(sizes)))
    total = int(starts[-1])
    ends = np.repeat(starts[1:], sizes)
    places = np.arange(total)
    followers = ends - places - 1
    first = np.repeat(places, followers)
    begins = np.cumsum(followers) - followers
    second = first + 1 + np.arange(len(first)) - np.repeat(begins, followers)
    return first, second


def _packed_changes(shapes: Sequence[Shape], first: Ids, second: Ids) -> tuple[Ids, Ids]:
    """The changes of each pair, counts side by side in one number, and how many consonants each shape has."""
    slots, fillings, slot_starts = _numbered([each.slots for each in shapes])
    letters, written, letter_starts = _numbered([each.consonants for each in shapes])
    consonants = np.diff(letter_starts)
    total = np.zeros(len(first), np.int64)
    for at in range(int(consonants.max(initial=-1)) + 1):
        pairs = np.flatnonzero(consonants[first] >= at)
        one, other = slot_starts[first[pairs]] + at, slot_starts[second[pairs]] + at
        total[pairs] += _looked_up(fillings, slots[one], slots[other], slot_changes)
        pairs = np.flatnonzero(consonants[first] > at)
        one, other = letter_starts[first[pairs]] + at, letter_starts[second[pairs]] + at
        total[pairs] += _looked_up(written, letters[one], letters[other], consonant_changes)
    return total, consonants


def _numbered(words: Sequence[tuple[Part, ...]]) -> tuple[Ids, list[Part], Ids]:
    """The parts of words end to end, by number; the parts; and where each word's begin."""
    numbers: dict[Part, int] = {}
    found = [numbers.setdefault(part, len(numbers)) for part in chain.from_iterable(words)]
    starts = np.cumsum([0, *map(len, words)])
    return np.array(found, np.int64), list(numbers), starts


def _looked_up(parts: Sequence[Part], one: Ids, other: Ids, changes: Callable[[Part, Part], Changes | None]) -> Ids:
    """The packed changes of pairs of parts, given by number; each distinct pair is compared once."""
    keys = one * len(parts) + other
    distinct = np.flatnonzero(np.bincount(keys, minlength=len(parts) ** 2))
    costs = np.zeros(len(parts) ** 2, np.int64)
    costs[distinct] = [_pack(changes(parts[key // len(parts)], parts[key % len(parts)])) for key in distinct.tolist()]
    found: Ids = costs[keys]
    return found


def _pack(changes: Changes | None) -> int:
    return _REFUSED if changes is None else sum(count << _BITS * at for at, count in enumerate(changes))


def _unpack(packed: Ids) -> NDArray[np.uint8]:
    shifts = np.arange(len(Changes._fields)) * _BITS
    return ((packed[:, None] >> shifts) & ((1 << _BITS) - 1)).astype(np.uint8)
