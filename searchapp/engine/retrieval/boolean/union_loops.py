"""What unions of words do with postings, as loops: sums, counts, and what passes a filter.

Documents are numbered within a segment; `base` is the number of the segment's first document among those of all.
`live` is True for each document that counts, and empty where all do. Sums are 0 where no word has given anything.

What is asked of each posting is asked without branching where the answer is hard to foretell: a processor that goes on
in the wrong direction loses as much time as it takes to do ten of them.
"""

from __future__ import annotations

import numpy as np

from searchapp.compiled import Flags, Float32s, Int32s, Int64s, Varying, loop, widths


@loop(writes=("sums",), usual=widths(1))
def add(documents: Varying, scores: Float32s, base: int, sums: Float32s) -> int:
    """Add the score of each posting to the sum of its document; 0."""
    for at in range(len(documents)):
        sums[base + np.int64(documents[at])] += scores[at]
    return 0


@loop(writes=("marks", "counts"), usual=[("u2", "u2"), ("u4", "u2")])
def count_new(documents: Varying, base: int, live: Flags, values: Varying, marks: Flags, counts: Int64s) -> int:
    """Mark the documents of a list, and count those that were not marked; how many count.

    `values` has one entry a document, in [0, len(counts)). Without counters, only how many there are is found out.
    """
    total = 0
    counting = len(counts) > 0
    for at in range(len(documents)):
        document = base + np.int64(documents[at])
        new = 1 - int(marks[document])
        marks[document] = True
        if len(live) > 0 and not live[document]:
            continue
        total += new
        if counting:
            counts[np.int64(values[document])] += new
    return total


@loop(writes=("marks",), usual=widths(1))
def unmark(documents: Varying, base: int, marks: Flags) -> int:
    """Take the marks of documents away; 0."""
    for at in range(len(documents)):
        marks[base + np.int64(documents[at])] = False
    return 0


@loop(writes=("rows",), usual=widths(1))
def rows_from(documents: Varying, base: int, sums: Float32s, least: float, rows: Int64s) -> int:
    """The places in a list of the documents whose sum is not below `least`; how many these are."""
    count = 0
    for at in range(len(documents)):
        rows[count] = at
        count += int(sums[base + np.int64(documents[at])] >= least)
    return count


@loop(writes=("rows",), usual=[("u2", "u2"), ("u4", "u2")])
def rows_passing(
    documents: Varying,
    base: int,
    days: Int32s,
    first: int,
    last: int,
    outlets: Varying,
    allowed: Flags,
    rows: Int64s,
) -> int:
    """The places in a list of the documents with a day from `first` to `last`, of allowed outlets; how many.

    `days` and `outlets` have one entry a document, `allowed` one an outlet, or none where all are.
    """
    count = 0
    for at in range(len(documents)):
        document = base + np.int64(documents[at])
        day = days[document]
        rows[count] = at
        passes = int(first <= day) & int(day <= last)
        if len(allowed) > 0:
            passes &= int(allowed[np.int64(outlets[document])])
        count += passes
    return count


@loop(writes=("rows", "ends", "marks", "counts"), usual=[("u2", "u2", "u2"), ("u4", "u2", "u2")])
def pick_and_count(
    documents: Varying,
    bounds: Int64s,
    bases: Int64s,
    days: Int32s,
    first: int,
    last: int,
    outlets: Varying,
    allowed: Flags,
    counted_first: int,
    counted_last: int,
    counted_allowed: Flags,
    live: Flags,
    values: Varying,
    rows: Int64s,
    ends: Int64s,
    marks: Flags,
    counts: Int64s,
) -> int:
    """`rows_passing` of several lists in one, and `count_new` of what passes a wider filter; how many rows are picked.

    Only what passes the wider one is asked for the rest.

    Args:
        documents: of all lists, one after the other.
        bounds: where each list begins, and the end of the last.
        bases: the base of each list.
        days: as for `rows_passing`; so are `first`, `last`, `outlets` and `allowed`.
        first: see `days`.
        last: see `days`.
        outlets: see `days`.
        allowed: see `days`.
        counted_first: the same of the wider filter; so are `counted_last` and `counted_allowed`.
        counted_last: see `counted_first`.
        counted_allowed: see `counted_first`.
        live: see above; all are picked, only those that count are counted.
        values: as for `count_new`.
        rows: takes the places in their lists of what passes, list by list; as long as `documents`.
        ends: takes where the rows of each list end.
        marks: all False, one a document; all False again afterwards.
        counts: as for `count_new`, and one more, which counts all documents; nothing is counted where it is empty.
    """
    picked, standing = 0, 0
    counting = len(counts) > 0
    wider, wider_ends = np.empty(len(documents), np.int64), np.empty(len(bases), np.int64)
    for part_at in range(len(bases)):
        base, begin, wide_begin = bases[part_at], bounds[part_at], standing
        for at in range(begin, bounds[part_at + 1]):
            document = base + np.int64(documents[at])
            day = days[document]
            wider[standing] = at
            passes = int(counted_first <= day) & int(day <= counted_last)
            if len(counted_allowed) > 0:
                passes &= int(counted_allowed[np.int64(outlets[document])])
            standing += passes
        wider_ends[part_at] = standing
        for wide_at in range(wide_begin, standing):
            at = wider[wide_at]
            document = base + np.int64(documents[at])
            day = days[document]
            rows[picked] = at - begin
            passes = int(first <= day) & int(day <= last)
            if len(allowed) > 0:
                passes &= int(allowed[np.int64(outlets[document])])
            picked += passes
        ends[part_at] = picked
    if not counting:
        return picked
    total, wide_begin = 0, 0
    for part_at in range(len(bases)):
        base = bases[part_at]
        for wide_at in range(wide_begin, wider_ends[part_at]):
            document = base + np.int64(documents[wider[wide_at]])
            new = 1 - int(marks[document])
            marks[document] = True
            if len(live) > 0:
                new &= int(live[document])
            total += new
            counts[np.int64(values[document])] += new
        wide_begin = wider_ends[part_at]
    counts[len(counts) - 1] = total
    wide_begin = 0
    for part_at in range(len(bases)):
        for wide_at in range(wide_begin, wider_ends[part_at]):
            marks[bases[part_at] + np.int64(documents[wider[wide_at]])] = False
        wide_begin = wider_ends[part_at]
    return picked


@loop(writes=("sums",), usual=widths(1))
def add_to_chosen(documents: Varying, scores: Float32s, base: int, chosen: Int64s, sums: Float32s) -> int:
    """Add the scores of postings to the sums of some documents, rising, numbered through (one sum each); 0."""
    low, end = 0, len(documents)
    for at in range(len(chosen)):
        wanted = chosen[at] - base
        high = end
        while low < high:
            middle = (low + high) >> 1
            if np.int64(documents[middle]) < wanted:
                low = middle + 1
            else:
                high = middle
        if low < end and np.int64(documents[low]) == wanted:
            sums[at] += scores[low]
    return 0
