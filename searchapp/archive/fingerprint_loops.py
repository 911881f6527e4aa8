"""Fingerprints looked up in a run and noted in its filter, and whom they are shared with, in compiled loops."""

from __future__ import annotations

from typing import Final

import numpy as np

from searchapp.compiled import Bytes, Int64s, UInt64s, loop, part

FIRST_MULTIPLIER: Final = np.uint64(0x9E3779B97F4A7C15)
SECOND_MULTIPLIER: Final = np.uint64(0xC2B2AE3D27D4EB4F)
THIRD_MULTIPLIER: Final = np.uint64(0xD6E8FEB86659FD93)
PROBE_SHIFT: Final = np.uint64(32)
_BYTE: Final = np.uint64(3)
_BIT: Final = np.uint64(7)
_ONE: Final = np.uint64(1)
_GAPS: Final = 3
"""Times that one gap of Shell's method is as wide as the next, by Knuth's sequence."""


@loop(writes=("places", "begins", "ends"))
def find_fingerprints(
    fingerprints: UInt64s,
    bits: Bytes,
    entries: UInt64s,
    starts: Int64s,
    starts_shift: int,
    article_bits: int,
    is_held: bool,
    places: Int64s,
    begins: Int64s,
    ends: Int64s,
) -> int:
    """Write the places of the fingerprints that may be in a run, by its filter; how many they are.

    Where the run's entries are held, these are the ones that are there, and where their entries begin and end is
    written too. Entries are in order; `starts` says where those begin whose bits above `starts_shift` are 0, 1, 2….
    """
    size = np.uint64(8 * len(bits))
    shift, bucket_shift = np.uint64(article_bits), np.uint64(starts_shift)
    # The filter is looked at without jumps, one probe for all and then the next: so memory is read ahead of need.
    likely = np.int64(0)
    for place in range(len(fingerprints)):
        probe = (((fingerprints[place] * FIRST_MULTIPLIER) >> PROBE_SHIFT) * size) >> PROBE_SHIFT
        places[likely] = place
        likely += np.int64((np.uint64(bits[probe >> _BYTE]) >> (probe & _BIT)) & _ONE)
    for multiplier in (SECOND_MULTIPLIER, THIRD_MULTIPLIER):
        before, likely = likely, np.int64(0)
        for at in range(before):
            place = places[at]
            probe = (((fingerprints[place] * multiplier) >> PROBE_SHIFT) * size) >> PROBE_SHIFT
            places[likely] = place
            likely += np.int64((np.uint64(bits[probe >> _BYTE]) >> (probe & _BIT)) & _ONE)
    if not is_held:
        return int(likely)
    # Entries likewise: neither where an entry begins nor how many lie before it is waited for to go on to the next.
    for at in range(likely):
        bucket = np.int64((fingerprints[places[at]] << shift) >> bucket_shift)
        begins[at], ends[at] = starts[bucket], starts[bucket + 1]
    for at in range(likely):
        first = fingerprints[places[at]] << shift
        below = begins[at]
        for entry in range(begins[at], ends[at]):
            below += np.int64(entries[entry] < first)
        begins[at] = below
    found = 0
    for at in range(likely):
        place, begin = places[at], begins[at]
        wanted, end = fingerprints[place], begin
        while end < len(entries) and entries[end] >> shift == wanted:
            end += 1
        if end > begin:
            places[found], begins[found], ends[found] = place, begin, end
            found += 1
    return found


@loop(writes=("pairs",))
def pair_articles(
    entries: UInt64s,
    places: Int64s,
    begins: Int64s,
    ends: Int64s,
    bounds: Int64s,
    owners: Int64s,
    article_bits: int,
    number_bits: int,
    pairs: Int64s,
) -> int:
    """Write each owner of a fingerprint with each article that has it, packed; how many pairs they are.

    Of the fingerprint at each place, entries between `begins` and `ends` are its articles, and `owners` between its
    `bounds` its owners.
    """
    articles = (_ONE << np.uint64(article_bits)) - _ONE
    found = 0
    for at in range(len(places)):
        for entry in range(begins[at], ends[at]):
            article = np.int64(entries[entry] & articles)
            for owner in range(bounds[places[at]], bounds[places[at] + 1]):
                pairs[found] = (owners[owner] << number_bits) | article
                found += 1
    return found


@loop(writes=("bits",))
def note_fingerprints(bits: Bytes, entries: UInt64s, article_bits: int) -> int:
    """Set the bits of a filter that belong to the fingerprints of these entries; returns how many entries there are."""
    size = np.uint64(8 * len(bits))
    shift = np.uint64(article_bits)
    for at in range(len(entries)):
        fingerprint = entries[at] >> shift
        probe = (((fingerprint * FIRST_MULTIPLIER) >> PROBE_SHIFT) * size) >> PROBE_SHIFT
        bits[probe >> _BYTE] |= np.uint8(_ONE << (probe & _BIT))
        probe = (((fingerprint * SECOND_MULTIPLIER) >> PROBE_SHIFT) * size) >> PROBE_SHIFT
        bits[probe >> _BYTE] |= np.uint8(_ONE << (probe & _BIT))
        probe = (((fingerprint * THIRD_MULTIPLIER) >> PROBE_SHIFT) * size) >> PROBE_SHIFT
        bits[probe >> _BYTE] |= np.uint8(_ONE << (probe & _BIT))
    return len(entries)


@part
def sort_some(values: Int64s, others: Int64s, begin: int, end: int) -> None:
    """Sort the values between two places, and the others along with them, by Shell's method."""
    gap = 1
    while gap < (end - begin) // _GAPS:
        gap = _GAPS * gap + 1
    while gap > 0:
        for at in range(begin + gap, end):
            value, other, place = values[at], others[at], at
            while place - gap >= begin and values[place - gap] > value:
                values[place], others[place] = values[place - gap], others[place - gap]
                place -= gap
            values[place], others[place] = value, other
        gap //= _GAPS


@loop(writes=("begins", "grouped", "table", "counted", "pairs", "counts"))
def count_pairs(
    shared: Int64s,
    number_bits: int,
    least: int,
    begins: Int64s,
    grouped: Int64s,
    table: Int64s,
    counted: Int64s,
    pairs: Int64s,
    counts: Int64s,
) -> int:
    """Write the pairs that come so many times at least, in order, each once, and how often; how many they are.

    Args:
        shared: an owner's place, in the bits from `number_bits` on, and an article's number, a pair each.
        number_bits: of articles.
        least: times.
        begins: room for as many numbers as there are owners, and two more.
        grouped: room for as many as there are in `shared`.
        table: room for four times as many, and four more, to count in; its contents count for nothing.
        counted: likewise.
        pairs: room for as many as there are in `shared`.
        counts: likewise.
    """
    for owner in range(len(begins)):
        begins[owner] = 0
    for at in range(len(shared)):
        begins[(shared[at] >> number_bits) + 2] += 1
    for owner in range(2, len(begins)):
        begins[owner] += begins[owner - 1]
    for at in range(len(shared)):
        # Counted two places on, an owner's begin stands one place on, and is moved to the end, the next one's begin.
        owner = (shared[at] >> number_bits) + 1
        grouped[begins[owner]] = shared[at]
        begins[owner] += 1
    found = 0
    for owner in range(len(begins) - 2):
        begin, end = begins[owner], begins[owner + 1]
        bits = 2
        while (1 << bits) < 2 * (end - begin):
            bits += 1
        size, shift = 1 << bits, np.uint64(64 - bits)
        for place in range(size):
            table[place] = -1
        first = found
        for at in range(begin, end):
            pair = grouped[at]
            slot = np.int64((np.uint64(pair) * FIRST_MULTIPLIER) >> shift)
            while table[slot] >= 0 and table[slot] != pair:
                slot = (slot + 1) & (size - 1)
            counted[slot] = counted[slot] + 1 if table[slot] == pair else 1
            table[slot] = pair
            if counted[slot] == least:  # how often it comes is known at the end only, but where that stands already
                pairs[found], counts[found] = pair, slot
                found += 1
        for at in range(first, found):
            counts[at] = counted[counts[at]]
        sort_some(pairs, counts, first, found)
    return found
