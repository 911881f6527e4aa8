"""Pairs of words of one skeleton compared part by part, as compiled loops: see `candidates.py`.

Words lie in groups, end to end, of the given sizes; `starts` says where each begins among the parts, its slots or its
consonants, which are numbered below `width`. Of a word with C consonants there are C of these and C + 1 slots.
"""

from __future__ import annotations

from searchapp.compiled import Bytes, Int64s, loop


@loop(writes=("needed_slots", "needed_consonants"))
def need_changes(
    sizes: Int64s,
    lengths: Int64s,
    most: int,
    counts: Int64s,
    slot_starts: Int64s,
    slots: Int64s,
    slot_lengths: Int64s,
    starts: Int64s,
    consonants: Int64s,
    width: int,
    needed_slots: Bytes,
    needed_consonants: Bytes,
) -> int:
    """Mark the pairs of parts, one × number of all + other, that stand against one another in some pair of words.

    Left out are pairs of words whose lengths differ by more than `most`, or two slots of which by more than a letter.
    Returns how many pairs of words are left.
    """
    all_slots = len(slot_lengths)
    begin, found = 0, 0
    for group in range(len(sizes)):
        end = begin + sizes[group]
        for one in range(begin, end):
            for other in range(one + 1, end):
                if abs(lengths[one] - lengths[other]) > most:
                    continue
                first, second = slot_starts[one], slot_starts[other]
                alike = True
                for at in range(counts[one] + 1):
                    if abs(slot_lengths[slots[first + at]] - slot_lengths[slots[second + at]]) > 1:
                        alike = False
                        break
                if not alike:
                    continue
                found += 1
                for at in range(counts[one] + 1):
                    needed_slots[slots[first + at] * all_slots + slots[second + at]] = 1
                first, second = starts[one], starts[other]
                for at in range(counts[one]):
                    needed_consonants[consonants[first + at] * width + consonants[second + at]] = 1
        begin = end
    return found


@loop(writes=("firsts", "seconds", "packed"))
def sum_changes(
    sizes: Int64s,
    lengths: Int64s,
    most: int,
    counts: Int64s,
    slot_starts: Int64s,
    slots: Int64s,
    slot_lengths: Int64s,
    slot_changes: Int64s,
    starts: Int64s,
    consonants: Int64s,
    width: int,
    consonant_changes: Int64s,
    refused: int,
    firsts: Int64s,
    seconds: Int64s,
    packed: Int64s,
) -> int:
    """Write the pairs of words, by place, of which no change is refused, and their changes; returns how many."""
    all_slots = len(slot_lengths)
    begin, found = 0, 0
    for group in range(len(sizes)):
        end = begin + sizes[group]
        for one in range(begin, end):
            for other in range(one + 1, end):
                if abs(lengths[one] - lengths[other]) > most:
                    continue
                first, second = slot_starts[one], slot_starts[other]
                total = 0
                for at in range(counts[one] + 1):
                    here, there = slots[first + at], slots[second + at]
                    if abs(slot_lengths[here] - slot_lengths[there]) > 1:
                        total = refused
                    else:
                        total += slot_changes[here * all_slots + there]
                    if total >= refused:
                        break
                if total >= refused:
                    continue
                first, second = starts[one], starts[other]
                for at in range(counts[one]):
                    total += consonant_changes[consonants[first + at] * width + consonants[second + at]]
                    if total >= refused:
                        break
                if total < refused:
                    firsts[found], seconds[found], packed[found] = one, other, total
                    found += 1
        begin = end
    return found
