"""The scores of the postings of one list, by loops: as `word_lists.FormFactors` says, in the same order of sums."""

from __future__ import annotations

from typing import Final

import numpy as np

from searchapp.compiled import Float32s, Int64s, Varying, loop, part

USUAL: Final = (
    ("u2", "u1", "u4", "u1", "u2"),
    ("u2", "u2", "u4", "u2", "u2"),
    ("u2", "u1", "u2", "u1", "u2"),
)
"""The arrays of a segment go together: it is of a middle size, large, or small."""


@loop(writes=("scores",), usual=USUAL)
def score_all(
    codes: Varying,
    forms: Varying,
    pair_places: Varying,
    pair_forms: Varying,
    pair_codes: Varying,
    first: int,
    table: Float32s,
    factors: Float32s,
    light: float,
    scores: Float32s,
) -> int:
    """Score the postings of a lemma; 0.

    Args:
        codes: those of the postings; so are `forms`.
        forms: see `codes`; of a mixed posting, more than any form's number.
        pair_places: for each pair of a mixed posting and one of its forms the posting's place, rising.
        pair_forms: the pairs' forms.
        pair_codes: the codes of what stands there of these forms.
        first: the place of the first posting.
        table: code → score at weight 1.
        factors: those of the lemma's forms, the lemma's own last.
        light: what a form of the same light stem counts more.
        scores: takes the scores.
    """
    last = len(factors) - 1
    own = factors[last]
    for at in range(len(scores)):
        form = np.int64(forms[at])
        scores[at] = factors[form if form < last else last] * table[codes[at]]
    # Each pair writes what the pairs of its posting give so far: asking which is the last would cost more.
    gained, beyond, before, share = np.float32(0), np.float32(0), np.int64(-1), np.float32(light)
    for pair in range(len(pair_places)):
        place = np.int64(pair_places[pair])
        row = place - first
        gain, each, whole = factors[np.int64(pair_forms[pair])] - own, table[pair_codes[pair]], table[codes[row]]
        gained = (gained if place == before else np.float32(0)) + gain * each
        beyond = (beyond if place == before else np.float32(0)) + (each if gain != 0 else np.float32(0))
        before = place
        more = beyond - whole
        scores[row] = own * whole + (gained - (more if more > 0 else np.float32(0)) * share)
    return 0


@part
def first_pair(pair_places: Varying, at: int, place: int) -> int:
    """The first pair from `at` on whose posting is not before a place: steps double, then halve."""
    step, stop = 1, len(pair_places)
    while at + step < stop and np.int64(pair_places[at + step]) < place:
        at += step
        step *= 2
    high = min(at + step, stop)
    while at < high:
        middle = (at + high) >> 1
        if np.int64(pair_places[middle]) < place:
            at = middle + 1
        else:
            high = middle
    return at


@loop(writes=("scores",), usual=USUAL)
def score_some(
    codes: Varying,
    forms: Varying,
    pair_places: Varying,
    pair_forms: Varying,
    pair_codes: Varying,
    first: int,
    table: Float32s,
    factors: Float32s,
    light: float,
    rows: Int64s,
    scores: Float32s,
) -> int:
    """As `score_all`, of the postings at some places in the list, mostly rising; 0."""
    last = len(factors) - 1
    own = factors[last]
    pair, pairs, before = 0, len(pair_places), 0
    for at in range(len(rows)):
        row = rows[at]
        whole = table[codes[row]]
        form = np.int64(forms[row])
        if form < last:
            scores[at] = factors[form] * whole
            continue
        place = first + row
        gained, beyond = np.float32(0), np.float32(0)
        pair = first_pair(pair_places, pair if place > before else 0, place)
        before = place
        while pair < pairs and np.int64(pair_places[pair]) == place:
            gain = factors[np.int64(pair_forms[pair])] - own
            if gain != 0:
                each = table[pair_codes[pair]]
                gained += gain * each
                beyond += each
            pair += 1
        if light != 0:
            gained -= max(beyond - whole, np.float32(0)) * np.float32(light)
        scores[at] = own * whole + gained
    return 0
