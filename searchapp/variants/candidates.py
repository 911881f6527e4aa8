"""Which pairs of words may be spellings of one another, judged by their letters alone: arrays of pairs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from searchapp.variants.pair_loops import need_changes, sum_changes
from searchapp.variants.shapes import Ids, Shapes, consonant_of, shapes_of, slot_of
from searchapp.variants.spelling import Changes, Consonant, Slot, consonant_changes, slot_changes

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
    numbers, lengths = (np.fromiter(each, np.int64, len(words)) for each in (words, map(len, words.values())))
    shapes = shapes_of(list(words.values()))
    members, sizes = _within_bounds(shapes, np.flatnonzero(shapes.usable & (lengths >= SHORTEST)))
    first, second, packed = _compared(_parts(shapes, members), sizes, lengths.take(members))
    first, second = members.take(first), members.take(second)
    counts = _unpack(packed)
    shorter = np.minimum(lengths[first], lengths[second])
    kept = _near_enough(counts, shorter, shapes.counts[first])
    return Candidates(numbers[first[kept]], numbers[second[kept]], counts[kept])


def _within_bounds(shapes: Shapes, words: Ids) -> tuple[Ids, Ids]:
    """Words in groups of one skeleton, end to end, and the groups' sizes: the smallest that have `MOST_PAIRS` pairs."""
    _, first, group, sizes = np.unique(
        shapes.skeletons.take(words), return_index=True, return_inverse=True, return_counts=True
    )
    order = np.lexsort((first, sizes))
    pairs = np.cumsum((sizes * (sizes - 1) // 2).take(order))
    kept = order[: int(np.searchsorted(pairs, MOST_PAIRS, side="right"))]
    kept = kept[sizes.take(kept) > 1]
    ranks = np.full(len(sizes), len(kept))
    ranks[kept] = np.arange(len(kept))
    ranks = ranks.take(group)
    return words.take(np.argsort(ranks, kind="stable")[: int(sizes.take(kept).sum())]), sizes.take(kept)


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


@dataclass(frozen=True, slots=True)
class _Parts:
    """M words in groups: `counts` of consonants, and where the slots and consonants of each begin, as numbers.

    The numbers are places among `fillings` and `written`, which say what they are; `consonants` and `slots` of other
    words mean nothing.
    """

    counts: Ids
    slot_starts: Ids
    slots: Ids
    fillings: list[Slot]
    starts: Ids
    consonants: Ids
    written: list[Consonant]


def _parts(shapes: Shapes, members: Ids) -> _Parts:
    slot_starts = shapes.starts + np.arange(len(shapes.starts))
    slots, fillings = _numbered(shapes.slots, slot_starts, shapes.counts + 1, members, slot_of)
    letters, written = _numbered(shapes.consonants, shapes.starts, shapes.counts, members, consonant_of)
    starts = slot_starts.take(members), shapes.starts.take(members)
    return _Parts(shapes.counts.take(members), starts[0], slots, fillings, starts[1], letters, written)


def _compared(parts: _Parts, sizes: Ids, lengths: Ids) -> tuple[Ids, Ids, Ids]:
    """The pairs of words, by place, that no change is refused of, and their changes side by side in one number."""
    if (need := need_changes.ready()) is not None and (add := sum_changes.ready()) is not None:
        return _compared_by_loops(parts, sizes, lengths, need, add)
    first, second = _pairs_within(sizes)
    near = np.abs(lengths.take(first) - lengths.take(second)) <= _FEW_CONSONANTS
    first, second = first[near], second[near]
    packed = _packed_changes(parts, first, second)
    kept = packed < _REFUSED
    return first[kept], second[kept], packed[kept]


def _compared_by_loops(
    parts: _Parts, sizes: Ids, lengths: Ids, need: Callable[..., int], add: Callable[..., int]
) -> tuple[Ids, Ids, Ids]:
    letters = np.array([len(slot.letters) for slot in parts.fillings], np.int64)
    slots = np.zeros(len(parts.fillings) ** 2, np.uint8)
    consonants = np.zeros(len(parts.written) ** 2, np.uint8)
    words = sizes, lengths, _FEW_CONSONANTS, parts.counts, parts.slot_starts, parts.slots, letters
    others = parts.starts, parts.consonants, len(parts.written)
    pairs = need(*words, *others, slots, consonants)
    costs = _costs(parts.fillings, slots, slot_changes), _costs(parts.written, consonants, consonant_changes)
    found = np.empty(pairs, np.int64), np.empty(pairs, np.int64), np.empty(pairs, np.int64)
    count = add(*words, costs[0], *others, costs[1], _REFUSED, *found)
    return found[0][:count], found[1][:count], found[2][:count]


def _packed_changes(parts: _Parts, first: Ids, second: Ids) -> Ids:
    """The changes of each pair of words, given by place."""
    counts = parts.counts.take(first)
    in_slots, in_letters = ((starts.take(first), starts.take(second)) for starts in (parts.slot_starts, parts.starts))
    total = np.zeros(len(first), np.int64)
    pairs = np.arange(len(first))
    for at in range(int(counts.max(initial=-1)) + 1):
        one, other = (parts.slots.take(starts.take(pairs) + at) for starts in in_slots)
        total[pairs] += _looked_up(parts.fillings, one, other, slot_changes)
        pairs = pairs[counts.take(pairs) > at]
        one, other = (parts.consonants.take(starts.take(pairs) + at) for starts in in_letters)
        total[pairs] += _looked_up(parts.written, one, other, consonant_changes)
    return total


def _numbered(
    parts: Ids, starts: Ids, counts: Ids, members: Ids, part_of: Callable[[int], Part]
) -> tuple[Ids, list[Part]]:
    """The parts of all words by new numbers, and what those of some words are; other numbers mean nothing."""
    used = np.zeros(int(parts.max(initial=0)) + 1, bool)
    for at in range(int(counts[members].max(initial=0))):
        used[parts[starts[members[counts[members] > at]] + at]] = True
    distinct = np.flatnonzero(used)
    return (np.cumsum(used) - 1)[parts], list(map(part_of, distinct.tolist()))


def _looked_up(parts: list[Part], one: Ids, other: Ids, changes: Callable[[Part, Part], Changes | None]) -> Ids:
    """The packed changes of pairs of parts, given by number."""
    keys = one * len(parts) + other
    return _costs(parts, np.bincount(keys, minlength=len(parts) ** 2), changes).take(keys)


def _costs(parts: list[Part], needed: NDArray[Any], changes: Callable[[Part, Part], Changes | None]) -> Ids:
    """The packed changes of the pairs of parts, one × number of all + other, that are not 0 in `needed`."""
    distinct = np.flatnonzero(needed)
    costs = np.zeros(len(parts) ** 2, np.int64)
    costs[distinct] = [_pack(changes(parts[key // len(parts)], parts[key % len(parts)])) for key in distinct.tolist()]
    return costs


def _pack(changes: Changes | None) -> int:
    return _REFUSED if changes is None else sum(count << _BITS * at for at, count in enumerate(changes))


def _unpack(packed: Ids) -> NDArray[np.uint8]:
    shifts = np.arange(len(Changes._fields)) * _BITS
    return ((packed[:, None] >> shifts) & ((1 << _BITS) - 1)).astype(np.uint8)
