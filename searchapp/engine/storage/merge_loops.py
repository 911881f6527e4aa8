"""Runs of entries moved to their places, as compiled loops: see `postings.merge` and `form_arrays.py`."""

from __future__ import annotations

import numpy as np

from searchapp.compiled import Int64s, UInt32s, Varying, loop


@loop(writes=("target",), usual=[("u1", "u1"), ("u2", "u2"), ("u4", "u4")], bounded=True)
def move_runs(source: Varying, counts: Int64s, cursors: Int64s, target: Varying) -> None:
    """Copy runs that lie end to end, of so many entries each, to where their cursors say."""
    if len(cursors) < len(counts):
        raise IndexError("there are more runs than cursors")
    place = 0
    for run in range(len(counts)):
        at, count = cursors[run], counts[run]
        # No sum is asked, which could be too large for its type.
        if not (0 <= count <= len(source) - place and 0 <= at <= len(target) - count):
            raise IndexError("a run ends beyond its entries, or there is no room for it")
        for step in range(np.uint64(count)):
            target[np.uint64(at) + step] = source[np.uint64(place) + step]
        place += count


@loop(writes=("found",))
def move_places(places: Int64s, counts: Int64s, cursors: Int64s, found: Int64s) -> None:
    """Write where some entries, by their places, which rise, go when their runs are moved."""
    run = first = 0
    for at in range(len(places)):
        while places[at] >= first + counts[run]:
            first += counts[run]
            run += 1
        found[at] = cursors[run] + places[at] - first


@loop(writes=("form_documents", "skips"), usual=[("u1", "u1"), ("u2", "u2")])
def count_postings(
    forms: Varying, pair_forms: Varying, pair_counts: Int64s, mark: int, document_counts: Int64s, pointers: Int64s,
    codes: UInt32s, frequencies: UInt32s, skip: int, place: int, position: int, form_documents: Int64s, skips: Int64s,
) -> int:  # fmt: skip
    """Count the documents of exact forms, and the positions before each `skip` postings; returns how many of these.

    Args:
        forms: of postings, `mark` for mixed ones.
        pair_forms: of these, posting by posting.
        pair_counts: how many each has.
        mark: what no form has.
        document_counts: postings of each lemma.
        pointers: where each lemma's forms begin.
        codes: of postings.
        frequencies: code → positions.
        skip: postings.
        place: of the first posting.
        position: of its first position.
        form_documents: is added to.
        skips: become the positions before the postings whose places `skip` divides.
    """
    posting = mixed = pair = noted = 0
    before = np.int64(position)
    for lemma in range(len(document_counts)):
        first = pointers[lemma]
        for _ in range(document_counts[lemma]):
            if (place + posting) % skip == 0:
                skips[noted] = before
                noted += 1
            before += np.int64(frequencies[codes[posting]])
            form = np.int64(forms[posting])
            if form != mark:
                form_documents[first + form] += 1
            else:
                for _ in range(pair_counts[mixed]):
                    form_documents[first + np.int64(pair_forms[pair])] += 1
                    pair += 1
                mixed += 1
            posting += 1
    return noted
