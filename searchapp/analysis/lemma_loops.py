"""The best analysis of each of many words, split by split, as a compiled loop: see `lemma_batch.py`."""

from __future__ import annotations

from typing import Final

import numpy as np

from searchapp.compiled import Bytes, Flags, Float32s, Float64s, Int32s, Int64s, UInt64s, loop

LETTERS: Final = 32
"""Of a node of a tree of affixes, the nodes that follow it."""
_LETTER_BITS: Final = 5


@loop(writes=("found",))
def find_lemmas(  # noqa: PLR0912
    letters: Bytes, lengths: Int64s, shortest: int, longest_stem: int, longest: int, prefixes: Int32s,
    prefix_numbers: Int32s, suffixes: Int32s, suffix_numbers: Int32s, suffix_count: int, possible: Flags,
    factors: Float64s, whole: Flags, slot_keys: UInt64s, slot_entries: Int32s, multiplier: UInt64s, slot_shift: int,
    classes: int, entries: Int32s, weights: Float32s, found: Int32s,
) -> None:  # fmt: skip
    """Find the number of each word's lemma, or -1.

    Args:
        letters: the words' letters as the lexicon's codes, end to end.
        lengths: of the words.
        shortest: letters of a stem.
        longest_stem: letters of a stem.
        longest: letters of a word that may have an analysis.
        prefixes: a tree: node · `LETTERS` + letter → the next node, -1 for none.
        prefix_numbers: node → the prefix that ends there, or -1.
        suffixes: the same of suffixes, which are read from their ends.
        suffix_numbers: node → the suffix that begins there, or -1.
        suffix_count: how many suffixes there are.
        possible: prefix · suffixes + suffix → whether any class has both.
        factors: (prefix · suffixes + suffix) · classes + class → probability.
        whole: by the same number, whether the word stands as in the dictionary.
        slot_keys: of the `Lexicon`.
        slot_entries: of it.
        multiplier: of its hash.
        slot_shift: bits that a hash has more than a slot's number.
        classes: how many there are.
        entries: of it, four numbers side by side: the lemma, twice the class and one more for the last of a key, …
        weights: … the same memory: and, from the third on, the weight and that with affixes.
        found: becomes the numbers.
    """
    begin = 0
    # The word's first letters, five bits each, and the suffixes that it may end in, by their lengths.
    packed, ends = np.zeros(longest + 1, np.uint64), np.zeros(longest + 1, np.int64)
    for word in range(len(lengths)):
        length = lengths[word]
        start = begin
        begin += length
        found[word] = -1
        if length < shortest or length > longest:
            continue
        for at in range(length):
            packed[at + 1] = (packed[at] << np.uint64(_LETTER_BITS)) | np.uint64(letters[start + at])
        room = length - shortest
        node, most = np.int64(0), 0
        while True:
            ends[most] = suffix_numbers[node]
            if most == room:
                break
            node = np.int64(suffixes[node * LETTERS + letters[start + length - 1 - most]])
            if node < 0:
                break
            most += 1
        best = 0.0
        node, before = np.int64(0), 0
        while True:
            prefix = np.int64(prefix_numbers[node])
            for after in range(max(0, length - before - longest_stem), min(most, room - before) + 1):
                affixes = prefix * suffix_count + ends[after]
                if prefix < 0 or ends[after] < 0 or not possible[affixes]:
                    continue
                stem = length - before - after
                mask = (np.uint64(1) << np.uint64(_LETTER_BITS * stem)) - np.uint64(1)
                key = packed[length - after] & mask
                slot = np.int64((key * multiplier[0]) >> np.uint64(slot_shift))
                for _ in range(len(slot_keys)):
                    if slot_keys[slot] == key or slot_keys[slot] == 0:
                        break
                    slot = (slot + 1) & (len(slot_keys) - 1)
                entry = np.int64(slot_entries[slot]) if slot_keys[slot] == key else -1
                while entry >= 0:
                    lemma, stem_class = entries[4 * entry], np.int64(entries[4 * entry + 1])
                    combined = affixes * classes + (stem_class >> 1)
                    weight = weights[4 * entry + (2 if whole[combined] else 3)]
                    score = np.float64(weight) * factors[combined]
                    if score > best or (score > 0 and score == best and lemma < found[word]):
                        best = score
                        found[word] = lemma
                    entry = -1 if stem_class & 1 else entry + 1
            if before == room:
                break
            node = np.int64(prefixes[node * LETTERS + letters[start + before]])
            if node < 0:
                break
            before += 1
