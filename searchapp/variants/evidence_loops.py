"""Frames and company of words read off a stream, as compiled loops: see `evidence.py`."""

from __future__ import annotations

import numpy as np

from searchapp.compiled import Flags, Int32s, Int64s, UInt64s, loop, part

_AT_ONCE = 4096


@part
def collect(words: Int32s, wanted: Flags, begin: int, end: int, places: Int64s) -> int:
    """Write the places of wanted words; it branches nowhere, since no processor foresees which words are wanted."""
    found = 0
    for place in range(begin, end):
        places[found] = place
        found += wanted[words[place]]
    return found


@loop(writes=("keys",))
def frame_keys(
    words: Int32s, wanted: Flags, offsets: Int64s, reach: int, outside: int, mixer: UInt64s, bits: int, keys: UInt64s
) -> int:
    """Write a key for each wanted word in a whole frame: the frame's hash above so many bits, which hold the word.

    Returns how many they are; `keys` has room for one more. The first and last `reach` words of the stream have none.
    """
    low = np.uint64(bits)
    half = np.uint64(32)
    places = np.empty(_AT_ONCE + 1, np.int64)
    found = 0
    for begin in range(reach, len(words) - reach, _AT_ONCE):
        for number in range(collect(words, wanted, begin, min(begin + _AT_ONCE, len(words) - reach), places)):
            place = places[number]
            hashed = np.uint64(0)
            whole = True
            for offset in offsets:
                neighbour = words[place + offset]
                whole &= neighbour != outside
                hashed = (hashed ^ np.uint64(neighbour)) * mixer[0]
                hashed ^= hashed >> half
            keys[found] = (hashed >> low << low) | np.uint64(words[place])
            found += whole
    return found


@loop(writes=("keys", "shared"))
def count_shared(keys: UInt64s, bits: int, followers: int, size: int, known: Int64s, shared: Int64s) -> None:
    """Count for each known pair, one word × `size` + other, in how many frames both stand.

    `keys` are sorted; equal ones count once, and they are moved together for it. In a frame each word is paired with
    so many that follow.
    """
    low = np.uint64(bits)
    mask = (np.uint64(1) << low) - np.uint64(1)
    distinct = 0
    for place in range(len(keys)):
        if distinct == 0 or keys[place] != keys[distinct - 1]:
            keys[distinct] = keys[place]
            distinct += 1
    for place in range(distinct):
        for other in range(place + 1, min(place + followers + 1, distinct)):
            if keys[other] >> low != keys[place] >> low:
                break
            asked = np.int64(keys[place] & mask) * size + np.int64(keys[other] & mask)
            begin, end = 0, len(known)
            while begin < end:
                middle = (begin + end) >> 1
                if known[middle] < asked:
                    begin = middle + 1
                else:
                    end = middle
            if begin < len(known) and known[begin] == asked:
                shared[begin] += 1


@loop(writes=("places",))
def sample_places(
    words: Int32s, wanted: Flags, counts: Int64s, mixer: UInt64s, occurrences: int, places: Int64s
) -> int:
    """Write about so many places of each wanted word, drawn by a hash of the place.

    Returns how many these are; `places` has room for one more.
    """
    half = np.uint64(32)
    wanted_places = np.empty(_AT_ONCE + 1, np.int64)
    found = 0
    for begin in range(0, len(words), _AT_ONCE):
        for number in range(collect(words, wanted, begin, min(begin + _AT_ONCE, len(words)), wanted_places)):
            place = wanted_places[number]
            draw = (np.uint64(place) * mixer[0]) >> half
            places[found] = place
            found += (draw * np.uint64(counts[words[place]])) >> half < np.uint64(occurrences)
    return found


@loop(writes=("keys",))
def neighbour_keys(words: Int32s, places: Int64s, reach: int, size: int, keys: Int64s) -> int:
    """Write word × `size` + neighbour for the neighbours of places, but those outside, the last number.

    Returns how many they are.
    """
    found = 0
    for number in range(len(places)):
        place = places[number]
        holder = np.int64(words[place]) * size
        for at in range(place - reach, place + reach + 1):
            neighbour = np.int64(words[at])
            if at != place and neighbour != size - 1:
                keys[found] = holder + neighbour
                found += 1
    return found
