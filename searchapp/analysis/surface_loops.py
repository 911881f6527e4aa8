"""Surfaces looked up and put into their tables, as compiled loops: see `surface_table.py`.

Keys of several words lie word by word: word w of key k of n keys is entry w · n + k.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from searchapp.compiled import Int32s, Int64s, UInt64s, loop, part

_MOST_BITS: Final = 48
"""Of the number of slots: more than memory holds, few enough that no sum is too large for its type."""
_0, _1 = np.uint64(0), np.uint64(1)


@part
def first_slot(keys: UInt64s, key: int, multipliers: UInt64s, bits: int) -> np.int64:
    """The slot where the search for a key begins."""
    count = len(keys) // len(multipliers)
    mixed = np.uint64(0)
    for word in range(len(multipliers)):
        mixed += keys[word * count + key] * multipliers[word]
    return np.int64(mixed >> np.uint64(64 - bits))


@part
def holds(held: UInt64s, slot: np.int64, keys: UInt64s, key: int, words: int) -> bool:
    """Whether a slot holds this key."""
    count = len(keys) // words
    same = True
    for word in range(words):
        same &= held[slot * (words + 1) + word] == keys[word * count + key]
    return same


@loop(writes=("values", "unknown"))
def find_keys(held: UInt64s, bits: int, multipliers: UInt64s, keys: UInt64s, values: UInt64s, unknown: Int64s) -> int:
    """Write the values of keys, and the places among them of those that are not known; returns how many these are."""
    words = len(multipliers)
    missing = 0
    for key in range(len(keys) // words):
        slot = first_slot(keys, key, multipliers, bits)
        for _ in range(1 << bits):
            if held[slot * (words + 1)] == 0:
                unknown[missing] = key
                missing += 1
                break
            if holds(held, slot, keys, key, words):
                values[key] = held[slot * (words + 1) + words]
                break
            slot = (slot + 1) & ((1 << bits) - 1)
    return missing


@loop(writes=("held",))
def place_keys(held: UInt64s, bits: int, multipliers: UInt64s, keys: UInt64s, values: UInt64s) -> None:
    """Put in keys that are not in the table yet; there must be room for all."""
    words = len(multipliers)
    count = len(keys) // words
    for key in range(count):
        slot = first_slot(keys, key, multipliers, bits)
        for _ in range(1 << bits):
            if held[slot * (words + 1)] == 0:
                for word in range(words):
                    held[slot * (words + 1) + word] = keys[word * count + key]
                held[slot * (words + 1) + words] = values[key]
                break
            slot = (slot + 1) & ((1 << bits) - 1)


@loop(writes=("slots", "first", "which"))
def distinct_keys(keys: UInt64s, multipliers: UInt64s, bits: int, slots: Int32s, first: Int64s, which: Int64s) -> int:
    """Write where each distinct key stands first, and for every key which of these it is; returns how many there are.

    `slots` are 2 to the power of `bits` zeros, more than there are keys.
    """
    words = len(multipliers)
    count = len(keys) // words
    found = 0
    for key in range(count):
        slot = first_slot(keys, key, multipliers, bits)
        for _ in range(1 << bits):
            number = slots[slot] - 1
            if number < 0:
                number = found
                slots[slot] = found + 1
                first[found] = key
                which[key] = number
                found += 1
                break
            same = True
            for word in range(words):
                same &= keys[word * count + key] == keys[word * count + first[number]]
            if same:
                which[key] = number
                break
            slot = (slot + 1) & ((1 << bits) - 1)
    return found


@loop(writes=("values", "unknown"), bounded=True)
def find_short(
    held: UInt64s, bits: int, multiplier: UInt64s, keys: UInt64s, lowest: int, values: UInt64s, unknown: Int64s
) -> int:
    """As `find_keys`, of keys of one word; those below `lowest` are none, and count among the unknown."""
    if not 1 <= bits <= _MOST_BITS or len(held) < 2 << bits or len(multiplier) != 1:
        raise IndexError("the table has not as many slots")
    if min(len(values), len(unknown)) < len(keys):
        raise IndexError("an array is too short")
    by, shift, least = multiplier[0], np.uint64(64 - bits), np.uint64(lowest)
    # Nearly all keys are in the first slot where they are looked for. Where nothing else is done with these, the
    # processor looks for many at once, and waits for memory once.
    missing = _0
    for key in range(np.uint64(len(keys))):
        word = keys[key]
        at = ((word * by) >> shift) << _1
        values[key] = held[at + _1]
        unknown[missing] = key
        missing += np.uint64((held[at] != word) | (word < least))
    last = (np.uint64(2) << np.uint64(bits)) - _1
    left = _0
    for place in range(missing):
        again = np.uint64(unknown[place])
        word = keys[again]
        at = ((word * by) >> shift) << _1
        is_known = False
        if word >= least:
            for _ in range(1 << bits):
                if held[at] == word:
                    values[again] = held[at + _1]
                    is_known = True
                    break
                if held[at] == 0:
                    break
                at = (at + np.uint64(2)) & last
        unknown[left] = again
        left += np.uint64(not is_known)
    return int(left)
